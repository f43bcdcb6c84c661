//! YAML, by the events of the crate `saphyr-parser`.

use std::{borrow::Cow, collections::HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Kind, Tree};

/// A line that cannot be read is taken out and the rest read anew, so often at most.
const MAX_REPAIRS: usize = 8;

/// Reads a stream of documents.
pub(super) fn read<'t>(text: &'t str, tree: &mut Tree<'t>) {
    let Err((line, detail)) = parse(text, tree) else { return };
    let mut errors = vec![(line, detail)];
    let mut mended: Vec<&str> = text.lines().collect();
    let mut broken = line;
    for _ in 0..MAX_REPAIRS {
        let Some(wrong) = mended.get_mut(broken.saturating_sub(1) as usize) else { break };
        // The parser may point behind the line that is wrong: an empty one is not taken out a second time.
        if wrong.is_empty() {
            break;
        }
        *wrong = "";
        let repaired = mended.join("\n");
        let mut again = Tree::default();
        let result = parse(&repaired, &mut again);
        let values = again.finish().values.into_iter().map(|value| super::Value {
            key: Cow::Owned(value.key.into_owned()),
            text: Cow::Owned(value.text.into_owned()),
            ..value
        });
        // What the broken text has let through may be more than what is left without its line.
        if values.len() >= tree.values.len() {
            *tree = Tree { values: values.collect(), ..Tree::default() };
        }
        match result {
            Ok(()) => break,
            Err((line, detail)) => {
                broken = line;
                errors.push((line, detail));
            }
        }
    }
    errors.into_iter().for_each(|(line, detail)| tree.error(line, detail));
}

/// An open container, and what waits for the next value in it.
enum Slot<'t> {
    /// A list.
    List,
    /// A map that waits for a key.
    Key,
    /// A map that waits for the value of this key, which stands in this line.
    Value(Cow<'t, str>, u32),
}

fn parse<'t>(text: &'t str, tree: &mut Tree<'t>) -> Result<(), (u32, String)> {
    tree.open("".into(), Kind::List, 1);
    let mut anchors: HashMap<usize, u32> = HashMap::new();
    let mut slots: Vec<Slot<'t>> = Vec::new();
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| (error.marker().line() as u32, error.info().to_owned()))?;
        if tree.is_over() {
            break;
        }
        let is_value =
            matches!(event, Event::Alias(_) | Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..));
        let line = span.start.line() as u32;
        let (key, line) = match (slots.last_mut().filter(|_| is_value), &event) {
            (Some(slot @ Slot::Key), Event::Scalar(key, _, anchor, _)) if *anchor == 0 => {
                *slot = Slot::Value(key.clone(), line);
                continue;
            }
            // A key that is no text: it stands as a value without a name, and so does its value behind it.
            (Some(slot @ Slot::Key), _) => {
                *slot = Slot::Value("".into(), line);
                ("".into(), line)
            }
            (Some(slot @ Slot::Value(..)), _) => match std::mem::replace(slot, Slot::Key) {
                Slot::Value(key, line) => (key, line),
                Slot::List | Slot::Key => ("".into(), line),
            },
            _ => ("".into(), line),
        };
        apply(tree, &mut anchors, &mut slots, event, key, line);
    }
    Ok(())
}

fn apply<'t>(
    tree: &mut Tree<'t>,
    anchors: &mut HashMap<usize, u32>,
    slots: &mut Vec<Slot<'t>>,
    event: Event<'t>,
    key: Cow<'t, str>,
    line: u32,
) {
    let mut remember = |anchor: usize| {
        if anchor != 0 && tree.too_deep == 0 {
            anchors.insert(anchor, tree.values.len() as u32);
        }
    };
    match event {
        Event::Scalar(text, style, anchor, _) => {
            remember(anchor);
            let kind = match (style, &*text) {
                (ScalarStyle::Plain, "" | "~" | "null") => Kind::Null,
                (ScalarStyle::Plain, _) => Kind::Plain,
                _ => Kind::Text,
            };
            tree.scalar(key, text, kind, line);
        }
        Event::SequenceStart(anchor, _) => {
            remember(anchor);
            tree.open(key, Kind::List, line);
            slots.push(Slot::List);
        }
        Event::MappingStart(anchor, _) => {
            remember(anchor);
            tree.open(key, Kind::Map, line);
            slots.push(Slot::Key);
        }
        Event::SequenceEnd | Event::MappingEnd => {
            tree.close();
            slots.pop();
        }
        Event::Alias(anchor) => {
            if let Some(at) = anchors.get(&anchor) {
                tree.repeat(key, *at, line);
            }
        }
        Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
    }
}
