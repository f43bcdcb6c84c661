//! What is fetched in disguise is undone, and lies on the disk as a program.

use model::{Action, Confidence, Phase, Role};

use crate::{
    rules::{Report, Sink, query::{host_of, short}},
    subject::Subject,
};

/// Encodings in which nobody publishes a program who wants it to be seen.
const DISGUISES: &[&str] = &["base64", "base32", "base85", "hex", "rot13", "reversed", "xor", "fernet", "aes"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::DataDecode, Action::DataDecrypt], &[Action::FileWrite]) {
        let write = chain.to;
        if write.source.is_aside
            || chain.role != Role::Data
            || !is_program(write.text())
            || !DISGUISES.contains(&chain.from.text())
        {
            continue;
        }
        let Some(fetch) = chain.from.chains(&[Action::NetFetch, Action::NetReceive]).next() else { continue };
        let host = host_of(fetch.from.text()).unwrap_or_else(|| "a host".to_owned());
        let note = format!(
            "What comes from {host} is undone ({}) and kept as a program: {}.",
            chain.from.text(),
            short(write.text(), 60)
        );
        let report = match write.phase() {
            Phase::Runtime => Report::indicator(Confidence::High, note),
            _ => Report::proof(note),
        };
        sink.report(report.chain(&chain).step(fetch.from.place(), fetch.from.words()));
    }
}

/// Whether a path is that of a program or of a script that a desktop starts.
fn is_program(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".exe", ".dll", ".scr", ".bat", ".cmd", ".ps1", ".vbs", ".hta", ".msi", ".pyw", ".sh", ".elf"]
        .iter()
        .any(|end| path.ends_with(end))
}
