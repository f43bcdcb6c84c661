//! A detonation for a person at a terminal: what decided, who started whom, what went out, what was left behind.

use std::io::{self, Write};

use model::{Decision, Event, Finding, TraceDeed, TraceStep};

use super::{Chapter, Format, TraceReport, chapter, content, told, tree};
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
        head(report, out)?;
        findings(report, out)?;
        for (at, step) in report.trace.steps.iter().enumerate() {
            processes(report, at, step, out)?;
        }
        for (which, title) in [
            (Chapter::Network, "Network"),
            (Chapter::Files, "Files"),
            (Chapter::Other, "Refused, cut short, looked for"),
        ] {
            events(report, which, title, out)?;
        }
        gaps(report, out)
    }
}

fn head(report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &report.analysis.verdict;
    let style = style(verdict.decision);
    let word = verdict.decision.as_str().to_uppercase();
    writeln!(out, "{style}{word}{style:#}  {BOLD}{}{BOLD:#}  {} of 100", visible(report.label), verdict.score.0)?;
    if verdict.decision != Decision::Benign || !verdict.findings.is_empty() {
        paragraph(out, 2, &verdict.reason)?;
    }
    let (steps, events) = (report.trace.steps.len() as u64, report.trace.events.len() as u64);
    writeln!(out, "  {DIM}{} ran, {} seen{DIM:#}", count(steps, "step"), count(events, "event"))
}

fn findings(report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let findings: Vec<&Finding> =
        report.analysis.verdict.findings.iter().filter(|one| one.excepted.is_none()).collect();
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

fn processes(report: &TraceReport<'_>, at: usize, step: &TraceStep, out: &mut dyn Write) -> io::Result<()> {
    let ended = match step.exit {
        Some(0) => String::new(),
        Some(code) => format!(", ended with {code}"),
        None => ", stopped".into(),
    };
    let time = step.millis as f64 / 1000.0;
    let (name, profile) = (visible(&step.name), visible(&step.profile));
    writeln!(out, "\n  {BOLD}{name}{BOLD:#}  {DIM}{}, as {profile}, {time:.1} s{ended}{DIM:#}", step.phase)?;
    let branches = tree::of_step(report.trace, u32::try_from(at).unwrap_or(u32::MAX));
    for branch in branches.iter().take(ROWS) {
        let indent = 4 + 2 * branch.depth;
        let command = branch.command.as_deref().unwrap_or("(its parent's program)");
        let exit = branch.exit.filter(|code| *code != 0).map(|code| format!("  ended with {code}")).unwrap_or_default();
        let text = cut(&visible(command), (WIDTH + 20).saturating_sub(indent));
        writeln!(out, "{:indent$}{DIM}{}{DIM:#} {text}{DIM}{exit}{DIM:#}", "", branch.process)?;
    }
    more(branches.len(), out)
}

fn events(report: &TraceReport<'_>, which: Chapter, title: &str, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<&Event> =
        report.trace.events.iter().filter(|event| chapter(&event.deed) == Some(which) && is_told(event)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}{title}{BOLD:#} {DIM}({}){DIM:#}", rows.len())?;
    for event in rows.iter().take(ROWS) {
        let (word, object) = told(event);
        let step = report.trace.steps.get(event.step as usize).map_or("", |step| &step.name);
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

/// Reads of files are many and seldom matter; the rest is told.
fn is_told(event: &Event) -> bool {
    match &event.deed {
        TraceDeed::Open { write, asked, path } => *write || asked != path || !event.tokens.is_empty(),
        _ => true,
    }
}

fn more(rows: usize, out: &mut dyn Write) -> io::Result<()> {
    if rows > ROWS {
        writeln!(out, "    {DIM}and {} more; --format json has them all{DIM:#}", rows - ROWS)?;
    }
    Ok(())
}

fn gaps(report: &TraceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    if !report.trace.gaps.is_empty() {
        writeln!(out, "\n  {BOLD}What could not be run or seen{BOLD:#}")?;
    }
    for gap in report.trace.gaps.iter().take(ROWS) {
        paragraph(out, 4, &gap.detail)?;
    }
    more(report.trace.gaps.len(), out)?;
    report.notes.iter().try_for_each(|note| {
        writeln!(out)?;
        paragraph(out, 0, &format!("note: {note}"))
    })
}
