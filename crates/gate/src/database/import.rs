//! Reading what others publish: OSV in files, folders and archives, the layout of OpenSSF's malicious packages, lists.
//!
//! One bad file never stops an import: it is named, and the rest is read.

mod cvss;
mod list;
mod osv;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use artifact::Limits;
use model::PackageType;
use net::{Client, Fetch};
use sandbox::Mapping;
use url::Url;
use wire::snapshot::{Advisory, Named, Statement};

pub(super) use osv::WORLDS;

/// What was read.
#[derive(Debug, Default)]
pub struct Batch {
    /// Entries about malware.
    pub statements: Vec<Statement>,
    /// Vulnerabilities that are no malware.
    pub advisories: Vec<(Named, Advisory)>,
    /// Ids that their source has taken back.
    pub withdrawn: Vec<String>,
    /// How many documents were read.
    pub documents: u64,
    /// How many of them are about worlds that have no packages here: distributions, repositories.
    pub elsewhere: u64,
    /// What could not be read, and where.
    pub troubles: Vec<Trouble>,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The file, and the place in it.
    pub place: String,
    /// What is wrong.
    pub detail: String,
}

/// Archives of databases have very many small files.
const LIMITS: Limits = Limits {
    total_bytes: 8 << 30,
    file_bytes: 64 << 20,
    entries: 4_000_000,
    depth: 0,
    ratio: 2_000,
    name_bytes: 4_096,
};
/// What is fetched may have so many bytes.
const FETCH_LIMIT: u64 = 2 << 30;
/// Folders may lie so deep in one another.
const DEEPEST: u32 = 32;

impl Batch {
    /// Reads a file or all of a folder, for a source.
    pub fn read(&mut self, path: &Path, source: &str) {
        if path.is_dir() {
            return self.folder(path, source, 0);
        }
        match map(path) {
            Ok(mapping) => self.bytes(&path.display().to_string(), mapping.as_ref().map_or(&[], AsRef::as_ref), source),
            Err(error) => self.trouble(path.display().to_string(), error.to_string()),
        }
    }

    /// Fetches a file and reads it.
    pub async fn fetch(&mut self, client: &Client, address: &str, source: &str) {
        let url = match Url::parse(address) {
            Ok(url) => url,
            Err(error) => return self.trouble(address, format!("it is no address: {error}")),
        };
        let shown = net::Shown::from(&url).to_string();
        match client.get(&Fetch { url: &url, accept: "*/*", limit: FETCH_LIMIT, checksum: None }).await {
            Ok(answer) => self.bytes(&shown, &answer.bytes, source),
            Err(error) => self.trouble(shown, error.to_string()),
        }
    }

    /// Reads the bytes of a file: an archive, OSV, or a list.
    pub fn bytes(&mut self, name: &str, bytes: &[u8], source: &str) {
        let text = bytes.trim_ascii_start();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.starts_with(b"{") || text.starts_with(b"[") {
            osv::read(self, name, text, source);
        } else if bytes.starts_with(b"PK") || bytes.starts_with(b"\x1f\x8b") || is_tar(bytes) {
            self.archive(name, bytes, source);
        } else {
            list::read(self, name, bytes, source);
        }
    }

    fn folder(&mut self, folder: &Path, source: &str, depth: u32) {
        if depth > DEEPEST {
            return self.trouble(folder.display().to_string(), "the folders lie too deep in one another");
        }
        let mut entries: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
            Err(error) => return self.trouble(folder.display().to_string(), error.to_string()),
        };
        entries.sort();
        for path in entries {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // A link could lead round in a circle, or out of the folder.
            if name.starts_with('.') || path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                self.folder(&path, source, depth + 1);
            } else if is_document(&name) {
                self.read(&path, source);
            }
        }
    }

    fn archive(&mut self, name: &str, bytes: &[u8], source: &str) {
        let tree = match artifact::open_named(bytes, name, &LIMITS) {
            Ok(parsed) => parsed.value,
            Err(refused) => return self.trouble(name, refused.to_string()),
        };
        let mut read = 0;
        for file in tree.files.iter().filter(|file| is_document(file.name())) {
            self.bytes(&format!("{name}!{}", file.path), &file.bytes, source);
            read += 1;
        }
        if read == 0 {
            self.trouble(name, "the archive holds no .json and no .csv file that can be read");
        }
    }

    fn trouble(&mut self, place: impl Into<String>, detail: impl Into<String>) {
        self.troubles.push(Trouble { place: place.into(), detail: detail.into() });
    }
}

/// A file without being read; none when it is empty, which nothing can map.
fn map(path: &Path) -> io::Result<Option<Mapping>> {
    if fs::metadata(path)?.len() == 0 { Ok(None) } else { Mapping::open(path).map(Some) }
}

fn is_document(name: &str) -> bool {
    name.ends_with(".json") || name.ends_with(".csv")
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// A package under the name by which doors ask for it; nothing when it cannot be one.
pub(super) fn named(kind: PackageType, name: &str) -> Option<Named> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) || name.len() > 1024 {
        return None;
    }
    let normal = kind.ecosystem().and_then(|ecosystem| ecosystem::registry(ecosystem).name(name).ok());
    Some(Named { name: normal.map_or_else(|| name.to_owned(), |name| name.as_str().to_owned()), kind })
}

/// One sentence out of hostile prose: its first line, cut to a bearable length.
fn sentence(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}
