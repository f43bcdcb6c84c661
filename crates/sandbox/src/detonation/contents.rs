//! The contents that are kept: of files that vanish, of programs that run, of what is left behind.

use std::{
    collections::HashSet,
    fs::File,
    io::Read,
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::fs::MetadataExt,
    },
    path::Path,
};

use model::{Digest, EventSource, TraceDeed};
use sha2::{Digest as _, Sha256};

use super::{
    book::{Actor, Book},
    image::WRITABLE,
    kernel::{Within, open_within, text},
    order::Order,
    outcome::Kept,
};

/// Larger files are told of without being read.
const LARGEST: u64 = 64 << 20;
/// Of each file this much is shown in the trace.
const HEAD: usize = 512;
/// More files than these are not told one by one.
const MOST_FILES: usize = 5_000;
/// Folders below folders.
const DEEPEST: usize = 64;

/// What is kept, within its budget.
pub(super) struct Contents {
    kept: Vec<Kept>,
    known: HashSet<Digest>,
    left: u64,
    snapshots: usize,
}

/// What is said of a file.
pub(super) struct Looked {
    pub size: u64,
    pub sha256: Digest,
    pub head: String,
}

impl Contents {
    pub fn new(budget: u64) -> Self {
        Self { kept: Vec::new(), known: HashSet::new(), left: budget, snapshots: MOST_FILES }
    }

    pub fn into_kept(self) -> Vec<Kept> {
        self.kept
    }

    /// Keeps bytes that somebody else has hashed, if there is room.
    pub fn keep(&mut self, sha256: Digest, bytes: Vec<u8>) {
        let size = bytes.len() as u64;
        if size <= self.left && self.known.insert(sha256) {
            self.left -= size;
            self.kept.push(Kept { sha256, bytes });
        }
    }

    /// The bytes of this digest, if they were kept.
    pub fn of(&self, sha256: &Digest) -> Option<&[u8]> {
        self.kept.iter().find(|one| one.sha256 == *sha256).map(|one| one.bytes.as_slice())
    }

    /// Reads a regular file; its bytes are kept if there is room.
    pub fn look(&mut self, mut file: File) -> Option<Looked> {
        let meta = file.metadata().ok().filter(|meta| meta.is_file() && meta.len() <= LARGEST)?;
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
        (&mut file).take(LARGEST).read_to_end(&mut bytes).ok()?;
        let sha256 = digest(&bytes);
        let size = bytes.len() as u64;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]).into_owned();
        self.keep(sha256, bytes);
        Some(Looked { size, sha256, head })
    }

    /// Tells what a file holds that is about to vanish.
    pub fn before_it_vanishes(&mut self, root: BorrowedFd<'_>, path: &str, actor: Actor, book: &mut Book) {
        if self.snapshots == 0 || !WRITABLE.iter().any(|folder| path.starts_with(folder)) {
            return;
        }
        let Some(file) = open(root, path.trim_start_matches('/'), Within::Root) else { return };
        self.snapshots -= 1;
        if let Some(Looked { size, sha256, head }) = self.look(file) {
            let deed = TraceDeed::File { path: path.into(), size, sha256, head, vanished: true };
            book.note_once(actor, EventSource::Files, deed, true);
        }
    }

    /// Tells what was left behind, except what was put there and is as it was.
    pub fn what_is_left(&mut self, root: BorrowedFd<'_>, order: &Order, book: &mut Book) {
        let seeds = order.guest.seeds.iter().map(|seed| (seed.path.as_str(), seed.bytes.as_slice())).collect();
        let mut walk = Walk { contents: self, root, seeds, left: MOST_FILES };
        for folder in WRITABLE {
            walk.folder(folder, 0, book);
        }
        if walk.left == 0 {
            book.limit("files");
        }
    }
}

/// The digest of bytes.
pub(super) fn digest(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// Opens a regular file to be read, without waiting for the other end of a pipe.
fn open(root: BorrowedFd<'_>, path: &str, within: Within) -> Option<File> {
    let path = text(path).ok()?;
    let flags = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_NOCTTY;
    // Looked at before it is opened: opening a device or a pipe does something.
    let seen = open_within(root, &path, libc::O_PATH | libc::O_NOFOLLOW, within).ok()?;
    let seen = File::from(seen).metadata().ok().filter(std::fs::Metadata::is_file)?;
    let file = File::from(open_within(root, &path, flags, within).ok()?);
    let same = file.metadata().is_ok_and(|meta| (meta.dev(), meta.ino()) == (seen.dev(), seen.ino()));
    same.then_some(file)
}

/// A walk through what was left behind. Nothing runs in the guest any more.
struct Walk<'a> {
    contents: &'a mut Contents,
    root: BorrowedFd<'a>,
    seeds: std::collections::HashMap<&'a str, &'a [u8]>,
    left: usize,
}

impl Walk<'_> {
    fn folder(&mut self, path: &str, depth: usize, book: &mut Book) {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let Ok(name) = text(path.trim_start_matches('/')) else { return };
        let Ok(folder) = open_within(self.root, &name, flags, Within::Beneath) else { return };
        let Ok(entries) = std::fs::read_dir(format!("/proc/self/fd/{}", folder.as_raw_fd())) else { return };
        for entry in entries.flatten() {
            if self.left == 0 {
                return;
            }
            let Ok(kind) = entry.file_type() else { continue };
            let inner = Path::new(path).join(entry.file_name());
            let Some(inner) = inner.to_str() else {
                self.left -= 1;
                continue;
            };
            if kind.is_dir() && depth < DEEPEST && inner.len() < 4000 {
                self.folder(inner, depth + 1, book);
            } else if kind.is_file() {
                self.file(inner, book);
            }
        }
    }

    fn file(&mut self, path: &str, book: &mut Book) {
        let Some(file) = open(self.root, path.trim_start_matches('/'), Within::Beneath) else { return };
        if let Some(seed) = self.seeds.get(path)
            && file.metadata().is_ok_and(|meta| meta.len() == seed.len() as u64)
            && file.try_clone().is_ok_and(|file| is_same(file, seed))
        {
            return;
        }
        let Ok(again) = std::io::Seek::rewind(&mut &file).map(|()| file) else { return };
        self.left -= 1;
        if let Some(Looked { size, sha256, head }) = self.contents.look(again) {
            let deed = TraceDeed::File { path: path.into(), size, sha256, head, vanished: false };
            book.note(Actor::default(), EventSource::Files, deed, true);
        }
    }
}

fn is_same(mut file: File, bytes: &[u8]) -> bool {
    let mut read = Vec::with_capacity(bytes.len());
    (&mut file).take(bytes.len() as u64 + 1).read_to_end(&mut read).is_ok() && read == bytes
}
