//! The scan as Markdown: for a comment on a pull request, or as the summary of a step. Both have a limit; what does not fit is
//! counted, never dropped in silence.

use std::io::{self, Write};

use model::Answer;

use super::{
    Format, Package, Scan,
    statement::{
        advice, conclusion, database, decisive, last_line, ordered, place, places, remarks, statements, unchecked,
        waived, word,
    },
};
use crate::{
    report::spot,
    text::{count, cut, markdown, markdown_block, markdown_cell, markdown_code},
};

/// Markdown in which no word of a package can format, link, mention or carry HTML.
#[derive(Debug, Clone, Copy)]
pub struct Markdown {
    name: &'static str,
    limit: usize,
}

/// What a comment on GitHub holds: 65,536 characters. Bytes are never fewer.
pub const COMMENT: Markdown = Markdown { name: "markdown", limit: 65_536 };
/// What the summary of a step holds: 1 MiB, with a little left for what stands there already.
pub const STEP_SUMMARY: Markdown = Markdown { name: "step-summary", limit: 1_000_000 };

/// Bytes that are kept for what stands below the packages.
const TAIL: usize = 6_000;
/// Rows of a list that are shown.
const ROWS: usize = 12;
/// Characters of a sentence that is shown.
const SENTENCE: usize = 400;

impl Format for Markdown {
    fn name(&self) -> &'static str {
        self.name
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        let mut page = head(scan);
        let notable: Vec<&Package> =
            ordered(scan).into_iter().map(|(_, one)| one).filter(|one| one.is_notable()).collect();
        let room = self.limit.saturating_sub(TAIL);
        if !notable.is_empty() {
            page.push_str("\n| answer | package | why |\n| --- | --- | --- |\n");
        }
        // The table may take two thirds: without the details of the first packages, a reader could not act.
        let listed = fit(&mut page, notable.iter().map(|one| row(one)), room * 2 / 3);
        if listed < notable.len() {
            let more = more(&notable[listed..]);
            page.push_str(&format!("\nand {more}, with what is not shown below, in the other reports.\n"));
        }
        let minded = notable.iter().filter(|one| one.ruling.answer > Answer::Allow);
        let number = minded.clone().count();
        let detailed = fit(&mut page, minded.map(|one| detail(scan, one)), room);
        if detailed < number {
            let more = count((number - detailed) as u64, "more package");
            page.push_str(&format!("\nDetails of {more} do not fit here.\n"));
        }
        page.push_str(&tail(scan));
        out.write_all(page.as_bytes())
    }
}

/// Adds parts while there is room for them, and says how many it added.
fn fit(page: &mut String, parts: impl Iterator<Item = String>, room: usize) -> usize {
    let mut added = 0;
    for part in parts {
        if page.len() + part.len() > room {
            break;
        }
        page.push_str(&part);
        added += 1;
    }
    added
}

fn more(packages: &[&Package]) -> String {
    let of = |answer| packages.iter().filter(|one| one.ruling.answer == answer).count();
    let parts = [Answer::Block, Answer::Warn, Answer::Allow].map(|answer| (of(answer), word(answer)));
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} more {word}")).collect();
    parts.join(", ")
}

fn head(scan: &Scan<'_>) -> String {
    let (blocked, warned) = (scan.count(Answer::Block), scan.count(Answer::Warn));
    let title = match (blocked, warned) {
        (0, 0) if scan.unchecked() > 0 || !scan.incomplete.is_empty() => "not everything was checked",
        (0, 0) => "nothing to block",
        (0, _) => "something to look at",
        _ => "blocked",
    };
    format!("## Lazaret: {title}\n\n{} Project: {}.\n", conclusion(scan), markdown_code(&cut(&scan.project, 200)))
}

fn row(package: &Package) -> String {
    let why = decisive(&package.ruling)
        .or_else(|| statements(package).into_iter().next().map(|one| format!("{}: {}", one.title, one.text)))
        .or_else(|| waived(&package.ruling).next())
        .unwrap_or_default();
    let answer = match package.ruling.answer {
        Answer::Allow => "allowed".to_owned(),
        other => format!("**{}**", word(other)),
    };
    format!("| {answer} | {} | {} |\n", markdown_cell(&cut(&package.purl, 200)), markdown(&cut(&why, SENTENCE)))
}

fn detail(scan: &Scan<'_>, package: &Package) -> String {
    let answer = word(package.ruling.answer);
    let mut text = format!("\n### {answer}: {}\n\n", markdown_code(&cut(&package.purl, 200)));
    text.extend(decisive(&package.ruling).map(|why| format!("{}\n\n", markdown(&cut(&why, SENTENCE)))));
    for one in statements(package).iter().take(ROWS) {
        text.push_str(&format!("- **{}**: {}\n", markdown(&cut(&one.title, 120)), markdown(&cut(&one.text, SENTENCE))));
    }
    text.extend(waived(&package.ruling).take(ROWS).map(|why| format!("- {}\n", markdown(&cut(&why, SENTENCE)))));
    if package.path.len() > 1 {
        let mut steps: Vec<String> = package.path.iter().take(ROWS).map(|one| markdown_code(&cut(one, 120))).collect();
        if package.path.len() > ROWS {
            steps.push(format!("{} more", package.path.len() - ROWS));
        }
        text.push_str(&format!("- Brought in by {}\n", steps.join(" → ")));
    } else if package.direct {
        text.push_str("- The project asks for it itself\n");
    }
    let places: Vec<String> =
        places(scan, package).into_iter().take(ROWS).map(|one| markdown_code(&place(one))).collect();
    if !places.is_empty() {
        text.push_str(&format!("- Named in {}\n", places.join(", ")));
    }
    text.extend(advice(package).map(|advice| format!("- What to do: {}\n", markdown(&cut(&advice, SENTENCE)))));
    text + &evidence(package)
}

/// The finding that weighs most, with its lines.
fn evidence(package: &Package) -> String {
    let Some(finding) = package.worst().and_then(|one| one.verdict.findings.first()) else { return String::new() };
    let place = finding.places.first().map(|one| format!(", {}", markdown_code(&spot(one)))).unwrap_or_default();
    let mut text = format!("\n{} ({}{place})\n", markdown(&cut(&finding.note, SENTENCE)), markdown_code(&finding.rule));
    if let Some(excerpt) = &finding.excerpt {
        let first = excerpt.first_line;
        let lines = excerpt.lines.iter().take(ROWS).enumerate();
        let lines = lines.map(|(at, line)| format!("{:>5} | {line}", first.saturating_add(at as u32)));
        text.push_str(&format!("\n{}", markdown_block(lines)));
    }
    text
}

/// What was not checked, what could not be read, and who says all this. It stays within [`TAIL`].
fn tail(scan: &Scan<'_>) -> String {
    let mut text = String::new();
    let mut section = |title: &str, rows: Vec<String>| {
        if rows.is_empty() {
            return;
        }
        text.push_str(&format!("\n### {title}\n\n"));
        rows.iter().take(5).for_each(|row| text.push_str(&format!("- {row}\n")));
        if rows.len() > 5 {
            text.push_str(&format!("- and {} more\n", rows.len() - 5));
        }
    };
    let short = |text: &str| markdown(&cut(text, 120));
    let reasons = unchecked(scan).into_iter().map(|(why, packages)| format!("{}: {}", packages.len(), short(why)));
    section("Not checked", reasons.collect());
    let problems = scan.files.iter().flat_map(|file| file.problems.iter().map(move |one| (file, one)));
    let problems = problems.map(|(file, one)| {
        let hides = if one.hides { " (packages may be missing)" } else { "" };
        format!("{} {}{hides}", markdown_code(&cut(&place((file, one.line)), 100)), short(&one.message))
    });
    section("Files with something wrong in them", problems.collect());
    section("Notes", remarks(scan).into_iter().map(|(word, text)| format!("{word}: {}", short(text))).collect());
    let (version, policy) = (markdown(scan.version), markdown_code(&cut(&scan.policy.name, 100)));
    text + &format!("\nLazaret {version}, policy {policy}, {}\n\n**{}**\n", short(&database(scan)), last_line(scan))
}
