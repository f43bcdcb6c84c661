//! What JavaScript's own functions and methods yield.
//!
//! Two shapes stand for things that the values have no shape for: a regular expression is a map with its `source` and `flags`
//! and the key [`REGULAR`]; a method that is not called (`[].flat`) is a map with its `name`, its `constructor` and the key
//! [`NATIVE`].

use std::rc::Rc;

use super::{
    super::{
        Machine,
        value::{HOLE, Map, Shape, Taint, Value},
    },
    Arguments,
};

mod arrays;
mod bytes;
mod functions;
mod json;
mod numbers;
mod objects;
mod paths;
mod regular;
mod texts;
mod units;

pub(super) use json::parse as parse_json;
pub(super) use numbers::to_number;

/// Marks a map as a regular expression.
const REGULAR: &str = "\0regular";
/// Marks a map as a method of the language.
const NATIVE: &str = "\0native";

/// The machine's mark of a map of which not all keys are known.
const OPEN: &str = "\0open";

/// No text or list that is built here is longer.
const LONGEST: usize = 16 << 20;
/// No list that is built here has more items.
const MOST_ITEMS: usize = 1 << 20;

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    bytes::call(machine, api, arguments)
        .or_else(|| texts::call(machine, api, arguments))
        .or_else(|| numbers::call(machine, api, arguments))
        .or_else(|| arrays::call(machine, api, arguments))
        .or_else(|| objects::call(machine, api, arguments))
        .or_else(|| paths::call(machine, api, arguments))
        .or_else(|| functions::call(machine, api, arguments))
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match &receiver.shape {
        Shape::Text(text) => texts::method(machine, text, name, arguments),
        Shape::Pattern(_) => texts::of_pattern(machine, receiver, name, arguments),
        Shape::List(list) => arrays::method(machine, list, receiver, name, arguments),
        Shape::Bytes(bytes) => bytes::method(machine, bytes, receiver, name, arguments),
        Shape::Map(map) if is_marked(map, REGULAR) => regular::method(machine, receiver, name, arguments),
        Shape::Map(map) if is_marked(map, NATIVE) => {
            let method = map.borrow().get("name").and_then(Value::as_text).map(Rc::<str>::from)?;
            functions::native(machine, &method, name, arguments)
        }
        Shape::Map(map) => objects::method(machine, map, receiver, name, arguments),
        Shape::Function(_) | Shape::Class(_) => functions::method(machine, receiver, name, arguments),
        Shape::Int(_) | Shape::Float(_) | Shape::Bool(_) => numbers::method(receiver, name, arguments),
        Shape::Made(made) => {
            let made = made.clone();
            bytes::of_made(machine, &made, receiver, name, arguments)
        }
        _ => None,
    }
}

pub(super) fn member<'a>(_machine: &mut Machine<'a>, receiver: &Value<'a>, name: &str) -> Option<Value<'a>> {
    let constructor = |name: &str| (name == "constructor").then_some(());
    match &receiver.shape {
        Shape::Text(text) => match name {
            "length" => Some(Shape::Int(units::view(text).len() as i64).into()),
            "constructor" => Some(Value::api("String")),
            _ => units::view(text).cut_one(name.parse().ok()?).map(Value::text),
        },
        Shape::List(list) => match name {
            "length" => Some(Shape::Int(list.borrow().len() as i64).into()),
            "constructor" => Some(Value::api("Array")),
            _ if arrays::METHODS.contains(&name) => Some(native(name)),
            _ => {
                let at: usize = name.parse().ok()?;
                Some(list.borrow().get(at).cloned().unwrap_or_else(|| Shape::Null.into()))
            }
        },
        Shape::Bytes(bytes) => match name {
            "length" | "byteLength" => Some(Shape::Int(bytes.len() as i64).into()),
            "buffer" => Some(receiver.clone()),
            "constructor" => Some(Value::api("Buffer")),
            _ => bytes.get(name.parse::<usize>().ok()?).map(|byte| Shape::Int((*byte).into()).into()),
        },
        Shape::Function(closure) => match name {
            "constructor" => Some(Value::api("Function")),
            "name" => Some(Value::text(closure.function.name)),
            "length" => Some(int(closure.function.parameters.len())),
            "prototype" | "caller" | "arguments" | "displayName" => None,
            _ if functions::METHODS.contains(&name) => None,
            _ => Some(null()),
        },
        Shape::Class(_) => constructor(name).map(|()| Value::api("Function")),
        Shape::Int(_) | Shape::Float(_) => constructor(name).map(|()| Value::api("Number")),
        Shape::Bool(_) => constructor(name).map(|()| Value::api("Boolean")),
        Shape::Map(map) => match name {
            "constructor" => Some(Value::api("Object")),
            "size" => Some(Shape::Int(map.borrow().len() as i64).into()),
            "__proto__" | "prototype" => None,
            _ if objects::METHODS.contains(&name) => None,
            // What a whole object does not have is `undefined`.
            _ => (!is_marked(map, OPEN) && !is_marked(map, "__api__")).then(null),
        },
        _ => None,
    }
}

/// A method that is not called.
fn native<'a>(name: &str) -> Value<'a> {
    let mut map = Map::default();
    map.insert(NATIVE.into(), Shape::Bool(true).into());
    map.insert("name".into(), Value::text(name));
    map.insert("constructor".into(), Value::api("Function"));
    Value::map(map)
}

fn is_marked(map: &Rc<std::cell::RefCell<Map<'_>>>, mark: &str) -> bool {
    map.borrow().contains_key(mark)
}

/// The text that JavaScript makes of a value, when it is known.
pub(super) fn to_js_string(value: &Value<'_>) -> Option<String> {
    spell(value, 0)
}

fn spell(value: &Value<'_>, depth: u32) -> Option<String> {
    Some(match &value.shape {
        Shape::Null => "undefined".to_owned(),
        Shape::Bool(truth) => truth.to_string(),
        Shape::Int(number) => number.to_string(),
        Shape::Float(number) => numbers::spell(*number),
        Shape::Text(text) => text.to_string(),
        Shape::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Shape::List(list) => {
            if depth > 16 {
                return None;
            }
            // A list that is being changed with itself as an argument has no text.
            let list = list.try_borrow().ok()?;
            let mut out = String::new();
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if !matches!(item.shape, Shape::Null) {
                    out.push_str(&spell(item, depth + 1)?);
                }
                if out.len() > LONGEST {
                    return None;
                }
            }
            out
        }
        Shape::Map(map) => {
            let map = map.borrow();
            if map.contains_key(NATIVE) {
                format!("function {}() {{ [native code] }}", map.get("name")?.as_text()?)
            } else if map.contains_key(REGULAR) {
                format!("/{}/{}", map.get("source")?.as_text()?, map.get("flags")?.as_text()?)
            } else if map.contains_key("toString") || map.contains_key("valueOf") || map.contains_key("__api__") {
                return None;
            } else {
                "[object Object]".to_owned()
            }
        }
        Shape::Api(name) => match &**name {
            "Number" | "String" | "Array" | "Function" | "Boolean" | "RegExp" | "Object" | "Date" => {
                format!("function {name}() {{ [native code] }}")
            }
            "NaN" | "Infinity" => name.to_string(),
            _ => return None,
        },
        _ => return None,
    })
}

/// A text, with holes where a part of it was not known.
fn patterned<'a>(text: String) -> Value<'a> {
    if text.contains(HOLE) { Shape::Pattern(text.into()).into() } else { Value::text(text) }
}

fn argument<'v, 'a>(arguments: &'v Arguments<'a>, at: usize) -> Option<&'v Value<'a>> {
    arguments.positional.get(at)
}

/// An argument as text. None when it is missing or not known.
fn text_at<'a>(arguments: &Arguments<'a>, at: usize) -> Option<Rc<str>> {
    match &argument(arguments, at)?.shape {
        Shape::Text(text) => Some(text.clone()),
        Shape::Unknown | Shape::Pattern(_) => None,
        _ => to_js_string(argument(arguments, at)?).map(Rc::from),
    }
}

/// A whole number at a place: `missing` when there is none, none when it is not known.
fn whole_at(arguments: &Arguments<'_>, at: usize, missing: i64) -> Option<i64> {
    match argument(arguments, at) {
        None => Some(missing),
        Some(value) if matches!(value.shape, Shape::Null) => Some(missing),
        Some(value) => {
            let number = to_number(value)?;
            Some(if number.is_nan() { 0 } else { number.clamp(-9e15, 9e15) as i64 })
        }
    }
}

/// The place that a relative start or end means in a sequence.
fn place(at: i64, length: usize) -> usize {
    let length = length as i64;
    (if at < 0 { at + length } else { at }).clamp(0, length) as usize
}

fn int<'a>(number: usize) -> Value<'a> {
    Shape::Int(number as i64).into()
}

fn truth<'a>(truth: bool) -> Value<'a> {
    Shape::Bool(truth).into()
}

fn null<'a>() -> Value<'a> {
    Shape::Null.into()
}

/// All sources of the arguments.
fn taint_of(arguments: &Arguments<'_>) -> Taint {
    let mut taint = Taint::default();
    arguments.all().for_each(|value| taint.add(&value.taint));
    taint
}
