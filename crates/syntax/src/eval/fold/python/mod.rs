//! What known functions and methods of Python yield when their arguments are known.

use std::rc::Rc;

use model::{Action, Object, Role};

use super::{
    super::{
        Machine,
        value::{HOLE, Made, Shape, Taint, Value},
    },
    Arguments,
};

mod builtins;
mod collections;
mod decoders;
mod format;
mod marshalled;
mod modules;
mod names;
mod numbers;
mod objects;
mod requests;
mod texts;

pub(crate) use names::{MODULES, is_builtin};

/// No decoder answers with more.
const LIMIT: usize = 16 << 20;
/// Lists that are longer are not computed.
const MOST_ITEMS: usize = 1 << 18;

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if let Some(own) = api.strip_suffix(".__call__") {
        return call(machine, own, arguments);
    }
    if let Some(value) = decoders::call(machine, api, arguments) {
        return Some(value);
    }
    if let Some(value) = requests::call(machine, api, arguments) {
        return Some(value);
    }
    match api.strip_prefix("builtins.") {
        Some(name) => builtins::call(machine, name, arguments),
        None => modules::call(machine, api, arguments),
    }
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if let Some(value) = objects::dunder(machine, receiver, name, arguments) {
        return Some(value);
    }
    match &receiver.shape {
        Shape::Text(text) | Shape::Pattern(text) => texts::method(machine, receiver, &text.clone(), name, arguments),
        Shape::Bytes(bytes) => texts::bytes_method(machine, receiver, &bytes.clone(), name, arguments),
        Shape::List(list) => collections::list_method(machine, receiver, &list.clone(), name, arguments),
        Shape::Map(map) => collections::map_method(machine, receiver, &map.clone(), name, arguments),
        Shape::Int(number) => numbers::method(machine, *number, name, arguments),
        Shape::Made(made) => objects::method(machine, receiver, &made.clone(), name, arguments),
        _ => None,
    }
}

/// The bytes of a known text, byte string or list of bytes.
fn data_of(value: &Value<'_>) -> Option<Vec<u8>> {
    match &value.shape {
        Shape::List(list) => {
            list.borrow().iter().map(|item| item.as_int().and_then(|byte| u8::try_from(byte).ok())).collect()
        }
        _ => value.as_data().map(<[u8]>::to_vec),
    }
}

/// The items of a value over which Python can go.
fn items_of<'a>(machine: &mut Machine<'a>, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
    let items = machine.items_of(value)?;
    (items.len() <= MOST_ITEMS && machine.spend(items.len() as u64 / 2)).then_some(items)
}

/// A text with its unknown parts: a whole text, a pattern, or nothing when no part of it is known.
fn text_value<'a>(text: String) -> Value<'a> {
    if !text.contains(HOLE) {
        Value::text(text)
    } else if text.chars().all(|one| one == HOLE) {
        Value::default()
    } else {
        Shape::Pattern(Rc::from(text)).into()
    }
}

fn null<'a>() -> Option<Value<'a>> {
    Some(Shape::Null.into())
}

fn int<'a>(number: impl TryInto<i64>) -> Option<Value<'a>> {
    number.try_into().ok().map(|number| Shape::Int(number).into())
}

fn truth<'a>(truth: bool) -> Option<Value<'a>> {
    Some(Shape::Bool(truth).into())
}

/// The result of a call to something outside, made by us.
fn made<'a>(name: &str, arguments: Arguments<'a>) -> Value<'a> {
    Shape::Made(Rc::new(Made { name: name.into(), arguments })).into()
}

/// Notes that a decoder was applied, under the name by which the table of effects has noted it already, and answers the
/// result with that as its source.
fn decoded<'a>(
    machine: &mut Machine<'a>,
    api: &str,
    decoder: &str,
    input: &Value<'a>,
    result: Option<Vec<u8>>,
) -> Option<Value<'a>> {
    let result = result?;
    if !machine.spend((input.as_data().map_or(0, <[u8]>::len) + result.len()) as u64 / 64) {
        return None;
    }
    Some(mark_decoded(machine, api, decoder, input, Value::bytes(result)))
}

fn mark_decoded<'a>(
    machine: &mut Machine<'a>,
    api: &str,
    decoder: &str,
    input: &Value<'a>,
    result: Value<'a>,
) -> Value<'a> {
    let action = match decoder {
        "fernet" | "aes" | "rc4" | "xor" => Action::DataDecrypt,
        _ => Action::DataDecode,
    };
    let here = machine.here;
    let Some(id) = machine.record(action, Object::constant(decoder), api, here) else {
        return machine.decoded(decoder, input, result);
    };
    machine.recorder.flag(id, "folded");
    machine.recorder.flow(&input.taint, id, Role::Data);
    result.with(&input.taint.clone().and(&Taint::of(id)))
}
