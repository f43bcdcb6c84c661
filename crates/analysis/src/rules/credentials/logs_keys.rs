//! Keys that people press.

use model::{Action, Confidence};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS},
    },
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let Some(capture) = source.behaviours(&[Action::InputCapture]).min_by_key(|seen| seen.phase()) else { return };
    for chain in source.behaviours(TALKS).flat_map(|seen| seen.chains(&[Action::InputCapture])) {
        let to = Destination::of(chain.to);
        if to.is_near() {
            continue;
        }
        let note = format!("The keys that people press are sent to {}.", to.words());
        let report = if chain.phase().is_automatic() || to.is_blind() {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.chain(&chain));
        return;
    }
    let blind = source.behaviours(TALKS).find(|seen| Destination::of(*seen).is_blind());
    let written = source.behaviours(&[Action::FileWrite]).find_map(|seen| seen.chains(&[Action::InputCapture]).next());
    let report = match (blind, written) {
        (Some(to), _) => {
            let note = format!("Keys are captured, and data is sent to {}.", Destination::of(to).words());
            Report::indicator(Confidence::High, note).at(capture.place()).at(to.place())
        }
        (None, Some(chain)) => {
            let note = "The keys that people press are written to a file.";
            Report::indicator(Confidence::Medium, note).at(capture.place()).at(chain.to.place())
        }
        _ if capture.phase().is_automatic() => {
            Report::indicator(Confidence::Medium, "Keys are captured as soon as the package is loaded.")
                .at(capture.place())
        }
        _ => return,
    };
    sink.report(report.phase(capture.phase()));
}
