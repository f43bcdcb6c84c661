//! What a package did in the sandbox, for people and for programs. A new format is one file here and one line in
//! [`FORMATS`].

mod json;
mod terminal;
mod tree;

use std::io::{self, Write};

use model::{Analysis, Event, Trace, TraceDeed};

use crate::{Exit, Failure};

pub use json::Json;
pub use terminal::Terminal;

/// Every format, the default first.
pub const FORMATS: &[&dyn Format] = &[&Terminal, &Json];

/// One way to write the report of a detonation.
pub trait Format: Sync {
    /// The name by which a user asks for it.
    fn name(&self) -> &'static str;

    /// Writes the whole report. Styles are written as ANSI sequences; who writes to something else than a terminal
    /// strips them.
    fn write(&self, report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()>;
}

/// The format of this name.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|one| one.name() == name)
}

/// What one call of `detonate` showed.
#[derive(Debug, Clone)]
pub struct TraceReport<'a> {
    /// Lazaret's version.
    pub version: &'a str,
    /// When the report is made, in the form `2026-01-31T23:59:59.000Z`.
    pub made: &'a str,
    /// Every artifact that was run, in the order in which they were asked for.
    pub runs: Vec<Run>,
    /// What could not be run, and why.
    pub failures: Vec<(String, Failure)>,
    /// What holds for all runs: a layer of the sandbox is missing.
    pub notes: Vec<String>,
}

/// One artifact that was run.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it is: a purl with version, or a path.
    pub label: String,
    /// What it did.
    pub trace: Trace,
    /// What is thought of it: the joint verdict of both witnesses.
    pub analysis: Analysis,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

impl TraceReport<'_> {
    /// The exit code: that of the weightiest run.
    pub fn exit(&self) -> Exit {
        let runs = self.runs.iter().map(|run| Exit::of(&run.analysis));
        runs.chain(self.failures.iter().map(|(_, failure)| failure.exit)).max().unwrap_or(Exit::Clean)
    }
}

/// The groups in which a report tells events, in the order of their interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Chapter {
    /// What went over the network, or tried to.
    Network,
    /// Which files changed or were read.
    Files,
    /// What was refused, cut short or looked for.
    Other,
}

/// The chapter of an event; processes are told as a tree, and have none.
pub(crate) fn chapter(deed: &TraceDeed) -> Option<Chapter> {
    use TraceDeed::{
        Chmod, Connect, Dns, Exec, Exit, File, Fork, Http, Limit, Listen, Memfd, Open, Probe, Raw, Refused, Rename,
        Signal, Slept, TlsRefused, Unlink,
    };
    match deed {
        Exec { .. } | Fork { .. } | Exit { .. } => None,
        Connect { .. } | Listen { .. } | Dns { .. } | Http { .. } | TlsRefused { .. } | Raw { .. } => {
            Some(Chapter::Network)
        }
        Open { .. } | Unlink { .. } | Rename { .. } | Chmod { .. } | Memfd { .. } | File { .. } => Some(Chapter::Files),
        Refused { .. } | Probe { .. } | Slept { .. } | Signal { .. } | Limit { .. } => Some(Chapter::Other),
    }
}

/// The word for what happened, and what it happened to, as text that is not yet escaped.
pub(crate) fn told(event: &Event) -> (&'static str, String) {
    use TraceDeed::{
        Chmod, Connect, Dns, Exec, Exit, File, Fork, Http, Limit, Listen, Memfd, Open, Probe, Raw, Refused, Rename,
        Signal, Slept, TlsRefused, Unlink,
    };
    match &event.deed {
        Exec { path, argv, .. } => ("starts", format!("{path}: {}", argv.join(" "))),
        Fork { child } => ("forks", child.to_string()),
        Exit { code } => ("ends", code.to_string()),
        Open { path, write: true, .. } => ("opens to write", path.clone()),
        Open { path, asked, .. } if path != asked => ("reads", format!("{path} (asked for {asked})")),
        Open { path, .. } => ("reads", path.clone()),
        Unlink { path } => ("removes", path.clone()),
        Rename { from, to } => ("renames", format!("{from} -> {to}")),
        Chmod { path, mode } => ("sets mode", format!("{mode:o} of {path}")),
        Memfd { name } => ("makes a file without a name", name.clone()),
        File { path, size, vanished: true, .. } => ("left and removed", format!("{path}, {size} bytes")),
        File { path, size, .. } => ("leaves", format!("{path}, {size} bytes")),
        Connect { address, name: Some(name) } => ("connects", format!("{name} ({address})")),
        Connect { address, name: None } => ("connects", address.clone()),
        Listen { address } => ("listens", address.clone()),
        Dns { name, record } => ("asks for", format!("{name} ({record})")),
        Http { method, url, size, status, .. } if *size > 0 => {
            ("requests", format!("{method} {url}, {size} bytes, answered {status}"))
        }
        Http { method, url, status, .. } => ("requests", format!("{method} {url}, answered {status}")),
        TlsRefused { name, reason } => ("refuses TLS", format!("{name}: {reason}")),
        Raw { address, protocol, sent, waited: true, .. } => {
            ("waits for orders", format!("{address} ({protocol}), {sent} bytes sent"))
        }
        Raw { address, protocol, sent, .. } => ("talks", format!("{address} ({protocol}), {sent} bytes sent")),
        Refused { call, why } => ("was refused", format!("{call}: {why}")),
        Probe { what } => ("looks for", what.clone()),
        Slept { millis } => ("waits", format!("{:.1} s, cut short", *millis as f64 / 1000.0)),
        Signal { to, signal } => ("signals", format!("{signal} to process {to}")),
        Limit { what } => ("hits the limit", what.clone()),
    }
}

/// The content that belongs to an event: hostile prose.
pub(crate) fn content(deed: &TraceDeed) -> &str {
    match deed {
        TraceDeed::Http { head, .. } | TraceDeed::Raw { head, .. } | TraceDeed::File { head, .. } => head,
        _ => "",
    }
}
