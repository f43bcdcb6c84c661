//! A detonation as JSON. Its shape is `docs/trace.schema.json`.

use std::io::{self, Write};

use model::{Analysis, Trace};
use serde::Serialize;

use super::{Format, Run, TraceReport};
use crate::{Exit, Failure, report::write_visible};

/// JSON for other programs: every event, losslessly.
#[derive(Debug, Clone, Copy)]
pub struct Json;

/// The version of the shape. It changes when a reader would have to change.
const SHAPE: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    shape: u32,
    tool: Tool<'a>,
    exit_code: u8,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    runs: Vec<RunDocument<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<Cause<'a>>,
}

#[derive(Serialize)]
struct RunDocument<'a> {
    label: &'a str,
    exit_code: u8,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    analysis: &'a Analysis,
    trace: &'a Trace,
}

#[derive(Serialize)]
struct Cause<'a> {
    label: &'a str,
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    version: &'a str,
}

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn write(&self, report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            shape: SHAPE,
            tool: Tool { name: "lazaret", version: report.version },
            exit_code: report.exit().code(),
            notes: &report.notes,
            runs: report.runs.iter().map(RunDocument::from).collect(),
            failures: report.failures.iter().map(Cause::from).collect(),
        };
        write_visible(&document, out)
    }
}

impl<'a> From<&'a Run> for RunDocument<'a> {
    fn from(run: &'a Run) -> Self {
        let Run { label, trace, analysis, notes } = run;
        Self { label, exit_code: Exit::of(analysis).code(), notes, analysis, trace }
    }
}

impl<'a> From<&'a (String, Failure)> for Cause<'a> {
    fn from((label, failure): &'a (String, Failure)) -> Self {
        Self { label, code: &failure.code, message: &failure.message, hint: failure.hint.as_deref() }
    }
}
