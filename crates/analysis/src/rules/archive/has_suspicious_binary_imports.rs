//! A compiled file takes functions from the system that malware needs.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// So many different ends are no library's own.
const MANY: usize = 3;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for (path, binary) in subject.binaries.iter().filter(|(path, _)| !crate::source::is_aside(path)) {
        let telling: Vec<_> = binary.suspicions.iter().filter(|one| !one.means.is_common()).collect();
        let mut means: Vec<_> = telling.iter().map(|one| one.means).collect();
        means.sort_unstable();
        means.dedup();
        if means.len() < 2 {
            continue;
        }
        let names: Vec<&str> = telling.iter().take(5).map(|one| one.import).collect();
        let ends: Vec<&str> = means.iter().map(|one| one.as_str()).collect();
        let note = format!("The compiled file {} {} ({}).", short(path, 100), ends.join(", "), names.join(", "));
        let sure = if means.len() >= MANY { Confidence::Medium } else { Confidence::Low };
        let place = Place { path: path.clone(), line: 1, column: 1, layer: None };
        sink.report(Report::indicator(sure, note).phase(Phase::Runtime).at(place));
    }
}
