//! Where a database is made: the entries of each source, the keys, and the folder that any web server can show.

mod keys;
mod publish;

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wire::{
    snapshot::{Advisory, Named, Statement, Unusable, Unwritable},
    trust::{KeyError, Refused},
};

use super::{DatabaseError, held, import::Batch, place::replace};

pub use keys::{RoleName, Rotated};
pub use publish::{Build, Built};

/// The settings of a workshop.
const SETTINGS: &str = "lazaret-db.toml";
/// For how long an edition holds, unless the settings say otherwise.
const VALID_DAYS: i64 = 7;

/// Why a database cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// A file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file cannot be written.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The settings cannot be understood.
    #[error("{} is not understood: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A name of a source that would make a strange file name.
    #[error("\"{0}\" cannot be the name of a source: use letters, digits, - and _")]
    Source(String),
    /// Nothing was imported.
    #[error("nothing was imported yet: start with lazaret db import FILE|DIR|URL")]
    Empty,
    /// Nothing was built.
    #[error("nothing was built yet: start with lazaret db build")]
    NotBuilt,
    /// There are no keys.
    #[error("there are no keys yet: make them with lazaret db key new")]
    NoKeys,
    /// There are keys already.
    #[error("there are keys already, which clients may trust: lazaret db key rotate puts new ones in their place")]
    KeysExist,
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A document is not what it should be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An edition that was built before cannot be used.
    #[error("the edition before cannot be used: {0}")]
    Before(#[from] Unusable),
    /// It does not fit into a file.
    #[error(transparent)]
    TooLarge(#[from] Unwritable),
    /// It cannot be put in force on this machine.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// A folder in which a database is made.
#[derive(Debug, Clone)]
pub struct Workshop {
    folder: PathBuf,
}

/// What an import changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Entries about malware that were taken.
    pub statements: usize,
    /// Vulnerabilities that were taken.
    pub advisories: usize,
    /// Entries that the source had before and has no more.
    pub gone: usize,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// The sources, by name.
    sources: std::collections::BTreeMap<String, SourceSettings>,
    /// Files with further popular packages.
    popular: Vec<String>,
    /// For how many days an edition holds.
    valid_days: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct SourceSettings {
    /// Of two sources, the one of the smaller rank is believed more.
    rank: Option<u32>,
}

/// A vulnerability as it is kept between import and build.
#[derive(Serialize, Deserialize)]
struct KeptAdvisory {
    package: Named,
    advisory: Advisory,
}

impl Workshop {
    /// The workshop in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder that is for everybody to see.
    pub fn public(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// Keeps what a source says. What it said before under the same ids is replaced; with `anew`, all that it said before.
    ///
    /// # Errors
    /// When the workshop cannot be read or written.
    pub fn keep(&self, source: &str, batch: &Batch, anew: bool) -> Result<Imported, WorkshopError> {
        if source.is_empty() || !source.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
            return Err(WorkshopError::Source(source.chars().take(80).collect()));
        }
        let replaced: BTreeSet<&str> = batch
            .statements
            .iter()
            .map(|one| one.record.id.as_str())
            .chain(batch.advisories.iter().map(|(_, one)| one.id.as_str()))
            .chain(batch.withdrawn.iter().map(String::as_str))
            .collect();
        let (entries, advisories) = (self.entries(source), self.advisories(source));
        let mut statements: Vec<Statement> = read_lines(&entries)?;
        let mut kept: Vec<KeptAdvisory> = read_lines(&advisories)?;
        let before = statements.len() + kept.len();
        statements.retain(|one| !anew && !replaced.contains(one.record.id.as_str()));
        kept.retain(|one| !anew && !replaced.contains(one.advisory.id.as_str()));
        let left = statements.len() + kept.len();
        statements.extend(batch.statements.iter().cloned());
        let new = batch.advisories.iter().cloned();
        kept.extend(new.map(|(package, advisory)| KeptAdvisory { package, advisory }));
        write_lines(&entries, &statements)?;
        if !kept.is_empty() || advisories.exists() {
            write_lines(&advisories, &kept)?;
        }
        let taken = (batch.statements.len(), batch.advisories.len());
        Ok(Imported {
            statements: taken.0,
            advisories: taken.1,
            gone: (before - left).saturating_sub(taken.0 + taken.1),
        })
    }

    /// Every entry of every source, ranked, with what must be held back held back.
    ///
    /// # Errors
    /// When a file of the workshop cannot be read.
    pub fn statements(&self) -> Result<Vec<Statement>, WorkshopError> {
        let settings = self.settings()?;
        let mut all = Vec::new();
        for (source, path) in self.sources("entries")? {
            let rank = settings.sources.get(&source).and_then(|source| source.rank).unwrap_or(100);
            all.extend(read_lines::<Statement>(&path)?.into_iter().map(|one| Statement { rank, ..one }));
        }
        let lists: Result<Vec<String>, WorkshopError> = settings
            .popular
            .iter()
            .map(|name| {
                let path = self.folder.join(name);
                fs::read_to_string(&path).map_err(|error| WorkshopError::Unreadable { path, error })
            })
            .collect();
        held::hold(&mut all, &held::popular(&lists?));
        Ok(all)
    }

    fn all_advisories(&self) -> Result<Vec<(Named, Advisory)>, WorkshopError> {
        let mut all = Vec::new();
        for (_, path) in self.sources("advisories")? {
            all.extend(read_lines::<KeptAdvisory>(&path)?.into_iter().map(|one| (one.package, one.advisory)));
        }
        Ok(all)
    }

    /// For how many seconds an edition holds.
    fn validity(&self) -> Result<i64, WorkshopError> {
        Ok(self.settings()?.valid_days.unwrap_or(VALID_DAYS).clamp(1, 3650) * 86_400)
    }

    fn settings(&self) -> Result<Settings, WorkshopError> {
        let path = self.folder.join(SETTINGS);
        match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text)
                .map_err(|error| WorkshopError::Settings { path, reason: error.message().to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(WorkshopError::Unreadable { path, error }),
        }
    }

    fn entries(&self, source: &str) -> PathBuf {
        self.folder.join("entries").join(format!("{source}.jsonl"))
    }

    fn advisories(&self, source: &str) -> PathBuf {
        self.folder.join("advisories").join(format!("{source}.jsonl"))
    }

    /// The sources that have a file in a folder, in the order of their names.
    fn sources(&self, folder: &str) -> Result<Vec<(String, PathBuf)>, WorkshopError> {
        let path = self.folder.join(folder);
        let listed = match fs::read_dir(&path) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(WorkshopError::Unreadable { path, error }),
        };
        let mut found: Vec<(String, PathBuf)> = listed
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().into_string().ok()?;
                Some((name.strip_suffix(".jsonl")?.to_owned(), entry.path()))
            })
            .collect();
        found.sort();
        Ok(found)
    }
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, WorkshopError> {
    let unreadable = |error| WorkshopError::Unreadable { path: path.to_owned(), error };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| unreadable(error.into()))).collect()
}

fn write_lines<T: Serialize>(path: &Path, lines: &[T]) -> Result<(), WorkshopError> {
    let mut out = Vec::new();
    for line in lines {
        // Texts, numbers and lists always have a JSON form.
        let _ = serde_json::to_writer(&mut out, line);
        out.push(b'\n');
    }
    write(path, &out)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WorkshopError> {
    replace(path, bytes).map_err(|error| WorkshopError::Unwritable { path: path.to_owned(), error })
}
