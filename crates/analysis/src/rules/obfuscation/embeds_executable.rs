//! A program stands in the text as a literal, and is written to a file or run.

use model::{Action, Confidence};
use syntax::surface::MarkKind;

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

/// Formats that a machine runs.
const PROGRAMS: &[&str] = &["elf", "mach-o", "pe"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let found = source.marks.iter().find_map(|mark| program_in(mark).map(|format| (mark, format)));
        let Some((mark, format)) = found else { continue };
        let writes = first(source, &[Action::FileWrite]);
        let runs = first(source, &[Action::ProcExec, Action::CodeLoad, Action::MemoryNative, Action::FileChmod]);
        let place = marked::place(source, mark);
        let note = format!("A program ({format}) stands in the text as a literal: {}.", short(&mark.detail, 80));
        let report = match (writes, runs) {
            (_, Some(runs)) if runs.phase.is_automatic() => {
                Report::proof(note).phase(runs.phase).at(runs.place.clone())
            }
            (_, Some(runs)) => Report::indicator(Confidence::High, note).phase(runs.phase).at(runs.place.clone()),
            (Some(writes), None) => {
                Report::indicator(Confidence::High, note).phase(writes.phase).at(writes.place.clone())
            }
            (None, None) => Report::indicator(Confidence::Low, note).phase(source.phase),
        };
        sink.report(report.at(place));
    }
}

fn program_in(mark: &syntax::surface::Mark) -> Option<&'static str> {
    if !matches!(mark.kind, MarkKind::Blob | MarkKind::EscapeRun) {
        return None;
    }
    let told = |text: &str| {
        PROGRAMS
            .iter()
            .copied()
            .find(|format| text.ends_with(&format!(" gives {format}")) || text == format!("({format})"))
    };
    told(&mark.detail).or_else(|| told(mark.decoded.as_deref()?))
}

fn first<'s>(source: &'s Source, actions: &[Action]) -> Option<&'s model::Behaviour> {
    source.seen.behaviours.iter().filter(|one| actions.contains(&one.action)).min_by_key(|one| one.phase)
}
