//! Messages go to a chat whose key stands in the code.

use model::{Action, Confidence, Phase, Place};

use super::destination::{chat_in, talking_phase};
use crate::{
    rules::{Report, Sink, query::Chain},
    source::Source,
    subject::Subject,
};

/// What is worth stealing.
const LOOT: &[Action] = &[
    Action::HostInfo,
    Action::EnvRead,
    Action::EnvReadAll,
    Action::FileRead,
    Action::FileList,
    Action::SecretStore,
    Action::ClipboardRead,
    Action::ScreenCapture,
    Action::InputCapture,
    Action::MediaCapture,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let talks = [Action::NetSend, Action::NetFetch, Action::NetConnect];
    let direct = source
        .behaviours(&talks)
        .filter_map(|seen| Some((seen, chat_in(seen.text())?)))
        .min_by_key(|(seen, _)| seen.phase());
    let literal = source.seen.literals.iter().find_map(|one| Some((&one.place, chat_in(&one.text)?)));
    let (place, chat, phase): (Place, &str, Phase) = match (direct, literal) {
        (Some((seen, chat)), _) => (seen.place(), chat, seen.phase()),
        (None, Some((place, chat))) => match talking_phase(source) {
            Some(phase) => (place.clone(), chat, phase),
            None => return,
        },
        _ => return,
    };
    let loot: Option<Chain<'_>> = source.behaviours(&talks).filter(|seen| seen.phase() == phase).find_map(|seen| {
        let direct = direct.is_none_or(|(own, _)| own.id == seen.id);
        direct.then(|| seen.chains(LOOT).next()).flatten()
    });
    let what = loot.map(|chain| format!(", and what it sends is {}", chain.from.words())).unwrap_or_default();
    let note = format!("A {chat} chat is written to by a key that stands in the code{what}.");
    let report = if phase < Phase::Import || loot.is_some() && phase.is_automatic() {
        Report::proof(note)
    } else if phase.is_automatic() || loot.is_some() {
        Report::indicator(Confidence::High, note)
    } else {
        // Whoever calls the package speaks to its author's chat without knowing.
        Report::indicator(if direct.is_some() { Confidence::High } else { Confidence::Medium }, note)
    };
    let report = report.phase(phase).at(place);
    sink.report(match loot {
        Some(chain) => report.step(chain.from.place(), chain.from.words()).step(chain.to.place(), chain.to.words()),
        None => report,
    });
}
