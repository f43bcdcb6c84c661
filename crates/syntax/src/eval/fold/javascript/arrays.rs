//! Lists.

use std::{cell::RefCell, rc::Rc};

use super::{
    Arguments, LONGEST, MOST_ITEMS, Machine, Shape, Value, argument, bytes, int, null, objects, patterned, place,
    regular, text_at, to_js_string, to_number, truth, whole_at,
};

type List<'a> = Rc<RefCell<Vec<Value<'a>>>>;

/// The methods that a list has.
pub(super) const METHODS: &[&str] = &[
    "at",
    "concat",
    "entries",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "flat",
    "flatMap",
    "forEach",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "map",
    "pop",
    "push",
    "reduce",
    "reduceRight",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "splice",
    "toString",
    "unshift",
    "values",
];

/// Views on memory whose items are numbers.
const NUMBERS: &[&str] = &[
    "Uint8Array",
    "Uint8ClampedArray",
    "Int8Array",
    "Uint16Array",
    "Int16Array",
    "Uint32Array",
    "Int32Array",
    "Float32Array",
    "Float64Array",
    "ArrayBuffer",
];

pub(super) fn call<'a>(machine: &mut Machine<'a>, api: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    match api {
        "Array" => match arguments.positional.as_slice() {
            [one] if matches!(one.shape, Shape::Int(_)) => filled(machine, one.as_int()?, &null()),
            items => Some(Value::list(items.to_vec())),
        },
        "Array.of" => Some(Value::list(arguments.positional.clone())),
        "Array.isArray" => match argument(arguments, 0)?.shape {
            Shape::List(_) => Some(truth(true)),
            Shape::Unknown | Shape::Api(_) | Shape::Made(_) => None,
            _ => Some(truth(false)),
        },
        "Array.from" => from(machine, arguments),
        "Set" => match argument(arguments, 0) {
            None => None,
            Some(_) => from(machine, &Arguments::of(arguments.positional.iter().take(1).cloned().collect())),
        },
        "RegExp" => regular::make(arguments),
        _ => {
            let (kind, rest) = api.split_once('.').unwrap_or((api, ""));
            if !NUMBERS.contains(&kind) {
                return None;
            }
            match (rest, argument(arguments, 0)) {
                ("", Some(one)) if matches!(one.shape, Shape::Int(_)) => {
                    filled(machine, one.as_int()?, &Shape::Int(0).into())
                }
                ("", Some(one)) if matches!(one.shape, Shape::Bytes(_)) => Some(one.clone()),
                ("" | "from", Some(_)) => from(machine, arguments),
                ("of", _) => Some(Value::list(arguments.positional.clone())),
                _ => None,
            }
        }
    }
}

fn filled<'a>(machine: &mut Machine<'a>, count: i64, item: &Value<'a>) -> Option<Value<'a>> {
    let count = usize::try_from(count).ok().filter(|count| *count <= MOST_ITEMS)?;
    machine.spend(count as u64 / 8).then(|| Value::list(vec![item.clone(); count]))
}

/// `Array.from(items, change)`.
fn from<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let source = argument(arguments, 0)?;
    let items = match &source.shape {
        Shape::Map(map) => {
            let items = objects::as_list(&map.borrow())?;
            if !machine.spend(items.len() as u64) {
                return None;
            }
            items
        }
        _ => machine.items_of(source)?,
    };
    let list = Value::list(items).with(&source.taint);
    match (argument(arguments, 1), &list.shape) {
        (Some(change), Shape::List(items)) if is_callable(change) => {
            let items = items.clone();
            each(machine, &items, "map", &list, change)
        }
        _ => Some(list),
    }
}

fn is_callable(value: &Value<'_>) -> bool {
    matches!(value.shape, Shape::Function(_) | Shape::Api(_) | Shape::Class(_))
}

pub(super) fn method<'a>(
    machine: &mut Machine<'a>,
    list: &List<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let length = list.borrow().len();
    let cost = match name {
        "push" | "pop" | "at" => 1,
        // The front is far from the end, but moving a few thousand items is one copy.
        "shift" | "unshift" => 1 + length as u64 / 256,
        _ => 1 + length as u64 / 16,
    };
    if !machine.spend(cost) {
        return None;
    }
    if let Some(callee) = argument(arguments, 0).filter(|callee| is_callable(callee)) {
        // An empty list may have been filled where nobody saw it.
        if length == 0 {
            return None;
        }
        if let Some(value) = each(machine, list, name, receiver, callee)
            .or_else(|| reduced(machine, list, name, callee, arguments))
            .or_else(|| sorted(machine, list, name, receiver, Some(callee)))
        {
            return Some(value);
        }
    }
    changed(list, receiver, name, arguments)
        .or_else(|| cut(list, name, arguments))
        .or_else(|| asked(list, name, arguments))
        .or_else(|| built(machine, list, receiver, name, arguments))
}

/// Methods that change the list.
fn changed<'a>(list: &List<'a>, receiver: &Value<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut items = list.try_borrow_mut().ok()?;
    match name {
        "push" => {
            if items.len() + arguments.positional.len() > MOST_ITEMS {
                return None;
            }
            items.extend(arguments.positional.iter().cloned());
            Some(int(items.len()))
        }
        "pop" => Some(items.pop().unwrap_or_else(null)),
        "shift" => Some(if items.is_empty() { null() } else { items.remove(0) }),
        "unshift" => {
            if items.len() + arguments.positional.len() > MOST_ITEMS {
                return None;
            }
            items.splice(0..0, arguments.positional.iter().cloned());
            Some(int(items.len()))
        }
        "reverse" => {
            items.reverse();
            Some(receiver.clone())
        }
        "splice" => {
            let start = place(whole_at(arguments, 0, 0)?, items.len());
            let rest = items.len() - start;
            let count = if arguments.positional.len() == 1 { rest as i64 } else { whole_at(arguments, 1, 0)? };
            let end = start + count.clamp(0, rest as i64) as usize;
            let new: Vec<Value<'a>> = arguments.positional.iter().skip(2).cloned().collect();
            Some(Value::list(items.splice(start..end, new).collect()))
        }
        "fill" => {
            let (start, end) =
                (place(whole_at(arguments, 1, 0)?, items.len()), place(whole_at(arguments, 2, i64::MAX)?, items.len()));
            let value = argument(arguments, 0).cloned().unwrap_or_else(null);
            items.iter_mut().take(end).skip(start).for_each(|item| *item = value.clone());
            Some(receiver.clone())
        }
        "set" => {
            // Of views on memory: `bytes.set(other, at)`.
            let new = match &argument(arguments, 0)?.shape {
                Shape::List(new) => new.try_borrow().ok()?.clone(),
                Shape::Bytes(new) => new.iter().map(|byte| Shape::Int((*byte).into()).into()).collect(),
                _ => return None,
            };
            let start = place(whole_at(arguments, 1, 0)?, items.len());
            items.iter_mut().skip(start).zip(new).for_each(|(item, new)| *item = new);
            Some(null())
        }
        _ => None,
    }
}

/// Methods that give a part or the whole anew.
fn cut<'a>(list: &List<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let items = list.try_borrow().ok()?;
    match name {
        "slice" | "subarray" => {
            let (start, end) =
                (place(whole_at(arguments, 0, 0)?, items.len()), place(whole_at(arguments, 1, i64::MAX)?, items.len()));
            Some(Value::list(items.get(start..end).unwrap_or_default().to_vec()))
        }
        "concat" => {
            let mut whole = items.clone();
            for value in &arguments.positional {
                match &value.shape {
                    Shape::List(more) => whole.extend(more.borrow().iter().cloned()),
                    _ => whole.push(value.clone()),
                }
            }
            (whole.len() <= MOST_ITEMS).then(|| Value::list(whole))
        }
        "flat" => {
            let mut whole = Vec::new();
            flatten(&items, whole_at(arguments, 0, 1)?, &mut whole)?;
            Some(Value::list(whole))
        }
        "at" => {
            let at = whole_at(arguments, 0, 0)?;
            let at = if at < 0 { at + items.len() as i64 } else { at };
            Some(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned().unwrap_or_else(null))
        }
        "keys" => Some(Value::list((0..items.len()).map(int).collect())),
        "values" => Some(Value::list(items.clone())),
        "toReversed" => Some(Value::list(items.iter().rev().cloned().collect())),
        "entries" => {
            let pairs = items.iter().enumerate().map(|(at, item)| Value::list(vec![int(at), item.clone()]));
            Some(Value::list(pairs.collect()))
        }
        _ => None,
    }
}

fn flatten<'a>(items: &[Value<'a>], depth: i64, out: &mut Vec<Value<'a>>) -> Option<()> {
    for item in items {
        match &item.shape {
            Shape::List(inner) if depth > 0 => flatten(&inner.try_borrow().ok()?, depth.min(32) - 1, out)?,
            _ => out.push(item.clone()),
        }
        if out.len() > MOST_ITEMS {
            return None;
        }
    }
    Some(())
}

/// Methods that look for something.
fn asked<'a>(list: &List<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    if !matches!(name, "indexOf" | "lastIndexOf" | "includes" | "has") {
        return None;
    }
    let wanted = argument(arguments, 0)?;
    let items = list.try_borrow().ok()?;
    let mut at = None;
    for (own, item) in items.iter().enumerate() {
        if same(item, wanted)? {
            at = Some(own);
            if name != "lastIndexOf" {
                break;
            }
        }
    }
    Some(match name {
        "includes" | "has" => truth(at.is_some()),
        _ => at.map_or_else(|| Shape::Int(-1).into(), int),
    })
}

/// `===`, when it is known.
fn same(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    Some(match (&left.shape, &right.shape) {
        (Shape::Text(left), Shape::Text(right)) => left == right,
        (Shape::Null, Shape::Null) => true,
        (Shape::Bool(left), Shape::Bool(right)) => left == right,
        (Shape::Int(_) | Shape::Float(_), Shape::Int(_) | Shape::Float(_)) => to_number(left)? == to_number(right)?,
        (Shape::Unknown | Shape::Pattern(_), _) | (_, Shape::Unknown | Shape::Pattern(_)) => return None,
        (Shape::Api(_) | Shape::Made(_), _) | (_, Shape::Api(_) | Shape::Made(_)) => return None,
        _ => false,
    })
}

fn built<'a>(
    machine: &mut Machine<'a>,
    list: &List<'a>,
    receiver: &Value<'a>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    match name {
        "join" => {
            let separator = match argument(arguments, 0) {
                None => ",".into(),
                Some(value) if matches!(value.shape, Shape::Null) => ",".into(),
                Some(_) => text_at(arguments, 0)?,
            };
            join(machine, list, &separator)
        }
        // A list of numbers is also what a buffer is that can be written to.
        "toString" if argument(arguments, 0).is_some() => {
            let bytes = bytes::of_numbers(receiver)?;
            bytes::method(machine, &bytes, receiver, name, arguments)
        }
        "toString" | "toLocaleString" => to_js_string(receiver).map(Value::text),
        "sort" | "toSorted" => sorted(machine, list, name, receiver, None),
        "add" => {
            let mut items = list.try_borrow_mut().ok()?;
            items.push(argument(arguments, 0)?.clone());
            Some(receiver.clone())
        }
        name if name.starts_with("read") => {
            let bytes = bytes::of_numbers(receiver)?;
            bytes::method(machine, &bytes, receiver, name, arguments)
        }
        _ => None,
    }
}

fn join<'a>(machine: &mut Machine<'a>, list: &List<'a>, separator: &str) -> Option<Value<'a>> {
    let items = list.try_borrow().ok()?.clone();
    let mut out = String::new();
    let mut taint = super::Taint::default();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(separator);
        }
        taint.add(&item.taint);
        match &item.shape {
            Shape::Null => {}
            Shape::Text(text) => out.push_str(text),
            _ => out.push_str(&machine.text_with_holes(item)),
        }
        if out.len() > LONGEST {
            return None;
        }
    }
    machine.spend(out.len() as u64 / 16).then(|| patterned(out).with(&taint))
}

/// Methods that hand each item to a function.
fn each<'a>(
    machine: &mut Machine<'a>,
    list: &List<'a>,
    name: &str,
    receiver: &Value<'a>,
    callee: &Value<'a>,
) -> Option<Value<'a>> {
    if !matches!(name, "map" | "forEach" | "filter" | "find" | "findIndex" | "findLast" | "some" | "every" | "flatMap")
    {
        return None;
    }
    let items = list.try_borrow().ok()?.clone();
    let mut out = Vec::new();
    let mut known = true;
    for (at, item) in items.into_iter().enumerate() {
        if !machine.spend(4) {
            return None;
        }
        let item = item.with(&receiver.taint);
        let handed = Arguments::of(vec![item.clone(), int(at), receiver.clone()]);
        let value = machine.invoke(callee, None, handed);
        match (name, value.truth()) {
            ("map", _) => out.push(value),
            ("flatMap", _) => match &value.shape {
                Shape::List(more) => out.extend(more.try_borrow().ok()?.iter().cloned()),
                _ => out.push(value),
            },
            ("filter", Some(false)) | ("forEach", _) => {}
            ("filter", _) => out.push(item),
            ("find" | "findLast", Some(true)) if known => return Some(item),
            ("findIndex", Some(true)) if known => return Some(int(at)),
            ("some", Some(true)) => return Some(truth(true)),
            ("every", Some(false)) => return Some(truth(false)),
            (_, None) => known = false,
            _ => {}
        }
    }
    Some(match name {
        "map" | "filter" | "flatMap" => Value::list(out),
        "forEach" => null(),
        _ if !known => Value::unknown(receiver.taint.clone()),
        "find" | "findLast" => null(),
        "findIndex" => Shape::Int(-1).into(),
        "some" => truth(false),
        _ => truth(true),
    })
}

fn reduced<'a>(
    machine: &mut Machine<'a>,
    list: &List<'a>,
    name: &str,
    callee: &Value<'a>,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    if !matches!(name, "reduce" | "reduceRight") {
        return None;
    }
    let mut items: Vec<(usize, Value<'a>)> = list.try_borrow().ok()?.iter().cloned().enumerate().collect();
    if name == "reduceRight" {
        items.reverse();
    }
    let mut items = items.into_iter();
    let mut result = match argument(arguments, 1) {
        Some(start) => start.clone(),
        None => items.next()?.1,
    };
    for (at, item) in items {
        if !machine.spend(4) {
            return None;
        }
        result = machine.invoke(callee, None, Arguments::of(vec![result, item, int(at)]));
    }
    Some(result)
}

/// Sorting by merging: a comparison of the text's own may contradict itself, and must not be able to do harm.
fn sorted<'a>(
    machine: &mut Machine<'a>,
    list: &List<'a>,
    name: &str,
    receiver: &Value<'a>,
    compare: Option<&Value<'a>>,
) -> Option<Value<'a>> {
    if !matches!(name, "sort" | "toSorted") {
        return None;
    }
    let mut items = list.try_borrow().ok()?.clone();
    match compare {
        None => {
            let mut keyed: Vec<(String, Value<'a>)> =
                items.into_iter().map(|item| Some((to_js_string(&item)?, item))).collect::<Option<_>>()?;
            keyed.sort_by(|left, right| left.0.cmp(&right.0));
            items = keyed.into_iter().map(|(_, item)| item).collect();
        }
        Some(compare) => items = merge_sort(machine, items, compare)?,
    }
    if name == "toSorted" {
        return Some(Value::list(items));
    }
    *list.try_borrow_mut().ok()? = items;
    Some(receiver.clone())
}

fn merge_sort<'a>(machine: &mut Machine<'a>, mut items: Vec<Value<'a>>, compare: &Value<'a>) -> Option<Vec<Value<'a>>> {
    if items.len() < 2 {
        return Some(items);
    }
    let right = items.split_off(items.len() / 2);
    let mut left = merge_sort(machine, items, compare)?.into_iter().peekable();
    let mut right = merge_sort(machine, right, compare)?.into_iter().peekable();
    let mut out = Vec::new();
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        if !machine.spend(4) {
            return None;
        }
        let handed = Arguments::of(vec![first.clone(), second.clone()]);
        let order = to_number(&machine.invoke(compare, None, handed))?;
        out.extend(if order > 0.0 { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Some(out)
}
