//! The scan for a person at a terminal: what is blocked first, with the way that brought it in and what to do.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    io::{self, Write},
};

use anstyle::Style;
use model::{Answer, Decision};

use super::{Checked, Format, Package, Scan};
use crate::{
    report::{BOLD, DIM, RED, YELLOW, paragraph, style},
    text::{count, cut, visible},
};

/// Text for a person. The last line always says how much nobody looked at.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    /// Only a line for each package that a person should look at.
    pub brief: bool,
}

/// Packages of one sort that are shown in full; the others are counted.
const FULL: usize = 50;
/// Parts of a list that are shown.
const ROWS: usize = 8;
/// Steps of a way that are shown.
const STEPS: usize = 12;

impl Format for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        for answer in [Answer::Block, Answer::Warn, Answer::Allow] {
            let fits = |one: &&Package| one.ruling.answer == answer && one.is_notable();
            let packages: Vec<&Package> = scan.packages.iter().filter(fits).collect();
            if self.brief {
                packages.iter().filter(|_| answer != Answer::Allow).try_for_each(|one| line(one, out))?;
                continue;
            }
            packages.iter().take(FULL).try_for_each(|one| detail(scan, one, out))?;
            if packages.len() > FULL {
                let (more, word) = (packages.len() - FULL, word(answer));
                writeln!(out, "{BOLD}and {more} more packages that are {word}{BOLD:#}; --format json lists all\n")?;
            }
        }
        if !self.brief {
            files(scan, out)?;
            surroundings(scan, out)?;
            total(scan, out)?;
        }
        unchecked(scan, self.brief, out)
    }
}

fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Block => "blocked",
        Answer::Warn => "warned of",
        Answer::Allow => "allowed with a remark",
    }
}

fn mark(answer: Answer) -> Style {
    match answer {
        Answer::Block => RED,
        Answer::Warn => YELLOW,
        Answer::Allow => DIM,
    }
}

/// A package in one line.
fn line(package: &Package, out: &mut dyn Write) -> io::Result<()> {
    let (answer, mark) = (package.ruling.answer, mark(package.ruling.answer));
    let why = package.ruling.decisive().map_or_else(String::new, |one| cut(&visible(&one.reason), 120));
    writeln!(out, "{mark}{:<9}{mark:#}  {}  {DIM}{why}{DIM:#}", word(answer), visible(&package.purl))
}

fn detail(scan: &Scan<'_>, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    let (mark, decided) = (mark(package.ruling.answer), style(package.decision));
    let head = word(package.ruling.answer).to_uppercase();
    let traits = [(package.dev, "dev"), (package.optional, "optional")];
    let traits: String = traits.iter().filter(|(is, _)| *is).map(|(_, word)| format!(" · {word}")).collect();
    let (purl, decision) = (visible(&package.purl), package.decision);
    writeln!(out, "{mark}{head}{mark:#}  {BOLD}{purl}{BOLD:#}  {decided}{decision}{decided:#}{DIM}{traits}{DIM:#}")?;
    for one in &package.ruling.matches {
        match &one.waived {
            None => paragraph(out, 2, &format!("{} by rule {}: {}", one.answer, one.rule, one.reason))?,
            Some(why) => paragraph(out, 2, &format!("waived, rule {}: {} ({why})", one.rule, one.reason))?,
        }
    }
    evidence(package, out)?;
    origin(scan, package, out)?;
    if let Some(advice) = &package.advice {
        paragraph(out, 2, &format!("what to do: {advice}"))?;
    }
    writeln!(out)
}

/// What the database, our own analysis, the files and the advisories say.
fn evidence(package: &Package, out: &mut dyn Write) -> io::Result<()> {
    for (record, basis) in package.records.iter().take(ROWS) {
        let held = record.held.as_ref().map(|why| format!("; held back: {why}")).unwrap_or_default();
        let who = format!("{} of {}, {basis}", record.id, record.source);
        paragraph(out, 2, &format!("database: {} ({who}): {}{held}", record.decision, record.reason))?;
    }
    let suspects = package.analyses.iter().filter(|one| one.verdict.decision != Decision::Benign);
    for one in suspects.take(ROWS) {
        let verdict = &one.verdict;
        let (file, score) = (&verdict.artifact.file_name, verdict.score.0);
        paragraph(out, 2, &format!("analysis of {file}: {}, score {score}: {}", verdict.decision, verdict.reason))?;
    }
    let is_told = |code: &str| package.ruling.matches.iter().any(|one| one.rule == code);
    for issue in package.issues.iter().filter(|one| !is_told(one.code)) {
        paragraph(out, 2, &format!("{}: {}", issue.code, issue.message))?;
    }
    package.remarks.iter().take(ROWS).try_for_each(|one| paragraph(out, 2, one))?;
    for one in package.vulnerabilities.iter().take(ROWS) {
        let fixed = one.fixed.as_ref().map(|version| format!("; fixed in {version}")).unwrap_or_default();
        paragraph(out, 2, &format!("vulnerability {} ({}): {}{fixed}", one.id, one.severity, one.summary))?;
    }
    if package.vulnerabilities.len() > ROWS {
        writeln!(out, "  and {} more vulnerabilities", package.vulnerabilities.len() - ROWS)?;
    }
    Ok(())
}

/// Where it is written down, and who brought it in.
fn origin(scan: &Scan<'_>, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    let place = |(file, line): &(usize, u32)| {
        let path = scan.files.get(*file).map_or("", |one| one.path.as_str());
        if *line == 0 { path.to_owned() } else { format!("{path}:{line}") }
    };
    let mut places: Vec<String> = package.places.iter().take(ROWS).map(place).collect();
    if package.places.len() > ROWS {
        places.push(format!("and {} more places", package.places.len() - ROWS));
    }
    if !places.is_empty() {
        paragraph(out, 2, &format!("named in {}", places.join(", ")))?;
    }
    if package.path.len() > 1 {
        paragraph(out, 2, &format!("brought in by {}", way(&package.path)))?;
    } else if package.direct {
        writeln!(out, "  the project asks for it itself")?;
    }
    Ok(())
}

/// A way, with its middle left out where it is long.
fn way(path: &[String]) -> String {
    if path.len() <= STEPS {
        return path.join(" > ");
    }
    let (start, end) = (&path[..STEPS / 2], &path[path.len() - STEPS / 2..]);
    format!("{} > ... {} more ... > {}", start.join(" > "), path.len() - STEPS, end.join(" > "))
}

/// The files with something wrong in them.
fn files(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    for file in scan.files.iter().filter(|one| !one.problems.is_empty()) {
        writeln!(out, "{YELLOW}{}{YELLOW:#}  {DIM}{}{DIM:#}", visible(&file.path), file.format)?;
        for one in file.problems.iter().take(ROWS) {
            let line = if one.line > 0 { format!("line {}: ", one.line) } else { String::new() };
            let hides = if one.hides { " (packages may be missing)" } else { "" };
            paragraph(out, 2, &format!("{line}{}{hides}", one.message))?;
        }
        if file.problems.len() > ROWS {
            writeln!(out, "  and {} more", file.problems.len() - ROWS)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn surroundings(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lists = [("exception", &scan.policy.stale_exceptions), ("incomplete", &scan.incomplete), ("note", &scan.notes)];
    for (word, sentences) in lists {
        sentences.iter().try_for_each(|one| paragraph(out, 0, &format!("{word}: {one}")))?;
    }
    let database = match &scan.database {
        None => "no database of verdicts".to_owned(),
        Some(one) => {
            let stale = if one.stale { ", too old" } else { "" };
            format!("database {} of {}{stale} with {} records", one.sequence, one.made, one.entries)
        }
    };
    let policy = &scan.policy.name;
    paragraph(out, 0, &format!("{} · policy {policy} · {database}", count(scan.files.len() as u64, "file")))
}

fn total(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    if scan.packages.is_empty() {
        return writeln!(out, "No packages found.");
    }
    let decided = |decision| scan.packages.iter().filter(|one| one.decision == decision).count();
    let parts = [
        (scan.count(Answer::Block), "blocked", RED),
        (scan.count(Answer::Warn), "warned of", YELLOW),
        (decided(Decision::Malicious), "malicious", RED),
        (decided(Decision::Suspicious), "suspicious", YELLOW),
        (decided(Decision::Inconclusive), "inconclusive", YELLOW),
        (decided(Decision::Unknown), "unknown", YELLOW),
        (decided(Decision::Benign), "benign", style(Decision::Benign)),
    ];
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, word, style)| format!("{style}{number} {word}{style:#}")).collect();
    writeln!(out, "{}: {}", count(scan.packages.len() as u64, "package"), parts.join(", "))
}

/// How much nobody looked at, and why: the reasons first, so that the number stands in the last line.
fn unchecked(scan: &Scan<'_>, brief: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for package in &scan.packages {
        if let Checked::Not(why) = &package.checked {
            reasons.entry(why).or_insert((0, &package.purl)).0 += 1;
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (number, _))| Reverse(*number));
    if !brief {
        for (why, (number, first)) in reasons.iter().take(ROWS) {
            let who = if *number == 1 { (*first).to_owned() } else { count(*number as u64, "package") };
            paragraph(out, 2, &format!("{who}: {why}"))?;
        }
        if reasons.len() > ROWS {
            let rest: usize = reasons[ROWS..].iter().map(|(_, (number, _))| number).sum();
            writeln!(out, "  {rest} more for {} other reasons; --format json names them", reasons.len() - ROWS)?;
        }
    }
    let number = scan.unchecked();
    let style = if number > 0 { YELLOW } else { DIM };
    writeln!(out, "{style}{number} not checked{style:#}")
}
