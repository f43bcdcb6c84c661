//! A key that a caller hands over leaves as it came, for a host that is not the project's own.

use model::{Action, Confidence, Known};

use super::sends_private_keys::is_key;
use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, TALKS},
        query::short,
    },
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::SecretArgument], TALKS) {
        let (name, to) = (chain.from.text(), Destination::of(chain.to));
        let Some(host) = &to.host else { continue };
        if chain.to.source.is_aside
            || !chain.to.behaviour.has("unchanged-secret")
            || !is_key(name)
            || to.is_near()
            || chain.to.behaviour.object.known == Known::Unknown
            || is_own(subject, host)
        {
            continue;
        }
        let note = format!(
            "\"{}\" goes to {} as the caller handed it over; a signature would need no such thing.",
            short(name, 40),
            to.words()
        );
        sink.report(Report::indicator(Confidence::High, note).chain(&chain));
    }
}

/// Whether a host belongs to the project: it names its repository's domain, or the package.
fn is_own(subject: &Subject, host: &str) -> bool {
    let name = subject.facts.name.as_deref().unwrap_or_default();
    let short_name = name.rsplit('/').next().unwrap_or(name);
    let repository = subject.npm.as_ref().and_then(|npm| npm.repository.as_deref()).unwrap_or_default();
    let mut labels = host.rsplit('.');
    let domain = labels.nth(1).unwrap_or_default();
    domain.len() > 3 && (repository.contains(domain) || short_name.contains(domain) || name.contains(domain))
}
