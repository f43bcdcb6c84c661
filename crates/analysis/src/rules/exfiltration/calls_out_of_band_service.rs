//! A service that logs whatever comes is called.

use model::{Action, Confidence, Phase, Role};

use super::destination::{Destination, Sort, TALKS, host_in, sort_of, talking_phase};
use crate::{
    rules::{Report, Sink, query::Seen},
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        if !check_targets(source, sink) {
            check_texts(source, sink);
        }
    }
}

/// Requests whose target is such a service.
fn check_targets(source: &Source, sink: &mut Sink) -> bool {
    let mut found = false;
    for seen in source.behaviours(TALKS) {
        let to = Destination::of(seen);
        if to.sort != Sort::OutOfBand {
            continue;
        }
        found = true;
        let note = note(&to.words());
        let report = if seen.phase() < Phase::Import {
            Report::proof(note)
        } else if seen.phase().is_automatic() || carries_data(seen) {
            Report::indicator(Confidence::High, note)
        } else {
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.seen(seen));
    }
    found
}

/// Whether something of the machine goes with the request.
fn carries_data(seen: Seen<'_>) -> bool {
    const OWN: &[Action] =
        &[Action::HostInfo, Action::EnvRead, Action::EnvReadAll, Action::FileRead, Action::ProcExec, Action::SecretStore];
    seen.chains(OWN).any(|chain| matches!(chain.role, Role::Data | Role::Address))
}

/// The address stands in a text, and the file talks to hosts whose names could not be followed.
fn check_texts(source: &Source, sink: &mut Sink) {
    let Some(phase) = talking_phase(source) else { return };
    if source.behaviours(TALKS).all(|seen| Destination::of(seen).host.is_some()) {
        return;
    }
    let named = source.seen.literals.iter().find_map(|one| {
        let host = one.text.split_whitespace().find_map(|word| {
            let host = host_in(word.trim_matches(['"', '\'', '(', ')', ',', ';']))?;
            (sort_of(&host) == Sort::OutOfBand).then_some(host)
        })?;
        Some((host, &one.place))
    });
    let Some((host, place)) = named else { return };
    let sure = if phase < Phase::Import { Confidence::High } else { Confidence::Medium };
    sink.report(Report::indicator(sure, note(&host)).phase(phase).at(place.clone()));
}

fn note(host: &str) -> String {
    format!("{host} is called: a service that logs every request, for testers who want to see whether an attack works.")
}
