//! What rules say.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Phase, Place};

/// What a finding means for the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The package can do this. Many honest ones can.
    Capability,
    /// Attackers do this; honest packages seldom.
    Indicator,
    /// This decides alone.
    Proof,
}

/// How sure the rule is of what it saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// It may be something else.
    Low,
    /// Most probably.
    Medium,
    /// Certain.
    High,
}

/// The group of the catalogue in which a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Where code gets control.
    Execution,
    /// How code is hidden.
    Obfuscation,
    /// What is fetched and run.
    Dropper,
    /// How data leaves.
    Exfiltration,
    /// What is collected.
    Credentials,
    /// Persistence, damage, spread.
    Impact,
    /// What is odd about the archive.
    Archive,
    /// A user's own rule.
    Custom,
}

/// What is known of a rule, from its page `rules/<id>.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMeta {
    /// The id, in kebab-case; it reads after "this package".
    pub id: String,
    /// A short title.
    pub title: String,
    /// The group of the catalogue.
    pub group: Group,
    /// The strongest kind of finding that it gives.
    pub kind: Kind,
    /// MITRE ATT&CK techniques (version 17), such as `T1027.013`.
    pub attack: Vec<String>,
    /// The phases in which the rule finds something, the earliest first.
    pub phases: Vec<Phase>,
    /// Which honest packages look like this.
    pub false_alarms: String,
    /// What keeps the rule from taking them for malware.
    pub guard: String,
    /// The whole page, in Markdown.
    pub page: String,
}

/// A few lines around a place, as text of the package: hostile prose, to be escaped wherever it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The number of the first line.
    pub first_line: u32,
    /// The lines, each cut to a bearable length.
    pub lines: Vec<String>,
}

/// One step of a chain, in the order in which data goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Where.
    pub place: Place,
    /// What happens there, in a few words.
    pub note: String,
}

/// One statement of one rule about one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// What it means for the decision.
    pub kind: Kind,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// The group of the rule.
    pub group: Group,
    /// When the code in question runs.
    pub phase: Phase,
    /// One sentence that says what was seen here.
    pub note: String,
    /// Where: the decisive place first.
    pub places: Vec<Place>,
    /// The chain by which data goes, when there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The lines around the first place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// The decoded text, when the code was hidden: hostile prose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<String>,
    /// Why it weighs nothing, when an exception covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted: Option<String>,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Capability => "capability",
            Self::Indicator => "indicator",
            Self::Proof => "proof",
        })
    }
}
