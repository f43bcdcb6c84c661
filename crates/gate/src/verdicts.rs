//! Who knows what about a package: the door's question to the database of verdicts.

use model::{Basis, Checksum, Decision, PackageType, Record};
use wire::scan::Vulnerability;

/// A package at a door: by name and version before its bytes are there, by its bytes afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The type.
    pub kind: &'a PackageType,
    /// The normalised name.
    pub name: &'a str,
    /// The exact version, when it is known.
    pub version: Option<&'a str>,
    /// What its bytes hash to, as far as it is known.
    pub checksums: &'a [Checksum],
}

/// One entry of the database that speaks of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The entry.
    pub record: Record,
    /// By what it matched.
    pub basis: Basis,
}

/// How old the database is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Freshness {
    /// Its number; it only grows.
    pub sequence: u64,
    /// When it was made, in seconds since 1970.
    pub made: i64,
    /// After when it must not be used without saying so, in seconds since 1970.
    pub expires: i64,
    /// How many entries it holds.
    pub entries: u64,
}

/// A database of verdicts: a snapshot in memory, or something in its place. It answers in microseconds and never waits.
pub trait Verdicts: Send + Sync {
    /// Every entry that speaks of the package, the weightiest first: by decision, then by the trust in its source, then
    /// by what it matched. Empty means that nobody knows it, which is not the same as benign.
    fn lookup(&self, question: &Question<'_>) -> Vec<Known>;

    /// How old it is; none when there is no database at all.
    fn freshness(&self) -> Option<Freshness>;

    /// The known vulnerabilities of a version, the gravest first. A database of verdicts need not know any.
    fn vulnerabilities(&self, _kind: &PackageType, _name: &str, _version: &str) -> Vec<Vulnerability> {
        Vec::new()
    }
}

/// No database: nobody knows anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoVerdicts;

impl Verdicts for NoVerdicts {
    fn lookup(&self, _: &Question<'_>) -> Vec<Known> {
        Vec::new()
    }

    fn freshness(&self) -> Option<Freshness> {
        None
    }
}

/// What the entries amount to: the weightiest of them, where an entry about exactly these bytes or this version outweighs
/// a milder one about more.
pub fn decision(known: &[Known]) -> Decision {
    known.iter().map(|one| one.record.effective()).max().unwrap_or(Decision::Unknown)
}
