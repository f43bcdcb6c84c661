//! Of which versions and bytes an entry speaks.

use std::{fmt, str::FromStr};

use model::{Algorithm, Checksum};
use serde::{Deserialize, Serialize};

use super::bytes::{Cursor, put_number, put_piece};

const NUMERIC: u8 = 1;
const EVERY: u8 = 2;
const VERSIONS: u8 = 4;
const RANGES: u8 = 8;
const DIGESTS: u8 = 16;

/// The bytes of a digest that are kept.
const KEPT: usize = 16;

/// Of which versions and bytes of a package an entry speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Extent {
    /// Whether it speaks of every version.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub every: bool,
    /// The versions that it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// The ranges that it names, each as events in the manner of OSV.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<Vec<Event>>,
    /// The artifacts that it names by their digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Fingerprint>,
}

/// A turn in a range: from here on, or no further.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// This version is the first of the range; `0` stands before every version.
    Introduced(String),
    /// This version is the first after it.
    Fixed(String),
    /// This version is the last of it.
    LastAffected(String),
}

impl Event {
    /// The version at which it turns.
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(version) | Self::Fixed(version) | Self::LastAffected(version) => version,
        }
    }
}

/// The digest of an artifact, or the start of it: a snapshot keeps 16 bytes, which nobody can hit on purpose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    algorithm: Algorithm,
    bytes: Vec<u8>,
}

impl Fingerprint {
    /// The key under which a file finds it; none for a hash that can be forged.
    pub(super) fn key(&self) -> [u8; 18] {
        let mut key = [0; 18];
        key[1] = code(self.algorithm).unwrap_or_default();
        key[2..].copy_from_slice(&self.bytes[..KEPT]);
        key
    }

    /// The digest of a key without a package.
    pub(super) fn of_key(key: &[u8]) -> Option<Self> {
        let [0, algorithm, bytes @ ..] = key else { return None };
        let bytes = (bytes.len() == KEPT).then(|| bytes.to_vec())?;
        Some(Self { algorithm: algorithm_of(*algorithm)?, bytes })
    }

    /// The hash function.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it is all of the digest.
    pub fn is_whole(&self) -> bool {
        self.bytes.len() == self.algorithm.size()
    }
}

/// Only hashes that nobody can forge make one.
impl TryFrom<&Checksum> for Fingerprint {
    type Error = ();

    fn try_from(checksum: &Checksum) -> Result<Self, ()> {
        code(checksum.algorithm()).ok_or(())?;
        Ok(Self { algorithm: checksum.algorithm(), bytes: checksum.bytes().to_vec() })
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.algorithm.as_str())?;
        self.bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no digest; write it as sha256:... or sha512:... with all its digits");
        let (algorithm, hex) = text.split_once(':').ok_or_else(wrong)?;
        let algorithm = Algorithm::from_word(algorithm).filter(|one| code(*one).is_some()).ok_or_else(wrong)?;
        let whole = hex.len() == algorithm.size() * 2 || hex.len() == KEPT * 2;
        let digits = hex.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<u32>>>();
        let digits = digits.filter(|_| whole).ok_or_else(wrong)?;
        let bytes = digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect();
        Ok(Self { algorithm, bytes })
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The number of an algorithm in files.
fn code(algorithm: Algorithm) -> Option<u8> {
    match algorithm {
        Algorithm::Sha256 => Some(0),
        Algorithm::Sha512 => Some(1),
        Algorithm::Md5 | Algorithm::Sha1 | Algorithm::Sha384 => None,
    }
}

fn algorithm_of(code: u8) -> Option<Algorithm> {
    match code {
        0 => Some(Algorithm::Sha256),
        1 => Some(Algorithm::Sha512),
        _ => None,
    }
}

impl Extent {
    /// The flags and bytes as they stand in a file.
    pub(super) fn write(&self) -> (u8, Vec<u8>) {
        let (mut flags, mut out) = (if self.every { EVERY } else { 0 }, Vec::new());
        if !self.versions.is_empty() {
            flags |= VERSIONS;
            put_number(&mut out, self.versions.len() as u64);
            self.versions.iter().for_each(|version| put_piece(&mut out, version.as_bytes()));
        }
        if !self.ranges.is_empty() {
            flags |= RANGES;
            put_number(&mut out, self.ranges.len() as u64);
            for range in &self.ranges {
                put_number(&mut out, range.len() as u64);
                for event in range {
                    let (kind, version) = match event {
                        Event::Introduced(version) => (0, version),
                        Event::Fixed(version) => (1, version),
                        Event::LastAffected(version) => (2, version),
                    };
                    out.push(kind);
                    put_piece(&mut out, version.as_bytes());
                }
            }
        }
        if !self.digests.is_empty() {
            flags |= DIGESTS;
            put_number(&mut out, self.digests.len() as u64);
            self.digests.iter().for_each(|digest| out.extend_from_slice(&digest.key()[1..]));
        }
        (flags, out)
    }
}

/// An extent where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Raw<'b> {
    pub flags: u8,
    pub bytes: &'b [u8],
}

impl<'b> Raw<'b> {
    /// The extent at the start of some bytes, and what follows it.
    pub fn read(flags: u8, cursor: &mut Cursor<'b>) -> Option<Self> {
        let before = cursor.0;
        let flags = flags & !NUMERIC;
        let raw = Self { flags, bytes: before };
        raw.parts(cursor, |_| (), |_| (), |_| ())?;
        Some(Self { flags, bytes: &before[..before.len() - cursor.0.len()] })
    }

    pub fn every(&self) -> bool {
        self.flags & EVERY != 0
    }

    pub fn has_ranges(&self) -> bool {
        self.flags & RANGES != 0
    }

    /// Whether a version is named; `same` says which spellings are equal.
    pub fn names_version(&self, mut same: impl FnMut(&str) -> bool) -> bool {
        let mut found = false;
        self.parts(&mut Cursor(self.bytes), |version| found |= !found && same(version), |_| (), |_| ());
        found
    }

    pub fn ranges(&self) -> Vec<Vec<Event>> {
        let mut ranges = Vec::new();
        self.parts(&mut Cursor(self.bytes), |_| (), |range| ranges.push(range), |_| ());
        ranges
    }

    /// The digests, as keys.
    pub fn digests(&self) -> Vec<[u8; 18]> {
        let mut digests = Vec::new();
        if self.flags & DIGESTS != 0 {
            self.parts(&mut Cursor(self.bytes), |_| (), |_| (), |digest| digests.push(digest));
        }
        digests
    }

    pub fn has_digest(&self, key: &[u8; 18]) -> bool {
        let mut found = false;
        if self.flags & DIGESTS != 0 {
            self.parts(&mut Cursor(self.bytes), |_| (), |_| (), |digest| found |= digest == *key);
        }
        found
    }

    pub fn owned(&self) -> Extent {
        let mut extent = Extent { every: self.every(), ..Extent::default() };
        self.parts(
            &mut Cursor(self.bytes),
            |version| extent.versions.push(version.to_owned()),
            |range| extent.ranges.push(range),
            |digest| extent.digests.extend(Fingerprint::of_key(&digest)),
        );
        extent
    }

    /// Walks over all of it.
    fn parts(
        &self,
        cursor: &mut Cursor<'b>,
        mut version: impl FnMut(&'b str),
        mut range: impl FnMut(Vec<Event>),
        mut digest: impl FnMut([u8; 18]),
    ) -> Option<()> {
        if self.flags & VERSIONS != 0 {
            for _ in 0..cursor.number()? {
                version(cursor.text()?);
            }
        }
        if self.flags & RANGES != 0 {
            for _ in 0..cursor.number()? {
                range(events(cursor)?);
            }
        }
        if self.flags & DIGESTS != 0 {
            for _ in 0..cursor.number()? {
                let mut key = [0; 18];
                key[1..].copy_from_slice(cursor.take(KEPT + 1)?);
                digest(key);
            }
        }
        Some(())
    }
}

fn events(cursor: &mut Cursor<'_>) -> Option<Vec<Event>> {
    let mut events = Vec::new();
    for _ in 0..cursor.number()? {
        let kind = cursor.byte()?;
        let version = cursor.text()?.to_owned();
        events.push(match kind {
            0 => Event::Introduced(version),
            1 => Event::Fixed(version),
            2 => Event::LastAffected(version),
            _ => return None,
        });
    }
    Some(events)
}
