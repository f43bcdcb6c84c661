//! What every registry can be asked.

use std::cmp::Ordering;

use model::{Ecosystem, PackageName, Parsed, Version};
use url::Url;

use crate::{Artifact, Package, Release};

/// One ecosystem's registry protocol.
pub trait Registry: Sync {
    /// Whose protocol this is.
    fn ecosystem(&self) -> Ecosystem;

    /// The name in its normalised spelling, or why it cannot be one.
    fn name(&self, text: &str) -> Result<PackageName, NameError>;

    /// Which of two versions is newer. It is a total order, also over versions that are malformed.
    fn order(&self, one: &Version, other: &Version) -> Ordering;

    /// Whether a version is a pre-release, which nobody gets without asking for it.
    fn is_prerelease(&self, version: &Version) -> bool;

    /// Whether a version fits what somebody asks for, in the ecosystem's own words (`^1.2`, `>=2,<3`). Nothing asked for is
    /// fitted by every version; words that are none of the ecosystem's are fitted by the version that they spell.
    fn allows(&self, requirement: &str, version: &Version) -> bool {
        requirement.is_empty() || requirement == version.as_str()
    }

    /// The document that says how the registry is laid out, when it must be read before anything else.
    fn configuration_request(&self) -> Option<Request> {
        None
    }

    /// The document that lists a package's releases.
    fn metadata_request(&self, name: &PackageName) -> Request;

    /// Reads that document.
    fn read_metadata(&self, name: &PackageName, page: &Page<'_>) -> Result<Parsed<Package>, ReadError>;

    /// The smaller document of one release (`None`: the newest), where the protocol has one. Mirrors may lack it.
    fn release_request(&self, _name: &PackageName, _version: Option<&Version>) -> Option<Request> {
        None
    }

    /// Reads that document.
    fn read_release(&self, _name: &PackageName, _page: &Page<'_>) -> Result<Parsed<Release>, ReadError> {
        Err(ReadError::Unexpected("this registry has no document for one release".into()))
    }

    /// The artifacts of a release that are worth an analysis, the most telling first.
    fn select<'a>(&self, release: &'a Release) -> Vec<&'a Artifact> {
        release.artifacts.iter().take(1).collect()
    }

    /// Names under which the same package may be listed when the given one is not, as the ecosystem's client tries them.
    fn other_spellings(&self, _name: &PackageName) -> Vec<PackageName> {
        Vec::new()
    }

    /// Whether two spellings mean the same version.
    fn same_version(&self, one: &Version, other: &Version) -> bool {
        one == other
    }
}

/// A request that somebody else makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The path, relative to the registry's base address. It is percent-encoded already.
    pub path: String,
    /// The `Accept` header.
    pub accept: &'static str,
}

impl Request {
    /// The whole address. A base without a final slash is a folder too, as every client takes it.
    pub fn address(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.set_query(None);
        url.set_fragment(None);
        let folder = base.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{folder}/{}", self.path));
        url
    }
}

/// The answer to a request.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Where the answer came from, after redirects: links are relative to it.
    pub url: &'a Url,
    /// The registry's base address, as it is configured.
    pub base: &'a Url,
    /// The `Content-Type` header, or nothing.
    pub content_type: &'a str,
    /// The bytes.
    pub body: &'a [u8],
    /// The answer to [`Registry::configuration_request`], where there is one.
    pub configuration: Option<&'a [u8]>,
}

impl Page<'_> {
    /// Whether the body is a web page: captive portals and login forms answer so, with status 200.
    pub fn is_html(&self) -> bool {
        let start: Vec<u8> =
            self.body.iter().copied().skip_while(|b| b.is_ascii_whitespace() || *b >= 0x80).take(15).collect();
        let start = start.to_ascii_lowercase();
        start.starts_with(b"<!doctype html") || start.starts_with(b"<html") || start.starts_with(b"<head")
    }
}

/// Why a text is no package name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{name}\" cannot be the name of a package of {ecosystem}: {reason}")]
pub struct NameError {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The text.
    pub name: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl NameError {
    pub(crate) fn new(ecosystem: Ecosystem, name: &str, reason: &'static str) -> Self {
        Self { ecosystem, name: name.chars().take(80).collect(), reason }
    }
}

/// Why an answer of a registry could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// A web page came where data was due.
    #[error("the registry answered with a web page instead of package data")]
    Html,
    /// The body is not the format that it should be.
    #[error("the registry's answer is malformed: {0}")]
    Malformed(String),
    /// The registry holds the package back, since it may be malware.
    #[error("the registry has put this package in quarantine: nobody can get its files until it has been reviewed")]
    Quarantined,
    /// The body is fine, but not about this.
    #[error("the registry's answer is not what was asked for: {0}")]
    Unexpected(String),
}
