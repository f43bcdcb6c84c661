//! Building editions and signing them.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use wire::{
    snapshot::{Edition, Snapshot, build, build_advisories, delta},
    trust::{DeltaInfo, FileInfo, Manifest},
};

use super::{RoleName, Workshop, WorkshopError, write};
use crate::database::{Place, State};

/// What was built last.
const BUILD: &str = "build.json";
/// So many steps back can be updated by deltas.
const MOST_DELTAS: usize = 60;

/// The newest edition of a workshop, as it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// Its number.
    pub sequence: u64,
    /// After when it holds no more, unless it is signed again.
    pub expires: i64,
    /// The verdicts.
    pub verdicts: FileInfo,
    /// The vulnerabilities, where there are any.
    pub vulnerabilities: Option<FileInfo>,
    /// The deltas, the newest first.
    pub deltas: Vec<DeltaInfo>,
    /// The version of the manifest that was signed last.
    pub manifest: u64,
}

/// What a build did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The newest edition.
    pub build: Build,
    /// How many entries it holds.
    pub entries: u64,
    /// How many vulnerabilities.
    pub vulnerabilities: usize,
    /// How many entries are held back.
    pub held: usize,
    /// Whether anything is new.
    pub changed: bool,
}

impl Workshop {
    /// Builds an edition out of what was imported, and the delta that leads to it. When nothing is new, the edition before
    /// stays.
    ///
    /// # Errors
    /// When nothing was imported, or a file cannot be read or written.
    pub fn build(&self, now: i64) -> Result<Built, WorkshopError> {
        let (statements, advisories) = (self.statements()?, self.all_advisories()?);
        if statements.is_empty() && advisories.is_empty() {
            return Err(WorkshopError::Empty);
        }
        let before = self.newest()?;
        let sequence = before.as_ref().map_or(1, |build| build.sequence + 1);
        let edition = Edition { sequence, made: now, expires: now + self.validity()? };
        let mut built = Built {
            build: Build {
                sequence,
                expires: edition.expires,
                verdicts: info("", &[]),
                vulnerabilities: self.write_advisories(edition, &advisories)?,
                deltas: Vec::new(),
                manifest: before.as_ref().map_or(0, |build| build.manifest),
            },
            entries: 0,
            vulnerabilities: advisories.len(),
            held: statements.iter().filter(|one| one.record.held.is_some()).count(),
            changed: true,
        };
        if let Some(before) = before {
            let path = self.public().join(&before.verdicts.name);
            let old = fs::read(&path).map_err(|error| WorkshopError::Unreadable { path, error })?;
            let old = Snapshot::open(old)?;
            let same = build(old.edition(), &statements)? == old.bytes();
            if same && before.vulnerabilities == built.build.vulnerabilities {
                return Ok(Built { entries: old.records(), build: before, changed: false, ..built });
            }
            let new = Snapshot::open(build(edition, &statements)?)?;
            let packed = delta(&old, &new)?;
            let name = format!("delta-{}-{sequence}", before.sequence);
            write(&self.public().join(&name), &packed)?;
            let step = DeltaInfo { from: before.sequence, to: sequence, file: info(&name, &packed) };
            built.build.deltas = [vec![step], before.deltas].concat();
            built.build.deltas.truncate(MOST_DELTAS);
        }
        let bytes = build(edition, &statements)?;
        built.entries = Snapshot::open(&bytes)?.records();
        let name = format!("edition-{sequence}.verdicts");
        built.build.verdicts = info(&name, &bytes);
        write(&self.public().join(&name), &bytes)?;
        self.write_build(&built.build)?;
        self.sweep(&built.build);
        Ok(built)
    }

    /// Signs the newest edition; signing it again lets it hold longer.
    ///
    /// # Errors
    /// When nothing was built, or there are no keys.
    pub fn sign(&self, now: i64) -> Result<Manifest, WorkshopError> {
        let mut build = self.newest()?.ok_or(WorkshopError::NotBuilt)?;
        let (root, _) = self.newest_root()?.ok_or(WorkshopError::NoKeys)?;
        let key = self.key(RoleName::Snapshot)?;
        build.manifest += 1;
        let expires = now + self.validity()?;
        let mut manifest = Manifest::new(build.manifest, expires, build.sequence, build.verdicts.clone());
        manifest.vulnerabilities.clone_from(&build.vulnerabilities);
        manifest.deltas.clone_from(&build.deltas);
        let signed = manifest.sign(&[&key]);
        // A key that is not the root's would lock every client out.
        root.manifest(&signed)?;
        self.write_build(&build)?;
        write(&self.public().join("manifest.json"), &signed)?;
        Ok(manifest)
    }

    /// Puts the newest edition in force on this machine, unsigned.
    ///
    /// # Errors
    /// When nothing was built, or the place cannot be written.
    pub fn install(&self, place: &Place) -> Result<(), WorkshopError> {
        let build = self.newest()?.ok_or(WorkshopError::NotBuilt)?;
        let read = |name: &str| {
            let path = self.public().join(name);
            fs::read(&path).map_err(|error| WorkshopError::Unreadable { path, error })
        };
        let verdicts = read(&build.verdicts.name)?;
        let vulnerabilities = build.vulnerabilities.as_ref().map(|file| read(&file.name)).transpose()?;
        let state = State {
            sequence: build.sequence,
            expires: build.expires,
            verdicts: build.verdicts.name.clone(),
            vulnerabilities: build.vulnerabilities.as_ref().map(|file| file.name.clone()),
            ..State::default()
        };
        let mut files = vec![(build.verdicts.name.as_str(), verdicts.as_slice())];
        if let (Some(file), Some(bytes)) = (&build.vulnerabilities, &vulnerabilities) {
            files.push((&file.name, bytes));
        }
        Ok(place.install(&state, &files)?)
    }

    /// What was built last.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn newest(&self) -> Result<Option<Build>, WorkshopError> {
        let path = self.folder.join(BUILD);
        let unreadable = |error| WorkshopError::Unreadable { path: path.clone(), error };
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| unreadable(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    fn write_build(&self, build: &Build) -> Result<(), WorkshopError> {
        write(&self.folder.join(BUILD), &serde_json::to_vec_pretty(build).unwrap_or_default())
    }

    /// The file of vulnerabilities is named for its content: as long as that stays, so does the file.
    fn write_advisories(
        &self,
        edition: Edition,
        advisories: &[(wire::snapshot::Named, wire::snapshot::Advisory)],
    ) -> Result<Option<FileInfo>, WorkshopError> {
        if advisories.is_empty() {
            return Ok(None);
        }
        let content = net::sha256(&build_advisories(Edition::default(), advisories)?).to_string();
        let name = format!("edition-{}.vulnerabilities", &content[..16]);
        let path = self.public().join(&name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(_) => {
                let bytes = build_advisories(edition, advisories)?;
                write(&path, &bytes)?;
                bytes
            }
        };
        Ok(Some(info(&name, &bytes)))
    }

    /// Deletes what no client asks for any more. The edition before stays, for those who are just fetching it.
    fn sweep(&self, build: &Build) {
        let kept = |name: &str| {
            name == build.verdicts.name
                || name == format!("edition-{}.verdicts", build.sequence.saturating_sub(1))
                || build.vulnerabilities.as_ref().is_some_and(|file| file.name == name)
                || build.deltas.iter().any(|one| one.file.name == name)
        };
        let public: PathBuf = self.public();
        for entry in fs::read_dir(&public).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if (name.starts_with("edition-") || name.starts_with("delta-")) && !kept(&name) {
                let _ = fs::remove_file(Path::new(&public).join(name));
            }
        }
    }
}

fn info(name: &str, bytes: &[u8]) -> FileInfo {
    FileInfo { name: name.to_owned(), size: bytes.len() as u64, sha256: net::sha256(bytes) }
}
