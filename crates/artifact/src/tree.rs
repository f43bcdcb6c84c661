//! The unpacked artifact: inert bytes in memory, never on a disk.

use std::{fmt, ops::Deref, ops::Range, sync::Arc};

use model::Gap;

use crate::Format;

/// Everything that was found in an artifact.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The format of the artifact itself.
    pub format: Format,
    /// The files: those of the artifact in their order, then those of nested archives level by level. Two entries of one
    /// path stand here twice when their bytes differ.
    pub files: Vec<File>,
    /// Symbolic and hard links. A hard link to a file of the artifact is also a file.
    pub links: Vec<Link>,
    /// What could not be looked at.
    pub gaps: Vec<Gap>,
}

impl Tree {
    /// The folder that holds every file of the artifact's own level (`package`, `name-1.0`), if there is one.
    pub fn root(&self) -> Option<&str> {
        let mut tops = self.files.iter().filter(|file| file.depth == 0).map(|file| file.path.split_once('/'));
        let (top, _) = tops.next()??;
        tops.all(|other| other.is_some_and(|(other, _)| other == top)).then_some(top)
    }

    /// The file of this whole path. Where entries share the path it is the last, as extractors would leave it.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().rev().find(|file| file.path == path)
    }

    /// The file of this path below the common top folder (or below nothing when there is none), such as `package.json`.
    pub fn inside(&self, path: &str) -> Option<&File> {
        let root = self.root();
        self.files.iter().rev().find(|file| file.inner(root) == Some(path))
    }

    /// Bytes of all files, nested ones included.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }
}

/// One regular file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Relative, separated by `/`, free of `.` and `..`, lossy UTF-8. Levels of nested archives are separated by `!`; a `!`
    /// in an entry's own name is written `%21`, so that no entry can pretend to lie in a nested archive.
    pub path: String,
    /// The content.
    pub bytes: Bytes,
    /// Whether the archive marks it as executable.
    pub executable: bool,
    /// Whether it is an archive itself, whose content follows in the tree.
    pub nested: bool,
    /// How many archives it lies in below the artifact: 0 for the artifact's own files.
    pub depth: u32,
    /// Whether a later entry of the same path hides it.
    pub shadowed: bool,
}

impl File {
    /// The path below a top folder; the path itself when there is no such folder. `None` when it lies elsewhere.
    pub fn inner(&self, root: Option<&str>) -> Option<&str> {
        match root {
            None => Some(&self.path),
            Some(root) => self.path.strip_prefix(root)?.strip_prefix('/'),
        }
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '!']).next().unwrap_or(&self.path)
    }
}

/// One link. Links are never followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it lies, in the form of [`File::path`].
    pub path: String,
    /// Where it points, as the archive says it.
    pub target: String,
    /// Whether it is a hard link.
    pub hard: bool,
    /// Whether it points out of the artifact.
    pub escapes: bool,
}

/// Bytes that share their buffer: the files of one tar stream are windows of the unpacked stream, not copies.
#[derive(Clone, Default)]
pub struct Bytes {
    buffer: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Bytes {
    /// A window of these bytes, cut to what there is.
    pub fn slice(&self, range: Range<usize>) -> Self {
        let len = self.range.len();
        let (start, end) = (range.start.min(len), range.end.min(len));
        let base = self.range.start;
        Self { buffer: Arc::clone(&self.buffer), range: base + start..base + end.max(start) }
    }

    /// The bytes as text, wrong UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self)
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self { buffer: Arc::new(bytes), range }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        bytes.to_vec().into()
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.deref() == other.deref()
    }
}

impl Eq for Bytes {}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}
