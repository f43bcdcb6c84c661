//! Code stands in the file in an encoding, and is decoded and run.

use model::{Action, Confidence, Role};

use super::hidden_code::{HiddenCode, is_decoded};
use crate::{
    rules::{Report, Sink, query::Chain},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for hidden in HiddenCode::all(subject) {
        if hidden.encrypted || hidden.is_marshalled() || hidden.file.is_some() {
            continue;
        }
        sink.report(report(&hidden, "").seen_with_decoder(&hidden));
    }
    for chain in subject.chains(&[Action::FileWrite], &[Action::ProcExec]) {
        check_file(&chain, sink);
    }
}

/// A script that is decoded, written to a file and started from there.
fn check_file(chain: &Chain<'_>, sink: &mut Sink) {
    let source = chain.to.source;
    if source.is_aside || !matches!(chain.role, Role::Path | Role::Command) || !chain.from.behaviour.has("decoded") {
        return;
    }
    let Some(code) = source
        .layers_at(&chain.from.behaviour.place)
        .find(|layer| is_decoded(layer) && layer.how.last().is_some_and(|how| how == "file"))
    else {
        return;
    };
    let note = format!(
        "A script that is hidden by {} is written to a file and started; decoded, it is {} bytes of {}.",
        code.how[..code.how.len() - 1].join(", "),
        code.text.len(),
        code.language
    );
    let unseen = chain.to.behaviour.has("hidden-window");
    let report = if chain.phase().is_automatic() || unseen {
        Report::proof(note)
    } else {
        Report::indicator(Confidence::High, note)
    };
    sink.report(report.chain(chain).decoded(Some(code.text.clone())));
}

/// The finding for hidden code, without its place.
pub(super) fn report(hidden: &HiddenCode<'_>, more: &str) -> Report {
    let automatic = hidden.run.phase().is_automatic();
    let nested = hidden.how.len() >= 2;
    let command = hidden.run.behaviour.action == Action::ProcExec;
    let what = if command { "A command" } else { "Code" };
    let ways = hidden.ways();
    match hidden.code {
        Some(code) => {
            let note = format!(
                "{what} that is {ways}{more} is run; decoded, it is {} bytes of {}.",
                code.text.len(),
                code.language
            );
            // Pieces put together without a decoder are proof only by what they do: compatibility layers build syntax so.
            if automatic && !hidden.how.is_empty() || hidden.reaches {
                Report::proof(note)
            } else {
                Report::indicator(if nested { Confidence::High } else { Confidence::Medium }, note)
            }
        }
        None => {
            let note = format!("{what} that is {ways}{more} is run; what it says could not be worked out.");
            let sure = match (automatic, nested) {
                // Nobody packs code three times over to run it at once, but who hides it.
                (true, true) if hidden.how.len() >= 3 => return Report::proof(note),
                // Without any long literal the data comes from a caller, such as a function that loads what another one stored.
                (true, true) if holds_a_long_text(hidden) => Confidence::High,
                (true, true) => Confidence::Medium,
                (true, false) if super::marked::blob(hidden.run.source).is_some() => Confidence::High,
                (true, false) | (false, true) => Confidence::Medium,
                (false, false) => Confidence::Low,
            };
            Report::indicator(sure, note)
        }
    }
}

/// Whether the file or its layers hold a literal that is long enough to be code.
fn holds_a_long_text(hidden: &HiddenCode<'_>) -> bool {
    let source = hidden.run.source;
    !source.marks.is_empty() || source.seen.literals.iter().any(|one| one.text.len() >= LONG && !one.text.contains(' '))
}

/// Shorter literals hold no code in disguise.
const LONG: usize = 60;

impl Report {
    /// The places of hidden code: where it is run, and the first decoder.
    pub(super) fn seen_with_decoder(self, hidden: &HiddenCode<'_>) -> Self {
        let report = self.seen(hidden.run).decoded(hidden.code.map(|code| code.text.clone()));
        match hidden.decoder {
            Some(decoder) => report
                .at(decoder.place())
                .step(decoder.place(), decoder.words())
                .step(hidden.run.place(), hidden.run.words()),
            None => report,
        }
    }
}
