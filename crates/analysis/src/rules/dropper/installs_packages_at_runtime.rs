//! Another package is installed behind the user's back.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::PackageInstall]) {
        if seen.source.is_aside {
            continue;
        }
        let what = if seen.text().is_empty() { "a package".to_owned() } else { short(seen.text(), 60) };
        let note = format!("{what} is installed by the package's own code, past every lockfile and review.");
        let confidence = match seen.phase() {
            Phase::Runtime => Confidence::Low,
            _ => Confidence::Medium,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}
