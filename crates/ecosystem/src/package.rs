//! What a registry publishes about a package.

use std::{cmp::Ordering, collections::BTreeMap};

use model::{Algorithm, Checksum, PackageName, Version};
use url::Url;

use crate::Registry;

/// A package with its releases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The normalised name.
    pub name: PackageName,
    /// The releases, in the order in which the registry lists them.
    pub releases: Vec<Release>,
    /// Names for versions (`latest`, `next`), where the registry has them.
    pub tags: BTreeMap<String, Version>,
}

/// One version of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The version as the registry spells it.
    pub version: Version,
    /// Whether, and with which words, it was withdrawn from new use.
    pub yanked: Option<String>,
    /// Its files.
    pub artifacts: Vec<Artifact>,
}

/// One file of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The file's name.
    pub file_name: String,
    /// Where it can be had.
    pub url: Url,
    /// The strongest hash that the registry publishes for it.
    pub checksum: Option<Checksum>,
    /// Its size, when the registry says it.
    pub size: Option<u64>,
    /// What kind of file it is.
    pub kind: ArtifactKind,
}

/// The kinds of files that registries hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArtifactKind {
    /// npm's tarball.
    NpmTarball,
    /// A Python source distribution.
    Sdist,
    /// A Python wheel; pure when it is for every interpreter and platform.
    Wheel {
        /// Whether its platform tag is `any`.
        pure: bool,
    },
    /// A Rust crate.
    Crate,
    /// A Ruby gem, for a platform unless it is for all.
    Gem {
        /// The platform, or nothing for `ruby`.
        platform: Option<String>,
    },
    /// Anything else: eggs, installers.
    Other,
}

impl Package {
    /// The newest version that a client would take by itself: tagged `latest`, or the highest that is neither yanked nor a
    /// pre-release; when there is none such, the highest that is not yanked; then the highest.
    pub fn newest(&self, registry: &dyn Registry) -> Option<&Release> {
        if let Some(latest) = self.tags.get("latest").and_then(|version| self.release(registry, version)) {
            return Some(latest);
        }
        let highest = |keep: &dyn Fn(&Release) -> bool| {
            let kept = self.releases.iter().filter(|one| keep(one) && !one.artifacts.is_empty());
            kept.max_by(|a, b| compare(registry, a, b))
        };
        highest(&|one| one.yanked.is_none() && !registry.is_prerelease(&one.version))
            .or_else(|| highest(&|one| one.yanked.is_none()))
            .or_else(|| highest(&|_| true))
    }

    /// The version that a client would choose for what is asked for: what a tag of this name points to, the newest of all
    /// when it fits, or the highest that fits and is neither yanked nor, if others fit, a pre-release.
    pub fn fitting(&self, registry: &dyn Registry, requirement: &str) -> Option<&Release> {
        if let Some(version) = self.tags.get(requirement) {
            return self.release(registry, version);
        }
        let fits = |one: &&Release| registry.allows(requirement, &one.version) && !one.artifacts.is_empty();
        if let Some(newest) = self.newest(registry).filter(fits) {
            return Some(newest);
        }
        let best = |pre: bool| {
            let usable =
                |one: &&Release| one.yanked.is_none() && (pre || !registry.is_prerelease(&one.version)) && fits(one);
            self.releases.iter().filter(usable).max_by(|a, b| compare(registry, a, b))
        };
        best(false).or_else(|| best(true))
    }

    /// The release of this version, spelled exactly so or equal by the ecosystem's rules.
    pub fn release(&self, registry: &dyn Registry, version: &Version) -> Option<&Release> {
        let exact = self.releases.iter().find(|one| one.version == *version);
        exact.or_else(|| self.releases.iter().find(|one| registry.same_version(&one.version, version)))
    }

    /// The release that a text names: a version or a tag.
    pub fn named(&self, registry: &dyn Registry, text: &Version) -> Option<&Release> {
        let tagged = || self.tags.get(text.as_str()).and_then(|version| self.release(registry, version));
        self.release(registry, text).or_else(tagged)
    }
}

fn compare(registry: &dyn Registry, one: &Release, other: &Release) -> Ordering {
    registry.order(&one.version, &other.version)
}

/// The strongest of some hashes.
pub(crate) fn strongest(checksums: impl IntoIterator<Item = Checksum>) -> Option<Checksum> {
    checksums.into_iter().max_by_key(Checksum::algorithm)
}

/// A hash written as `algorithm=hex`, as in the fragment of a link.
pub(crate) fn checksum_of_fragment(fragment: &str) -> Option<Checksum> {
    strongest(fragment.split('&').filter_map(|part| {
        let (algorithm, hex) = part.split_once('=')?;
        Checksum::from_hex(Algorithm::from_word(algorithm)?, hex)
    }))
}

/// The last part of an address's path, decoded.
pub(crate) fn file_name(url: &Url) -> String {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    decode_percent(last)
}

/// Undoes percent-encoding; what is no valid escape stays.
pub(crate) fn decode_percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = escaped.and_then(|pair| {
            let (high, low) = (char::from(pair[0]).to_digit(16)?, char::from(pair[1]).to_digit(16)?);
            u8::try_from(high * 16 + low).ok()
        });
        out.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}
