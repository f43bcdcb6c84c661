//! What Ruby's functions and methods yield when their arguments are known.

use super::{
    super::{
        Machine,
        value::{Shape, Value},
    },
    Arguments,
};
use crate::decode;

/// Longer results are not computed.
const LIMIT: usize = 8 << 20;
/// Longer lists are not made.
const MOST_ITEMS: usize = 200_000;

/// The result of a function of a module.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first()?;
    match api {
        "Base64.decode64" | "Base64.strict_decode64" | "Base64.urlsafe_decode64" => {
            decoded(machine, "base64", first, |data| decode::base64_lenient(data, LIMIT))
        }
        "Zlib.Inflate.inflate" | "Zlib.inflate" => decoded(machine, "zlib", first, |data| decode::inflate(data, LIMIT)),
        "Zlib.gunzip" => decoded(machine, "gzip", first, |data| decode::gzip(data, LIMIT)),
        "URI.decode_www_form_component" | "CGI.unescape" | "URI.unescape" | "URI.decode" => {
            decoded(machine, "percent", first, |data| decode::percent(data, LIMIT))
        }
        "StringIO" | "String" => first.as_data().is_some().then(|| first.clone()),
        "Integer" => Some(Shape::Int(first.as_text()?.trim().parse().ok()?).into()),
        "File.join" => {
            let parts: Option<Vec<&str>> = arguments.positional.iter().map(Value::as_text).collect();
            Some(Value::text(parts?.join("/")))
        }
        "Array" | "Kernel.Array" => matches!(first.shape, Shape::List(_)).then(|| first.clone()),
        _ => None,
    }
}

/// The result of a method of a known value.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if matches!(
        name,
        "freeze"
            | "dup"
            | "clone"
            | "itself"
            | "to_s"
            | "to_str"
            | "force_encoding"
            | "encode"
            | "b"
            | "unicode_normalize"
    ) && matches!(receiver.shape, Shape::Text(_) | Shape::Bytes(_))
    {
        return Some(receiver.clone());
    }
    match &receiver.shape {
        Shape::Text(_) | Shape::Bytes(_) if matches!(name, "unpack1" | "unpack") => {
            unpack(machine, receiver, name, arguments)
        }
        Shape::Text(text) => text_method(text, name, arguments),
        Shape::List(_) => list_method(machine, receiver, name, arguments),
        Shape::Int(number) => match name {
            "chr" => Some(Value::text(char::from_u32(u32::try_from(*number).ok()?)?.to_string())),
            "to_s" => {
                let radix = arguments.positional.first().map_or(Some(10), Value::as_int)?;
                match radix {
                    10 => Some(Value::text(number.to_string())),
                    16 => Some(Value::text(format!("{number:x}"))),
                    2 => Some(Value::text(format!("{number:b}"))),
                    _ => None,
                }
            }
            "to_i" | "ord" => Some(receiver.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn text_method<'a>(text: &str, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let argument = |at: usize| arguments.positional.get(at);
    Some(match name {
        "reverse" => Value::text(text.chars().rev().collect::<String>()),
        "strip" => Value::text(text.trim()),
        "lstrip" => Value::text(text.trim_start()),
        "rstrip" | "chomp" => Value::text(text.trim_end()),
        "upcase" => Value::text(text.to_uppercase()),
        "downcase" => Value::text(text.to_lowercase()),
        "swapcase" => {
            let swap =
                |one: char| if one.is_ascii_uppercase() { one.to_ascii_lowercase() } else { one.to_ascii_uppercase() };
            Value::text(text.chars().map(swap).collect::<String>())
        }
        "to_sym" | "intern" => Value::text(text),
        "length" | "size" => Shape::Int(text.chars().count() as i64).into(),
        "ord" => Shape::Int(i64::from(u32::from(text.chars().next()?))).into(),
        "hex" => Shape::Int(i64::from_str_radix(text.trim().trim_start_matches("0x"), 16).ok()?).into(),
        "oct" => Shape::Int(i64::from_str_radix(text.trim(), 8).ok()?).into(),
        "to_i" => {
            let radix = argument(0).map_or(Some(10), Value::as_int)?;
            let radix = u32::try_from(radix).ok().filter(|radix| (2..=36).contains(radix))?;
            Shape::Int(i64::from_str_radix(text.trim(), radix).ok()?).into()
        }
        "chars" | "each_char" => list(text.chars().map(|one| Value::text(one.to_string())))?,
        "bytes" | "each_byte" => list(text.bytes().map(|byte| Shape::Int(i64::from(byte)).into()))?,
        "lines" => list(text.split_inclusive('\n').map(Value::text))?,
        "split" => match argument(0) {
            None => list(text.split_whitespace().map(Value::text))?,
            Some(separator) => match separator.as_text()? {
                "" => list(text.chars().map(|one| Value::text(one.to_string())))?,
                " " => list(text.split_whitespace().map(Value::text))?,
                separator => list(text.split(separator).map(Value::text))?,
            },
        },
        "gsub" | "sub" => {
            let (from, to) = (argument(0)?.as_text()?, argument(1)?.as_text()?);
            if from.is_empty() || text.len() / from.len() * to.len() > LIMIT {
                return None;
            }
            Value::text(if name == "gsub" { text.replace(from, to) } else { text.replacen(from, to, 1) })
        }
        "delete" => {
            let letters = set(argument(0)?.as_text()?)?;
            Value::text(text.chars().filter(|one| !letters.contains(one)).collect::<String>())
        }
        "tr" => {
            let (from, to) = (set(argument(0)?.as_text()?)?, set(argument(1)?.as_text()?)?);
            let last = to.last().copied()?;
            let swap = |one: char| {
                from.iter().position(|other| *other == one).map_or(one, |at| to.get(at).copied().unwrap_or(last))
            };
            Value::text(text.chars().map(swap).collect::<String>())
        }
        "slice" => {
            let start = usize::try_from(argument(0)?.as_int()?).ok()?;
            let length = argument(1).map_or(Some(1), Value::as_int)?;
            Value::text(text.chars().skip(start).take(usize::try_from(length).ok()?).collect::<String>())
        }
        "concat" | "<<" => {
            let more = argument(0)?;
            match more.as_int() {
                Some(code) => Value::text(format!("{text}{}", char::from_u32(u32::try_from(code).ok()?)?)),
                None => Value::text(format!("{text}{}", more.as_text()?)),
            }
        }
        "read" => Value::text(text),
        _ => return None,
    })
}

fn list_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let Shape::List(items) = &receiver.shape else { return None };
    let items = items.borrow().clone();
    if items.len() > MOST_ITEMS || !machine.spend(items.len() as u64) {
        return None;
    }
    let first = arguments.positional.first();
    match name {
        "join" => {
            let separator = first.map_or(Some(""), Value::as_text)?;
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| match &item.shape {
                    Shape::Text(text) => Some(text.to_string()),
                    Shape::Int(number) => Some(number.to_string()),
                    _ => None,
                })
                .collect();
            Some(Value::text(texts?.join(separator)))
        }
        "reverse" => Some(Value::list(items.into_iter().rev().collect())),
        "first" if first.is_none() => items.first().cloned(),
        "last" if first.is_none() => items.last().cloned(),
        "to_a" | "flatten" | "compact" => Some(receiver.clone()),
        "length" | "size" | "count" if first.is_none() => Some(Shape::Int(items.len() as i64).into()),
        "map" | "collect" | "each" | "flat_map" => {
            let block = arguments.positional.last()?.clone();
            let results: Option<Vec<Value<'a>>> = items
                .into_iter()
                .map(|item| match &block.shape {
                    Shape::Function(_) => Some(machine.invoke(&block, None, Arguments::of(vec![item]))),
                    // `map(&:chr)`.
                    Shape::Text(name) => method(machine, &item, &name.clone(), &Arguments::default()),
                    _ => None,
                })
                .collect();
            results.map(Value::list)
        }
        "pack" => pack(machine, receiver, &items, first?.as_text()?),
        _ => None,
    }
}

/// `[...].pack("c*")`: numbers to bytes; `pack("m")` and `pack("H*")` of a text.
fn pack<'a>(machine: &mut Machine<'a>, receiver: &Value<'a>, items: &[Value<'a>], format: &str) -> Option<Value<'a>> {
    match format.trim_end_matches('*') {
        "c" | "C" => {
            let bytes: Option<Vec<u8>> = items.iter().map(|item| Some(item.as_int()? as u8)).collect();
            bytes.map(known)
        }
        "U" => {
            let letters: Option<String> =
                items.iter().map(|item| char::from_u32(u32::try_from(item.as_int()?).ok()?)).collect();
            letters.map(Value::text)
        }
        "H" => {
            let value = Value { shape: items.first()?.shape.clone(), taint: receiver.taint.clone() };
            decoded(machine, "hex", &value, |data| decode::base16(data, LIMIT))
        }
        _ => None,
    }
}

/// `text.unpack1("m")`.
fn unpack<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let format = arguments.positional.first()?.as_text()?.to_owned();
    let value = match format.as_str() {
        "m" | "m0" | "m*" => decoded(machine, "base64", receiver, |data| decode::base64_lenient(data, LIMIT))?,
        "u" => decoded(machine, "uu", receiver, |data| decode::uu(data, LIMIT))?,
        "C*" | "c*" | "U*" => return list(receiver.as_data()?.iter().map(|byte| Shape::Int(i64::from(*byte)).into())),
        _ => return None,
    };
    Some(if name == "unpack" { Value::list(vec![value]) } else { value })
}

/// Decoded bytes are text again, when they can be.
fn known<'a>(data: Vec<u8>) -> Value<'a> {
    match String::from_utf8(data) {
        Ok(text) => Value::text(text),
        Err(error) => Value::bytes(error.into_bytes()),
    }
}

fn list<'a>(items: impl Iterator<Item = Value<'a>>) -> Option<Value<'a>> {
    let items: Vec<Value<'a>> = items.take(MOST_ITEMS + 1).collect();
    (items.len() <= MOST_ITEMS).then(|| Value::list(items))
}

/// The letters of a set such as `a-z`.
fn set(text: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = text.chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
    if letters.first() == Some(&'^') && letters.len() > 1 {
        return None;
    }
    while at < letters.len() {
        if let [from, '-', to, ..] = letters[at..] {
            if (to as u32).checked_sub(from as u32)? > 512 {
                return None;
            }
            all.extend(from..=to);
            at += 3;
        } else {
            all.push(letters[at]);
            at += 1;
        }
    }
    Some(all)
}

fn decoded<'a>(
    machine: &mut Machine<'a>,
    name: &str,
    value: &Value<'a>,
    decoder: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Option<Value<'a>> {
    let data = value.as_data()?;
    if !machine.spend(data.len() as u64 / 16) {
        return None;
    }
    let result = decoder(data)?;
    Some(machine.decoded(name, value, known(result)))
}
