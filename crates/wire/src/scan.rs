//! What a scan of a project reports, and the formats in which it can leave. A new format is one file here and one line
//! in [`FORMATS`].

mod baseline;
mod bitbucket;
mod csv;
mod cyclonedx;
mod dot;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod markdown;
mod openvex;
mod sarif;
mod spdx;
mod statement;
mod terminal;

use std::io::{self, Write};

use model::{Analysis, Answer, Basis, Checksum, Decision, Record, Ruling};

use crate::Exit;

pub use baseline::Baseline;
pub use bitbucket::Bitbucket;
pub use csv::Csv;
pub use cyclonedx::CycloneDx;
pub use dot::Dot;
pub use github::Github;
pub use gitlab::Gitlab;
pub use html::Html;
pub use json::Json;
pub use junit::Junit;
pub use markdown::{COMMENT, Markdown, STEP_SUMMARY};
pub use openvex::OpenVex;
pub use sarif::Sarif;
pub use spdx::Spdx;
pub use terminal::Terminal;

/// Every format, the default first.
pub const FORMATS: &[&dyn Format] = &[
    &Terminal { brief: false },
    &Json,
    &Sarif,
    &COMMENT,
    &Html,
    &Junit,
    &Csv,
    &CycloneDx,
    &Spdx,
    &OpenVex,
    &Gitlab,
    &Github,
    &STEP_SUMMARY,
    &Bitbucket,
    &Dot,
];

/// One way to write the report of a scan.
pub trait Format: Sync {
    /// The name by which a user asks for it.
    fn name(&self) -> &'static str;

    /// Writes the whole report. Styles are written as ANSI sequences; who writes to something else than a terminal
    /// strips them.
    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// The format of this name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|one| one.name() == name)
}

/// What one run of `scan` found.
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    /// Lazaret's version.
    pub version: &'a str,
    /// The digest of the ruleset.
    pub ruleset: &'a str,
    /// When the report is made, in the form `2026-01-31T23:59:59.000Z`.
    pub made: &'a str,
    /// The project: the folder's name, a purl or a file.
    pub project: String,
    /// Every file that was read, relative to the project.
    pub files: Vec<ScannedFile>,
    /// Every package, sorted by the weight of what was found, then by purl.
    pub packages: Vec<Package>,
    /// Who asks for whom: indices into `packages`.
    pub edges: Vec<(usize, usize)>,
    /// The database that was asked; none when there was none.
    pub database: Option<Database>,
    /// The policy that decided.
    pub policy: PolicyUsed,
    /// What this run set out to do and could not, as sentences: any of them makes it incomplete.
    pub incomplete: Vec<String>,
    /// What holds for the whole run: no network, a wall is missing, an exception went unused.
    pub notes: Vec<String>,
}

/// One file that names packages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedFile {
    /// Its path, relative to the project.
    pub path: String,
    /// The format's name (`package-lock`, `uv-lock`, ...).
    pub format: String,
    /// How many packages it names.
    pub packages: usize,
    /// What could not be read in it, each with its line where it has one.
    pub problems: Vec<FileProblem>,
}

/// Something in a file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileProblem {
    /// The line, from 1; 0 when it is about the whole file.
    pub line: u32,
    /// One sentence.
    pub message: String,
    /// Whether packages may be missing because of it.
    pub hides: bool,
}

/// One package of the project, in one version, however often it is named.
#[derive(Debug, Clone)]
pub struct Package {
    /// The purl, with version when one is pinned.
    pub purl: String,
    /// The type, as purls write it.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The version, when one is pinned.
    pub version: Option<String>,
    /// Where it is written down: index of the file, and line (0 when it has none).
    pub places: Vec<(usize, u32)>,
    /// The hashes that the files pin.
    pub checksums: Vec<Checksum>,
    /// Where it comes from, in a word (`registry`, `git`, `url`, `path`, `bundled`, `unknown`).
    pub origin: &'static str,
    /// The address that the file names.
    pub address: Option<String>,
    /// Whether the project asks for it by itself.
    pub direct: bool,
    /// Whether only those who work on the project need it.
    pub dev: bool,
    /// Whether the installation goes on without it.
    pub optional: bool,
    /// The shortest way that brought it in: purls from what the project names down to the package itself.
    pub path: Vec<String>,
    /// What is thought of it.
    pub decision: Decision,
    /// How that is known.
    pub checked: Checked,
    /// What the database says.
    pub records: Vec<(Record, Basis)>,
    /// Our own analyses of its artifacts.
    pub analyses: Vec<Analysis>,
    /// What is wrong with how the files name it.
    pub issues: Vec<LockIssue>,
    /// What the reader should know of how it was looked at, as sentences: files that were left out, a release that was
    /// withdrawn.
    pub remarks: Vec<String>,
    /// Known vulnerabilities.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Its licence as an SPDX expression, as far as it is known.
    pub license: Option<String>,
    /// What the policy answers.
    pub ruling: Ruling,
    /// What to do about it, in a sentence; none where there is nothing to do.
    pub advice: Option<String>,
}

impl Package {
    /// The analysis that tells most.
    pub fn worst(&self) -> Option<&Analysis> {
        self.analyses.iter().max_by_key(|one| (one.verdict.decision, one.verdict.score))
    }

    /// Whether a report has more to say of it than that it is there.
    pub fn is_notable(&self) -> bool {
        self.ruling.answer != Answer::Allow
            || self.decision >= Decision::Suspicious
            || self.ruling.matches.iter().any(|one| one.waived.is_some())
            || !self.issues.is_empty()
            || !self.vulnerabilities.is_empty()
    }
}

/// How a decision is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// The database has an entry.
    Database,
    /// It was analysed on the spot, or before.
    Analysis,
    /// Nobody looked: the sentence says why.
    Not(String),
}

/// Something wrong with how a file names a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockIssue {
    /// In kebab-case: `foreign-address`, `address-names-other-package`, `missing-integrity`, `integrity-mismatch`,
    /// `manifest-disagrees`, `insecure-address`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What a policy should make of it when it has no rule of its own.
    pub severity: Answer,
}

/// One known vulnerability.
#[derive(Debug, Clone, PartialEq)]
pub struct Vulnerability {
    /// The advisory's id.
    pub id: String,
    /// Other names of the same.
    pub aliases: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// `critical`, `high`, `medium`, `low` or `unknown`.
    pub severity: String,
    /// The score of CVSS, when there is one.
    pub cvss: Option<f64>,
    /// The first version without it.
    pub fixed: Option<String>,
}

/// The database that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its number.
    pub sequence: u64,
    /// When it was made, in the form `2026-01-31T23:59:59Z`.
    pub made: String,
    /// How many entries it holds.
    pub entries: u64,
    /// Whether it is older than the policy allows without a word.
    pub stale: bool,
}

/// The policy that decided.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyUsed {
    /// Its name: a preset, or the file.
    pub name: String,
    /// Exceptions that matched nothing, or that ended: each with why, as a sentence.
    pub stale_exceptions: Vec<String>,
}

impl Scan<'_> {
    /// The exit code. An answer that an exception or a baseline waives weighs nothing; what could not be done weighs more
    /// than what was found to be fine.
    pub fn exit(&self) -> Exit {
        match self.packages.iter().map(|one| one.ruling.answer).max() {
            Some(Answer::Block) => Exit::Malicious,
            Some(Answer::Warn) => Exit::Suspicious,
            _ if !self.incomplete.is_empty() => Exit::Incomplete,
            Some(Answer::Allow) => Exit::Clean,
            None => Exit::NoPackages,
        }
    }

    /// How many packages nobody looked at.
    pub fn unchecked(&self) -> usize {
        self.packages.iter().filter(|one| matches!(one.checked, Checked::Not(_))).count()
    }

    /// How many packages got this answer.
    pub fn count(&self, answer: Answer) -> usize {
        self.packages.iter().filter(|one| one.ruling.answer == answer).count()
    }
}

/// Whether a licence's text is of the characters of an SPDX expression.
fn is_expression(license: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-.+() :".contains(c);
    !license.trim().is_empty() && license.len() <= 300 && license.chars().all(fits)
}
