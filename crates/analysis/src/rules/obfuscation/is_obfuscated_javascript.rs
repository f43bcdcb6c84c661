//! JavaScript that an obfuscator wrote.

use model::{Action, Confidence};
use syntax::{
    Language,
    surface::{MarkKind, stats},
};

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

/// From this share of hexadecimal names on, the whole file was obfuscated and not only a part that was copied into it.
const DENSE: f64 = 0.2;
/// What obfuscated code does when it is no mere protection of a program.
const ACTS: &[Action] = &[
    Action::ProcExec,
    Action::CodeEval,
    Action::NetFetch,
    Action::NetSend,
    Action::NetConnect,
    Action::FileWrite,
    Action::HostInfo,
    Action::EnvReadAll,
    Action::HookGlobal,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside && source.language == Language::JavaScript) {
        let marks = source.marks.iter().filter(|mark| mark.kind == MarkKind::ObfuscatorJs);
        let Some(mark) = marks.max_by_key(|mark| (mark.detail.contains("rotation"), mark.length)) else { continue };
        let place = marked::place(source, mark);
        let whole = mark.detail.contains("rotation") || mark.detail.contains("self-defence") || is_dense(source);
        let acts = source.seen.behaviours.iter().any(|one| ACTS.contains(&one.action));
        let sure = match (whole, marked::is_built(&source.path)) {
            (true, false) => Confidence::High,
            (true, true) if acts && source.phase < model::Phase::Import => Confidence::High,
            (true, true) | (false, false) => Confidence::Medium,
            (false, true) => Confidence::Low,
        };
        let note = format!("The code was made unreadable by an obfuscator: {}.", short(&mark.detail, 120));
        sink.report(Report::indicator(sure, note).phase(source.phase).at(place));
    }
}

fn is_dense(source: &Source) -> bool {
    stats(&source.text).hexadecimal >= DENSE
}
