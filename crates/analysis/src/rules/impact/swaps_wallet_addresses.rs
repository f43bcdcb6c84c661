//! A page's functions are replaced, and money goes to other addresses.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink},
    source::Source,
    subject::Subject,
};

/// So many addresses are a thief's stock: the one that looks most like the victim's is taken.
const STOCK: usize = 10;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let Some(hook) = source.behaviours(&[Action::HookGlobal]).min_by_key(|seen| seen.phase()) else { continue };
        let count = addresses(source);
        let wallet = source.behaviours(&[Action::HookGlobal]).any(|seen| {
            let text = format!("{}{}", seen.text(), seen.behaviour.api).to_ascii_lowercase();
            ["ethereum", "solana", "tronweb", "phantom", "web3"].iter().any(|name| text.contains(name))
        });
        let note =
            format!("{} of the page is replaced, and the code holds {count} addresses of coins.", hook.behaviour.api);
        if count >= STOCK {
            sink.report(Report::proof(note).seen(hook));
        } else if count >= 1 && wallet {
            sink.report(Report::indicator(Confidence::High, note).seen(hook));
        }
    }
}

/// How many different addresses of coins stand in the text and its layers.
fn addresses(source: &Source) -> usize {
    let mut found: Vec<&str> = Vec::new();
    let layers = source.seen.layers.iter().map(|layer| layer.text.as_str());
    for text in std::iter::once(source.text.as_str()).chain(layers) {
        for word in text.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| is_address(word)) {
            if found.len() < 1000 && !found.contains(&word) {
                found.push(word);
            }
        }
    }
    found.len()
}

fn is_address(word: &str) -> bool {
    let base58 = |word: &str| {
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
    };
    let mixed = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    };
    match word.len() {
        42 if word.starts_with("0x") => {
            let digits = &word[2..];
            digits.bytes().all(|byte| byte.is_ascii_hexdigit())
                && digits.bytes().any(|byte| byte.is_ascii_digit() && byte != b'0')
        }
        42 | 62 if word.starts_with("bc1") => {
            word.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
        }
        33 | 34 if word.starts_with(['1', '3', 'T', 'L', 'D']) => base58(word) && mixed(word),
        _ => false,
    }
}
