//! What an analysis of one artifact yields.

use serde::{Deserialize, Serialize};

use crate::{Action, Ecosystem, Indicator, Phase, Place, Problem, Summary, Verdict};

/// What is known of an artifact before it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The file's name, or the folder's.
    pub file_name: String,
    /// Its ecosystem, when the asker knows it; otherwise it is seen from the content.
    pub ecosystem: Option<Ecosystem>,
    /// The package's name, when the asker knows it.
    pub name: Option<String>,
    /// The version, when the asker knows it.
    pub version: Option<String>,
}

/// One thing that the package can do, with where and when at the earliest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capability {
    /// What.
    pub action: Action,
    /// The earliest phase in which it happens.
    pub phase: Phase,
    /// How many places do it.
    pub count: u32,
    /// The objects that are known, a few of them: hosts, paths, commands, names.
    pub objects: Vec<String>,
    /// The first place that does it in that phase.
    pub place: Place,
}

/// What the package says of itself and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// The ecosystem as the content shows it.
    pub ecosystem: Option<Ecosystem>,
    /// The name in the package's own manifest.
    pub name: Option<String>,
    /// The version in the package's own manifest.
    pub version: Option<String>,
    /// The container format (`tar.gz`, `zip`, ...).
    pub format: String,
}

/// Everything that an analysis of one artifact yields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Analysis {
    /// The decision with its findings and coverage.
    pub verdict: Verdict,
    /// What the package can do.
    pub capabilities: Vec<Capability>,
    /// What it says of itself.
    pub facts: Facts,
    /// Oddities of the container and its files.
    pub problems: Vec<Problem>,
    /// The shapes of its code, when they were asked for. Reports have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shapes: Vec<Shape>,
    /// What a defender can search for elsewhere. Only of what a person should look at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Indicator>,
    /// What two versions are compared by; only when it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Box<Summary>>,
}

impl Analysis {
    /// A verdict, and nothing else that is known.
    pub fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            capabilities: Vec::new(),
            facts: Facts::default(),
            problems: Vec::new(),
            shapes: Vec::new(),
            indicators: Vec::new(),
            summary: None,
        }
    }
}

/// The shape of one piece of code: what stays of it without its names, texts and numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Where the piece starts.
    pub place: Place,
    /// When it runs.
    pub phase: Phase,
    /// Whether it does more than compute: talk, start, decode, load.
    pub acts: bool,
    /// Its shingles, sorted.
    pub shingles: Vec<u64>,
    /// Why a resemblance of it to known malware weighs nothing, when the user or Lazaret itself has excepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excepted: Option<String>,
}
