//! How much an artifact may cost us, and the only reasons to refuse one.

use serde::{Deserialize, Serialize};

/// Ceilings on what opening an artifact may cost. The caller must choose them; none is ever exceeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of all unpacked content and names together, nested levels included. It bounds the memory that is used.
    pub total_bytes: u64,
    /// Bytes of one file; the rest is cut and becomes a gap.
    pub file_bytes: u64,
    /// Entries of all levels together: files, folders and links.
    pub entries: u64,
    /// How many archives may stand inside one another below the artifact itself.
    pub depth: u32,
    /// How many times its packed size a stream may unpack to. Results below [`Limits::RATIO_FLOOR`] never trip it.
    pub ratio: u32,
    /// Bytes of one entry's name; the rest is cut.
    pub name_bytes: usize,
}

impl Limits {
    /// Streams that unpack to less than this are never called bombs, however well they are packed.
    pub const RATIO_FLOOR: u64 = 8 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total_bytes: 512 << 20,
            file_bytes: 64 << 20,
            entries: 100_000,
            depth: 4,
            ratio: 2_000,
            name_bytes: 4_096,
        }
    }
}

/// Why an artifact was not opened at all. Lies are no reason: they are problems, and reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing to open.
    #[error("the file is empty")]
    Empty,
    /// The artifact is larger than everything that may be unpacked from it.
    #[error("the file has {size} bytes; the limit is {limit}")]
    TooLarge {
        /// The artifact's size in bytes.
        size: u64,
        /// The limit that it exceeds.
        limit: u64,
    },
}
