//! Expressions.

use std::rc::Rc;

use model::{Action, Object, Place, Reach};

use super::{
    Machine,
    effects::Trigger,
    fold,
    machine::name_of,
    value::{ClassValue, HOLE, Instance, Map, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{BinaryOp, Expr, ExprKind, Span, UnaryOp},
};

/// So many of the values that a generator yields are kept.
const MOST_YIELDED: usize = 256;

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
        let value = self.evaluate(expr);
        if !matches!(
            expr.kind,
            ExprKind::Null | ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_)
        ) {
            self.look(&value);
        }
        value
    }

    fn evaluate(&mut self, expr: &'a Expr<'a>) -> Value<'a> {
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
            ExprKind::Yield(inner) => {
                let value = self.eval(inner);
                if let Some(frame) = self.frames.last_mut().filter(|frame| frame.yielded.len() < MOST_YIELDED) {
                    frame.yielded.push(value.clone());
                }
                value
            }
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

    fn binary(&mut self, op: BinaryOp, left: &'a Expr<'a>, right: &'a Expr<'a>, span: Span) -> Value<'a> {
        if matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce) {
            return self.logical(op, left, right);
        }
        if matches!(op, BinaryOp::In | BinaryOp::NotIn) {
            // `"X" in os.environ` reads one name at most.
            let (left, right) = (self.eval_quietly(left), self.eval_quietly(right));
            let (Shape::Text(part), Shape::Text(whole)) = (&left.shape, &right.shape) else { return Value::default() };
            if !self.spend(1 + whole.len() as u64 / 64) {
                return Value::default();
            }
            return Shape::Bool(whole.contains(&**part) == (op == BinaryOp::In)).into();
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
        if source.foreign {
            self.recorder.foreign(id);
        }
        if self.reach != Reach::Load
            && let Some(frame) = self.frames.first()
        {
            self.recorder.reached_by(id, &name_of(&frame.closure));
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
