//! A change for a person at a terminal.

use std::io::{self, Write};

use model::{Change, Decision};

use super::{Diff, DiffReport, lists};
use crate::{
    report::{BOLD, DIM, RED, WIDTH, YELLOW, paragraph, style},
    text::{cut, visible},
};

/// Rows of a list that are shown.
const ROWS: usize = 12;

pub(super) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (at, diff) in report.diffs.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        one(diff, out)?;
    }
    for (label, failure) in &report.failures {
        writeln!(out, "{YELLOW}COULD NOT BE GOT{YELLOW:#}  {BOLD}{}{BOLD:#}", visible(label))?;
        paragraph(out, 2, &failure.message)?;
        failure.hint.iter().try_for_each(|hint| paragraph(out, 2, hint))?;
    }
    report.notes.iter().try_for_each(|note| {
        writeln!(out)?;
        paragraph(out, 0, &format!("note: {note}"))
    })
}

fn one(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    let Diff { old, new, change } = diff;
    let style = style(change.decision);
    let word = match change.decision {
        Decision::Malicious => "MALICIOUS CHANGE",
        Decision::Suspicious => "SUSPICIOUS CHANGE",
        Decision::Benign => "NOTHING SUSPICIOUS IS NEW",
        Decision::Inconclusive | Decision::Unknown => "NOT ALL COULD BE COMPARED",
    };
    writeln!(out, "{style}{word}{style:#}  score {} of 100", change.score)?;
    paragraph(out, 2, &change.conclusion)?;
    for (name, side) in [("from", old), ("to", new)] {
        let label = visible(&side.label);
        writeln!(
            out,
            "  {name:<4} {BOLD}{label}{BOLD:#}  {DIM}alone {}, score {}{DIM:#}",
            side.decision, side.score.0
        )?;
    }
    signs(change, out)?;
    for (title, rows) in lists(change) {
        if rows.is_empty() {
            continue;
        }
        writeln!(out, "\n  {BOLD}{title}{BOLD:#} {DIM}({}){DIM:#}", rows.len())?;
        let words: Vec<String> = rows.iter().take(ROWS).map(|row| cut(&visible(&row.word), 40)).collect();
        let width = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
        for (row, word) in rows.iter().zip(&words) {
            write!(out, "    {word:<width$}  {}", cut(&visible(&row.text), 110))?;
            match row.place.as_str() {
                "" => writeln!(out)?,
                place => writeln!(out, "  {DIM}{}{DIM:#}", visible(place))?,
            }
        }
        if rows.len() > ROWS {
            writeln!(out, "    {DIM}and {} more; --format json has them all{DIM:#}", rows.len() - ROWS)?;
        }
    }
    Ok(())
}

fn signs(change: &Change, out: &mut dyn Write) -> io::Result<()> {
    if change.signs.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {BOLD}What speaks against it{BOLD:#}")?;
    for sign in &change.signs {
        let mark = if sign.weight >= 40 { RED } else { YELLOW };
        let place = sign.place.as_ref().map(crate::report::spot).unwrap_or_default();
        writeln!(
            out,
            "    {mark}{:>3}{mark:#}  {}  {DIM}{}{DIM:#}",
            sign.weight,
            visible(&sign.code),
            visible(&place)
        )?;
        paragraph(out, 9, &cut(&sign.note, 3 * WIDTH))?;
    }
    Ok(())
}
