//! An entry that would be written outside of the folder into which the archive is unpacked.

use model::{Confidence, Phase, Place};

use crate::{
    source::is_aside,
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for problem in &subject.problems {
        // Archives among the tests are there to be refused. The package itself is unpacked by everybody.
        let inside_test = problem.path.split_once('!').is_some_and(|(archive, _)| !archive.is_empty() && is_aside(archive));
        if inside_test {
            continue;
        }
        if matches!(problem.code.as_str(), "path-traversal" | "absolute-path" | "drive-letter") {
            let place = Place { path: problem.path.clone(), line: 1, column: 1, layer: None };
            let note = format!("An entry of the archive would be written outside of its folder: {}.", problem.detail);
            sink.report(Report::indicator(Confidence::High, note).phase(Phase::Install).at(place));
        }
    }
}
