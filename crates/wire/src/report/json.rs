//! The report as JSON. Its shape is `docs/report.schema.json`.

use std::io::{self, Write};

use model::{Analysis, Decision, RuleMeta};
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};

use super::{Failure, Format, Outcome, Report, TargetReport, entry};
use crate::text;

/// JSON for other programs: everything that is known, losslessly.
#[derive(Debug, Clone, Copy)]
pub struct Json;

/// The version of the shape. It changes when a reader would have to change.
const SHAPE: u32 = 1;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            shape: SHAPE,
            tool: Tool { name: "lazaret", version: report.version, ruleset: report.ruleset },
            summary: Summary {
                targets: report.targets.len() as u64,
                malicious: report.count(Decision::Malicious),
                suspicious: report.count(Decision::Suspicious),
                benign: report.count(Decision::Benign),
                inconclusive: report.count(Decision::Inconclusive),
                unknown: report.count(Decision::Unknown),
                failed: report.failed(),
                exit_code: report.exit().code(),
            },
            notes: &report.notes,
            targets: report.targets.iter().map(Target::from).collect(),
            rules: used_rules(report).map(Rule::from).collect(),
        };
        write_visible(&document, out)
    }
}

/// The built-in rules that speak in the report, in the order of the catalogue.
pub(super) fn used_rules<'a>(report: &'a Report<'_>) -> impl Iterator<Item = &'a RuleMeta> {
    report.rules.iter().filter(|rule| {
        let analyses = report.targets.iter().filter_map(TargetReport::analysis);
        analyses.flat_map(|one| &one.verdict.findings).any(|finding| finding.rule == rule.id)
    })
}

/// Writes JSON in which no character can act on a terminal: what is deceptive stands as `\uXXXX`, so nothing is lost.
pub(crate) fn write_visible(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Visible(PrettyFormatter::new()));
    document.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    shape: u32,
    tool: Tool<'a>,
    summary: Summary,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    targets: Vec<Target<'a>>,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
    ruleset: &'a str,
}

#[derive(Serialize)]
struct Summary {
    targets: u64,
    malicious: u64,
    suspicious: u64,
    benign: u64,
    inconclusive: u64,
    unknown: u64,
    failed: u64,
    exit_code: u8,
}

#[derive(Serialize)]
struct Target<'a> {
    label: &'a str,
    exit_code: u8,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
    #[serde(flatten)]
    outcome: TargetOutcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum TargetOutcome<'a> {
    Analysis(&'a Analysis),
    Error(Cause<'a>),
}

#[derive(Serialize)]
struct Cause<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    title: &'a str,
    group: &'static str,
    kind: model::Kind,
    attack: &'a [String],
}

impl<'a> From<&'a TargetReport> for Target<'a> {
    fn from(target: &'a TargetReport) -> Self {
        let outcome = match &target.outcome {
            Outcome::Analysed(analysis) => TargetOutcome::Analysis(analysis),
            Outcome::Failed(Failure { code, message, hint, .. }) => {
                TargetOutcome::Error(Cause { code, message, hint: hint.as_deref() })
            }
        };
        Self { label: &target.label, exit_code: target.exit().code(), warnings: &target.warnings, outcome }
    }
}

impl<'a> From<&'a RuleMeta> for Rule<'a> {
    fn from(rule: &'a RuleMeta) -> Self {
        let group = entry::group(rule.group);
        Self { id: &rule.id, title: &rule.title, group, kind: rule.kind, attack: &rule.attack }
    }
}

/// Pretty JSON that spells out deceptive characters. JSON itself asks this only of the controls below U+0020.
struct Visible(PrettyFormatter<'static>);

impl Formatter for Visible {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(text::is_deceptive) {
            writer.write_all(&rest.as_bytes()[..at])?;
            let mut tail = rest[at..].chars();
            let mut units = [0; 2];
            for unit in tail.next().unwrap_or_default().encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = tail.as_str();
        }
        writer.write_all(rest.as_bytes())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        self.0.write_char_escape(writer, escape)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}
