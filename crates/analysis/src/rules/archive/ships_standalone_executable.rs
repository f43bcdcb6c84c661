//! A program of the machine lies in a package that claims to be source.

use model::{Action, Confidence, Ecosystem, Phase, Place};

use crate::{
    binary::{Binary, BinaryKind, Role},
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    if is_for_a_platform(subject) {
        return;
    }
    for (path, binary) in
        subject.binaries.iter().filter(|(path, binary)| is_program(binary) && !crate::source::is_aside(path))
    {
        let name = path.rsplit(['/', '!']).next().unwrap_or(path);
        let start = subject
            .behaviours(&[Action::ProcExec, Action::CodeLoad])
            .filter(|seen| !seen.source.is_aside && seen.text().contains(name))
            .min_by_key(|seen| seen.phase());
        let packed = binary.packer.map(|packer| format!(", packed by {packer}")).unwrap_or_default();
        let what = format!("The package holds a program for {} ({}{packed})", binary.kind.as_str(), short(path, 100));
        let place = Place { path: path.clone(), line: 1, column: 1, layer: None };
        let report = match start {
            Some(start) => {
                let sure = if start.phase().is_automatic() { Confidence::Medium } else { Confidence::Low };
                Report::indicator(sure, format!("{what}, and starts it.")).seen(start).at(place)
            }
            None => Report::indicator(Confidence::Low, format!("{what}.")).phase(Phase::Runtime).at(place),
        };
        sink.report(report);
    }
}

fn is_program(binary: &Binary) -> bool {
    binary.role == Role::Executable && matches!(binary.kind, BinaryKind::Elf | BinaryKind::Pe | BinaryKind::MachO)
}

/// Whether the package says for which machines it is made.
fn is_for_a_platform(subject: &Subject) -> bool {
    let name = subject.target.file_name.to_ascii_lowercase();
    let wheel = name.ends_with(".whl") && !name.ends_with("-any.whl");
    let platform = ["linux", "darwin", "win32", "windows", "macos", "x64", "x86_64", "arm64", "amd64"]
        .iter()
        .any(|word| name.contains(word));
    wheel || platform && subject.facts.ecosystem != Some(Ecosystem::Cargo)
}
