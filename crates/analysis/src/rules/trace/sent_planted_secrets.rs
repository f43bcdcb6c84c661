//! A planted secret left the machine: by what it stood for, and however it was written.

use std::collections::BTreeSet;

use model::{Confidence, Event, Phase, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink, query::host_of};

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told: BTreeSet<(String, &str)> = BTreeSet::new();
    for event in course.events().filter(|event| !event.tokens.is_empty()) {
        let Some(host) = host(event).filter(|host| !baseline().is_own(host)) else { continue };
        for token in &event.tokens {
            let (name, how) = token.split_once(':').unwrap_or((token, "raw"));
            if is_by_its_registry(event) || !told.insert((host.clone(), name)) {
                continue;
            }
            let way = if how == "raw" { String::new() } else { format!(", written as {how}") };
            let note = format!("The planted {} went to {host}{way}.", name.replace('-', " "));
            let given_back = baseline().is_giver(name, &host);
            let report = match (name, given_back) {
                // Whoever is called with a secret may take it to those who gave it out.
                (_, true) if course.phase(event) == Phase::Runtime => continue,
                (_, true) => Report::indicator(Confidence::Medium, note),
                ("host-name", _) => Report::indicator(Confidence::Medium, note),
                _ => Report::proof(note),
            };
            sink.report(report.event(course, event));
        }
    }
}

/// To whom it went.
fn host(event: &Event) -> Option<String> {
    match &event.deed {
        TraceDeed::Http { url, .. } => host_of(url),
        TraceDeed::Raw { address, .. } => Some(host_of(address).unwrap_or_else(|| address.clone())),
        TraceDeed::Dns { name, .. } => {
            let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
            Some(labels[labels.len().saturating_sub(2)..].join(".").to_ascii_lowercase())
        }
        _ => None,
    }
}

/// A client of a registry shows its own registry the token that it was given for it. What is done with it is another
/// rule's matter.
fn is_by_its_registry(event: &Event) -> bool {
    let TraceDeed::Http { url, headers, .. } = &event.deed else { return false };
    let agent = headers.iter().find(|(name, _)| name == "user-agent").map_or("", |(_, value)| value);
    let is_client = ["npm/", "pnpm/", "yarn/", "twine/", "cargo "].iter().any(|one| agent.starts_with(one));
    let registry = event.tokens.iter().all(|token| token.starts_with("npm-") || token.starts_with("pypi-") || token.starts_with("cargo-"));
    is_client && registry && (url.contains("/-/") || url.contains("/legacy") || !url.contains('?'))
}
