//! Workflows are put into repositories, or the machine is made a builder for somebody else.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink, query::short},
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    for seen in source.behaviours(&[Action::FileWrite, Action::NetSend, Action::ProcExec]) {
        let path = seen.text().replace('\\', "/");
        let automatic = seen.phase().is_automatic();
        if path.contains(".github/workflows/")
            && (automatic || seen.behaviour.action == Action::NetSend)
            && seen.behaviour.action != Action::ProcExec
        {
            let note = format!("A workflow is put into a repository: {}.", short(seen.text(), 120));
            let report = if automatic { Report::proof(note) } else { Report::indicator(Confidence::Medium, note) };
            sink.report(report.seen(seen));
        } else if is_runner(&path) && seen.behaviour.action == Action::ProcExec {
            let note = "The machine is made a builder for a repository.";
            let report = if automatic { Report::proof(note) } else { Report::indicator(Confidence::Medium, note) };
            sink.report(report.seen(seen));
        }
    }
    // A workflow that hands out every secret of the repository.
    let all = source.seen.literals.iter().find(|one| {
        let text: String = one.text.chars().filter(|one| !one.is_whitespace()).collect();
        text.to_ascii_lowercase().contains("tojson(secrets)")
    });
    let writes =
        source.behaviours(&[Action::FileWrite, Action::NetSend, Action::ProcExec]).min_by_key(|seen| seen.phase());
    if let (Some(all), Some(writes)) = (all, writes) {
        let note = "The code holds a workflow that takes every secret of a repository.";
        let report =
            if writes.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
        sink.report(report.phase(writes.phase()).at(all.place.clone()).at(writes.place()));
    }
}

fn is_runner(text: &str) -> bool {
    text.contains("config.sh") && text.contains("--unattended") && text.contains("--url") && text.contains("--token")
}
