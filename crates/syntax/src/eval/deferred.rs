//! What acts only when it is called, read or fed later: bound and partial calls, properties, members that a method makes up,
//! listeners, and the input of a started interpreter.

use std::rc::Rc;

use model::{Action, Role};

use super::{
    Machine,
    fold::Arguments,
    layer::interpreter,
    machine::Source,
    value::{Closure, Made, Shape, Value},
};
use crate::{
    Language,
    ir::{ExprKind, Span, Stmt, StmtKind},
    lower, nesting,
    text::Lines,
};

/// More listeners than this are not kept.
const MOST_LISTENERS: usize = 256;

/// The name of a function with some of its arguments already given.
pub(super) const BOUND: &str = "\0bound()";

/// The name of a function that yields its only argument.
const YIELDS: &str = "\0yields()";
/// Longer bodies are not read for what they yield.
const LONGEST_BODY: usize = 1 << 20;
/// More bodies than this are not read for what they yield.
const MOST_BODIES: usize = 256;

impl<'a> Machine<'a> {
    /// A function whose whole body returns an expression, as `Function("return eval")` makes it.
    pub(super) fn yielding(&mut self, body: &str) -> Option<Value<'a>> {
        let expression = body.trim().strip_prefix("return")?.trim().trim_end_matches(';');
        if expression.is_empty() || expression.len() > LONGEST_BODY {
            return None;
        }
        if let Some(known) = self.yields.get(expression) {
            return known.clone();
        }
        if self.yields.len() >= MOST_BODIES || !self.spend(expression.len() as u64 / 16) {
            return None;
        }
        let value = self.eval_text(&format!("({expression})"));
        let made = value.filter(|value| !value.is_unknown()).map(|value| {
            let made = Made { name: YIELDS.into(), arguments: Arguments::of(vec![value]) };
            Shape::Made(Rc::new(made)).into()
        });
        self.yields.insert(expression.into(), made.clone());
        made
    }

    /// The value of an expression of this language that stands in a text.
    fn eval_text(&mut self, text: &str) -> Option<Value<'a>> {
        let language = self.language();
        if nesting::depth(text, language) > nesting::MOST {
            return None;
        }
        let text: &'a str = self.arena.alloc_str(text);
        let lowered = lower::lower(self.arena, language, text, self.budget.careful);
        let [Stmt { kind: StmtKind::Expr(expression), .. }] = lowered.body else { return None };
        let here = &self.sources[self.source as usize];
        let (path, layer, depth, foreign) = (here.path.clone(), here.layer, here.depth + 1, here.foreign);
        if depth > self.budget.layers {
            return None;
        }
        let source = self.sources.len() as u32;
        self.sources.push(Source { language, path, lines: Lines::new(text), layer, depth, foreign, module: None });
        let before = std::mem::replace(&mut self.source, source);
        let value = self.eval(expression);
        self.source = before;
        Some(value)
    }

    /// A call of something that was made to be called: `partial(f, x)()`, `attrgetter("name")(module)`.
    pub(super) fn call_made(&mut self, made: &Made<'a>, arguments: &Arguments<'a>, span: Span) -> Option<Value<'a>> {
        let given = &made.arguments.positional;
        match &*made.name {
            "functools.partial()" | "functools.partialmethod()" | BOUND => {
                let (callee, first) = given.split_first()?;
                let mut whole = Arguments { positional: first.to_vec(), named: made.arguments.named.clone() };
                whole.positional.extend(arguments.positional.iter().cloned());
                whole.named.extend(arguments.named.iter().cloned());
                self.here = span;
                Some(self.invoke(callee, None, whole))
            }
            YIELDS => given.first().cloned(),
            "operator.attrgetter()" => {
                let holder = arguments.positional.first()?.clone();
                let path = given.first()?.as_text()?.to_owned();
                Some(path.split('.').fold(holder, |holder, name| self.member_value(&holder, name, span, true)))
            }
            "operator.itemgetter()" => {
                let (holder, key) = (arguments.positional.first()?.clone(), given.first()?.clone());
                Some(self.item(&holder, &key, span, true))
            }
            "operator.methodcaller()" => {
                let holder = arguments.positional.first()?.clone();
                let (name, rest) = given.split_first()?;
                let method = self.member_value(&holder, name.as_text()?, span, true);
                let handed = Arguments { positional: rest.to_vec(), named: made.arguments.named.clone() };
                Some(self.invoke(&method, Some(&holder), handed))
            }
            _ => None,
        }
    }

    /// A callee with its first arguments, to be called later.
    pub fn bound(&self, callee: &Value<'a>, first: &[Value<'a>]) -> Value<'a> {
        let positional = std::iter::once(callee.clone()).chain(first.iter().cloned()).collect();
        Shape::Made(Rc::new(Made { name: BOUND.into(), arguments: Arguments::of(positional) })).into()
    }

    /// Reads a member: a property is called for its value.
    pub(super) fn read_property(&mut self, member: Value<'a>, holder: &Value<'a>) -> Value<'a> {
        match &member.shape {
            Shape::Function(closure) if is_property(closure) => {
                let closure = closure.clone();
                self.run_closure(&closure, Some(holder), Arguments::default())
            }
            _ => member,
        }
    }

    /// A member that an object does not have, but makes up when it is asked: `__getattr__`, a proxy's `get`.
    pub(super) fn made_up_member(&mut self, holder: &Value<'a>, name: &str) -> Option<Value<'a>> {
        match &holder.shape {
            Shape::Instance(instance) if !name.starts_with("__") => {
                let class = instance.class.clone();
                let method = ["__getattr__", "method_missing", "__getattribute__"]
                    .iter()
                    .find_map(|maker| self.method_of(&class, maker, holder))?;
                Some(self.invoke(&method, Some(holder), Arguments::of(vec![Value::text(name)])))
            }
            Shape::Made(made) if &*made.name == "Proxy()" => {
                let [target, handler, ..] = made.arguments.positional.as_slice() else { return None };
                let Shape::Map(handler) = &handler.shape else { return None };
                let get = handler.borrow().get("get").cloned()?;
                Some(self.invoke(&get, None, Arguments::of(vec![target.clone(), Value::text(name), holder.clone()])))
            }
            _ => None,
        }
    }

    /// `emitter.on("name", f)` and `emitter.emit("name", ...)`: what is sent comes in where somebody listens.
    pub(super) fn pass_event(&mut self, method: &str, arguments: &Arguments<'a>) {
        let Some(name) = arguments.positional.first().and_then(Value::as_text) else { return };
        match method {
            "on" | "once" | "addListener" | "addEventListener" | "prependListener" => {
                if let Some(listener) = arguments.positional.get(1)
                    && matches!(listener.shape, Shape::Function(_))
                    && self.listeners.len() < MOST_LISTENERS
                {
                    self.listeners.push((name.into(), listener.clone()));
                }
            }
            "emit" => {
                let name = name.to_owned();
                let handed = Arguments::of(arguments.positional[1..].to_vec());
                let listening: Vec<Value<'a>> =
                    self.listeners.iter().filter(|(own, _)| **own == *name).map(|(_, one)| one.clone()).collect();
                for listener in listening {
                    self.invoke(&listener, None, handed.clone());
                }
            }
            _ => {}
        }
    }

    /// Data that goes into an interpreter by its standard input is a program.
    pub(super) fn feed(&mut self, line: &str, input: &Value<'a>, span: Span) {
        let Some((name, language)) = reads_its_input(line) else { return };
        let taint = self.deep_taint(input);
        let known = matches!(input.shape, Shape::Text(_) | Shape::Bytes(_) | Shape::Pattern(_));
        if taint.is_empty() && !known {
            return;
        }
        let object = self.object_of(input);
        let Some(id) = self.record(Action::CodeEval, object, name, span) else { return };
        self.recorder.flag(id, "input");
        self.recorder.flow(&taint, id, Role::Code);
        self.open_code(language, id, input, span);
    }
}

fn is_property(closure: &Closure<'_>) -> bool {
    closure.function.decorators.iter().any(|one| match one.kind {
        ExprKind::Name(name) | ExprKind::Member(_, name) => {
            matches!(name, "property" | "cached_property" | "lazy_property")
        }
        _ => false,
    })
}

/// An interpreter without a program in its command line: it reads its input.
fn reads_its_input(line: &str) -> Option<(&str, Language)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    let language = interpreter(name)?;
    words
        .all(|word| matches!(word, "-" | "-s" | "-i" | "-u" | "-q" | "-Command" | "-NoProfile" | "-B"))
        .then_some((name, language))
}
