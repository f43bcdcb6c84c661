//! The scan as JSON. Its shape is `docs/scan.schema.json`.

use std::io::{self, Write};

use model::{Analysis, Answer, Author, Basis, Coverage, Decision, Digest, Finding, Record, Ruling, Score};
use serde::Serialize;

use super::{Checked, Format, Package, Scan};
use crate::report::write_visible;

/// JSON for other programs, and for `--baseline`.
#[derive(Debug, Clone, Copy)]
pub struct Json;

/// The version of the shape. It changes when a reader would have to change.
pub(super) const SHAPE: u32 = 1;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_visible(&Document::from(scan), out)
    }
}

#[derive(Serialize)]
struct Document<'a> {
    shape: u32,
    tool: Tool<'a>,
    made: &'a str,
    project: &'a str,
    summary: Summary,
    incomplete: &'a [String],
    notes: &'a [String],
    database: Option<Database<'a>>,
    policy: PolicyUsed<'a>,
    files: Vec<File<'a>>,
    packages: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
    ruleset: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: u64,
    packages: u64,
    direct: u64,
    blocked: u64,
    warned: u64,
    malicious: u64,
    suspicious: u64,
    inconclusive: u64,
    unknown: u64,
    benign: u64,
    not_checked: u64,
    exit_code: u8,
}

#[derive(Serialize)]
struct Database<'a> {
    sequence: u64,
    made: &'a str,
    entries: u64,
    stale: bool,
}

#[derive(Serialize)]
struct PolicyUsed<'a> {
    name: &'a str,
    stale_exceptions: &'a [String],
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    format: &'a str,
    packages: u64,
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Problem<'a> {
    line: u32,
    message: &'a str,
    hides: bool,
}

#[derive(Serialize)]
struct Entry<'a> {
    purl: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    places: Vec<Place>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<String>,
    origin: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    direct: bool,
    dev: bool,
    optional: bool,
    path: &'a [String],
    /// Indices of the packages that it asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requires: Vec<u64>,
    decision: Decision,
    checked: Check<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    records: Vec<Known<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    analyses: Vec<Judged<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    issues: Vec<Issue<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    remarks: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vulnerabilities: Vec<Vulnerability<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    ruling: &'a Ruling,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'a str>,
}

/// A file, as an index, and a line; 0 when it has none.
#[derive(Serialize)]
struct Place {
    file: u64,
    line: u32,
}

#[derive(Serialize)]
struct Check<'a> {
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct Known<'a> {
    basis: Basis,
    #[serde(flatten)]
    record: &'a Record,
}

/// What is worth keeping of an analysis beside a thousand others; `inspect` tells the rest.
#[derive(Serialize)]
struct Judged<'a> {
    file_name: &'a str,
    sha256: Digest,
    decision: Decision,
    score: Score,
    reason: &'a str,
    findings: &'a [Finding],
    coverage: &'a Coverage,
    author: &'a Author,
}

#[derive(Serialize)]
struct Issue<'a> {
    code: &'a str,
    message: &'a str,
    severity: Answer,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    id: &'a str,
    aliases: &'a [String],
    summary: &'a str,
    severity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cvss: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<&'a str>,
}

impl<'a> From<&'a Scan<'a>> for Document<'a> {
    fn from(scan: &'a Scan<'a>) -> Self {
        let mut requires: Vec<Vec<u64>> = vec![Vec::new(); scan.packages.len()];
        for (from, to) in &scan.edges {
            requires[*from].push(*to as u64);
        }
        let database = |one: &'a super::Database| Database {
            sequence: one.sequence,
            made: &one.made,
            entries: one.entries,
            stale: one.stale,
        };
        let entry = |(package, requires)| Entry::new(package, requires);
        Self {
            shape: SHAPE,
            tool: Tool { name: "lazaret", version: scan.version, ruleset: scan.ruleset },
            made: scan.made,
            project: &scan.project,
            summary: Summary::from(scan),
            incomplete: &scan.incomplete,
            notes: &scan.notes,
            database: scan.database.as_ref().map(database),
            policy: PolicyUsed { name: &scan.policy.name, stale_exceptions: &scan.policy.stale_exceptions },
            files: scan.files.iter().map(File::from).collect(),
            packages: scan.packages.iter().zip(requires).map(entry).collect(),
        }
    }
}

impl From<&Scan<'_>> for Summary {
    fn from(scan: &Scan<'_>) -> Self {
        let decided = |decision| scan.packages.iter().filter(|one| one.decision == decision).count() as u64;
        Self {
            files: scan.files.len() as u64,
            packages: scan.packages.len() as u64,
            direct: scan.packages.iter().filter(|one| one.direct).count() as u64,
            blocked: scan.count(Answer::Block) as u64,
            warned: scan.count(Answer::Warn) as u64,
            malicious: decided(Decision::Malicious),
            suspicious: decided(Decision::Suspicious),
            inconclusive: decided(Decision::Inconclusive),
            unknown: decided(Decision::Unknown),
            benign: decided(Decision::Benign),
            not_checked: scan.unchecked() as u64,
            exit_code: scan.exit().code(),
        }
    }
}

impl<'a> From<&'a super::ScannedFile> for File<'a> {
    fn from(file: &'a super::ScannedFile) -> Self {
        let problem = |one: &'a super::FileProblem| Problem { line: one.line, message: &one.message, hides: one.hides };
        Self {
            path: &file.path,
            format: &file.format,
            packages: file.packages as u64,
            problems: file.problems.iter().map(problem).collect(),
        }
    }
}

impl<'a> Entry<'a> {
    fn new(package: &'a Package, requires: Vec<u64>) -> Self {
        Self {
            purl: &package.purl,
            kind: &package.kind,
            name: &package.name,
            version: package.version.as_deref(),
            places: package.places.iter().map(|(file, line)| Place { file: *file as u64, line: *line }).collect(),
            checksums: package.checksums.iter().map(ToString::to_string).collect(),
            origin: package.origin,
            address: package.address.as_deref(),
            direct: package.direct,
            dev: package.dev,
            optional: package.optional,
            path: &package.path,
            requires,
            decision: package.decision,
            checked: Check::from(&package.checked),
            records: package.records.iter().map(|(record, basis)| Known { basis: *basis, record }).collect(),
            analyses: package.analyses.iter().map(Judged::from).collect(),
            issues: package.issues.iter().map(Issue::from).collect(),
            remarks: &package.remarks,
            vulnerabilities: package.vulnerabilities.iter().map(Vulnerability::from).collect(),
            license: package.license.as_deref(),
            ruling: &package.ruling,
            advice: package.advice.as_deref(),
        }
    }
}

impl<'a> From<&'a Checked> for Check<'a> {
    fn from(checked: &'a Checked) -> Self {
        match checked {
            Checked::Database => Self { by: "database", why: None },
            Checked::Analysis => Self { by: "analysis", why: None },
            Checked::Not(why) => Self { by: "nobody", why: Some(why) },
        }
    }
}

impl<'a> From<&'a Analysis> for Judged<'a> {
    fn from(analysis: &'a Analysis) -> Self {
        let verdict = &analysis.verdict;
        Self {
            file_name: &verdict.artifact.file_name,
            sha256: verdict.artifact.sha256,
            decision: verdict.decision,
            score: verdict.score,
            reason: &verdict.reason,
            findings: &verdict.findings,
            coverage: &verdict.coverage,
            author: &verdict.author,
        }
    }
}

impl<'a> From<&'a super::LockIssue> for Issue<'a> {
    fn from(issue: &'a super::LockIssue) -> Self {
        Self { code: issue.code, message: &issue.message, severity: issue.severity }
    }
}

impl<'a> From<&'a super::Vulnerability> for Vulnerability<'a> {
    fn from(one: &'a super::Vulnerability) -> Self {
        Self {
            id: &one.id,
            aliases: &one.aliases,
            summary: &one.summary,
            severity: &one.severity,
            cvss: one.cvss,
            fixed: one.fixed.as_deref(),
        }
    }
}
