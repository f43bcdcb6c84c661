//! Statements.

use std::{
    cell::RefCell,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

use model::{Action, Reach};

use super::{
    Machine,
    fold::Arguments,
    machine::{Leave, Skipped},
    value::{ClassValue, Closure, Map, Shape, Value},
};
use crate::{
    Language,
    ir::{BinaryOp, Class, Expr, ExprKind, Function, If, Import, Loop, LoopKind, Stmt, StmtKind},
};

/// More rounds of one loop are not followed.
const MOST_ROUNDS: u64 = 200_000;

/// What a loop goes over.
enum Items<'a> {
    Live(Rc<RefCell<Vec<Value<'a>>>>),
    Fixed(Vec<Value<'a>>),
}

impl<'a> Items<'a> {
    fn len(&self) -> usize {
        match self {
            Self::Live(list) => list.borrow().len(),
            Self::Fixed(items) => items.len(),
        }
    }

    fn get(&self, at: usize) -> Option<Value<'a>> {
        match self {
            Self::Live(list) => list.borrow().get(at).cloned(),
            Self::Fixed(items) => items.get(at).cloned(),
        }
    }
}

impl<'a> Machine<'a> {
    pub(super) fn run_block(&mut self, block: &'a [Stmt<'a>]) -> Leave {
        for stmt in block {
            let leave = self.run(stmt);
            if leave != Leave::Next {
                return leave;
            }
        }
        Leave::Next
    }

    fn run(&mut self, stmt: &'a Stmt<'a>) -> Leave {
        if !self.frames.is_empty() {
            self.extra = self.extra.saturating_sub(1);
        }
        match &stmt.kind {
            StmtKind::Expr(expr) => {
                self.eval_statement(expr);
            }
            StmtKind::Assign(assign) => {
                self.assign(assign);
            }
            StmtKind::Import(import) => self.import(stmt, import),
            StmtKind::Function(function) => {
                let value = self.close_over(function, None);
                let value = self.decorate(value, function.decorators);
                self.bind(function.name, value, true);
            }
            StmtKind::Class(class) => {
                let value = self.make_class(class);
                self.bind(class.name, value, true);
            }
            StmtKind::If(branch) => return self.run_if(branch),
            StmtKind::Loop(one) => return self.run_loop(one),
            StmtKind::Try(one) => {
                let seen = self.recorder.count();
                let leave = self.run_block(one.body);
                // In a loop that computes, an error that nobody can see is none: its handler would compute once too often.
                if self.looping > 0 && self.uncertain == 0 && self.recorder.count() == seen {
                    for (_, handler) in one.handlers {
                        self.put_off(handler);
                    }
                    let last = self.run_block(one.last);
                    return if last == Leave::Next { leave } else { last };
                }
                self.uncertain += 1;
                for (name, handler) in one.handlers {
                    if let Some(name) = name {
                        self.assign_to(name, Value::default(), true);
                    }
                    self.run_block(handler);
                }
                self.uncertain -= 1;
                let last = self.run_block(one.last);
                return if last == Leave::Next { leave } else { last };
            }
            StmtKind::Block(body) => return self.run_block(body),
            StmtKind::Return(value) => return self.run_return(value.as_ref()),
            StmtKind::Throw(value) => {
                if let Some(value) = value {
                    self.eval(value);
                }
                // What stands behind a `throw` may still be reached through a handler or a wrong guess of ours.
            }
            StmtKind::Break if self.uncertain == 0 => return Leave::Break,
            StmtKind::Continue if self.uncertain == 0 => return Leave::Continue,
            StmtKind::Break | StmtKind::Continue => {}
            StmtKind::Outer(names) => self.scopes[self.scope as usize].outer.extend(*names),
        }
        Leave::Next
    }

    fn run_return(&mut self, value: Option<&'a Expr<'a>>) -> Leave {
        let value = value.map_or_else(|| Shape::Null.into(), |value| self.eval(value));
        let certain = self.uncertain == 0;
        if let Some(frame) = self.frames.last_mut() {
            match &mut frame.result {
                Some(result) => {
                    result.taint.add(&value.taint);
                    if matches!(result.shape, Shape::Null | Shape::Unknown) {
                        result.shape = value.shape;
                    }
                }
                none => *none = Some(value),
            }
        }
        if certain { Leave::Return } else { Leave::Next }
    }

    fn run_if(&mut self, branch: &'a If<'a>) -> Leave {
        if let Some(asked) = self.asked_for(&branch.test) {
            let reach = std::mem::replace(&mut self.reach, Reach::Call(asked));
            self.uncertain += 1;
            self.run_block(branch.then);
            self.reach = reach;
            self.run_block(branch.otherwise);
            self.uncertain -= 1;
            return Leave::Next;
        }
        let test = self.eval(&branch.test);
        match test.truth() {
            Some(truth) => {
                let (taken, other) =
                    if truth { (branch.then, branch.otherwise) } else { (branch.otherwise, branch.then) };
                if let Some(first) = taken.first() {
                    self.taken.insert(std::ptr::from_ref(first));
                }
                self.put_off(other);
                self.run_block(taken)
            }
            None => {
                self.uncertain += 1;
                self.run_block(branch.then);
                self.run_block(branch.otherwise);
                self.uncertain -= 1;
                Leave::Next
            }
        }
    }

    /// Keeps a branch for the end, unless it was taken before.
    fn put_off(&mut self, branch: &'a [Stmt<'a>]) {
        let Some(first) = branch.first().map(std::ptr::from_ref) else { return };
        // A branch in a loop is kept once.
        // Another file of the package reads its own branches.
        if self.taken.contains(&first) || self.sources[self.source as usize].foreign {
            return;
        }
        if let Some(&at) = self.kept.get(&first) {
            if self.reach == Reach::Load
                && let Some(skipped) = self.skipped.get_mut(at).filter(|one| one.branch.as_ptr() == first)
            {
                skipped.reach = Reach::Load;
            }
        } else if self.skipped.len() < 4096 {
            self.kept.insert(first, self.skipped.len());
            self.skipped.push(Skipped { branch, scope: self.scope, source: self.source, reach: self.reach.clone() });
            // The branch will want its scope, as a closure does.
            self.closures_made += 1;
        }
    }

    fn run_loop(&mut self, one: &'a Loop<'a>) -> Leave {
        match &one.kind {
            LoopKind::Each(target, iterable) => self.run_each(target, iterable, one.body, false),
            LoopKind::Keys(target, iterable) => self.run_each(target, iterable, one.body, true),
            LoopKind::While(test, update) => self.run_while(test, update.as_ref(), one.body),
            LoopKind::DoWhile(test) => {
                let leave = self.run_block(one.body);
                if leave == Leave::Return {
                    return leave;
                }
                if leave == Leave::Break { Leave::Next } else { self.run_while(test, None, one.body) }
            }
        }
    }

    fn run_each(&mut self, target: &'a Expr<'a>, iterable: &'a Expr<'a>, body: &'a [Stmt<'a>], keys: bool) -> Leave {
        let over = self.eval(iterable);
        let items = match &over.shape {
            // A list is gone through as it stands at each round: its copy would cost more than a loop that soon ends.
            Shape::List(list) if !keys => Some(Items::Live(list.clone())),
            _ if keys => self.keys_of(&over).map(Items::Fixed),
            _ => self.items_of(&over).map(Items::Fixed),
        };
        if let Some(items) = items {
            let whole = items.len();
            if whole == 0 {
                // An empty list may have been filled where we did not see it.
                self.assign_to(target, Value::unknown(over.taint.clone()), true);
                return self.run_unknown(body);
            }
            for at in 0..whole {
                let Some(item) = items.get(at).filter(|_| self.spend(2)) else { break };
                let before = self.sight;
                self.assign_to(target, item.with(&over.taint), true);
                match self.run_round(body) {
                    Leave::Break => break,
                    Leave::Return => return Leave::Return,
                    Leave::Next | Leave::Continue => {}
                }
                if self.is_tired(before) {
                    break;
                }
            }
            return Leave::Next;
        }
        self.assign_to(target, Value::unknown(over.taint), true);
        self.run_unknown(body)
    }

    fn run_while(&mut self, test: &'a Expr<'a>, update: Option<&'a Expr<'a>>, body: &'a [Stmt<'a>]) -> Leave {
        let mut rounds = 0;
        let mut state = None;
        loop {
            match self.eval(test).truth() {
                Some(false) => return Leave::Next,
                Some(true) if rounds < MOST_ROUNDS && self.spend(4) => {}
                _ => break,
            }
            rounds += 1;
            let (steps, before) = (self.extra, self.sight);
            match self.run_round(body) {
                Leave::Break => return Leave::Next,
                Leave::Return => return Leave::Return,
                Leave::Next | Leave::Continue => {}
            }
            if let Some(update) = update {
                self.eval(update);
            }
            if self.is_tired(before) {
                break;
            }
            // So does a test of names that a round leaves as they were.
            if rounds % 64 >= 62 {
                let now = self.state_of(test, 0);
                if now.is_some() && now == state {
                    break;
                }
                state = now;
            }
            // `while True:` over unknown things goes round without end and learns nothing: one round is enough.
            if matches!(test.kind, ExprKind::Bool(true) | ExprKind::Int(1)) && (rounds >= 64 || steps == self.extra) {
                break;
            }
        }
        self.run_unknown(body);
        if let Some(update) = update {
            self.eval(update);
        }
        Leave::Next
    }

    /// A mark of the plain values that a test looks at; none when it looks at anything else.
    fn state_of(&self, test: &Expr<'a>, depth: u32) -> Option<u64> {
        let mut hasher = DefaultHasher::new();
        match test.kind {
            _ if depth > 16 => return None,
            ExprKind::Bool(_) | ExprKind::Int(_) | ExprKind::Text(_) | ExprKind::Bytes(_) | ExprKind::Null => {}
            ExprKind::Name(name) => match self.lookup(name).map(|value| &value.shape) {
                Some(Shape::Int(number)) => number.hash(&mut hasher),
                Some(Shape::Bool(truth)) => truth.hash(&mut hasher),
                Some(Shape::Text(text)) if text.len() <= 64 => text.hash(&mut hasher),
                Some(Shape::Bytes(bytes)) if bytes.len() <= 64 => bytes.hash(&mut hasher),
                Some(Shape::List(list)) => list.borrow().len().hash(&mut hasher),
                Some(Shape::Null) => {}
                _ => return None,
            },
            ExprKind::Unary(_, operand) => self.state_of(operand, depth + 1)?.hash(&mut hasher),
            ExprKind::Binary(_, left, right) => {
                self.state_of(left, depth + 1)?.hash(&mut hasher);
                self.state_of(right, depth + 1)?.hash(&mut hasher);
            }
            _ => return None,
        }
        Some(hasher.finish())
    }

    fn run_round(&mut self, body: &'a [Stmt<'a>]) -> Leave {
        self.looping += 1;
        let leave = self.run_block(body);
        self.looping -= 1;
        leave
    }

    /// A loop of unknown length: once, and once more if something was seen, for data that comes round.
    fn run_unknown(&mut self, body: &'a [Stmt<'a>]) -> Leave {
        self.uncertain += 1;
        let seen = self.recorder.count();
        self.run_block(body);
        if self.recorder.count() > seen && self.uncertain <= 2 && self.frames.len() <= 2 {
            self.run_block(body);
        }
        self.uncertain -= 1;
        Leave::Next
    }

    fn import(&mut self, stmt: &Stmt<'a>, import: &'a Import<'a>) {
        let place = self.place(stmt.span);
        let reach = self.reach.clone();
        self.recorder.import(import.module, import.name, &reach, place);
        if import.name == Some("*") && self.language() == Language::Python {
            self.import_all(import);
        }
        if import.alias.is_empty() || import.name == Some("*") {
            return;
        }
        let module = import.module.strip_prefix("node:").unwrap_or(import.module);
        let module: Rc<str> = match import.name {
            // `import a.b` binds `a`.
            None if self.language() == Language::Python
                && !import.module.starts_with(&format!("{}.", import.alias)) =>
            {
                module.into()
            }
            None if self.language() == Language::Python => import.alias.into(),
            _ => module.into(),
        };
        let module = self.renamed(module);
        if let Some(value) = self.imported(import, &module) {
            self.bind(import.alias, value, true);
            return;
        }
        let name = match import.name {
            None | Some("default") => Some(module),
            Some(name) => self.join_name(&module, name),
        };
        let value = name.map_or_else(Value::default, |name| self.named(name));
        self.bind(import.alias, value, true);
    }

    /// `from module import *`: every name of a module of the package that is known.
    fn import_all(&mut self, import: &'a Import<'a>) {
        let api: Rc<str> = import.module.into();
        let Some(Value { shape: Shape::Map(map), .. }) = self.module(import.module, &api) else { return };
        let names: Vec<(Rc<str>, Value<'a>)> =
            map.borrow().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        for (name, value) in names.into_iter().filter(|(name, value)| !name.starts_with('_') && !value.is_unknown()) {
            let name: &'a str = self.arena.alloc_str(&name);
            self.bind(name, value, true);
        }
    }

    /// What is imported out of a module of the package.
    fn imported(&mut self, import: &'a Import<'a>, api: &Rc<str>) -> Option<Value<'a>> {
        if self.language() == Language::Python && import.name.is_some() && import.module.bytes().all(|one| one == b'.')
        {
            // `from . import name` means a module.
            let name = import.name.unwrap_or_default();
            let whole = self.join_name(api, name)?;
            return self.module(&format!("{}{name}", import.module), &whole);
        }
        let whole = self.module(import.module, api)?;
        let Shape::Map(map) = &whole.shape else { return (import.name.is_none()).then_some(whole) };
        match import.name {
            None => Some(whole.clone()),
            Some(name) => {
                let found = map.borrow().get(name).filter(|value| !value.is_unknown()).cloned();
                // The default export of a module that only sets `module.exports` is that.
                found.or_else(|| (name == "default").then(|| whole.clone()))
            }
        }
    }

    pub(super) fn close_over(&mut self, function: &'a Function<'a>, class: Option<Rc<ClassValue<'a>>>) -> Value<'a> {
        let closure = Rc::new(Closure { function, scope: self.scope, receiver: None, class });
        self.closures_made += 1;
        let source = self.source;
        let calls = self.calls.entry(std::ptr::from_ref(function)).or_default();
        calls.source = source;
        if calls.count == 0 && calls.cost == 0 && !self.sources[source as usize].foreign {
            // The cost marks it as met, so that a function made in a loop is queued once.
            calls.cost = 1;
            self.met.push(closure.clone());
        }
        Shape::Function(closure).into()
    }

    pub(super) fn make_class(&mut self, class: &'a Class<'a>) -> Value<'a> {
        let bases: Vec<Value<'a>> = class.bases.iter().map(|base| self.eval_quietly(base)).collect();
        let value = Rc::new(ClassValue { class, members: Default::default(), bases });
        let outer = self.scope;
        self.scope = self.new_scope(Some(outer));
        for stmt in class.body {
            match stmt.kind {
                StmtKind::Function(function) => {
                    let method = self.close_over(function, Some(value.clone()));
                    self.scopes[self.scope as usize].names.insert(function.name, method);
                }
                _ => {
                    self.run(stmt);
                }
            }
        }
        let members: Map<'a> = std::mem::take(&mut self.scopes[self.scope as usize].names)
            .into_iter()
            .map(|(name, value)| (Rc::from(name), value))
            .collect();
        *value.members.borrow_mut() = members;
        self.scope = outer;
        self.found_class(&value);
        self.decorate(Shape::Class(value).into(), class.decorators)
    }

    /// Decorators of the text are called, innermost first; the name means what they return, when that is known.
    fn decorate(&mut self, value: Value<'a>, decorators: &'a [Expr<'a>]) -> Value<'a> {
        let mut value = value;
        for decorator in decorators.iter().rev() {
            let decorator = self.eval(decorator);
            if matches!(decorator.shape, Shape::Function(_) | Shape::Class(_)) {
                let changed = self.invoke(&decorator, None, Arguments::of(vec![value.clone()]));
                if matches!(changed.shape, Shape::Function(_) | Shape::Class(_) | Shape::Instance(_)) {
                    value = changed;
                }
            } else if let Some(name) = decorator.api_name().cloned()
                && self.effects().of(&name).iter().any(hands_over)
            {
                // What comes in is handed to the function, later.
                let before = self.reach.clone();
                if before == Reach::Load {
                    self.reach = Reach::Call(String::new());
                }
                self.call_outside(&name, None, &Arguments::of(vec![value.clone()]), self.here, None);
                self.reach = before;
            }
        }
        value
    }

    /// What Python runs when a class is made: its metaclass, and the hook of its base.
    fn found_class(&mut self, class: &Rc<ClassValue<'a>>) {
        if self.language() != Language::Python {
            return;
        }
        let value: Value<'a> = Shape::Class(class.clone()).into();
        for base in &class.bases {
            let Shape::Class(base) = &base.shape else { continue };
            if let Some(hook) = self.class_member(base, "__init_subclass__", 0) {
                self.invoke(&hook, Some(&value), Arguments::default());
            }
            let is_meta = base.bases.iter().any(|one| one.api_name().is_some_and(|name| &**name == "builtins.type"));
            for name in ["__new__", "__init__"] {
                if is_meta && let Some(hook) = base.members.borrow().get(name).cloned() {
                    self.invoke(&hook, Some(&value), Arguments::default());
                }
            }
        }
    }
}

impl<'a> Machine<'a> {
    /// What a user must do so that a test holds: run the file as a program, or give it an argument that no installer gives.
    fn asked_for(&mut self, test: &'a Expr<'a>) -> Option<String> {
        match test.kind {
            ExprKind::Binary(BinaryOp::And, left, right) => self.asked_for(left).or_else(|| self.asked_for(right)),
            _ if is_main_test(test) => Some("__main__".into()),
            ExprKind::Binary(BinaryOp::Equal | BinaryOp::In, left, right) if self.language() == Language::Python => {
                let (words, arguments) =
                    if let Some(words) = words_of(left) { (words, right) } else { (words_of(right)?, left) };
                let unasked = words.iter().any(|word| INSTALLERS.contains(word));
                let arguments = match arguments.kind {
                    ExprKind::Index(list, _) => list,
                    _ => arguments,
                };
                if unasked || !matches!(arguments.kind, ExprKind::Name(_) | ExprKind::Member(..)) {
                    return None;
                }
                let value = self.eval_quietly(arguments);
                let is_argv = value.api_name().is_some_and(|api| &**api == "sys.argv");
                is_argv.then(|| format!("argument {}", words.first().copied().unwrap_or_default()))
            }
            _ => None,
        }
    }
}

/// What pip and its kin give to `setup.py`. Other arguments come from a person.
const INSTALLERS: &[&str] = &[
    "--record",
    "--single-version-externally-managed",
    "bdist",
    "bdist_egg",
    "bdist_wheel",
    "build",
    "build_clib",
    "build_ext",
    "build_py",
    "develop",
    "dist_info",
    "editable_wheel",
    "egg_info",
    "install",
    "install_lib",
    "sdist",
];

/// A constant text, or a list of such.
fn words_of<'a>(expr: &Expr<'a>) -> Option<Vec<&'a str>> {
    match expr.kind {
        ExprKind::Text(word) => Some(vec![word]),
        ExprKind::List(items) => items
            .iter()
            .map(|item| match item.kind {
                ExprKind::Text(word) => Some(word),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// `if __name__ == "__main__":`
fn is_main_test(test: &Expr<'_>) -> bool {
    let is = |expr: &Expr<'_>, name: bool| match expr.kind {
        ExprKind::Name(own) => name && own == "__name__",
        ExprKind::Text(own) => !name && own == "__main__",
        _ => false,
    };
    match test.kind {
        ExprKind::Binary(BinaryOp::Equal, left, right) => {
            is(left, true) && is(right, false) || is(left, false) && is(right, true)
        }
        _ => false,
    }
}

/// Whether a decorator hands what is received to the function below it: the handlers of chat robots.
fn hands_over(effect: &super::effects::Effect) -> bool {
    effect.action == Some(Action::NetReceive)
}
