//! Lists, maps, slices, and what makes them.

use std::rc::Rc;

use super::{
    Machine,
    value::{Map, OPEN, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{Comprehension, Expr, ExprKind, Slice},
};

/// Lists that are longer are not followed item by item.
const MOST_ITEMS: usize = 1 << 20;

impl<'a> Machine<'a> {
    pub(super) fn list(&mut self, items: &'a [Expr<'a>]) -> Value<'a> {
        let mut list = Vec::with_capacity(items.len().min(4096));
        let mut taint = Taint::default();
        for item in items {
            let value = self.eval(item);
            taint.add(&value.taint);
            if matches!(item.kind, ExprKind::Spread(_)) {
                list.extend(self.items_of(&value).unwrap_or_else(|| vec![value]));
            } else {
                list.push(value);
            }
        }
        Value::list(list).with(&taint)
    }

    pub(super) fn map(&mut self, pairs: &'a [(Expr<'a>, Expr<'a>)]) -> Value<'a> {
        let mut map = Map::default();
        let mut taint = Taint::default();
        for (key, value) in pairs {
            if let ExprKind::Spread(inner) = key.kind {
                let spread = self.eval(inner);
                taint.add(&spread.taint);
                if let Shape::Map(more) = &spread.shape
                    && self.spend_on_list(more.borrow().len())
                {
                    map.extend(more.borrow().iter().map(|(key, value)| (key.clone(), value.clone())));
                } else {
                    map.insert(OPEN.into(), Value::default());
                }
                continue;
            }
            let name = self.eval(key);
            let value = self.eval(value);
            taint.add(&value.taint);
            taint.add(&name.taint);
            let name =
                name.as_text().map(Rc::from).or_else(|| name.as_int().map(|number| Rc::from(number.to_string())));
            if let Some(name) = name {
                map.insert(name, value);
            } else {
                map.insert(OPEN.into(), Value::default());
            }
        }
        Value::map(map).with(&taint)
    }

    pub(super) fn slice(&mut self, slice: &'a Slice<'a>) -> Value<'a> {
        let holder = self.eval(&slice.object);
        let bound = |machine: &mut Self, part: &'a Option<Expr<'a>>| match part {
            None => Some(None),
            Some(part) => {
                let value = machine.eval(part);
                if matches!(value.shape, Shape::Null) { Some(None) } else { value.as_int().map(Some) }
            }
        };
        let (start, stop, step) = (bound(self, &slice.start), bound(self, &slice.stop), bound(self, &slice.step));
        let (Some(start), Some(stop), Some(step)) = (start, stop, step) else {
            return Value::unknown(holder.taint);
        };
        let step = step.unwrap_or(1);
        let cut = |length: usize| slice_places(length, start, stop, step);
        match &holder.shape {
            Shape::Text(text) => {
                if !self.spend(text.len() as u64 / 4) {
                    return Value::unknown(holder.taint);
                }
                let chars: Vec<char> = text.chars().collect();
                let text: String = cut(chars.len()).filter_map(|at| chars.get(at)).collect();
                Value::text(text).with(&holder.taint)
            }
            Shape::Bytes(bytes) => {
                if !self.spend_for(bytes.len(), 64) {
                    return Value::unknown(holder.taint);
                }
                let bytes: Vec<u8> = cut(bytes.len()).filter_map(|at| bytes.get(at)).copied().collect();
                Value::bytes(bytes).with(&holder.taint)
            }
            Shape::List(list) => {
                let list = list.borrow();
                let places = cut(list.len());
                if !self.spend_on_list(places.size_hint().0) {
                    return Value::unknown(holder.taint);
                }
                Value::list(places.filter_map(|at| list.get(at)).cloned().collect()).with(&holder.taint)
            }
            _ => Value::unknown(holder.taint),
        }
    }

    pub(super) fn comprehension(&mut self, comprehension: &'a Comprehension<'a>) -> Value<'a> {
        let outer = self.scope;
        self.scope = self.new_scope(Some(outer));
        let mut items = Vec::new();
        let mut taint = Taint::default();
        let known = self.comprehend(comprehension, 0, &mut items, &mut taint);
        self.scope = outer;
        match (known, comprehension.value) {
            (false, _) => Value::unknown(taint),
            (true, None) => Value::list(items.into_iter().map(|(item, _)| item).collect()).with(&taint),
            (true, Some(_)) => {
                let pairs = items.into_iter().filter_map(|(key, value)| {
                    let key =
                        key.as_text().map(Rc::from).or_else(|| key.as_int().map(|key| Rc::from(key.to_string())))?;
                    Some((key, value))
                });
                Value::map(pairs.collect()).with(&taint)
            }
        }
    }

    /// One `for` of a comprehension after the other. False when its items are not known.
    fn comprehend(
        &mut self,
        comprehension: &'a Comprehension<'a>,
        at: usize,
        items: &mut Vec<(Value<'a>, Value<'a>)>,
        taint: &mut Taint,
    ) -> bool {
        let Some((target, iterable, tests)) = comprehension.loops.get(at) else {
            let element = self.eval(&comprehension.element);
            let value = comprehension.value.as_ref().map(|value| self.eval(value)).unwrap_or_default();
            taint.add(&element.taint);
            taint.add(&value.taint);
            items.push((element, value));
            return true;
        };
        let over = self.eval(iterable);
        taint.add(&over.taint);
        let Some(known) = self.items_of(&over) else {
            self.assign_to(target, Value::unknown(over.taint), true);
            tests.iter().for_each(|test| {
                self.eval(test);
            });
            self.comprehend(comprehension, at + 1, items, taint);
            return false;
        };
        let mut all = true;
        for item in known {
            if !self.spend(3) || items.len() > MOST_ITEMS {
                return false;
            }
            let before = self.sight;
            self.assign_to(target, item.with(&over.taint), true);
            let mut holds = true;
            for test in *tests {
                match self.eval(test).truth() {
                    Some(truth) => holds &= truth,
                    None => all = false,
                }
            }
            if holds {
                all &= self.comprehend(comprehension, at + 1, items, taint);
            }
            if self.is_tired(before) {
                return false;
            }
        }
        all
    }

    /// The items of a value over which a loop can go, when they are known.
    pub(super) fn items_of(&mut self, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
        match &value.shape {
            Shape::List(list) if self.spend_on_list(list.borrow().len()) => Some(list.borrow().clone()),
            Shape::Text(text) if text.len() < MOST_ITEMS && self.spend(text.len() as u64 / 4) => {
                Some(text.chars().map(|one| Value::text(one.to_string())).collect())
            }
            Shape::Bytes(bytes) if bytes.len() < MOST_ITEMS && self.spend(bytes.len() as u64 / 4) => {
                Some(bytes.iter().map(|byte| Shape::Int((*byte).into()).into()).collect())
            }
            Shape::Map(_) if self.language() == Language::Python => self.keys_of(value),
            _ => None,
        }
    }

    pub(super) fn keys_of(&mut self, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
        match &value.shape {
            Shape::Map(map) => {
                // A dictionary keeps no order here; sorted keys keep the result the same every time.
                let mut keys: Vec<Rc<str>> =
                    map.borrow().keys().filter(|key| !key.starts_with('\0')).cloned().collect();
                keys.sort_unstable();
                Some(keys.into_iter().map(Value::text).collect())
            }
            Shape::List(list) if self.spend_on_list(list.borrow().len()) => {
                Some((0..list.borrow().len()).map(|at| Value::text(at.to_string())).collect())
            }
            _ => None,
        }
    }
}

/// The places that `[start:stop:step]` takes from a sequence of this length.
fn slice_places(length: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> Box<dyn Iterator<Item = usize>> {
    let whole = length as i64;
    let clamp = |at: i64, low: i64, high: i64| (if at < 0 { at + whole } else { at }).clamp(low, high);
    if step == 0 {
        Box::new(std::iter::empty())
    } else if step > 0 {
        let (from, to) = (start.map_or(0, |at| clamp(at, 0, whole)), stop.map_or(whole, |at| clamp(at, 0, whole)));
        Box::new((from..to).step_by(step as usize).map(|at| at as usize))
    } else {
        let from = start.map_or(whole - 1, |at| clamp(at, -1, whole - 1));
        let to = stop.map_or(-1, |at| clamp(at, -1, whole - 1));
        let step = step.unsigned_abs() as usize;
        Box::new((to + 1..=from).rev().step_by(step).map(|at| at as usize))
    }
}
