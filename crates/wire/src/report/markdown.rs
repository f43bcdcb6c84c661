//! The report as Markdown, for issues, pull requests and job summaries.

use std::io::{self, Write};

use model::{Analysis, Decision, Excerpt};

use super::{
    Failure, Format, Outcome, Report, TargetReport,
    entry::{Entry, confidence, count_points, entries, gap, spot, sum, when},
};
use crate::text::{count, defanged, markdown, markdown_block, markdown_cell, markdown_code, size};

/// Markdown in which no word of a package can format, link, mention or carry HTML.
#[derive(Debug, Clone, Copy)]
pub struct Markdown;

/// Further places, gaps and oddities that are shown of each list.
const ROWS: usize = 20;
/// Lines of decoded text that are shown.
const DECODED: usize = 40;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "# Lazaret report\n")?;
        writeln!(out, "| verdict | score | target |\n| --- | ---: | --- |")?;
        for target in &report.targets {
            let label = markdown_cell(&target.label);
            match &target.outcome {
                Outcome::Analysed(analysis) => {
                    let verdict = &analysis.verdict;
                    writeln!(out, "| {} | {} | {label} |", word(verdict.decision), verdict.score.0)?;
                }
                Outcome::Failed(_) => writeln!(out, "| could not be got | - | {label} |")?,
            }
        }
        report.notes.iter().try_for_each(|text| writeln!(out, "\n> Note: {}", markdown(text)))?;
        for target in &report.targets {
            writeln!(out, "\n## {}\n", markdown_code(&target.label))?;
            match &target.outcome {
                Outcome::Analysed(analysis) => detail(target, analysis, out)?,
                Outcome::Failed(failure) => failed(target, failure, out)?,
            }
        }
        writeln!(out, "\nLazaret {}, ruleset {}", markdown(report.version), markdown_code(report.ruleset))
    }
}

fn word(decision: Decision) -> String {
    match decision {
        Decision::Malicious | Decision::Suspicious => format!("**{decision}**"),
        other => other.to_string(),
    }
}

fn failed(target: &TargetReport, failure: &Failure, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "**Could not be got** ({}). {}", markdown_code(&failure.code), markdown(&failure.message))?;
    if let Some(hint) = &failure.hint {
        writeln!(out, "\n{}", markdown(hint))?;
    }
    warnings(target, out)
}

fn warnings(target: &TargetReport, out: &mut dyn Write) -> io::Result<()> {
    target.warnings.iter().try_for_each(|warning| writeln!(out, "\n> Note: {}", markdown(warning)))
}

fn detail(target: &TargetReport, analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &analysis.verdict;
    writeln!(out, "{}, score {} of 100. {}", word(verdict.decision), verdict.score.0, markdown(&verdict.reason))?;
    if !verdict.balance.shares.is_empty() {
        writeln!(out, "\nPoints: {}", markdown(&sum(&verdict.balance)))?;
    }
    writeln!(out, "\nsha256 {}", markdown_code(&verdict.artifact.sha256.to_string()))?;
    warnings(target, out)?;
    for (at, entry) in entries(analysis).iter().enumerate() {
        finding(at + 1, entry, out)?;
    }
    indicators(analysis, out)?;
    capabilities(analysis, out)?;
    let problems: Vec<_> = analysis.problems.iter().map(|one| (one.code.as_str(), &*one.path, &*one.detail)).collect();
    list("Odd about the archive and its files", &problems, out)?;
    let coverage = &verdict.coverage;
    let (files, parsed) = (count(coverage.files, "file"), coverage.parsed);
    let looked = format!("{files}, {}, {parsed} read as source code", size(coverage.bytes));
    if coverage.is_complete() {
        return writeln!(out, "\n### Looked at\n\nEverything ({looked}).");
    }
    let gaps: Vec<_> = coverage.gaps.iter().map(|one| (gap(one.kind), &*one.path, &*one.detail)).collect();
    list(&format!("Not looked at (of {looked})"), &gaps, out)
}

fn finding(number: usize, entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lead = entry.lead;
    writeln!(out, "\n### {number}. {}\n", markdown(&lead.note))?;
    let (rule, sure, when) = (markdown_code(&lead.rule), confidence(lead.confidence), when(lead.phase));
    write!(out, "{rule} · {}, {sure} confidence · runs {when}", lead.kind)?;
    if let Some(points) = entry.points {
        write!(out, " · {}", count_points(points))?;
    }
    match lead.places.first() {
        Some(place) => writeln!(out, " · {}", markdown_code(&spot(place)))?,
        None => writeln!(out)?,
    }
    if let Some(reason) = &lead.excepted {
        writeln!(out, "\nExcepted, weighs nothing: {}", markdown(reason))?;
    }
    if let Some(excerpt) = lead.excerpt.as_ref().filter(|_| !entry.excerpt_is_decoded()) {
        let marked = lead.places.first().map_or(0, |place| place.line);
        let lines = numbered(excerpt, marked);
        write!(out, "\n{}", markdown_block(lines.into_iter()))?;
    }
    if !lead.steps.is_empty() {
        writeln!(out, "\nHow the data goes:\n")?;
        for (at, step) in lead.steps.iter().enumerate() {
            writeln!(out, "{}. {} ({})", at + 1, markdown(&step.note), markdown_code(&spot(&step.place)))?;
        }
    }
    if let Some(decoded) = entry.decoded(DECODED) {
        writeln!(out, "\nDecoded, without running anything:\n")?;
        let row = |(number, line): &(usize, &str)| {
            let mark = if decoded.marked == Some(*number) { '>' } else { ' ' };
            format!("{mark} {number:>5} | {line}")
        };
        write!(out, "{}", markdown_block(decoded.lines.iter().map(row)))?;
        let hidden = decoded.hidden.0 + decoded.hidden.1;
        if hidden > 0 {
            writeln!(out, "\n{} not shown.", count(hidden as u64, "line"))?;
        }
    }
    if !entry.further.is_empty() {
        writeln!(out, "\nAlso at:\n")?;
        for one in entry.further.iter().take(ROWS) {
            let note = one.note.map(|note| format!(" {}", markdown(note))).unwrap_or_default();
            writeln!(out, "- {}{note}", markdown_code(&spot(one.place)))?;
        }
        rest(entry.further.len(), out)?;
    }
    Ok(())
}

fn numbered(excerpt: &Excerpt, marked: u32) -> Vec<String> {
    let number = |at: usize| excerpt.first_line.saturating_add(at as u32);
    let row = |(at, line): (usize, &String)| {
        let mark = if number(at) == marked { '>' } else { ' ' };
        format!("{mark} {:>5} | {line}", number(at))
    };
    excerpt.lines.iter().enumerate().map(row).collect()
}

fn indicators(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.indicators.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Indicators of compromise\n\n| what | value | role | where |\n| --- | --- | --- | --- |")?;
    for one in &analysis.indicators {
        let (value, place) = (markdown_cell(&defanged(one.kind, &one.value)), markdown_cell(&spot(&one.place)));
        writeln!(out, "| {} | {value} | {} | {place} |", one.kind.as_str(), one.role.as_str())?;
    }
    Ok(())
}

fn capabilities(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.capabilities.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### It can\n\n| what | when | times | to what | where |\n| --- | --- | ---: | --- | --- |")?;
    for one in &analysis.capabilities {
        let objects: Vec<String> = one.objects.iter().take(3).map(|object| markdown_cell(object)).collect();
        let (objects, place) = (objects.join(", "), markdown_cell(&spot(&one.place)));
        writeln!(out, "| `{}` | {} | {} | {objects} | {place} |", one.action, one.phase, one.count)?;
    }
    Ok(())
}

fn list(title: &str, rows: &[(&str, &str, &str)], out: &mut dyn Write) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title}\n")?;
    for (word, path, detail) in rows.iter().take(ROWS) {
        let path = if path.is_empty() { String::new() } else { format!(" {}", markdown_code(path)) };
        writeln!(out, "- {}{path}: {}", markdown(word), markdown(detail))?;
    }
    rest(rows.len(), out)
}

fn rest(number: usize, out: &mut dyn Write) -> io::Result<()> {
    if number > ROWS { writeln!(out, "- and {} more", number - ROWS) } else { Ok(()) }
}
