//! What a host sends goes straight into a shell: `curl ... | sh`.

use model::{Action, Confidence, Role};

use crate::{
    rules::{Report, Sink, query::host_of},
    subject::Subject,
};

/// Whether an interpreter of this name is a shell.
pub fn is_shell(api: &str) -> bool {
    matches!(api, "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "wsl" | "cmd" | "powershell" | "pwsh" | "iex" | "invoke-expression")
}

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::NetFetch], &[Action::CodeEval]) {
        let api = &chain.to.behaviour.api;
        if chain.to.source.is_aside || chain.role == Role::Path || !is_shell(api) {
            continue;
        }
        let from = host_of(chain.from.text()).unwrap_or_else(|| "a host".to_owned());
        let note = format!("A script from {from} is piped into {api}.");
        let report = if chain.phase().is_automatic() {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.chain(&chain));
    }
}
