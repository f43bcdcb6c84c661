//! Lists, dictionaries, and the functions that go over them.

use std::{cell::RefCell, cmp::Ordering, rc::Rc};

use super::{Arguments, MOST_ITEMS, Machine, Shape, Value, builtins, data_of, int, items_of, null, truth};
use crate::{eval::value::Map, ir::BinaryOp};

/// The key under which a value stands in a dictionary.
pub(super) fn key_of(value: &Value<'_>) -> Option<Rc<str>> {
    match &value.shape {
        Shape::Text(text) => Some(text.clone()),
        _ => value.as_int().map(|number| Rc::from(number.to_string())),
    }
}

/// Builtins and `itertools` that go over items.
pub(super) fn call<'a>(machine: &mut Machine<'a>, name: &str, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let first = arguments.positional.first()?;
    match name {
        "reversed" => {
            let mut items = items_of(machine, first)?;
            items.reverse();
            Some(Value::list(items))
        }
        "sorted" => {
            let mut items = items_of(machine, first)?;
            sort(machine, &mut items, arguments)?;
            Some(Value::list(items))
        }
        "enumerate" => {
            let start = arguments.get(1, "start").map_or(Some(0), Value::as_int)?;
            let items = items_of(machine, first)?;
            start.checked_add(items.len() as i64)?;
            let pairs = items.into_iter().zip(start..).map(|(item, at)| {
                let taint = item.taint.clone();
                Value::list(vec![Shape::Int(at).into(), item]).with(&taint)
            });
            Some(Value::list(pairs.collect()))
        }
        "zip" | "izip" | "zip_longest" => zip(machine, arguments),
        "map" | "imap" | "starmap" => map(machine, name == "starmap", arguments),
        "filter" | "ifilter" => {
            let mut kept = Vec::new();
            for item in items_of(machine, arguments.positional.get(1)?)? {
                let holds = match &first.shape {
                    Shape::Null => item.truth(),
                    _ => machine.invoke(first, None, Arguments::of(vec![item.clone()])).truth(),
                };
                if holds? {
                    kept.push(item);
                }
            }
            Some(Value::list(kept))
        }
        "reduce" => {
            let items = items_of(machine, arguments.positional.get(1)?)?;
            let mut items = items.into_iter();
            let start = arguments.positional.get(2).cloned().or_else(|| items.next())?;
            Some(items.fold(start, |left, right| machine.invoke(first, None, Arguments::of(vec![left, right]))))
        }
        "sum" => {
            let start = arguments.get(1, "start").cloned().unwrap_or_else(|| Shape::Int(0).into());
            let mut sum = start;
            for item in items_of(machine, first)? {
                // Sums of lists copy what they have so far.
                if !machine.spend(builtins::length(&sum).unwrap_or(0) as u64 / 8) {
                    return None;
                }
                sum = machine.operate(BinaryOp::Add, &sum, &item);
            }
            Some(sum)
        }
        "min" | "max" => {
            let items =
                if arguments.positional.len() > 1 { arguments.positional.clone() } else { items_of(machine, first)? };
            if arguments.named.iter().any(|(name, _)| &**name == "key") {
                return None;
            }
            let wanted = if name == "min" { Ordering::Less } else { Ordering::Greater };
            let mut items = items.into_iter();
            let mut best = items.next()?;
            for item in items {
                if compare(&item, &best)? == wanted {
                    best = item;
                }
            }
            Some(best)
        }
        "any" | "all" => {
            let truths: Option<Vec<bool>> = items_of(machine, first)?.iter().map(Value::truth).collect();
            let truths = truths?;
            truth(if name == "any" { truths.contains(&true) } else { !truths.contains(&false) })
        }
        "next" => match &first.shape {
            Shape::List(list) if !list.borrow().is_empty() && machine.spend(list.borrow().len() as u64 / 64) => {
                Some(list.borrow_mut().remove(0))
            }
            _ => None,
        },
        "chain" => {
            let mut items = Vec::new();
            for part in &arguments.positional {
                items.extend(items_of(machine, part)?);
            }
            Some(Value::list(items))
        }
        "from_iterable" => {
            let mut items = Vec::new();
            for part in items_of(machine, first)? {
                items.extend(items_of(machine, &part)?);
            }
            (items.len() <= MOST_ITEMS).then(|| Value::list(items))
        }
        "islice" => {
            let bounds: Vec<usize> = arguments.positional[1..]
                .iter()
                .map(|bound| bound.as_int().and_then(|bound| usize::try_from(bound).ok()))
                .collect::<Option<_>>()?;
            let (start, stop, step) = match *bounds.as_slice() {
                [stop] => (0, stop, 1),
                [start, stop] => (start, stop, 1),
                [start, stop, step] if step > 0 => (start, stop, step),
                _ => return None,
            };
            let items = endless(machine, first, stop)?;
            Some(Value::list(items.into_iter().take(stop).skip(start).step_by(step).collect()))
        }
        "repeat" => {
            let times =
                usize::try_from(arguments.get(1, "times")?.as_int()?).ok().filter(|times| *times <= MOST_ITEMS)?;
            Some(Value::list(vec![first.clone(); times]))
        }
        _ => None,
    }
}

/// Items of a list, or the first so many of `itertools.cycle(list)`.
fn endless<'a>(machine: &mut Machine<'a>, value: &Value<'a>, wanted: usize) -> Option<Vec<Value<'a>>> {
    let Shape::Made(made) = &value.shape else { return items_of(machine, value) };
    let first = made.arguments.positional.first()?;
    match &*made.name {
        "itertools.cycle()" => {
            let items = items_of(machine, first)?;
            let wanted = wanted.min(MOST_ITEMS);
            (!items.is_empty()).then(|| items.iter().cycle().take(wanted).cloned().collect())
        }
        "itertools.repeat()" => Some(vec![first.clone(); wanted.min(MOST_ITEMS)]),
        "itertools.count()" => {
            let start = first.as_int()?;
            Some((0..wanted.min(MOST_ITEMS) as i64).map(|at| Shape::Int(start.wrapping_add(at)).into()).collect())
        }
        _ => None,
    }
}

fn zip<'a>(machine: &mut Machine<'a>, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let mut shortest = usize::MAX;
    for value in &arguments.positional {
        if let Some(items) = items_of(machine, value) {
            shortest = shortest.min(items.len());
        }
    }
    if shortest == usize::MAX {
        return None;
    }
    let columns: Vec<Vec<Value<'a>>> =
        arguments.positional.iter().map(|value| endless(machine, value, shortest)).collect::<Option<_>>()?;
    let rows =
        (0..shortest).map(|at| Value::list(columns.iter().filter_map(|column| column.get(at).cloned()).collect()));
    Some(Value::list(rows.collect()))
}

fn map<'a>(machine: &mut Machine<'a>, spread: bool, arguments: &Arguments<'a>) -> Option<Value<'a>> {
    let (function, sequences) = arguments.positional.split_first()?;
    let rows: Vec<Vec<Value<'a>>> = match sequences {
        [one] if spread => {
            let rows = items_of(machine, one)?;
            rows.iter().map(|row| items_of(machine, row)).collect::<Option<_>>()?
        }
        [one] => items_of(machine, one)?.into_iter().map(|item| vec![item]).collect(),
        many => {
            let rows = zip(machine, &Arguments::of(many.to_vec()))?;
            let rows = items_of(machine, &rows)?;
            rows.iter().map(|row| items_of(machine, row)).collect::<Option<_>>()?
        }
    };
    let mut results = Vec::with_capacity(rows.len());
    for row in rows {
        if !machine.spend(4) {
            return None;
        }
        results.push(machine.invoke(function, None, Arguments::of(row)));
    }
    Some(Value::list(results))
}

fn compare(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    order(left, right, 0)
}

/// Lists may hold themselves, so the depth is bounded.
fn order(left: &Value<'_>, right: &Value<'_>, depth: u32) -> Option<Ordering> {
    match (&left.shape, &right.shape) {
        (Shape::Text(left), Shape::Text(right)) => Some(left.cmp(right)),
        (Shape::Bytes(left), Shape::Bytes(right)) => Some(left.cmp(right)),
        (Shape::Float(left), Shape::Float(right)) => left.partial_cmp(right),
        (Shape::List(left), Shape::List(right)) => {
            let (left, right) = (left.borrow(), right.borrow());
            if depth > 2 || left.len() > 64 {
                return None;
            }
            for (left, right) in left.iter().zip(right.iter()) {
                match order(left, right, depth + 1)? {
                    Ordering::Equal => {}
                    other => return Some(other),
                }
            }
            Some(left.len().cmp(&right.len()))
        }
        _ => Some(left.as_int()?.cmp(&right.as_int()?)),
    }
}

fn sort<'a>(machine: &mut Machine<'a>, items: &mut Vec<Value<'a>>, arguments: &Arguments<'a>) -> Option<()> {
    let named = |name: &str| arguments.named.iter().find(|(own, _)| &**own == name).map(|(_, value)| value.clone());
    let mut keyed: Vec<(Value<'a>, Value<'a>)> = Vec::with_capacity(items.len());
    for item in items.iter() {
        let key = match named("key") {
            Some(key) if !matches!(key.shape, Shape::Null) => {
                machine.invoke(&key, None, Arguments::of(vec![item.clone()]))
            }
            _ => item.clone(),
        };
        keyed.push((key, item.clone()));
    }
    // Every pair of neighbours must compare, else the order means nothing.
    if keyed.windows(2).any(|pair| compare(&pair[0].0, &pair[1].0).is_none()) {
        return None;
    }
    keyed.sort_by(|left, right| compare(&left.0, &right.0).unwrap_or(Ordering::Equal));
    if named("reverse").and_then(|reverse| reverse.truth()) == Some(true) {
        keyed.reverse();
    }
    *items = keyed.into_iter().map(|(_, item)| item).collect();
    Some(())
}

pub(super) fn list_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    list: &Rc<RefCell<Vec<Value<'a>>>>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    if !matches!(name, "append" | "add" | "pop") && !machine.spend(list.borrow().len() as u64 / 64) {
        return None;
    }
    match name {
        "append" | "add" | "appendleft" => {
            if list.borrow().len() >= MOST_ITEMS {
                return None;
            }
            let at = if name == "appendleft" { 0 } else { list.borrow().len() };
            list.borrow_mut().insert(at, first?.clone());
            null()
        }
        "extend" | "update" => {
            let more = items_of(machine, first?)?;
            if list.borrow().len() + more.len() <= MOST_ITEMS {
                list.borrow_mut().extend(more);
            }
            null()
        }
        "insert" => {
            let length = list.borrow().len();
            let at = first?.as_int()?;
            let at = if at < 0 { (at + length as i64).max(0) } else { at.min(length as i64) };
            list.borrow_mut().insert(at as usize, arguments.positional.get(1)?.clone());
            null()
        }
        "pop" | "popleft" => {
            let length = list.borrow().len() as i64;
            let at = if name == "popleft" { 0 } else { first.map_or(Some(-1), Value::as_int)? };
            let at = usize::try_from(if at < 0 { at + length } else { at }).ok().filter(|at| (*at as i64) < length)?;
            if !machine.spend((length as usize - at) as u64 / 64) {
                return None;
            }
            Some(list.borrow_mut().remove(at))
        }
        "clear" => {
            list.borrow_mut().clear();
            null()
        }
        "reverse" => {
            list.borrow_mut().reverse();
            null()
        }
        "sort" => {
            let mut items = list.borrow().clone();
            if sort(machine, &mut items, arguments).is_some() {
                *list.borrow_mut() = items;
            }
            null()
        }
        "copy" => Some(Value::list(list.borrow().clone())),
        "index" => {
            let wanted = first?;
            int(list.borrow().iter().position(|item| compare(item, wanted) == Some(Ordering::Equal))?)
        }
        "count" => {
            let wanted = first?;
            int(list.borrow().iter().filter(|item| compare(item, wanted) == Some(Ordering::Equal)).count())
        }
        "decode" | "hex" | "translate" | "startswith" => {
            // A bytearray.
            let bytes = Value::bytes(data_of(receiver)?).with(&receiver.taint);
            super::method(machine, &bytes, name, arguments)
        }
        "__iter__" | "tolist" => Some(receiver.clone()),
        "tobytes" => data_of(receiver).map(Value::bytes),
        _ => None,
    }
}

pub(super) fn map_method<'a>(
    machine: &mut Machine<'a>,
    receiver: &Value<'a>,
    map: &Rc<RefCell<Map<'a>>>,
    name: &str,
    arguments: &Arguments<'a>,
) -> Option<Value<'a>> {
    let first = arguments.positional.first();
    if !matches!(name, "get" | "pop" | "setdefault") && !machine.spend(map.borrow().len() as u64 / 16) {
        return None;
    }
    match name {
        "get" | "pop" | "setdefault" => {
            let key = key_of(first?)?;
            let found = if name == "pop" { map.borrow_mut().remove(&key) } else { map.borrow().get(&key).cloned() };
            if let Some(found) = found {
                return Some(found);
            }
            let default = arguments.positional.get(1).cloned();
            if name == "setdefault" {
                map.borrow_mut().insert(key, default.clone().unwrap_or_else(|| Shape::Null.into()));
            }
            // What we did not see put in may be there all the same.
            default
        }
        "keys" | "__iter__" => machine.keys_of(receiver).map(Value::list),
        "values" | "items" | "iteritems" | "itervalues" => {
            let map = map.borrow();
            let mut keys: Vec<&Rc<str>> = map.keys().collect();
            keys.sort_unstable();
            let pair = |key: &Rc<str>| {
                let value = map.get(key).cloned().unwrap_or_default();
                if name.ends_with("values") { value } else { Value::list(vec![Value::text(key.clone()), value]) }
            };
            Some(Value::list(keys.into_iter().map(pair).collect()))
        }
        "update" => {
            if let Some(Shape::Map(more)) = first.map(|first| &first.shape) {
                let more = more.borrow().clone();
                map.borrow_mut().extend(more);
            }
            map.borrow_mut().extend(arguments.named.iter().map(|(name, value)| (name.clone(), value.clone())));
            null()
        }
        "copy" => Some(Value::map(map.borrow().clone())),
        "clear" => {
            map.borrow_mut().clear();
            null()
        }
        _ => None,
    }
}
