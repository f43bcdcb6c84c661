//! Instances of outside classes, special methods, and how things print themselves.

use std::rc::Rc;

use super::{
    Arguments, LIMIT, Machine, Shape, Value, data_of, decoded, decoders, int, made,
    names::{CLASSES, is_builtin},
    numbers,
};
use crate::{
    decode,
    eval::value::Made,
    ir::{BinaryOp, UnaryOp},
};

/// What a value prints as in a list or by `repr`.
pub(super) fn representation(value: &Value<'_>) -> Option<String> {
    spell(value, &mut 4096, 0)
}

/// Lists may hold themselves: both the depth and the number of items are bounded.
fn spell(value: &Value<'_>, left: &mut u32, depth: u32) -> Option<String> {
    *left = left.checked_sub(1).filter(|_| depth < 8)?;
    Some(match &value.shape {
        Shape::Null => "None".to_owned(),
        Shape::Bool(true) => "True".to_owned(),
        Shape::Bool(false) => "False".to_owned(),
        Shape::Int(number) => number.to_string(),
        Shape::Float(number) if number.fract() == 0.0 && number.abs() < 1e16 => format!("{number:.1}"),
        Shape::Float(number) => number.to_string(),
        Shape::Text(text) => quoted(text.chars().map(u32::from), false),
        Shape::Bytes(bytes) => format!("b{}", quoted(bytes.iter().map(|byte| u32::from(*byte)), true)),
        Shape::Api(name) => name_of_builtin(name.strip_prefix("builtins.")?)?,
        Shape::List(list) => {
            let list = list.borrow();
            let items: Option<Vec<String>> = list.iter().map(|item| spell(item, left, depth + 1)).collect();
            format!("[{}]", items?.join(", "))
        }
        _ => return None,
    })
}

fn quoted(codes: impl Iterator<Item = u32>, bytes: bool) -> String {
    let mut out = String::from("'");
    for code in codes {
        match char::from_u32(code) {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\\') => out.push_str("\\\\"),
            Some('\'') => out.push_str("\\'"),
            Some(letter) if code >= 0x20 && code != 0x7F && (code < 0x7F || !bytes) => out.push(letter),
            _ => out.push_str(&format!("\\x{code:02x}")),
        }
    }
    out.push('\'');
    out
}

/// `<built-in function oct>`, `<class 'dict'>`: obfuscators take letters from these.
pub(super) fn name_of_builtin(name: &str) -> Option<String> {
    if CLASSES.contains(&name) {
        Some(format!("<class '{name}'>"))
    } else if is_builtin(name) {
        Some(format!("<built-in function {name}>"))
    } else {
        None
    }
}

/// `a.__add__(b)`, `s.__getitem__(0)`, `x.__str__()`.
pub(super) fn dunder<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let inner = name.strip_prefix("__")?.strip_suffix("__")?;
    let Some(operand) = arguments.positional.first() else {
        return match inner {
            "str" if receiver.as_text().is_some() => Some(receiver.clone()),
            "str" | "repr" => representation(receiver).map(Value::text),
            "len" => int(super::builtins::length(receiver)?),
            "neg" => Some(machine.operate_one(UnaryOp::Negate, receiver)),
            "invert" => Some(machine.operate_one(UnaryOp::BitNot, receiver)),
            "abs" => int(receiver.as_int()?.checked_abs()?),
            "int" | "index" => int(receiver.as_int()?),
            "iter" | "enter" => Some(receiver.clone()),
            _ => None,
        };
    };
    if inner == "getitem" {
        return item(machine, receiver, operand);
    }
    if inner == "contains" {
        let (text, part) = (receiver.as_text()?, operand.as_text()?);
        return super::truth(text.contains(part));
    }
    let known = |value: &Value<'_>| !value.is_unknown();
    let (op, reversed) = operator(inner)?;
    // `%` of texts comes here from the machine itself.
    if !known(receiver) || inner == "mod" && receiver.as_int().is_none() {
        return None;
    }
    let result = if reversed { machine.operate(op, operand, receiver) } else { machine.operate(op, receiver, operand) };
    known(&result).then_some(result)
}

fn operator(name: &str) -> Option<(BinaryOp, bool)> {
    let op = |name: &str| {
        Some(match name {
            "add" | "iadd" | "concat" => BinaryOp::Add,
            "sub" | "isub" => BinaryOp::Subtract,
            "mul" | "imul" => BinaryOp::Multiply,
            "truediv" => BinaryOp::Divide,
            "floordiv" => BinaryOp::FloorDivide,
            "mod" => BinaryOp::Remainder,
            "pow" => BinaryOp::Power,
            "xor" | "ixor" => BinaryOp::BitXor,
            "and" | "iand" | "and_" => BinaryOp::BitAnd,
            "or" | "ior" | "or_" => BinaryOp::BitOr,
            "lshift" => BinaryOp::ShiftLeft,
            "rshift" => BinaryOp::ShiftRight,
            "eq" => BinaryOp::Equal,
            "ne" => BinaryOp::NotEqual,
            "lt" => BinaryOp::Less,
            "le" => BinaryOp::LessEqual,
            "gt" => BinaryOp::Greater,
            "ge" => BinaryOp::GreaterEqual,
            _ => return None,
        })
    };
    op(name).map(|op| (op, false)).or_else(|| op(name.strip_prefix('r')?).map(|op| (op, true)))
}

/// `operator.xor(a, b)` and the like.
pub(super) fn operator_call<'a>(machine: &mut Machine<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let [left, right] = arguments.positional.as_slice() else { return None };
    match name {
        "getitem" => item(machine, left, right),
        _ => {
            let (op, _) = operator(name.trim_matches('_'))?;
            let result = machine.operate(op, left, right);
            (!result.is_unknown()).then_some(result)
        }
    }
}

fn item<'a>(machine: &mut Machine<'a>, holder: &Value<'a>, key: &Value<'a>) -> Option<Value<'a>> {
    match &holder.shape {
        Shape::Map(map) => map.borrow().get(&*super::collections::key_of(key)?).cloned(),
        _ => {
            let items = super::items_of(machine, holder)?;
            let at = key.as_int()?;
            let at = if at < 0 { at + items.len() as i64 } else { at };
            items.get(usize::try_from(at).ok()?).cloned()
        }
    }
}

/// Methods of what an outside constructor made.
pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    made: &Rc<Made<'a>>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let given = |at: usize| made.arguments.positional.get(at);
    match (&*made.name, name) {
        ("builtins.int()", "to_bytes") => numbers::to_bytes(machine, receiver, arguments),
        ("builtins.int()", "bit_length") => {
            let bytes = numbers::big(machine, receiver)?;
            int(bytes.len() * 8 - bytes.first()?.leading_zeros() as usize)
        }
        ("cryptography.fernet.Fernet()", "decrypt") => {
            let token = arguments.get(0, "token")?;
            let plain = decode::fernet(&data_of(made.arguments.get(0, "key")?)?, &data_of(token)?, LIMIT);
            decoded(machine, "cryptography.fernet.Fernet().decrypt", "fernet", token, plain)
        }
        ("Crypto.Cipher.AES.new()", "decrypt" | "decrypt_and_verify") => {
            let input = arguments.positional.first()?;
            let plain = aes(&made.arguments, &data_of(input)?);
            decoded(machine, &format!("Crypto.Cipher.AES.new().{name}"), "aes", input, plain)
        }
        ("Crypto.Cipher.ARC4.new()", "decrypt" | "encrypt") => {
            let input = arguments.positional.first()?;
            let plain = decode::rc4(&data_of(given(0)?)?, &data_of(input)?, LIMIT);
            decoded(machine, "Crypto.Cipher.ARC4.new().decrypt", "rc4", input, plain)
        }
        ("zlib.decompressobj()" | "bz2.BZ2Decompressor()" | "lzma.LZMADecompressor()", "decompress") => {
            decoders::call(machine, &format!("{}.decompress", made.name), arguments)
        }
        ("hashlib.sha256()" | "hashlib.md5()", "digest" | "hexdigest") => {
            let data = data_of(given(0)?)?;
            machine.spend(data.len() as u64 / 16).then(|| digest(&made.name, name, &data))
        }
        ("io.BytesIO()" | "io.StringIO()", "read" | "getvalue" | "getbuffer") => given(0).cloned(),
        ("gzip.GzipFile()", "read") => {
            let Shape::Made(inner) = &made.arguments.get(1, "fileobj")?.shape else { return None };
            let input = inner.arguments.positional.first()?.clone();
            decoders::call(machine, "gzip.decompress", &Arguments::of(vec![input]))
        }
        ("string.Template()", "substitute" | "safe_substitute") => {
            let mut text = given(0)?.as_text()?.to_owned();
            for (name, value) in &arguments.named {
                let value = machine.text_with_holes(value);
                if text.len() > LIMIT || !machine.spend(text.len() as u64 / 16) {
                    return None;
                }
                text = text.replace(&format!("${{{name}}}"), &value).replace(&format!("${name}"), &value);
            }
            Some(super::text_value(text))
        }
        ("pathlib.Path()" | "pathlib.PurePath()", _) => made_path_method(machine, receiver, name, arguments),
        _ => None,
    }
}

fn digest<'a>(kind: &str, name: &str, data: &[u8]) -> Value<'a> {
    use sha2::{Digest, Sha256};
    let digest = match kind {
        "hashlib.sha256()" => Sha256::digest(data).to_vec(),
        _ => md5::Md5::digest(data).to_vec(),
    };
    match name {
        "digest" => Value::bytes(digest),
        _ => Value::text(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
    }
}

/// `AES.new(key, mode, iv).decrypt(data)`.
fn aes(made: &Arguments<'_>, data: &[u8]) -> Option<Vec<u8>> {
    let key = data_of(made.get(0, "key")?)?;
    let mode = made.get(1, "mode")?;
    let mode = match mode.as_int() {
        Some(1) => "ECB",
        Some(2) => "CBC",
        Some(6) => "CTR",
        Some(11) => "GCM",
        Some(8) => "EAX",
        Some(_) => return None,
        None => mode.api_name()?.rsplit('_').next()?,
    };
    let vector = || {
        let named = ["iv", "IV", "nonce"].iter().find_map(|name| made.get(2, name))?;
        data_of(named)
    };
    match mode {
        "ECB" => decode::aes_ecb(&key, data, LIMIT),
        "CBC" => decode::aes_cbc(&key, &vector()?, data, LIMIT),
        "GCM" => decode::aes_gcm(&key, &vector()?, data, LIMIT),
        _ => None,
    }
}

/// Paths are texts here; what only a path has is done by `pathlib.Path`.
pub(super) fn path_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    const OWN: &[&str] = &[
        "read_text",
        "read_bytes",
        "write_text",
        "write_bytes",
        "unlink",
        "rmdir",
        "iterdir",
        "glob",
        "rglob",
        "chmod",
        "rename",
        "touch",
        "symlink_to",
        "open",
    ];
    if !OWN.contains(&name) {
        return None;
    }
    let path = made("pathlib.Path()", Arguments::of(vec![receiver.clone()])).with(&receiver.taint);
    if name == "open" {
        return open(machine, receiver, arguments);
    }
    let here = machine.here;
    Some(machine.call_outside(&Rc::from(format!("pathlib.Path().{name}")), Some(&path), arguments, here, None))
}

fn open<'a>(machine: &mut Machine<'a>, path: &Value<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut arguments = arguments.clone();
    arguments.positional.insert(0, path.clone());
    let here = machine.here;
    Some(machine.call_outside(&Rc::from("builtins.open"), None, &arguments, here, None))
}

fn made_path_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "open" => open(machine, receiver, arguments),
        "joinpath" => {
            let mut parts = vec![receiver.clone()];
            parts.extend(arguments.positional.iter().cloned());
            super::modules::call(machine, "os.path.join", &Arguments::of(parts))
        }
        "resolve" | "absolute" | "expanduser" | "as_posix" | "__enter__" => Some(receiver.clone()),
        _ => None,
    }
}
