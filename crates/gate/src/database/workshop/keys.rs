//! The keys of a publisher: one signs roots and can lie in a safe, the other signs each edition.

use std::{fs, io, path::PathBuf};

use wire::trust::{PublicKey, Role, Root, SigningKey};

use super::{Workshop, WorkshopError, write};

/// A role of the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleName {
    /// Signs roots.
    Root,
    /// Signs editions.
    Snapshot,
}

impl RoleName {
    fn file(self) -> &'static str {
        match self {
            Self::Root => "root.key",
            Self::Snapshot => "snapshot.key",
        }
    }
}

/// The root that now holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Its number.
    pub version: u64,
    /// The keys that sign roots: what clients are told.
    pub root_keys: Vec<PublicKey>,
    /// After when it holds no more.
    pub expires: i64,
}

impl Workshop {
    /// Makes the keys and the first root.
    ///
    /// # Errors
    /// When there are keys already, or they cannot be written.
    pub fn new_keys(&self, expires: i64) -> Result<Rotated, WorkshopError> {
        if self.key_path(RoleName::Root).exists() || self.newest_root()?.is_some() {
            return Err(WorkshopError::KeysExist);
        }
        let (owner, publisher) = (SigningKey::generate()?, SigningKey::generate()?);
        let root = Root::new(expires, Role::of(owner.public()), Role::of(publisher.public()));
        self.write_key(RoleName::Root, &owner)?;
        self.write_key(RoleName::Snapshot, &publisher)?;
        self.write_root(&root, &[&owner])
    }

    /// Puts a new key in the place of one; the new root is signed by the old and the new key of roots. The old key is kept
    /// beside the new one.
    ///
    /// # Errors
    /// When there are no keys, or they cannot be written.
    pub fn rotate(&self, role: RoleName, expires: i64) -> Result<Rotated, WorkshopError> {
        let (old, _) = self.newest_root()?.ok_or(WorkshopError::NoKeys)?;
        let owner = self.key(RoleName::Root)?;
        let new = SigningKey::generate()?;
        let mut root = Root { version: old.version + 1, expires, ..old.clone() };
        let signers = match role {
            RoleName::Root => {
                root.root = Role::of(new.public());
                vec![&owner, &new]
            }
            RoleName::Snapshot => {
                root.snapshot = Role::of(new.public());
                vec![&owner]
            }
        };
        let path = self.key_path(role);
        let aside = path.with_extension(format!("key.{}", old.version));
        fs::copy(&path, &aside).map_err(|error| WorkshopError::Unwritable { path: aside, error })?;
        // The root first: a new key without a root signs nothing, and the old one is still there.
        let rotated = self.write_root(&root, &signers)?;
        self.write_key(role, &new)?;
        Ok(rotated)
    }

    /// The newest root, and its text.
    pub(super) fn newest_root(&self) -> Result<Option<(Root, Vec<u8>)>, WorkshopError> {
        let mut newest: Option<(Root, Vec<u8>)> = None;
        loop {
            let version = newest.as_ref().map_or(1, |(root, _)| root.version + 1);
            let path = self.public().join(format!("{version}.root.json"));
            let bytes = match fs::read(&path) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(newest),
                Err(error) => return Err(WorkshopError::Unreadable { path, error }),
            };
            let root = match &newest {
                Some((before, _)) => before.next(&bytes)?,
                None => Root::trusted(&bytes)?,
            };
            newest = Some((root, bytes));
        }
    }

    pub(super) fn key(&self, role: RoleName) -> Result<SigningKey, WorkshopError> {
        let path = self.key_path(role);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(SigningKey::from_text(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(WorkshopError::NoKeys),
            Err(error) => Err(WorkshopError::Unreadable { path, error }),
        }
    }

    fn write_root(&self, root: &Root, signers: &[&SigningKey]) -> Result<Rotated, WorkshopError> {
        let path = self.public().join(format!("{}.root.json", root.version));
        write(&path, &root.sign(signers))?;
        Ok(Rotated { version: root.version, root_keys: root.root.keys.clone(), expires: root.expires })
    }

    fn key_path(&self, role: RoleName) -> PathBuf {
        self.folder.join("keys").join(role.file())
    }

    /// Nobody else may read it: the folder is closed before anything is in it.
    fn write_key(&self, role: RoleName, key: &SigningKey) -> Result<(), WorkshopError> {
        let path = self.key_path(role);
        let folder = self.folder.join("keys");
        let closed = fs::create_dir_all(&folder).and_then(|()| close(&folder));
        closed.map_err(|error| WorkshopError::Unwritable { path: folder, error })?;
        write(&path, key.to_text().as_bytes())?;
        close(&path).map_err(|error| WorkshopError::Unwritable { path, error })
    }
}

#[cfg(unix)]
fn close(path: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn close(_: &std::path::Path) -> io::Result<()> {
    Ok(())
}
