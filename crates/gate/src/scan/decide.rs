//! What the policy makes of one package, and what its user can do about it.

use model::{Answer, Decision, Ruling};

use super::package::Named;
use crate::{
    inspect::Examined,
    policy::{Subject, Vulnerability},
    verdicts::{Known, decision},
};

/// What became known of a package.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) known: Vec<Known>,
    pub(super) vulnerabilities: Vec<wire::scan::Vulnerability>,
    pub(super) examined: Option<Box<Examined>>,
    /// Whether other bytes than the pinned ones came.
    pub(super) mismatch: bool,
    /// Why nobody looked, when nobody did.
    pub(super) unchecked: Option<String>,
}

impl Evidence {
    /// What is thought of the package, from the database and our own analysis together.
    pub(super) fn decision(&self) -> Decision {
        let known = decision(&self.known);
        let Some(examined) = &self.examined else { return known };
        let analysed = examined.analyses.iter().map(|one| one.verdict.decision).max().unwrap_or(Decision::Unknown);
        // Files that nobody looked at may hold anything.
        let analysed = match analysed {
            Decision::Benign if !examined.left.is_empty() => Decision::Inconclusive,
            other => other,
        };
        if self.known.is_empty() { analysed } else { known.max(analysed) }
    }
}

/// The package as a policy sees it.
pub(super) fn subject(package: &Named, evidence: &Evidence, path: &str) -> Subject {
    let dependency = &package.dependency;
    let version = dependency.version.as_ref().map_or("", |one| one.as_str());
    let mut out = Subject::new(&package.purl, dependency.kind.as_str(), &dependency.name, version);
    let examined = evidence.examined.as_deref();
    let analyses = examined.map_or(&[][..], |one| &one.analyses);
    out.state = evidence.decision();
    out.score = analyses.iter().map(|one| one.verdict.score.0).max();
    let first = evidence.known.first();
    out.verified = first.is_some_and(|one| one.record.reviewer.is_some());
    out.source = match first {
        Some(one) => one.record.source.clone(),
        None if !analyses.is_empty() => "analysis".into(),
        None => String::new(),
    };
    out.records = evidence.known.iter().map(|one| one.record.id.clone()).collect();
    out.findings = analyses.iter().flat_map(|one| &one.verdict.findings).map(|one| one.rule.clone()).collect();
    out.findings.sort();
    out.findings.dedup();
    let is_whole =
        |one: &Examined| one.left.is_empty() && one.analyses.iter().all(|a| a.verdict.coverage.is_complete());
    out.complete = examined.is_some_and(is_whole);
    if out.complete {
        let runs = analyses.iter().flat_map(|one| &one.capabilities).any(|one| one.phase == model::Phase::Install);
        out.install_scripts = Some(runs);
    }
    let sha256 = |one: &&model::Checksum| one.algorithm() == model::Algorithm::Sha256;
    out.digests = analyses.iter().map(|one| format!("sha256:{}", one.verdict.artifact.sha256)).collect();
    out.digests.extend(package.checksums.iter().filter(sha256).map(ToString::to_string));
    out.yanked = examined.map(|one| one.withdrawn.is_some());
    let vulnerability = |one: &wire::scan::Vulnerability| Vulnerability {
        id: one.id.clone(),
        aliases: one.aliases.clone(),
        severity: one.severity.clone(),
        cvss: one.cvss,
        fixed: one.fixed.clone(),
    };
    out.vulnerabilities = evidence.vulnerabilities.iter().map(vulnerability).collect();
    let weighty = package.issues.iter().filter(|one| one.severity > Answer::Allow);
    out.issues = weighty.map(|one| one.code.to_owned()).collect();
    out.hash = match (evidence.mismatch, examined) {
        (true, _) => "mismatch",
        (_, Some(one)) if one.verified => "verified",
        _ if package.checksums.is_empty() => "missing",
        _ => "pinned",
    };
    out.origin = super::package::origin(&dependency.source);
    let address = super::package::address(&dependency.source);
    let url = address.and_then(|one| url::Url::parse(&one).ok());
    out.registry = url.and_then(|one| one.host_str().map(str::to_owned)).unwrap_or_default();
    out.foreign_registry = package.issues.iter().any(|one| one.code == "foreign-address");
    (out.direct, out.dev, out.optional) = (package.direct, package.dev, package.optional);
    out.path = path.to_owned();
    out.groups = package.groups.clone();
    out
}

/// What a person should know of how the package was looked at.
pub(super) fn remarks(evidence: &Evidence) -> Vec<String> {
    let mut out = Vec::new();
    let Some(examined) = evidence.examined.as_deref() else { return out };
    out.extend(examined.withdrawn.iter().map(|why| format!("the registry marks this release: {why}")));
    if !examined.left.is_empty() {
        let (looked, left) = (examined.analyses.len(), examined.left.len());
        let mut names = examined.left.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
        if left > 5 {
            names.push_str(&format!(" and {} more", left - 5));
        }
        out.push(format!("{looked} of {} pinned files were looked at; not: {names}", looked + left));
    }
    out
}

/// What to do, where there is something to do.
pub(super) fn advice(package: &Named, decision: Decision, ruling: &Ruling) -> Option<String> {
    if ruling.answer == Answer::Allow {
        return None;
    }
    let has = |code: &str| package.issues.iter().any(|one| one.code == code);
    Some(match decision {
        Decision::Malicious if package.direct => {
            "remove it, or go back to a version before it; where it was installed, \
             treat every secret of that machine as stolen"
                .into()
        }
        Decision::Malicious => {
            "remove or pin what brings it in to a version without it; where it was installed, treat \
             every secret of that machine as stolen"
                .into()
        }
        _ if has("integrity-mismatch") => {
            "do not install it; find out which bytes are right before you write the lockfile anew".into()
        }
        _ if has("address-names-other-package") || has("foreign-address") => {
            "write the lockfile anew from your own registry, and find out who changed this address".into()
        }
        _ if has("insecure-address") || has("missing-integrity") => {
            "write the lockfile anew with a registry over https".into()
        }
        _ if has("manifest-disagrees") => "write the lockfile anew from the manifest, and commit both".into(),
        Decision::Suspicious => format!("look at it before you use it: lazaret inspect {}", package.purl),
        _ => return None,
    })
}
