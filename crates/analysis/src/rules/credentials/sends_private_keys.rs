//! What a caller hands over as a secret goes to a host.

use model::{Action, Confidence, Known, Role};

use crate::{
    rules::{
        Report, Sink,
        exfiltration::destination::{Destination, Sort, TALKS},
        query::short,
    },
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::SecretArgument], TALKS) {
        if chain.to.source.is_aside || !matches!(chain.role, Role::Data | Role::Address) {
            continue;
        }
        let to = Destination::of(chain.to);
        let constant = chain.to.behaviour.object.known != Known::Unknown && to.host.is_some();
        if to.is_near() || !constant {
            continue;
        }
        let name = chain.from.text();
        let key = is_key(name);
        let note = format!("What a caller hands over as \"{}\" is sent to {}.", short(name, 40), to.words());
        let report = match (key, to.sort) {
            (true, Sort::OutOfBand | Sort::Messenger | Sort::FileDrop | Sort::Tunnel | Sort::Bare) => {
                Report::proof(note)
            }
            (false, Sort::OutOfBand | Sort::Messenger | Sort::FileDrop | Sort::Tunnel) => Report::proof(note),
            (true, _) if chain.to.behaviour.has("unchanged-secret") => Report::indicator(Confidence::High, note),
            // A signature that was made with the key looks the same from here.
            (true, _) => Report::indicator(Confidence::Medium, note),
            (false, Sort::Bare) => Report::indicator(Confidence::Medium, note),
            _ => continue,
        };
        sink.report(report.chain(&chain));
    }
}

/// A key or the words of a wallet never leave the machine of their owner; passwords go where they belong.
pub(super) fn is_key(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    !["password", "passwd", "passphrase", "cardnumber", "creditcard", "cvv", "secretkey", "secretaccesskey"].iter().any(|word| plain.contains(word))
}
