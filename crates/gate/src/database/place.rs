//! Where the database lies on this machine, and how a new edition takes the place of the one before.
//!
//! A file is written under another name, forced to the disk and renamed. The state names the edition in force and is
//! written last: whatever interrupts an update, the edition before stays in force.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use net::{Discovered, Environment};
use serde::{Deserialize, Serialize};

use super::DatabaseError;

const STATE: &str = "state.json";

/// The folder of the database.
#[derive(Debug, Clone)]
pub struct Place {
    folder: PathBuf,
}

/// What is in force, and what must be remembered to tell an older one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct State {
    /// The trusted root, as it was signed; none when the database was built on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The version of the manifest that was last accepted.
    #[serde(default)]
    pub manifest: u64,
    /// The number of the edition in force.
    pub sequence: u64,
    /// Until when its publisher lets it be used.
    pub expires: i64,
    /// The file of the verdicts.
    pub verdicts: String,
    /// The file of the vulnerabilities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<String>,
    /// From where it was updated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Place {
    /// A database in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The user's database: where `lazaret.toml` says, or among the user's data.
    ///
    /// # Errors
    /// When the user has no home.
    pub fn of_user(environment: &Environment, own: &Discovered) -> Result<Self, DatabaseError> {
        if let Some(folder) = &own.database.folder {
            return Ok(Self::new(folder));
        }
        let var = |name: &str| environment.var(name).map(PathBuf::from);
        let home = |path: &str| environment.home.as_ref().map(|home| home.join(path));
        let data = if cfg!(windows) {
            var("LOCALAPPDATA").or_else(|| home("AppData/Local"))
        } else if cfg!(target_os = "macos") {
            var("XDG_DATA_HOME").or_else(|| home("Library/Application Support"))
        } else {
            var("XDG_DATA_HOME").or_else(|| home(".local/share"))
        };
        let folder = var("LAZARET_DATA_DIR").or_else(|| data.map(|data| data.join("lazaret")));
        folder.map(|folder| Self::new(folder.join("database"))).ok_or(DatabaseError::Homeless)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is in force; none when there is no database yet.
    ///
    /// # Errors
    /// When the state is there and cannot be read.
    pub fn state(&self) -> Result<Option<State>, DatabaseError> {
        let path = self.file(STATE);
        let unreadable = |error| DatabaseError::Unreadable { path: path.clone(), error };
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    /// Puts an edition in force: its files first, the state after them. What no state names any more is deleted.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be written; the edition before stays in force.
    pub fn install(&self, state: &State, files: &[(&str, &[u8])]) -> Result<(), DatabaseError> {
        for (name, bytes) in files {
            self.write(name, bytes)?;
        }
        let text = serde_json::to_vec_pretty(state).unwrap_or_default();
        self.write(STATE, &text)?;
        self.sweep(state);
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), DatabaseError> {
        let path = self.file(name);
        replace(&path, bytes).map_err(|error| DatabaseError::Unwritable { path, error })
    }

    /// Deletes older editions, and what interrupted updates left. A mapped file stays readable until it is closed.
    fn sweep(&self, state: &State) {
        let kept = |name: &str| name == state.verdicts || Some(name) == state.vulnerabilities.as_deref();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.starts_with("edition-") && !kept(name) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Writes a file so that there is the old one or the new one, and never a part of one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| drop(fs::remove_file(&new)))?;
    // The rename itself is on the disk when the folder is; systems that cannot say so keep it soon enough.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
