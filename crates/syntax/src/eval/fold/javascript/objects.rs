//! Objects.

use std::{cell::RefCell, rc::Rc};

use super::{
    Arguments, MOST_ITEMS, Machine, Map, Shape, Value, argument, bytes, int, json, native, null, text_at, to_js_string,
    truth,
};

/// The methods that an object has.
pub(super) const METHODS: &[&str] = &[
    "clear",
    "constructor",
    "delete",
    "digest",
    "entries",
    "exec",
    "forEach",
    "get",
    "has",
    "hasOwnProperty",
    "keys",
    "propertyIsEnumerable",
    "set",
    "test",
    "toLocaleString",
    "toString",
    "valueOf",
    "values",
];

/// The items of an object that is like a list (`arguments`, `{length: 3}`).
pub(super) fn as_list<'a>(map: &Map<'a>) -> Option<Vec<Value<'a>>> {
    let length = usize::try_from(map.get("length")?.as_int()?).ok().filter(|length| *length <= MOST_ITEMS)?;
    Some((0..length).map(|at| map.get(&*at.to_string()).cloned().unwrap_or_else(null)).collect())
}

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "JSON.parse" => {
            let text = text_at(arguments, 0)?;
            if !machine.spend(text.len() as u64 / 8) {
                return None;
            }
            json::parse(&text)
        }
        "JSON.stringify" => json::write(machine, argument(arguments, 0)?),
        "Object"
        | "structuredClone"
        | "Object.freeze"
        | "Object.seal"
        | "Object.preventExtensions"
        | "Promise.resolve" => argument(arguments, 0).cloned(),
        "Promise.all" | "Promise.allSettled" => argument(arguments, 0).filter(|value| is_list(value)).cloned(),
        "Promise.race" | "Promise.any" => match &argument(arguments, 0)?.shape {
            Shape::List(list) => list.borrow().first().cloned(),
            _ => None,
        },
        "Map" => entries_to_map(argument(arguments, 0)?),
        "Object.fromEntries" => entries_to_map(argument(arguments, 0)?),
        "Object.create" => match argument(arguments, 0).map(|value| &value.shape) {
            Some(Shape::Map(map)) => Some(Value::map(map.borrow().clone())),
            Some(Shape::Null) => Some(Value::map(Map::default())),
            _ => None,
        },
        "Object.assign" => assign(arguments),
        "Object.getPrototypeOf" | "Reflect.getPrototypeOf" => match argument(arguments, 0)?.shape {
            Shape::Function(_) => Some(native("")),
            _ => None,
        },
        "Object.defineProperty" | "Reflect.defineProperty" => define(machine, arguments),
        "Reflect.get" => {
            let name = text_at(arguments, 1)?;
            let here = machine.here;
            Some(machine.member_value(argument(arguments, 0)?, &name, here, true))
        }
        "Reflect.set" => match &argument(arguments, 0)?.shape {
            Shape::Map(map) => {
                map.borrow_mut().insert(text_at(arguments, 1)?, argument(arguments, 2)?.clone());
                Some(truth(true))
            }
            _ => None,
        },
        "Object.keys" | "Object.getOwnPropertyNames" | "Reflect.ownKeys" | "Object.values" | "Object.entries" => {
            listed(machine, api.rsplit('.').next().unwrap_or_default(), argument(arguments, 0)?)
        }
        _ => None,
    }
}

fn is_list(value: &Value<'_>) -> bool {
    matches!(value.shape, Shape::List(_))
}

/// The keys, sorted: a map keeps no order here, and the result must be the same every time.
fn sorted_keys(map: &Map<'_>) -> Vec<Rc<str>> {
    let mut keys: Vec<Rc<str>> = map.keys().filter(|key| !key.starts_with('\0')).cloned().collect();
    keys.sort_unstable_by(|left, right| match (left.parse::<u64>(), right.parse::<u64>()) {
        (Ok(left), Ok(right)) => left.cmp(&right),
        _ => left.cmp(right),
    });
    keys
}

fn listed<'a>(machine: &mut Machine<'a>, what: &str, value: &Value<'a>) -> Option<Value<'a>> {
    let pairs: Vec<(Rc<str>, Value<'a>)> = match &value.shape {
        Shape::Map(map) => {
            let map = map.borrow();
            sorted_keys(&map).into_iter().filter_map(|key| Some((key.clone(), map.get(&key)?.clone()))).collect()
        }
        Shape::List(list) => {
            list.borrow().iter().enumerate().map(|(at, item)| (Rc::from(at.to_string()), item.clone())).collect()
        }
        _ => return None,
    };
    if pairs.is_empty() || !machine.spend(pairs.len() as u64) {
        return None;
    }
    let items = pairs.into_iter().map(|(key, value)| match what {
        "values" => value,
        "entries" => Value::list(vec![Value::text(key), value]),
        _ => Value::text(key),
    });
    Some(Value::list(items.collect()).with(&value.taint))
}

fn entries_to_map<'a>(entries: &Value<'a>) -> Option<Value<'a>> {
    let mut map = Map::default();
    match &entries.shape {
        Shape::List(list) => {
            for entry in list.borrow().iter() {
                let Shape::List(pair) = &entry.shape else { return None };
                let pair = pair.borrow();
                map.insert(to_js_string(pair.first()?)?.into(), pair.get(1).cloned().unwrap_or_else(null));
            }
        }
        Shape::Map(own) => map = own.borrow().clone(),
        _ => return None,
    }
    Some(Value::map(map))
}

/// `Object.assign(target, ...sources)`.
fn assign<'a>(arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let target = argument(arguments, 0)?;
    let Shape::Map(map) = &target.shape else { return None };
    let mut result = target.clone();
    for source in &arguments.positional[1..] {
        result.taint.add(&source.taint);
        if let Shape::Map(more) = &source.shape
            && !Rc::ptr_eq(map, more)
        {
            map.borrow_mut().extend(more.borrow().iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    Some(result)
}

/// `Object.defineProperty(object, name, { value })`; a getter is called where it is defined.
fn define<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let target = argument(arguments, 0)?;
    let (Shape::Map(map), Shape::Map(how)) = (&target.shape, &argument(arguments, 2)?.shape) else { return None };
    let (value, getter) = (how.borrow().get("value").cloned(), how.borrow().get("get").cloned());
    let value = match (value, getter) {
        (Some(value), _) => value,
        (None, Some(getter)) => machine.invoke(&getter, Some(target), Arguments::default()),
        (None, None) => return Some(target.clone()),
    };
    map.borrow_mut().insert(text_at(arguments, 1)?, value);
    Some(target.clone())
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    map: &Rc<RefCell<Map<'a>>>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "hasOwnProperty" | "has" | "propertyIsEnumerable" => {
            Some(truth(map.borrow().contains_key(&*text_at(arguments, 0)?)))
        }
        "get" => Some(map.borrow().get(&*text_at(arguments, 0)?).cloned().unwrap_or_else(null)),
        "set" => {
            map.borrow_mut().insert(text_at(arguments, 0)?, argument(arguments, 1)?.clone());
            Some(receiver.clone())
        }
        "delete" => Some(truth(map.borrow_mut().remove(&*text_at(arguments, 0)?).is_some())),
        "keys" | "values" | "entries" => listed(machine, name, receiver),
        "forEach" => {
            let callee = argument(arguments, 0)?;
            let pairs: Vec<(Rc<str>, Value<'a>)> = {
                let map = map.borrow();
                sorted_keys(&map).into_iter().filter_map(|key| Some((key.clone(), map.get(&key)?.clone()))).collect()
            };
            for (key, value) in pairs {
                if !machine.spend(4) {
                    return None;
                }
                machine.invoke(callee, None, Arguments::of(vec![value, Value::text(key), receiver.clone()]));
            }
            Some(null())
        }
        "digest" => bytes::digested(map, arguments),
        "toString" | "toLocaleString" => to_js_string(receiver).map(Value::text),
        "valueOf" => Some(receiver.clone()),
        "length" => Some(int(map.borrow().len())),
        _ => None,
    }
}
