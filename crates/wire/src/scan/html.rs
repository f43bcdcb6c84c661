//! The scan as one HTML page that stands alone: blocked packages first, each with the way that brought it in, the evidence and
//! what to do; the ways drawn as a graph; and what nobody checked.

mod card;
mod ways;

use std::{
    cmp::Reverse,
    io::{self, Write},
};

use model::{Answer, Decision};

use super::{
    Format, Package, Scan,
    statement::{checked, conclusion, database, decisive, last_line, ordered, place, remarks, unchecked},
};
use crate::{
    page::{self, chip, code, pill, table, tile},
    text::{count, html},
};

/// One HTML file, with nothing from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Html;

/// Packages of one answer that are shown with all that is known of them.
const CARDS: usize = 300;
/// Rows of a list of packages.
const ROWS: usize = 5000;
/// Packages of one reason that are named.
const NAMED: usize = 200;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        page::start(&format!("{} - Lazaret", scan.project), out)?;
        head(scan, out)?;
        page::filter("Filter by name, file, rule or word", out)?;
        let packages = ordered(scan);
        ways::draw(scan, &packages, out)?;
        for answer in [Answer::Block, Answer::Warn, Answer::Allow] {
            let some: Vec<_> =
                packages.iter().filter(|(_, one)| one.ruling.answer == answer && one.is_notable()).collect();
            if !some.is_empty() {
                let title = match answer {
                    Answer::Block => "Blocked",
                    Answer::Warn => "To be looked at",
                    Answer::Allow => "Allowed, with a remark",
                };
                writeln!(out, "<h2>{title} <small>{}</small></h2>", some.len())?;
            }
            some.iter().take(CARDS).try_for_each(|(at, one)| card::write(scan, *at, one, out))?;
            if some.len() > CARDS {
                let rest = some[CARDS..].iter().map(|(_, one)| *one);
                rows(&format!("{} more, in short", some.len() - CARDS), rest, out)?;
            }
        }
        not_checked(scan, out)?;
        others(&packages, out)?;
        files(scan, out)?;
        foot(scan, out)?;
        page::end(out)
    }
}

fn head(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<header>\n<p class=\"brand\"><b>Lazaret</b> scan</p>\n<h1>{}</h1>", html(&scan.project))?;
    let facts = [scan.made, &format!("policy {}", scan.policy.name), &database(scan)];
    let facts = facts.map(|one| format!("<span>{}</span>", html(one))).concat();
    writeln!(out, "<p class=\"meta\">{facts}</p>")?;
    let (blocked, warned) = (scan.count(Answer::Block), scan.count(Answer::Warn));
    let (colour, word) = match (blocked, warned) {
        (0, 0) if scan.incomplete.is_empty() && scan.unchecked() == 0 => ("allow", "Nothing to block"),
        (0, 0) => ("unknown", "Not everything was checked"),
        (0, _) => ("warn", "Something to look at"),
        _ => ("block", "Blocked"),
    };
    writeln!(out, "<div class=\"result {colour}\"><strong>{word}</strong>{}</div>", html(&conclusion(scan)))?;
    let decided = |decision| scan.packages.iter().filter(|one| one.decision == decision).count();
    let vulnerable = scan.packages.iter().filter(|one| !one.vulnerabilities.is_empty()).count();
    let tiles = [
        tile(blocked, "blocked", "block"),
        tile(warned, "warned of", "warn"),
        tile(decided(Decision::Malicious), "malicious", "block"),
        tile(decided(Decision::Suspicious), "suspicious", "warn"),
        tile(vulnerable, "vulnerable", "warn"),
        tile(scan.packages.iter().filter(|one| !one.issues.is_empty()).count(), "named oddly", "warn"),
        tile(scan.unchecked(), "not checked", "unknown"),
        tile(scan.packages.len(), "packages in all", "plain"),
    ];
    writeln!(out, "<ul class=\"tiles\">{}</ul>\n</header>", tiles.concat())
}

/// What nobody looked at, by reason.
fn not_checked(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    let reasons = unchecked(scan);
    if reasons.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"not-checked\">Not checked <small>{}</small></h2>", scan.unchecked())?;
    for (why, packages) in reasons {
        writeln!(out, "<div class=\"card unknown\" data-entry>\n<p class=\"why\">{}</p>", html(why))?;
        let names: Vec<String> = packages.iter().take(NAMED).map(|one| code(&one.purl)).collect();
        let more = packages.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let number = count(packages.len() as u64, "package");
        if packages.len() <= 8 {
            writeln!(out, "<p>{}{more}</p>\n</div>", names.join(", "))?;
        } else {
            writeln!(
                out,
                "<details data-list><summary>{number}</summary><p>{}{more}</p></details>\n</div>",
                names.join(", ")
            )?;
        }
    }
    Ok(())
}

/// Packages of which there is no more to say than how they are known.
fn others(packages: &[(usize, &Package)], out: &mut dyn Write) -> io::Result<()> {
    let mut quiet: Vec<&Package> = packages.iter().map(|(_, one)| *one).filter(|one| !one.is_notable()).collect();
    if quiet.is_empty() {
        return Ok(());
    }
    quiet.sort_by_key(|one| Reverse(one.decision));
    writeln!(out, "<h2>All other packages <small>{}</small></h2>", quiet.len())?;
    rows(&count(quiet.len() as u64, "package"), quiet.into_iter(), out)
}

/// Packages in a row each, folded away.
fn rows<'a>(title: &str, packages: impl Iterator<Item = &'a Package>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<details data-list class=\"card\"><summary>{}</summary><div class=\"scroll\"><table><thead>",
        html(title)
    )?;
    writeln!(out, "<tr><th>Package</th><th>Verdict</th><th>How it is known</th><th>Licence</th></tr></thead><tbody>")?;
    let mut hidden = 0_usize;
    for (at, one) in packages.enumerate() {
        if at >= ROWS {
            hidden += 1;
            continue;
        }
        let (purl, traits, verdict) = (code(&one.purl), card::traits(one), pill(one.decision));
        let why = decisive(&one.ruling).map(|why| format!("<br>{}", html(&why))).unwrap_or_default();
        let (known, licence) = (html(&checked(one)), html(one.license.as_deref().unwrap_or_default()));
        writeln!(
            out,
            "<tr data-entry><td>{purl} {traits}{why}</td><td>{verdict}</td><td>{known}</td><td>{licence}</td></tr>"
        )?;
    }
    writeln!(out, "</tbody></table></div>")?;
    if hidden > 0 {
        writeln!(out, "<p>and {hidden} more; the JSON report names all</p>")?;
    }
    writeln!(out, "</details>")
}

/// What was read, and what could not be.
fn files(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    if scan.files.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Files <small>{}</small></h2>\n<div class=\"card\">", scan.files.len())?;
    let rows = scan.files.iter().map(|file| {
        let problems = file.problems.iter().map(|one| {
            let hides = if one.hides { " <b>Packages may be missing.</b>" } else { "" };
            format!("<div>{} {}{hides}</div>", code(&place((file, one.line))), html(&one.message))
        });
        let problems: String = problems.collect();
        vec![code(&file.path), chip(&file.format), file.packages.to_string(), problems]
    });
    table(&["File", "Format", "Packages", "What is wrong in it"], &rows.collect::<Vec<_>>(), out)?;
    writeln!(out, "</div>")
}

fn foot(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<footer>")?;
    for (word, text) in remarks(scan) {
        writeln!(out, "<p>{} {}</p>", chip(word), html(text))?;
    }
    writeln!(out, "<p>Lazaret {}, ruleset <code>{}</code></p>", html(scan.version), html(scan.ruleset))?;
    writeln!(out, "<p class=\"last\">{}</p>\n</footer>", last_line(scan))
}
