//! Credentials of many tools at once.

use model::{Action, Confidence, Phase};

use super::store::{Family, Named, Store, TOUCHES, first_phase, stores_in};
use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{TALKS, talking_phase},
    },
    source::Source,
    subject::Subject,
};

/// From this many tools on it is no tool of one of them.
const MANY: usize = 3;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let Some(named) = Named::of(source, &[Family::Developer]) else { return };
    if named.count(Family::Developer) < MANY {
        return;
    }
    let Some(phase) = first_phase(source, TOUCHES) else { return };
    let read = read_stores(source);
    let sends = talking_phase(source).is_some();
    let flows = source.behaviours(TALKS).find_map(|seen| seen.chains(&[Action::FileRead, Action::FileList]).next());
    let note = format!("Credentials of many tools are looked for: {}.", named.words(Family::Developer));
    let report = match (phase, flows) {
        (phase, Some(_)) if phase < Phase::Import => Report::proof(note),
        (phase, Some(_)) if phase.is_automatic() && read >= MANY => Report::proof(note),
        (phase, flows) if phase.is_automatic() && (flows.is_some() || sends && read >= MANY) => {
            Report::indicator(Confidence::High, note)
        }
        (_, Some(_)) if read >= MANY => Report::indicator(Confidence::High, note),
        (phase, _) if phase < Phase::Import => Report::indicator(Confidence::High, note),
        (_, _) if read >= MANY => Report::indicator(Confidence::Medium, note),
        _ => Report::indicator(Confidence::Low, note),
    };
    let report = report.phase(phase).at(named.place);
    sink.report(match flows {
        Some(chain) => report.step(chain.from.place(), chain.from.words()).step(chain.to.place(), chain.to.words()),
        None => report,
    });
}

/// How many tools' credentials are read by a path that is known.
fn read_stores(source: &Source) -> usize {
    let stores = source
        .behaviours(&[Action::FileRead, Action::FileList, Action::ProcExec])
        .flat_map(|seen| stores_in(seen.text()));
    let mut names: Vec<&str> =
        stores.filter(|store: &&Store| store.family == Family::Developer).map(|store| store.name).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}
