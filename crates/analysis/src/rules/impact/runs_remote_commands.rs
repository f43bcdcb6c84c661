//! Commands come from a host and are run.

use model::{Action, Confidence, Role};

use crate::{
    rules::{Report, Sink, exfiltration::destination::Destination, query::Seen},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::NetReceive, Action::NetFetch, Action::NetSend], &[Action::ProcExec]) {
        if chain.to.source.is_aside || chain.role != Role::Command || !is_free(chain.to) {
            continue;
        }
        // What is written to a file first is a download, of which another rule speaks.
        if chain.to.chains(&[Action::FileWrite]).next().is_some() {
            continue;
        }
        let from = sender(chain.from);
        if from.is_near() {
            continue;
        }
        let answers = chain
            .to
            .source
            .behaviours(&[Action::NetSend])
            .any(|send| send.chains(&[Action::ProcExec]).any(|back| back.from.id == chain.to.id));
        let note = format!(
            "Commands that come from {} are run{}.",
            from.words(),
            if answers { ", and what they say is sent back" } else { "" }
        );
        // A server that starts by itself hands what it is asked to its handlers.
        let served = chain.to.source.behaviours(&[Action::NetListen]).map(Seen::phase).filter(|phase| phase.is_automatic()).min();
        if let Some(phase) = served {
            sink.report(Report::proof(note).chain(&chain).phase(phase));
            continue;
        }
        let report = if chain.phase().is_automatic() || answers && from.host.is_some() {
            Report::proof(note)
        } else if answers || from.host.is_some() {
            // What is fetched may be an archive whose unpacked program is run; what is received is a command.
            let fetched = !answers && chain.from.behaviour.action == Action::NetFetch;
            Report::indicator(if fetched { Confidence::Medium } else { Confidence::High }, note)
        } else {
            Report::indicator(Confidence::Low, note)
        };
        sink.report(report.chain(&chain));
    }
}

/// Whether the whole command is unknown: an argument of a fixed program is no command.
fn is_free(seen: Seen<'_>) -> bool {
    let text = seen.text().replace(['\'', '"'], "");
    let text = text.trim();
    let shells = [
        "sh -c",
        "/bin/sh -c",
        "bash -c",
        "/bin/bash -c",
        "cmd /c",
        "cmd.exe /c",
        "powershell -c",
        "powershell -Command",
        "powershell.exe -Command",
    ];
    let rest = shells.iter().find_map(|shell| text.strip_prefix(shell)).unwrap_or(text).trim();
    rest.is_empty() || rest.starts_with("{}")
}

/// The host behind what was received: that of the connection it came by.
fn sender(seen: Seen<'_>) -> Destination {
    let own = Destination::of(seen);
    if own.host.is_some() {
        return own;
    }
    let connections = seen.source.behaviours(&[Action::NetConnect]).map(Destination::of);
    connections.into_iter().find(|one| one.host.is_some()).unwrap_or(own)
}
