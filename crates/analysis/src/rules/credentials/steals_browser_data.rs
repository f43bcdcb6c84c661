//! Passwords, cookies and cards of browsers.

use model::{Action, Confidence, Role};

use super::store::{Family, Named, TOUCHES, first_phase, store_of};
use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS, talking_phase},
        query::Seen,
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

/// What is read from a profile goes to a host.
fn check_chains(source: &Source, sink: &mut Sink) -> bool {
    let mut found = false;
    for chain in source
        .behaviours(TALKS)
        .flat_map(|seen| seen.chains(&[Action::FileRead, Action::FileWrite, Action::SecretStore]))
    {
        if matches!(chain.role, Role::Command) || !is_browser(chain.from) {
            continue;
        }
        let to = Destination::of(chain.to);
        if to.is_near() {
            continue;
        }
        found = true;
        let note = format!("What a browser keeps secret ({}) is sent to {}.", chain.from.words(), to.words());
        let report = if chain.phase().is_automatic() || to.is_blind() {
            Report::proof(note)
        } else {
            // With the user's own cookies, a tool of the user may log in.
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.chain(&chain));
    }
    found
}

fn is_browser(seen: Seen<'_>) -> bool {
    if seen.behaviour.action == Action::SecretStore {
        return seen.text() == "browser-cookies";
    }
    store_of(seen.text(), &[Family::Browser, Family::Profile]).is_some()
}

/// The code names what thieves look for: the passwords of several browsers, and how they are locked.
fn check_names(source: &Source, sink: &mut Sink) {
    let Some(named) = Named::of(source, &[Family::Browser, Family::Profile]) else { return };
    let (browsers, kinds) = (named.count(Family::Profile), named.count(Family::Browser));
    let passwords = named.stores.iter().any(|store| store.name == "passwords");
    let Some(phase) = first_phase(source, TOUCHES) else { return };
    if !passwords || browsers == 0 || kinds < 2 && browsers < 3 {
        return;
    }
    let unlocks = source.behaviours(&[Action::SecretStore, Action::DataDecrypt]).next().is_some();
    let sends = talking_phase(source).is_some();
    let note =
        format!("The {} that {} keep are looked for.", named.words(Family::Browser), named.words(Family::Profile));
    let thief = sends && (unlocks || kinds >= 2) && browsers >= 2;
    let report = if thief && (phase.is_automatic() || unlocks || browsers >= 4) {
        Report::proof(note)
    } else if sends || unlocks || browsers >= 3 {
        Report::indicator(Confidence::High, note)
    } else {
        Report::indicator(Confidence::Medium, note)
    };
    sink.report(report.phase(phase).at(named.place));
}
