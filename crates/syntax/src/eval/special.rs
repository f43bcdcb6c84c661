//! Calls that mean more than a line of a table can say: imports, attribute look-ups by name, files, `setup()`.

use std::rc::Rc;

use model::{Action, Object, Reach, Role};

use super::{
    Machine,
    fold::Arguments,
    machine::ENVIRONMENTS,
    value::{Made, Shape, Taint, Value},
};
use crate::{
    Language,
    ir::{Call, ExprKind, Span},
};

/// Methods by which the environment is read as a whole.
const WHOLE: &[&str] = &["copy", "items", "keys", "values", "to_h", "to_hash", "each", "toObject", "entries"];

/// The commands of setuptools that run while somebody installs the package or builds a wheel of it.
const INSTALL_COMMANDS: &[&str] = &[
    "install",
    "develop",
    "egg_info",
    "build",
    "build_py",
    "build_ext",
    "build_clib",
    "build_scripts",
    "bdist_wheel",
    "bdist_egg",
    "easy_install",
    "install_lib",
    "install_scripts",
    "install_data",
    "install_egg_info",
    "editable_wheel",
    "dist_info",
    "sdist",
];

impl<'a> Machine<'a> {
    pub(super) fn call_special(
        &mut self,
        api: &Rc<str>,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
        span: Span,
        call: Option<&'a Call<'a>>,
    ) -> Option<Value<'a>> {
        if let Some((holder, method)) = api.rsplit_once('.')
            && ENVIRONMENTS.contains(&holder)
        {
            return Some(self.call_environment(holder, method, arguments, span));
        }
        let literal = call
            .and_then(|call| call.arguments.iter().find(|argument| argument.name.is_none()))
            .is_some_and(|argument| matches!(argument.value.kind, ExprKind::Text(_)));
        match (self.language(), &**api) {
            (Language::Python, "builtins.__import__" | "importlib.import_module" | "importlib.__import__") => {
                Some(self.import_by_name(api, arguments, literal, span))
            }
            (Language::Python, "builtins.getattr") => self.attribute_by_name(arguments, call, span),
            (Language::Python, _) if api.ends_with(".__getattribute__") => {
                let holder = receiver.cloned().unwrap_or_default();
                let name = arguments.positional.first()?.as_text()?.to_owned();
                Some(self.member_value(&holder, &name, span, true))
            }
            (Language::Python, "pickle.loads" | "dill.loads" | "cloudpickle.loads") => {
                self.unpickle(arguments);
                None
            }
            (Language::Python, "builtins.setattr") => {
                if let (Some(Shape::Instance(holder)), Some(name), Some(value)) = (
                    arguments.positional.first().map(|value| value.shape.clone()),
                    arguments.positional.get(1).and_then(Value::as_text),
                    arguments.positional.get(2),
                ) {
                    holder.fields.borrow_mut().insert(name.into(), value.clone());
                }
                None
            }
            (Language::Python, "builtins.globals" | "builtins.locals" | "builtins.vars")
                if arguments.positional.is_empty() =>
            {
                Some(Value::api("globals"))
            }
            (Language::Python, "builtins.vars") => arguments.positional.first().cloned(),
            (Language::Python, "builtins.open" | "io.open" | "codecs.open" | "os.fdopen" | "builtins.file") => {
                Some(self.open_file(api, arguments, span))
            }
            (Language::Python, "setuptools.setup" | "distutils.core.setup" | "setup" | "skbuild.setup") => {
                self.run_commands(arguments);
                None
            }
            (
                Language::JavaScript,
                "require"
                | "import"
                | "module.require"
                | "process.mainModule.require"
                | "require.main.require"
                | "module.createRequire()"
                | "__non_webpack_require__"
                | "module._load"
                | "process.getBuiltinModule"
                | "require.call",
            ) => Some(self.require(api, arguments, literal, span)),
            (Language::JavaScript, "setTimeout" | "setInterval" | "timers.setTimeout" | "timers.setInterval") => {
                self.run_timer_text(api, arguments, span);
                None
            }
            (Language::JavaScript, "Function" | "Function.constructor" | "AsyncFunction" | "GeneratorFunction") => {
                Some(self.make_function(api, arguments, span))
            }
            (Language::JavaScript, _) if api.ends_with("()()") && api.starts_with("module.createRequire") => {
                Some(self.require(api, arguments, literal, span))
            }
            (Language::Ruby, "require" | "require_relative" | "load") => {
                if let Some(module) = arguments.positional.first().and_then(Value::as_text) {
                    let module = if &**api == "require" { module.to_owned() } else { format!("./{module}") };
                    self.note_import(&module, None, span);
                }
                Some(Value::default())
            }
            _ => {
                let _ = receiver;
                None
            }
        }
    }

    fn call_environment(&mut self, holder: &str, method: &str, arguments: &Arguments<'a>, span: Span) -> Value<'a> {
        if WHOLE.contains(&method) {
            let id = self.record(Action::EnvReadAll, Object::unknown(), holder, span);
            return Value::unknown(id.map(Taint::of).unwrap_or_default());
        }
        if matches!(method, "update" | "setdefault" | "set" | "delete" | "store") {
            let object = arguments.positional.first().cloned().unwrap_or_default();
            let object = self.object_of(&object);
            self.record(Action::EnvWrite, object, holder, span);
            return Value::default();
        }
        let key = arguments.positional.first().cloned().unwrap_or_default();
        let object = self.object_of(&key);
        let id = self.record(Action::EnvRead, object, holder, span);
        let default = arguments.positional.get(1).cloned().unwrap_or_default();
        default.with(&id.map(Taint::of).unwrap_or_default()).with(&key.taint)
    }

    fn note_import(&mut self, module: &str, name: Option<&str>, span: Span) {
        let place = self.place(span);
        let reach = self.reach.clone();
        self.recorder.import(module, name, &reach, place);
    }

    fn import_by_name(&mut self, api: &Rc<str>, arguments: &Arguments<'a>, literal: bool, span: Span) -> Value<'a> {
        let Some(name) = arguments.get(0, "name").cloned() else { return Value::default() };
        let Some(module) = name.as_text().map(str::to_owned) else {
            let object = self.object_of(&name);
            let id = self.record(Action::CodeImport, object, api, span);
            if let Some(id) = id {
                self.recorder.flow(&name.taint, id, Role::Code);
            }
            return Value::unknown(id.map(Taint::of).unwrap_or_default());
        };
        let module = match arguments.get(1, "package").and_then(Value::as_text) {
            Some(package) if module.starts_with('.') && !package.is_empty() => module.clone(),
            _ => module,
        };
        self.note_import(&module, None, span);
        let head = if api.ends_with("__import__") && arguments.get(3, "fromlist").is_none() {
            module.split('.').next().unwrap_or(&module)
        } else {
            &module
        };
        let head: Rc<str> = head.into();
        let head = self.renamed(head);
        self.hidden.push((head.clone(), if literal { "indirect-name" } else { "hidden-name" }));
        Value::api(head).with(&name.taint)
    }

    fn attribute_by_name(
        &mut self,
        arguments: &Arguments<'a>,
        call: Option<&'a Call<'a>>,
        span: Span,
    ) -> Option<Value<'a>> {
        let holder = arguments.positional.first()?.clone();
        let name = arguments.positional.get(1)?.clone();
        let literal = call
            .and_then(|call| call.arguments.get(1))
            .is_some_and(|argument| matches!(argument.value.kind, ExprKind::Text(_)));
        let text = name.as_text()?;
        let value = self.member_value(&holder, text, span, !literal);
        if literal && let Some(api) = value.api_name() {
            self.hidden.push((api.clone(), "indirect-name"));
        }
        Some(value)
    }

    fn require(&mut self, api: &Rc<str>, arguments: &Arguments<'a>, literal: bool, span: Span) -> Value<'a> {
        let Some(name) = arguments.positional.first().cloned() else { return Value::default() };
        let Some(module) = name.as_text().map(str::to_owned) else {
            let object = self.object_of(&name);
            let id = self.record(Action::CodeImport, object, api, span);
            if let Some(id) = id {
                let taint = self.deep_taint(&name);
                self.recorder.flow(&taint, id, Role::Code);
                let line = self.line_of(&name);
                let written: Vec<Taint> = self
                    .files
                    .iter()
                    .filter(|(path, _)| line.contains(path.as_str()))
                    .map(|(_, taint)| taint.clone())
                    .collect();
                for taint in written {
                    self.recorder.flow(&taint, id, Role::Path);
                }
            }
            return Value::unknown(id.map(Taint::of).unwrap_or_default());
        };
        if let Some(code) = crate::decode::data_url(module.as_bytes(), 1 << 20) {
            let id = self.record(Action::CodeEval, Object::constant("data:"), api, span);
            if let (Some(id), Ok(text)) = (id, String::from_utf8(code)) {
                self.open_layer(Language::JavaScript, &text, &Taint::default(), "data-url", span, id);
            }
            return Value::default();
        }
        self.note_import(&module, None, span);
        let head: Rc<str> = module.strip_prefix("node:").unwrap_or(&module).into();
        let head = self.renamed(head);
        if let Some(exports) = self.module(&module, &head) {
            return exports.with(&name.taint);
        }
        if !literal {
            self.hidden.push((head.clone(), "hidden-name"));
        }
        Value::api(head).with(&name.taint)
    }

    /// `setTimeout("text", 10)`: a text is run as code.
    fn run_timer_text(&mut self, api: &Rc<str>, arguments: &Arguments<'a>, span: Span) {
        let Some(code) = arguments.positional.first() else { return };
        if !matches!(code.shape, Shape::Text(_) | Shape::Pattern(_)) {
            return;
        }
        let object = self.object_of(code);
        let Some(id) = self.record(Action::CodeEval, object, api, span) else { return };
        let taint = self.deep_taint(code);
        self.recorder.flow(&taint, id, Role::Code);
        self.open_layers(Action::CodeEval, id, api, &[(super::effects::Part::Code, code.clone())], span);
    }

    /// What a pickle calls while it is read is called.
    fn unpickle(&mut self, arguments: &Arguments<'a>) {
        let Some(input) = arguments.positional.first() else { return };
        let (taint, calls) =
            (input.taint.clone(), input.as_data().map(crate::decode::pickled_calls).unwrap_or_default());
        for (name, texts) in calls {
            let name = match name.strip_prefix("__builtin__.") {
                Some(builtin) => format!("builtins.{builtin}"),
                None => name,
            };
            let handed = texts.into_iter().map(|text| Value::text(text).with(&taint)).collect();
            self.invoke(&Value::api(name), None, Arguments::of(handed));
        }
    }

    /// `new Function("a", "return a")`: the last argument is code.
    fn make_function(&mut self, api: &Rc<str>, arguments: &Arguments<'a>, span: Span) -> Value<'a> {
        let Some(code) = arguments.positional.last().cloned() else { return Value::default() };
        if code
            .as_text()
            .is_some_and(|text| matches!(text.trim().trim_end_matches(';'), "return this" | "return globalThis"))
        {
            return Value::api("globalThis.this");
        }
        if arguments.positional.len() == 1
            && let Some(text) = code.as_text().map(str::to_owned)
            && let Some(made) = self.yielding(&text)
        {
            return made.with(&code.taint);
        }
        let object = self.object_of(&code);
        let Some(id) = self.record(Action::CodeEval, object, api, span) else { return Value::default() };
        let taint = self.deep_taint(&code);
        self.recorder.flow(&taint, id, Role::Code);
        self.open_layers(Action::CodeEval, id, api, &[(super::effects::Part::Code, code)], span);
        Value::unknown(Taint::of(id))
    }

    /// `open(path, mode)`: the mode tells whether the handle reads or writes.
    fn open_file(&mut self, api: &Rc<str>, arguments: &Arguments<'a>, span: Span) -> Value<'a> {
        let path = arguments.get(0, "file").cloned().unwrap_or_default();
        let mode = arguments.get(1, "mode").cloned();
        let writes = mode.as_ref().and_then(Value::as_text).is_some_and(|mode| mode.contains(['w', 'a', 'x', '+']));
        let action = if writes { Action::FileWrite } else { Action::FileRead };
        let object = self.object_of(&path);
        let id = self.record(action, object.clone(), api, span);
        let mut taint = Taint::default();
        if let Some(id) = id {
            taint.add(&Taint::of(id));
            let from = self.deep_taint(&path);
            self.recorder.flow(&from, id, Role::Path);
            self.follow_paths(action, id, &object.text, &[(super::effects::Part::Path, path)]);
        }
        let made = Made { name: "builtins.open()".into(), arguments: arguments.clone() };
        Value { shape: Shape::Made(Rc::new(made)), taint }
    }

    /// `setup(cmdclass={"install": X})`: installation runs `X.run`.
    fn run_commands(&mut self, arguments: &Arguments<'a>) {
        let mut classes = Vec::new();
        for name in ["cmdclass", "distclass", "ext_modules"] {
            match arguments.named.iter().find(|(own, _)| &**own == name).map(|(_, value)| value.shape.clone()) {
                Some(Shape::Map(map)) => {
                    let map = map.borrow();
                    let mut commands: Vec<_> = map.iter().collect();
                    commands.sort_by(|left, right| left.0.cmp(right.0));
                    // `upload`, `test` and their kin run only when somebody asks for them.
                    commands.retain(|(name, _)| INSTALL_COMMANDS.contains(&&***name));
                    classes.extend(commands.into_iter().map(|(_, value)| value.clone()));
                }
                Some(Shape::Class(class)) => classes.push(Shape::Class(class).into()),
                _ => {}
            }
        }
        for value in classes {
            let value: Value<'a> = value;
            let Shape::Class(class) = &value.shape else { continue };
            let before = std::mem::replace(&mut self.reach, Reach::Load);
            let instance = self.construct(&class.clone(), Arguments::default());
            for method in ["initialize_options", "finalize_options", "run", "build_extension", "build_extensions"] {
                if let Some(method) = self.method_of(&class.clone(), method, &instance) {
                    self.invoke(&method, Some(&instance), Arguments::default());
                }
            }
            self.reach = before;
        }
    }
}
