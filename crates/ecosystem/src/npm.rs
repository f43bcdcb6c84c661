//! npm: packuments, scopes, integrity.
//!
//! Formats: <https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md>. Fields that a mirror leaves out are missed
//! by nobody: a version needs its tarball's address and nothing more.

use std::{cmp::Ordering, collections::BTreeMap};

use model::{Algorithm, Checksum, Ecosystem, PackageName, Parsed, Problem, Version};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    Artifact, ArtifactKind, NameError, Package, Page, ReadError, Registry, Release, Request,
    package::{file_name, strongest},
};

pub mod manifest;

pub use crate::checksums::integrity;

/// The npm registry protocol.
#[derive(Debug, Clone, Copy)]
pub struct Npm;

/// The short form first; mirrors that lack it send the full one.
const ACCEPT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*";

impl Registry for Npm {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn name(&self, text: &str) -> Result<PackageName, NameError> {
        let wrong = |reason| NameError::new(Ecosystem::Npm, text, reason);
        let (scope, name) = match text.strip_prefix('@') {
            Some(rest) => {
                let (scope, name) = rest.split_once('/').ok_or_else(|| wrong("a scope needs a name: @scope/name"))?;
                (Some(scope), name)
            }
            None => (None, text),
        };
        if text.len() > 214 {
            return Err(wrong("it is longer than 214 characters"));
        }
        for part in scope.into_iter().chain([name]) {
            check_part(part).map_err(wrong)?;
        }
        // Old packages have capitals, and theirs differ from the lower-case ones: the spelling is kept.
        Ok(PackageName::from_normalised(text.to_owned()))
    }

    fn order(&self, one: &Version, other: &Version) -> Ordering {
        let parse = |version: &Version| nodejs_semver::Version::parse(version.as_str()).ok();
        let text = one.as_str().cmp(other.as_str());
        match (parse(one), parse(other)) {
            (Some(a), Some(b)) => a.cmp(&b).then(text),
            (a, b) => a.is_some().cmp(&b.is_some()).then(text),
        }
    }

    fn is_prerelease(&self, version: &Version) -> bool {
        nodejs_semver::Version::parse(version.as_str()).is_ok_and(|version| version.is_prerelease())
    }

    fn allows(&self, requirement: &str, version: &Version) -> bool {
        let range = nodejs_semver::Range::parse(requirement.trim());
        match (range, nodejs_semver::Version::parse(version.as_str())) {
            (Ok(range), Ok(version)) => range.satisfies(&version),
            _ => requirement == version.as_str(),
        }
    }

    fn metadata_request(&self, name: &PackageName) -> Request {
        Request { path: encoded(name), accept: ACCEPT }
    }

    fn read_metadata(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Package>, ReadError> {
        let packument: Packument = json(page)?;
        if packument.versions.is_empty() {
            return Err(ReadError::Unexpected("it lists no versions".into()));
        }
        let mut problems = Vec::new();
        let mut releases = Vec::with_capacity(packument.versions.len());
        for (version, manifest) in packument.versions {
            match release(Version(version), &manifest, page.url) {
                Ok(release) => releases.push(release),
                Err(problem) => problems.push(problem),
            }
        }
        let tags = packument.dist_tags.into_iter().filter_map(|(tag, version)| match version {
            Value::String(version) => Some((tag, Version(version))),
            _ => None,
        });
        Ok(Parsed { value: Package { name: name.clone(), releases, tags: tags.collect() }, problems })
    }

    fn release_request(&self, name: &PackageName, version: Option<&Version>) -> Option<Request> {
        // Full packuments reach 10 MB; the document of one version has a few kilobytes.
        let version = version.map_or("latest", Version::as_str).replace('+', "%2B");
        Some(Request { path: format!("{}/{version}", encoded(name)), accept: "application/json" })
    }

    fn read_release(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Release>, ReadError> {
        let manifest: OneVersion = json(page)?;
        if manifest.name.as_deref().is_some_and(|said| said != name.as_str()) {
            return Err(ReadError::Unexpected("it is about another package".into()));
        }
        let version = manifest.version.ok_or_else(|| ReadError::Unexpected("it names no version".into()))?;
        let release = release(Version(version), &manifest.rest, page.url);
        release.map(Parsed::clean).map_err(|problem| ReadError::Unexpected(problem.detail))
    }

    fn same_version(&self, one: &Version, other: &Version) -> bool {
        let bare = |version: &Version| version.as_str().trim_start_matches(['v', '=']).to_owned();
        bare(one) == bare(other)
    }
}

fn check_part(part: &str) -> Result<(), &'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c);
    if part.is_empty() {
        Err("a part of it is empty")
    } else if !part.chars().all(allowed) {
        Err("npm allows only letters, digits and a few signs that need no escape in addresses")
    } else if part.starts_with('.') {
        Err("it starts with a dot")
    } else {
        Ok(())
    }
}

/// The name as one part of a path: the slash of a scope is escaped, as npm itself does it.
fn encoded(name: &PackageName) -> String {
    name.as_str().replace('/', "%2F")
}

#[derive(Deserialize)]
struct Packument {
    #[serde(default)]
    versions: BTreeMap<String, Manifest>,
    #[serde(default, rename = "dist-tags")]
    dist_tags: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct OneVersion {
    name: Option<String>,
    version: Option<String>,
    #[serde(flatten)]
    rest: Manifest,
}

/// What matters of a version. Anything may stand in either field.
#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    dist: Value,
    #[serde(default)]
    deprecated: Value,
}

fn json<'a, T: Deserialize<'a>>(page: &Page<'a>) -> Result<T, ReadError> {
    if page.is_html() {
        return Err(ReadError::Html);
    }
    serde_json::from_slice(page.body).map_err(|error| ReadError::Malformed(error.to_string()))
}

fn release(version: Version, manifest: &Manifest, page: &Url) -> Result<Release, Problem> {
    let wrong = |detail: &str| Problem::new("release-without-artifact", "", format!("version {version} {detail}"));
    let dist = &manifest.dist;
    let tarball = dist["tarball"].as_str().ok_or_else(|| wrong("has no tarball"))?;
    let url = page.join(tarball).map_err(|_| wrong("has a tarball address that is none"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("has a tarball address that is none"));
    }
    let integrity = dist["integrity"].as_str().into_iter().flat_map(integrity);
    let shasum = dist["shasum"].as_str().and_then(|hex| Checksum::from_hex(Algorithm::Sha1, hex));
    let artifact = Artifact {
        file_name: file_name(&url),
        checksum: strongest(integrity.chain(shasum)),
        size: None,
        kind: ArtifactKind::NpmTarball,
        url,
    };
    let deprecated = manifest.deprecated.as_str().filter(|text| !text.is_empty());
    let yanked = match deprecated {
        _ if is_placeholder(&version) => {
            Some("a placeholder for a package that npm removed for security reasons".into())
        }
        deprecated => deprecated.map(|text| format!("deprecated: {text}")),
    };
    Ok(Release { version, yanked, artifacts: vec![artifact] })
}

/// `0.0.1-security` and its like are what npm leaves in place of malware.
fn is_placeholder(version: &Version) -> bool {
    version.as_str().starts_with("0.0.") && version.as_str().ends_with("-security")
}
