//! Something is fetched from where anybody can serve anything without a name.

use model::{Action, Confidence, Phase};

use super::host::anonymous;
use crate::{
    rules::{Report, Sink, query::{Seen, host_of}},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::NetFetch, Action::NetConnect, Action::NetSend]) {
        let Some(host) = anonymous(seen.text()) else { continue };
        if seen.source.is_aside {
            continue;
        }
        let note = format!("The package talks to {host}.");
        let confidence = match seen.phase() {
            Phase::Install | Phase::Startup => Confidence::High,
            Phase::Import | Phase::Build if is_program(seen.text()) => Confidence::High,
            Phase::Import | Phase::Build => Confidence::Medium,
            // Nobody's own service lives under a bare public address that is written into a library.
            Phase::Runtime if is_bare_send(seen) => Confidence::High,
            Phase::Runtime => Confidence::Low,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}

/// Whether an address names a program or a script.
fn is_program(address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).to_ascii_lowercase();
    [".py", ".pyw", ".exe", ".bat", ".cmd", ".msi", ".ps1", ".scr", ".vbs", ".hta", ".sh"].iter().any(|end| path.ends_with(end))
}

fn is_bare_send(seen: Seen<'_>) -> bool {
    seen.behaviour.action == Action::NetSend
        && host_of(seen.text()).is_some_and(|host| host.parse::<std::net::Ipv4Addr>().is_ok())
}
