//! One target in full: verdict, findings, capabilities, coverage.

use std::io::{self, Write};

use model::{Analysis, Decision, Kind, Phase};

use super::{
    super::{
        TargetReport,
        entry::{Entry, Further, confidence, count_points, entries, gap, spot, sum, when},
    },
    BOLD, DIM, RED, WIDTH, YELLOW, paragraph, style, warnings,
};
use crate::text::{code_line, count, cut, defanged, size, visible, wrap};

/// Findings that are shown with code; the others are two lines each.
const FULL: usize = 20;
/// Further places of one finding that are shown.
const PLACES: usize = 5;
/// Lines of decoded text that are shown.
const DECODED: usize = 16;
/// Rows of a list (gaps, oddities) that are shown.
const ROWS: usize = 12;
/// Indicators of compromise that are shown.
const INDICATORS: usize = 30;
/// The decoded text and excerpts are cut to this width.
const CODE: usize = 120;

pub(super) fn write(target: &TargetReport, analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    head(target, analysis, out)?;
    warnings(target, out)?;
    let entries = entries(analysis);
    let full = analysis.verdict.decision != Decision::Benign;
    for (at, entry) in entries.iter().enumerate() {
        writeln!(out)?;
        finding(at + 1, entry, full && at < FULL, out)?;
    }
    indicators(analysis, out)?;
    capabilities(analysis, out)?;
    problems(analysis, out)?;
    coverage(analysis, out)
}

fn head(target: &TargetReport, analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &analysis.verdict;
    let (style, word) = (style(verdict.decision), verdict.decision.as_str().to_uppercase());
    let label = visible(&target.label);
    writeln!(out, "{style}{word}{style:#}  {BOLD}{label}{BOLD:#}  score {} of 100", verdict.score.0)?;
    paragraph(out, 2, &verdict.reason)?;
    if !verdict.balance.shares.is_empty() {
        paragraph(out, 2, &sum(&verdict.balance))?;
    }
    let mut known: Vec<String> = Vec::new();
    let facts = &analysis.facts;
    if let (Some(name), version) = (&facts.name, facts.version.as_deref().unwrap_or_default()) {
        known
            .push(format!("calls itself {} {}", cut(&visible(name), 80), cut(&visible(version), 40)).trim_end().into());
    }
    if !facts.format.is_empty() {
        known.push(visible(&facts.format).into_owned());
    }
    known.push(format!("sha256 {}", verdict.artifact.sha256));
    writeln!(out, "  {DIM}{}{DIM:#}", known.join(" · "))
}

fn finding(number: usize, entry: &Entry<'_>, full: bool, out: &mut dyn Write) -> io::Result<()> {
    let lead = entry.lead;
    let mark = match lead.kind {
        Kind::Proof => RED,
        Kind::Indicator => YELLOW,
        Kind::Capability => BOLD,
    };
    let lines = wrap(&visible(&lead.note), WIDTH - 6);
    for (at, line) in lines.iter().enumerate() {
        match at {
            0 => writeln!(out, "{mark}{number:>3}.{mark:#} {BOLD}{line}{BOLD:#}")?,
            _ => writeln!(out, "     {BOLD}{line}{BOLD:#}")?,
        }
    }
    let (rule, kind, sure) = (visible(&lead.rule), lead.kind, confidence(lead.confidence));
    let share = entry.points.map(|points| format!(" · {}", count_points(points))).unwrap_or_default();
    writeln!(out, "     {mark}{rule}{mark:#} · {kind}, {sure} confidence · runs {}{share}", when(lead.phase))?;
    if let Some(place) = lead.places.first() {
        writeln!(out, "     at {}", visible(&spot(place)))?;
    }
    if let Some(reason) = &lead.excepted {
        for line in wrap(&format!("excepted, weighs nothing: {}", visible(reason)), WIDTH - 6) {
            writeln!(out, "     {line}")?;
        }
    }
    if full {
        excerpt(entry, out)?;
        steps(entry, out)?;
        decoded(entry, out)?;
    }
    further(&entry.further, out)
}

/// The lines around the place, the place itself marked.
fn excerpt(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(excerpt) = entry.lead.excerpt.as_ref().filter(|_| !entry.excerpt_is_decoded()) else { return Ok(()) };
    let marked = entry.lead.places.first().map_or(0, |place| place.line);
    let last = excerpt.first_line as usize + excerpt.lines.len();
    let digits = last.to_string().len();
    for (at, line) in excerpt.lines.iter().enumerate() {
        let number = excerpt.first_line.saturating_add(at as u32);
        let line = code_line(line, CODE);
        if number == marked {
            writeln!(out, "     {YELLOW}> {number:>digits$} |{YELLOW:#} {line}")?;
        } else {
            writeln!(out, "     {DIM}  {number:>digits$} |{DIM:#} {line}")?;
        }
    }
    Ok(())
}

/// The chain by which data goes.
fn steps(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let steps = &entry.lead.steps;
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "     how the data goes:")?;
    for (at, step) in steps.iter().enumerate() {
        let arrow = if at == 0 { "  " } else { "->" };
        let note = cut(&visible(&step.note), WIDTH);
        writeln!(out, "       {arrow} {note}  {DIM}{}{DIM:#}", visible(&spot(&step.place)))?;
    }
    Ok(())
}

/// The hidden text as it was decoded, without running it.
fn decoded(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(decoded) = entry.decoded(DECODED) else { return Ok(()) };
    writeln!(out, "     {RED}decoded{RED:#} (by reading, nothing was run):")?;
    let (before, after) = decoded.hidden;
    let gap = |lines: usize, out: &mut dyn Write| match lines {
        0 => Ok(()),
        _ => {
            writeln!(out, "       {DIM}... {} not shown; --format json has it all{DIM:#}", count(lines as u64, "line"))
        }
    };
    gap(before, out)?;
    let digits = decoded.lines.last().map_or(1, |(number, _)| number.to_string().len());
    for (number, line) in &decoded.lines {
        let mark = if decoded.marked == Some(*number) { '>' } else { ' ' };
        writeln!(out, "     {RED}{mark} {number:>digits$} |{RED:#} {}", code_line(line, CODE))?;
    }
    gap(after, out)
}

/// A number of further things.
fn more(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 more {noun}") } else { format!("{number} more {noun}s") }
}

/// The other places of the same rule.
fn further(places: &[Further<'_>], out: &mut dyn Write) -> io::Result<()> {
    if places.is_empty() {
        return Ok(());
    }
    writeln!(out, "     also:")?;
    for one in places.iter().take(PLACES) {
        write!(out, "       at {}", visible(&spot(one.place)))?;
        if let Some(phase) = one.phase {
            write!(out, ", runs {}", when(phase))?;
        }
        match one.note {
            Some(note) => writeln!(out, "  {DIM}{}{DIM:#}", cut(&visible(note), WIDTH))?,
            None => writeln!(out)?,
        }
    }
    if places.len() > PLACES {
        writeln!(out, "       {DIM}and {}{DIM:#}", more((places.len() - PLACES) as u64, "place"))?;
    }
    Ok(())
}

/// What a defender can search for elsewhere, so written that nobody follows it by accident.
fn indicators(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.indicators.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}Indicators of compromise{BOLD:#}")?;
    for one in analysis.indicators.iter().take(INDICATORS) {
        let (kind, role) = (one.kind.as_str(), one.role.as_str());
        let value = cut(&defanged(one.kind, &one.value), CODE);
        writeln!(out, "    {kind:<8} {YELLOW}{value}{YELLOW:#}  {role}  {DIM}{}{DIM:#}", visible(&spot(&one.place)))?;
    }
    if analysis.indicators.len() > INDICATORS {
        let rest = analysis.indicators.len() - INDICATORS;
        writeln!(out, "    {DIM}and {rest} more; --format json or stix has them all{DIM:#}")?;
    }
    Ok(())
}

/// What the package can do: a row for each action, its earliest phase and a few of its objects.
fn capabilities(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.capabilities.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}It can{BOLD:#}")?;
    for one in &analysis.capabilities {
        let objects: Vec<String> = one.objects.iter().take(3).map(|object| cut(&visible(object), 40)).collect();
        let objects = if objects.is_empty() { String::new() } else { format!("{}  ", objects.join(", ")) };
        let (action, phase, times) = (one.action.as_str(), one.phase.as_str(), one.count);
        let style = if one.phase == Phase::Runtime { anstyle::Style::new() } else { YELLOW };
        let place = visible(&spot(&one.place)).into_owned();
        writeln!(out, "    {action:<16} {style}{phase:<8}{style:#} {times:>5}x  {objects}{DIM}{place}{DIM:#}")?;
    }
    Ok(())
}

/// What is odd about the container and its files.
fn problems(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<_> = analysis.problems.iter().map(|one| (one.code.as_str(), &*one.path, &*one.detail)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}Odd about the archive and its files{BOLD:#}")?;
    list(&rows, out)
}

/// What was looked at, and everything that was not.
fn coverage(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &analysis.verdict.coverage;
    let (files, parsed) = (count(coverage.files, "file"), coverage.parsed);
    let looked = format!("{files}, {}, {parsed} read as source code", size(coverage.bytes));
    if coverage.is_complete() {
        return writeln!(out, "\n  {BOLD}Looked at{BOLD:#}: everything ({looked})");
    }
    writeln!(out, "\n  {YELLOW}Not looked at{YELLOW:#} (of {looked})")?;
    let rows: Vec<_> =
        coverage.gaps.iter().map(|one| (gap(one.kind), one.path.as_str(), one.detail.as_str())).collect();
    list(&rows, out)
}

fn list(rows: &[(&str, &str, &str)], out: &mut dyn Write) -> io::Result<()> {
    for (word, path, detail) in rows.iter().take(ROWS) {
        let path = if path.is_empty() { String::new() } else { format!("{}: ", visible(path)) };
        let text = format!("{path}{}", visible(detail));
        writeln!(out, "    {DIM}{:<16}{DIM:#} {}", cut(&visible(word), 30), cut(&text, 160))?;
    }
    if rows.len() > ROWS {
        let rest = rows.len() - ROWS;
        writeln!(out, "    {DIM}and {rest} more; --format json has them all{DIM:#}")?;
    }
    Ok(())
}
