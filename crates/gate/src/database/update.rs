//! `lazaret db update`: the newest edition from a server or folder that nobody has to trust. Every file is checked against
//! the signed manifest, and nothing is put in force before all of it was.

use std::{
    io,
    path::{Path, PathBuf},
};

use model::{Algorithm, Checksum};
use net::{Client, Fetch, NetError};
use sandbox::Mapping;
use url::Url;
use wire::{
    snapshot::{Advisories, Delta, Inapplicable, Snapshot, Unusable},
    trust::{FileInfo, Manifest, PublicKey, Refused, Root, moment},
};

use super::{
    DatabaseError,
    place::{Place, State},
};

/// Signed documents are small.
const DOCUMENT_LIMIT: u64 = 1 << 20;
/// A delta unpacks to no more.
const DELTA_LIMIT: u64 = 1 << 30;
/// So many roots may follow one another in one update.
const MOST_ROOTS: u64 = 256;

/// Where editions come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A web address; files lie beside one another under it.
    Web(Url),
    /// A folder.
    Folder(PathBuf),
}

/// Why the edition at hand stays in force.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// It cannot be got.
    #[error(transparent)]
    Net(#[from] NetError),
    /// A file of the folder cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A signed document is not what it should be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody has said whom to trust.
    #[error(
        "no key is trusted for this database: ask its publisher for the key, and write root_key = \"ed25519:...\" under \
         [database] in your lazaret.toml, or give it with --root-key"
    )]
    NoRoot,
    /// A document holds no more.
    #[error(
        "{what} expired at {}: its publisher is late, or somebody keeps newer ones from you; if your clock is right, ask \
         the publisher", moment(*at)
    )]
    Expired {
        /// Which.
        what: &'static str,
        /// When it did.
        at: i64,
    },
    /// It is older than what was accepted before.
    #[error(
        "{what} {found} is older than {known}, which was accepted before: it is refused, since somebody may be replaying an \
         old database"
    )]
    Older {
        /// What was compared.
        what: &'static str,
        /// What came.
        found: u64,
        /// What is known.
        known: u64,
    },
    /// A file is not the one that the manifest names.
    #[error("{name} is not the file that was signed: {reason}; it is refused")]
    Altered {
        /// The file.
        name: String,
        /// What differs.
        reason: String,
    },
    /// The new edition cannot be put in force.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What an update did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The number of the edition before; none when there was none.
    pub before: Option<u64>,
    /// The number of the edition in force.
    pub now: u64,
    /// How many bytes came.
    pub bytes: u64,
    /// How many deltas were applied; 0 when the whole file came, or nothing was new.
    pub deltas: usize,
    /// What went wrong on the way and was mended.
    pub notes: Vec<String>,
}

/// One update.
pub struct Update<'u> {
    /// The client, for web addresses.
    pub client: &'u Client,
    /// From where.
    pub origin: &'u Origin,
    /// Whose signatures the first root must have.
    pub root_keys: &'u [PublicKey],
    /// The time, in seconds since 1970.
    pub now: i64,
}

impl Origin {
    /// The web address or folder that a text names.
    pub fn new(text: &str) -> Self {
        match Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
            Some(mut url) => {
                let folder = format!("{}/", url.path().trim_end_matches('/'));
                url.set_path(&folder);
                Self::Web(url)
            }
            None => Self::Folder(text.into()),
        }
    }
}

impl Update<'_> {
    /// Brings a database up to date.
    ///
    /// # Errors
    /// When anything is not as it was signed; the edition before stays in force.
    pub async fn run(&self, place: &Place) -> Result<Updated, UpdateError> {
        let state = place.state()?;
        let known = state.as_ref().filter(|state| state.root.is_some());
        let (root, root_text) = self.root(known.and_then(|state| state.root.as_deref())).await?;
        let manifest = self.manifest(&root, known).await?;
        let before = state.as_ref().map(|state| state.sequence);
        let mut done = Updated { before, now: manifest.sequence, bytes: 0, deltas: 0, notes: Vec::new() };
        let verdicts = format!("edition-{}.verdicts", manifest.sequence);
        let vulnerabilities = manifest.vulnerabilities.as_ref();
        let vulnerabilities_name = vulnerabilities.map(|file| format!("edition-{}.vulnerabilities", short(file)));
        let new_state = State {
            root: Some(root_text),
            manifest: manifest.version,
            sequence: manifest.sequence,
            expires: manifest.expires,
            verdicts: verdicts.clone(),
            vulnerabilities: vulnerabilities_name.clone(),
            source: Some(self.shown()),
        };
        let mut files = Vec::new();
        let in_force =
            known.filter(|state| state.sequence == manifest.sequence).map(|state| place.file(&state.verdicts));
        if !in_force.is_some_and(|path| is_signed(&path, &manifest.verdicts)) {
            let base = known.map(|state| place.file(&state.verdicts));
            files.push((verdicts, self.verdicts(base.as_deref(), &manifest, &mut done).await?));
        }
        if let (Some(file), Some(name)) = (vulnerabilities, vulnerabilities_name)
            && !is_signed(&place.file(&name), file)
        {
            let bytes = self.file(file, &mut done).await?;
            let whole = Advisories::open(&bytes).and_then(|advisories| advisories.verify());
            whole.map_err(|error| altered(file, &error))?;
            files.push((name, bytes));
        }
        let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        place.install(&new_state, &files)?;
        Ok(done)
    }

    /// The newest root, by way of all between it and the trusted one.
    async fn root(&self, known: Option<&str>) -> Result<(Root, String), UpdateError> {
        let (mut root, mut text) = match known {
            Some(text) => (Root::trusted(text.as_bytes())?, text.to_owned()),
            None if self.root_keys.is_empty() => return Err(UpdateError::NoRoot),
            None => {
                let bytes = self.document("1.root.json").await?;
                (Root::pinned(&bytes, self.root_keys)?, String::from_utf8_lossy(&bytes).into_owned())
            }
        };
        for _ in 0..MOST_ROOTS {
            let name = format!("{}.root.json", root.version + 1);
            let bytes = match self.document(&name).await {
                Ok(bytes) => bytes,
                Err(error) if is_missing(&error) => break,
                Err(error) => return Err(error),
            };
            root = root.next(&bytes)?;
            text = String::from_utf8_lossy(&bytes).into_owned();
        }
        self.check_time("the root", root.expires)?;
        Ok((root, text))
    }

    /// The newest manifest, when it is not older than the one before.
    async fn manifest(&self, root: &Root, known: Option<&State>) -> Result<Manifest, UpdateError> {
        let bytes = self.document("manifest.json").await?;
        let manifest = root.manifest(&bytes)?;
        let older = |what, found, known| UpdateError::Older { what, found, known };
        if let Some(known) = known {
            if manifest.version < known.manifest {
                return Err(older("manifest", manifest.version, known.manifest));
            }
            if manifest.sequence < known.sequence {
                return Err(older("edition", manifest.sequence, known.sequence));
            }
        }
        self.check_time("the manifest", manifest.expires)?;
        Ok(manifest)
    }

    fn check_time(&self, what: &'static str, expires: i64) -> Result<(), UpdateError> {
        if expires > self.now { Ok(()) } else { Err(UpdateError::Expired { what, at: expires }) }
    }

    /// The new verdicts: by deltas, when they are there and smaller; otherwise the whole file.
    async fn verdicts(
        &self,
        base: Option<&Path>,
        manifest: &Manifest,
        done: &mut Updated,
    ) -> Result<Vec<u8>, UpdateError> {
        let base = base.and_then(|path| Snapshot::open(Mapping::open(path).ok()?).ok());
        let way = base.as_ref().and_then(|base| manifest.way_from(base.edition().sequence));
        let way = way.filter(|way| way.iter().map(|one| one.file.size).sum::<u64>() < manifest.verdicts.size);
        if let (Some(base), Some(way)) = (base, way)
            && !way.is_empty()
        {
            let mut bytes = Vec::new();
            for (at, step) in way.iter().enumerate() {
                let packed = self.file(&step.file, done).await?;
                let applied = match at {
                    0 => apply(&base, &packed),
                    _ => Snapshot::open(&bytes).map_err(Into::into).and_then(|base| apply(&base, &packed)),
                };
                match applied {
                    Ok(next) => bytes = next,
                    Err(error) => {
                        done.notes.push(error.to_string());
                        bytes.clear();
                        break;
                    }
                }
            }
            if check(&bytes, &manifest.verdicts).is_ok() {
                done.deltas = way.len();
                return Ok(bytes);
            }
        }
        let bytes = self.file(&manifest.verdicts, done).await?;
        let snapshot = Snapshot::open(&bytes).map_err(|error| altered(&manifest.verdicts, &error))?;
        snapshot.verify().map_err(|error| altered(&manifest.verdicts, &error))?;
        if snapshot.edition().sequence != manifest.sequence {
            return Err(altered(&manifest.verdicts, &Unusable::Header));
        }
        Ok(bytes)
    }

    async fn document(&self, name: &str) -> Result<Vec<u8>, UpdateError> {
        self.get(name, DOCUMENT_LIMIT, None).await
    }

    /// A file that the manifest names, exactly as it was signed.
    async fn file(&self, file: &FileInfo, done: &mut Updated) -> Result<Vec<u8>, UpdateError> {
        let checksum = Checksum::new(Algorithm::Sha256, file.sha256.0.to_vec());
        let bytes = self.get(&file.name, file.size, checksum.as_ref()).await?;
        done.bytes += bytes.len() as u64;
        check(&bytes, file).map_err(|reason| UpdateError::Altered { name: file.name.clone(), reason })?;
        Ok(bytes)
    }

    async fn get(&self, name: &str, limit: u64, checksum: Option<&Checksum>) -> Result<Vec<u8>, UpdateError> {
        // A name leads nowhere else, also where the publisher's key was stolen.
        if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':', '?', '#', '%']) {
            let reason = "its name is none of a file beside the manifest".into();
            return Err(UpdateError::Altered { name: name.to_owned(), reason });
        }
        match self.origin {
            Origin::Web(base) => {
                let url = base.join(name).map_err(|_| UpdateError::Altered {
                    name: name.to_owned(),
                    reason: "its name makes no address".into(),
                })?;
                let fetch = Fetch { url: &url, accept: "*/*", limit, checksum };
                Ok(self.client.get(&fetch).await?.bytes)
            }
            Origin::Folder(folder) => read(&folder.join(name), limit),
        }
    }

    fn shown(&self) -> String {
        match self.origin {
            Origin::Web(url) => net::Shown::from(url).to_string(),
            Origin::Folder(folder) => folder.display().to_string(),
        }
    }
}

fn read(path: &Path, limit: u64) -> Result<Vec<u8>, UpdateError> {
    let unreadable = |error| UpdateError::Unreadable { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    io::Read::read_to_end(&mut io::Read::take(file, limit + 1), &mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Err(UpdateError::Altered { name, reason: format!("it has more than {limit} bytes") });
    }
    Ok(bytes)
}

fn apply<B: AsRef<[u8]>>(base: &Snapshot<B>, packed: &[u8]) -> Result<Vec<u8>, Inapplicable> {
    Delta::open(packed, DELTA_LIMIT)?.apply(base)
}

/// Whether bytes are those that were signed, or how they differ.
fn check(bytes: &[u8], file: &FileInfo) -> Result<(), String> {
    if bytes.len() as u64 != file.size {
        return Err(format!("it has {} bytes instead of {}", bytes.len(), file.size));
    }
    if net::sha256(bytes) == file.sha256 { Ok(()) } else { Err("its digest is another".into()) }
}

/// Whether a file on the disk is the one that was signed.
fn is_signed(path: &Path, file: &FileInfo) -> bool {
    Mapping::open(path).is_ok_and(|mapping| check(mapping.as_ref(), file).is_ok())
}

fn altered(file: &FileInfo, error: &Unusable) -> UpdateError {
    UpdateError::Altered { name: file.name.clone(), reason: error.to_string() }
}

fn is_missing(error: &UpdateError) -> bool {
    match error {
        UpdateError::Net(NetError::NotFound { .. }) => true,
        UpdateError::Unreadable { error, .. } => error.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

fn short(file: &FileInfo) -> String {
    file.sha256.to_string()[..16].to_owned()
}
