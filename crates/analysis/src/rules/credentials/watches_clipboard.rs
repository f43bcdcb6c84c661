//! What people copy is read, sent, or changed on the way.

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
    let Some(read) = source.behaviours(&[Action::ClipboardRead]).min_by_key(|seen| seen.phase()) else { return };
    let pattern = source.seen.literals.iter().find(|one| is_address_pattern(&one.text));
    if let (Some(pattern), Some(write)) = (pattern, source.behaviours(&[Action::ClipboardWrite]).next()) {
        let note = "Addresses of coins on the clipboard are replaced by others.";
        let report =
            Report::proof(note).phase(read.phase()).at(write.place()).at(read.place()).at(pattern.place.clone());
        sink.report(report);
        return;
    }
    for chain in source.behaviours(TALKS).flat_map(|seen| seen.chains(&[Action::ClipboardRead])) {
        let to = Destination::of(chain.to);
        if to.is_near() {
            continue;
        }
        let note = format!("What people copy is sent to {}.", to.words());
        let report = if chain.phase().is_automatic() && to.host.is_some() || to.is_blind() {
            Report::proof(note)
        } else if chain.phase().is_automatic() || to.host.is_some() {
            Report::indicator(Confidence::High, note)
        } else {
            Report::indicator(Confidence::Medium, note)
        };
        sink.report(report.chain(&chain));
    }
}

/// A regular expression for addresses of coins.
fn is_address_pattern(text: &str) -> bool {
    let mark =
        ["{25,34}", "{25,39}", "{26,33}", "{26,35}", "{33}", "{39,59}", "{40}", "{32,44}", "{95}", "{94}", "{11,71}"];
    let head = ["0x[", "bc1", "[13]", "(1|3)", "^(?:[13]", "T[A-Za-z", "T[1-9", "4[0-9AB]", "[LM3]", "(?:0x)"];
    text.contains('[') && mark.iter().any(|one| text.contains(one)) && head.iter().any(|one| text.contains(one))
}
