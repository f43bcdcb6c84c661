//! Most of a file is a literal that nobody can read, and something that is not known is run.

use model::{Action, Confidence};

use super::{hidden_code::HiddenCode, marked};
use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let told: Vec<String> = HiddenCode::all(subject).iter().map(|hidden| hidden.run.source.path.clone()).collect();
    for source in subject.sources.iter().filter(|source| !source.is_aside && !told.contains(&source.path)) {
        let Some(mark) = marked::blob(source) else { continue };
        let mut unknown = source.behaviours(&[Action::CodeEval]).filter(|seen| {
            seen.behaviour.place.layer.is_none() && !seen.behaviour.has("known-code") && !is_fed(source, seen.id)
        });
        let Some(run) = unknown.next() else { continue };
        let sure = if run.phase().is_automatic() { Confidence::High } else { Confidence::Medium };
        let note = format!(
            "Code that could not be worked out is run, and most of the file is a literal nobody can read: {}.",
            short(&mark.detail, 80)
        );
        sink.report(Report::indicator(sure, note).seen(run).at(marked::place(source, mark)));
    }
}

/// Whether the code comes from somewhere that is known: a file, a host, a caller.
fn is_fed(source: &Source, id: u32) -> bool {
    source
        .origins(id)
        .iter()
        .any(|(from, _)| !matches!(source.behaviour(*from).action, Action::DataDecode | Action::DataDecrypt))
}
