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
        let Some(chain) = decoders.find(|chain| chain.role == Role::Address && is_disguise(chain.from)) else {
            if is_computed(subject, seen, host) {
                let note = format!("The address of {host} stands nowhere in the package: the code computes it.");
                sink.report(Report::indicator(Confidence::High, note).seen(seen));
            }
            continue;
        };
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

/// Whether no text of the package holds the name of the host, not even the part that somebody registered: it was put
/// together from what is no text, or from pieces that say nothing.
fn is_computed(subject: &Subject, seen: Seen<'_>, host: &str) -> bool {
    let mut labels: Vec<&str> = host.split(['.', ':']).filter(|label| !label.bytes().all(|byte| byte.is_ascii_digit())).collect();
    labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let Some(name) = labels.first().filter(|label| label.len() > 4 && host.is_ascii()) else { return false };
    let holds = |text: &str| contains_ignoring_case(text, name);
    seen.behaviour.object.known == Known::Constant
        && !seen.source.seen.layers.iter().any(|layer| holds(&layer.text))
        && !subject.sources.iter().any(|source| holds(&source.text))
        && !subject.tree.files.iter().any(|file| file.bytes.len() < LARGEST && holds(&file.bytes.text()))
}

/// Larger files are not searched for a host.
const LARGEST: usize = 1 << 20;

fn contains_ignoring_case(text: &str, word: &str) -> bool {
    let word = word.as_bytes();
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// Code that was hidden as a whole is told by other rules.
fn in_hidden_code(seen: Seen<'_>) -> bool {
    seen.source.layer_of(&seen.behaviour.place).is_some_and(|layer| layer.how.iter().any(|how| DISGUISES.contains(&how.as_str())))
}
