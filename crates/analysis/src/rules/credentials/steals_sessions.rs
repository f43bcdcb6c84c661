//! Sessions of messengers, games and remote desktops.

use model::{Action, Confidence};

use super::store::{Family, Named, TOUCHES, first_phase, store_of};
use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS, talking_phase},
    },
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        if !check_names(source, sink, 3) && !check_chains(source, sink) {
            check_names(source, sink, 1);
        }
    }
}

fn check_chains(source: &Source, sink: &mut Sink) -> bool {
    for chain in
        source.behaviours(TALKS).flat_map(|seen| seen.chains(&[Action::FileRead, Action::FileWrite, Action::FileList, Action::WinregRead]))
    {
        let Some(store) = store_of(chain.from.text(), &[Family::Session]) else { continue };
        let to = Destination::of(chain.to);
        if to.is_near() {
            continue;
        }
        let note = format!("The session of {} is read and sent to {}.", store.name, to.words());
        let report = if chain.phase().is_automatic() || to.is_blind() {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.chain(&chain));
        return true;
    }
    false
}

/// The code names at least so many kinds of sessions.
fn check_names(source: &Source, sink: &mut Sink, least: usize) -> bool {
    let Some(named) = Named::of(source, &[Family::Session]) else { return false };
    let (Some(phase), Some(_)) = (first_phase(source, TOUCHES), talking_phase(source)) else { return false };
    let count = named.count(Family::Session);
    if count < least {
        return false;
    }
    let blind = source.behaviours(TALKS).any(|seen| Destination::of(seen).is_blind());
    let note = format!("Sessions are looked for: {}.", named.words(Family::Session));
    let report = match count {
        3.. => Report::proof(note),
        2 => Report::indicator(Confidence::High, note),
        _ if blind => Report::indicator(Confidence::High, note),
        _ => return false,
    };
    sink.report(report.phase(phase).at(named.place));
    true
}
