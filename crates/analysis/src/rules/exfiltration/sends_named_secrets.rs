//! Secrets of the environment go to a host that did not give them out.

use model::{Action, Confidence, Phase, Role};

use super::destination::{Destination, Sort, TALKS};
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for chain in subject.chains(&[Action::EnvRead], TALKS) {
        let name = chain.from.text();
        if chain.to.source.is_aside || !matches!(chain.role, Role::Data | Role::Address) || !is_secret(name) {
            continue;
        }
        let to = Destination::of(chain.to);
        let Some(host) = &to.host else { continue };
        if to.is_near() || is_given_by(name, host) || names_itself(subject, name) {
            continue;
        }
        let note = format!("The secret {} of the environment is sent to {host}.", short(name, 60));
        let automatic = chain.phase().is_automatic();
        // A robot of a chat may be the caller's own, with the caller's own token.
        let letter_box = to.is_blind() && to.sort != Sort::Messenger;
        let report = if chain.phase() == Phase::Install || automatic && to.is_blind() || is_dear(name) {
            Report::proof(note)
        } else if automatic || letter_box {
            Report::indicator(Confidence::Medium, note)
        } else {
            continue;
        };
        sink.report(report.chain(&chain));
    }
}

/// Words of names of variables that hold secrets.
fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    upper.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| {
        matches!(
            word,
            "TOKEN"
                | "SECRET"
                | "PASSWORD"
                | "PASSWD"
                | "PASSPHRASE"
                | "APIKEY"
                | "MNEMONIC"
                | "CREDENTIALS"
                | "PAT"
                | "KEY"
        )
    }) || upper.contains("PRIVATE_KEY")
}

/// Secrets that sign or publish, and go to nobody but those who gave them out, whoever calls.
fn is_dear(name: &str) -> bool {
    matches!(
        name.to_ascii_uppercase().as_str(),
        "AWS_SECRET_ACCESS_KEY" | "AWS_SESSION_TOKEN" | "NPM_TOKEN" | "TWINE_PASSWORD" | "CARGO_REGISTRY_TOKEN"
    )
}

/// Whether the host belongs to whom the variable is named after: `OPENAI_API_KEY` may go to `api.openai.com`.
fn is_given_by(name: &str, host: &str) -> bool {
    const GIVERS: &[(&str, &str)] = &[
        ("AWS", "amazonaws"),
        ("AWS", "aws.amazon"),
        ("NPM", "npm"),
        ("TWINE", "pypi"),
        ("CARGO", "crates"),
        ("AZURE", "windows.net"),
        ("GEMINI", "googleapis"),
        ("GH", "github"),
        ("GOOGLE", "googleapis"),
        ("HF", "huggingface"),
        ("HUGGING", "hf.co"),
        ("CLAUDE", "anthropic"),
        ("CI", "gitlab"),
        ("ACTIONS", "github"),
        ("BOT", "telegram"),
        ("BOT", "discord"),
        ("TG", "telegram"),
    ];
    let upper = name.to_ascii_uppercase();
    upper.split(|one: char| !one.is_ascii_alphanumeric()).any(|word| {
        let lower = word.to_ascii_lowercase();
        let plain = matches!(word, "TOKEN" | "SECRET" | "PASSWORD" | "API" | "KEY" | "ACCESS" | "AUTH" | "COM" | "ORG");
        word.len() >= 3 && !plain && host.contains(&lower)
            || GIVERS.iter().any(|(prefix, part)| *prefix == word && host.contains(part))
    })
}

/// Whether the variable is named after the package: its own client sends its own key.
fn names_itself(subject: &Subject, name: &str) -> bool {
    let Some(own) = &subject.facts.name else { return false };
    let own = own.to_ascii_lowercase();
    let lower = name.to_ascii_lowercase();
    let first = lower.split('_').next().unwrap_or_default();
    first.len() >= 3 && own.contains(first)
}
