//! A file is fetched, written and started.

use model::{Action, Confidence, Phase, Role};

use super::host::anonymous;
use crate::{
    rules::{Report, Sink, query::{Seen, host_of, short}},
    subject::Subject,
};

const RUNS: &[Action] = &[Action::ProcExec, Action::CodeLoad, Action::CodeImport, Action::CodeEval];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::NetFetch, Action::NetReceive], RUNS) {
        if chain.to.source.is_aside || !matches!(chain.role, Role::Path | Role::Command) || only_unpacks(chain.to) {
            continue;
        }
        let from = host_of(chain.from.text()).unwrap_or_else(|| "a host".to_owned());
        let what = if chain.to.text().is_empty() { "it".to_owned() } else { short(chain.to.text(), 60) };
        let note = format!("A file is fetched from {from} and then started ({what}).");
        let program = is_program(chain.from.text()) || is_program(chain.to.text());
        let report = match chain.phase() {
            // Nobody publishes programs for installers under a bare address or in a chat.
            Phase::Runtime if anonymous(chain.from.text()).is_some() => Report::proof(note),
            Phase::Runtime if program && hidden(chain.to) => Report::proof(note),
            // A script that nobody starts but the user is told apart from code of the package, and its own installer from others.
            Phase::Runtime
                if (program || is_put_out_of_sight(chain.to.text()))
                    && !chain.to.source.is_loose_script()
                    && !subject.is_own_host(&from) =>
            {
                Report::indicator(Confidence::High, note)
            }
            Phase::Runtime => Report::indicator(Confidence::Medium, note),
            _ if checks_a_digest(chain.to) => Report::indicator(Confidence::Medium, note),
            _ => Report::proof(note),
        };
        sink.report(report.chain(&chain));
    }
}

/// Unpacking, moving or probing a file is not running it.
fn only_unpacks(seen: Seen<'_>) -> bool {
    let first = seen.text().split_whitespace().next().unwrap_or_default();
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first);
    matches!(name, "tar" | "unzip" | "gunzip" | "7z" | "xz" | "chmod" | "mv" | "cp" | "ls" | "file" | "patch" | "gpg" | "shasum" | "sha256sum")
}

fn hidden(seen: Seen<'_>) -> bool {
    seen.behaviour.has("hidden-window") || seen.behaviour.has("detached") && seen.behaviour.has("silenced")
}

/// Whether what is started lies where nobody looks.
fn is_put_out_of_sight(command: &str) -> bool {
    ["/tmp/.", "/var/tmp/.", "/dev/shm/"].iter().any(|folder| command.contains(folder))
}

/// Whether an address, or a command that is only a path, names a program or script for a desktop.
fn is_program(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).trim_end_matches(['"', '\'']).to_ascii_lowercase();
    [".exe", ".bat", ".cmd", ".msi", ".ps1", ".scr", ".vbs", ".hta"].iter().any(|end| path.ends_with(end))
}

/// Whether the same file computes a digest: an installer that looks at what it got.
fn checks_a_digest(seen: Seen<'_>) -> bool {
    let text = &seen.source.text;
    ["sha256", "sha512", "createHash", "checksum", "integrity"].iter().any(|word| text.contains(word))
}
