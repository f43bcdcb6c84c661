//! XML, by the events of the crate `quick-xml`, which expands no entities of documents.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{Kind, Lines, Tree};

/// Reads a text. Namespaces are left out of the names.
pub(super) fn read<'t>(text: &'t str, tree: &mut Tree<'t>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    let mut lines = Lines::new(text);
    tree.open("".into(), Kind::Map, 1);
    loop {
        let at = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(start)) => open(tree, &start, lines.of(at)),
            Ok(Event::Empty(start)) => {
                open(tree, &start, lines.of(at));
                tree.close();
            }
            Ok(Event::Text(text)) => add(tree, Cow::Borrowed(&text)),
            Ok(Event::CData(text)) => add(tree, Cow::Borrowed(&text)),
            Ok(Event::GeneralRef(name)) => {
                let known = name.resolve_char_ref().ok().flatten().map(String::from);
                let known = known.or_else(|| quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned));
                add(tree, known.unwrap_or_default().into());
            }
            Ok(Event::End(_)) if tree.open.len() > 1 => tree.close(),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let line = lines.of(reader.error_position() as usize);
                tree.error(line, error.to_string());
                break;
            }
        }
        if tree.is_over() {
            return;
        }
    }
    if tree.open.len() > 1 {
        let line = lines.of(text.len());
        tree.error(line, "the file ends too early");
    }
}

fn open<'t>(tree: &mut Tree<'t>, start: &BytesStart<'_>, line: u32) {
    let name = start.local_name().as_ref().to_owned();
    tree.open(name.into(), Kind::Map, line);
    for attribute in start.attributes().with_checks(false).flatten() {
        let key = format!("@{}", attribute.key.local_name().as_ref());
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map(Cow::into_owned).unwrap_or_default();
        tree.scalar(key.into(), value.into(), Kind::Text, line);
    }
}

/// Text between tags belongs to the element around it.
fn add(tree: &mut Tree<'_>, text: Cow<'_, str>) {
    let text = text.trim();
    if tree.too_deep > 0 || text.is_empty() {
        return;
    }
    if let Some(value) = tree.open.last().and_then(|at| tree.values.get_mut(*at as usize)) {
        value.text.to_mut().push_str(text);
    }
}
