//! What a package can do, short enough to compare, and what changed between two versions.

use serde::{Deserialize, Serialize};

use crate::{Action, Capability, Decision, Finding, Phase, Place, Role};

/// What a package can do and is made of, without the lines on which it stands: moved code looks the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// What it does, each kind once.
    pub deeds: Vec<Deed>,
    /// Where data goes, each kind once.
    pub streams: Vec<Stream>,
    /// Where code gets control.
    pub entries: Vec<Entry>,
    /// Its files, nested archives left out.
    pub files: Vec<FileSummary>,
    /// What the manifest says: a key such as `script postinstall`, and its value.
    pub manifest: Vec<(String, String)>,
    /// Whether lists were cut, so that something new may be missing.
    pub is_cut: bool,
}

/// One thing that it does: an action on an object by an interface in a phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// What is done.
    pub action: Action,
    /// To what; empty when it is not known.
    pub object: String,
    /// By what.
    pub api: String,
    /// The earliest phase in which it happens.
    pub phase: Phase,
    /// How often.
    pub count: u32,
    /// Where first.
    pub place: Place,
}

/// Data goes from one action to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    /// What yields the data.
    pub from: Action,
    /// Of what; empty when it is not known.
    pub source: String,
    /// What takes it.
    pub to: Action,
    /// To what; empty when it is not known.
    pub sink: String,
    /// As what.
    pub role: Role,
    /// When at the earliest.
    pub phase: Phase,
    /// Where it ends.
    pub place: Place,
}

/// A place where code gets control without a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub phase: Phase,
    /// The file below the package's folder.
    pub path: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSummary {
    /// The path below the package's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The first half of its SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// When it is loaded, if it is source code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// What makes it hard to read: `obfuscator-js`, `pushed-code`, `binary`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// How a file changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileChange {
    /// It was not there, nor its bytes under another path.
    Added,
    /// Its bytes are others.
    Changed,
    /// It is gone.
    Removed,
}

/// One file that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// How.
    pub change: FileChange,
    /// The file as it is now, or as it was when it is gone.
    pub file: FileSummary,
    /// Its size before.
    pub size_before: u64,
    /// What makes it hard to read and did not before.
    pub new_marks: Vec<String>,
}

/// One field of the manifest that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedField {
    /// Which: `script postinstall`, `dependency NAME`, `command NAME`.
    pub field: String,
    /// What it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Something about a change that is known from hijacked releases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sign {
    /// Which: it reads after "this version", and `docs/diff.md` explains it.
    pub code: String,
    /// How much it weighs.
    pub weight: u32,
    /// One sentence.
    pub note: String,
    /// Where, when it is at one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What changed between two versions of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What is thought of the change itself.
    pub decision: Decision,
    /// How much its signs weigh together, at most 100.
    pub score: u8,
    /// The conclusion, in one sentence.
    pub conclusion: String,
    /// What is known from hijacked releases, the weightiest first.
    pub signs: Vec<Sign>,
    /// What it can do now in general, and could not before, or does earlier.
    pub capabilities: Vec<Capability>,
    /// Findings of rules that did not speak before.
    pub findings: Vec<Finding>,
    /// What it does now.
    pub deeds: Vec<Deed>,
    /// Where data goes now.
    pub streams: Vec<Stream>,
    /// Where code gets control now.
    pub entries: Vec<Entry>,
    /// Files that are not as they were, the weightiest first.
    pub files: Vec<ChangedFile>,
    /// Fields of the manifest that are not as they were.
    pub manifest: Vec<ChangedField>,
    /// Whether something may be missing, since a side could not be looked at whole.
    pub is_partial: bool,
}
