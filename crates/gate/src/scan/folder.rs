//! Where a project's files are read: on disk, within its bounds.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use ecosystem::lockfile::lockfile;
use ignore::{WalkBuilder, overrides::OverrideBuilder};

use super::ScanError;

/// The largest file that is read. The largest lockfiles of the world have some 30 MB.
pub(super) const MAX_FILE: u64 = 256 << 20;
/// So many files are read at most; the rest is said to be left out.
const MAX_FILES: usize = 50_000;

/// A world of files with one root. Paths are relative to it and have forward slashes.
pub(super) trait Folder {
    /// Every file of a known format, in order, and what was left out.
    fn list(&self) -> Listing;

    /// The bytes of a file; nothing when it does not exist or may not be read; a sentence when it cannot be.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;

    /// The files at this path, in which a `*` stands for any one name.
    fn expand(&self, pattern: &str) -> Vec<String>;
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub(super) files: Vec<String>,
    /// Sentences.
    pub(super) notes: Vec<String>,
    /// What could not be listed, as sentences.
    pub(super) failures: Vec<String>,
}

/// A folder on disk.
#[derive(Debug)]
pub(super) struct Disk {
    root: PathBuf,
    /// Nothing above is read, wherever includes and links lead.
    bound: PathBuf,
    exclude: Vec<String>,
    installed: bool,
}

impl Disk {
    pub(super) fn new(root: &Path, exclude: &[String], installed: bool) -> Result<Self, ScanError> {
        let unreadable = |cause| ScanError::Unreadable { path: root.to_owned(), cause };
        let root = root.canonicalize().map_err(unreadable)?;
        // Files of one repository belong together: an include may lead out of the folder that is asked for.
        let bound = root.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&root).to_owned();
        let disk = Self { root, bound, exclude: exclude.to_vec(), installed };
        disk.patterns()?;
        Ok(disk)
    }

    fn patterns(&self) -> Result<ignore::overrides::Override, ScanError> {
        let mut builder = OverrideBuilder::new(&self.root);
        for pattern in &self.exclude {
            let wrong =
                |cause: ignore::Error| ScanError::Pattern { pattern: pattern.clone(), cause: cause.to_string() };
            builder.add(&format!("!{pattern}")).map_err(wrong)?;
        }
        let wrong =
            |cause: ignore::Error| ScanError::Pattern { pattern: self.exclude.join(" "), cause: cause.to_string() };
        builder.build().map_err(wrong)
    }
}

impl Folder for Disk {
    /// What a repository ignores is read all the same: whoever writes the ignore file may be whom we look for.
    fn list(&self) -> Listing {
        let mut out = Listing::default();
        let skipped = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let (installed, seen, root) = (self.installed, skipped.clone(), self.root.clone());
        let mut walk = WalkBuilder::new(&self.root);
        walk.standard_filters(false).follow_links(false).sort_by_file_name(Ord::cmp);
        walk.overrides(self.patterns().unwrap_or_else(|_| ignore::overrides::Override::empty()));
        walk.filter_entry(move |entry| {
            let is_folder = entry.depth() > 0 && entry.file_type().is_some_and(|kind| kind.is_dir());
            let why = is_folder.then(|| left_out(entry.path(), installed)).flatten();
            if why == Some(Left::Installed)
                && let Ok(mut seen) = seen.lock()
            {
                seen.push(relative(&root, entry.path()));
            }
            why.is_none()
        });
        for entry in walk.build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_dir()) => {}
                Ok(entry) => {
                    let path = relative(&self.root, entry.path());
                    if lockfile(&path).is_some() || is_binary_lockfile(&path) {
                        out.files.push(path);
                    }
                }
                Err(error) => out.failures.push(format!("a folder could not be listed: {error}")),
            }
            if out.files.len() >= MAX_FILES {
                out.failures.push(format!("there are more than {MAX_FILES} files to read; the rest is left out"));
                break;
            }
        }
        let skipped = skipped.lock().map(|list| list.clone()).unwrap_or_default();
        if let Some(first) = skipped.first() {
            let others = if skipped.len() > 1 { format!(" and {} more", skipped.len() - 1) } else { String::new() };
            out.notes.push(format!("installed packages in {first}{others} were not walked; --installed does that"));
        }
        out
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let Ok(full) = self.root.join(path).canonicalize() else { return Ok(None) };
        if !full.starts_with(&self.bound) {
            return Ok(None);
        }
        let sentence = |error: std::io::Error| format!("it cannot be read: {error}");
        let meta = fs::metadata(&full).map_err(sentence)?;
        if !meta.is_file() {
            return Ok(None);
        }
        if meta.len() > MAX_FILE {
            return Err(format!("it has {} bytes; Lazaret reads files of at most {MAX_FILE} bytes", meta.len()));
        }
        let mut bytes = Vec::with_capacity(meta.len() as usize);
        File::open(&full).and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes)).map_err(sentence)?;
        Ok(Some(bytes))
    }

    fn expand(&self, pattern: &str) -> Vec<String> {
        let Some((before, after)) = pattern.split_once('*') else { return vec![pattern.to_owned()] };
        let (folder, start) = before.rsplit_once('/').unwrap_or(("", before));
        let names = fs::read_dir(self.root.join(folder)).into_iter().flatten().filter_map(Result::ok);
        let names = names.filter_map(|entry| entry.file_name().into_string().ok()).take(MAX_FILES);
        let slash = if folder.is_empty() { "" } else { "/" };
        let mut out: Vec<String> = names
            .filter(|name| name.starts_with(start))
            .map(|name| format!("{folder}{slash}{name}{after}"))
            .filter(|path| self.root.join(path).is_file())
            .collect();
        out.sort();
        out
    }
}

/// Why a folder is not walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// It is no part of the project.
    Foreign,
    /// Packages are installed there.
    Installed,
}

fn left_out(path: &Path, installed: bool) -> Option<Left> {
    let name = path.file_name()?.to_str()?;
    let is_installed = matches!(name, "node_modules" | "site-packages" | "dist-packages" | "bower_components")
        || path.join("pyvenv.cfg").is_file();
    match name {
        ".git" | ".hg" | ".svn" | "__pycache__" => Some(Left::Foreign),
        _ if is_installed && !installed => Some(Left::Installed),
        // What tools keep for themselves: cargo's target folder, caches.
        _ if path.join("CACHEDIR.TAG").is_file() && !is_installed => Some(Left::Foreign),
        _ => None,
    }
}

/// Bun's old lockfile, which only Bun itself can read.
pub(super) fn is_binary_lockfile(path: &str) -> bool {
    path.rsplit('/').next() == Some("bun.lockb")
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}
