//! One analysis as part of a page: the verdict and its sum, findings with steps and excerpts, what the package can do, what
//! to search for elsewhere, and what was not looked at.

use std::io::{self, Write};

use model::{Analysis, Balance, Kind};

use super::{chip, code, list, pill, table};
use crate::{
    report::{
        entry::{Entry, confidence, count_points, entries, gap, when},
        spot,
    },
    text::{code_line, count, defanged, html, size},
};

/// Lines of decoded text that are shown.
const DECODED: usize = 60;
/// Rows of a list that are shown.
const ROWS: usize = 40;

/// Writes everything that is known of one artifact.
pub(crate) fn evidence(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let verdict = &analysis.verdict;
    writeln!(out, "<div class=\"evidence\">\n<p>{} <b>{} of 100</b>", pill(verdict.decision), verdict.score.0)?;
    writeln!(out, "{}</p>", html(&verdict.reason))?;
    writeln!(
        out,
        "<p class=\"meta\">{} · sha256 {}</p>",
        html(&verdict.artifact.file_name),
        code(&verdict.artifact.sha256.to_string())
    )?;
    shares(&verdict.balance, out)?;
    let entries = entries(analysis);
    if !entries.is_empty() {
        writeln!(out, "<h4>Findings ({})</h4>", entries.len())?;
    }
    entries.iter().try_for_each(|entry| finding(entry, out))?;
    indicators(analysis, out)?;
    capabilities(analysis, out)?;
    let odd = analysis.problems.iter().map(|one| row(&one.code, &one.path, &one.detail)).collect();
    list("Odd about the archive and its files", &shortened(odd), out)?;
    coverage(analysis, out)?;
    writeln!(out, "</div>")
}

/// How the score comes together, as bars.
fn shares(balance: &Balance, out: &mut dyn Write) -> io::Result<()> {
    if balance.shares.is_empty() {
        return Ok(());
    }
    let largest = balance.shares.iter().map(|one| one.points.abs()).chain([balance.base.abs(), 1]).max().unwrap_or(1);
    writeln!(out, "<h4>How the score comes about</h4>\n<div class=\"shares\">")?;
    let mut line = |name: &str, points: i32| {
        let (class, long) = (if points < 0 { "bar-minus" } else { "bar-plus" }, points.abs() * 100 / largest);
        writeln!(
            out,
            "<span>{name}</span><span class=\"number\">{points:+}</span><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"{long}\" height=\"10\" rx=\"1\"/></svg>"
        )
    };
    line("to start with", balance.base)?;
    balance.shares.iter().try_for_each(|share| line(&code(&share.rule), share.points))?;
    writeln!(out, "<b>together</b><b class=\"number\">{:+}</b><span></span>\n</div>", balance.points)
}

fn finding(entry: &Entry<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lead = entry.lead;
    let kind = match lead.kind {
        Kind::Proof => "proof",
        Kind::Indicator => "indicator",
        Kind::Capability => "capability",
    };
    writeln!(out, "<section class=\"finding {kind}\">\n<p>{}</p>", html(&lead.note))?;
    let mut chips = vec![chip(&lead.rule), chip(kind), chip(&format!("{} confidence", confidence(lead.confidence)))];
    chips.push(chip(&format!("runs {}", when(lead.phase))));
    chips.extend(entry.points.map(|points| chip(&count_points(points))));
    writeln!(out, "<p>{}</p>", chips.join(" "))?;
    if let Some(place) = lead.places.first() {
        writeln!(out, "<p class=\"meta\">{}</p>", code(&spot(place)))?;
    }
    if let Some(reason) = &lead.excepted {
        writeln!(out, "<p>Excepted, weighs nothing: {}</p>", html(reason))?;
    }
    if let Some(excerpt) = lead.excerpt.as_ref().filter(|_| !entry.excerpt_is_decoded()) {
        let marked = lead.places.first().map(|place| place.line as usize);
        let first = excerpt.first_line as usize;
        let lines = excerpt.lines.iter().enumerate().map(|(at, line)| (first.saturating_add(at), line.as_str()));
        listing(lines, marked, out)?;
    }
    if !lead.steps.is_empty() {
        writeln!(out, "<p>How the data goes:</p>\n<ol class=\"steps\">")?;
        for step in &lead.steps {
            writeln!(out, "<li>{} {}</li>", html(&step.note), code(&spot(&step.place)))?;
        }
        writeln!(out, "</ol>")?;
    }
    if let Some(decoded) = entry.decoded(DECODED) {
        writeln!(out, "<details><summary>Decoded, without running anything</summary>")?;
        listing(decoded.lines.iter().copied(), decoded.marked, out)?;
        let hidden = decoded.hidden.0 + decoded.hidden.1;
        if hidden > 0 {
            writeln!(out, "<p class=\"meta\">{} not shown.</p>", count(hidden as u64, "line"))?;
        }
        writeln!(out, "</details>")?;
    }
    let further = entry.further.iter().map(|one| {
        let phase = one.phase.map(|phase| format!(" runs {}", when(phase))).unwrap_or_default();
        format!("{}{} {}", code(&spot(one.place)), phase, html(one.note.unwrap_or_default()))
    });
    list("Also at", &shortened(further.collect()), out)?;
    writeln!(out, "</section>")
}

/// Lines of source code with their numbers.
fn listing<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
    marked: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "<pre class=\"excerpt\">")?;
    for (number, line) in lines {
        let class = if marked == Some(number) { " class=\"mark\"" } else { "" };
        write!(out, "<span{class}><i>{number}</i>{}</span>", html(&code_line(line, 200)))?;
    }
    writeln!(out, "</pre>")
}

fn indicators(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let cells = analysis.indicators.iter().map(|one| {
        let value = code(&defanged(one.kind, &one.value));
        vec![one.kind.as_str().to_owned(), value, one.role.as_str().to_owned(), code(&spot(&one.place))]
    });
    let cells: Vec<_> = cells.collect();
    if !cells.is_empty() {
        writeln!(out, "<h4>Indicators of compromise</h4>")?;
    }
    table(&["What", "Value", "Role", "Where"], &cells, out)
}

fn capabilities(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    if analysis.capabilities.is_empty() {
        return Ok(());
    }
    let cells = analysis.capabilities.iter().map(|one| {
        let objects: Vec<String> = one.objects.iter().take(4).map(|object| code(object)).collect();
        let times = format!("<span class=\"number\">{}</span>", one.count);
        vec![code(one.action.as_str()), one.phase.to_string(), times, objects.join(" "), code(&spot(&one.place))]
    });
    let number = analysis.capabilities.len();
    writeln!(out, "<details><summary>What it can do ({number})</summary>")?;
    table(&["What", "When", "Times", "To what", "First at"], &cells.collect::<Vec<_>>(), out)?;
    writeln!(out, "</details>")
}

fn coverage(analysis: &Analysis, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &analysis.verdict.coverage;
    let (files, bytes) = (count(coverage.files, "file"), size(coverage.bytes));
    let looked = format!("{files}, {bytes}, {} read as source code", coverage.parsed);
    if coverage.is_complete() {
        return writeln!(out, "<p class=\"meta\">Everything was looked at: {looked}.</p>");
    }
    let gaps = coverage.gaps.iter().map(|one| row(gap(one.kind), &one.path, &one.detail)).collect();
    list(&format!("Not looked at (of {looked})"), &shortened(gaps), out)
}

fn row(word: &str, path: &str, detail: &str) -> String {
    let path = if path.is_empty() { String::new() } else { format!(" {}", code(path)) };
    format!("{}{path} {}", chip(word), html(detail))
}

/// The first rows, and how many there are besides.
fn shortened(mut rows: Vec<String>) -> Vec<String> {
    let hidden = rows.len().saturating_sub(ROWS);
    rows.truncate(ROWS);
    if hidden > 0 {
        rows.push(format!("and {hidden} more"));
    }
    rows
}
