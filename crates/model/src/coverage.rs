//! What was not looked at.

use serde::{Deserialize, Serialize};

/// Why something was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapKind {
    /// A ceiling on size, count, depth or ratio was hit.
    Limit,
    /// The container or file could not be read.
    Unreadable,
    /// The time or step budget ran out.
    Budget,
    /// The worker that looked died.
    WorkerDied,
    /// A rule failed.
    RuleFailed,
    /// Encrypted content without a key.
    Encrypted,
}

/// One thing that was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub kind: GapKind,
    /// The file inside the package; empty for the whole package.
    pub path: String,
    /// One sentence.
    pub detail: String,
}

impl Gap {
    /// A gap at a path.
    pub fn new(kind: GapKind, path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, path: path.into(), detail: detail.into() }
    }
}

/// What an analysis looked at, and everything that it did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Files in the package, nested archives included.
    pub files: u64,
    /// Files that were read as source code.
    pub parsed: u64,
    /// Bytes of all files, unpacked.
    pub bytes: u64,
    /// What was not looked at. Empty means that all of it was.
    pub gaps: Vec<Gap>,
}

impl Coverage {
    /// Whether everything was looked at.
    pub fn is_complete(&self) -> bool {
        self.gaps.is_empty()
    }
}
