//! What an inspection reports, and the formats in which it can leave. A new format is one file here and one line in
//! [`FORMATS`].

pub(crate) mod entry;
mod html;
mod json;
mod markdown;
mod sarif;
mod stix;
mod terminal;

use std::io::{self, Write};

use model::{Analysis, Decision, RuleMeta};

use crate::Exit;

pub(crate) use entry::spot;
pub use html::Html;
pub use json::Json;
pub(crate) use json::write_visible;
pub use markdown::Markdown;
pub use sarif::Sarif;
pub(crate) use sarif::uri;
pub use stix::Stix;
pub use terminal::Terminal;
pub(crate) use terminal::{BOLD, DIM, RED, WIDTH, YELLOW, paragraph, style};

/// Every format, the default first.
pub const FORMATS: &[&dyn Format] = &[&Terminal { brief: false }, &Json, &Sarif, &Markdown, &Html, &Stix];

/// One way to write a report.
pub trait Format: Sync {
    /// The name by which a user asks for it.
    fn name(&self) -> &'static str;

    /// Writes the whole report. Styles are written as ANSI sequences; who writes to something else than a terminal
    /// strips them.
    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// The format of this name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|one| one.name() == name)
}

/// What one run of `inspect` found.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// Lazaret's version.
    pub version: &'a str,
    /// The digest of the ruleset.
    pub ruleset: &'a str,
    /// When the report is made, in the form `2026-01-31T23:59:59.000Z`. Only formats that need a time write it.
    pub made: &'a str,
    /// Every target, in the order in which they were asked for.
    pub targets: Vec<TargetReport>,
    /// What is known of the built-in rules.
    pub rules: &'a [RuleMeta],
    /// What holds for all targets: a wall around the analysis is missing.
    pub notes: Vec<String>,
}

impl Report<'_> {
    /// The exit code: that of the weightiest target.
    pub fn exit(&self) -> Exit {
        self.targets.iter().map(TargetReport::exit).max().unwrap_or(Exit::Clean)
    }

    /// What is known of the rule of this id. A user's own rules have no page.
    pub fn rule(&self, id: &str) -> Option<&RuleMeta> {
        self.rules.iter().find(|one| one.id == id)
    }

    /// How many targets came to this decision.
    pub fn count(&self, decision: Decision) -> u64 {
        self.targets.iter().filter_map(TargetReport::analysis).filter(|one| one.verdict.decision == decision).count()
            as u64
    }

    /// How many targets could not be got.
    pub fn failed(&self) -> u64 {
        self.targets.iter().filter(|one| one.analysis().is_none()).count() as u64
    }
}

/// One target of the user, and what came of it.
#[derive(Debug, Clone)]
pub struct TargetReport {
    /// What was inspected, as exactly as it is known: a purl with version, or a path.
    pub label: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the user should know besides: the version is yanked, a wall is missing.
    pub warnings: Vec<String>,
}

impl TargetReport {
    /// The analysis, when there is one.
    pub fn analysis(&self) -> Option<&Analysis> {
        match &self.outcome {
            Outcome::Analysed(analysis) => Some(analysis),
            Outcome::Failed(_) => None,
        }
    }

    /// What this target means for the exit code.
    pub fn exit(&self) -> Exit {
        match &self.outcome {
            Outcome::Analysed(analysis) => Exit::of(analysis),
            Outcome::Failed(failure) => failure.exit,
        }
    }
}

/// What came of a target.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// It was looked at.
    Analysed(Box<Analysis>),
    /// It could not be got.
    Failed(Failure),
}

/// Why a target could not be got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The cause, in kebab-case (`unknown-package`).
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What the user can do next.
    pub hint: Option<String>,
    /// What it means for the exit code.
    pub exit: Exit,
}
