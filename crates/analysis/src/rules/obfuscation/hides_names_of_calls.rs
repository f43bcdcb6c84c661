//! The name of what is called stands nowhere in the text: it is put together when the code runs.

use model::{Action, Confidence};
use syntax::{Language, surface::MarkKind};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, short},
    },
    source::Source,
    subject::Subject,
};

/// What nobody has a reason to call under a hidden name.
const SINKS: &[Action] = &[
    Action::CodeEval,
    Action::ProcExec,
    Action::CodeLoad,
    Action::NetFetch,
    Action::NetSend,
    Action::NetConnect,
    Action::DataDecode,
    Action::DataDecrypt,
    Action::MemoryNative,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let hidden: Vec<Seen<'_>> = source
        .behaviours(SINKS)
        .filter(|seen| seen.behaviour.has("hidden-name") && !in_hidden_layer(*seen) && is_absent(*seen))
        .collect();
    let unreadable = source
        .marks
        .iter()
        .any(|mark| matches!(mark.kind, MarkKind::UnreadableNames | MarkKind::Confusable | MarkKind::ObfuscatorPy));
    let mut names: Vec<&str> = hidden.iter().map(|seen| seen.behaviour.api.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut told: Vec<&str> = Vec::new();
    for seen in hidden {
        if told.contains(&seen.behaviour.api.as_str()) {
            continue;
        }
        told.push(&seen.behaviour.api);
        let runs = matches!(seen.behaviour.action, Action::CodeEval | Action::ProcExec);
        let note = format!(
            "{} is called, but its name stands nowhere in the text: it is put together from pieces.",
            short(&seen.behaviour.api, 60)
        );
        let report = if runs
            && seen.phase().is_automatic()
            && (unreadable || names.len() >= 3 && source.language == Language::Python)
        {
            Report::proof(note)
        } else if runs {
            Report::indicator(Confidence::High, note)
        } else {
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.seen(seen));
    }
}

fn in_hidden_layer(seen: Seen<'_>) -> bool {
    seen.source.layer_of(&seen.behaviour.place).is_some_and(super::hidden_code::is_decoded)
}

/// Whether a part of the called name does not stand in the text. Names that are picked out of a list do stand there.
fn is_absent(seen: Seen<'_>) -> bool {
    let text = match seen.source.layer_of(&seen.behaviour.place) {
        Some(layer) => &layer.text,
        None => &seen.source.text,
    };
    let words = seen.behaviour.api.split(['.', '(', ')']).filter(|word| word.len() >= 4);
    words
        .filter(|word| !matches!(*word, "builtins" | "globalThis"))
        .any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_none())
}
