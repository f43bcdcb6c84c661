//! A lifecycle script of npm holds a program of its own: `node -e "..."`.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// What such a program must not do unseen.
const ACTS: &[Action] = &[
    Action::NetFetch,
    Action::NetSend,
    Action::NetConnect,
    Action::NetResolve,
    Action::EnvReadAll,
    Action::CodeEval,
    Action::FileWrite,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| source.path.ends_with("package.json") && source.phase == Phase::Install) {
        for seen in source.behaviours(&[Action::CodeEval]) {
            let inline = matches!(seen.behaviour.api.as_str(), "node" | "python" | "perl" | "ruby" | "php" | "powershell" | "deno" | "bun");
            if !inline {
                continue;
            }
            let acts = source.seen.behaviours.iter().any(|one| one.place.layer.is_some() && ACTS.contains(&one.action));
            let note = format!("An install script runs a program that stands in its own command line ({}).", seen.behaviour.api);
            let report = if acts { Report::indicator(Confidence::High, note) } else { Report::indicator(Confidence::Low, note) };
            sink.report(report.seen(seen));
        }
    }
}
