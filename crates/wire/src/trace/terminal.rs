//! A detonation for a person at a terminal: what decided, who started whom, what went out, what was left behind.

use std::io::{self, Write};

use model::{Decision, Event, Finding, TraceDeed, TraceStep};

use super::{Chapter, Format, Run, TraceReport, chapter, content, told, tree};
use crate::{
    report::{BOLD, DIM, RED, WIDTH, YELLOW, paragraph, style},
    text::{count, cut, visible},
};

/// Text for a person.
#[derive(Debug, Clone, Copy)]
pub struct Terminal;

/// Lines of one chapter that are shown.
const ROWS: usize = 25;

impl Format for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn write(&self, report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (label, failure) in &report.failures {
            writeln!(out, "{YELLOW}WAS NOT RUN{YELLOW:#}  {BOLD}{}{BOLD:#}", visible(label))?;
            paragraph(out, 2, &failure.message)?;
            failure.hint.iter().try_for_each(|hint| paragraph(out, 2, hint))?;
        }
        for (at, one) in report.runs.iter().enumerate() {
            if at > 0 || !report.failures.is_empty() {
                writeln!(out)?;
            }
            write_run(one, out)?;
        }
        report.notes.iter().try_for_each(|note| {
            writeln!(out)?;
            paragraph(out, 0, &format!("note: {note}"))
        })
    }
}

const CHAPTERS: [(Chapter, &str); 3] =
    [(Chapter::Network, "Network"), (Chapter::Files, "Files"), (Chapter::Other, "Refused, cut short, looked for")];

fn write_run(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    head(run, out)?;
    findings(run, out)?;
    (0..).zip(&run.trace.steps).try_for_each(|(at, step)| processes(run, at, step, out))?;
    CHAPTERS.iter().try_for_each(|(which, title)| events(run, *which, title, out))?;
    gaps(run, out)
}

fn head(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &run.analysis.verdict;
    let style = style(verdict.decision);
    let word = verdict.decision.as_str().to_uppercase();
    writeln!(out, "{style}{word}{style:#}  {BOLD}{}{BOLD:#}  {} of 100", visible(&run.label), verdict.score.0)?;
    if verdict.decision != Decision::Benign || !verdict.findings.is_empty() {
        paragraph(out, 2, &verdict.reason)?;
    }
    let (steps, events) = (run.trace.steps.len() as u64, run.trace.events.len() as u64);
    writeln!(out, "  {DIM}{} ran, {} seen{DIM:#}", count(steps, "step"), count(events, "event"))
}

fn findings(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<&Finding> = run.analysis.verdict.findings.iter().filter(|one| one.excepted.is_none()).collect();
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}Findings{BOLD:#}")?;
    for finding in findings {
        writeln!(out, "    {YELLOW}{}{YELLOW:#}  {DIM}{}, {}{DIM:#}", finding.rule, finding.kind, finding.phase)?;
        paragraph(out, 6, &cut(&finding.note, 3 * WIDTH))?;
    }
    Ok(())
}

fn processes(run: &Run, at: u32, step: &TraceStep, out: &mut dyn Write) -> io::Result<()> {
    let ended = match step.exit {
        Some(0) => String::new(),
        Some(code) => format!(", ended with {code}"),
        None => ", stopped".into(),
    };
    let time = step.millis as f64 / 1000.0;
    let (name, profile) = (visible(&step.name), visible(&step.profile));
    writeln!(out, "\n  {BOLD}{name}{BOLD:#}  {DIM}{}, as {profile}, {time:.1} s{ended}{DIM:#}", step.phase)?;
    let branches = tree::of_step(&run.trace, at);
    for branch in branches.iter().take(ROWS) {
        let indent = 4 + 2 * branch.depth;
        let command = branch.command.as_deref().unwrap_or("(its parent's program)");
        let exit = branch.exit.filter(|code| *code != 0).map(|code| format!("  ended with {code}")).unwrap_or_default();
        let text = cut(&visible(command), (WIDTH + 20).saturating_sub(indent));
        writeln!(out, "{:indent$}{DIM}{}{DIM:#} {text}{DIM}{exit}{DIM:#}", "", branch.process)?;
    }
    more(branches.len(), out)
}

fn events(run: &Run, which: Chapter, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<&Event> =
        run.trace.events.iter().filter(|event| chapter(&event.deed) == Some(which) && is_told(event)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}{title}{BOLD:#} {DIM}({}){DIM:#}", rows.len())?;
    for event in rows.iter().take(ROWS) {
        let (word, object) = told(event);
        let step = run.trace.steps.get(event.step as usize).map_or("", |step| &step.name);
        let failed = if event.ok || word == "was refused" { "" } else { " (failed)" };
        writeln!(
            out,
            "    {DIM}{:>8.3} s {:<12}{DIM:#} {word} {}{failed}",
            event.micros as f64 / 1e6,
            cut(&visible(step), 12),
            cut(&visible(&object), 2 * WIDTH)
        )?;
        for token in &event.tokens {
            writeln!(out, "      {RED}carries the planted secret {}{RED:#}", visible(token))?;
        }
        if which == Chapter::Network && !content(&event.deed).is_empty() {
            writeln!(out, "      {DIM}{}{DIM:#}", cut(&visible(content(&event.deed)), 2 * WIDTH))?;
        }
    }
    more(rows.len(), out)
}

/// Reads of files are many and seldom matter, and builds write for themselves; the rest is told. JSON has everything.
fn is_told(event: &Event) -> bool {
    match &event.deed {
        TraceDeed::Open { write: false, .. } => !event.tokens.is_empty(),
        TraceDeed::Open { path, .. }
        | TraceDeed::File { path, .. }
        | TraceDeed::Unlink { path }
        | TraceDeed::Chmod { path, .. }
        | TraceDeed::Rename { to: path, .. } => !is_scratch(path) || !event.tokens.is_empty(),
        // How names are resolved on every machine; what was asked for stands in an event of its own.
        TraceDeed::Connect { address, name: None } => !address.ends_with(":53") && !address.contains("nscd/socket"),
        _ => true,
    }
}

/// Where interpreters and builds leave what they need for themselves.
fn is_scratch(path: &str) -> bool {
    path.starts_with("/tmp/") || path.starts_with("/work/build/") || path.contains("/__pycache__/")
}

fn more(rows: usize, out: &mut dyn Write) -> io::Result<()> {
    if rows > ROWS {
        writeln!(out, "    {DIM}and {} more; --format json has them all{DIM:#}", rows - ROWS)?;
    }
    Ok(())
}

fn gaps(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    if !run.trace.gaps.is_empty() {
        writeln!(out, "\n  {BOLD}What could not be run or seen{BOLD:#}")?;
    }
    for gap in run.trace.gaps.iter().take(ROWS) {
        paragraph(out, 4, &gap.detail)?;
    }
    more(run.trace.gaps.len(), out)?;
    run.notes.iter().try_for_each(|note| paragraph(out, 2, &format!("note: {note}")))
}
