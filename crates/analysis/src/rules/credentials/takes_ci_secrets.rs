//! Secrets of builders: the memory of their runners, the tokens by which they are known.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// By these a workflow proves who it is.
const IDENTITY: &[&str] = &["ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        for seen in source.behaviours(&[Action::FileRead, Action::FileList, Action::ProcExec, Action::EnvRead]) {
            let text = seen.text();
            let reads =
                seen.behaviour.action == Action::FileRead || text.starts_with("cat ") || text.contains("dd if=");
            if reads && text.contains("/proc/") && text.contains("/mem") && !text.contains("meminfo") {
                let report = if seen.phase().is_automatic() || runner(text) {
                    Report::proof("The memory of other processes is read: builders keep secrets there.")
                } else {
                    Report::indicator(Confidence::Medium, "The memory of another process is read.")
                };
                sink.report(report.seen(seen));
            } else if runner(text) && seen.behaviour.action == Action::ProcExec {
                sink.report(Report::proof("The process of a builder that holds its secrets is looked for.").seen(seen));
            } else if seen.behaviour.action == Action::EnvRead
                && IDENTITY.contains(&text)
                && seen.phase() < Phase::Import
            {
                let note = format!("The identity of the builder ({text}) is taken while the package is installed.");
                sink.report(Report::indicator(Confidence::High, note).seen(seen));
            }
        }
        let named = source.seen.literals.iter().find(|one| one.text.contains("Runner.Worker") && one.text.len() < 400);
        let opens = source
            .behaviours(&[Action::FileRead, Action::FileList])
            .filter(|seen| seen.text().contains("/proc"))
            .min_by_key(|seen| seen.phase());
        if let (Some(named), Some(opens)) = (named, opens) {
            let note = "The memory of the process that holds a builder's secrets is looked for.";
            sink.report(Report::proof(note).phase(opens.phase()).at(named.place.clone()).at(opens.place()));
        }
    }
}

fn runner(text: &str) -> bool {
    text.contains("Runner.Worker") || text.contains("Runner.Listener")
}
