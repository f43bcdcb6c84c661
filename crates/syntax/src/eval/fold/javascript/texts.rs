//! Texts.

use std::rc::Rc;

use super::{
    Arguments, HOLE, LONGEST, MOST_ITEMS, Machine, Shape, Value, argument, int, null, patterned, place, regular,
    taint_of, text_at, to_number, truth,
    units::{View, view},
    whole_at,
};
use crate::decode;

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "String.fromCharCode" | "String.fromCodePoint" => from_codes(machine, arguments),
        "String" => match argument(arguments, 0) {
            None => Some(Value::text("")),
            Some(value) => Some(patterned(machine.text_with_holes(value))),
        },
        "String.raw" => argument(arguments, 0).cloned(),
        "decodeURIComponent" | "decodeURI" | "unescape" | "querystring.unescape" => unescape(machine, api, arguments),
        "encodeURIComponent" | "encodeURI" | "escape" | "querystring.escape" => escape(api, &text_at(arguments, 0)?),
        "util.format" => {
            let words: Vec<String> = arguments.positional.iter().map(|value| machine.text_with_holes(value)).collect();
            Some(patterned(words.join(" ")))
        }
        _ => None,
    }
}

fn from_codes<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !machine.spend(arguments.positional.len() as u64) {
        return None;
    }
    let mut units = Vec::with_capacity(arguments.positional.len());
    for value in &arguments.positional {
        let code = to_number(value)?;
        let code = if code.is_finite() { code as i64 } else { 0 };
        match u32::try_from(code).ok().and_then(char::from_u32) {
            Some(one) if code > 0xFFFF => units.extend_from_slice(one.encode_utf16(&mut [0; 2])),
            _ => units.push(code as u16),
        }
    }
    Some(Value::text(String::from_utf16_lossy(&units)))
}

fn unescape<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let input = argument(arguments, 0)?.clone();
    let Some(text) = input.as_text().map(str::to_owned) else {
        return if input.is_unknown() { None } else { Some(input) };
    };
    if !text.contains('%') {
        return Some(input);
    }
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let result = if api == "unescape" {
        let bytes = decode::percent(text.replace("%u", "\0u").as_bytes(), LONGEST)?;
        // One escape is one character here, and `%uNNNN` is one unit.
        let latin = if text.is_ascii() {
            String::from_utf8(decode::latin1(&bytes, LONGEST)?).ok()?
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        wide_escapes(&latin)
    } else {
        String::from_utf8(decode::percent(text.as_bytes(), LONGEST)?).ok()?
    };
    Some(machine.decoded("percent", &input, Value::text(result)))
}

/// `%uNNNN`, whose percent sign was set aside as a zero.
fn wide_escapes(text: &str) -> String {
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\0u") {
        units.extend(rest[..at].encode_utf16());
        rest = &rest[at + 2..];
        match rest.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
            Some(unit) => {
                units.push(unit);
                rest = &rest[4..];
            }
            None => units.extend("%u".encode_utf16()),
        }
    }
    units.extend(rest.encode_utf16());
    String::from_utf16_lossy(&units)
}

fn escape<'a>(api: &str, text: &str) -> Option<Value<'a>> {
    let kept = match api {
        "encodeURI" => "-_.!~*'();/?:@&=+$,#",
        "escape" => "@*_+-./",
        _ => "-_.!~*'()",
    };
    let mut out = String::with_capacity(text.len());
    for one in text.chars() {
        if one.is_ascii_alphanumeric() || kept.contains(one) {
            out.push(one);
        } else if api == "escape" {
            for unit in one.encode_utf16(&mut [0; 2]) {
                out.push_str(&if *unit < 256 { format!("%{unit:02X}") } else { format!("%u{unit:04X}") });
            }
        } else {
            for byte in one.encode_utf8(&mut [0; 4]).bytes() {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    Some(Value::text(out))
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    text: &Rc<str>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    // Asking for one unit is cheap, everything else walks the text.
    let own = match name {
        "charCodeAt" | "charAt" | "at" | "codePointAt" => 0,
        _ => text.len() as u64 / 16,
    };
    if !machine.spend(1 + own) {
        return None;
    }
    pieces(&view(text), name, arguments)
        .or_else(|| changed(text, name, arguments))
        .or_else(|| searched(text, name, arguments))
        .or_else(|| built(machine, text, name, arguments))
}

/// Methods that cut a piece out.
fn pieces<'a>(view: &View<'_>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let length = view.len();
    let at = |missing| whole_at(arguments, 0, missing);
    match name {
        "charCodeAt" => Some(match usize::try_from(at(0)?).ok().and_then(|at| view.unit(at)) {
            Some(unit) => Shape::Int(unit.into()).into(),
            None => Shape::Float(f64::NAN).into(),
        }),
        "codePointAt" => Some(match usize::try_from(at(0)?).ok().and_then(|at| view.point(at)) {
            Some(point) => Shape::Int(point.into()).into(),
            None => null(),
        }),
        "charAt" => Some(Value::text(usize::try_from(at(0)?).ok().and_then(|at| view.cut_one(at)).unwrap_or_default())),
        "at" => {
            let at = at(0)?;
            let at = if at < 0 { at + length as i64 } else { at };
            Some(usize::try_from(at).ok().and_then(|at| view.cut_one(at)).map_or_else(null, Value::text))
        }
        "slice" => {
            let (start, end) = (place(at(0)?, length), place(whole_at(arguments, 1, length as i64)?, length));
            Some(Value::text(view.cut(start, end)))
        }
        "substring" => {
            let clamp = |at: i64| at.clamp(0, length as i64) as usize;
            let (start, end) = (clamp(at(0)?), clamp(whole_at(arguments, 1, length as i64)?));
            Some(Value::text(view.cut(start.min(end), start.max(end))))
        }
        "substr" => {
            let start = place(at(0)?, length);
            let count = whole_at(arguments, 1, length as i64)?.clamp(0, length as i64) as usize;
            Some(Value::text(view.cut(start, start.saturating_add(count))))
        }
        _ => None,
    }
}

/// Methods that give the whole in another form.
fn changed<'a>(text: &str, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    Some(Value::text(match name {
        "toString" | "valueOf" | "toWellFormed" | "normalize" => text.to_owned(),
        "trim" => text.trim().to_owned(),
        "trimStart" | "trimLeft" => text.trim_start().to_owned(),
        "trimEnd" | "trimRight" => text.trim_end().to_owned(),
        "toLowerCase" | "toLocaleLowerCase" => text.to_lowercase(),
        "toUpperCase" | "toLocaleUpperCase" => text.to_uppercase(),
        "repeat" => {
            let times = usize::try_from(whole_at(arguments, 0, 0)?).ok()?;
            if text.len().checked_mul(times)? > LONGEST {
                return None;
            }
            text.repeat(times)
        }
        "padStart" | "padEnd" => {
            let wanted = usize::try_from(whole_at(arguments, 0, 0)?).ok().filter(|wanted| *wanted <= LONGEST)?;
            let filler = if arguments.positional.len() > 1 { text_at(arguments, 1)? } else { " ".into() };
            let missing = wanted.saturating_sub(text.chars().count());
            let filling: String = filler.chars().cycle().take(if filler.is_empty() { 0 } else { missing }).collect();
            if name == "padStart" { filling + text } else { text.to_owned() + &filling }
        }
        "italics" => format!("<i>{text}</i>"),
        "bold" => format!("<b>{text}</b>"),
        "fixed" => format!("<tt>{text}</tt>"),
        "link" => format!("<a href=\"{}\">{text}</a>", text_at(arguments, 0)?.replace('"', "&quot;")),
        "fontcolor" | "fontsize" => {
            let value = text_at(arguments, 0).unwrap_or_else(|| "undefined".into());
            format!("<font {}=\"{}\">{text}</font>", &name[4..], value.replace('"', "&quot;"))
        }
        _ => return None,
    }))
}

/// Methods that look for something.
fn searched<'a>(text: &Rc<str>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !matches!(name, "indexOf" | "lastIndexOf" | "includes" | "startsWith" | "endsWith" | "localeCompare") {
        return None;
    }
    let wanted = text_at(arguments, 0)?;
    let view = view(text);
    let from = |missing| whole_at(arguments, 1, missing).map(|at| at.clamp(0, view.len() as i64) as usize);
    let found = |at: Option<usize>| match at {
        Some(byte) => int(view.units_before(byte)),
        None => Shape::Int(-1).into(),
    };
    Some(match name {
        "indexOf" => {
            let from = view.byte_of(from(0)?);
            found(text[from..].find(&*wanted).map(|at| at + from))
        }
        "lastIndexOf" => found(text.rfind(&*wanted)),
        "includes" => truth(text[view.byte_of(from(0)?)..].contains(&*wanted)),
        "startsWith" => truth(text[view.byte_of(from(0)?)..].starts_with(&*wanted)),
        "endsWith" => truth(text[..view.byte_of(from(i64::MAX)?)].ends_with(&*wanted)),
        _ => Shape::Int(match (**text).cmp(&*wanted) {
            std::cmp::Ordering::Less => -1,
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => 1,
        })
        .into(),
    })
}

/// Methods that take or give lists, regular expressions or functions.
fn built<'a>(machine: &mut Machine<'a>, text: &Rc<str>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match name {
        "split" => split(machine, text, arguments),
        "concat" => {
            let mut whole = text.to_string();
            for value in &arguments.positional {
                whole.push_str(&machine.text_with_holes(value));
            }
            (whole.len() <= LONGEST).then(|| patterned(whole))
        }
        "replace" | "replaceAll" => regular::replace(machine, text, name == "replaceAll", arguments),
        "match" => regular::matches(machine, text, argument(arguments, 0)?),
        "matchAll" => regular::all_matches(machine, text, argument(arguments, 0)?),
        "search" => regular::search(text, argument(arguments, 0)?),
        "big" | "small" | "sub" | "sup" | "strike" | "blink" => Some(Value::text(format!("<{name}>{text}</{name}>"))),
        _ => None,
    }
}

fn split<'a>(machine: &mut Machine<'a>, text: &Rc<str>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let most = usize::try_from(whole_at(arguments, 1, MOST_ITEMS as i64)?).ok()?.min(MOST_ITEMS);
    let Some(separator) = argument(arguments, 0).filter(|separator| !matches!(separator.shape, Shape::Null)) else {
        return Some(Value::list(vec![Value::text(text.clone())]));
    };
    if let Some(pattern) = regular::pattern_of(separator) {
        let parts = pattern.regex.split(text).take(most).map(Value::text).collect();
        return Some(Value::list(parts));
    }
    let separator = text_at(arguments, 0)?;
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let parts: Vec<Value<'a>> = if separator.is_empty() {
        let mut buffer = [0; 4];
        text.chars().take(most).map(|one| Value::text(&*one.encode_utf8(&mut buffer))).collect()
    } else {
        text.split(&*separator).take(most).map(Value::text).collect()
    };
    Some(Value::list(parts).with(&taint_of(arguments)))
}

/// Methods on a text of which parts are not known.
pub(super) fn of_pattern<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let text = machine.text_with_holes(receiver);
    match name {
        "toString" | "valueOf" | "trim" | "normalize" => Some(patterned(text)),
        "toLowerCase" => Some(patterned(text.to_lowercase())),
        "toUpperCase" => Some(patterned(text.to_uppercase())),
        "concat" => {
            let mut whole = text;
            for value in &arguments.positional {
                whole.push_str(&machine.text_with_holes(value));
            }
            (whole.len() <= LONGEST).then(|| patterned(whole))
        }
        "replace" | "replaceAll" => {
            let (from, to) = (text_at(arguments, 0)?, text_at(arguments, 1)?);
            if from.contains(HOLE) || from.is_empty() {
                return None;
            }
            Some(patterned(if name == "replace" { text.replacen(&*from, &to, 1) } else { text.replace(&*from, &to) }))
        }
        _ => None,
    }
}
