//! The address of a host stands in the code in an encoding, so that nobody who searches for hosts finds it.

use model::{Action, Confidence, Known, Role};

use super::destination::{Destination, TALKS};
use crate::{
    rules::{Report, Sink, query::Seen},
    subject::Subject,
};

/// Encodings in which nobody writes an address who wants it to be read.
const DISGUISES: &[&str] = &["base64", "base32", "base85", "hex", "rot13", "reversed", "xor", "fernet", "aes", "zlib"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        if seen.source.is_aside || seen.behaviour.object.known == Known::Unknown || in_hidden_code(seen) {
            continue;
        }
        let to = Destination::of(seen);
        let Some(host) = to.host.as_deref().filter(|host| host.contains('.')) else { continue };
        if to.is_near() || seen.source.text.contains(host) {
            continue;
        }
        let mut decoders = seen.chains(&[Action::DataDecode, Action::DataDecrypt]);
        let Some(chain) = decoders.find(|chain| chain.role == Role::Address && is_disguise(chain.from)) else { continue };
        let sends = seen.behaviour.action == Action::NetSend;
        let note = format!(
            "The address of {host} stands in the code in disguise ({}), and {} it.",
            chain.from.text(),
            if sends { "data goes to" } else { "the package talks to" }
        );
        let report =
            if sends || seen.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
        sink.report(report.chain(&chain));
    }
}

fn is_disguise(seen: Seen<'_>) -> bool {
    seen.behaviour.has("folded") && DISGUISES.contains(&seen.text())
}

/// Code that was hidden as a whole is told by other rules.
fn in_hidden_code(seen: Seen<'_>) -> bool {
    seen.source.layer_of(&seen.behaviour.place).is_some_and(|layer| layer.how.iter().any(|how| DISGUISES.contains(&how.as_str())))
}
