//! Programs that search a machine for secrets.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink, query::Seen, query::short},
    subject::Subject,
};

const SCANNERS: &[&str] = &["trufflehog", "gitleaks", "noseyparker", "detect-secrets", "ggshield"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let actions = [Action::ProcExec, Action::NetFetch, Action::FileWrite, Action::PackageInstall];
    for seen in subject.behaviours(&actions) {
        if seen.source.is_aside || !seen.phase().is_automatic() {
            continue;
        }
        let Some(scanner) = scanner_in(seen) else { continue };
        let report = if seen.behaviour.action == Action::ProcExec {
            Report::proof(format!(
                "{scanner} is run, which searches the machine for secrets: {}.",
                short(seen.text(), 100)
            ))
        } else {
            Report::indicator(
                Confidence::High,
                format!("{scanner} is brought along, which searches the machine for secrets."),
            )
        };
        sink.report(report.seen(seen));
    }
}

fn scanner_in(seen: Seen<'_>) -> Option<&'static str> {
    let text = seen.text().to_ascii_lowercase();
    let mut words =
        text.split(|one: char| one.is_whitespace() || matches!(one, '/' | '\\' | '\'' | '"' | ';' | '|' | '&'));
    words.find_map(|word| {
        SCANNERS.iter().copied().find(|scanner| {
            word == *scanner || word.strip_suffix(".exe") == Some(scanner) || word.starts_with(&format!("{scanner}_"))
        })
    })
}
