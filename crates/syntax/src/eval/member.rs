//! Members and items of values.

use std::rc::Rc;

use model::{Action, Object};

use super::{
    Machine, fold,
    machine::ENVIRONMENTS,
    value::{ClassValue, Closure, Made, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{Expr, ExprKind, Span},
};

impl<'a> Machine<'a> {
    /// `holder.name`. With `hidden`, the name was computed.
    pub(super) fn member_value(&mut self, holder: &Value<'a>, name: &str, span: Span, hidden: bool) -> Value<'a> {
        let found = match &holder.shape {
            Shape::Map(map) => map.borrow().get(name).cloned(),
            Shape::Function(closure) => {
                self.properties.get(&std::ptr::from_ref(closure.function)).and_then(|map| map.get(name)).cloned()
            }
            Shape::Instance(instance) => {
                let own = instance.fields.borrow().get(name).cloned();
                own.or_else(|| self.method_of(&instance.class.clone(), name, holder))
            }
            Shape::Class(class) => {
                let class = class.clone();
                self.class_member(&class, name, 0)
            }
            Shape::Api(api) if ENVIRONMENTS.contains(&&**api) => {
                return self.environment_member(api.clone(), name, span);
            }
            Shape::Api(api) => return self.api_member(&api.clone(), name, span, hidden).with(&holder.taint),
            Shape::Made(made) => {
                if let Some(value) = self.made_up_member(holder, name) {
                    return value.with(&holder.taint);
                }
                let value = self.api_member(&made.name.clone(), name, span, hidden).with(&holder.taint);
                return match &value.shape {
                    // The input of a started program still knows what was started.
                    Shape::Api(joined) if name == "stdin" => {
                        let made = Made { name: joined.clone(), arguments: made.arguments.clone() };
                        Value { shape: Shape::Made(Rc::new(made)), taint: value.taint }
                    }
                    _ => value,
                };
            }
            _ => None,
        };
        match found {
            Some(value) => self.read_property(value, holder).with(&holder.taint),
            None => {
                if let Some(value) = self.made_up_member(holder, name) {
                    return value.with(&holder.taint);
                }
                let marked = match &holder.shape {
                    Shape::Map(map) => map.borrow().get("__api__").and_then(|api| api.as_text().map(Rc::from)),
                    _ => None,
                };
                if let Some(api) = marked {
                    return self.api_member(&api, name, span, hidden).with(&holder.taint);
                }
                fold::member(self, holder, name)
                    .map_or_else(|| Value::unknown(holder.taint.clone()), |value| value.with(&holder.taint))
            }
        }
    }

    fn environment_member(&mut self, api: Rc<str>, name: &str, span: Span) -> Value<'a> {
        if matches!(name, "get" | "copy" | "items" | "keys" | "values" | "fetch" | "to_h" | "each" | "toObject") {
            return self.join_name(&api, name).map_or_else(Value::default, Value::api);
        }
        let id = self.record(Action::EnvRead, Object::constant(name), &api, span);
        Value::unknown(id.map(Taint::of).unwrap_or_default())
    }

    fn api_member(&mut self, api: &Rc<str>, name: &str, span: Span, hidden: bool) -> Value<'a> {
        // The names of the global object are plain names; `module.default` and `module.promises` change nothing for us.
        let joined = match (&**api, self.language()) {
            ("globalThis", Language::JavaScript) => {
                if let Some(value) = self.scopes.first().and_then(|scope| scope.names.get(name)) {
                    return value.clone();
                }
                let plain = self.intern(name);
                Some(self.renamed(plain))
            }
            (_, Language::JavaScript) if name == "default" => Some(api.clone()),
            ("sys.modules", Language::Python) => Some(self.intern(name)),
            (_, Language::Python) if name == "__dict__" => Some(api.clone()),
            ("builtins", Language::Python) if name == "__builtins__" => Some(api.clone()),
            ("globals", Language::Python) => {
                if let Some(value) = self.lookup(name) {
                    return value.clone();
                }
                if name == "__builtins__" {
                    return Value::api("builtins");
                }
                let base = self.intern("builtins");
                if fold::is_python_builtin(name) { self.join_name(&base, name) } else { None }
            }
            _ => self.join_name(api, name),
        };
        let Some(joined) = joined else { return Value::default() };
        // What another file of the package calls by a name that is handed to it is no name that is hidden.
        if hidden && !self.sources[self.source as usize].foreign {
            self.hidden.push((joined.clone(), "hidden-name"));
        }
        let _ = span;
        self.named(joined)
    }

    /// The value of an outside name: a text where the standard library has one.
    pub(super) fn named(&self, name: Rc<str>) -> Value<'a> {
        match fold::python_constant(&name).filter(|_| self.language() == Language::Python) {
            Some(text) => Value::text(text),
            None => Value::api(name),
        }
    }

    pub(super) fn method_of(
        &mut self,
        class: &Rc<ClassValue<'a>>,
        name: &str,
        receiver: &Value<'a>,
    ) -> Option<Value<'a>> {
        let member = self.class_member(class, name, 0)?;
        Some(match &member.shape {
            Shape::Function(closure) if closure.function.method && closure.receiver.is_none() => {
                Shape::Function(Rc::new(Closure {
                    function: closure.function,
                    scope: closure.scope,
                    receiver: Some(receiver.clone()),
                    class: closure.class.clone(),
                }))
                .into()
            }
            _ => member,
        })
    }

    pub(super) fn class_member(&mut self, class: &Rc<ClassValue<'a>>, name: &str, depth: u32) -> Option<Value<'a>> {
        if let Some(member) = class.members.borrow().get(name) {
            return Some(member.clone());
        }
        if depth > 8 {
            return None;
        }
        class.bases.iter().find_map(|base| match &base.shape {
            Shape::Class(base) => self.class_member(base, name, depth + 1),
            _ => None,
        })
    }

    pub(super) fn index(&mut self, expr: &'a Expr<'a>, object: &'a Expr<'a>, index: &'a Expr<'a>) -> Value<'a> {
        let holder = self.eval_quietly(object);
        let key = self.eval(index);
        let hidden = !matches!(index.kind, ExprKind::Text(_));
        let value = self.item(&holder, &key, expr.span, hidden);
        let mut taint = holder.taint;
        taint.add(&key.taint);
        value.with(&taint)
    }

    pub(super) fn item(&mut self, holder: &Value<'a>, key: &Value<'a>, span: Span, hidden: bool) -> Value<'a> {
        if let Some(at) = key.as_int()
            && let Some(item) = self.item_at(holder, at)
        {
            return item;
        }
        match (&holder.shape, key.as_text()) {
            (Shape::Api(_) | Shape::Made(_) | Shape::Map(_) | Shape::Instance(_) | Shape::Class(_), Some(name)) => {
                self.member_value(holder, name, span, hidden)
            }
            (Shape::Map(_), None) if key.as_int().is_some() => {
                let name = key.as_int().unwrap_or_default().to_string();
                self.member_value(holder, &name, span, hidden)
            }
            (Shape::Api(api), None) if ENVIRONMENTS.contains(&&**api) => {
                let object = self.object_of(key);
                let api = api.clone();
                let id = self.record(Action::EnvRead, object, &api, span);
                Value::unknown(id.map(Taint::of).unwrap_or_default())
            }
            (_, Some(name)) if self.language() == Language::JavaScript => self.member_value(holder, name, span, hidden),
            // In a loop that computes, what lies beyond the end is what ends it.
            (Shape::List(_), None)
                if self.looping > 0 && key.as_int().is_some() && self.language() == Language::JavaScript =>
            {
                Shape::Null.into()
            }
            (Shape::List(list), _) => {
                let mut taint = Taint::default();
                list.borrow().iter().take(64).for_each(|item| taint.add(&item.taint));
                Value::unknown(taint)
            }
            (Shape::Map(map), _) => {
                let mut taint = Taint::default();
                map.borrow().values().take(64).for_each(|item| taint.add(&item.taint));
                Value::unknown(taint)
            }
            _ => Value::default(),
        }
    }

    fn item_at(&mut self, holder: &Value<'a>, at: i64) -> Option<Value<'a>> {
        let python = matches!(self.language(), Language::Python | Language::Ruby);
        let place = |length: usize| {
            let at = if at < 0 && python { at + length as i64 } else { at };
            usize::try_from(at).ok().filter(|at| *at < length)
        };
        match &holder.shape {
            Shape::Text(text) if text.is_ascii() => {
                let at = place(text.len())?;
                Some(Value::text(&text[at..at + 1]))
            }
            Shape::Text(text) => {
                if !self.spend(text.len() as u64 / 8) {
                    return None;
                }
                let at = place(text.chars().count())?;
                text.chars().nth(at).map(|one| Value::text(one.to_string()))
            }
            Shape::Bytes(bytes) => {
                let at = place(bytes.len())?;
                Some(Shape::Int(bytes[at].into()).into())
            }
            Shape::List(list) => {
                let list = list.borrow();
                list.get(place(list.len())?).cloned()
            }
            _ => None,
        }
    }
}
