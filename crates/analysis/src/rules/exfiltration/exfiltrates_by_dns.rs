//! Data leaves as a part of the name that is looked up.

use model::{Action, Confidence, Known, Role};

use super::destination::{Destination, Sort};
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

const SOURCES: &[Action] = &[
    Action::HostInfo,
    Action::EnvRead,
    Action::EnvReadAll,
    Action::FileRead,
    Action::FileList,
    Action::SecretStore,
    Action::ProcExec,
    Action::ClipboardRead,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(SOURCES, &[Action::NetResolve]) {
        // A name that is read whole from the environment or a file is an ordinary look-up.
        if chain.to.source.is_aside || chain.role != Role::Address || chain.to.behaviour.object.known != Known::Pattern
        {
            continue;
        }
        let to = Destination::of(chain.to);
        let Some(host) = &to.host else { continue };
        // `hostname.local` and the like stay at home.
        if to.sort == Sort::Near || !chain.to.text().contains("{}") {
            continue;
        }
        let note = format!(
            "A name below {host} is looked up in which data of the machine stands: it leaves past every proxy."
        );
        let report = if chain.phase().is_automatic() || to.is_blind() {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.chain(&chain));
    }
}
