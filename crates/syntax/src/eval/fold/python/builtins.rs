//! The builtin functions.

use super::{
    Arguments, MOST_ITEMS, Machine, Shape, Value, collections, data_of, format, int, items_of, numbers, objects,
    text_value, texts, truth,
};
use crate::{
    Language,
    eval::value::Map,
    ir::{BinaryOp, Expr, ExprKind, StmtKind},
    nesting,
};

pub(super) fn call<'a>(machine: &mut Machine<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if let Some((class, method)) = name.split_once('.') {
        return class_call(machine, class, method, arguments);
    }
    let first = arguments.positional.first();
    match name {
        "chr" | "unichr" => texts::character(first?.as_int()?),
        "ord" => match &first?.shape {
            Shape::Bytes(bytes) => int(*bytes.first()?),
            _ => int(u32::from(first?.as_text()?.chars().next()?)),
        },
        "hex" | "oct" | "bin" => numbers::spelled(machine, first?, name),
        "abs" => match first?.shape {
            Shape::Float(number) => Some(Shape::Float(number.abs()).into()),
            _ => int(first?.as_int()?.checked_abs()?),
        },
        "round" => match first?.shape {
            Shape::Float(number) if arguments.positional.len() == 1 => int(number.round() as i64),
            _ => int(first?.as_int()?),
        },
        "pow" => numbers::power(arguments),
        "divmod" => {
            let (left, right) = (first?, arguments.positional.get(1)?);
            let quotient = machine.operate(BinaryOp::FloorDivide, left, right);
            let rest = machine.operate(BinaryOp::Remainder, left, right);
            Some(Value::list(vec![quotient, rest]))
        }
        "int" | "long" => numbers::int_of(arguments),
        "float" => match &first?.shape {
            Shape::Int(number) => Some(Shape::Float(*number as f64).into()),
            Shape::Float(_) => first.cloned(),
            _ => first?.as_text()?.trim().parse().ok().map(|number| Shape::Float(number).into()),
        },
        "bool" => truth(first?.truth()?),
        "len" => int(length(first?)?),
        "str" | "unicode" => text_of(machine, arguments),
        "repr" | "ascii" => objects::representation(first?).map(Value::text),
        "format" => {
            let spec = arguments.get(1, "").and_then(Value::as_text).unwrap_or_default().to_owned();
            Some(text_value(format::formatted(machine, first?, &spec)))
        }
        "bytes" => bytes_of(machine, arguments).map(Value::bytes),
        "bytearray" => {
            let bytes = bytes_of(machine, arguments)?;
            (bytes.len() <= MOST_ITEMS && machine.spend(bytes.len() as u64)).then(|| numbers_of(&bytes))
        }
        "memoryview" | "iter" | "copyright" => first.cloned(),
        "list" | "tuple" | "set" | "frozenset" => match first {
            None => Some(Value::list(Vec::new())),
            Some(first) => Some(Value::list(items_of(machine, first)?)),
        },
        "dict" => dictionary(machine, arguments),
        "range" | "xrange" => numbers::range(machine, arguments),
        "eval" => evaluate(machine, first?.as_text()?, 0),
        "vars" | "type" | "globals" | "locals" => None,
        _ => collections::call(machine, name, arguments),
    }
}

/// `str.join(",", parts)`, `bytes.fromhex(x)`, `oct.__str__()`.
fn class_call<'a>(
    machine: &mut Machine<'a>,
    class: &str,
    method: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match (class, method) {
        (_, "__str__" | "__repr__") if arguments.positional.is_empty() => {
            objects::name_of_builtin(class).map(Value::text)
        }
        ("int", "from_bytes") => numbers::from_bytes(arguments),
        ("str" | "bytes" | "bytearray" | "unicode", "maketrans") => texts::make_table(arguments),
        ("dict", "fromkeys") => {
            let value = arguments.positional.get(1).cloned().unwrap_or_else(|| Shape::Null.into());
            let keys = items_of(machine, arguments.positional.first()?)?;
            let pairs = keys.iter().filter_map(|key| Some((collections::key_of(key)?, value.clone())));
            Some(Value::map(pairs.collect()))
        }
        ("str" | "bytes" | "bytearray" | "unicode" | "list" | "dict" | "int" | "tuple" | "set", _) => {
            let mut rest = arguments.clone();
            if rest.positional.is_empty() {
                return None;
            }
            let receiver = rest.positional.remove(0);
            super::method(machine, &receiver, method, &rest)
        }
        _ => None,
    }
}

pub(super) fn length(value: &Value<'_>) -> Option<usize> {
    match &value.shape {
        Shape::Text(text) => Some(text.chars().count()),
        Shape::Bytes(bytes) => Some(bytes.len()),
        Shape::List(list) => Some(list.borrow().len()),
        Shape::Map(map) => Some(map.borrow().len()),
        _ => None,
    }
}

fn text_of<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let Some(first) = arguments.positional.first() else { return Some(Value::text("")) };
    match &first.shape {
        Shape::Text(_) | Shape::Pattern(_) => Some(first.clone()),
        Shape::Bytes(bytes) => match arguments.get(1, "encoding") {
            Some(encoding) => texts::decode_bytes(bytes, encoding.as_text()?).map(Value::text),
            None => objects::representation(first).map(Value::text),
        },
        Shape::Made(_) => {
            let text = machine.text_with_holes(first);
            (!text.contains(super::HOLE)).then(|| Value::text(text))
        }
        _ => objects::representation(first).map(Value::text),
    }
}

fn bytes_of<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Vec<u8>> {
    let Some(first) = arguments.positional.first() else { return Some(Vec::new()) };
    match &first.shape {
        Shape::Text(text) => {
            texts::encode_text(text, arguments.get(1, "encoding").and_then(Value::as_text).unwrap_or("utf-8"))
        }
        Shape::Int(count) => (0..=1 << 20).contains(count).then(|| vec![0; *count as usize]),
        Shape::List(list) if !machine.spend(list.borrow().len() as u64 / 2) => None,
        _ => data_of(first),
    }
}

/// A `bytearray` is a list of numbers, since code writes into it.
fn numbers_of<'a>(bytes: &[u8]) -> Value<'a> {
    Value::list(bytes.iter().map(|byte| Shape::Int((*byte).into()).into()).collect())
}

fn dictionary<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut map = Map::default();
    match arguments.positional.first() {
        None => {}
        Some(Value { shape: Shape::Map(old), .. }) => map.extend(old.borrow().clone()),
        Some(pairs) => {
            for pair in items_of(machine, pairs)? {
                let [key, value]: [Value<'a>; 2] = items_of(machine, &pair)?.try_into().ok()?;
                map.insert(collections::key_of(&key)?, value);
            }
        }
    }
    map.extend(arguments.named.iter().map(|(name, value)| (name.clone(), value.clone())));
    Some(Value::map(map))
}

/// `eval` of a name or constant: what it yields without running anything. The text itself is read as a layer by the machine.
pub(super) fn evaluate<'a>(machine: &mut Machine<'a>, text: &str, depth: u32) -> Option<Value<'a>> {
    let nested = nesting::depth(text, Language::Python) > nesting::MOST;
    if nested || text.len() > 1 << 20 || !machine.spend(text.len() as u64 / 4) {
        return None;
    }
    let text: &'a str = machine.arena.alloc_str(text.trim());
    let lowered = crate::lower::lower(machine.arena, Language::Python, text, machine.budget.careful);
    let [only] = lowered.body else { return None };
    // A text that stands alone is dropped as a comment, so it comes as an empty block.
    let StmtKind::Expr(expr) = &only.kind else { return quoted(machine, text) };
    value_of(machine, expr, depth)
}

/// The value of an expression that only names, computes, or looks things up by name.
fn value_of<'a>(machine: &mut Machine<'a>, expr: &'a Expr<'a>, depth: u32) -> Option<Value<'a>> {
    const HARMLESS: &[&str] = &["__import__", "chr", "compile", "getattr", "globals", "locals", "ord", "str", "vars"];
    if depth > 16 {
        return None;
    }
    match expr.kind {
        ExprKind::Call(call) => {
            let callee = value_of(machine, &call.callee, depth + 1)?;
            let api = callee.api_name()?.clone();
            let mut given = Vec::with_capacity(call.arguments.len());
            for argument in call.arguments {
                given.push(value_of(machine, &argument.value, depth + 1)?);
            }
            let name = api.strip_prefix("builtins.")?;
            if name == "eval" {
                return evaluate(machine, given.first()?.as_text()?, depth + 1);
            }
            let here = machine.here;
            let arguments = Arguments::of(given);
            HARMLESS.contains(&name).then(|| machine.call_outside(&api, None, &arguments, here, None))
        }
        ExprKind::Member(object, name) => {
            let holder = value_of(machine, object, depth + 1)?;
            Some(machine.member_value(&holder, name, expr.span, false))
        }
        ExprKind::Index(object, Expr { kind: ExprKind::Text(name), .. }) => {
            let holder = value_of(machine, object, depth + 1)?;
            Some(machine.member_value(&holder, name, expr.span, true))
        }
        _ => is_plain(expr, 0).then(|| machine.eval_quietly(expr)),
    }
}

fn quoted<'a>(machine: &mut Machine<'a>, text: &'a str) -> Option<Value<'a>> {
    if !text.ends_with(['"', '\'']) {
        return None;
    }
    let wrapped: &'a str = machine.arena.alloc_str(&format!("({text},)"));
    let lowered = crate::lower::lower(machine.arena, Language::Python, wrapped, machine.budget.careful);
    let [only] = lowered.body else { return None };
    match &only.kind {
        StmtKind::Expr(Expr { kind: ExprKind::List([one]), .. }) if is_plain(one, 0) => Some(machine.eval_quietly(one)),
        _ => None,
    }
}

/// Whether an expression only names and computes.
fn is_plain(expr: &Expr<'_>, depth: u32) -> bool {
    let below = |expr: &Expr<'_>| is_plain(expr, depth + 1);
    depth < 64
        && match expr.kind {
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_) => true,
            ExprKind::Bytes(_) | ExprKind::Name(_) => true,
            ExprKind::Member(object, _) => below(object),
            ExprKind::Unary(_, operand) => below(operand),
            ExprKind::Binary(_, left, right) => below(left) && below(right),
            ExprKind::Index(object, index) => below(object) && below(index),
            ExprKind::List(items) => items.iter().all(below),
            ExprKind::Map(pairs) => pairs.iter().all(|(key, value)| below(key) && below(value)),
            _ => false,
        }
}
