//! An entry that would be written outside of the folder into which the archive is unpacked.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for problem in &subject.problems {
        if matches!(problem.code.as_str(), "path-traversal" | "absolute-path" | "drive-letter") {
            let place = Place { path: problem.path.clone(), line: 1, column: 1, layer: None };
            let note = format!("An entry of the archive would be written outside of its folder: {}.", problem.detail);
            sink.report(Report::indicator(Confidence::High, note).phase(Phase::Install).at(place));
        }
    }
}
