//! The format of yarn 1: it resembles YAML and is none.

use std::borrow::Cow;

use model::Scope;

use super::super::Reading;

/// One package.
pub(super) struct Entry<'t> {
    /// `name@range`, each range that it answers.
    pub descriptors: Vec<Cow<'t, str>>,
    pub line: u32,
    fields: Vec<(Cow<'t, str>, Cow<'t, str>)>,
    /// What it asks for: scope, name, range, line.
    pub asked: Vec<(Scope, Cow<'t, str>, Cow<'t, str>, u32)>,
}

impl Entry<'_> {
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, value)| &**value)
    }
}

/// Reads the entries. What a line means depends on how far it is indented.
pub(super) fn read<'t>(text: &'t str, reading: &mut Reading) -> Vec<Entry<'t>> {
    let mut entries: Vec<Entry<'t>> = Vec::new();
    let mut section = None;
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let mut words = words(content);
        match (indent, entries.last_mut()) {
            (0, _) => {
                section = None;
                let descriptors = words.into_iter().filter(|word| !word.is_empty()).collect();
                entries.push(Entry { descriptors, line: number, fields: Vec::new(), asked: Vec::new() });
            }
            (1..=3, Some(_)) if content.ends_with(':') && words.len() == 1 => {
                section = match &*words[0] {
                    "dependencies" => Some(Scope::Normal),
                    "optionalDependencies" => Some(Scope::Optional),
                    _ => None,
                };
            }
            (1..=3, Some(entry)) if words.len() == 2 => {
                section = None;
                let value = words.pop().unwrap_or_default();
                entry.fields.push((words.pop().unwrap_or_default(), value));
            }
            (4.., Some(entry)) if words.len() == 2 => {
                let value = words.pop().unwrap_or_default();
                let name = words.pop().unwrap_or_default();
                entry.asked.extend(section.map(|scope| (scope, name, value, number)));
            }
            _ => reading.problem("syntax-error", number, "the line is of no form that yarn writes"),
        }
    }
    entries
}

/// The words of a line. Quotes hold a word together; commas and the last colon separate.
fn words(line: &str) -> Vec<Cow<'_, str>> {
    let mut out = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if rest.is_empty() || rest == ":" {
            return out;
        }
        if let Some(inner) = rest.strip_prefix('"') {
            let end = quote(inner);
            let word = &inner[..end];
            out.push(if word.contains('\\') { Cow::Owned(word.replace("\\\"", "\"")) } else { Cow::Borrowed(word) });
            rest = inner.get(end + 1..).unwrap_or_default();
            rest = rest.strip_prefix(':').unwrap_or(rest);
        } else {
            let end = rest.find([' ', ',']).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            out.push(Cow::Borrowed(if rest.trim().is_empty() { word.trim_end_matches(':') } else { word }));
        }
    }
}

/// Where a quoted word ends.
fn quote(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => return at,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}
