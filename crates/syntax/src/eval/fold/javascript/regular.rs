//! Regular expressions: those that need no looking around and no references back, which are nearly all.

use std::{cell::RefCell, rc::Rc};

use regex::{Captures, Regex, RegexBuilder};

use super::{
    Arguments, LONGEST, MOST_ITEMS, Machine, Map, REGULAR, Shape, Value, argument, int, null, text_at, truth,
    units::view,
};

/// A compiled expression.
#[derive(Clone)]
pub(super) struct Pattern {
    pub regex: Rc<Regex>,
    /// The flag `g`.
    pub all: bool,
}

thread_local! {
    /// The last few expressions: loops use the same ones again and again.
    static KEPT: RefCell<Vec<(String, Option<Rc<Regex>>)>> = const { RefCell::new(Vec::new()) };
}

const MOST_KEPT: usize = 16;
/// No compiled expression may be larger.
const LARGEST: usize = 1 << 20;

/// `RegExp(source, flags)`.
pub(super) fn make<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (source, old) = match argument(arguments, 0).map(|value| &value.shape) {
        Some(Shape::Map(map)) if map.borrow().contains_key(REGULAR) => {
            let map = map.borrow();
            let part = |name: &str| map.get(name).and_then(Value::as_text).map(Rc::<str>::from);
            (part("source")?, part("flags")?)
        }
        _ => (text_at(arguments, 0)?, "".into()),
    };
    let flags = if arguments.positional.len() > 1 { text_at(arguments, 1)? } else { old };
    let mut map = Map::default();
    map.insert(REGULAR.into(), truth(true));
    map.insert("global".into(), truth(flags.contains('g')));
    map.insert("source".into(), Value::text(source));
    map.insert("flags".into(), Value::text(flags));
    map.insert("constructor".into(), Value::api("RegExp"));
    Some(Value::map(map))
}

/// The expression that a value is.
pub(super) fn pattern_of(value: &Value<'_>) -> Option<Pattern> {
    let Shape::Map(map) = &value.shape else { return None };
    let map = map.borrow();
    if !map.contains_key(REGULAR) {
        return None;
    }
    let (source, flags) = (map.get("source")?.as_text()?, map.get("flags")?.as_text()?);
    let key = format!("{flags}/{source}");
    let known = KEPT.with_borrow(|kept| kept.iter().find(|(own, _)| *own == key).map(|(_, regex)| regex.clone()));
    let regex = known.unwrap_or_else(|| {
        let regex = compile(source, flags).map(Rc::new);
        KEPT.with_borrow_mut(|kept| {
            if kept.len() >= MOST_KEPT {
                kept.remove(0);
            }
            kept.push((key, regex.clone()));
        });
        regex
    });
    Some(Pattern { regex: regex?, all: flags.contains('g') })
}

fn compile(source: &str, flags: &str) -> Option<Regex> {
    RegexBuilder::new(&translate(source))
        .case_insensitive(flags.contains('i'))
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .size_limit(LARGEST)
        .dfa_size_limit(LARGEST)
        .nest_limit(64)
        .build()
        .ok()
}

/// The same expression in the words of Rust's.
fn translate(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 8);
    let mut chars = source.chars().peekable();
    let mut class = false;
    while let Some(one) = chars.next() {
        match one {
            '\\' => match chars.next() {
                Some('/') => out.push('/'),
                Some('d') => out.push_str("[0-9]"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('D') if !class => out.push_str("[^0-9]"),
                Some('W') if !class => out.push_str("[^0-9A-Za-z_]"),
                Some('b') if class => out.push_str("\\x08"),
                Some('0') => out.push_str("\\x00"),
                Some(letter) if letter.is_ascii_punctuation() || "DWsSbBnrtfvxuk123456789".contains(letter) => {
                    out.push('\\');
                    out.push(letter);
                }
                Some(other) => out.push(other),
                None => out.push_str("\\\\"),
            },
            '[' if class => out.push_str("\\["),
            '[' => {
                class = true;
                match (chars.next_if_eq(&'^'), chars.next_if_eq(&']')) {
                    (Some(_), Some(_)) => {
                        out.push_str("[\\s\\S]");
                        class = false;
                    }
                    (Some(_), None) => out.push_str("[^"),
                    (None, Some(_)) => {
                        out.push_str("[^\\s\\S]");
                        class = false;
                    }
                    (None, None) => out.push('['),
                }
            }
            ']' if class => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(one);
            }
            '{' if !class => {
                let quantifier =
                    chars.clone().take_while(|one| *one != '}').all(|one| one.is_ascii_digit() || one == ',')
                        && chars.peek().is_some_and(char::is_ascii_digit);
                out.push_str(if quantifier { "{" } else { "\\{" });
            }
            _ => out.push(one),
        }
    }
    out
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "test" | "exec" => {
            let text = text_at(arguments, 0)?;
            if !machine.spend(text.len() as u64 / 8 + 1) {
                return None;
            }
            let pattern = pattern_of(receiver)?;
            if name == "test" {
                return Some(truth(pattern.regex.is_match(&text)));
            }
            // With `g` it goes on from its last place, which nobody keeps here.
            if pattern.all {
                return None;
            }
            Some(pattern.regex.captures(&text).map_or_else(null, |found| groups(&found)))
        }
        "toString" => super::to_js_string(receiver).map(Value::text),
        _ => None,
    }
}

fn groups<'a>(found: &Captures<'_>) -> Value<'a> {
    let parts = found.iter().map(|group| group.map_or_else(null, |group| Value::text(group.as_str())));
    Value::list(parts.collect())
}

pub(super) fn matches<'a>(machine: &mut Machine<'a>, text: &Rc<str>, wanted: &Value<'a>) -> Option<Value<'a>> {
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let Some(pattern) = pattern_of(wanted) else {
        let wanted = wanted.as_text()?;
        let plain = compile(wanted, "")?;
        return Some(plain.captures(text).map_or_else(null, |found| groups(&found)));
    };
    if !pattern.all {
        return Some(pattern.regex.captures(text).map_or_else(null, |found| groups(&found)));
    }
    let found: Vec<Value<'a>> =
        pattern.regex.find_iter(text).take(MOST_ITEMS).map(|found| Value::text(found.as_str())).collect();
    Some(if found.is_empty() { null() } else { Value::list(found) })
}

pub(super) fn all_matches<'a>(machine: &mut Machine<'a>, text: &Rc<str>, wanted: &Value<'a>) -> Option<Value<'a>> {
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let pattern = pattern_of(wanted)?;
    let found = pattern.regex.captures_iter(text).take(MOST_ITEMS).map(|found| groups(&found));
    Some(Value::list(found.collect()))
}

pub(super) fn search<'a>(text: &Rc<str>, wanted: &Value<'a>) -> Option<Value<'a>> {
    let pattern = pattern_of(wanted)?;
    Some(match pattern.regex.find(text) {
        Some(found) => int(view(text).units_before(found.start())),
        None => Shape::Int(-1).into(),
    })
}

/// `text.replace(what, with)`.
pub(super) fn replace<'a>(
    machine: &mut Machine<'a>,
    text: &Rc<str>,
    all: bool,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let what = argument(arguments, 0)?;
    let with = argument(arguments, 1)?.clone();
    if !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let (pattern, all) = match pattern_of(what) {
        Some(pattern) => {
            let all = all || pattern.all;
            (pattern, all)
        }
        None => {
            let what = what.as_text()?;
            (Pattern { regex: Rc::new(Regex::new(&regex::escape(what)).ok()?), all }, all)
        }
    };
    let mut out = String::with_capacity(text.len());
    let mut taint = with.taint.clone();
    let mut last = 0;
    for found in pattern.regex.captures_iter(text).take(if all { MOST_ITEMS } else { 1 }) {
        let whole = found.get(0)?;
        out.push_str(&text[last..whole.start()]);
        last = whole.end();
        match &with.shape {
            Shape::Function(_) | Shape::Api(_) => {
                let new = replaced_by_call(machine, text, &found, &with)?;
                taint.add(&new.taint);
                out.push_str(&machine.text_with_holes(&new));
            }
            Shape::Text(template) => expand(template, &found, text, &mut out),
            Shape::Int(_) | Shape::Float(_) | Shape::Pattern(_) => out.push_str(&machine.text_with_holes(&with)),
            _ => return None,
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    out.push_str(&text[last..]);
    Some(super::patterned(out).with(&taint))
}

fn replaced_by_call<'a>(
    machine: &mut Machine<'a>,
    text: &Rc<str>,
    found: &Captures<'_>,
    with: &Value<'a>,
) -> Option<Value<'a>> {
    if !machine.spend(4) {
        return None;
    }
    let mut values: Vec<Value<'a>> =
        found.iter().map(|group| group.map_or_else(null, |group| Value::text(group.as_str()))).collect();
    let start = found.get(0)?.start();
    // The place is counted out only where that is cheap; hardly anybody asks for it.
    values.push(int(if text.len() < 4096 { view(text).units_before(start) } else { start }));
    values.push(Value::text(text.clone()));
    Some(machine.invoke(with, None, Arguments::of(values)))
}

/// `$1`, `$&`, `$$` and their like.
fn expand(template: &str, found: &Captures<'_>, text: &str, out: &mut String) {
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let whole = found.get(0).map_or(0..0, |whole| whole.range());
        let taken = match behind.as_bytes() {
            [b'$', ..] => {
                out.push('$');
                1
            }
            [b'&', ..] => {
                out.push_str(&text[whole]);
                1
            }
            [b'`', ..] => {
                out.push_str(&text[..whole.start]);
                1
            }
            [b'\'', ..] => {
                out.push_str(&text[whole.end..]);
                1
            }
            [digit @ b'1'..=b'9', ..] if usize::from(digit - b'0') < found.len() => {
                out.push_str(found.get(usize::from(digit - b'0')).map_or("", |group| group.as_str()));
                1
            }
            _ => {
                out.push('$');
                0
            }
        };
        rest = &behind[taken..];
    }
    out.push_str(rest);
}
