//! Text from a host goes into an interpreter.

use model::{Action, Confidence, Ecosystem, Role};
use syntax::Language;

use super::pipes_download_to_shell::is_shell;
use crate::{
    rules::{Report, Sink, query::{Chain, host_of}},
    subject::Subject,
};

const FETCHES: &[Action] = &[Action::NetFetch, Action::NetReceive, Action::NetSend];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(FETCHES, &[Action::CodeEval, Action::CodeLoad, Action::CodeImport]) {
        if chain.to.source.is_aside || matches!(chain.role, Role::Path) || is_shell(&chain.to.behaviour.api) {
            continue;
        }
        let from = host_of(chain.from.text()).unwrap_or_else(|| "a host".to_owned());
        let note = format!("Code that comes from {from} is run without being looked at.");
        let report = if chain.phase().is_automatic() && chain.role == Role::Code {
            Report::proof(note)
        } else if chain.phase().is_automatic() || host_of(chain.from.text()).is_some() && !is_page_code(subject, &chain) {
            Report::indicator(Confidence::High, note)
        } else {
            // Bundlers, test runners and plug-in loaders run what their caller's own host serves.
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.chain(&chain));
    }
}

/// Whether it is code for a browser that a package of another language serves to its users.
fn is_page_code(subject: &Subject, chain: &Chain<'_>) -> bool {
    subject.facts.ecosystem != Some(Ecosystem::Npm) && chain.to.source.language == Language::JavaScript
}
