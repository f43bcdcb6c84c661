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
            (Phase::Install, Some(Ecosystem::Pypi)) if is_named(line) && !starts_own_file(subject, line) => Confidence::High,
            // What the file does is read by itself.
            (Phase::Install, Some(Ecosystem::Pypi)) if starts_own_file(subject, line) => Confidence::Low,
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
    let publishing = ["pip ", "npm.cmd", "node ", "yapf", "twine", "versioneer", "npm ", "yarn", "pnpm", "poetry", "pytest", "tox", "sphinx"].iter().any(|word| line.contains(word));
    !own && !publishing
}

/// Whether an interpreter is given a file of the package, which is read as what runs then.
fn starts_own_file(subject: &Subject, line: &str) -> bool {
    let mut words = line.split_whitespace().map(|word| word.trim_matches(['\'', '"']));
    let first = words.next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let interpreter = first.starts_with("python") || matches!(first, "sh" | "bash" | "node" | "perl");
    let Some(file) = words.find(|word| !word.starts_with('-')).filter(|_| interpreter) else { return false };
    let file = file.trim_start_matches("./");
    // A path of which only the end is known is one that is put together from the package's own folder.
    let end = file.rsplit("{}").next().unwrap_or(file).trim_start_matches('/');
    let ends = |path: &str| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    end.contains('.') && subject.tree.files.iter().any(|one| ends(&one.path))
}

/// Whether a command line fetches something or starts an interpreter unseen.
fn fetches(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["curl ", "wget ", "powershell", "http://", "https://", "mshta", "certutil", "start /b", "start /min"].iter().any(|word| line.contains(word))
}
