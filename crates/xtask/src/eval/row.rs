//! What is kept of one archive: enough to judge it again, to fit the weights, and to say why it was judged so.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use analysis::judge::{Judgement, Table};
use anyhow::Context;
use model::{Analysis, Coverage, Finding, Gap};
use serde::{Deserialize, Serialize};

/// The set whose archives are malware.
pub const MALICIOUS: &str = "malicious";
/// The set of our own inert variants: known techniques, hidden.
pub const EVASION: &str = "evasion";

/// One archive of a set, as the lists tell of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// Where it lies, or its bytes; only its name is kept in rows.
    #[serde(skip)]
    pub content: Content,
    /// The file's name.
    pub file: String,
    /// [`MALICIOUS`], [`EVASION`], or the name of the list of honest packages.
    pub set: String,
    /// The family, the hidden technique, or the tag of the list (`top`, `hard`, ...).
    pub tag: String,
    /// What must stay together when rows are divided: the campaign, the way of hiding, or the package.
    pub kin: String,
    /// The day on which the family was first seen; empty when it is not known.
    pub seen: String,
    /// Whether the label is doubtful.
    pub noise: bool,
    /// Where the package stands among those with its tag, from 1.
    pub rank: u32,
}

/// Where the bytes of a sample are.
#[derive(Debug, Clone)]
pub enum Content {
    File(PathBuf),
    Bytes(Vec<u8>),
}

impl Default for Content {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Content {
    pub fn read(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Self::File(path) => fs::read(path),
            Self::Bytes(bytes) => Ok(bytes.clone()),
        }
    }
}

/// A sample and what was seen in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    #[serde(flatten)]
    pub sample: Sample,
    /// One finding for each rule, kind, confidence and phase, without the lines of code.
    pub findings: Vec<Finding>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
    /// Bytes of the archive and of all its files.
    pub bytes: (u64, u64),
    /// What reading it cost the worker's processor, in microseconds, when the system tells.
    pub cpu: Option<u64>,
}

impl Row {
    pub fn new(sample: Sample, packed: u64, analysis: Analysis, cpu: Option<u64>) -> Self {
        let verdict = analysis.verdict;
        let mut known = BTreeSet::new();
        let mut findings = verdict.findings;
        findings
            .retain(|one| known.insert((one.rule.clone(), one.kind, one.confidence, one.phase, one.excepted.clone())));
        for finding in &mut findings {
            finding.places.truncate(1);
            finding.steps.clear();
            finding.excerpt = None;
            finding.decoded = None;
        }
        Self { sample, findings, gaps: verdict.coverage.gaps, bytes: (packed, verdict.coverage.bytes), cpu }
    }

    pub fn is_malware(&self) -> bool {
        self.sample.set == MALICIOUS
    }

    /// Whether it stands in a list of honest packages.
    pub fn is_honest(&self) -> bool {
        !self.is_malware() && self.sample.set != EVASION
    }

    /// What must count as one: the family, or the package.
    pub fn unit(&self) -> (&str, &str) {
        (&self.sample.set, if self.is_malware() { &self.sample.tag } else { &self.sample.kin })
    }

    pub fn judge(&self, table: &Table) -> Judgement {
        let coverage = Coverage { gaps: self.gaps.clone(), ..Coverage::default() };
        table.judge(&self.findings, &coverage)
    }
}

/// Reads the rows of a file, one JSON object a line.
pub fn read(path: &Path) -> anyhow::Result<Vec<Row>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    text.lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("a row of {}", path.display())))
        .collect()
}

pub fn write(path: &Path, rows: &[Row]) -> anyhow::Result<()> {
    let mut out = std::io::BufWriter::new(fs::File::create(path)?);
    rows.iter().try_for_each(|row| write_one(&mut out, row))?;
    Ok(out.flush()?)
}

pub fn write_one(out: &mut impl std::io::Write, row: &Row) -> anyhow::Result<()> {
    let mut line = serde_json::to_vec(row)?;
    line.push(b'\n');
    Ok(out.write_all(&line)?)
}
