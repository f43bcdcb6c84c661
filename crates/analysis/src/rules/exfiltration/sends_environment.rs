//! The whole environment goes to a host.

use model::{Action, Confidence, Known, Phase, Role};

use super::destination::{Destination, TALKS};
use crate::{
    rules::{Report, Sink, dropper::host::anonymous, query::Chain},
    subject::Subject,
};

/// What yields the whole environment.
const SOURCES: &[Action] = &[Action::EnvReadAll, Action::FileRead, Action::ProcExec];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(SOURCES, TALKS) {
        if chain.to.source.is_aside || matches!(chain.role, Role::Path | Role::Command) || !yields_environment(&chain) {
            continue;
        }
        let to = Destination::of(chain.to);
        // Of an address that is not known, a single variable may be the host; one that is wholly known has nothing else in it.
        let whole = chain.to.behaviour.object.known == Known::Constant;
        if to.is_near() || chain.role == Role::Address && (to.host.is_none() || whole) {
            continue;
        }
        let note = format!("The whole environment, with every secret in it, is sent to {}.", to.words());
        // Reports of errors send some variables as they are; nobody honest encodes all of them first.
        let encoded = chain.to.chains(&[Action::DataEncode]).next().is_some();
        let answered = chain.to.behaviour.action == Action::NetFetch && chain.role == Role::Data;
        // At import a package may hand its environment on in ways that we see too darkly: suspicious alone, no proof.
        let by_itself = chain.phase() < Phase::Import;
        let report = if !answered && (by_itself || to.is_blind() || anonymous(chain.to.text()).is_some() || encoded && to.host.is_some()) {
            Report::proof(note)
        } else {
            // A page that is fetched under an address which a setting completes tells its host little.
            let asks = chain.role == Role::Address && chain.to.behaviour.action == Action::NetFetch;
            Report::indicator(
                match chain.phase().is_automatic() {
                    true => Confidence::High,
                    false if asks => Confidence::Low,
                    false => Confidence::Medium,
                },
                note,
            )
        };
        sink.report(report.chain(&chain));
    }
}

fn yields_environment(chain: &Chain<'_>) -> bool {
    let text = chain.from.text();
    match chain.from.behaviour.action {
        Action::EnvReadAll => true,
        Action::FileRead => text.starts_with("/proc/") && text.ends_with("/environ"),
        _ => {
            matches!(text.trim(), "env" | "printenv" | "set" | "export" | "cmd /c set" | "cmd.exe /c set" | "export -p")
        }
    }
}
