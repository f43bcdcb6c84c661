//! Code stands so far to the right that nobody sees it in an editor.

use model::{Action, Confidence};
use syntax::surface::MarkKind;

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// More such places tell nothing more.
const MOST: usize = 8;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let mut told = 0;
    for (source, mark) in marked::marks(subject, MarkKind::PushedCode) {
        told += 1;
        if told > MOST {
            break;
        }
        let place = marked::place(source, mark);
        let pushed: Vec<_> = source
            .seen
            .behaviours
            .iter()
            .filter(|one| one.place.layer.is_none() && one.place.line == place.line && one.place.column >= place.column)
            .collect();
        let acts = pushed.iter().any(|one| {
            matches!(
                one.action,
                Action::CodeEval
                    | Action::ProcExec
                    | Action::CodeLoad
                    | Action::NetFetch
                    | Action::NetSend
                    | Action::NetConnect
                    | Action::DataDecode
                    | Action::DataDecrypt
                    | Action::CodeImport
                    | Action::FileWrite
            )
        });
        let phase = pushed.iter().map(|one| one.phase).min().unwrap_or(source.phase);
        let note = format!("Code stands out of sight, in column {}: {}", place.column, short(&mark.detail, 100));
        let report = if acts && phase.is_automatic() {
            Report::proof(note)
        } else {
            Report::indicator(if acts || phase.is_automatic() { Confidence::High } else { Confidence::Medium }, note)
        };
        sink.report(report.phase(phase).at(place));
    }
}
