//! Tokens of Discord.

use model::{Action, Confidence, Phase};

use super::store::{Family, Named, TOUCHES, first_phase, store_of};
use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{TALKS, talking_phase},
    },
    source::Source,
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        rewrites_client(source, sink);
        reads_tokens(source, sink);
    }
}

/// The client's own code is written to: what it then says and hears goes to the thief.
fn rewrites_client(source: &Source, sink: &mut Sink) {
    let written = source.behaviours(&[Action::FileWrite]).find(|seen| {
        let text = seen.text();
        text.contains("discord_desktop_core") || text.contains("discord_modules")
    });
    if let Some(seen) = written {
        sink.report(Report::proof("The code of the user's Discord client is overwritten.").seen(seen));
    }
}

fn reads_tokens(source: &Source, sink: &mut Sink) {
    let Some(named) = Named::of(source, &[Family::Discord]) else { return };
    let texts = source.seen.literals.iter().filter(|one| store_of(&one.text, &[Family::Discord]).is_some()).count();
    let Some(phase) = first_phase(source, TOUCHES) else { return };
    let chain = source.behaviours(TALKS).find_map(|seen| {
        seen.chains(&[Action::FileRead]).find(|chain| store_of(chain.from.text(), &[Family::Discord]).is_some())
    });
    if let Some(chain) = chain {
        sink.report(Report::proof("Discord's store of tokens is read and sent away.").chain(&chain));
        return;
    }
    let sends = talking_phase(source).is_some();
    let pattern = source
        .seen
        .literals
        .iter()
        .any(|one| one.text.contains("[\\w-]{") || one.text.eq_ignore_ascii_case("dqw4w9wgxcq:"));
    let store = source.seen.literals.iter().any(|one| one.text.to_ascii_lowercase().contains("leveldb"));
    let note = "The tokens that Discord's clients keep on this machine are looked for.";
    let report = if pattern && store && sends || texts >= 3 && sends && (store || pattern) {
        Report::proof(note)
    } else if pattern && store || phase < Phase::Runtime && (texts >= 2 || pattern) {
        Report::indicator(Confidence::High, note)
    } else if texts >= 2 {
        Report::indicator(Confidence::Medium, note)
    } else {
        return;
    };
    sink.report(report.phase(phase).at(named.place));
}
