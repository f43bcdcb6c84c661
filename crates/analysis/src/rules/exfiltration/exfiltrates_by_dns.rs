//! Data leaves as a part of the name that is looked up.

use model::{Action, Confidence, Known, Role};

use super::destination::{Destination, Sort};
use crate::{
    rules::{Report, Sink},
    source::Source,
    subject::Subject,
};

const SOURCES: &[Action] = &[
    Action::HostInfo,
    Action::EnvRead,
    Action::EnvReadAll,
    Action::FileRead,
    Action::FileList,
    Action::SecretStore,
    Action::ProcExec,
    Action::ClipboardRead,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::NetResolve]) {
        // A name that is read whole from the environment or a file is an ordinary look-up.
        let built = seen.behaviour.object.known == Known::Pattern && seen.text().contains("{}");
        if seen.source.is_aside || !built {
            continue;
        }
        let to = Destination::of(seen);
        let Some(host) = &to.host else { continue };
        // `hostname.local` and the like stay at home.
        if to.sort == Sort::Near {
            continue;
        }
        let note = format!(
            "A name below {host} is looked up in which data of the machine stands: it leaves past every proxy."
        );
        let automatic = seen.phase().is_automatic();
        let chain = seen.chains(SOURCES).find(|chain| chain.role == Role::Address);
        let report = match chain {
            Some(_) if automatic || to.is_blind() => Report::proof(note),
            Some(_) => Report::indicator(Confidence::High, note),
            // A command line keeps no trace of what was put into it; the file around it tells.
            None if automatic && seen.behaviour.place.layer.is_some() && knows_machine(seen.source) => {
                if to.is_blind() { Report::proof(note) } else { Report::indicator(Confidence::High, note) }
            }
            None => continue,
        };
        sink.report(match &chain {
            Some(chain) => report.chain(chain),
            None => report.seen(seen),
        });
    }
}

/// Whether a file's code asks who and where the machine is.
fn knows_machine(source: &Source) -> bool {
    source.behaviours(&[Action::HostInfo]).any(|seen| matches!(seen.text(), "hostname" | "user" | "cwd" | "mac" | "ip"))
}
