//! Methods of texts and byte strings.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::{
    Arguments, HOLE, LIMIT, MOST_ITEMS, Machine, Shape, Value, builtins, data_of, decoders, format, int, items_of,
    objects, text_value, truth,
};
use crate::{decode, eval::value::Map};

/// Methods of texts.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    text: &Rc<str>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if !machine.spend(text.len() as u64 / 32) {
        return None;
    }
    let first = arguments.positional.first();
    let given = |at: usize| arguments.positional.get(at).and_then(Value::as_text);
    match name {
        "join" => join(machine, text, first?),
        "format" => Some(text_value(format::format(machine, text, arguments)?)),
        "format_map" => {
            let Shape::Map(map) = &first?.shape else { return None };
            let named = map.borrow().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            Some(text_value(format::format(machine, text, &Arguments { positional: Vec::new(), named })?))
        }
        "__mod__" => Some(text_value(format::percent(machine, text, first?)?)),
        "encode" => {
            let encoding = arguments.get(0, "encoding").map_or(Some("utf-8"), Value::as_text)?;
            if matches!(receiver.shape, Shape::Pattern(_)) {
                return Some(receiver.clone());
            }
            match encode_text(text, encoding) {
                Some(bytes) => Some(Value::bytes(bytes)),
                None => decoders::codec(machine, receiver, encoding),
            }
        }
        "decode" => {
            let encoding = arguments.get(0, "encoding").map_or(Some("utf-8"), Value::as_text)?;
            match encoding {
                "utf-8" | "utf8" | "ascii" | "latin1" | "latin-1" => Some(receiver.clone()),
                _ => decoders::codec(machine, receiver, encoding),
            }
        }
        "split" | "rsplit" => split(text, name, arguments),
        "splitlines" => Some(Value::list(text.lines().map(Value::text).collect())),
        "partition" | "rpartition" => {
            let by = given(0)?;
            let parts = if name == "partition" { text.split_once(by) } else { text.rsplit_once(by) };
            let (before, middle, after) = match parts {
                Some((before, after)) => (before, by, after),
                None if name == "partition" => (&**text, "", ""),
                None => ("", "", &**text),
            };
            Some(Value::list([before, middle, after].map(Value::text).to_vec()))
        }
        "replace" => {
            let (old, new) = (given(0)?, arguments.positional.get(1)?);
            let new = machine.text_with_holes(new);
            if old.is_empty() {
                return None;
            }
            let count = arguments.get(2, "count").map_or(Some(-1), Value::as_int)?;
            let replaced = match usize::try_from(count) {
                Ok(count) => text.replacen(old, &new, count),
                Err(_) => text.replace(old, &new),
            };
            (replaced.len() <= LIMIT).then(|| text_value(replaced))
        }
        "translate" => translate(machine, text, first?),
        "maketrans" => make_table(arguments),
        "hex" => None,
        "zfill" | "ljust" | "rjust" | "center" => pad(text, name, arguments),
        "as_posix" | "absolute" | "resolve" | "expanduser" | "__fspath__" => Some(receiver.clone()),
        "joinpath" => {
            let joined = arguments.positional.iter().map(|part| machine.text_with_holes(part)).collect::<Vec<_>>();
            Some(text_value(join_paths(text, &joined)))
        }
        _ => change(text, name, given(0))
            .map(text_value)
            .or_else(|| test(text, name))
            .or_else(|| search(text, name, arguments))
            .or_else(|| objects::path_method(machine, receiver, name, arguments)),
    }
}

/// Methods that make one text of another.
fn change(text: &str, name: &str, given: Option<&str>) -> Option<String> {
    let set: Option<FxHashSet<char>> = given.filter(|_| name.ends_with("strip")).map(|set| set.chars().collect());
    let strips = |one: char| match &set {
        Some(set) => set.contains(&one),
        None => one.is_whitespace(),
    };
    Some(match name {
        "strip" => text.trim_matches(strips).to_owned(),
        "lstrip" => text.trim_start_matches(strips).to_owned(),
        "rstrip" => text.trim_end_matches(strips).to_owned(),
        "lower" | "casefold" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "swapcase" => text
            .chars()
            .flat_map(|one| if one.is_uppercase() { swap(one.to_lowercase()) } else { swap(one.to_uppercase()) })
            .collect(),
        "title" => {
            let mut inside = false;
            text.chars()
                .flat_map(|one| {
                    let first = !std::mem::replace(&mut inside, one.is_alphabetic());
                    if first { swap(one.to_uppercase()) } else { swap(one.to_lowercase()) }
                })
                .collect()
        }
        "capitalize" => {
            let mut letters = text.chars();
            let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
            first + &letters.as_str().to_lowercase()
        }
        "removeprefix" => text.strip_prefix(given?).unwrap_or(text).to_owned(),
        "removesuffix" => text.strip_suffix(given?).unwrap_or(text).to_owned(),
        "expandtabs" => text.replace('\t', "        "),
        _ => return None,
    })
}

/// Methods that look for one text in another.
fn search<'a>(text: &str, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if text.contains(HOLE) {
        return None;
    }
    let first = arguments.positional.first();
    let (text, skipped) = part(text, arguments)?;
    match name {
        "startswith" | "endswith" => {
            let ends = |affix: &str| if name == "startswith" { text.starts_with(affix) } else { text.ends_with(affix) };
            match &first?.shape {
                Shape::Text(affix) => truth(ends(affix)),
                Shape::List(list) => {
                    let affixes: Option<Vec<bool>> =
                        list.borrow().iter().map(|affix| affix.as_text().map(ends)).collect();
                    truth(affixes?.contains(&true))
                }
                _ => None,
            }
        }
        "find" | "index" | "rfind" | "rindex" => {
            let wanted = first?.as_text()?;
            let found = if name.starts_with('r') { text.rfind(wanted) } else { text.find(wanted) };
            match found {
                Some(at) => int(text[..at].chars().count() + skipped),
                None if name.ends_with("find") => int(-1),
                None => None,
            }
        }
        "count" => int(text.matches(first?.as_text().filter(|wanted| !wanted.is_empty())?).count()),
        _ => None,
    }
}

/// The part of a text between the second and the third argument, and how many characters stand before it.
fn part<'t>(text: &'t str, arguments: &Arguments<'_>) -> Option<(&'t str, usize)> {
    let bound = |at: usize| match arguments.positional.get(at) {
        None => Some(None),
        Some(Value { shape: Shape::Null, .. }) => Some(None),
        Some(value) => Some(Some(value.as_int()?)),
    };
    let (start, stop) = (bound(1)?, bound(2)?);
    if start.is_none() && stop.is_none() {
        return Some((text, 0));
    }
    let length = text.chars().count() as i64;
    let clamp = |at: i64| (if at < 0 { at + length } else { at }).clamp(0, length) as usize;
    let (start, stop) = (clamp(start.unwrap_or(0)), clamp(stop.unwrap_or(length)));
    let place = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(place, _)| place);
    Some((&text[place(start)..place(stop.max(start))], start))
}

fn swap(letters: impl Iterator<Item = char>) -> Vec<char> {
    letters.collect()
}

fn test<'a>(text: &str, name: &str) -> Option<Value<'a>> {
    let holds: fn(char) -> bool = match name {
        "isdigit" | "isdecimal" | "isnumeric" => char::is_numeric,
        "isalpha" => char::is_alphabetic,
        "isalnum" => char::is_alphanumeric,
        "isspace" => char::is_whitespace,
        "isupper" => |one| !one.is_lowercase(),
        "islower" => |one| !one.is_uppercase(),
        "isascii" => |one| one.is_ascii(),
        _ => return None,
    };
    if text.contains(HOLE) {
        return None;
    }
    let cased = !matches!(name, "isupper" | "islower") || text.chars().any(char::is_alphabetic);
    truth((name == "isascii" || !text.is_empty()) && cased && text.chars().all(holds))
}

fn join<'a>(machine: &mut Machine<'a>, by: &str, parts: &Value<'a>) -> Option<Value<'a>> {
    let items = items_of(machine, parts)?;
    let mut joined = String::new();
    let mut taint = parts.taint.clone();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            joined.push_str(by);
        }
        joined.push_str(&machine.text_with_holes(item));
        taint.add(&item.taint);
        if joined.len() > LIMIT {
            return None;
        }
    }
    machine.spend(joined.len() as u64 / 16).then(|| text_value(joined).with(&taint))
}

fn split<'a>(text: &str, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let most = arguments.get(1, "maxsplit").map_or(Some(-1), Value::as_int)?;
    let most = usize::try_from(most).map_or(MOST_ITEMS, |most| most.saturating_add(1).min(MOST_ITEMS));
    let parts: Vec<&str> = match arguments.get(0, "sep").map(|sep| &sep.shape) {
        None | Some(Shape::Null) if most == MOST_ITEMS => text.split_whitespace().take(most).collect(),
        None | Some(Shape::Null) => text.trim().splitn(most, char::is_whitespace).collect(),
        Some(Shape::Text(by)) if by.is_empty() => return None,
        Some(Shape::Text(by)) if name == "rsplit" => {
            let mut parts: Vec<&str> = text.rsplitn(most, &**by).collect();
            parts.reverse();
            parts
        }
        Some(Shape::Text(by)) => text.splitn(most, &**by).collect(),
        Some(_) => return None,
    };
    Some(Value::list(parts.into_iter().map(|part| text_value(part.to_owned())).collect()))
}

fn pad<'a>(text: &str, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let width = usize::try_from(arguments.positional.first()?.as_int()?).ok().filter(|width| *width <= MOST_ITEMS)?;
    let fill = match name {
        "zfill" => "0",
        _ => arguments.positional.get(1).map_or(Some(" "), Value::as_text)?,
    };
    let missing = width.saturating_sub(text.chars().count());
    let (before, after) = match name {
        "ljust" => (0, missing),
        "center" => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    };
    Some(Value::text(format!("{}{text}{}", fill.repeat(before), fill.repeat(after))))
}

/// `str.maketrans(...)`: a dictionary from character codes.
pub(super) fn make_table<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut table = Map::default();
    let code = |letter: char| Rc::from(u32::from(letter).to_string());
    match arguments.positional.as_slice() {
        [Value { shape: Shape::Map(map), .. }] => {
            for (key, value) in map.borrow().iter() {
                let mut letters = key.chars();
                let key = match (letters.next(), letters.next()) {
                    (Some(only), None) if !only.is_ascii_digit() => code(only),
                    _ => key.clone(),
                };
                table.insert(key, value.clone());
            }
        }
        [from, to, rest @ ..] => {
            let (from, to) = (text_or_latin(from)?, text_or_latin(to)?);
            table.extend(from.chars().zip(to.chars()).map(|(from, to)| (code(from), Value::text(to.to_string()))));
            if let Some(gone) = rest.first() {
                table.extend(gone.as_text()?.chars().map(|letter| (code(letter), Shape::Null.into())));
            }
        }
        _ => return None,
    }
    Some(Value::map(table))
}

fn text_or_latin(value: &Value<'_>) -> Option<String> {
    match &value.shape {
        Shape::Bytes(bytes) => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        _ => value.as_text().map(str::to_owned),
    }
}

fn translate<'a>(machine: &mut Machine<'a>, text: &str, table: &Value<'a>) -> Option<Value<'a>> {
    let Shape::Map(table) = &table.shape else { return None };
    if !machine.spend(text.len() as u64) {
        return None;
    }
    let table = table.borrow();
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match table.get(u32::from(letter).to_string().as_str()).map(|value| &value.shape) {
            None => out.push(letter),
            Some(Shape::Null) => {}
            Some(Shape::Text(text)) => out.push_str(text),
            Some(Shape::Int(code)) => out.push(char::from_u32(u32::try_from(*code).ok()?)?),
            Some(_) => out.push(HOLE),
        }
    }
    Some(text_value(out))
}

/// Methods of byte strings.
pub(super) fn bytes_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    bytes: &Rc<[u8]>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if !machine.spend(bytes.len() as u64 / 32) {
        return None;
    }
    let first = arguments.positional.first();
    match name {
        "decode" => {
            let encoding = arguments.get(0, "encoding").map_or(Some("utf-8"), Value::as_text)?;
            let forgives = arguments.get(1, "errors").and_then(Value::as_text).is_some_and(|errors| errors != "strict");
            match decode_bytes(bytes, encoding) {
                Some(text) => Some(Value::text(text)),
                None if forgives => {
                    Some(Value::text(String::from_utf8_lossy(bytes).replace(char::REPLACEMENT_CHARACTER, "")))
                }
                None => decoders::codec(machine, receiver, encoding),
            }
        }
        "hex" => Some(Value::text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())),
        "join" => {
            let mut joined = Vec::new();
            for (at, item) in items_of(machine, first?)?.iter().enumerate() {
                if at > 0 {
                    joined.extend_from_slice(bytes);
                }
                joined.extend(data_of(item)?);
                if joined.len() > LIMIT {
                    return None;
                }
            }
            Some(Value::bytes(joined))
        }
        "translate" => {
            let table = data_of(first?)?;
            let mut gone = [false; 256];
            for byte in arguments.get(1, "delete").and_then(data_of).unwrap_or_default() {
                gone[usize::from(byte)] = true;
            }
            let kept = bytes.iter().filter(|byte| !gone[usize::from(**byte)]);
            Some(Value::bytes(
                kept.map(|byte| table.get(usize::from(*byte)).copied().unwrap_or(*byte)).collect::<Vec<u8>>(),
            ))
        }
        "tobytes" | "__bytes__" | "tolist" => Some(receiver.clone()),
        "__len__" => int(builtins::length(receiver)?),
        // The rest is as for texts, byte by byte.
        _ => {
            let latin = |value: &Value<'a>| match &value.shape {
                Shape::Bytes(bytes) => Value::text(bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
                _ => value.clone(),
            };
            let text: Rc<str> = bytes.iter().map(|byte| char::from(*byte)).collect::<String>().into();
            let positional = arguments.positional.iter().map(latin).collect();
            let wide = Value::text(text.clone());
            if !matches!(
                name,
                "replace"
                    | "strip"
                    | "lstrip"
                    | "rstrip"
                    | "split"
                    | "rsplit"
                    | "upper"
                    | "lower"
                    | "swapcase"
                    | "find"
                    | "index"
                    | "startswith"
                    | "endswith"
                    | "count"
                    | "partition"
                    | "splitlines"
                    | "zfill"
                    | "__mod__"
                    | "removeprefix"
                    | "removesuffix"
            ) {
                return None;
            }
            let arguments = Arguments { positional, named: arguments.named.clone() };
            let value = method(machine, &wide, &text, name, &arguments)?;
            narrow(&value)
        }
    }
}

/// Texts of bytes as bytes again.
fn narrow<'a>(value: &Value<'a>) -> Option<Value<'a>> {
    match &value.shape {
        Shape::Text(text) => encode_text(text, "latin-1").map(Value::bytes),
        Shape::List(list) => Some(Value::list(list.borrow().iter().map(narrow).collect::<Option<_>>()?)),
        Shape::Int(_) | Shape::Bool(_) => Some(value.clone()),
        _ => None,
    }
}

pub(super) fn character<'a>(code: i64) -> Option<Value<'a>> {
    let letter = char::from_u32(u32::try_from(code).ok()?)?;
    Some(Value::text(letter.to_string()))
}

/// Bytes of a text in an encoding of letters. None for other codecs.
pub(super) fn encode_text(text: &str, encoding: &str) -> Option<Vec<u8>> {
    match plain_name(encoding).as_str() {
        "utf8" | "utf" | "ascii" | "usascii" | "utf8sig" => Some(text.as_bytes().to_vec()),
        "latin1" | "iso88591" | "latin" | "l1" | "cp1252" | "charmap" => {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
        }
        "utf16le" => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf16be" => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        "utf16" => Some([0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
        "rawunicodeescape" | "unicodeescape" if text.is_ascii() => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

/// The text of bytes in an encoding of letters. None for other codecs, and for bytes that do not fit.
pub(super) fn decode_bytes(bytes: &[u8], encoding: &str) -> Option<String> {
    let plain = plain_name(encoding);
    let decoded = match plain.as_str() {
        "utf8" | "utf" | "ascii" | "usascii" => return String::from_utf8(bytes.to_vec()).ok(),
        "utf8sig" => return String::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).to_vec()).ok(),
        "latin1" | "iso88591" | "latin" | "l1" | "cp1252" | "charmap" => decode::latin1(bytes, LIMIT),
        "utf16le" => decode::utf16(bytes, true, LIMIT),
        "utf16be" => decode::utf16(bytes, false, LIMIT),
        "utf16" if bytes.starts_with(&[0xFE, 0xFF]) => decode::utf16(&bytes[2..], false, LIMIT),
        "utf16" => decode::utf16(bytes.strip_prefix(&[0xFF, 0xFE]).unwrap_or(bytes), true, LIMIT),
        "unicodeescape" | "rawunicodeescape" | "stringescape" => decode::escapes(bytes, LIMIT),
        _ => None,
    };
    String::from_utf8(decoded?).ok()
}

/// The name of a codec without its case and punctuation.
pub(super) fn plain_name(encoding: &str) -> String {
    encoding.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A path and what is joined to it; an absolute part starts anew.
pub(super) fn join_paths(first: &str, rest: &[String]) -> String {
    let mut path = first.to_owned();
    for part in rest {
        if part.starts_with('/') {
            path.clear();
        } else if !path.is_empty() && !path.ends_with(['/', '\\']) {
            path.push('/');
        }
        path.push_str(part);
    }
    path
}
