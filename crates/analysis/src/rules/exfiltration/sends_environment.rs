//! The whole environment goes to a host.

use model::{Action, Role};

use crate::{
    rules::{Report, Sink, query::host_of},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::EnvReadAll], &[Action::NetSend, Action::NetFetch, Action::NetConnect, Action::NetResolve]) {
        if chain.to.source.is_aside || chain.role == Role::Path {
            continue;
        }
        let note = match host_of(chain.to.text()) {
            Some(host) => format!("The whole environment, with every secret in it, is sent to {host}."),
            None => "The whole environment, with every secret in it, is sent to a host.".to_owned(),
        };
        sink.report(Report::proof(note).chain(&chain));
    }
}
