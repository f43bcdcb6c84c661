//! Why a rule matched, as a sentence with the package's own values in it.

use cel::Value;

use super::facts::{self, Facts, variable};

/// So many values of a list are named.
const NAMED: usize = 5;
/// A value of a package is somebody else's text, and is cut at so many characters.
const LONGEST_VALUE: usize = 120;

/// A sentence with `{placeholders}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    source: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Value(&'static str),
}

impl Reason {
    /// Reads a sentence. The error is one too.
    pub fn read(source: &str) -> Result<Self, String> {
        let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut pieces = Vec::new();
        let mut rest = source.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or("a `{` in the reason is not closed")?;
            let known = variable(name.trim()).ok_or_else(|| facts::unknown(name.trim()))?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Value(known.name));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self { source, pieces })
    }

    /// The sentence as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn about(&self, facts: &Facts<'_>) -> String {
        let piece = |one: &Piece| match one {
            Piece::Text(text) => text.clone(),
            Piece::Value(name) => shown(facts, name),
        };
        self.pieces.iter().map(piece).collect()
    }
}

/// The value of a variable, as people read it.
pub(super) fn shown(facts: &Facts<'_>, name: &str) -> String {
    let Some(value) = facts.value(name) else { return "too much to show".into() };
    let text = Value::try_from(value.as_ref()).map_or_else(|_| "?".into(), |value| written(&value));
    match text.char_indices().nth(LONGEST_VALUE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "none".into(),
        Value::String(text) => text.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => ((number * 10.0).round() / 10.0).to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => "not known".into(),
        Value::List(items) if items.is_empty() => "none".into(),
        Value::List(items) => {
            let mut named: Vec<String> = items.iter().take(NAMED).map(written).collect();
            if items.len() > NAMED {
                named.push(format!("{} more", items.len() - NAMED));
            }
            named.join(", ")
        }
        // A vulnerability is named by its id.
        Value::Map(fields) => {
            let key = cel::objects::Key::from("id");
            fields.map.get(&key).map_or_else(|| "?".into(), written)
        }
        _ => "?".into(),
    }
}
