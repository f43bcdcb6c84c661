//! What PowerShell's operators, casts and .NET methods yield when their arguments are known.

use super::{
    super::{
        Machine,
        value::{Shape, Value},
    },
    Arguments,
};
use crate::{decode, lower::format_text};

/// Longer results are not computed.
const LIMIT: usize = 8 << 20;
/// Longer lists are not made.
const MOST_ITEMS: usize = 200_000;

/// The result of a call of a command, operator or type.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    match api {
        "invoke" => invoke(machine, arguments),
        "pipeline.map" => map(machine, arguments),
        "write-output" => first.or_else(|| stdin(arguments)).cloned(),
        "-f" => {
            let words: Option<Vec<String>> = arguments.positional.iter().map(text_of).collect();
            let words = words?;
            let (format, words) = words.split_first()?;
            format_text(format, words).map(Value::text)
        }
        "-join" => {
            let separator = arguments.positional.get(1).map_or(Some(String::new()), text_of)?;
            let items = list_of(first?)?;
            let texts: Option<Vec<String>> = items.iter().map(text_of).collect();
            Some(Value::text(texts?.join(&separator)))
        }
        "string.join" => {
            let separator = text_of(first?)?;
            let items = list_of(arguments.positional.get(1)?)?;
            let texts: Option<Vec<String>> = items.iter().map(text_of).collect();
            Some(Value::text(texts?.join(&separator)))
        }
        "string.concat" => {
            let texts: Option<Vec<String>> = arguments.positional.iter().map(text_of).collect();
            Some(Value::text(texts?.concat()))
        }
        "string.format" => {
            let words: Option<Vec<String>> = arguments.positional.iter().map(text_of).collect();
            let words = words?;
            let (format, words) = words.split_first()?;
            format_text(format, words).map(Value::text)
        }
        "-split" => split(first?, arguments.positional.get(1)),
        "-replace" => replace(first?, arguments.positional.get(1)?, arguments.positional.get(2)),
        ".." => range(machine, first?.as_int()?, arguments.positional.get(1)?.as_int()?),
        "char" | "convert.tochar" => {
            let code = number_of(first?)?;
            Some(Value::text(char::from_u32(u32::try_from(code).ok()?)?.to_string()))
        }
        "int" | "int32" | "int64" | "long" | "byte" | "uint32" | "uint16" | "int16" => {
            Some(Shape::Int(number_of(first?)?).into())
        }
        "convert.toint32" | "convert.tobyte" | "convert.toint16" | "convert.toint64" | "convert.touint32" => {
            let value = first?;
            match arguments.positional.get(1).and_then(Value::as_int) {
                Some(radix @ (2 | 8 | 16)) => {
                    let text = text_of(value)?;
                    let digits = text.trim().trim_start_matches("0x");
                    i64::from_str_radix(digits, radix as u32).ok().map(|number| Shape::Int(number).into())
                }
                _ => Some(Shape::Int(number_of(value)?).into()),
            }
        }
        "string" | "char[]" | "byte[]" | "object[]" | "string[]" | "int[]" | "array" | "regex" | "scriptblock"
        | "uri" => cast(api, first?),
        "convert.frombase64string" => decoded(machine, "base64", first?, |data| decode::base64_lenient(data, LIMIT)),
        "io.memorystream" | "io.streamreader" | "io.bufferedstream" | "io.stringreader" | "io.binaryreader" => {
            first.filter(|value| value.as_data().is_some()).cloned()
        }
        "io.compression.gzipstream" => decoded(machine, "gzip", first?, |data| decode::gzip(data, LIMIT)),
        "io.compression.deflatestream" => decoded(machine, "deflate", first?, |data| decode::deflate(data, LIMIT)),
        "io.compression.zlibstream" => decoded(machine, "zlib", first?, |data| decode::zlib(data, LIMIT)),
        _ => encoding(api, first),
    }
}

/// The result of a method of a known value.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if let Shape::Function(_) = receiver.shape {
        return matches!(name, "invoke" | "invokereturnasis")
            .then(|| machine.invoke(receiver, None, arguments.clone()));
    }
    if name == "readtoend" {
        return Some(Value::text(String::from_utf8(receiver.as_data()?.to_vec()).ok()?));
    }
    if name == "toarray" {
        return receiver.as_data().is_some().then(|| receiver.clone());
    }
    let argument = |at: usize| arguments.positional.get(at);
    let text = receiver.as_text()?;
    match name {
        "replace" => replace_plain(text, argument(0)?, argument(1)?),
        "tolower" | "tolowerinvariant" => Some(Value::text(text.to_lowercase())),
        "toupper" | "toupperinvariant" => Some(Value::text(text.to_uppercase())),
        "trim" => Some(Value::text(text.trim())),
        "trimstart" => Some(Value::text(text.trim_start())),
        "trimend" => Some(Value::text(text.trim_end())),
        "tostring" | "normalize" => Some(receiver.clone()),
        "tochararray" => characters(text),
        "substring" => {
            let start = usize::try_from(argument(0)?.as_int()?).ok()?;
            let rest = text.chars().skip(start);
            Some(Value::text(match argument(1) {
                Some(length) => rest.take(usize::try_from(length.as_int()?).ok()?).collect::<String>(),
                None => rest.collect(),
            }))
        }
        "remove" => {
            let start = usize::try_from(argument(0)?.as_int()?).ok()?;
            let count = argument(1).map_or(Some(usize::MAX), |count| usize::try_from(count.as_int()?).ok())?;
            let kept = text.chars().take(start).chain(text.chars().skip(start.saturating_add(count)));
            Some(Value::text(kept.collect::<String>()))
        }
        "insert" => {
            let at = usize::try_from(argument(0)?.as_int()?).ok()?;
            let more = argument(1)?.as_text()?;
            let head: String = text.chars().take(at).collect();
            let tail: String = text.chars().skip(at).collect();
            Some(Value::text(head + more + &tail))
        }
        "split" => {
            let separators = text_of(argument(0)?)?;
            let parts: Vec<Value<'a>> = text.split(|one| separators.contains(one)).map(Value::text).collect();
            (parts.len() <= MOST_ITEMS).then(|| Value::list(parts))
        }
        _ => None,
    }
}

/// The value of a property.
pub(super) fn member<'a>(receiver: &Value<'a>, name: &str) -> Option<Value<'a>> {
    match (&receiver.shape, name) {
        (Shape::Text(text), "length") => Some(Shape::Int(text.chars().count() as i64).into()),
        (Shape::List(list), "length" | "count") => Some(Shape::Int(list.borrow().len() as i64).into()),
        _ => None,
    }
}

/// `& $x args`: a block, a command by its name, or a program.
fn invoke<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (callee, rest) = arguments.positional.split_first()?;
    let mut handed = Arguments { positional: rest.to_vec(), named: arguments.named.clone() };
    if matches!(callee.shape, Shape::Function(_)) {
        return Some(machine.invoke(callee, None, handed));
    }
    if matches!(callee.shape, Shape::Api(_) | Shape::Null) && callee.as_text().is_none() {
        return None;
    }
    let name = callee.as_text().map(str::to_ascii_lowercase);
    let name = match name.as_deref().map(str::trim) {
        Some("iex") => "invoke-expression".to_owned(),
        Some("iwr" | "curl" | "wget") => "invoke-webrequest".to_owned(),
        Some("irm") => "invoke-restmethod".to_owned(),
        Some(name) if !name.contains(['\\', '/', '.', ' ']) && !name.is_empty() => name.to_owned(),
        _ => {
            handed.positional = vec![callee.clone(), Value::list(rest.to_vec())];
            "start-process".to_owned()
        }
    };
    Some(machine.invoke(&Value::api(name), None, handed))
}

/// `list | % { ... }`.
fn map<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let block = arguments.all().find(|value| matches!(value.shape, Shape::Function(_)))?.clone();
    let items = list_of(stdin(arguments)?)?;
    if !machine.spend(items.len() as u64 * 4) {
        return None;
    }
    let items = items.into_iter().map(|item| machine.invoke(&block, None, Arguments::of(vec![item]))).collect();
    Some(Value::list(items))
}

fn stdin<'v, 'a>(arguments: &'v Arguments<'a>) -> Option<&'v Value<'a>> {
    arguments.named.iter().find(|(name, _)| &**name == "stdin").map(|(_, value)| value)
}

fn text_of(value: &Value<'_>) -> Option<String> {
    match &value.shape {
        Shape::Text(text) => Some(text.to_string()),
        Shape::Int(number) => Some(number.to_string()),
        Shape::Null => Some(String::new()),
        Shape::List(list) => {
            let list = list.borrow();
            (list.len() <= MOST_ITEMS).then_some(())?;
            let texts: Option<Vec<String>> = list
                .iter()
                .map(|item| if matches!(item.shape, Shape::List(_)) { None } else { text_of(item) })
                .collect();
            Some(texts?.join(" "))
        }
        _ => None,
    }
}

fn number_of(value: &Value<'_>) -> Option<i64> {
    if let Some(number) = value.as_int() {
        return Some(number);
    }
    let text = value.as_text()?;
    let mut all = text.chars();
    match (all.next(), all.next()) {
        // A single letter is its code; digits are a number.
        (Some(one), None) if !one.is_ascii_digit() => Some(i64::from(u32::from(one))),
        _ => match text.trim().strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).ok(),
            None => text.trim().parse().ok(),
        },
    }
}

fn list_of<'a>(value: &Value<'a>) -> Option<Vec<Value<'a>>> {
    match &value.shape {
        Shape::List(list) => {
            let list = list.borrow();
            (list.len() <= MOST_ITEMS).then(|| list.clone())
        }
        Shape::Bytes(bytes) if bytes.len() <= MOST_ITEMS => {
            Some(bytes.iter().map(|byte| Shape::Int(i64::from(*byte)).into()).collect())
        }
        Shape::Text(_) => Some(vec![value.clone()]),
        _ => None,
    }
}

fn characters<'a>(text: &str) -> Option<Value<'a>> {
    (text.len() <= MOST_ITEMS).then(|| Value::list(text.chars().map(|one| Value::text(one.to_string())).collect()))
}

fn cast<'a>(kind: &str, value: &Value<'a>) -> Option<Value<'a>> {
    match kind {
        "string" => text_of(value).map(Value::text),
        "char[]" => match &value.shape {
            Shape::Text(text) => characters(text),
            _ => {
                let letters: Option<Vec<Value<'a>>> = list_of(value)?
                    .iter()
                    .map(|item| Some(Value::text(char::from_u32(u32::try_from(number_of(item)?).ok()?)?.to_string())))
                    .collect();
                letters.map(Value::list)
            }
        },
        "byte[]" => match &value.shape {
            Shape::Bytes(_) => Some(value.clone()),
            _ => {
                let bytes: Option<Vec<u8>> =
                    list_of(value)?.iter().map(|item| u8::try_from(number_of(item)?).ok()).collect();
                bytes.map(Value::bytes)
            }
        },
        _ => Some(value.clone()),
    }
}

fn range<'a>(machine: &mut Machine<'a>, from: i64, to: i64) -> Option<Value<'a>> {
    let count = from.abs_diff(to);
    if count > MOST_ITEMS as u64 || !machine.spend(count / 8) {
        return None;
    }
    let number = |value: i64| Value::from(Shape::Int(value));
    Some(Value::list(if from <= to {
        (from..=to).map(number).collect()
    } else {
        (to..=from).rev().map(number).collect()
    }))
}

fn split<'a>(text: &Value<'a>, separator: Option<&Value<'a>>) -> Option<Value<'a>> {
    let text = text.as_text()?;
    let parts: Vec<Value<'a>> = match separator {
        None => text.split_whitespace().map(Value::text).collect(),
        Some(separator) => {
            let separator = plain_pattern(separator.as_text()?)?;
            if separator.is_empty() {
                return characters(text);
            }
            text.split(&separator).map(Value::text).collect()
        }
    };
    (parts.len() <= MOST_ITEMS).then(|| Value::list(parts))
}

fn replace<'a>(text: &Value<'a>, from: &Value<'a>, to: Option<&Value<'a>>) -> Option<Value<'a>> {
    let from = plain_pattern(from.as_text()?)?;
    let to = to.map_or(Some(""), Value::as_text)?;
    let text = text_of(text)?;
    bounded_replace(&text, &from, to)
}

fn replace_plain<'a>(text: &str, from: &Value<'a>, to: &Value<'a>) -> Option<Value<'a>> {
    bounded_replace(text, &text_of(from)?, &text_of(to)?)
}

fn bounded_replace<'a>(text: &str, from: &str, to: &str) -> Option<Value<'a>> {
    if from.is_empty() || text.len() / from.len() * to.len() > LIMIT {
        return None;
    }
    Some(Value::text(text.replace(from, to)))
}

/// The text that a regular expression without any operators matches.
fn plain_pattern(pattern: &str) -> Option<String> {
    let mut plain = String::new();
    let mut rest = pattern.chars();
    while let Some(one) = rest.next() {
        match one {
            '\\' => match rest.next()? {
                escaped if escaped.is_alphanumeric() => return None,
                escaped => plain.push(escaped),
            },
            '.' | '*' | '+' | '?' | '[' | '(' | '{' | '|' | '^' | '$' => return None,
            _ => plain.push(one),
        }
    }
    Some(plain)
}

/// `[Text.Encoding]::UTF8.GetString(bytes)` and its like.
fn encoding<'a>(api: &str, first: Option<&Value<'a>>) -> Option<Value<'a>> {
    let rest = api.strip_prefix("text.encoding.").or_else(|| api.strip_prefix("text."))?;
    let (name, method) = rest.rsplit_once('.')?;
    let name = name.trim_end_matches("encoding").trim_end_matches("encoding()");
    let value = first?;
    match method {
        "getstring" => {
            let data = match &value.shape {
                Shape::List(_) => match cast("byte[]", value)?.shape {
                    Shape::Bytes(bytes) => bytes.to_vec(),
                    _ => return None,
                },
                _ => value.as_data()?.to_vec(),
            };
            let text = match name {
                "unicode" => decode::utf16(&data, true, LIMIT)?,
                "bigendianunicode" => decode::utf16(&data, false, LIMIT)?,
                _ => data,
            };
            Some(Value::text(String::from_utf8(text).ok()?).with(&value.taint))
        }
        "getbytes" => {
            let text = value.as_text()?;
            Some(match name {
                "unicode" => Value::bytes(text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()),
                _ => Value::bytes(text.as_bytes().to_vec()),
            })
        }
        _ => None,
    }
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
    Some(machine.decoded(name, value, Value::bytes(result)))
}
