//! Text from a host goes into an interpreter.

use model::Action;

use crate::{
    rules::{Report, Sink, query::host_of},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::NetFetch, Action::NetReceive, Action::NetSend], &[Action::CodeEval, Action::CodeLoad]) {
        if chain.to.source.is_aside || chain.role == model::Role::Path {
            continue;
        }
        let host = host_of(chain.from.text());
        let from = host.map_or_else(|| "a host".to_owned(), |host| host.to_string());
        sink.report(Report::proof(format!("Code that comes from {from} is run without being looked at.")).chain(&chain));
    }
}
