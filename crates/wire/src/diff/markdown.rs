//! A change as Markdown, for pull requests.

use std::io::{self, Write};

use super::{Diff, DiffReport, lists};
use crate::text::{markdown, markdown_cell, markdown_code};

/// Rows of a list that are shown.
const ROWS: usize = 30;

pub(super) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# What changed\n")?;
    report.diffs.iter().try_for_each(|diff| one(diff, out))?;
    for (label, failure) in &report.failures {
        writeln!(out, "**{} could not be got.** {}\n", markdown_code(label), markdown(&failure.message))?;
    }
    report.notes.iter().try_for_each(|note| writeln!(out, "> Note: {}\n", markdown(note)))?;
    writeln!(out, "Lazaret {}, ruleset {}", markdown(report.version), markdown_code(report.ruleset))
}

fn one(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let Diff { old, new, change } = diff;
    writeln!(out, "## {} → {}\n", markdown_code(&old.label), markdown_code(&new.label))?;
    writeln!(out, "**{}**, score {} of 100. {}\n", change.decision, change.score, markdown(&change.conclusion))?;
    if !change.signs.is_empty() {
        writeln!(out, "| weight | sign | what |\n| ---: | --- | --- |")?;
        for sign in &change.signs {
            let (code, note) = (markdown_cell(&sign.code), markdown(&sign.note).replace('\n', " "));
            writeln!(out, "| {} | {code} | {note} |", sign.weight)?;
        }
        writeln!(out)?;
    }
    for (title, rows) in lists(change) {
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "### {title} ({})\n", rows.len())?;
        for row in rows.iter().take(ROWS) {
            let place = if row.place.is_empty() { String::new() } else { format!(" ({})", markdown_code(&row.place)) };
            writeln!(out, "- {} {}{place}", markdown_code(&row.word), markdown_code(&row.text))?;
        }
        if rows.len() > ROWS {
            writeln!(out, "- and {} more", rows.len() - ROWS)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
