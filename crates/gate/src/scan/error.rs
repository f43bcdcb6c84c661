//! Why a scan cannot start: each sentence says what to do next.

use std::{io, path::PathBuf};

/// Why a scan cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is no such file or folder.
    #[error("{} does not exist; name a folder, a lockfile, a bill of materials or a purl", .0.display())]
    NoFile(PathBuf),
    /// It cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file is larger than what is ever read.
    #[error("{} has {size} bytes; Lazaret reads files of at most {limit} bytes", .path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is of no format that is known.
    #[error("{} is no lockfile, manifest, bill of materials or list of purls that Lazaret knows", .0.display())]
    NoFormat(PathBuf),
    /// The text names no package.
    #[error("\"{0}\" is no package URL; write it as pkg:npm/name@version")]
    NoPurl(String),
    /// The revision to compare with cannot be read.
    #[error("{0}")]
    Base(String),
    /// A pattern of files to leave out is malformed.
    #[error("the pattern \"{pattern}\" cannot be used: {cause}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong.
        cause: String,
    },
}
