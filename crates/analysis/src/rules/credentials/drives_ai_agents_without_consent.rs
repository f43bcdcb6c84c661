//! The user's AI agent is started with its questions switched off.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

/// Options by which agents stop asking before they act.
const UNGUARDED: &[&str] = &[
    "--allow-all-tools",
    "--dangerously-bypass-approvals-and-sandbox",
    "--dangerously-skip-permissions",
    "--full-auto",
    "--permission-mode bypassPermissions",
    "--trust-all-tools",
    "--yolo",
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        if !check_commands(source, sink) {
            check_texts(source, sink);
        }
    }
}

fn check_commands(source: &Source, sink: &mut Sink) -> bool {
    let mut found = false;
    for seen in source.behaviours(&[Action::ProcExec]) {
        let text = seen.text();
        let unguarded = seen.behaviour.has("unguarded") && seen.behaviour.has("ai-agent");
        if !unguarded && !UNGUARDED.iter().any(|option| text.contains(option)) {
            continue;
        }
        found = true;
        if seen.phase().is_automatic() {
            let note = format!("The user's AI agent is told to act without asking: {}.", short(text, 120));
            sink.report(Report::proof(note).seen(seen));
        } else {
            let note = "An AI agent is started that does not ask before it acts.";
            sink.report(Report::indicator(Confidence::Low, note).seen(seen));
        }
    }
    found
}

/// The option stands in a table of agents, and programs are started.
fn check_texts(source: &Source, sink: &mut Sink) {
    let option = source
        .seen
        .literals
        .iter()
        .find(|one| UNGUARDED.iter().any(|option| option.len() > 8 && one.text.contains(option)));
    let starts = source
        .behaviours(&[Action::ProcExec])
        .filter(|seen| seen.phase().is_automatic())
        .min_by_key(|seen| seen.phase());
    if let (Some(option), Some(starts)) = (option, starts) {
        let note = format!("Programs are started, and the code holds {} for AI agents.", short(&option.text, 60));
        sink.report(
            Report::indicator(Confidence::High, note).phase(starts.phase()).at(option.place.clone()).at(starts.place()),
        );
    }
}
