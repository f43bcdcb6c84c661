//! What a policy may ask about a package. The same names stand in CEL expressions, in `policy explain` and in the docs.

use model::Decision;
use serde::Serialize;

/// One package at a door, as a policy sees it. What is not known is `null` in an expression, never a guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subject {
    /// The purl, with version.
    pub purl: String,
    /// The type, as purls write it.
    pub ecosystem: String,
    /// The normalised name.
    pub name: String,
    /// The version; empty when none is pinned.
    pub version: String,
    /// What is thought of it, from the database and our own analysis together.
    pub state: Decision,
    /// How probable it is that it is malware, in percent; none when only the database speaks.
    pub score: Option<u8>,
    /// Whether a person confirmed the state.
    pub verified: bool,
    /// Which source of the database decided, or `analysis`.
    pub source: String,
    /// Entries of the database that speak of it.
    pub records: Vec<String>,
    /// Ids of the rules that found something in it.
    pub findings: Vec<String>,
    /// Whether all of it was looked at.
    pub complete: bool,
    /// Hours since it was published or, failing that, first seen.
    pub age_hours: Option<f64>,
    /// Whether anything of it runs by itself at install.
    pub install_scripts: Option<bool>,
    /// Whether the version before had none and this one has.
    pub new_install_scripts: Option<bool>,
    /// Whether another account published it than the version before.
    pub publisher_changed: Option<bool>,
    /// Whether it carries a provenance attestation.
    pub provenance: Option<bool>,
    /// The edits between its name and that of a much more popular package; none when there is no such.
    pub squat_distance: Option<u32>,
    /// How its hash stands: `verified`, `pinned`, `missing` or `mismatch`.
    pub hash: &'static str,
    /// The digests of its artifacts as far as they are known, as `sha256:` and 64 digits.
    pub digests: Vec<String>,
    /// What is wrong with how the project's files name it (`foreign-address`, `missing-integrity`, ...).
    pub issues: Vec<String>,
    /// Where it comes from: `registry`, `git`, `url`, `path`, `bundled` or `unknown`.
    pub origin: &'static str,
    /// The host of the registry or address that the lockfile names; empty when it names none.
    pub registry: String,
    /// Whether that address is none that the user's own configuration leads to.
    pub foreign_registry: bool,
    /// Its licence as an SPDX expression, as far as it is known.
    pub license: Option<String>,
    /// Known vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Whether the project asks for it by itself.
    pub direct: bool,
    /// Whether only those who work on the project need it.
    pub dev: bool,
    /// Whether the installation goes on without it.
    pub optional: bool,
    /// Whether its maintainer took it back or advises against it.
    pub deprecated: Option<bool>,
    /// Whether the registry withdrew this version.
    pub yanked: Option<bool>,
    /// Downloads in the last week, where a registry says so.
    pub downloads: Option<u64>,
    /// The file that names it, relative to the project.
    pub path: String,
    /// Groups that it belongs to (`dev`, `test`, an extra).
    pub groups: Vec<String>,
}

/// One known vulnerability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Vulnerability {
    /// The advisory's id.
    pub id: String,
    /// Other names of the same.
    pub aliases: Vec<String>,
    /// `critical`, `high`, `medium`, `low` or `unknown`.
    pub severity: String,
    /// The score of CVSS, when there is one.
    pub cvss: Option<f64>,
    /// The first version without it, when there is one.
    pub fixed: Option<String>,
}

impl Subject {
    /// The package that a purl names, of which nothing else is known. The error is a sentence.
    pub fn of_purl(purl: &str) -> Result<Self, String> {
        let wrong = || format!("\"{purl}\" is no purl, such as pkg:npm/name@1.2.3");
        let key = super::exception::key(purl).filter(|_| purl.starts_with("pkg:")).ok_or_else(wrong)?;
        let (ecosystem, rest) = key[4..].split_once('/').ok_or_else(wrong)?;
        let (name, version) = match rest.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.contains('/') => (name, version),
            _ => (rest, ""),
        };
        Ok(Self::new(purl, ecosystem, name, version))
    }

    /// A package of which nothing but its identity is known.
    pub fn new(purl: &str, ecosystem: &str, name: &str, version: &str) -> Self {
        Self {
            purl: purl.into(),
            ecosystem: ecosystem.into(),
            name: name.into(),
            version: version.into(),
            state: Decision::Unknown,
            score: None,
            verified: false,
            source: String::new(),
            records: Vec::new(),
            findings: Vec::new(),
            complete: false,
            age_hours: None,
            install_scripts: None,
            new_install_scripts: None,
            publisher_changed: None,
            provenance: None,
            squat_distance: None,
            hash: "missing",
            digests: Vec::new(),
            issues: Vec::new(),
            origin: "unknown",
            registry: String::new(),
            foreign_registry: false,
            license: None,
            vulnerabilities: Vec::new(),
            direct: false,
            dev: false,
            optional: false,
            deprecated: None,
            yanked: None,
            downloads: None,
            path: String::new(),
            groups: Vec::new(),
        }
    }
}
