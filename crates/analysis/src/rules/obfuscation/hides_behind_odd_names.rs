//! Names that are made so that nobody can tell them apart.

use model::Confidence;
use syntax::surface::MarkKind;

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for (source, mark) in marked::marks(subject, MarkKind::UnreadableNames) {
        let sums = mark.detail.contains("sums of plain numbers");
        let note = format!("The names are made to be unreadable: {}.", short(&mark.detail, 120));
        let sure = if sums { Confidence::High } else { Confidence::Low };
        sink.report(Report::indicator(sure, note).phase(source.phase).at(marked::place(source, mark)));
    }
}
