//! A message in characters that nobody sees.

use model::{Action, Confidence};
use syntax::{decode::looks_like_code, surface::MarkKind};

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// So many carry a message; fewer may be a typist's.
const MESSAGE: usize = 48;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for (source, mark) in marked::marks(subject, MarkKind::InvisibleRun) {
        let place = marked::place(source, mark);
        let count = source
            .text
            .get(mark.offset as usize..(mark.offset + mark.length) as usize)
            .map_or(0, |text| text.chars().count());
        let code = mark.decoded.as_deref().filter(|text| looks_like_code(text).is_some());
        let readable = mark.decoded.as_deref().is_some_and(|text| {
            !text.is_empty()
                && text.chars().all(|one| !one.is_control() || one.is_whitespace())
                && !text.contains('\u{FFFD}')
        });
        let runs = source
            .seen
            .behaviours
            .iter()
            .any(|one| matches!(one.action, Action::CodeEval | Action::ProcExec | Action::CodeLoad));
        let note = match mark.decoded.as_deref().filter(|_| readable) {
            Some(text) => format!("{} say: {}", short(&mark.detail, 60), short(text, 120)),
            None => format!("{} stand in the text.", short(&mark.detail, 60)),
        };
        let report = if code.is_some() || count >= MESSAGE && runs {
            Report::proof(note)
        } else if count >= MESSAGE {
            Report::indicator(Confidence::High, note)
        } else if readable {
            Report::indicator(Confidence::Medium, note)
        } else {
            continue;
        };
        sink.report(report.phase(marked::phase(source, &place)).at(place).decoded(mark.decoded.clone()));
    }
}
