//! What changed between two versions, for people and for machines.

mod markdown;
mod terminal;

use std::io::{self, Write};

use model::{Action, Analysis, Change, ChangedFile, Decision, FileChange, Stream};
use serde::Serialize;

use crate::{
    Exit,
    report::{Failure, write_visible},
    text::{cut, size, visible},
};

/// The formats of a diff, the default first.
pub const FORMATS: &[&str] = &["terminal", "json", "markdown"];

/// The version of the JSON shape. It changes when a reader would have to change.
const SHAPE: u32 = 1;

/// What one run of `diff` found.
#[derive(Debug, Clone)]
pub struct DiffReport<'a> {
    /// Lazaret's version.
    pub version: &'a str,
    /// The digest of the ruleset.
    pub ruleset: &'a str,
    /// A comparison for each pair of artifacts.
    pub diffs: Vec<Diff>,
    /// Why a side could not be had, with its label.
    pub failures: Vec<(String, Failure)>,
    /// What the reader should know besides.
    pub notes: Vec<String>,
}

/// One pair of artifacts, compared.
#[derive(Debug, Clone, Serialize)]
pub struct Diff {
    /// The version before.
    pub old: Side,
    /// The version in question.
    pub new: Side,
    /// What changed.
    pub change: Change,
}

/// One side of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct Side {
    /// What it is: a purl or a path.
    pub label: String,
    /// The digest of its bytes.
    pub sha256: model::Digest,
    /// What is thought of it alone.
    pub decision: Decision,
    /// How strongly its findings speak against it.
    pub score: model::Score,
}

impl Side {
    /// The side of an analysis.
    pub fn of(label: String, analysis: &Analysis) -> Self {
        let verdict = &analysis.verdict;
        Self { label, sha256: verdict.artifact.sha256, decision: verdict.decision, score: verdict.score }
    }
}

impl DiffReport<'_> {
    /// The exit code: that of the weightiest change.
    pub fn exit(&self) -> Exit {
        let changes = self.diffs.iter().map(|diff| match diff.change.decision {
            Decision::Malicious => Exit::Malicious,
            Decision::Suspicious => Exit::Suspicious,
            Decision::Benign => Exit::Clean,
            Decision::Inconclusive | Decision::Unknown => Exit::Incomplete,
        });
        let failures = self.failures.iter().map(|(_, failure)| failure.exit);
        changes.chain(failures).max().unwrap_or(Exit::Clean)
    }
}

/// Writes a report in one of the [`FORMATS`].
pub fn write(format: &str, report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        "json" => json(report, out),
        "markdown" => markdown::write(report, out),
        _ => terminal::write(report, out),
    }
}

fn json(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let failures: Vec<_> = report
        .failures
        .iter()
        .map(|(label, one)| serde_json::json!({ "label": label, "code": one.code, "message": one.message, "hint": one.hint }))
        .collect();
    let document = serde_json::json!({
        "shape": SHAPE,
        "tool": { "name": "lazaret", "version": report.version, "ruleset": report.ruleset },
        "exit_code": report.exit().code(),
        "diffs": report.diffs,
        "errors": failures,
        "notes": report.notes,
    });
    write_visible(&document, out)
}

/// The lists of a change as rows of words, the same for every format for people.
fn lists(change: &Change) -> Vec<(&'static str, Vec<Row>)> {
    let row = |word: &str, text: String, place: Option<&model::Place>| Row {
        word: word.to_owned(),
        text,
        place: place.map(crate::report::spot).unwrap_or_default(),
    };
    let capabilities = change
        .capabilities
        .iter()
        .map(|one| row(one.action.as_str(), format!("at {}: {}", one.phase, one.objects.join(", ")), Some(&one.place)));
    let findings = change.findings.iter().map(|one| row(&one.rule, one.note.clone(), one.places.first()));
    let streams = change.streams.iter().filter(|one| tells(one)).map(|one| {
        let end = |action: Action, object: &str| format!("{action} {object}").trim_end().to_owned();
        let text = format!("{} -> {}", end(one.from, &one.source), end(one.to, &one.sink));
        row(one.phase.as_str(), text, Some(&one.place))
    });
    let deeds = change.deeds.iter().map(|one| {
        let object = if one.object.is_empty() { String::new() } else { format!(" {}", one.object) };
        row(one.phase.as_str(), format!("{}{object} by {}", one.action, one.api), Some(&one.place))
    });
    // What is only installed for the package's own authors comes last.
    let mut fields: Vec<&model::ChangedField> = change.manifest.iter().collect();
    fields.sort_by_key(|one| (!one.field.starts_with("script "), one.field.starts_with("development ")));
    let entries = change.entries.iter().map(|one| row(one.phase.as_str(), one.path.clone(), None));
    let fields = fields.into_iter().map(|one| {
        let text = match (&one.before, &one.after) {
            (Some(before), Some(after)) => format!("{before} -> {after}"),
            (None, Some(after)) => format!("new: {after}"),
            (Some(before), None) => format!("gone: {before}"),
            (None, None) => String::new(),
        };
        row(&one.field, text, None)
    });
    let files = change.files.iter().map(|one| row(word(one.change), file(one), None));
    vec![
        ("New capabilities", capabilities.collect()),
        ("New findings", findings.collect()),
        ("Runs by itself now", entries.collect()),
        ("New flows", streams.collect()),
        ("New behaviours", deeds.collect()),
        ("Manifest", fields.collect()),
        ("Files", files.collect()),
    ]
}

/// One row of a list: hostile text in all its parts.
struct Row {
    word: String,
    text: String,
    place: String,
}

/// Whether a flow tells a person anything: what only goes from a file to a file or through a decoder does not.
fn tells(one: &Stream) -> bool {
    let plain = |action: Action| matches!(action, Action::DataEncode | Action::DataDecode | Action::FileWrite);
    !(plain(one.from) || one.from == Action::FileRead && one.to == Action::FileWrite)
}

const fn word(change: FileChange) -> &'static str {
    match change {
        FileChange::Added => "new",
        FileChange::Changed => "changed",
        FileChange::Removed => "gone",
    }
}

fn file(one: &ChangedFile) -> String {
    let sizes = match one.change {
        FileChange::Changed => format!("{} -> {}", size(one.size_before), size(one.file.size)),
        _ => size(one.file.size),
    };
    let phase = one.file.phase.filter(|phase| phase.is_automatic()).map(|phase| format!(", runs at {phase}"));
    let marks = if one.new_marks.is_empty() { String::new() } else { format!(", newly {}", one.new_marks.join(", ")) };
    format!("{} ({sizes}{}{marks})", cut(&visible(&one.file.path), 100), phase.unwrap_or_default())
}
