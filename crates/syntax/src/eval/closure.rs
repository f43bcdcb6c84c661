//! Calls of functions of the text.

use std::rc::Rc;

use model::{Action, Reach};

use super::{
    Machine,
    fold::Arguments,
    machine::{Calls, Frame, name_of},
    value::{ClassValue, Closure, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{ExprKind, Function, ParameterKind},
};

/// What stands for a secret as a caller handed it over.
pub(super) const SECRET: &str = "parameter";
/// Calls nest no deeper.
const MOST_FRAMES: usize = 64;
/// A function that is called this often at this cost is not followed any more.
const MANY_CALLS: u32 = 64;
const DEAR_CALL: u64 = 4_000;
/// A function is followed this often with arguments that are not known.
const MANY_VAGUE_CALLS: u32 = 8;

impl<'a> Machine<'a> {
    pub(super) fn construct(&mut self, class: &Rc<ClassValue<'a>>, arguments: Arguments<'a>) -> Value<'a> {
        let instance = self.make_instance(class);
        let taint = self.taint_of_all(&arguments);
        for name in ["__init__", "constructor", "initialize"] {
            if let Some(method) = self.method_of(class, name, &instance)
                && let Shape::Function(closure) = &method.shape
            {
                self.run_closure(&closure.clone(), Some(&instance), arguments.clone());
                break;
            }
        }
        instance.with(&taint)
    }

    /// Follows a call of a function of the text.
    pub(super) fn run_closure(
        &mut self,
        closure: &Rc<Closure<'a>>,
        this: Option<&Value<'a>>,
        arguments: Arguments<'a>,
    ) -> Value<'a> {
        self.note_foreign_call(closure);
        let key = std::ptr::from_ref(closure.function);
        let informs = arguments
            .all()
            .any(|value| !matches!(value.shape, Shape::Unknown | Shape::Null) || !value.taint.is_empty());
        let on_stack = self.frames.iter().filter(|frame| frame.function == key).count();
        let load = self.reach == Reach::Load;
        if !load
            && let Some(caller) = self.frames.last()
            && caller.function != key
            && self.linked.insert((caller.function, key))
        {
            self.recorder.link(name_of(&caller.closure), name_of(closure));
        }
        let calls = self.calls.entry(key).or_default();
        let dear = calls.count > MANY_CALLS && calls.cost / u64::from(calls.count) > DEAR_CALL;
        // Each place that calls a function is followed once, even when patience is gone.
        let place = (key, self.source, self.here.start);
        let tired = self.patience == 0 && calls.count > 0 && calls.sight.is_blind() && self.followed.contains(&place);
        if !informs
            && let Some((plain, plain_load)) = &calls.plain
            && (*plain_load || !load)
        {
            return plain.clone();
        }
        let spent = self.extra == 0 && calls.count > 0;
        // A call whose arguments are not known teaches little after a few times; calls of calls would multiply without end.
        let vague = arguments.all().any(|value| !is_known(value));
        let worn = vague && calls.vague >= MANY_VAGUE_CALLS && (!load || calls.vague >= 2 * MANY_VAGUE_CALLS);
        if dear
            || tired
            || spent
            || worn
            || self.frames.len() >= MOST_FRAMES
            || on_stack >= if informs { 32 } else { 1 }
        {
            return Value::unknown(self.taint_of_all(&arguments));
        }
        self.followed.insert(place);
        calls.count += 1;
        calls.vague += u32::from(vague);
        let before = (self.extra, self.sight);
        self.spend(8);
        let result = self.run_body(closure, this, arguments);
        let (cost, sight) = (before.0 - self.extra, self.sight.since(before.1));
        let calls: &mut Calls<'a> = self.calls.entry(key).or_default();
        calls.cost += cost;
        calls.sight.add(sight);
        if !informs {
            calls.plain = Some((result.clone(), load));
        }
        result
    }

    /// A function of another module is called: who reads that module on its own must know.
    fn note_foreign_call(&mut self, closure: &Closure<'a>) {
        let here = &self.sources[self.source as usize];
        if self.modules.is_empty() || here.foreign || here.language != Language::Python {
            return;
        }
        let source = self.calls.get(&std::ptr::from_ref(closure.function)).map_or(0, |calls| calls.source);
        if let Some(module) = self.sources.get(source as usize).and_then(|source| source.module.clone()) {
            self.note_call(&format!("{module}.{}", closure.function.name));
        }
    }

    /// Reads a function that nobody called.
    pub(super) fn run_uncalled(&mut self, closure: &Rc<Closure<'a>>) {
        let this = closure.class.clone().map(|class| self.make_instance(&class));
        self.frames.clear();
        self.uncertain = 0;
        self.run_closure(closure, this.as_ref(), Arguments::default());
    }

    fn run_body(&mut self, closure: &Rc<Closure<'a>>, this: Option<&Value<'a>>, arguments: Arguments<'a>) -> Value<'a> {
        let function = closure.function;
        let source = self.calls.get(&std::ptr::from_ref(function)).map_or(0, |calls| calls.source);
        let scope = self.new_scope(Some(closure.scope));
        let before = (self.source, self.scope, std::mem::take(&mut self.uncertain), self.closures_made);
        (self.source, self.scope) = (source, scope);
        let mut arguments = arguments;
        if function.method && matches!(self.language(), Language::Python) {
            // `Class.method(receiver, x)` says itself what the receiver is.
            let unbound = this.is_some_and(|this| matches!(this.shape, Shape::Class(_))) && !is_class_method(function);
            if !unbound {
                arguments.positional.insert(0, this.cloned().unwrap_or_default());
            }
        } else if function.own_this {
            let this = this.cloned().unwrap_or_default();
            self.scopes[scope as usize].names.insert("this", this);
        }
        let handed = if function.own_this { arguments.positional.clone() } else { Vec::new() };
        self.bind_parameters(function, arguments);
        self.frames.push(Frame {
            function: std::ptr::from_ref(function),
            closure: closure.clone(),
            result: None,
            yielded: Vec::new(),
            arguments: handed,
        });
        self.run_block(function.body);
        let result = self.frames.pop().map_or_else(Value::default, Frame::answer);
        // A scope that nothing closes over is not needed any more.
        if self.closures_made == before.3 && self.scopes.len() as u32 == scope + 1 {
            self.scopes.pop();
        }
        (self.source, self.scope, self.uncertain) = (before.0, before.1, before.2);
        result
    }

    fn bind_parameters(&mut self, function: &'a Function<'a>, arguments: Arguments<'a>) {
        let mut met_first = false;
        let mut positional = arguments.positional.into_iter();
        let mut named = arguments.named;
        for parameter in function.parameters {
            let value = match parameter.kind {
                ParameterKind::Rest => Some(Value::list(positional.by_ref().collect())),
                ParameterKind::RestNamed => Some(Value::map(named.drain(..).collect())),
                ParameterKind::One => positional.next().or_else(|| {
                    let ExprKind::Name(name) = parameter.target.kind else { return None };
                    let at = named.iter().position(|(own, _)| &**own == name)?;
                    Some(named.remove(at).1)
                }),
            };
            let value = match (value, &parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.eval(default),
                (None, None) => Value::default(),
            };
            let own = matches!(parameter.target.kind, ExprKind::Name("self" | "cls"));
            let first = !own && !met_first;
            met_first |= !own;
            let value = self.mark_secret(function.name, first, parameter, value);
            self.assign_to(&parameter.target, value, true);
        }
    }

    /// What a caller of the package hands over in a parameter with a telling name is a secret of theirs; so is the first
    /// thing that a function with a telling name takes (`check_mnemonic(text)`).
    fn mark_secret(
        &mut self,
        function: &'a str,
        first: bool,
        parameter: &crate::ir::Parameter<'a>,
        value: Value<'a>,
    ) -> Value<'a> {
        let ExprKind::Name(name) = parameter.target.kind else { return value };
        let telling = names_secret(name) || first && names_wallet(function) && !matches!(name, "self" | "cls");
        if !matches!(value.shape, Shape::Unknown | Shape::Null) || !value.taint.is_empty() || !telling {
            return value;
        }
        let name = if names_secret(name) { name } else { function };
        let id = self.record(Action::SecretArgument, model::Object::constant(name), "parameter", parameter.target.span);
        match id {
            // The name tells later that it is still as it came.
            Some(id) => Value::api(SECRET).with(&Taint::of(id)),
            None => value,
        }
    }
}

/// Whether a parameter of this name takes a key, a password or the words of a wallet.
fn names_secret(name: &str) -> bool {
    const SECRETS: &[&str] = &[
        "privatekey",
        "privkey",
        "mnemonic",
        "seedphrase",
        "secretphrase",
        "recoveryphrase",
        "walletkey",
        "secretkey",
        "secretaccesskey",
        "keypair",
        "password",
        "passwd",
        "passphrase",
        "cardnumber",
        "creditcard",
        "cvv",
    ];
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    SECRETS.iter().any(|secret| plain.contains(secret))
}

/// Whether a function of this name works with the words or the key of a wallet.
fn names_wallet(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    ["mnemonic", "bip39", "privatekey", "seedphrase"].iter().any(|word| plain.contains(word))
}

fn is_class_method(function: &Function<'_>) -> bool {
    function.decorators.iter().any(|one| matches!(one.kind, ExprKind::Name("classmethod")))
        || matches!(function.name, "__new__" | "__init_subclass__" | "__class_getitem__")
}

/// Whether a value is known well enough for a call to compute with it.
fn is_known(value: &Value<'_>) -> bool {
    value.taint.is_empty()
        && !matches!(value.shape, Shape::Unknown | Shape::Pattern(_) | Shape::Made(_) | Shape::Instance(_))
}
