//! `lazaret log`: what the guard has done on this machine.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use gate::guard::log::{Log, Standing};
use wire::{
    Exit,
    log::{Entry, Event},
};

use super::{guard::state, surroundings::environment};
use crate::output::{Output, escaped, print, talk};

/// What `log` can do.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Print what happened, the newest last
    Query {
        /// Only this: started, checked, withheld, blocked, warned, unchecked, failed, ended, allowed
        #[arg(long, value_parser = events())]
        event: Option<String>,
        /// Only what names this text: a package, a command
        #[arg(long, value_name = "TEXT")]
        about: Option<String>,
        /// Only from this day or moment on: 2026-01-31
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
    },
    /// Prove that no line was changed or taken out (exit 40 when one was)
    Verify,
    /// Write the whole log
    Export {
        /// How it is written
        #[arg(long, short, value_enum, default_value = "json")]
        format: Format,
        /// Write to this file instead of stdout
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// How the log is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Format {
    /// One object a line, as it is kept
    Json,
    /// A table for spreadsheets
    Csv,
}

fn events() -> clap::builder::PossibleValuesParser {
    Event::ALL.map(Event::as_str).into()
}

pub fn run(action: &Action) -> anyhow::Result<Exit> {
    let log = Log::new(&state(&environment())?);
    match action {
        Action::Query { event, about, since } => {
            let wanted = |one: &Entry| {
                event.as_deref().is_none_or(|event| one.event.as_str() == event)
                    && about.as_deref().is_none_or(|text| one.subject.contains(text))
                    && since.as_deref().is_none_or(|since| one.at.as_str() >= since)
            };
            let text: String = entries(&log)?.iter().filter(|one| wanted(one)).map(line).collect();
            print(&text)?;
            Ok(Exit::Clean)
        }
        Action::Verify => match log.verify().with_context(|| format!("{} cannot be read", log.path().display()))? {
            Standing::Whole(lines) => {
                print(&format!("{lines} lines, none of them changed\n"))?;
                Ok(Exit::Clean)
            }
            Standing::Broken { line, why } => {
                talk(&format!("{}, line {line}: {why}", log.path().display()));
                Ok(Exit::Differs)
            }
        },
        Action::Export { format, output } => {
            let entries = entries(&log)?;
            Output::open(output.as_deref())?.write(|out| match format {
                Format::Json => entries
                    .iter()
                    .try_for_each(|one| writeln!(out, "{}", serde_json::to_string(one).unwrap_or_default())),
                Format::Csv => {
                    writeln!(out, "sequence,at,event,run,subject,why,code,folder")?;
                    entries.iter().try_for_each(|one| writeln!(out, "{}", row(one)))
                }
            })?;
            Ok(Exit::Clean)
        }
    }
}

fn entries(log: &Log) -> anyhow::Result<Vec<Entry>> {
    log.entries().with_context(|| format!("{} cannot be read", log.path().display()))
}

fn line(one: &Entry) -> String {
    let why = if one.why.is_empty() { String::new() } else { format!("  {}", escaped(&one.why).replace('\n', " ")) };
    let code = one.code.map(|code| format!("  exit {code}")).unwrap_or_default();
    format!("{}  {:<9}  {}{code}{why}\n", one.at, one.event.as_str(), escaped(&one.subject))
}

/// One row; what a spreadsheet would take for a formula does not start one.
fn row(one: &Entry) -> String {
    let code = one.code.map(|code| code.to_string()).unwrap_or_default();
    let cells =
        [&one.sequence.to_string(), &one.at, one.event.as_str(), &one.run, &one.subject, &one.why, &code, &one.folder]
            .map(|cell| {
                let safe = if cell.starts_with(['=', '+', '-', '@']) { format!("'{cell}") } else { cell.to_owned() };
                format!("\"{}\"", safe.replace('"', "\"\""))
            });
    cells.join(",")
}
