//! `format`, `%` and format specifications. Unknown parts become holes.

use super::{Arguments, HOLE, Machine, Shape, Value, objects};

/// Wider fields are not padded.
const WIDEST: usize = 4096;

/// `"{} {name!r:>8}".format(...)`.
pub(super) fn format<'a>(machine: &mut Machine<'a>, text: &str, arguments: &Arguments<'a>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = rest.as_bytes()[at];
        rest = &rest[at + 1..];
        if rest.as_bytes().first() == Some(&brace) {
            out.push(char::from(brace));
            rest = &rest[1..];
            continue;
        }
        if brace == b'}' {
            return None;
        }
        let end = rest.find('}')?;
        let field = &rest[..end];
        rest = &rest[end + 1..];
        if field.contains('{') {
            return None;
        }
        let (field, spec) = field.split_once(':').unwrap_or((field, ""));
        let (field, conversion) = field.split_once('!').unwrap_or((field, ""));
        let value = field_value(arguments, field, &mut next);
        match (value, conversion) {
            (Some(value), "r" | "a") => {
                out.push_str(&objects::representation(&value).unwrap_or_else(|| HOLE.to_string()))
            }
            (Some(value), _) => out.push_str(&formatted(machine, &value, spec)),
            (None, _) => out.push(HOLE),
        }
        if out.len() > super::LIMIT {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}

/// The value of `0`, `name`, `0[1]` or nothing at all.
fn field_value<'a>(arguments: &Arguments<'a>, field: &str, next: &mut usize) -> Option<Value<'a>> {
    let end = field.find(['[', '.']).unwrap_or(field.len());
    let (name, mut path) = field.split_at(end);
    let mut value = if name.is_empty() {
        *next += 1;
        arguments.positional.get(*next - 1)?.clone()
    } else if let Ok(at) = name.parse::<usize>() {
        arguments.positional.get(at)?.clone()
    } else {
        arguments.named.iter().find(|(own, _)| &**own == name)?.1.clone()
    };
    while let Some(inner) = path.strip_prefix('[') {
        let (key, rest) = inner.split_once(']')?;
        value = match &value.shape {
            Shape::List(list) => list.borrow().get(key.parse::<usize>().ok()?)?.clone(),
            Shape::Map(map) => map.borrow().get(key)?.clone(),
            Shape::Text(text) => Value::text(text.chars().nth(key.parse().ok()?)?.to_string()),
            _ => return None,
        };
        path = rest;
    }
    path.is_empty().then_some(value)
}

/// A value by a format specification.
pub(super) fn formatted<'a>(machine: &mut Machine<'a>, value: &Value<'a>, spec: &str) -> String {
    let plain = |machine: &mut Machine<'a>| match &value.shape {
        Shape::Null | Shape::Bool(_) | Shape::Float(_) | Shape::List(_) | Shape::Map(_) => {
            objects::representation(value).unwrap_or_else(|| HOLE.to_string())
        }
        _ => machine.text_with_holes(value),
    };
    if spec.is_empty() {
        return plain(machine);
    }
    let kind = spec.chars().last().filter(char::is_ascii_alphabetic);
    let number = value.as_int();
    let body = match (kind, number) {
        (Some('c'), Some(code)) => u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(HOLE).to_string(),
        (Some('x'), Some(number)) => {
            in_base(number, if spec.contains('#') { "0x" } else { "" }, |size| format!("{size:x}"))
        }
        (Some('X'), Some(number)) => {
            in_base(number, if spec.contains('#') { "0X" } else { "" }, |size| format!("{size:X}"))
        }
        (Some('o'), Some(number)) => {
            in_base(number, if spec.contains('#') { "0o" } else { "" }, |size| format!("{size:o}"))
        }
        (Some('b'), Some(number)) => {
            in_base(number, if spec.contains('#') { "0b" } else { "" }, |size| format!("{size:b}"))
        }
        _ => plain(machine),
    };
    let spec = kind.map_or(spec, |kind| spec.trim_end_matches(kind));
    let (fill, align, rest) = alignment(spec);
    let digits: String =
        rest.trim_start_matches(['+', '-', ' ', '#']).chars().take_while(char::is_ascii_digit).collect();
    let zero = digits.starts_with('0');
    let width = digits.parse::<usize>().unwrap_or(0).min(WIDEST);
    let missing = width.saturating_sub(body.chars().count());
    let fill = fill.unwrap_or(if zero { '0' } else { ' ' });
    let right = match align {
        Some('<') => false,
        Some(_) => true,
        None => zero || number.is_some(),
    };
    let padding: String = std::iter::repeat_n(fill, missing).collect();
    if right { padding + &body } else { body + &padding }
}

fn in_base(number: i64, prefix: &str, digits: impl Fn(u64) -> String) -> String {
    format!("{}{prefix}{}", if number < 0 { "-" } else { "" }, digits(number.unsigned_abs()))
}

fn alignment(spec: &str) -> (Option<char>, Option<char>, &str) {
    let mut letters = spec.chars();
    let (first, second) = (letters.next(), letters.next());
    let aligns = |letter: Option<char>| letter.filter(|letter| matches!(letter, '<' | '>' | '^' | '='));
    match (first, second) {
        (Some(fill), second) if aligns(second).is_some() => (Some(fill), second, letters.as_str()),
        (first, _) if aligns(first).is_some() => (None, first, &spec[1..]),
        _ => (None, None, spec),
    }
}

/// `"%s and %02x" % values`.
pub(super) fn percent<'a>(machine: &mut Machine<'a>, text: &str, values: &Value<'a>) -> Option<String> {
    let mut list: Vec<Value<'a>> = match &values.shape {
        Shape::List(list) => list.borrow().clone(),
        _ => vec![values.clone()],
    };
    list.reverse();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let named = match rest.strip_prefix('(') {
            Some(inner) => {
                let (name, after) = inner.split_once(')')?;
                rest = after;
                Some(name)
            }
            None => None,
        };
        let end = rest.find(|letter: char| letter.is_ascii_alphabetic())?;
        let (flags, kind) = (&rest[..end], rest.as_bytes()[end]);
        rest = &rest[end + 1..];
        let value = match (named, &values.shape) {
            (Some(name), Shape::Map(map)) => map.borrow().get(name).cloned(),
            (Some(_), _) => None,
            (None, _) => list.pop(),
        };
        let value = value.unwrap_or_default();
        let spec = flags.replace('-', "<").replace('+', "");
        out.push_str(&match kind {
            b'r' | b'a' => objects::representation(&value).unwrap_or_else(|| HOLE.to_string()),
            b'c' if value.as_text().is_some() => machine.text_with_holes(&value),
            b'c' | b'x' | b'X' | b'o' => formatted(machine, &value, &format!("{spec}{}", char::from(kind))),
            b's' | b'd' | b'i' | b'u' => formatted(machine, &value, if spec.contains('.') { "" } else { &spec }),
            _ => HOLE.to_string(),
        });
        if out.len() > super::LIMIT {
            return None;
        }
    }
    out.push_str(rest);
    Some(out)
}
