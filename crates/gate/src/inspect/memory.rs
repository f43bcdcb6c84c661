//! What is remembered between runs: which artifacts a release has, and what was thought of bytes.

use model::{Analysis, Digest, GapKind, ReleaseId, Target};
use net::{Cache, Endpoint, Space};
use serde::{Deserialize, Serialize};

/// One artifact of a remembered release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) file_name: String,
    pub(super) sha256: Digest,
}

/// A release that was fetched whole before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) release: ReleaseId,
    pub(super) artifacts: Vec<Known>,
    pub(super) notes: Vec<String>,
}

/// Another registry may have other bytes under the same name, so the registries are a part of the key.
fn release_key(endpoints: &[&Endpoint], release: &str) -> String {
    let endpoints: Vec<_> = endpoints.iter().map(|one| one.url.as_str()).collect();
    format!("{release} of {}", endpoints.join(" "))
}

pub(super) fn recall(cache: &Cache, endpoints: &[&Endpoint], release: &str) -> Option<Remembered> {
    serde_json::from_slice(&cache.read(Space::Releases, &release_key(endpoints, release))?).ok()
}

/// Failing to remember costs time only.
pub(super) fn remember(cache: &Cache, endpoints: &[&Endpoint], release: &str, remembered: &Remembered) {
    if let Ok(json) = serde_json::to_vec(remembered) {
        let _ = cache.keep(Space::Releases, &release_key(endpoints, release), &json);
    }
}

/// What was found under the hashes of a lockfile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Found {
    pub(super) artifacts: Vec<Known>,
    pub(super) left: Vec<String>,
    #[serde(default)]
    pub(super) withdrawn: Option<String>,
}

pub(super) fn recall_pinned(cache: &Cache, key: &str) -> Option<Found> {
    serde_json::from_slice(&cache.read(Space::Releases, key)?).ok()
}

/// Failing to remember costs time only.
pub(super) fn remember_pinned(cache: &Cache, key: &str, found: &Found) {
    if let Ok(json) = serde_json::to_vec(found) {
        let _ = cache.keep(Space::Releases, key, &json);
    }
}

/// Everything that decides about an analysis.
pub(super) fn analysis_key(sha256: Digest, ruleset: &str, target: &Target) -> String {
    let target = serde_json::to_string(target).unwrap_or_default();
    format!("{sha256} by {ruleset} as {target}")
}

pub(super) fn recall_analysis(cache: &Cache, key: &str) -> Option<Analysis> {
    serde_json::from_slice(&cache.read(Space::Analyses, key)?).ok()
}

/// An analysis that ran out of time or lost its worker may go better next time, so it is not kept.
pub(super) fn remember_analysis(cache: &Cache, key: &str, analysis: &Analysis) {
    let passing = |kind| matches!(kind, GapKind::Budget | GapKind::WorkerDied | GapKind::RuleFailed);
    if analysis.verdict.coverage.gaps.iter().any(|gap| passing(gap.kind)) {
        return;
    }
    if let Ok(json) = serde_json::to_vec(analysis) {
        let _ = cache.keep(Space::Analyses, key, &json);
    }
}
