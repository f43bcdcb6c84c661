//! A dependency comes from an address instead of a registry: nobody can tell what it will be tomorrow.

use ecosystem::npm::manifest::Group;
use model::{Confidence, Ecosystem, Phase, Place};

use crate::{
    rules::{Report, Sink, query::{host_of, short}},
    subject::Subject,
};

/// Hosts of source code, where an address names a repository and mostly a commit.
const CODE_HOSTS: &[&str] = &["bitbucket.org", "codeberg.org", "codeload.github.com", "github.com", "gitlab.com"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    if subject.facts.ecosystem != Some(Ecosystem::Npm) {
        return;
    }
    let (Some(manifest), Some(file)) = (&subject.npm, subject.file("package.json")) else { return };
    let text = file.bytes.text();
    for dependency in manifest.dependencies.iter().filter(|one| matches!(one.group, Group::Normal | Group::Optional)) {
        let address = dependency.requirement.trim();
        if !address.starts_with("http://") && !address.starts_with("https://") {
            continue;
        }
        let known = host_of(address).is_some_and(|host| CODE_HOSTS.contains(&host.as_str()));
        let line = text.lines().position(|line| line.contains(address)).unwrap_or_default();
        let place = Place { path: file.path.clone(), line: line as u32 + 1, column: 1, layer: None };
        let note = format!("The dependency {} is fetched from {} instead of the registry.", short(&dependency.name, 60), short(address, 100));
        let confidence = if known { Confidence::Low } else { Confidence::High };
        sink.report(Report::indicator(confidence, note).phase(Phase::Install).at(place));
    }
}
