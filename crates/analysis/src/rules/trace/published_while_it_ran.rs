//! A package was published, a repository or workflow was made, or somebody asked what a stolen token may do.

use std::collections::BTreeSet;

use model::{Confidence, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink, query::host_of};

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for event in course.events() {
        let TraceDeed::Http { method, url, head, status, .. } = &event.deed else { continue };
        let Some(host) = host_of(url).filter(|host| !baseline().is_own(host)) else { continue };
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let path = rest.split_once('/').map_or("", |(_, path)| path).split('?').next().unwrap_or_default();
        let Some((what, sure)) = deed(method, &host, path, head) else { continue };
        if !told.insert((what, host.clone())) {
            continue;
        }
        let note = format!("{what} at {host} (answered with {status}).");
        let report = match sure {
            None => Report::proof(note),
            Some(sure) => Report::indicator(sure, note),
        };
        sink.report(report.event(course, event));
    }
}

/// What a request does. No certainty beside it means that nobody honest does it from a package.
fn deed(method: &str, host: &str, path: &str, head: &str) -> Option<(&'static str, Option<Confidence>)> {
    let on_code_host = host == "api.github.com";
    match method {
        "PUT" if head.contains("\"_attachments\"") || head.contains("\"dist-tags\"") => Some(("A package was published", None)),
        "POST" if path.trim_end_matches('/') == "legacy" => Some(("A package was published", None)),
        "PUT" if path == "api/v1/crates/new" => Some(("A package was published", None)),
        "POST" if path == "-/npm/v1/tokens" => Some(("A new token of a registry was asked for", None)),
        "POST" if on_code_host && path == "user/repos" => Some(("A repository was made", None)),
        "PUT" if on_code_host && path.contains("/contents/.github/workflows") => Some(("A workflow was planted", None)),
        "PUT" | "POST" if on_code_host && path.starts_with("repos/") && (path.contains("/contents/") || path.contains("/git/")) => {
            Some(("A repository was written to", Some(Confidence::High)))
        }
        "GET" if path == "-/whoami" || path == "-/npm/v1/user" || path == "-/npm/v1/tokens" => {
            Some(("Whose token of a registry it is was asked", Some(Confidence::High)))
        }
        "GET" if on_code_host && matches!(path, "user" | "user/repos" | "user/orgs") => {
            Some(("Whose token of a code host it is was asked", Some(Confidence::Medium)))
        }
        "GET" if host == "169.254.169.254" && path.contains("security-credentials") => {
            Some(("The credentials of a machine in a cloud were asked for", Some(Confidence::High)))
        }
        "POST" if host.starts_with("sts.") && head.contains("GetCallerIdentity") => {
            Some(("Whose key of a cloud it is was asked", Some(Confidence::Medium)))
        }
        _ => None,
    }
}
