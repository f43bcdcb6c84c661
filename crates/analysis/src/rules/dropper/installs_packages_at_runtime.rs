//! Another package is installed behind the user's back.

use ecosystem::npm::manifest::Group;
use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::PackageInstall]) {
        if seen.source.is_aside {
            continue;
        }
        let what = if seen.text().is_empty() { "a package".to_owned() } else { short(seen.text(), 60) };
        let note = format!("{what} is installed by the package's own code, past every lockfile and review.");
        let confidence = match seen.phase() {
            Phase::Runtime => Confidence::Low,
            // Installers of compiled programs fall back to the package for this platform that their manifest names anyway.
            _ if is_own_platform(subject, seen.text()) => Confidence::Low,
            // What a repository holds today need not be what anybody looked at.
            _ if seen.text().contains("git+") => Confidence::High,
            _ => Confidence::Medium,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}

/// Whether a package is one of those that the manifest lists as optional, or one whose name is taken from that list.
fn is_own_platform(subject: &Subject, what: &str) -> bool {
    let Some(npm) = &subject.npm else { return false };
    let own = npm.name.as_deref().unwrap_or_default();
    let stem = own.trim_start_matches('@').split('/').next().unwrap_or_default();
    let mut optional = npm.dependencies.iter().filter(|one| one.group == Group::Optional).map(|one| one.name.as_str());
    let name = what.rsplit_once('@').map_or(what, |(name, _)| name);
    let start = name.split("{}").next().unwrap_or_default();
    if start.len() >= 4 && optional.clone().any(|one| one.starts_with(start)) {
        return true;
    }
    !stem.is_empty()
        && (name.trim_start_matches('@').starts_with(stem)
            || name.replace("{}", "").is_empty() && optional.any(|one| one.contains(stem)))
}
