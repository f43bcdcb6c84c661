//! Wallets of coins.

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
        if !check_chains(source, sink) {
            check_names(source, sink);
        }
    }
}

fn check_chains(source: &Source, sink: &mut Sink) -> bool {
    let mut found = false;
    for chain in source.behaviours(TALKS).flat_map(|seen| seen.chains(&[Action::FileRead, Action::FileWrite])) {
        let Some(store) = store_of(chain.from.text(), &[Family::Wallet]) else { continue };
        let to = Destination::of(chain.to);
        if to.is_near() || !chain.phase().is_automatic() && to.host.is_none() {
            continue;
        }
        found = true;
        let note = format!("The wallet of {} is read and sent to {}.", store.name, to.words());
        let report = if chain.phase().is_automatic() || to.is_blind() {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.chain(&chain));
    }
    found
}

/// A list of wallets together with the means to read them: nothing but a thief needs it.
fn check_names(source: &Source, sink: &mut Sink) {
    let Some(named) = Named::of(source, &[Family::Wallet]) else { return };
    let count = named.count(Family::Wallet);
    let Some(phase) = first_phase(source, TOUCHES) else { return };
    if count < 3 {
        return;
    }
    let note = format!("Wallets are looked for: {}.", named.words(Family::Wallet));
    let report = if talking_phase(source).is_some() || count >= 6 {
        Report::proof(note)
    } else {
        Report::indicator(Confidence::High, note)
    };
    sink.report(report.phase(phase).at(named.place));
}
