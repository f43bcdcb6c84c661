//! What shell commands print when their arguments are known. The names of the arguments are those of the lowering.

use super::{
    super::{Machine, value::Value},
    Arguments,
};
use crate::{decode, lower::unescape_ansi};

/// Longer results are not computed.
const LIMIT: usize = 8 << 20;

/// The output of a command.
pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "echo" | "print" => echo(arguments),
        "printf" => printf(arguments),
        "cat-input" | "tee" | "dd" => input(arguments).cloned().filter(|value| value.as_data().is_some()),
        "base64" | "base32" | "basenc" if has(arguments, "decode") => {
            let name = if api == "base32" { "base32" } else { "base64" };
            decoded(machine, name, arguments, |data| match name {
                "base32" => decode::base32(data.trim_ascii(), LIMIT),
                _ => decode::base64_lenient(data, LIMIT),
            })
        }
        "openssl-base64" | "openssl-enc"
            if has(arguments, "decode") && (api == "openssl-base64" || is_plain(arguments)) =>
        {
            decoded(machine, "base64", arguments, |data| decode::base64_lenient(data, LIMIT))
        }
        "xxd" if has(arguments, "decode") => decoded(machine, "hex", arguments, |data| {
            let digits: Vec<u8> = data.iter().copied().filter(u8::is_ascii_hexdigit).collect();
            decode::base16(&digits, LIMIT)
        }),
        "gunzip" | "zcat" | "gzcat" => decoded(machine, "gzip", arguments, |data| decode::gzip(data, LIMIT)),
        "gzip" if has(arguments, "decode") => decoded(machine, "gzip", arguments, |data| decode::gzip(data, LIMIT)),
        "bunzip2" | "bzcat" => decoded(machine, "bzip2", arguments, |data| decode::bz2(data, LIMIT)),
        "unxz" | "xzcat" => decoded(machine, "xz", arguments, |data| decode::xz(data, LIMIT)),
        "rev-input" => {
            let text = text_of(input(arguments)?)?;
            let lines: Vec<String> = text.lines().map(|line| line.chars().rev().collect()).collect();
            Some(Value::text(lines.join("\n")))
        }
        "tr" => translate(arguments),
        "decode-encoded-command" => {
            let value = arguments.positional.first()?;
            let result = decode::powershell_command(value.as_data()?, LIMIT)?;
            let value = value.clone();
            Some(machine.decoded("base64", &value, bytes(result)))
        }
        "replace-all" | "replace-first" => {
            let [text, from, to] = arguments.positional.as_slice() else { return None };
            let (text, from, to) = (text.as_text()?, from.as_text()?, to.as_text()?);
            if from.is_empty() || text.len() / from.len() * to.len() > LIMIT {
                return None;
            }
            Some(Value::text(if api == "replace-all" { text.replace(from, to) } else { text.replacen(from, to, 1) }))
        }
        _ => None,
    }
}

fn input<'v, 'a>(arguments: &'v Arguments<'a>) -> Option<&'v Value<'a>> {
    let named = |name: &str| arguments.named.iter().find(|(own, _)| &**own == name).map(|(_, value)| value);
    named("stdin").or_else(|| named("data")).filter(|_| named("path").is_none_or(|path| path.as_text() == Some("-")))
}

fn has(arguments: &Arguments<'_>, name: &str) -> bool {
    arguments.named.iter().any(|(own, _)| &**own == name)
}

/// `openssl enc -d -a` without a cipher or key only decodes.
fn is_plain(arguments: &Arguments<'_>) -> bool {
    has(arguments, "base64") && !has(arguments, "key") && !has(arguments, "iv")
}

fn text_of(value: &Value<'_>) -> Option<String> {
    String::from_utf8(value.as_data()?.to_vec()).ok()
}

/// Decoded bytes are text again in a shell, when they can be.
fn bytes<'a>(data: Vec<u8>) -> Value<'a> {
    match String::from_utf8(data) {
        Ok(text) => Value::text(text),
        Err(error) => Value::bytes(error.into_bytes()),
    }
}

fn decoded<'a>(
    machine: &mut Machine<'a>,
    name: &str,
    arguments: &Arguments<'a>,
    decoder: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
) -> Option<Value<'a>> {
    let value = input(arguments)?.clone();
    let data = value.as_data()?;
    if !machine.spend(data.len() as u64 / 16) {
        return None;
    }
    let result = decoder(data)?;
    Some(machine.decoded(name, &value, bytes(result)))
}

/// The words with blanks between them. A text of which parts are unknown is left to the machine.
fn echo<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let words: Option<Vec<&str>> = arguments.positional.iter().map(Value::as_text).collect();
    let line = words?.join(" ");
    Some(Value::text(if has(arguments, "escapes") { unescape_ansi(&line) } else { line }))
}

/// `printf format words`: `%s`, `%b`, `%d` and `%%`.
fn printf<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (format, words) = arguments.positional.split_first()?;
    let format = unescape_ansi(format.as_text()?);
    let mut words = words.iter();
    let mut printed = String::new();
    let mut rest = format.chars();
    while let Some(one) = rest.next() {
        if one != '%' {
            printed.push(one);
            continue;
        }
        match rest.next()? {
            '%' => printed.push('%'),
            's' | 'd' => printed.push_str(words.next().map_or(Some(""), Value::as_text)?),
            'b' => printed.push_str(&unescape_ansi(words.next().map_or(Some(""), Value::as_text)?)),
            _ => return None,
        }
    }
    Some(Value::text(printed))
}

/// `tr from to`: ranges of letters; `tr -d set` deletes.
fn translate<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let text = text_of(input(arguments)?)?;
    let named =
        |name: &str| arguments.named.iter().find(|(own, _)| &**own == name).and_then(|(_, value)| value.as_text());
    let from = set(named("from")?)?;
    if let Some(to) = named("to") {
        let to = set(to)?;
        let last = *to.last()?;
        let swap = |one: char| match from.iter().position(|other| *other == one) {
            Some(at) => to.get(at).copied().unwrap_or(last),
            None => one,
        };
        return Some(Value::text(text.chars().map(swap).collect::<String>()));
    }
    if has(arguments, "delete") {
        return Some(Value::text(text.chars().filter(|one| !from.contains(one)).collect::<String>()));
    }
    None
}

/// The letters of a set such as `A-Za-z`.
fn set(text: &str) -> Option<Vec<char>> {
    let letters: Vec<char> = unescape_ansi(text).chars().collect();
    let mut all = Vec::new();
    let mut at = 0;
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
    (!matches!(all.first(), Some('['))).then_some(all)
}
