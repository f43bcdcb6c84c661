//! Secrets were read, and afterwards something was sent, whatever the bytes are: encryption hides what, but not that.

use std::collections::BTreeSet;

use model::{Confidence, Phase};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink, credentials::store::Family};

/// Fewer bytes hold no secret.
const LEAST: u64 = 32;

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let reads = course.secret_reads();
    let mut told = BTreeSet::new();
    for sent in course.sent(LEAST) {
        let before = || reads.iter().filter(|(read, _)| read.step == sent.event.step && read.number < sent.event.number);
        // The giver of a secret is who it is for, and mirrors get nothing.
        let foreign = || before().filter(|(_, store)| !store.givers.iter().any(|giver| sent.host.ends_with(giver)));
        let Some((read, _)) = foreign().next() else { continue };
        if baseline().is_download(&sent.host) || !told.insert((sent.event.step, sent.host.clone())) {
            continue;
        }
        let names: BTreeSet<&str> = foreign().map(|(_, store)| store.name).collect();
        let families: BTreeSet<Family> = foreign().map(|(_, store)| store.family).collect();
        let note = format!(
            "{} was read, and then {} bytes went to {}.",
            names.iter().take(5).copied().collect::<Vec<_>>().join(", "),
            sent.size,
            sent.host
        );
        let phase = course.phase(sent.event);
        let report = if phase.is_automatic() && (names.len() > 1 || families.iter().any(|one| *one != Family::System)) {
            Report::proof(note)
        } else if names.len() >= 3 {
            // Called or not: nobody needs so many different ones.
            Report::proof(note)
        } else if phase == Phase::Runtime {
            Report::indicator(Confidence::Low, note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.event(course, read).event(course, sent.event));
    }
    steals_broadly(course, sink, &reads);
}

/// Many kinds of secrets were read by themselves, and nothing was sent: the other end may be dead.
fn steals_broadly(course: &Course, sink: &mut Sink, reads: &[(&model::Event, &crate::rules::credentials::store::Store)]) {
    let automatic = || reads.iter().filter(|(read, _)| course.phase(read).is_automatic());
    let names: BTreeSet<&str> = automatic().map(|(_, store)| store.name).collect();
    if let Some((first, _)) = automatic().next().filter(|_| names.len() >= 3) {
        let listed = names.iter().take(6).copied().collect::<Vec<_>>().join(", ");
        let note = format!("{} kinds of secrets were read without anybody asking: {listed}.", names.len());
        sink.report(Report::indicator(Confidence::High, note).event(course, first));
    }
}
