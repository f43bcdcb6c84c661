//! The database of verdicts: a snapshot that is mapped into memory, and the user's own entries beside it.

mod versions;

use std::{
    cmp::Reverse,
    io,
    path::{Path, PathBuf},
};

use model::{Basis, PackageType};
use sandbox::Mapping;
use wire::snapshot::{Edition, Entry, Snapshot, Statement, Unusable, Unwritable};

use crate::verdicts::{Freshness, Known, Question, Verdicts};

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file is no snapshot.
    #[error("the database {} cannot be used: {error}; fetch it again with lazaret db update", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: Unusable,
    },
    /// The user's own entries are too many.
    #[error("your own entries cannot be used: {0}")]
    Own(#[from] Unwritable),
}

/// What is known, in two layers.
#[derive(Debug, Default)]
pub struct Database {
    snapshot: Option<Snapshot<Mapping>>,
    own: Option<Snapshot<Vec<u8>>>,
    /// Sources in the order in which the user trusts them, the most trusted first.
    trust: Vec<String>,
    /// Until when the snapshot may be used, when its publisher has said so again since it was made.
    expires: Option<i64>,
}

impl Database {
    /// A database of a snapshot alone. It is looked at only where it is asked.
    ///
    /// # Errors
    /// When the file cannot be read or is no snapshot.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let mapping =
            Mapping::open(path).map_err(|error| DatabaseError::Unreadable { path: path.to_owned(), error })?;
        let snapshot =
            Snapshot::open(mapping).map_err(|error| DatabaseError::Unusable { path: path.to_owned(), error })?;
        Ok(Self { snapshot: Some(snapshot), ..Self::default() })
    }

    /// The same with entries of the user's own.
    ///
    /// # Errors
    /// When they do not fit into memory.
    pub fn with_own(mut self, statements: &[Statement]) -> Result<Self, DatabaseError> {
        let bytes = wire::snapshot::build(Edition::default(), statements)?;
        self.own = Snapshot::open(bytes).ok().filter(|own| own.records() > 0);
        Ok(self)
    }

    /// The same with sources in the order of trust. A source that is not among them comes after, by its publisher's rank.
    #[must_use]
    pub fn trusting(mut self, sources: Vec<String>) -> Self {
        self.trust = sources;
        self
    }

    /// The snapshot, when there is one.
    pub fn snapshot(&self) -> Option<&Snapshot<Mapping>> {
        self.snapshot.as_ref()
    }

    fn rank(&self, entry: &Entry<'_>) -> (usize, u32) {
        let place = self.trust.iter().position(|source| source == entry.source());
        (place.unwrap_or(usize::MAX), entry.rank())
    }
}

/// An entry that matched, with what decides its place in the answer.
type Ranked = ((usize, u32), Known);

impl Verdicts for Database {
    fn lookup(&self, question: &Question<'_>) -> Vec<Known> {
        let mut found = Vec::new();
        if let Some(snapshot) = &self.snapshot {
            self.ask(snapshot, question, &mut found);
        }
        if let Some(own) = &self.own {
            self.ask(own, question, &mut found);
        }
        if found.len() > 1 {
            found.sort_by_key(|(rank, known)| (Reverse(known.record.effective()), *rank, Reverse(known.basis)));
        }
        found.into_iter().map(|(_, known)| known).collect()
    }

    fn freshness(&self) -> Option<Freshness> {
        let own = self.own.as_ref().map_or(0, Snapshot::records);
        let Some(snapshot) = &self.snapshot else {
            return (own > 0).then(|| Freshness { entries: own, expires: i64::MAX, ..Freshness::default() });
        };
        let Edition { sequence, made, expires } = snapshot.edition();
        let expires = self.expires.unwrap_or(expires);
        Some(Freshness { sequence, made, expires, entries: snapshot.records() + own })
    }
}

impl Database {
    fn ask<B: AsRef<[u8]>>(&self, snapshot: &Snapshot<B>, question: &Question<'_>, found: &mut Vec<Ranked>) {
        let Question { kind, name, version, checksums } = *question;
        let start = found.len();
        for checksum in checksums {
            for (package, entry) in snapshot.artifact(checksum) {
                let name = package.as_ref().map_or(name, |package| package.name.as_str());
                add(found, start, self.rank(&entry), Known { record: entry.record(name), basis: Basis::Digest });
            }
        }
        for entry in snapshot.package(kind.as_str(), name) {
            if let Some(basis) = basis(&entry, kind, version) {
                add(found, start, self.rank(&entry), Known { record: entry.record(name), basis });
            }
        }
    }
}

/// An entry that names the version and the bytes is one entry: the digests are asked first.
fn add(found: &mut Vec<Ranked>, start: usize, rank: (usize, u32), known: Known) {
    if !found[start..].iter().any(|(_, other)| other.record == known.record) {
        found.push((rank, known));
    }
}

/// By what an entry about a package speaks of this version of it.
fn basis(entry: &Entry<'_>, kind: &PackageType, version: Option<&str>) -> Option<Basis> {
    if let Some(version) = version {
        if entry.names_version(|named| named == version)
            || entry.names_version(|named| versions::same(kind, named, version))
        {
            return Some(Basis::Version);
        }
        if entry.ranges().iter().any(|range| versions::lies_in(kind, version, range)) {
            return Some(Basis::Range);
        }
    }
    entry.every().then_some(Basis::Package)
}
