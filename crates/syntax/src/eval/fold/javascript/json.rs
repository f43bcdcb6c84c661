//! JSON.

use super::{HOLE, LONGEST, Machine, Map, Shape, Value, null, numbers::number, patterned, truth};

/// Deeper values are not read.
const DEEPEST: u32 = 200;

/// Reads a text. None when it is not JSON, or too deep.
pub(in crate::eval::fold) fn parse<'a>(text: &str) -> Option<Value<'a>> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.blanks();
    (reader.at == text.len()).then_some(value)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
    }

    fn takes(&mut self, word: &str) -> bool {
        let taken = self.text[self.at..].starts_with(word);
        if taken {
            self.at += word.len();
        }
        taken
    }

    fn value<'a>(&mut self, depth: u32) -> Option<Value<'a>> {
        if depth > DEEPEST {
            return None;
        }
        self.blanks();
        match self.text.as_bytes().get(self.at)? {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Value::text),
            b't' => self.takes("true").then(|| truth(true)),
            b'f' => self.takes("false").then(|| truth(false)),
            b'n' => self.takes("null").then(null),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest.find(|one: char| !matches!(one, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
                let digits = &rest[..end.unwrap_or(rest.len())];
                self.at += digits.len();
                digits.parse().ok().map(number)
            }
        }
    }

    fn list<'a>(&mut self, depth: u32) -> Option<Value<'a>> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.takes("]") {
            return Some(Value::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.takes("]") {
                return Some(Value::list(items));
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn object<'a>(&mut self, depth: u32) -> Option<Value<'a>> {
        self.at += 1;
        let mut map = Map::default();
        self.blanks();
        if self.takes("}") {
            return Some(Value::map(map));
        }
        loop {
            self.blanks();
            if !self.text[self.at..].starts_with('"') {
                return None;
            }
            let key = self.string()?;
            self.blanks();
            if !self.takes(":") {
                return None;
            }
            map.insert(key.into(), self.value(depth + 1)?);
            self.blanks();
            if self.takes("}") {
                return Some(Value::map(map));
            }
            if !self.takes(",") {
                return None;
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = memchr::memchr2(b'"', b'\\', rest.as_bytes())?;
            out.push_str(&rest[..end]);
            self.at += end + 1;
            if rest.as_bytes()[end] == b'"' {
                return Some(out);
            }
            let escape = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            out.push(match escape {
                b'n' => '\n',
                b't' => '\t',
                b'r' => '\r',
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'"' | b'\\' | b'/' => escape.into(),
                b'u' => self.unicode()?,
                _ => return None,
            });
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let unit = self.unit()?;
        if (0xD800..0xDC00).contains(&unit) && self.takes("\\u") {
            let low = self.unit()?;
            let code = 0x10000 + ((unit - 0xD800) << 10) + (low.wrapping_sub(0xDC00) & 0x3FF);
            return Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

/// Writes a value. Its unknown parts are holes.
pub(super) fn write<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Option<Value<'a>> {
    let mut out = String::new();
    let mut taint = value.taint.clone();
    put(machine, value, 0, &mut out, &mut taint)?;
    Some(patterned(out).with(&taint))
}

fn put<'a>(
    machine: &mut Machine<'a>,
    value: &Value<'a>,
    depth: u32,
    out: &mut String,
    taint: &mut super::Taint,
) -> Option<()> {
    if depth > 32 || out.len() > LONGEST || !machine.spend(1) {
        return None;
    }
    taint.add(&value.taint);
    match &value.shape {
        Shape::Null => out.push_str("null"),
        Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) => out.push_str(&super::to_js_string(value)?),
        Shape::Text(text) | Shape::Pattern(text) => quote(text, out),
        Shape::List(list) => {
            let items = list.try_borrow().ok()?.clone();
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                put(machine, item, depth + 1, out, taint)?;
            }
            out.push(']');
        }
        Shape::Map(map) => {
            let map = map.try_borrow().ok()?.clone();
            let mut keys: Vec<_> = map.keys().filter(|key| !key.starts_with('\0')).cloned().collect();
            keys.sort_unstable();
            out.push('{');
            for (at, key) in keys.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quote(key, out);
                out.push(':');
                put(machine, map.get(key)?, depth + 1, out, taint)?;
            }
            out.push('}');
        }
        _ => out.push(HOLE),
    }
    Some(())
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            one if one < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(one))),
            one => out.push(one),
        }
    }
    out.push('"');
}
