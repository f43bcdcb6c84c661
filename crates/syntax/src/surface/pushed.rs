//! Code that was pushed out of the window by blanks.

use std::ops::Range;

use super::{MarkKind, Page, cut};
use crate::decode::looks_like_code;

/// The fewest blanks behind which code is out of sight.
const LEAST: usize = 100;
/// The same, where the blanks follow the end of a statement.
const LEAST_AFTER_STATEMENT: usize = 80;
/// Neighbours that go this far to the right themselves make it a layout.
const LAYOUT: usize = 50;
/// How many lines on each side are neighbours.
const NEIGHBOURS: usize = 3;

/// Judges the long runs of blanks of a text.
pub(super) fn judge(page: &mut Page<'_>, blanks: &[Range<usize>]) {
    for run in blanks {
        if let Some(code) = pushed(page, run) {
            let detail = cut(code, 400).to_owned();
            page.mark(MarkKind::PushedCode, run.end, code.len(), detail, None);
        }
    }
}

fn pushed<'a>(page: &mut Page<'a>, run: &Range<usize>) -> Option<&'a str> {
    let text = page.text;
    let start = memchr::memrchr(b'\n', &text.as_bytes()[..run.start]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &text.as_bytes()[run.end..]).map_or(text.len(), |end| run.end + end);
    let before = text[start..run.start].trim_end();
    let code = text[run.end..end].trim_end();
    let least =
        if before.ends_with([';', ':', '{', '}']) || code.starts_with(';') { LEAST_AFTER_STATEMENT } else { LEAST };
    if run.len() < least || !is_code(page, code) || page.is_quoted(run.start) || page.is_quoted(run.end) {
        return None;
    }
    let column = run.end - start;
    let neighbours = lines_before(text, start).chain(lines_after(text, end));
    (!neighbours.into_iter().any(|line| is_layout(line, before.is_empty(), column))).then_some(code)
}

fn is_code(page: &Page<'_>, code: &str) -> bool {
    let statement = code.trim_start_matches([';', ' ', '\t']);
    if statement.len() < 6
        || statement.starts_with(['#', '*', '\\', '|', '"', '\'', '<', '>', '+', '.', '?', ',', ')', ']'])
    {
        return false;
    }
    if statement.starts_with("//") || statement.starts_with("/*") {
        return false;
    }
    let marks = statement.bytes().filter(|byte| matches!(byte, b'(' | b'=' | b'{' | b';')).count();
    let whole_statement = code.starts_with(';') || statement.starts_with("import ") || statement.contains('(');
    looks_like_code(statement).is_some() || (page.language.is_some() && marks > 0 && whole_statement)
}

/// Whether a neighbour's text begins far to the right as well, or has something in the same column behind blanks.
fn is_layout(line: &str, indented: bool, column: usize) -> bool {
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    if indented && indent >= LAYOUT {
        return true;
    }
    let bytes = line.as_bytes();
    let around = column.saturating_sub(2)..(column + 3).min(bytes.len());
    let starts_there = |at: usize| at > 1 && bytes[at] > b' ' && bytes[at - 1] <= b' ' && bytes[at - 2] <= b' ';
    // Several lines may be pushed to the same column; only what is not code makes a table of them.
    let tail = line.get(around.start..).unwrap_or_default();
    around.into_iter().any(starts_there) && looks_like_code(tail.trim()).is_none()
}

fn lines_before(text: &str, start: usize) -> impl Iterator<Item = &str> {
    let text = &text[..start.saturating_sub(1)];
    let reach = &text[back(text, text.len().saturating_sub(4096))..];
    reach.rsplit('\n').filter(|line| !line.trim().is_empty()).take(NEIGHBOURS)
}

fn lines_after(text: &str, end: usize) -> impl Iterator<Item = &str> {
    cut(text.get(end + 1..).unwrap_or_default(), 4096)
        .split('\n')
        .filter(|line| !line.trim().is_empty())
        .take(NEIGHBOURS)
}

fn back(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
