//! A detonation as JSON. Its shape is `docs/trace.schema.json`.

use std::io::{self, Write};

use model::{Analysis, Trace};
use serde::Serialize;

use super::{Format, TraceReport};
use crate::report::write_visible;

/// JSON for other programs: every event, losslessly.
#[derive(Debug, Clone, Copy)]
pub struct Json;

/// The version of the shape. It changes when a reader would have to change.
const SHAPE: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    shape: u32,
    tool: Tool<'a>,
    label: &'a str,
    exit_code: u8,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    analysis: &'a Analysis,
    trace: &'a Trace,
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
            label: report.label,
            exit_code: report.exit().code(),
            notes: report.notes,
            analysis: report.analysis,
            trace: report.trace,
        };
        write_visible(&document, out)
    }
}
