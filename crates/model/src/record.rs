//! What the database of verdicts says about a package.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Decision;

/// One entry of the database. Many sources may speak of the same package; each entry is one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The entry's id at its source, such as `MAL-2026-1`.
    pub id: String,
    /// What it says. `Unknown` never stands in a database: absence says that.
    pub decision: Decision,
    /// Why, in one sentence.
    pub reason: String,
    /// The name of the source.
    pub source: String,
    /// Who confirmed it, when somebody did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer: Option<String>,
    /// When it was last changed, in the form `2026-01-31T23:59:59Z`.
    pub at: String,
    /// Why it only warns, when it is held back: it condemns every version of a popular package, and no second source agrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

impl Record {
    /// What the entry counts as: one that is held back is a reason to look, not to block.
    pub fn effective(&self) -> Decision {
        match (&self.held, self.decision) {
            (Some(_), Decision::Malicious) => Decision::Suspicious,
            (_, decision) => decision,
        }
    }
}

/// By what an entry of the database matched, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The entry names every version of the package.
    Package,
    /// The version lies in a range that the entry names.
    Range,
    /// The entry names exactly this version.
    Version,
    /// The entry names exactly these bytes, under whatever name.
    Digest,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Package => "every version",
            Self::Range => "a range of versions",
            Self::Version => "this version",
            Self::Digest => "these bytes",
        })
    }
}
