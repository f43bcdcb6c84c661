//! The names of a text: which it makes itself, what its aliases stand for, and which functions and classes have one.

use rustc_hash::{FxHashMap, FxHashSet};

use super::parts::{self, Part};
use crate::ir::{Assign, Call, Class, Expr, ExprKind, Function, Import, Stmt, StmtKind};

/// A function or class that does nothing before its name is used.
#[derive(Clone, Copy)]
pub(super) enum Named<'a> {
    Function(&'a Function<'a>),
    Class(&'a Class<'a>),
}

/// Everything that is known of a text's names.
pub(super) struct Names<'a, 'm> {
    /// Names that are bound somewhere in the text.
    own: FxHashSet<&'a str>,
    /// Members that the text makes: methods, fields, keys.
    members: FxHashSet<&'a str>,
    /// What names stand for: modules, and names out of them.
    imports: FxHashMap<&'a str, String>,
    named: FxHashMap<&'a str, Vec<Named<'a>>>,
    own_module: &'m dyn Fn(&str) -> bool,
}

/// Names by which code speaks of the object or module that it stands in.
const SELVES: &[&str] = &["self", "this", "cls", "exports"];

impl<'a, 'm> Names<'a, 'm> {
    pub fn collect(body: &'a [Stmt<'a>], own_module: &'m dyn Fn(&str) -> bool) -> Self {
        let mut names = Self {
            own: FxHashSet::default(),
            members: FxHashSet::default(),
            imports: FxHashMap::default(),
            named: FxHashMap::default(),
            own_module,
        };
        names.part(Part::Body(body));
        names
    }

    /// Whether the text binds this name.
    pub fn is_own(&self, name: &str) -> bool {
        self.own.contains(name)
    }

    /// Whether the text makes members of this name.
    pub fn is_own_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }

    /// The functions and classes of this name.
    pub fn named(&self, name: &str) -> &[Named<'a>] {
        self.named.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The outside name that an expression spells, aliases undone: `os.system`, `child_process.exec`, `print`.
    pub fn outside(&self, expr: &Expr<'_>) -> Option<String> {
        match expr.kind {
            ExprKind::Name(name) => match self.imports.get(name) {
                Some(path) => Some(path.clone()),
                None => (!self.is_own(name)).then(|| name.to_owned()),
            },
            ExprKind::Member(object, name) => self.member(object, name),
            ExprKind::Index(object, index) => match index.kind {
                ExprKind::Text(name) if is_word(name) => self.member(object, name),
                _ => None,
            },
            ExprKind::Call(call) => module_of(call).filter(|module| !self.is_own_module(module)).map(plain),
            _ => None,
        }
    }

    /// Whether an expression only loads a module, as an import does.
    pub fn is_import(&self, expr: &Expr<'_>) -> bool {
        match expr.kind {
            ExprKind::Call(call) => module_of(call).is_some(),
            ExprKind::Await(inner) | ExprKind::Yield(inner) => self.is_import(inner),
            _ => false,
        }
    }

    fn member(&self, object: &Expr<'_>, name: &str) -> Option<String> {
        let object = self.outside(object)?;
        Some(match object.as_str() {
            "globalThis" | "window" | "global" | "builtins" | "__builtins__" => name.to_owned(),
            _ if object.len() > 240 => object,
            _ => format!("{object}.{name}"),
        })
    }

    fn is_own_module(&self, module: &str) -> bool {
        let root = module.split(['.', '/', ':']).next().unwrap_or(module);
        root.is_empty() || (self.own_module)(root)
    }

    fn part(&mut self, part: Part<'a>) {
        match part {
            Part::Expr(expr) => self.expr(expr),
            Part::Target(target) => self.target(target),
            Part::Body(body) => body.iter().for_each(|stmt| self.stmt(stmt)),
            Part::Function(function) => parts::of_function(function, &mut |part| self.part(part)),
            Part::Class(class) => self.class(class),
        }
    }

    fn stmt(&mut self, stmt: &'a Stmt<'a>) {
        match stmt.kind {
            StmtKind::Import(import) => self.import(import),
            StmtKind::Assign(assign) => self.assign(assign),
            StmtKind::Function(function) => {
                self.own.insert(function.name);
                self.name(function.name, Named::Function(function));
            }
            StmtKind::Class(class) => {
                self.own.insert(class.name);
                self.name(class.name, Named::Class(class));
            }
            _ => {}
        }
        parts::of_stmt(stmt, &mut |part| self.part(part));
    }

    fn class(&mut self, class: &'a Class<'a>) {
        for stmt in class.body {
            match stmt.kind {
                StmtKind::Function(function) => drop(self.members.insert(function.name)),
                StmtKind::Assign(assign) => {
                    if let ExprKind::Name(name) = assign.target.kind {
                        self.members.insert(name);
                    }
                }
                _ => {}
            }
        }
        parts::of_class(class, &mut |part| self.part(part));
    }

    fn expr(&mut self, expr: &'a Expr<'a>) {
        match expr.kind {
            ExprKind::Assign(assign) => self.assign(assign),
            ExprKind::Map(pairs) => {
                let keys = pairs.iter().filter_map(|(key, _)| match key.kind {
                    ExprKind::Text(key) => Some(key),
                    _ => None,
                });
                self.members.extend(keys);
            }
            _ => {}
        }
        parts::of_expr(expr, &mut |part| self.part(part));
    }

    fn assign(&mut self, assign: &'a Assign<'a>) {
        match (assign.value.kind, assign.target.kind) {
            (ExprKind::Function(function), ExprKind::Name(name) | ExprKind::Member(_, name)) => {
                self.name(name, Named::Function(function));
            }
            (ExprKind::Class(class), ExprKind::Name(name) | ExprKind::Member(_, name)) => {
                self.name(name, Named::Class(class));
            }
            _ => {}
        }
        let value = match assign.value.kind {
            ExprKind::Await(inner) | ExprKind::Yield(inner) => inner,
            _ => &assign.value,
        };
        if let ExprKind::Call(call) = value.kind
            && let Some(module) = module_of(call).filter(|module| !self.is_own_module(module))
        {
            let module = plain(module);
            match assign.target.kind {
                ExprKind::Name(name) => drop(self.imports.insert(name, module)),
                ExprKind::Map(pairs) => {
                    for (key, value) in pairs {
                        if let (ExprKind::Text(key), ExprKind::Name(name)) = (key.kind, value.kind) {
                            self.imports.insert(name, format!("{module}.{key}"));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn import(&mut self, import: &Import<'a>) {
        if import.alias.is_empty() {
            return;
        }
        if self.is_own_module(import.module) {
            self.own.insert(import.alias);
            return;
        }
        let module = plain(import.module);
        let path = match import.name {
            Some("default" | "*") => module,
            Some(name) => format!("{module}.{name}"),
            // `import a.b` binds `a`.
            None if module.split('.').next() == Some(import.alias) => import.alias.to_owned(),
            None => module,
        };
        self.imports.insert(import.alias, path);
    }

    fn target(&mut self, target: &'a Expr<'a>) {
        match target.kind {
            ExprKind::Name(name) => drop(self.own.insert(name)),
            ExprKind::Member(object, name) => {
                if matches!(object.kind, ExprKind::Name(own) if SELVES.contains(&own)) {
                    self.members.insert(name);
                }
                self.expr(object);
            }
            ExprKind::List(list) => list.iter().for_each(|one| self.target(one)),
            ExprKind::Map(pairs) => pairs.iter().for_each(|(_, value)| self.target(value)),
            ExprKind::Spread(one) => self.target(one),
            ExprKind::Assign(assign) => {
                self.target(&assign.target);
                self.expr(&assign.value);
            }
            _ => self.expr(target),
        }
    }

    fn name(&mut self, name: &'a str, named: Named<'a>) {
        self.named.entry(name).or_default().push(named);
    }
}

/// The module that a call loads: `require('fs')`, `__import__('os')`, `importlib.import_module('os')`.
fn module_of<'a>(call: &Call<'a>) -> Option<&'a str> {
    let loads = match call.callee.kind {
        ExprKind::Name(name) | ExprKind::Member(_, name) => {
            matches!(name, "require" | "__import__" | "import_module" | "import")
        }
        _ => false,
    };
    match call.arguments.first()?.value.kind {
        ExprKind::Text(module) if loads => Some(module),
        _ => None,
    }
}

fn plain(module: &str) -> String {
    module.strip_prefix("node:").unwrap_or(module).to_owned()
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 64
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_$".contains(&byte))
}
