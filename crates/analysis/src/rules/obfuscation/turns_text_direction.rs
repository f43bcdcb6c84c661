//! Characters that make a reader see the code in another order than the interpreter.

use model::Confidence;
use syntax::surface::MarkKind;

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for (source, mark) in marked::marks(subject, MarkKind::BidiControl) {
        let place = marked::place(source, mark);
        let note = format!(
            "Characters turn the direction of the code, so that it reads otherwise than it runs: {}.",
            short(&mark.detail, 100)
        );
        // Bundles of formulas and fonts carry such characters in their tables.
        let sure = if marked::is_built(&source.path) { Confidence::Low } else { Confidence::Medium };
        sink.report(Report::indicator(sure, note).phase(marked::phase(source, &place)).at(place));
    }
}
