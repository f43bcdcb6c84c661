//! Who a package is: ecosystem, name, version, and the digest of its bytes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A package registry's world: its names, versions and archives follow one set of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// JavaScript packages (`pkg:npm`).
    Npm,
    /// Python packages (`pkg:pypi`).
    Pypi,
    /// Rust crates (`pkg:cargo`).
    Cargo,
    /// Ruby gems (`pkg:gem`).
    Gem,
}

impl Ecosystem {
    /// Every ecosystem, in the order in which reports list them.
    pub const ALL: [Self; 4] = [Self::Npm, Self::Pypi, Self::Cargo, Self::Gem];

    /// The type of this ecosystem's purls, which is also its name everywhere in Lazaret.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pypi",
            Self::Cargo => "cargo",
            Self::Gem => "gem",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no ecosystem that Lazaret knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEcosystem(pub String);

impl fmt::Display for UnknownEcosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is not an ecosystem that Lazaret knows; it knows npm, pypi, cargo and gem", self.0)
    }
}

impl std::error::Error for UnknownEcosystem {}

impl FromStr for Ecosystem {
    type Err = UnknownEcosystem;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownEcosystem(text.into()))
    }
}

/// A package's name in the one spelling that its ecosystem treats as equal to all others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PackageName(String);

impl PackageName {
    /// Wraps a name that is normalised already. Only `ecosystem` calls this: it alone knows the rules.
    pub fn from_normalised(name: String) -> Self {
        Self(name)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version as its registry spells it. Order depends on the ecosystem and is asked of `ecosystem`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(pub String);

impl Version {
    /// The version's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One published version of one package. Its `Display` is its purl.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReleaseId {
    /// The registry's world.
    pub ecosystem: Ecosystem,
    /// The normalised name.
    pub name: PackageName,
    /// The version.
    pub version: Version,
}

impl fmt::Display for ReleaseId {
    /// A purl: <https://github.com/package-url/purl-spec>. An npm scope's `@` is percent-encoded, as the specification asks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_str();
        match name.strip_prefix('@') {
            Some(rest) => write!(f, "pkg:{}/%40{rest}", self.ecosystem)?,
            None => write!(f, "pkg:{}/{name}", self.ecosystem)?,
        }
        write!(f, "@{}", self.version.as_str().replace('+', "%2B"))
    }
}

/// A sha256 digest, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a sha256 digest of 64 hexadecimal digits");
        if text.len() != 64 || !text.is_ascii() {
            return Err(wrong());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Exact bytes of one file of one release.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ArtifactId {
    /// The release, when it is known: a file on disk may belong to none.
    pub release: Option<ReleaseId>,
    /// The artifact's file name.
    pub file_name: String,
    /// The digest of its bytes.
    pub sha256: Digest,
}
