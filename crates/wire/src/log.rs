//! The guard's log: one JSON object a line, each with the hash of the line before, so that nobody can change or take out a
//! line without a trace.

use serde::{Deserialize, Serialize};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A guarded command starts.
    Started,
    /// A release was looked up or analysed, and may be used.
    Checked,
    /// A version was left out of a list.
    Withheld,
    /// A release was refused.
    Blocked,
    /// A release was used, and the policy tells of it.
    Warned,
    /// Something was used without a check.
    Unchecked,
    /// Something could not be got.
    Failed,
    /// The guarded command has ended.
    Ended,
    /// Somebody wrote an exception.
    Allowed,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 9] = [
        Self::Started,
        Self::Checked,
        Self::Withheld,
        Self::Blocked,
        Self::Warned,
        Self::Unchecked,
        Self::Failed,
        Self::Ended,
        Self::Allowed,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Checked => "checked",
            Self::Withheld => "withheld",
            Self::Blocked => "blocked",
            Self::Warned => "warned",
            Self::Unchecked => "unchecked",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Allowed => "allowed",
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub sequence: u64,
    /// When, `2026-01-31T23:59:59Z`.
    pub at: String,
    /// What it is about.
    pub event: Event,
    /// The run that it belongs to.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// The release as a purl, or the command without its options.
    pub subject: String,
    /// Why, in one sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The command's exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u8>,
    /// The folder in which it ran.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// The sha256 of the line before; 64 zeros for the first.
    pub previous: String,
}
