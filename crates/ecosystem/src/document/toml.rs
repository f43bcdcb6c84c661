//! TOML, by the parser of the crate `toml`, which bounds depth and goes on after errors.

use std::borrow::Cow;

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use super::{Kind, Lines, Tree};

/// The parser's own tree is twenty times as large as the text. Large files are read in pieces of about this many bytes.
const PIECE: usize = 4 << 20;

/// What stands at the top, each name with what is inside of it: pieces may add to the same name.
type Sections<'t> = Vec<(Cow<'t, str>, Tree<'t>)>;

/// Reads a text.
pub(super) fn read<'t>(text: &'t str, tree: &mut Tree<'t>) {
    let mut sections = Sections::new();
    for (first, piece) in pieces(text) {
        let (table, errors) = DeTable::parse_recoverable(piece);
        if errors.is_empty() {
            add(&mut sections, table.into_inner(), &mut Lines::starting(piece, first));
            continue;
        }
        // The parser may give up what stands behind an error. Read alone, each table has only its own errors.
        for (line, block) in blocks(piece, first) {
            let (table, errors) = DeTable::parse_recoverable(block);
            let mut lines = Lines::starting(block, line);
            for error in errors {
                let line = lines.of(error.span().map_or(0, |span| span.start));
                tree.error(line, error.message().to_owned());
            }
            add(&mut sections, table.into_inner(), &mut Lines::starting(block, line));
        }
    }
    tree.open("".into(), Kind::Map, 1);
    for (_, mut section) in sections {
        while !section.open.is_empty() {
            section.close();
        }
        section.errors.into_iter().for_each(|(line, detail)| tree.error(line, detail));
        let shift = tree.values.len() as u32;
        let shifted = section.values.into_iter().map(|value| super::Value { end: value.end + shift, ..value });
        tree.values.extend(shifted);
        tree.is_full |= section.is_full;
    }
    tree.close();
}

fn add<'t>(sections: &mut Sections<'t>, table: DeTable<'t>, lines: &mut Lines<'t>) {
    for (key, value) in in_order(table) {
        let (at, key, value) = (key.span().start, key.into_inner(), value.into_inner());
        let is_list = matches!(value, DeValue::Array(_));
        let known = sections.iter().position(|(name, section)| *name == key && section.inside() == Some(Kind::List));
        let at_section = match known.filter(|_| is_list) {
            Some(known) => known,
            // Nobody has so many names at the top.
            None if sections.len() >= 1000 => return,
            None => {
                sections.push((key.clone(), Tree::default()));
                sections.len() - 1
            }
        };
        let section = &mut sections[at_section].1;
        match value {
            DeValue::Array(items) => {
                if known.is_none() {
                    section.open(key, Kind::List, lines.of(at));
                }
                place_items(section, lines, items);
            }
            value => place(section, lines, key, at, value),
        }
    }
}

/// A text cut before every header of a table at the top, with the line on which each block starts.
fn blocks(text: &str, first: u32) -> Vec<(u32, &str)> {
    let mut out = Vec::new();
    let (mut start, mut line, mut at, mut number) = (0, first, 0, first);
    for content in text.split_inclusive('\n') {
        // `[a.b]` and `[[a.b]]` add to the table before.
        if content.starts_with('[') && !content.contains('.') && at > start {
            out.push((line, &text[start..at]));
            (start, line) = (at, number);
        }
        at += content.len();
        number += 1;
    }
    out.push((line, &text[start..]));
    out
}

/// A small text whole; a large one cut before headers of top-level lists, with the line on which each piece starts. Where
/// strings may go over several lines, a header may be a part of one: such a text is not cut.
fn pieces(text: &str) -> Vec<(u32, &str)> {
    if text.len() <= PIECE || text.contains("\"\"\"") || text.contains("'''") {
        return vec![(1, text)];
    }
    let mut out = Vec::new();
    let (mut rest, mut line) = (text, 1);
    while rest.len() > PIECE {
        let from = (PIECE..).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
        // `[[a.b]]` adds to the last table of a list: it stays with it.
        let headers = rest[from..].match_indices("\n[[").map(|(at, _)| from + at + 1);
        let is_top = |at: &usize| !rest[*at..].lines().next().unwrap_or_default().contains('.');
        let Some(at) = headers.take(1000).find(is_top) else { break };
        out.push((line, &rest[..at]));
        line += rest[..at].matches('\n').count() as u32;
        rest = &rest[at..];
    }
    out.push((line, rest));
    out
}

/// The entries of a table as the file has them: the parser sorts them by name.
fn in_order<'t>(table: DeTable<'t>) -> Vec<(Spanned<Cow<'t, str>>, Spanned<DeValue<'t>>)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn place_items<'t>(tree: &mut Tree<'t>, lines: &mut Lines<'t>, items: DeArray<'t>) {
    for item in items {
        let at = item.span().start;
        place(tree, lines, "".into(), at, item.into_inner());
    }
}

/// The recursion is bounded: the parser refuses what is nested more than 80 levels deep.
fn place<'t>(tree: &mut Tree<'t>, lines: &mut Lines<'t>, key: Cow<'t, str>, at: usize, value: DeValue<'t>) {
    let line = lines.of(at);
    match value {
        DeValue::String(text) => tree.scalar(key, text, Kind::Text, line),
        DeValue::Integer(number) => tree.scalar(key, number.to_string().into(), Kind::Plain, line),
        DeValue::Float(number) => tree.scalar(key, number.to_string().into(), Kind::Plain, line),
        DeValue::Boolean(truth) => tree.scalar(key, truth.to_string().into(), Kind::Plain, line),
        DeValue::Datetime(date) => tree.scalar(key, date.to_string().into(), Kind::Plain, line),
        DeValue::Array(items) => {
            tree.open(key, Kind::List, line);
            place_items(tree, lines, items);
            tree.close();
        }
        DeValue::Table(table) => {
            tree.open(key, Kind::Map, line);
            for (key, value) in in_order(table) {
                let at = key.span().start;
                place(tree, lines, key.into_inner(), at, value.into_inner());
            }
            tree.close();
        }
    }
}
