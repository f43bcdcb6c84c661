//! The machine asks a service for its own public address.

use model::{Confidence, Role};

use super::destination::{Destination, Sort, TALKS};
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        let asked = Destination::of(seen);
        if seen.source.is_aside || asked.sort != Sort::AddressTeller {
            continue;
        }
        let onward = seen.source.behaviours(TALKS).filter(|to| to.id != seen.id).find_map(|to| {
            let mut chains = to.chains(TALKS);
            let chain =
                chains.find(|chain| chain.from.id == seen.id && matches!(chain.role, Role::Data | Role::Address))?;
            let host = Destination::of(to);
            (!host.is_near() && host.sort != Sort::AddressTeller).then_some((chain, host))
        });
        match onward {
            Some((chain, to)) if chain.phase().is_automatic() || to.is_blind() => {
                let note =
                    format!("The machine's public address is asked of {} and sent to {}.", asked.words(), to.words());
                sink.report(Report::indicator(Confidence::High, note).chain(&chain));
            }
            _ => {
                let note = format!("The machine's public address is asked of {}.", asked.words());
                sink.report(Report::indicator(Confidence::Low, note).seen(seen));
            }
        }
    }
}
