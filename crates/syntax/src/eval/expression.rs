//! Expressions.

use std::rc::Rc;

use model::{Action, Object, Place};

use super::{
    Machine,
    effects::Trigger,
    fold,
    machine::ENVIRONMENTS,
    value::{ClassValue, Closure, HOLE, Instance, Map, OPEN, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{BinaryOp, Comprehension, Expr, ExprKind, Slice, Span, UnaryOp},
};

/// Lists that are longer are not followed item by item.
const MOST_ITEMS: usize = 1 << 20;

impl<'a> Machine<'a> {
    /// Evaluates, and fires what reading the value as a whole does (`os.environ` alone is the whole environment).
    pub(super) fn eval(&mut self, expr: &'a Expr<'a>) -> Value<'a> {
        let value = self.eval_quietly(expr);
        if let Shape::Api(name) = &value.shape
            && matches!(expr.kind, ExprKind::Name(_) | ExprKind::Member(..) | ExprKind::Index(..) | ExprKind::Call(_))
        {
            let taint = self.fire_read(name, expr.span);
            return value.with(&taint);
        }
        value
    }

    /// An expression that stands alone as a statement. A bare text is a docstring or directive, not data.
    pub(super) fn eval_statement(&mut self, expr: &'a Expr<'a>) {
        if !matches!(expr.kind, ExprKind::Text(_)) {
            self.eval(expr);
        }
    }

    pub(super) fn fire_read(&mut self, name: &Rc<str>, span: Span) -> Taint {
        let mut taint = Taint::default();
        for effect in self.effects().of(name).iter().filter(|effect| effect.trigger == Trigger::Read) {
            if let Some(action) = effect.action {
                let object = effect
                    .roles
                    .iter()
                    .flat_map(|(_, selectors)| selectors)
                    .find_map(|selector| match selector {
                        super::effects::Selector::Constant(text) => Some(Object::constant(*text)),
                        _ => None,
                    })
                    .unwrap_or_default();
                if let Some(id) = self.record(action, object, name, span) {
                    for flag in &effect.flags {
                        self.recorder.flag(id, flag);
                    }
                    taint.add(&Taint::of(id));
                }
            }
        }
        taint
    }

    pub(super) fn eval_quietly(&mut self, expr: &'a Expr<'a>) -> Value<'a> {
        match expr.kind {
            ExprKind::Null => Shape::Null.into(),
            ExprKind::Bool(truth) => Shape::Bool(truth).into(),
            ExprKind::Int(number) => Shape::Int(number).into(),
            ExprKind::Float(number) => Shape::Float(number).into(),
            ExprKind::Text(text) => {
                if self.recorder.wants(text) {
                    let place = self.place(expr.span);
                    self.recorder.literal(text, place, false);
                }
                Value::text(text)
            }
            ExprKind::Bytes(bytes) => {
                if let Ok(text) = std::str::from_utf8(bytes)
                    && self.recorder.wants(text)
                {
                    let place = self.place(expr.span);
                    self.recorder.literal(text, place, false);
                }
                Value::bytes(bytes)
            }
            ExprKind::Join(parts) => self.join(parts, expr.span),
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Member(object, name) => {
                let holder = self.eval_quietly(object);
                self.member_value(&holder, name, expr.span, false)
            }
            ExprKind::Index(object, index) => self.index(expr, object, index),
            ExprKind::Slice(slice) => self.slice(slice),
            ExprKind::Call(call) => self.call(expr.span, call),
            ExprKind::Binary(op, left, right) => self.binary(op, left, right, expr.span),
            ExprKind::Unary(op, operand) => self.unary(op, operand),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(pairs) => self.map(pairs),
            ExprKind::Function(function) => self.close_over(function, None),
            ExprKind::Class(class) => self.make_class(class),
            ExprKind::Assign(assign) => self.assign(assign),
            ExprKind::Conditional(test, then, otherwise) => self.conditional(test, then, otherwise),
            ExprKind::Spread(inner) | ExprKind::Await(inner) => self.eval(inner),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Sequence(parts) => {
                let mut last = Value::default();
                for part in parts {
                    last = self.eval(part);
                }
                last
            }
            ExprKind::Opaque(parts) => {
                let mut taint = Taint::default();
                for part in parts {
                    taint.add(&self.eval(part).taint);
                }
                Value::unknown(taint)
            }
        }
    }

    fn name(&mut self, name: &'a str, span: Span) -> Value<'a> {
        if let Some(value) = self.lookup(name) {
            return value.clone();
        }
        match self.language() {
            Language::Python if fold::is_python_builtin(name) => {
                let base: Rc<str> = self.intern("builtins");
                self.join_name(&base, name).map_or_else(Value::default, Value::api)
            }
            Language::Python => match name {
                "__builtins__" => Value::api("builtins"),
                "__file__" => Value::api("__file__"),
                _ if fold::is_python_module(name) => {
                    let plain = self.intern(name);
                    Value::api(self.renamed(plain))
                }
                _ => Value::default(),
            },
            Language::Shell => {
                if matches!(
                    name,
                    "HOME" | "PATH" | "PWD" | "OLDPWD" | "IFS" | "0" | "1" | "2" | "@" | "*" | "?" | "#" | "$"
                ) {
                    return Value::default();
                }
                let id = self.record(Action::EnvRead, Object::constant(name), name, span);
                Value::unknown(id.map(Taint::of).unwrap_or_default())
            }
            Language::JavaScript if name == "undefined" => Shape::Null.into(),
            Language::JavaScript if matches!(name, "globalThis" | "global" | "window" | "self") => {
                Value::api("globalThis")
            }
            Language::JavaScript if name == "arguments" => self.arguments_object(),
            Language::JavaScript if name == "this" => Value::default(),
            _ => {
                let plain = self.intern(name);
                let name = self.renamed(plain);
                Value::api(name)
            }
        }
    }

    /// `arguments`: an object of its own for each call, made when it is asked for.
    fn arguments_object(&mut self) -> Value<'a> {
        let Some(frame) = self.frames.last_mut() else { return Value::default() };
        let handed = std::mem::take(&mut frame.arguments);
        let mut map = Map::default();
        map.insert("length".into(), Shape::Int(handed.len() as i64).into());
        map.extend(handed.into_iter().enumerate().map(|(at, value)| (Rc::from(at.to_string()), value)));
        let value = Value::map(map);
        self.scopes[self.scope as usize].names.insert("arguments", value.clone());
        value
    }

    /// A shared copy of a text that stands in the arena or is static.
    pub(super) fn intern(&mut self, name: &str) -> Rc<str> {
        let key = (0, name.as_ptr() as usize ^ name.len().rotate_left(48));
        if let Some((_, own)) = self.names.get(&key)
            && **own == *name
        {
            return own.clone();
        }
        let own: Rc<str> = name.into();
        self.names.insert(key, (own.clone(), own.clone()));
        own
    }

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
            Shape::Made(made) => return self.api_member(&made.name.clone(), name, span, hidden).with(&holder.taint),
            _ => None,
        };
        match found {
            Some(value) => value.with(&holder.taint),
            None => {
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
        if hidden {
            self.hidden.push((joined.clone(), "hidden-name"));
        }
        let _ = span;
        Value::api(joined)
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

    fn index(&mut self, expr: &'a Expr<'a>, object: &'a Expr<'a>, index: &'a Expr<'a>) -> Value<'a> {
        let holder = self.eval_quietly(object);
        let key = self.eval(index);
        let hidden = !matches!(index.kind, ExprKind::Text(_));
        let value = self.item(&holder, &key, expr.span, hidden);
        let mut taint = holder.taint;
        taint.add(&key.taint);
        value.with(&taint)
    }

    fn item(&mut self, holder: &Value<'a>, key: &Value<'a>, span: Span, hidden: bool) -> Value<'a> {
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

    fn slice(&mut self, slice: &'a Slice<'a>) -> Value<'a> {
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
                let bytes: Vec<u8> = cut(bytes.len()).filter_map(|at| bytes.get(at)).copied().collect();
                Value::bytes(bytes).with(&holder.taint)
            }
            Shape::List(list) => {
                let list = list.borrow();
                let items = cut(list.len()).filter_map(|at| list.get(at)).cloned().collect();
                Value::list(items).with(&holder.taint)
            }
            _ => Value::unknown(holder.taint),
        }
    }

    fn binary(&mut self, op: BinaryOp, left: &'a Expr<'a>, right: &'a Expr<'a>, span: Span) -> Value<'a> {
        if matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce) {
            return self.logical(op, left, right);
        }
        if matches!(op, BinaryOp::In | BinaryOp::NotIn) {
            // `"X" in os.environ` reads one name at most.
            self.eval_quietly(left);
            self.eval_quietly(right);
            return Value::default();
        }
        let long_chain = matches!(left.kind, ExprKind::Binary(..));
        let left = self.eval(left);
        let right = self.eval(right);
        let value = self.operate(op, &left, &right);
        if op == BinaryOp::Add && !long_chain {
            self.note_text(&value, span);
        } else if op == BinaryOp::Add {
            // Only the outermost sum of a chain is worth keeping; the inner ones are its beginnings.
            if value.as_text().is_some_and(|text| text.len() < 512) {
                self.note_text(&value, span);
            }
        }
        value
    }

    /// Keeps a text that was put together.
    pub(super) fn note_text(&mut self, value: &Value<'a>, span: Span) {
        let text = match &value.shape {
            Shape::Text(text) => text,
            _ => return,
        };
        if self.recorder.wants(text) {
            let place = self.place(span);
            let text = text.clone();
            self.recorder.literal(&text, place, true);
        }
    }

    fn logical(&mut self, op: BinaryOp, left: &'a Expr<'a>, right: &'a Expr<'a>) -> Value<'a> {
        let left = self.eval(left);
        let known = match op {
            BinaryOp::Coalesce => match left.shape {
                Shape::Null => Some(false),
                Shape::Unknown | Shape::Api(_) | Shape::Made(_) => None,
                _ => Some(true),
            },
            _ => left.truth(),
        };
        match (op, known) {
            (BinaryOp::And, Some(false)) | (BinaryOp::Or | BinaryOp::Coalesce, Some(true)) => left,
            (_, Some(_)) => self.eval(right),
            (_, None) => {
                self.uncertain += 1;
                let right = self.eval(right);
                self.uncertain -= 1;
                let taint = left.taint.clone();
                let keeps_left =
                    op != BinaryOp::And && matches!(left.shape, Shape::Api(_) | Shape::Made(_) | Shape::Pattern(_));
                if keeps_left { left.with(&right.taint) } else { right.with(&taint) }
            }
        }
    }

    fn unary(&mut self, op: UnaryOp, operand: &'a Expr<'a>) -> Value<'a> {
        let value = match op {
            UnaryOp::Delete | UnaryOp::TypeOf => self.eval_quietly(operand),
            _ => self.eval(operand),
        };
        self.operate_one(op, &value)
    }

    fn list(&mut self, items: &'a [Expr<'a>]) -> Value<'a> {
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

    fn map(&mut self, pairs: &'a [(Expr<'a>, Expr<'a>)]) -> Value<'a> {
        let mut map = Map::default();
        let mut taint = Taint::default();
        for (key, value) in pairs {
            if let ExprKind::Spread(inner) = key.kind {
                let spread = self.eval(inner);
                taint.add(&spread.taint);
                if let Shape::Map(more) = &spread.shape {
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

    fn conditional(&mut self, test: &'a Expr<'a>, then: &'a Expr<'a>, otherwise: &'a Expr<'a>) -> Value<'a> {
        match self.eval(test).truth() {
            Some(true) => self.eval(then),
            Some(false) => self.eval(otherwise),
            None => {
                self.uncertain += 1;
                let then = self.eval(then);
                let otherwise = self.eval(otherwise);
                self.uncertain -= 1;
                if matches!(then.shape, Shape::Unknown | Shape::Null) {
                    otherwise.with(&then.taint)
                } else {
                    then.with(&otherwise.taint)
                }
            }
        }
    }

    fn join(&mut self, parts: &'a [Expr<'a>], span: Span) -> Value<'a> {
        let mut text = String::new();
        let mut taint = Taint::default();
        for part in parts {
            let value = match part.kind {
                // The plain parts of a template are no literals of their own.
                ExprKind::Text(text) => Value::text(text),
                _ => self.eval(part),
            };
            taint.add(&value.taint);
            text.push_str(&self.text_with_holes(&value));
        }
        let value: Value<'a> = if text.contains(HOLE) { Shape::Pattern(text.into()).into() } else { Value::text(text) };
        self.note_text(&value, span);
        value.with(&taint)
    }

    fn comprehension(&mut self, comprehension: &'a Comprehension<'a>) -> Value<'a> {
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
        }
        all
    }

    /// The items of a value over which a loop can go, when they are known.
    pub(super) fn items_of(&mut self, value: &Value<'a>) -> Option<Vec<Value<'a>>> {
        match &value.shape {
            Shape::List(list) => Some(list.borrow().clone()),
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
            Shape::List(list) => Some((0..list.borrow().len()).map(|at| Value::text(at.to_string())).collect()),
            _ => None,
        }
    }

    pub(super) fn place(&mut self, span: Span) -> Place {
        self.sources[self.source as usize].place(span)
    }

    /// A number for a place in the text at hand.
    pub(super) fn position(&self, span: Span) -> u64 {
        u64::from(self.source) << 32 | u64::from(span.start)
    }

    /// Records a behaviour here and now.
    pub(super) fn record(&mut self, action: Action, object: Object, api: &str, span: Span) -> Option<u32> {
        let (at, source) = (self.position(span), &self.sources[self.source as usize]);
        let before = self.recorder.count();
        let place = || source.place(span);
        let id = self.recorder.behaviour_at(action, object, api, &self.reach, at, place)?;
        if self.recorder.count() == before {
            return Some(id);
        }
        let flag = self.hidden.iter().find_map(|(name, flag)| {
            let rest = api.strip_prefix(&**name)?;
            (rest.is_empty() || rest.starts_with(['.', '('])).then_some(*flag)
        });
        if let Some(flag) = flag {
            self.recorder.flag(id, flag);
        }
        Some(id)
    }

    pub(super) fn make_instance(&mut self, class: &Rc<ClassValue<'a>>) -> Value<'a> {
        Shape::Instance(Rc::new(Instance { class: class.clone(), fields: Default::default() })).into()
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
