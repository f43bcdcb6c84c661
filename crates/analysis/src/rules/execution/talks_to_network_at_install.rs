//! Code that runs while the package is installed or built talks to a host.

use model::{Action, Confidence, Ecosystem, Phase};

use super::toolchain::is_honest_build;
use crate::{
    rules::{Report, Sink, query::{host_of, short}},
    subject::Subject,
};

const TALKS: &[Action] = &[Action::NetFetch, Action::NetSend, Action::NetConnect, Action::NetResolve];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(TALKS) {
        if seen.source.is_aside || !matches!(seen.phase(), Phase::Install | Phase::Build | Phase::Startup) {
            continue;
        }
        let host = host_of(seen.text()).unwrap_or_else(|| if seen.text().is_empty() { "a host".into() } else { short(seen.text(), 60) });
        // Version control and the like talk to where the user's own checkout came from.
        if host_of(seen.text()).is_none() && is_honest_build(seen.text()) {
            continue;
        }
        let note = format!("Installing or building the package talks to {host} ({}).", seen.behaviour.action);
        // Many honest npm packages fetch their own binary; an honest `setup.py` or build script hardly ever talks to anybody.
        let confidence = match (seen.behaviour.action, subject.facts.ecosystem) {
            (Action::NetSend | Action::NetConnect, _) if host_of(seen.text()).is_some() => Confidence::High,
            (Action::NetSend | Action::NetConnect, _) => Confidence::Medium,
            (Action::NetResolve, Some(Ecosystem::Pypi)) if host.contains('.') => Confidence::High,
            (Action::NetResolve, _) => Confidence::Medium,
            (_, Some(Ecosystem::Npm)) => Confidence::Low,
            // Sources that a build checks out are not run by that.
            (Action::NetFetch, _) if is_checkout(seen.behaviour.api.as_str()) && is_code_host(&host) => Confidence::Low,
            // Where the runtimes themselves are published.
            _ if matches!(host.as_str(), "nodejs.org" | "www.python.org" | "static.rust-lang.org") => Confidence::Low,
            (_, Some(Ecosystem::Pypi)) if !is_code_host(&host) && !is_own_file(subject, &host, seen.text()) => Confidence::High,
            _ => Confidence::Medium,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}

/// Whether version control fetches it.
fn is_checkout(api: &str) -> bool {
    api == "git" || api.starts_with("git ") || api.starts_with("git-")
}

/// Whether a data file, and no page or program, is fetched from the package's own home.
fn is_own_file(subject: &Subject, host: &str, address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or(address).to_ascii_lowercase();
    let archive = [".gz", ".tgz", ".xz", ".bz2", ".zip", ".json", ".csv", ".dat", ".ttf", ".whl"];
    archive.iter().any(|end| path.ends_with(end)) && subject.is_own_host(host)
}

/// Where honest builds fetch sources and models from.
fn is_code_host(host: &str) -> bool {
    ["github.com", "githubusercontent.com", "gitlab.com", "huggingface.co", "nodejs.org", "sourceforge.net", "a host"].iter().any(|own| host.ends_with(own))
}
