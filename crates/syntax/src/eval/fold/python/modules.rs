//! Functions of the standard library that compute.

use rustc_hash::FxHashSet;

use super::{
    Arguments, HOLE, Machine, Shape, Value, builtins, collections, data_of, decoded, items_of, made, numbers, objects,
    text_value, texts,
};
use crate::decode;

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    if let Some(name) = api.strip_prefix("itertools.") {
        return collections::call(machine, name.rsplit('.').next().unwrap_or(name), arguments);
    }
    if let Some(value) = path_call(machine, api, arguments) {
        return Some(value);
    }
    if let Some(name) = api.strip_prefix("operator.") {
        return objects::operator_call(machine, name, arguments);
    }
    match api {
        "functools.reduce" => collections::call(machine, "reduce", arguments),
        "urllib.parse.quote" | "urllib.parse.quote_plus" | "urllib.parse.urljoin" => quote(machine, api, arguments),
        "urllib.parse.urlencode" => {
            let Shape::Map(map) = &first?.shape else { return None };
            let mut pairs: Vec<_> = map.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            pairs.sort_by(|left, right| left.0.cmp(&right.0));
            let words: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{key}={}", machine.text_with_holes(value))).collect();
            Some(text_value(words.join("&")))
        }
        "struct.pack" => numbers::pack(arguments),
        "struct.unpack" => numbers::unpack(arguments),
        "array.array" => match arguments.positional.get(1) {
            Some(items) => Some(Value::list(items_of(machine, items)?)),
            None => Some(Value::list(Vec::new())),
        },
        "collections.deque" | "collections.OrderedDict" | "collections.defaultdict" => match (api, first) {
            ("collections.deque", Some(items)) => Some(Value::list(items_of(machine, items)?)),
            ("collections.deque", None) => Some(Value::list(Vec::new())),
            ("collections.OrderedDict", _) => builtins::call(machine, "dict", arguments),
            _ => builtins::call(machine, "dict", &Arguments::default()),
        },
        "ast.literal_eval" | "json.loads" => builtins::evaluate(machine, first?.as_text()?, 0),
        "json.dumps" => json(first?, &mut 4096, 0).map(Value::text),
        "textwrap.dedent" | "inspect.cleandoc" => dedent(first?.as_text()?),
        "binascii.hexlify" | "binascii.b2a_hex" => {
            let data = data_of(first?)?;
            Some(Value::bytes(data.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()))
        }
        "base64.b64encode" | "base64.urlsafe_b64encode" | "base64.encodebytes" => {
            let data = data_of(first?)?;
            machine.spend(data.len() as u64 / 32).then(|| encode_base64(api, &data))
        }
        "Crypto.Util.Padding.unpad" => decode::unpad(&data_of(first?)?).map(Value::bytes),
        "Crypto.Util.strxor.strxor" => {
            let [left, right] = arguments.positional.as_slice() else { return None };
            let plain = decode::xor(&data_of(right)?, &data_of(left)?, super::LIMIT);
            decoded(machine, api, "xor", left, plain)
        }
        "Crypto.Util.number.long_to_bytes" => numbers::big(machine, first?).map(Value::bytes),
        // Every encoding of letters gives the same bytes for the text that stands before an encoded payload.
        "codecs.getencoder()" => {
            let data = data_of(first?)?;
            let length = Shape::Int(data.len() as i64).into();
            Some(Value::list(vec![Value::bytes(data.to_vec()), length]))
        }
        "re.sub" => substitute(machine, arguments),
        "string.capwords" => super::method(machine, first?, "title", &Arguments::default()),
        "copy.copy" | "copy.deepcopy" | "asyncio.run" | "typing.cast" => first.cloned(),
        _ => None,
    }
}

/// Paths and temporary names.
pub(super) fn path_call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    match api {
        "os.path.join" | "posixpath.join" | "ntpath.join" => {
            let parts: Vec<String> = arguments.positional.iter().map(|part| machine.text_with_holes(part)).collect();
            let (first, rest) = parts.split_first()?;
            Some(text_value(texts::join_paths(first, rest)))
        }
        "os.path.expanduser" | "os.path.expandvars" | "os.path.abspath" | "os.path.realpath" | "os.path.normpath"
        | "os.path.normcase" | "os.fspath" | "os.fsdecode" | "os.fsencode" | "sys.intern" => {
            first.filter(|path| matches!(path.shape, Shape::Text(_) | Shape::Pattern(_))).cloned()
        }
        "os.path.basename" | "os.path.dirname" | "os.path.split" => path_parts(&machine.text_with_holes(first?), api),
        "os.path.splitext" => {
            let path = machine.text_with_holes(first?);
            let dot = path.rfind('.').filter(|dot| !path[*dot..].contains('/') && *dot > 0).unwrap_or(path.len());
            Some(Value::list(vec![text_value(path[..dot].to_owned()), text_value(path[dot..].to_owned())]))
        }
        "pathlib.Path.home" => Some(Value::text("~")),
        "pathlib.Path" | "pathlib.PurePath" if arguments.positional.len() > 1 => {
            let joined = path_call(machine, "os.path.join", arguments)?;
            Some(made("pathlib.Path()", Arguments::of(vec![joined])))
        }
        "tempfile.gettempdir" => Some(Value::text("/tmp")),
        "tempfile.mkdtemp" | "tempfile.mktemp" => {
            let suffix = arguments.get(0, "suffix").map(|suffix| machine.text_with_holes(suffix)).unwrap_or_default();
            let suffix = suffix.trim_matches(HOLE);
            Some(text_value(format!("/tmp/{HOLE}{suffix}")))
        }
        _ => None,
    }
}

fn path_parts<'a>(path: &str, api: &str) -> Option<Value<'a>> {
    let slash = path.rfind(['/', '\\']);
    let (before, after) = match slash {
        Some(0) => ("/", &path[1..]),
        Some(at) => (&path[..at], &path[at + 1..]),
        None => ("", path),
    };
    let (before, after) = (text_value(before.to_owned()), text_value(after.to_owned()));
    Some(match api {
        "os.path.basename" => after,
        "os.path.dirname" => before,
        _ => Value::list(vec![before, after]),
    })
}

fn quote<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = machine.text_with_holes(arguments.positional.first()?);
    if api == "urllib.parse.urljoin" {
        let second = machine.text_with_holes(arguments.positional.get(1)?);
        if second.contains("://") {
            return Some(text_value(second));
        }
        let root = first.find("://").and_then(|at| first[at + 3..].find('/').map(|slash| at + 3 + slash));
        let base = match root {
            Some(root) if second.starts_with('/') => &first[..root],
            Some(_) => &first[..=first.rfind('/')?],
            None => &first,
        };
        return Some(text_value(texts::join_paths(base, &[second.trim_start_matches('/').to_owned()])));
    }
    let mut out = String::with_capacity(first.len());
    for letter in first.chars() {
        match letter {
            HOLE | '/' | '_' | '.' | '-' | '~' => out.push(letter),
            ' ' if api.ends_with("plus") => out.push('+'),
            letter if letter.is_ascii_alphanumeric() => out.push(letter),
            letter => out.extend(letter.to_string().bytes().map(|byte| format!("%{byte:02X}"))),
        }
    }
    Some(text_value(out))
}

/// Lists may hold themselves: both the depth and the number of items are bounded.
fn json(value: &Value<'_>, left: &mut u32, depth: u32) -> Option<String> {
    *left = left.checked_sub(1).filter(|_| depth < 16)?;
    Some(match &value.shape {
        Shape::Null => "null".to_owned(),
        Shape::Bool(truth) => truth.to_string(),
        Shape::Int(number) => number.to_string(),
        Shape::Text(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")),
        Shape::List(list) => {
            let items: Option<Vec<String>> = list.borrow().iter().map(|item| json(item, left, depth + 1)).collect();
            format!("[{}]", items?.join(", "))
        }
        Shape::Map(map) => {
            let map = map.borrow();
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by(|left, right| left.0.cmp(right.0));
            let pairs: Option<Vec<String>> = pairs
                .into_iter()
                .map(|(key, value)| Some(format!("\"{key}\": {}", json(value, left, depth + 1)?)))
                .collect();
            format!("{{{}}}", pairs?.join(", "))
        }
        _ => return None,
    })
}

fn dedent<'a>(text: &str) -> Option<Value<'a>> {
    let margin = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = text.split('\n').map(|line| line.get(margin..).unwrap_or_default()).collect();
    Some(Value::text(lines.join("\n")))
}

fn encode_base64<'a>(api: &str, data: &[u8]) -> Value<'a> {
    use base64::{Engine, engine::general_purpose};
    let text = match api {
        "base64.urlsafe_b64encode" => general_purpose::URL_SAFE.encode(data),
        _ => general_purpose::STANDARD.encode(data),
    };
    Value::bytes(text.into_bytes())
}

/// `re.sub` of a pattern without special characters, or of one that only names a set of characters to drop.
fn substitute<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let [pattern, new, text, ..] = arguments.positional.as_slice() else { return None };
    let (pattern, new, text) = (pattern.as_text()?, new.as_text()?, text.as_text()?);
    if pattern.is_empty() || new.contains('\\') || !machine.spend(text.len() as u64 / 16) {
        return None;
    }
    if !pattern.contains(['\\', '.', '^', '$', '*', '+', '?', '{', '}', '[', ']', '|', '(', ')']) {
        return Some(Value::text(text.replace(pattern, new)));
    }
    let pattern = pattern.trim_end_matches('+');
    let spaces = match pattern {
        r"\s" => true,
        _ => {
            let set = pattern.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'))?;
            if set.contains(['\\', '^', '-', '[', ']']) {
                return None;
            }
            let kept: String = match new {
                "" => {
                    let set: FxHashSet<char> = set.chars().collect();
                    text.chars().filter(|letter| !set.contains(letter)).collect()
                }
                _ => return None,
            };
            return Some(Value::text(kept));
        }
    };
    (spaces && new.is_empty()).then(|| Value::text(text.split_whitespace().collect::<String>()))
}
