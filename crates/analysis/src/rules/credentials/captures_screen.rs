//! Pictures of the screen, the camera and sound leave the machine.

use model::{Action, Confidence};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS},
    },
    source::Source,
    subject::Subject,
};

const CAPTURES: &[Action] = &[Action::ScreenCapture, Action::MediaCapture];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let Some(capture) =
        source.behaviours(CAPTURES).filter(|seen| !seen.behaviour.has("page")).min_by_key(|seen| seen.phase())
    else {
        return;
    };
    let what =
        if capture.behaviour.action == Action::ScreenCapture { "the screen" } else { "the camera or microphone" };
    for chain in source.behaviours(TALKS).flat_map(|seen| seen.chains(CAPTURES)) {
        let to = Destination::of(chain.to);
        if to.is_near() || chain.from.behaviour.has("page") {
            continue;
        }
        let note = format!("What {what} shows is sent to {}.", to.words());
        let report = if chain.phase().is_automatic()
            || to.is_blind() && to.sort != crate::rules::exfiltration::destination::Sort::Bare
        {
            Report::proof(note)
        } else if to.host.is_some() {
            Report::indicator(Confidence::Medium, note)
        } else {
            Report::indicator(Confidence::Low, note)
        };
        sink.report(report.chain(&chain));
        return;
    }
    let blind = source.behaviours(TALKS).find(|seen| Destination::of(*seen).is_blind());
    if let Some(to) = blind {
        let note = format!("A picture of {what} is taken, and data is sent to {}.", Destination::of(to).words());
        sink.report(
            Report::indicator(Confidence::High, note).phase(capture.phase()).at(capture.place()).at(to.place()),
        );
    }
}
