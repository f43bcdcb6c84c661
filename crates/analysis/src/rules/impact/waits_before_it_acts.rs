//! What runs by itself waits first: longer than those who watch do.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink, exfiltration::destination::TALKS, query::Seen},
    subject::Subject,
};

/// Whoever installs a package does not wait so many seconds for nothing.
const LONG: f64 = 45.0;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::Sleep]) {
        let Ok(seconds) = seen.text().trim().parse::<f64>() else { continue };
        if seen.source.is_aside || !seen.phase().is_automatic() || seconds < LONG || !acts_later(seen) {
            continue;
        }
        let note = format!("Code that runs by itself waits {seconds} seconds and then acts.");
        sink.report(Report::indicator(Confidence::Medium, note).seen(seen));
    }
}

/// Whether the same file talks to hosts, starts programs or runs text by itself, further down.
fn acts_later(wait: Seen<'_>) -> bool {
    let mut acts = wait
        .source
        .behaviours(&[Action::ProcExec, Action::CodeEval, Action::CodeLoad])
        .chain(wait.source.behaviours(TALKS));
    acts.any(|seen| seen.phase().is_automatic() && seen.id > wait.id)
}
