//! The report for a person at a terminal: enough to decide in a minute, and meaningful without colour.

mod detail;

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use model::{Analysis, Decision};

use super::{Failure, Format, Outcome, Report, TargetReport};
use crate::text::{count, visible, wrap};

/// Text for a person. Targets without anything to say are one line each; the weightiest stands last, nearest to the
/// prompt.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Only a line for each target that is not benign.
    pub brief: bool,
}

pub(crate) const WIDTH: usize = 100;
pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

impl Format for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        let alone = report.targets.len() == 1;
        let (mut long, short): (Vec<_>, Vec<_>) = report.targets.iter().partition(|one| alone || needs_detail(one));
        if self.brief {
            return long.iter().filter(|one| needs_detail(one)).try_for_each(|one| line(one, out));
        }
        short.iter().try_for_each(|one| line(one, out))?;
        long.sort_by_key(|one| one.exit());
        for (at, target) in long.iter().enumerate() {
            if at > 0 || !short.is_empty() {
                writeln!(out)?;
            }
            match &target.outcome {
                Outcome::Analysed(analysis) => detail::write(target, analysis, out)?,
                Outcome::Failed(failure) => failed(target, failure, out)?,
            }
        }
        if !alone {
            total(report, out)?;
        }
        report.notes.iter().try_for_each(|text| {
            writeln!(out)?;
            paragraph(out, 0, &format!("note: {text}"))
        })
    }
}

/// Whether a target says more than that nothing was found.
fn needs_detail(target: &TargetReport) -> bool {
    target.exit() != crate::Exit::Clean || !target.warnings.is_empty()
}

/// A target in one line.
fn line(target: &TargetReport, out: &mut dyn Write) -> io::Result<()> {
    let label = visible(&target.label);
    match &target.outcome {
        Outcome::Failed(failure) => {
            writeln!(out, "{YELLOW}failed      {YELLOW:#}    -  {label}  {DIM}{}{DIM:#}", visible(&failure.message))
        }
        Outcome::Analysed(analysis) => {
            let verdict = &analysis.verdict;
            let style = style(verdict.decision);
            let word = verdict.decision.as_str();
            writeln!(out, "{style}{word:<12}{style:#}  {:>3}  {label}  {DIM}{}{DIM:#}", verdict.score.0, tail(analysis))
        }
    }
}

/// The end of a target's one line: what decided, or what the package can do.
fn tail(analysis: &Analysis) -> String {
    let verdict = &analysis.verdict;
    if verdict.decision != Decision::Benign {
        return visible(&verdict.reason).into_owned();
    }
    let files = count(verdict.coverage.files, "file");
    if analysis.capabilities.is_empty() {
        return files;
    }
    let mut actions: Vec<&str> = analysis.capabilities.iter().map(|one| one.action.as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    let more = if actions.len() > 4 { format!(" and {} more", actions.len() - 4) } else { String::new() };
    format!("{files}; can {}{more}", actions[..actions.len().min(4)].join(", "))
}

/// The colour of a decision.
pub(crate) const fn style(decision: Decision) -> Style {
    match decision {
        Decision::Malicious => RED,
        Decision::Suspicious | Decision::Inconclusive | Decision::Unknown => YELLOW,
        Decision::Benign => GREEN,
    }
}

/// A target that could not be got.
fn failed(target: &TargetReport, failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{YELLOW}COULD NOT BE GOT{YELLOW:#}  {BOLD}{}{BOLD:#}", visible(&target.label))?;
    paragraph(out, 2, &failure.message)?;
    if let Some(hint) = &failure.hint {
        paragraph(out, 2, hint)?;
    }
    writeln!(out, "  {DIM}{}{DIM:#}", visible(&failure.code))?;
    warnings(target, out)
}

/// What the user should know besides.
fn warnings(target: &TargetReport, out: &mut dyn Write) -> io::Result<()> {
    target.warnings.iter().try_for_each(|warning| paragraph(out, 2, &format!("note: {warning}")))
}

/// A paragraph of our own and the package's words, wrapped and indented.
pub(crate) fn paragraph(out: &mut dyn Write, indent: usize, sentence: &str) -> io::Result<()> {
    wrap(&visible(sentence), WIDTH - indent).iter().try_for_each(|line| writeln!(out, "{:indent$}{line}", ""))
}

/// The closing line over many targets.
fn total(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut parts: Vec<String> = Vec::new();
    for decision in
        [Decision::Malicious, Decision::Suspicious, Decision::Inconclusive, Decision::Unknown, Decision::Benign]
    {
        let number = report.count(decision);
        if number > 0 {
            let style = style(decision);
            parts.push(format!("{style}{number} {decision}{style:#}"));
        }
    }
    if report.failed() > 0 {
        parts.push(format!("{YELLOW}{} could not be got{YELLOW:#}", report.failed()));
    }
    writeln!(out, "\n{}: {}", count(report.targets.len() as u64, "target"), parts.join(", "))
}
