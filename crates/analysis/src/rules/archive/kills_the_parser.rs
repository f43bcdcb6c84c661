//! A file that ends the process which reads it. `engine` states that finding: only it outlives such a process. A file that
//! would have done so, but was seen through before, is found here.

use model::{Confidence, Place};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        if source.problems.iter().any(|problem| problem.code == "nested-too-deep") {
            let note = "Brackets nest so deep that they would end most parsers; nobody writes such source by hand.";
            let place = Place { path: source.path.clone(), line: 1, column: 1, layer: None };
            sink.report(Report::indicator(Confidence::Medium, note).phase(source.phase).at(place));
        }
    }
}
