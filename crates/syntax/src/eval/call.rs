//! Calls: of outside things, of methods on known values, and what they do.

use std::rc::Rc;

use model::{Action, Reach, Role};

use super::{
    Machine,
    effects::{Part, Returns, Trigger},
    fire::holds_secret,
    fold::{self, Arguments},
    machine::name_of,
    value::{Made, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{Call, Expr, ExprKind, Span, TAGGED},
};

/// Callees that run the functions they are given soon, and not only when an event comes.
const RUNNERS: &[&str] = &[
    "then",
    "catch",
    "finally",
    "setTimeout",
    "setImmediate",
    "setInterval",
    "nextTick",
    "queueMicrotask",
    "forEach",
    "map",
    "filter",
    "reduce",
    "some",
    "every",
    "find",
    "on",
    "once",
    "Thread",
    "Timer",
    "Process",
    "submit",
    "start_new_thread",
    "run",
    "run_until_complete",
    "create_task",
    "gather",
    "register",
    "apply",
    "call",
    "Promise",
    "waterfall",
    "series",
    "parallel",
    "each",
    "tap",
    "times",
    "loop",
    "start",
    "exec",
    "wrap",
    "async",
    "Promise.resolve",
    "all",
    "addEventListener",
];

impl<'a> Machine<'a> {
    pub(super) fn call(&mut self, span: Span, call: &'a Call<'a>) -> Value<'a> {
        let (callee, receiver, name) = match call.callee.kind {
            ExprKind::Member(object, name) => {
                let holder = self.eval_quietly(object);
                (self.member_value(&holder, name, span, false), Some(holder), Some(name))
            }
            ExprKind::Index(object, index) => self.computed_callee(object, index, span),
            // A command and a variable of the same name are two things.
            ExprKind::Name(name) if self.language() == Language::Shell => (self.command_named(name), None, None),
            _ => (self.eval_quietly(&call.callee), None, None),
        };
        let arguments = self.arguments(call);
        self.here = span;
        match &callee.shape {
            Shape::Function(closure) => {
                let this = closure.receiver.clone().or_else(|| receiver.clone());
                let mut arguments = arguments;
                // A function of the text that is a tag gets the pieces in a list.
                if call.arguments.first().is_some_and(|first| first.name == Some(TAGGED)) {
                    arguments.positional = vec![Value::list(arguments.positional)];
                }
                self.run_closure(&closure.clone(), this.as_ref(), arguments).with(&callee.taint)
            }
            Shape::Class(class) => self.construct(&class.clone(), arguments),
            Shape::Made(made) if let Some(value) = self.call_made(&made.clone(), &arguments, span) => {
                value.with(&callee.taint)
            }
            Shape::Api(_) | Shape::Made(_) => {
                let api = callee.api_name().cloned().unwrap_or_else(|| Rc::from(""));
                let mut value = self.call_outside(&api, receiver.as_ref(), &arguments, span, Some(call));
                if !callee.taint.is_empty() && matches!(callee.shape, Shape::Made(_)) {
                    value.taint.add(&callee.taint);
                }
                self.taint_receiver(call, &value, &arguments);
                value
            }
            _ => {
                let value = self.call_method(receiver.as_ref(), name, &callee, &arguments, span);
                self.taint_receiver(call, &value, &arguments);
                value
            }
        }
    }

    /// A shell's command: a function of the text, or something outside.
    fn command_named(&mut self, name: &'a str) -> Value<'a> {
        match self.lookup(name) {
            Some(value) if matches!(value.shape, Shape::Function(_)) => value.clone(),
            _ => Value::api(self.intern(name)),
        }
    }

    fn computed_callee(
        &mut self,
        object: &'a Expr<'a>,
        index: &'a Expr<'a>,
        span: Span,
    ) -> (Value<'a>, Option<Value<'a>>, Option<&'a str>) {
        let holder = self.eval_quietly(object);
        let key = self.eval(index);
        match key.as_text() {
            Some(name) if !matches!(holder.shape, Shape::List(_)) || self.language() == Language::JavaScript => {
                let name: &'a str = self.arena.alloc_str(name);
                let hidden = !matches!(index.kind, ExprKind::Text(_));
                (self.member_value(&holder, name, span, hidden), Some(holder), Some(name))
            }
            _ => {
                let item = self.eval_quietly(&*self.arena.alloc(Expr { span, kind: ExprKind::Index(object, index) }));
                (item, Some(holder), None)
            }
        }
    }

    pub(super) fn arguments(&mut self, call: &'a Call<'a>) -> Arguments<'a> {
        let mut arguments = Arguments::default();
        for argument in call.arguments {
            let value = self.eval(&argument.value);
            let spread = matches!(argument.value.kind, ExprKind::Spread(_));
            match argument.name {
                None if spread => match &value.shape {
                    Shape::List(list) if self.spend_on_list(list.borrow().len()) => {
                        arguments.positional.extend(list.borrow().iter().cloned())
                    }
                    _ => arguments.positional.push(value),
                },
                None | Some(TAGGED) => arguments.positional.push(value),
                Some("**") => match &value.shape {
                    Shape::Map(map) => {
                        let mut pairs: Vec<_> =
                            map.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
                        pairs.sort_by(|left, right| left.0.cmp(&right.0));
                        arguments.named.extend(pairs);
                    }
                    _ => arguments.named.push((Rc::from("**"), value)),
                },
                Some(name) => {
                    let name = self.intern(name);
                    arguments.named.push((name, value));
                }
            }
        }
        arguments
    }

    /// What goes into an outside thing by a method stays in it: `form.append(secret)`, `socket.connect(...)`.
    fn taint_receiver(&mut self, call: &'a Call<'a>, result: &Value<'a>, arguments: &Arguments<'a>) {
        if let ExprKind::Member(object, name) = call.callee.kind
            && !matches!(name, "join" | "format" | "encode" | "replace" | "test" | "match" | "exec" | "search")
        {
            let mut taint = Taint::default();
            for &id in result.taint.sources() {
                let stays = |one: &model::Behaviour| {
                    one.action == Action::NetConnect || one.action == Action::FileRead && name == "read"
                };
                if self.recorder.behaviour(id).is_some_and(stays) {
                    taint.add(&Taint::of(id));
                }
            }
            for value in arguments.all() {
                if !matches!(value.shape, Shape::Function(_)) {
                    taint.add(&self.deep_taint(value));
                }
            }
            self.taint_root(object, &taint);
        }
    }

    /// Calls a value, for folds that take functions (`map`, `Array.prototype.map`, `reduce`, `replace`). `this` is the receiver, or none.
    pub fn invoke(&mut self, callee: &Value<'a>, this: Option<&Value<'a>>, arguments: Arguments<'a>) -> Value<'a> {
        match &callee.shape {
            Shape::Function(closure) => {
                let own = closure.receiver.clone();
                self.run_closure(&closure.clone(), own.as_ref().or(this), arguments)
            }
            Shape::Class(class) => self.construct(&class.clone(), arguments),
            Shape::Api(api) => self.call_outside(&api.clone(), this, &arguments, self.here, None),
            Shape::Made(made) => {
                let made = made.clone();
                self.call_made(&made, &arguments, self.here)
                    .unwrap_or_else(|| Value::unknown(self.taint_of_all(&arguments)))
            }
            _ => Value::unknown(self.taint_of_all(&arguments)),
        }
    }

    pub(super) fn taint_of_all(&self, arguments: &Arguments<'a>) -> Taint {
        let mut taint = Taint::default();
        for value in arguments.all() {
            taint.add(&self.deep_taint(value));
        }
        taint
    }

    /// A method on a value that is no outside thing, or a call of something unknown.
    fn call_method(
        &mut self,
        receiver: Option<&Value<'a>>,
        name: Option<&'a str>,
        callee: &Value<'a>,
        arguments: &Arguments<'a>,
        span: Span,
    ) -> Value<'a> {
        let mut taint = self.taint_of_all(arguments).and(&callee.taint);
        if let Some(receiver) = receiver {
            taint.add(&self.deep_taint(receiver));
        }
        let Some(name) = name else {
            let called = self.call_back(callee, "", arguments, &taint);
            return called.unwrap_or_default().with(&taint);
        };
        self.pass_event(name, arguments);
        if let Some(receiver) = receiver {
            // A promise of a known value.
            if name == "then"
                && !matches!(receiver.shape, Shape::Unknown | Shape::Null)
                && let Some(next) = arguments.positional.first()
                && self.language() == Language::JavaScript
            {
                return self.invoke(next, None, Arguments::of(vec![receiver.clone()])).with(&taint);
            }
            if let Some(value) = fold::method(self, receiver, name, arguments) {
                self.note_text(&value, span);
                return value.with(&taint);
            }
            if let Shape::Instance(instance) = &receiver.shape
                && name == "start"
                && let Some(run) = self.method_of(&instance.class.clone(), "run", receiver)
            {
                return self.invoke(&run, Some(receiver), Arguments::default());
            }
        }
        let effects = self.effects().of_method(name);
        if !effects.is_empty()
            && receiver
                .is_none_or(|receiver| !matches!(receiver.shape, Shape::Text(_) | Shape::List(_) | Shape::Int(_)))
        {
            let fired = self.fire(effects, name, receiver, arguments, span);
            self.pour_into_handles(receiver, arguments);
            let called = self.call_back(callee, name, arguments, &fired.clone().and(&taint));
            if let Some(value) = self.content(name, receiver, arguments) {
                return value.with(&fired);
            }
            if !fired.is_empty() {
                return called.unwrap_or_default().with(&fired);
            }
        }
        self.pour_into_handles(receiver, arguments);
        let called = self.call_back(callee, name, arguments, &taint);
        called.unwrap_or_default().with(&taint)
    }

    /// A call of something outside, by its resolved name.
    pub(super) fn call_outside(
        &mut self,
        api: &Rc<str>,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
        span: Span,
        call: Option<&'a Call<'a>>,
    ) -> Value<'a> {
        self.here = span;
        if let Some(value) = self.call_special(api, receiver, arguments, span, call) {
            return value;
        }
        let last = api.rsplit('.').next().unwrap_or(api);
        let effects = match self.effects().of(api) {
            [] if receiver.is_some() || api.contains("()") => self.effects().of_method(last),
            own => own,
        };
        if effects.is_empty() && api.contains('.') && !self.sources[self.source as usize].foreign {
            self.note_call(api);
        }
        if effects.is_empty() && self.language() == Language::Shell && self.is_program(api) {
            self.start_program(api, arguments, span);
        }
        let fired = self.fire(effects, api, receiver, arguments, span);
        self.pass_event(last, arguments);
        self.pour_into_handles(receiver, arguments);
        let mut inputs = self.taint_of_all(arguments);
        if let Some(receiver) = receiver {
            inputs.add(&self.deep_taint(receiver));
        }
        let handed = if fired.is_empty() { inputs.clone() } else { fired.clone() };
        let called = self.call_back(&Value::api(api.clone()), last, arguments, &handed);
        let acts = effects.iter().filter(|effect| effect.trigger == Trigger::Call).find_map(|effect| effect.action);
        let taint = match acts {
            None => inputs,
            Some(Action::DataDecode | Action::DataDecrypt | Action::DataEncode) => inputs.and(&fired),
            Some(_) => fired,
        };
        if let Some(value) = self.content(api, receiver, arguments) {
            return value.with(&taint);
        }
        // A text would not tell any more that a secret is in it as it came.
        if matches!(&**api, "JSON.stringify" | "json.dumps") && arguments.all().any(|one| holds_secret(one, 0)) {
            return self.made(format!("{api}()").into(), arguments).with(&taint);
        }
        if let Some(value) = fold::call(self, api, arguments) {
            self.note_text(&value, span);
            return value.with(&taint);
        }
        if let Some(receiver) = receiver
            && let Some(value) = fold::method(self, receiver, last, arguments)
        {
            return value.with(&taint);
        }
        if matches!(last, "then" | "catch" | "finally" | "map" | "flatMap")
            && let Some(called) = called
        {
            return called.with(&taint);
        }
        let returns = effects.iter().find_map(|effect| effect.returns.clone());
        match returns {
            Some(Returns::Argument(at)) => arguments.positional.get(at).cloned().unwrap_or_default().with(&taint),
            Some(Returns::Name(name)) => self.made(name.into(), arguments).with(&taint),
            None if api.len() > 200 => Value::unknown(taint),
            None => self.made(format!("{api}()").into(), arguments).with(&taint),
        }
    }

    /// Notes that something outside is called which no table knows: it may be a function of another module of the package.
    pub(super) fn note_call(&mut self, api: &str) {
        match (&self.reach, self.frames.last()) {
            (Reach::Load, _) => self.recorder.called(api),
            (Reach::Call(_), Some(frame)) => self.recorder.called_within(name_of(&frame.closure), api),
            (Reach::Call(block), None) => self.recorder.called_within(block.clone(), api),
        }
    }

    /// Whether the first word of a command is a file: one that was written before, or one that only Windows starts by name.
    fn is_program(&self, word: &str) -> bool {
        let lower = word.to_ascii_lowercase();
        [".exe", ".bat", ".cmd", ".com", ".scr", ".vbs", ".msi", ".hta"].iter().any(|end| lower.ends_with(end))
            // The reader of shell lines takes the ending of Windows programs off.
            || self.files.keys().any(|path| {
                let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
                name == word || name.strip_suffix(".exe") == Some(word)
            })
    }

    fn start_program(&mut self, word: &Rc<str>, arguments: &Arguments<'a>, span: Span) {
        let mut line = vec![Value::text(word.clone())];
        line.extend(arguments.positional.iter().cloned());
        let line = Value::list(line);
        let object = self.object_of(&line);
        if let Some(id) = self.record(Action::ProcExec, object.clone(), word, span) {
            self.follow_paths(Action::ProcExec, id, &format!("{} {word}.exe", object.text), &[(Part::Command, line)]);
        }
    }

    fn made(&mut self, name: Rc<str>, arguments: &Arguments<'a>) -> Value<'a> {
        let name = self.renamed(name);
        Shape::Made(Rc::new(Made { name, arguments: arguments.clone() })).into()
    }

    /// Data that is given to an open file or connection goes into it: `f.write(x)`, `a.pipe(f)`, `copyfileobj(a, f)`.
    fn pour_into_handles(&mut self, receiver: Option<&Value<'a>>, arguments: &Arguments<'a>) {
        let mut inputs = Taint::default();
        let mut handles = Vec::new();
        for value in receiver.into_iter().chain(arguments.all()) {
            if matches!(value.shape, Shape::Function(_)) {
                continue;
            }
            for &id in self.deep_taint(value).sources() {
                match self.recorder.behaviour(id).map(|one| one.action) {
                    Some(Action::FileWrite | Action::NetConnect) => handles.push(id),
                    Some(_) => inputs.add(&Taint::of(id)),
                    None => {}
                }
            }
        }
        for handle in handles {
            self.recorder.flow(&inputs, handle, Role::Data);
            for value in arguments.all() {
                self.keep_content(handle, value);
            }
        }
    }

    /// Runs the functions among the arguments, as the callee may. Answers what the first of them yields.
    fn call_back(
        &mut self,
        callee: &Value<'a>,
        name: &str,
        arguments: &Arguments<'a>,
        taint: &Taint,
    ) -> Option<Value<'a>> {
        let last = name.rsplit('.').next().unwrap_or(name);
        let functions: Vec<Value<'a>> = arguments
            .all()
            .filter(|value| match &value.shape {
                Shape::Function(_) => true,
                // `fetch(u).then(eval)`
                Shape::Api(api) => last == "then" && !self.effects().of(api).is_empty(),
                _ => false,
            })
            .cloned()
            .collect();
        if functions.is_empty() {
            self.start_outside(callee, arguments);
            return None;
        }
        let known = callee.api_name().is_some_and(|api| !self.effects().of(api).is_empty());
        let soon = known || RUNNERS.contains(&last);
        let before = self.reach.clone();
        if !soon {
            self.reach = Reach::Call(String::new());
        }
        let mut first = None;
        for function in functions {
            let handed = (0..3).map(|_| Value::unknown(taint.clone())).collect();
            let value = self.invoke(&function, None, Arguments::of(handed));
            first.get_or_insert(value);
        }
        self.reach = before;
        first
    }

    /// `Thread(target=os.system, args=[line])`: an outside function is handed on together with its arguments.
    fn start_outside(&mut self, callee: &Value<'a>, arguments: &Arguments<'a>) {
        let starts = callee.api_name().is_some_and(|api| matches!(api.rsplit('.').next(), Some("Thread" | "Process")));
        let named = |name: &str| arguments.named.iter().find(|(own, _)| &**own == name).map(|(_, value)| value.clone());
        let (Some(target), Some(handed)) = (named("target"), named("args")) else { return };
        if let (true, Shape::Api(_), Shape::List(list)) = (starts, &target.shape, &handed.shape) {
            let list = list.borrow().clone();
            self.invoke(&target, None, Arguments::of(list));
        }
    }
}
