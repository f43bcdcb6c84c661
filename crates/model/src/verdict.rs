//! What was decided, by whom.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ArtifactId, Balance, Coverage, Finding};

/// What is thought of an artifact. **Unknown is never benign.**
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Nothing suspicious, and all of it was looked at.
    Benign,
    /// Nobody analysed it.
    Unknown,
    /// Nothing suspicious was seen, but not all of it was looked at.
    Inconclusive,
    /// A person should look before it is used.
    Suspicious,
    /// Malware.
    Malicious,
}

impl Decision {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::Unknown => "unknown",
            Self::Inconclusive => "inconclusive",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How probable it is that the package is malware, in percent, from 0 to 100: among packages like those of the evaluation
/// sets, of which about one in five is malware (`docs/quality.md` tells how to read it where malware is rarer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Score(pub u8);

/// Who decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "lowercase")]
pub enum Author {
    /// The engine, by its rules.
    Engine {
        /// Lazaret's version.
        version: String,
        /// The digest of the ruleset.
        ruleset: String,
    },
    /// A person.
    Person {
        /// Who.
        name: String,
        /// Why.
        reason: String,
    },
}

/// A decision about exact bytes. Verdicts are appended, superseded or retracted, never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What was judged.
    pub artifact: ArtifactId,
    /// The decision.
    pub decision: Decision,
    /// How probable it is that this is malware.
    pub score: Score,
    /// How the score comes about.
    #[serde(default)]
    pub balance: Balance,
    /// Why: one sentence that names the findings which decided.
    pub reason: String,
    /// Every finding, the weightiest first.
    pub findings: Vec<Finding>,
    /// What was and was not looked at.
    pub coverage: Coverage,
    /// Who decided.
    pub author: Author,
}
