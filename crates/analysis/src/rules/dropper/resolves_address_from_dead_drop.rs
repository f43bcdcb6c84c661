//! The address of a server, or a command, is read from a public page that anybody can write.

use model::{Action, Confidence, Role};

use super::host::dead_drop;
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

const USES: &[Action] = &[Action::NetFetch, Action::NetSend, Action::NetConnect, Action::ProcExec, Action::CodeEval];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::NetFetch, Action::NetSend], USES) {
        let Some(host) = dead_drop(chain.from.text()) else { continue };
        if chain.to.source.is_aside || !matches!(chain.role, Role::Address | Role::Command | Role::Code) {
            continue;
        }
        let note = format!("What stands on a public page of {host} decides whom the package talks to or what it runs.");
        let confidence = if chain.phase().is_automatic() { Confidence::High } else { Confidence::Medium };
        sink.report(Report::indicator(confidence, note).chain(&chain));
    }
}
