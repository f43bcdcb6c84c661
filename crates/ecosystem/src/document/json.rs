//! JSON, with what lockfiles add to it: comments and trailing commas.

use std::borrow::Cow;

use super::{Kind, Tree};

/// Reads a text. After an error it goes on with the next sign that can start something.
pub(super) fn read<'t>(text: &'t str, tree: &mut Tree<'t>) {
    let mut reader = Reader { text, at: 0, line: 1, start: 0, indent: 0 };
    let mut key: Option<Cow<'t, str>> = None;
    let mut is_over = false;
    let mut indents: Vec<usize> = Vec::new();
    let mut last_line = 0;
    while let Some(sign) = reader.next_sign() {
        if tree.is_over() {
            return;
        }
        let line = reader.line;
        if line != last_line && !tree.errors.is_empty() {
            close_lost(tree, &indents, reader.at - reader.start, sign);
        }
        if line != last_line {
            reader.indent = reader.at - reader.start;
        }
        last_line = line;
        if is_over {
            tree.error(line, "something stands behind the end");
            return;
        }
        match sign {
            b'{' | b'[' => {
                let kind = if sign == b'{' { Kind::Map } else { Kind::List };
                indents.truncate(tree.open.len());
                tree.open(key.take().unwrap_or_default(), kind, line);
                indents.push(reader.indent);
                reader.at += 1;
            }
            b'}' | b']' => {
                let wanted = if sign == b'}' { Kind::Map } else { Kind::List };
                if tree.too_deep == 0 && tree.inside() != Some(wanted) {
                    tree.error(line, format!("an unexpected {}", char::from(sign)));
                }
                if let Some(key) = key.take() {
                    tree.error(line, format!("{key:?} has no value"));
                }
                // A bracket of the wrong kind still closes something, or the rest of the file would sink a level deeper.
                tree.close();
                reader.at += 1;
                is_over = tree.open.is_empty() && !tree.values.is_empty();
            }
            b',' | b':' => reader.at += 1,
            b'"' => {
                let string = reader.string(tree);
                let is_key = key.is_none() && tree.inside() == Some(Kind::Map) && reader.next_sign() == Some(b':');
                if is_key {
                    key = Some(string);
                } else {
                    place(tree, &mut key, string, Kind::Text, line);
                }
            }
            _ => match reader.word() {
                "" => {
                    tree.error(line, "a sign that JSON does not know here");
                    reader.skip();
                }
                "null" => place(tree, &mut key, "".into(), Kind::Null, line),
                word => place(tree, &mut key, word.into(), Kind::Plain, line),
            },
        }
    }
    if !tree.open.is_empty() || tree.values.is_empty() {
        tree.error(reader.line, "the file ends too early");
    }
}

/// After an error brackets may be lost, and everything behind them would lie a level too deep. In a file that is written
/// with indents, a line that is indented no more than the one on which a container was opened is no part of it.
fn close_lost(tree: &mut Tree<'_>, indents: &[usize], indent: usize, sign: u8) {
    let is_end = matches!(sign, b'}' | b']');
    while tree.too_deep == 0 && indent > 0 && tree.open.len() > 1 {
        match indents.get(tree.open.len() - 1) {
            Some(open) if *open > indent || (*open == indent && !is_end) => tree.close(),
            _ => return,
        }
    }
}

fn place<'t>(tree: &mut Tree<'t>, key: &mut Option<Cow<'t, str>>, text: Cow<'t, str>, kind: Kind, line: u32) {
    match (key.take(), tree.inside()) {
        (None, Some(Kind::Map)) if tree.too_deep == 0 => tree.error(line, "a value without a name"),
        (key, _) => tree.scalar(key.unwrap_or_default(), text, kind, line),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    /// Where the line starts, and how far it is indented.
    start: usize,
    indent: usize,
}

impl<'t> Reader<'t> {
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// The next sign behind spaces and comments.
    fn next_sign(&mut self) -> Option<u8> {
        loop {
            match self.byte(0)? {
                b'\n' => {
                    self.line += 1;
                    self.at += 1;
                    self.start = self.at;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.byte(1) == Some(b'/') => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                b'/' if self.byte(1) == Some(b'*') => {
                    let rest = &self.text[self.at..];
                    let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
                    self.line += rest[..end].matches('\n').count() as u32;
                    self.at += end;
                }
                sign => return Some(sign),
            }
        }
    }

    /// A number or one of JSON's words.
    fn word(&mut self) -> &'t str {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.' | '_');
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn skip(&mut self) {
        self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8);
    }

    /// A string, from its opening quote on. A line break ends it too, so that a missing quote costs one line.
    fn string(&mut self, tree: &mut Tree<'t>) -> Cow<'t, str> {
        self.at += 1;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let mut has_escape = false;
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escape = true;
                    // The escaped sign may be longer than a byte; its other bytes are no quotes.
                    self.at += if matches!(bytes.get(self.at + 1), None | Some(b'\n')) { 1 } else { 2 };
                }
                Some(b'\n') | None => {
                    tree.error(self.line, "a string without an end");
                    return unescape(&self.text[start..self.at], has_escape);
                }
                Some(_) => self.at += 1,
            }
        }
        let inner = &self.text[start..self.at];
        self.at += 1;
        unescape(inner, has_escape)
    }
}

fn unescape(text: &str, has_escape: bool) -> Cow<'_, str> {
    if !has_escape {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(sign) = rest.chars().next() else { break };
        rest = &rest[sign.len_utf8()..];
        match sign {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'u' => out.push(code_point(&mut rest)),
            other => out.push(other),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of `\uXXXX`, or of two of them where they are a pair.
fn code_point(rest: &mut &str) -> char {
    fn unit(text: &str) -> Option<u32> {
        text.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok())
    }
    let Some(first) = unit(rest) else { return char::REPLACEMENT_CHARACTER };
    *rest = &rest[4..];
    let second = rest.strip_prefix("\\u").and_then(unit).filter(|low| (0xDC00..0xE000).contains(low));
    match (first, second) {
        (0xD800..0xDC00, Some(low)) => {
            *rest = &rest[6..];
            char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
        }
        _ => char::from_u32(first),
    }
    .unwrap_or(char::REPLACEMENT_CHARACTER)
}
