//! Assignments: to names, members, items and patterns.

use std::rc::Rc;

use model::{Action, Object};

use super::{
    Machine,
    effects::Trigger,
    machine::ENVIRONMENTS,
    value::{Map, OPEN, Shape, Taint, Value},
};
use crate::ir::{Assign, Expr, ExprKind, Slice};

impl<'a> Machine<'a> {
    pub(super) fn assign(&mut self, assign: &'a Assign<'a>) -> Value<'a> {
        if let ExprKind::Map(keys) = assign.target.kind {
            // `const { TOKEN } = process.env` reads these names, not the whole environment.
            let value = self.eval_quietly(&assign.value);
            if value.api_name().is_some_and(|name| ENVIRONMENTS.contains(&&**name))
                && !keys.iter().any(|(key, _)| matches!(key.kind, ExprKind::Spread(_)))
            {
                self.assign_to(&assign.target, value.clone(), assign.declares);
                return value;
            }
        }
        let mut value = self.eval(&assign.value);
        if let Some(operator) = assign.operator {
            let old = self.eval(&assign.target);
            value = self.operate(operator, &old, &value);
            self.note_text(&value, assign.target.span);
        }
        if let ExprKind::Name(name) = assign.target.kind
            && let ExprKind::Function(function) = assign.value.kind
            && function.name.is_empty()
        {
            // The name is only for reports; a closure keeps its function.
            let _ = name;
        }
        self.assign_to(&assign.target, value.clone(), assign.declares);
        value
    }

    pub(super) fn assign_to(&mut self, target: &'a Expr<'a>, value: Value<'a>, declares: bool) {
        match target.kind {
            ExprKind::Name(name) => {
                self.write_trigger_name(target, name, declares);
                self.bind(name, value, declares);
            }
            ExprKind::Member(object, name) => self.assign_member(target, object, name, value),
            ExprKind::Index(object, index) => {
                let index = self.eval(index);
                self.assign_item(target, object, &index, value);
            }
            ExprKind::Slice(slice) => self.assign_slice(slice, value),
            ExprKind::List(targets) => self.assign_list(targets, &value, declares),
            ExprKind::Map(keys) => self.assign_keys(keys, &value, declares),
            ExprKind::Spread(inner) => self.assign_to(inner, value, declares),
            ExprKind::Assign(with_default) => {
                let default = self.eval(&with_default.value);
                let value = if value.is_unknown() || matches!(value.shape, Shape::Null) {
                    default.with(&value.taint)
                } else {
                    value
                };
                self.assign_to(&with_default.target, value, declares);
            }
            _ => {
                self.eval(target);
            }
        }
    }

    fn write_trigger_name(&mut self, target: &Expr<'a>, name: &'a str, declares: bool) {
        if !declares && self.lookup(name).is_none() {
            self.fire_write(name, target);
        }
    }

    fn fire_write(&mut self, name: &str, target: &Expr<'a>) {
        let effects = self.effects();
        for effect in effects.of(name).iter().filter(|effect| effect.trigger == Trigger::Write) {
            if let Some(action) = effect.action {
                self.record(action, Object::constant(name), name, target.span);
            }
        }
    }

    fn assign_member(&mut self, target: &'a Expr<'a>, object: &'a Expr<'a>, name: &'a str, value: Value<'a>) {
        let holder = self.eval_quietly(object);
        match &holder.shape {
            Shape::Map(map) => set(&mut map.borrow_mut(), name, value, self.uncertain > 0),
            Shape::Instance(instance) => set(&mut instance.fields.borrow_mut(), name, value, self.uncertain > 0),
            Shape::Function(closure) => {
                let key = std::ptr::from_ref(closure.function);
                let weak = self.uncertain > 0;
                set(self.properties.entry(key).or_default(), name, value, weak);
            }
            Shape::Class(class) => set(&mut class.members.borrow_mut(), name, value, self.uncertain > 0),
            Shape::Api(api) => {
                if let Some(full) = self.join_name(api, name) {
                    // What stands in the global object goes by its plain name.
                    self.fire_write(full.strip_prefix("globalThis.").unwrap_or(&full), target);
                    if ENVIRONMENTS.contains(&&**api) {
                        self.record(Action::EnvWrite, Object::constant(name), &full, target.span);
                    }
                }
                self.taint_root(object, &value.taint);
            }
            _ => self.taint_root(object, &value.taint),
        }
    }

    fn assign_item(&mut self, target: &'a Expr<'a>, object: &'a Expr<'a>, index: &Value<'a>, value: Value<'a>) {
        let holder = self.eval_quietly(object);
        match (&holder.shape, index.as_int(), index.as_text()) {
            (Shape::List(list), Some(at), _) => {
                let mut list = list.borrow_mut();
                let at = if at < 0 { at + list.len() as i64 } else { at };
                if let Some(slot) = usize::try_from(at).ok().and_then(|at| list.get_mut(at)) {
                    *slot = value;
                } else if at as usize == list.len() {
                    list.push(value);
                }
            }
            (Shape::Map(map), at, text) => {
                let key = text.map(Rc::from).or_else(|| at.map(|at| Rc::from(at.to_string())));
                match key {
                    Some(key) => {
                        map.borrow_mut().insert(key, value);
                    }
                    None => {
                        map.borrow_mut().insert(OPEN.into(), Value::default());
                        self.taint_root(object, &value.taint);
                    }
                }
            }
            // `globals()["name"] = value` of Python.
            (Shape::Api(api), _, Some(text)) if **api == *"globals" => {
                let name: &'a str = self.arena.alloc_str(text);
                let mut root = self.scope;
                while let Some(parent) = self.scopes[root as usize].parent {
                    root = parent;
                }
                self.scopes[root as usize].names.insert(name, value);
            }
            (Shape::Function(closure), _, Some(text)) => {
                let key = std::ptr::from_ref(closure.function);
                self.properties.entry(key).or_default().insert(text.into(), value);
            }
            (Shape::Instance(instance), _, Some(text)) => {
                instance.fields.borrow_mut().insert(text.into(), value);
            }
            (Shape::Api(api), _, Some(text)) if ENVIRONMENTS.contains(&&**api) => {
                let api = api.clone();
                self.record(Action::EnvWrite, Object::constant(text), &api, target.span);
            }
            _ => self.taint_root(object, &value.taint),
        }
    }

    /// `list[start:stop] = values`.
    fn assign_slice(&mut self, slice: &'a Slice<'a>, value: Value<'a>) {
        let holder = self.eval_quietly(&slice.object);
        let bound = |machine: &mut Self, part: &'a Option<Expr<'a>>, length: usize, none: usize| match part {
            None => Some(none),
            Some(part) => machine.eval(part).as_int().map(|at| {
                let at = if at < 0 { at + length as i64 } else { at };
                at.clamp(0, length as i64) as usize
            }),
        };
        if let (Shape::List(list), Shape::List(values), None) = (&holder.shape, &value.shape, &slice.step) {
            let length = list.borrow().len();
            let (start, stop) = (bound(self, &slice.start, length, 0), bound(self, &slice.stop, length, length));
            if let (Some(start), Some(stop), true) = (start, stop, self.uncertain == 0 || length < 64) {
                let values = values.borrow().clone();
                if start <= stop && self.spend((length + values.len()) as u64) {
                    list.borrow_mut().splice(start..stop, values);
                    return;
                }
            }
        }
        self.taint_root(&slice.object, &value.taint);
    }

    /// Something was put into a thing of which we do not know the inside: the name at its root carries the sources.
    pub(super) fn taint_root(&mut self, expr: &Expr<'a>, taint: &Taint) {
        match expr.kind {
            ExprKind::Name(name) => self.taint_name(name, taint),
            ExprKind::Member(inner, _) | ExprKind::Index(inner, _) => self.taint_root(inner, taint),
            _ => {}
        }
    }

    fn assign_list(&mut self, targets: &'a [Expr<'a>], value: &Value<'a>, declares: bool) {
        let items = self.items_of(value);
        let rest = targets.iter().position(|target| matches!(target.kind, ExprKind::Spread(_)));
        for (at, target) in targets.iter().enumerate() {
            let item = match (&items, rest) {
                (None, _) => self.part_of(value, &at.to_string()),
                (Some(items), Some(rest)) if at == rest => {
                    let end = items.len().saturating_sub(targets.len() - 1 - rest);
                    Value::list(items.get(rest..end).unwrap_or_default().to_vec())
                }
                (Some(items), Some(rest)) if at > rest => {
                    let back = targets.len() - at;
                    items.len().checked_sub(back).and_then(|at| items.get(at)).cloned().unwrap_or_default()
                }
                (Some(items), _) => items.get(at).cloned().unwrap_or_default(),
            };
            self.assign_to(target, item.with(&value.taint), declares);
        }
    }

    fn assign_keys(&mut self, keys: &'a [(Expr<'a>, Expr<'a>)], value: &Value<'a>, declares: bool) {
        for (key, target) in keys {
            if let ExprKind::Spread(inner) = key.kind {
                self.assign_to(inner, value.clone(), declares);
                continue;
            }
            let name = match key.kind {
                ExprKind::Text(name) | ExprKind::Name(name) => name,
                _ => {
                    self.assign_to(target, Value::unknown(value.taint.clone()), declares);
                    continue;
                }
            };
            let part = self.member_value(value, name, key.span, false);
            self.assign_to(target, part.with(&value.taint), declares);
        }
    }

    /// An item of a value that is not a known list.
    fn part_of(&mut self, value: &Value<'a>, _key: &str) -> Value<'a> {
        Value::unknown(value.taint.clone())
    }
}

fn set<'a>(map: &mut Map<'a>, name: &str, value: Value<'a>, weak: bool) {
    match map.get_mut(name) {
        Some(old) if weak => {
            old.taint.add(&value.taint);
            if !matches!(value.shape, Shape::Unknown | Shape::Null) {
                old.shape = value.shape;
            }
        }
        _ => {
            map.insert(name.into(), value);
        }
    }
}
