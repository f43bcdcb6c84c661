//! Files go to a place where anybody may leave them without a name.

use model::{Action, Confidence, Phase};

use super::destination::{Destination, Sort};
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

const LOOT: &[Action] = &[
    Action::FileRead,
    Action::FileList,
    Action::FileWrite,
    Action::EnvRead,
    Action::EnvReadAll,
    Action::HostInfo,
    Action::SecretStore,
    Action::ScreenCapture,
    Action::ClipboardRead,
    Action::InputCapture,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::NetSend]) {
        let to = Destination::of(seen);
        if seen.source.is_aside || to.sort != Sort::FileDrop {
            continue;
        }
        let loot = seen.chains(LOOT).next();
        let note = format!("Data is uploaded to {}, where anybody may leave files without a name.", to.words());
        let report = match (loot, seen.phase()) {
            (Some(_), phase) if phase.is_automatic() => Report::proof(note),
            (_, phase) if phase < Phase::Import => Report::proof(note),
            (Some(_), _) => Report::indicator(Confidence::High, note),
            _ => Report::indicator(Confidence::Medium, note),
        };
        sink.report(match &loot {
            Some(chain) => report.chain(chain),
            None => report.seen(seen),
        });
    }
}
