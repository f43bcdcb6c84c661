//! What is kept on disk: artifacts under their digest, analyses, and what releases resolved to.
//!
//! Everything here can be computed or downloaded again, so that losing it costs time only. Nothing in it is trusted:
//! artifacts are hashed again when they are read.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

use model::Digest;

use crate::{Environment, sha256};

/// The kinds of things that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Space {
    /// Bytes of artifacts, under their sha256.
    Artifacts,
    /// Results of analyses, under a key of everything that decides them.
    Analyses,
    /// Which artifacts a release has. Releases do not change.
    Releases,
    /// What was decided about a published file, in short, under its hash and the rules.
    Verdicts,
}

impl Space {
    const ALL: [Self; 4] = [Self::Artifacts, Self::Analyses, Self::Releases, Self::Verdicts];

    /// The folder, which is also its name in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Artifacts => "artifacts",
            Self::Analyses => "analyses",
            Self::Releases => "releases",
            Self::Verdicts => "verdicts",
        }
    }
}

/// What the cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it may have.
    pub limit: u64,
    /// Files and bytes of each space.
    pub spaces: Vec<(Space, u64, u64)>,
}

impl Status {
    /// All bytes.
    pub fn bytes(&self) -> u64 {
        self.spaces.iter().map(|(_, _, bytes)| bytes).sum()
    }
}

/// Why the cache cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// No folder for it is known.
    #[error("no folder for the cache is known; set LAZARET_CACHE_DIR to one")]
    NoFolder,
    /// The disk refuses.
    #[error("the cache in {path} cannot be {what}: {source}")]
    Disk {
        /// The folder or file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

/// The cache of one user. Several processes may use it at once: every file is written whole or not at all.
#[derive(Debug)]
pub struct Cache {
    root: PathBuf,
    limit: u64,
    written: AtomicU64,
}

impl Cache {
    /// The bound that holds unless the user sets another: 2 GiB.
    pub const DEFAULT_LIMIT: u64 = 2 << 30;

    /// A cache in this folder, which is made when something is first kept.
    pub fn new(root: impl Into<PathBuf>, limit: u64) -> Self {
        // As if much were written: the first write of a process looks at the whole cache once.
        Self { root: root.into(), limit, written: AtomicU64::new(u64::MAX / 2) }
    }

    /// The cache of the user: in `LAZARET_CACHE_DIR`, or where this system keeps caches.
    pub fn of_user(environment: &Environment, limit: Option<u64>) -> Result<Self, CacheError> {
        let root = Self::folder(environment).ok_or(CacheError::NoFolder)?;
        Ok(Self::new(root, limit.unwrap_or(Self::DEFAULT_LIMIT)))
    }

    /// Where the user's cache is.
    pub fn folder(environment: &Environment) -> Option<PathBuf> {
        let var = |name: &str| environment.var(name).map(PathBuf::from);
        let home = |path: &str| environment.home.as_ref().map(|home| home.join(path));
        let of_system = if cfg!(windows) {
            var("LOCALAPPDATA").or_else(|| home("AppData/Local"))
        } else if cfg!(target_os = "macos") {
            var("XDG_CACHE_HOME").or_else(|| home("Library/Caches"))
        } else {
            var("XDG_CACHE_HOME").or_else(|| home(".cache"))
        };
        var("LAZARET_CACHE_DIR").or_else(|| of_system.map(|folder| folder.join("lazaret")))
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The bytes of an artifact, hashed again. Bytes that have changed are thrown away.
    pub fn artifact(&self, digest: Digest) -> Option<Vec<u8>> {
        let key = digest.to_string();
        let bytes = self.read(Space::Artifacts, &key)?;
        if sha256(&bytes) == digest {
            return Some(bytes);
        }
        let _ = fs::remove_file(self.path(Space::Artifacts, &key));
        None
    }

    /// Keeps an artifact and tells its digest.
    pub fn keep_artifact(&self, bytes: &[u8]) -> Result<Digest, CacheError> {
        let digest = sha256(bytes);
        self.keep(Space::Artifacts, &digest.to_string(), bytes)?;
        Ok(digest)
    }

    /// What is kept under a key, and marks it as used just now.
    pub fn read(&self, space: Space, key: &str) -> Option<Vec<u8>> {
        let path = self.path(space, key);
        let bytes = fs::read(&path).ok()?;
        if let Ok(file) = fs::File::options().append(true).open(&path) {
            // Only the order of eviction depends on it.
            let _ = file.set_modified(SystemTime::now());
        }
        Some(bytes)
    }

    /// Keeps bytes under a key.
    pub fn keep(&self, space: Space, key: &str, bytes: &[u8]) -> Result<(), CacheError> {
        if bytes.len() as u64 > self.limit {
            return Ok(());
        }
        let path = self.path(space, key);
        let folder = path.parent().unwrap_or(&self.root);
        let wrong = |source| CacheError::Disk { path: folder.to_owned(), what: "written", source };
        fs::create_dir_all(folder).map_err(wrong)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(wrong)?;
        file.write_all(bytes).map_err(wrong)?;
        file.persist(&path).map_err(|error| wrong(error.error))?;
        let before = self.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        if before.saturating_add(bytes.len() as u64) > self.limit / 32 {
            self.written.store(0, Ordering::Relaxed);
            self.evict();
        }
        Ok(())
    }

    /// What it holds.
    pub fn status(&self) -> Status {
        let count = |space: Space| {
            let files = files(&self.root.join(space.as_str()));
            (space, files.len() as u64, files.iter().map(|file| file.bytes).sum())
        };
        Status { path: self.root.clone(), limit: self.limit, spaces: Space::ALL.into_iter().map(count).collect() }
    }

    /// Empties it and tells what it held. Only its own folders are removed.
    pub fn clear(&self) -> Result<Status, CacheError> {
        let status = self.status();
        for space in Space::ALL {
            let path = self.root.join(space.as_str());
            match fs::remove_dir_all(&path) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err(CacheError::Disk { path, what: "cleared", source });
                }
                _ => {}
            }
        }
        Ok(status)
    }

    /// Removes the least recently used files until the rest has room to grow.
    fn evict(&self) {
        let mut files: Vec<_> = Space::ALL.iter().flat_map(|space| files(&self.root.join(space.as_str()))).collect();
        let mut total: u64 = files.iter().map(|file| file.bytes).sum();
        if total <= self.limit {
            return;
        }
        files.sort_by_key(|file| file.used);
        let goal = self.limit / 10 * 9;
        for file in files {
            if total <= goal {
                break;
            }
            if fs::remove_file(&file.path).is_ok() {
                total -= file.bytes;
            }
        }
    }

    /// Keys become file names: whatever is not a digest already is hashed.
    fn path(&self, space: Space, key: &str) -> PathBuf {
        let digits = key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit());
        let name = if digits { key.to_owned() } else { sha256(key.as_bytes()).to_string() };
        self.root.join(space.as_str()).join(&name[..2]).join(name)
    }
}

struct Kept {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// Every file of a space, two levels down.
fn files(space: &Path) -> Vec<Kept> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let kept = |entry: fs::DirEntry| {
        let meta = entry.metadata().ok().filter(fs::Metadata::is_file)?;
        let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        Some(Kept { path: entry.path(), bytes: meta.len(), used })
    };
    entries(space).flat_map(|folder| entries(&folder.path()).collect::<Vec<_>>()).filter_map(kept).collect()
}
