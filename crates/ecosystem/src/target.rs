//! A package as a person names it: a purl, or `npm:name@version`.

use std::{collections::BTreeMap, str::FromStr};

use model::{Ecosystem, PackageName, Version};

use crate::{NameError, registry};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The normalised name.
    pub name: PackageName,
    /// The version or tag; without one, the newest is meant.
    pub version: Option<Version>,
    /// The purl's qualifiers (`file_name`, `platform`).
    pub qualifiers: BTreeMap<String, String>,
}

/// Why a text names no package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedError {
    /// The purl is malformed.
    #[error("\"{text}\" is not a package URL: {reason}; write it as pkg:npm/name@version")]
    Purl {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The ecosystem is none that Lazaret knows.
    #[error("\"{0}\" is not an ecosystem that Lazaret knows; it knows npm, pypi, cargo and gem")]
    Ecosystem(String),
    /// The text is neither a purl nor a short form.
    #[error(
        "\"{0}\" names no package: write pkg:npm/name@version, or npm:name@version, or the path of a file or folder"
    )]
    Form(String),
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The version is empty or has characters that no version has.
    #[error("\"{0}\" cannot be a version")]
    Version(String),
}

impl Wanted {
    /// Reads a purl or a short form.
    pub fn parse(text: &str) -> Result<Self, WantedError> {
        let text = text.trim();
        match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("pkg:") => Self::purl(text),
            _ => Self::short(text),
        }
    }

    fn purl(text: &str) -> Result<Self, WantedError> {
        let wrong = |reason: String| WantedError::Purl { text: shown(text), reason };
        let rest = text[4..].trim_start_matches('/');
        let (kind, rest) = rest.split_once('/').ok_or_else(|| wrong("it has no type or no name".into()))?;
        let ecosystem = ecosystem_of(kind)?;
        // Read as a generic one, since the rules of the type `npm` would make `JSONStream` another package.
        let purl = packageurl::PackageUrl::from_str(&format!("pkg:generic/{rest}"));
        let purl = purl.map_err(|error| wrong(error.to_string()))?;
        if purl.subpath().is_some() {
            return Err(wrong("a subpath cannot be inspected alone".into()));
        }
        let name = match purl.namespace() {
            Some(namespace) if ecosystem == Ecosystem::Npm => format!("{namespace}/{}", purl.name()),
            Some(_) => return Err(wrong(format!("{ecosystem} has no namespaces"))),
            None => purl.name().to_owned(),
        };
        let qualifiers = purl.qualifiers().iter().map(|(key, value)| (key.to_string(), value.to_string()));
        Ok(Self {
            ecosystem,
            name: registry(ecosystem).name(&name)?,
            version: purl.version().map(version).transpose()?,
            qualifiers: qualifiers.collect(),
        })
    }

    fn short(text: &str) -> Result<Self, WantedError> {
        let (kind, rest) = text.split_once(':').ok_or_else(|| WantedError::Form(shown(text)))?;
        let ecosystem = ecosystem_of(kind)?;
        // The `@` of a scope starts the name and separates nothing. pip writes `==`.
        let separator = rest.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| (at, 1));
        let separator = separator.or_else(|| rest.find("==").map(|at| (at, 2)));
        let (name, wanted) = match separator {
            Some((at, length)) => (&rest[..at], Some(&rest[at + length..])),
            None => (rest, None),
        };
        let name = registry(ecosystem).name(name)?;
        Ok(Self { ecosystem, name, version: wanted.map(version).transpose()?, qualifiers: BTreeMap::new() })
    }
}

fn ecosystem_of(word: &str) -> Result<Ecosystem, WantedError> {
    let known = match word.to_ascii_lowercase().as_str() {
        "crates" | "crate" | "crates.io" => Some(Ecosystem::Cargo),
        "rubygems" | "gems" => Some(Ecosystem::Gem),
        "pip" | "python" => Some(Ecosystem::Pypi),
        other => other.parse().ok(),
    };
    known.ok_or_else(|| WantedError::Ecosystem(shown(word)))
}

fn version(text: &str) -> Result<Version, WantedError> {
    // It becomes a part of addresses and file names; no registry has versions with these.
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '%' | '@');
    if text.is_empty() || text.len() > 256 || text.contains(forbidden) || text.starts_with("..") {
        return Err(WantedError::Version(shown(text)));
    }
    Ok(Version(text.to_owned()))
}

/// A text of somebody else, short enough for an error.
fn shown(text: &str) -> String {
    text.chars().take(120).collect()
}
