//! The file is of another format than its name says.

use artifact::Oddity;
use model::{Confidence, Phase, Place};

use super::outer;
use crate::{
    source::is_aside,
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for problem in outer(subject).filter(|problem| Oddity::from_code(&problem.code) == Some(Oddity::ContentUnlikeName))
    {
        // Tests of archives bring broken ones along.
        if is_aside(&problem.path) {
            continue;
        }
        let place = Place { path: problem.path.clone(), line: 1, column: 1, layer: None };
        let note = format!(
            "{} is not what its name says: {}.",
            if problem.path.is_empty() { "The archive" } else { "A file" },
            problem.detail
        );
        sink.report(Report::indicator(Confidence::Low, note).phase(Phase::Install).at(place));
    }
}
