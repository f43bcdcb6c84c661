//! Installing the package writes files where its installer has no business: on the desktop, at the root, in the home folder.

use model::{Action, Confidence, Ecosystem, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    if subject.facts.ecosystem != Some(Ecosystem::Pypi) {
        return;
    }
    for seen in subject.behaviours(&[Action::FileWrite]) {
        let path = seen.text().replace('\\', "/").replace("//", "/");
        if seen.source.is_aside || seen.phase() != Phase::Install || !is_elsewhere(&path) {
            continue;
        }
        let note = format!("Installing the package writes {}, far from the package.", short(&path, 100));
        sink.report(Report::indicator(Confidence::High, note).seen(seen));
    }
}

/// Whether a path lies on a desktop, right at the root of a disk or right in a home folder.
fn is_elsewhere(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let (folder, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let system = ["/dev", "/tmp", "/proc", "/etc", "/usr", "/opt", "/var", "/root"];
    let root = path.starts_with('/') && folder.is_empty() && !name.is_empty() && !system.contains(&lower.as_str());
    let disk = folder.len() == 2 && folder.ends_with(':');
    let home = folder == "~" && !name.starts_with('.');
    root || disk || home || lower.contains("/desktop/") || lower.starts_with("desktop/")
}
