//! The database of verdicts: a snapshot that is mapped into memory, and the user's own entries beside it.

mod export;
mod held;
mod import;
mod place;
mod serve;
mod subject;
mod update;
mod versions;
mod workshop;

use std::{
    cmp::Reverse,
    io,
    path::{Path, PathBuf},
};

use model::{Basis, PackageType};
use net::Environment;
use sandbox::Mapping;
use wire::{
    scan::Vulnerability,
    snapshot::{Advisories, Edition, Entry, Extent, Snapshot, Statement, Unusable, Unwritable},
};

pub use export::osv;
pub use import::{Batch, Trouble};
pub use place::{Place, State};
pub use serve::Server;
pub use subject::{Asked, subject};
pub use update::{Origin, Update, UpdateError, Updated};
pub use workshop::{Build, Built, Imported, RoleName, Rotated, Workshop, WorkshopError};

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
    /// A file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no place for it.
    #[error("there is no home for the database: set HOME, XDG_DATA_HOME or LAZARET_DATA_DIR")]
    Homeless,
    /// The user's own entries are too many.
    #[error("your own entries cannot be used: {0}")]
    Own(#[from] Unwritable),
}

/// What is known, in two layers.
#[derive(Debug, Default)]
pub struct Database {
    snapshot: Option<Snapshot<Mapping>>,
    own: Option<Snapshot<Vec<u8>>>,
    advisories: Option<Advisories<Mapping>>,
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
        let snapshot =
            Snapshot::open(map(path)?).map_err(|error| DatabaseError::Unusable { path: path.to_owned(), error })?;
        Ok(Self { snapshot: Some(snapshot), ..Self::default() })
    }

    /// The user's database: the edition in force, and the entries of their own. Without either it knows nothing. What is odd
    /// about the user's own entries is told, one sentence each.
    ///
    /// # Errors
    /// When there is a database that cannot be used.
    pub fn of_user(environment: &Environment) -> Result<(Self, Vec<String>), DatabaseError> {
        let found = net::discover::discover_own(environment);
        let mut database = match Place::of_user(environment, &found) {
            Ok(place) => Self::in_force(&place)?,
            // Who has no home has no database.
            Err(_) => Self::default(),
        };
        database.trust.clone_from(&found.database.trust);
        let Some(own) = &found.database.own else { return Ok((database, Vec::new())) };
        let mut batch = Batch::default();
        batch.read(own, "own");
        let notes = batch.troubles.iter().map(|one| format!("{}: {}", one.place, one.detail)).collect();
        Ok((database.with_own(&batch.statements)?, notes))
    }

    /// The edition in force at a place; an empty database when there is none.
    ///
    /// # Errors
    /// When there is one that cannot be used.
    pub fn in_force(place: &Place) -> Result<Self, DatabaseError> {
        let Some(state) = place.state()? else { return Ok(Self::default()) };
        let mut database = Self::open(&place.file(&state.verdicts))?;
        database.expires = Some(state.expires);
        if let Some(name) = &state.vulnerabilities {
            let path = place.file(name);
            let unusable = |error| DatabaseError::Unusable { path: path.clone(), error };
            let mapping = map(&path)?;
            database.advisories = Some(Advisories::open(mapping).map_err(unusable)?);
        }
        Ok(database)
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

    /// The file of known vulnerabilities, when there is one.
    pub fn advisories(&self) -> Option<&Advisories<Mapping>> {
        self.advisories.as_ref()
    }

    fn rank(&self, entry: &Entry<'_>) -> (usize, u32) {
        let place = self.trust.iter().position(|source| source == entry.source());
        (place.unwrap_or(usize::MAX), entry.rank())
    }
}

/// Words for how grave a vulnerability is, the gravest first.
const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "unknown"];

fn map(path: &Path) -> Result<Mapping, DatabaseError> {
    Mapping::open(path).map_err(|error| DatabaseError::Unreadable { path: path.to_owned(), error })
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

    fn vulnerabilities(&self, kind: &PackageType, name: &str, version: &str) -> Vec<Vulnerability> {
        let all = self.advisories.as_ref().map(|file| file.package(kind.as_str(), name)).unwrap_or_default();
        let has = |extent: &Extent| {
            extent.every
                || extent.versions.iter().any(|one| versions::same(kind, one, version))
                || extent.ranges.iter().any(|range| versions::lies_in(kind, version, range))
        };
        let mut found: Vec<Vulnerability> = all
            .into_iter()
            .filter(|one| has(&one.extent))
            .map(|one| Vulnerability {
                fixed: versions::first_fixed(kind, version, &one.extent.ranges),
                id: one.id,
                aliases: one.aliases,
                summary: one.summary,
                severity: one.severity,
                cvss: one.cvss,
            })
            .collect();
        found.sort_by_key(|one| SEVERITIES.iter().position(|word| *word == one.severity));
        found
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
