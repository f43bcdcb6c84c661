//! Installation, build or import starts a program that no honest build needs.

use model::{Action, Confidence, Ecosystem, Phase};

use super::toolchain::is_honest_build;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::ProcExec]) {
        let line = seen.text();
        if seen.source.is_aside || !seen.phase().is_automatic() || is_honest_build(line) || line.contains("pip install") {
            continue;
        }
        let manifest_script = seen.source.path.ends_with("package.json");
        let confidence = match (seen.phase(), subject.facts.ecosystem) {
            _ if line.trim_matches(['{', '}', ' ', '.', '/']).is_empty() || manifest_script => Confidence::Low,
            (Phase::Startup, _) => Confidence::High,
            (Phase::Install, Some(Ecosystem::Pypi)) if is_named(line) => Confidence::High,
            (Phase::Install, Some(Ecosystem::Pypi | Ecosystem::Gem)) => Confidence::Medium,
            (Phase::Import, Some(Ecosystem::Pypi)) if fetches(line) => Confidence::Medium,
            _ => Confidence::Low,
        };
        let what = if line.is_empty() { "a program".to_owned() } else { short(line, 100) };
        let when = match seen.phase() {
            Phase::Import => "Importing the package",
            Phase::Startup => "Starting the interpreter",
            _ => "Installing or building the package",
        };
        sink.report(Report::indicator(confidence, format!("{when} starts {what}.")).seen(seen));
    }
}

/// Whether the program is known, and neither a file of the package itself nor a part of packing and publishing.
fn is_named(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    let own = first.starts_with('.') || first.contains("{}") || matches!(first, "sh" | "bash") && line.contains("configure");
    let publishing = ["pip ", "twine", "versioneer", "npm ", "yarn", "pnpm", "poetry", "pytest", "tox", "sphinx"].iter().any(|word| line.contains(word));
    !own && !publishing
}

/// Whether a command line fetches something or starts an interpreter unseen.
fn fetches(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["curl ", "wget ", "powershell", "http://", "https://", "mshta", "certutil", "start /b", "start /min"].iter().any(|word| line.contains(word))
}
