//! TOML, by the parser of the crate `toml`, which bounds depth and goes on after errors.

use std::borrow::Cow;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Kind, Lines, Tree};

/// Reads a text.
pub(super) fn read<'t>(text: &'t str, tree: &mut Tree<'t>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut lines = Lines::new(text);
    for error in errors {
        let line = lines.of(error.span().map_or(0, |span| span.start));
        tree.error(line, error.message().to_owned());
    }
    place(tree, &mut lines, "".into(), 0, DeValue::Table(table.into_inner()));
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
            for item in items {
                let at = item.span().start;
                place(tree, lines, "".into(), at, item.into_inner());
            }
            tree.close();
        }
        DeValue::Table(table) => {
            tree.open(key, Kind::Map, line);
            // The map of the parser is sorted by name; the file's order is that of the places.
            let mut entries: Vec<(Spanned<_>, Spanned<_>)> = table.into_iter().collect();
            entries.sort_by_key(|(key, _)| key.span().start);
            for (key, value) in entries {
                let at = key.span().start;
                place(tree, lines, key.into_inner(), at, value.into_inner());
            }
            tree.close();
        }
    }
}
