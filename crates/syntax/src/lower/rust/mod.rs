//! Rust: build scripts, procedural macros, and whatever else a crate runs.
//!
//! Paths are members (`std.process.Command.new`), and `use` binds its names to them. A chain that builds a command and starts it is
//! one call of `Command.run` with the list `command`. Methods that only unwrap, borrow or convert are left out. Macros are calls of
//! their name with `!`, but for `format!`, which is a text. `main` and the entry points of procedural macros are called at the end.

use tree_sitter::Node;

use super::{
    Lowered,
    tree::{Reader, children, fields, span, statement},
};
use crate::Language;
use crate::ir::{
    Bump, Class, Expr, ExprKind, Function, If, Import, Loop, LoopKind, Parameter, ParameterKind, Stmt, StmtKind,
};

mod expression;
mod tokens;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Lowered<'a> {
    let mut reader = Reader::new(arena, text);
    let trees = reader.parse(Language::Rust, tree_sitter_rust::LANGUAGE);
    let mut source = Source { reader, entries: Vec::new(), is_entry: false };
    let mut body = Vec::new();
    for tree in &trees {
        source.statements(tree.root_node(), &mut body);
    }
    for name in std::mem::take(&mut source.entries) {
        let place = crate::ir::Span::default();
        body.push(statement(source.reader.call_name(place, name, &[])));
    }
    source.reader.lowered(body)
}

struct Source<'a> {
    reader: Reader<'a>,
    /// Functions that run by themselves.
    entries: Vec<&'a str>,
    /// Whether the attributes before a function say that it does.
    is_entry: bool,
}

impl<'a> Source<'a> {
    fn statements(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        for child in children(node) {
            self.statement(child, into);
        }
    }

    fn body(&mut self, node: Node<'_>) -> &'a [Stmt<'a>] {
        let mut body = Vec::new();
        self.statement(node, &mut body);
        self.reader.arena.alloc_slice_copy(&body)
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        if self.reader.enter() {
            self.statement_within(node, into);
            self.reader.leave();
        }
    }

    fn statement_within(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        match node.kind() {
            "use_declaration" => {
                if let Some(argument) = node.child_by_field_name("argument") {
                    self.import(argument, &mut Vec::new(), into);
                }
            }
            "attribute_item" => self.attribute(node),
            "function_item" => {
                let function = self.function_item(node);
                into.push(Stmt { span: place, kind: StmtKind::Function(function) });
            }
            "impl_item" | "trait_item" => self.implementation(node, into),
            "mod_item" | "foreign_mod_item" => {
                if let Some(body) = node.child_by_field_name("body") {
                    self.statements(body, into);
                }
            }
            "let_declaration" | "const_item" | "static_item" => {
                let name = node.child_by_field_name("pattern").or_else(|| node.child_by_field_name("name"));
                if let (Some(name), Some(value)) = (name, node.child_by_field_name("value")) {
                    let value = self.value(value);
                    self.bind(name, value, into);
                }
                if let Some(otherwise) = node.child_by_field_name("alternative") {
                    self.statement(otherwise, into);
                }
            }
            "expression_statement"
            | "block"
            | "unsafe_block"
            | "async_block"
            | "const_block"
            | "ERROR"
            | "declaration_list"
            | "source_file"
            | "else_clause"
            | "gen_block"
            | "try_block"
            | "labeled_expression" => self.statements(node, into),
            "if_expression" => self.branch(node, into),
            "match_expression" => self.matching(node, into),
            "for_expression" => self.for_loop(node, into),
            "while_expression" | "loop_expression" => self.repeat(node, into),
            "assignment_expression" | "compound_assignment_expr" => match self.assignment(node) {
                Some(assign) => into.push(Stmt { span: place, kind: StmtKind::Assign(assign) }),
                None => into.push(statement(self.reader.opaque(place, &[]))),
            },
            "return_expression" => {
                let value = children(node).first().map(|value| self.value(*value));
                into.push(Stmt { span: place, kind: StmtKind::Return(value) });
            }
            "break_expression" => into.push(Stmt { span: place, kind: StmtKind::Break }),
            "continue_expression" => into.push(Stmt { span: place, kind: StmtKind::Continue }),
            "empty_statement"
            | "line_comment"
            | "block_comment"
            | "struct_item"
            | "enum_item"
            | "union_item"
            | "type_item"
            | "macro_definition"
            | "inner_attribute_item"
            | "extern_crate_declaration"
            | "label"
            | "shebang"
            | "function_signature_item"
            | "associated_type"
            | "visibility_modifier"
            | "mutable_specifier" => {}
            _ => into.push(statement(self.value(node))),
        }
    }

    fn attribute(&mut self, node: Node<'_>) {
        let text = self.reader.slice(node);
        // A constructor that the linker lets run before `main`.
        let runs = ["proc_macro", "ctor", "link_section", "no_mangle"].iter().any(|word| text.contains(word));
        self.is_entry |= runs;
    }

    /// The tree of a `use`, from its root to each name.
    fn import(&mut self, node: Node<'_>, path: &mut Vec<&'a str>, into: &mut Vec<Stmt<'a>>) {
        if !self.reader.enter() {
            return;
        }
        let before = path.len();
        match node.kind() {
            "scoped_use_list" => {
                if let Some(inner) = node.child_by_field_name("path") {
                    self.segments(inner, path);
                }
                if let Some(list) = node.child_by_field_name("list") {
                    self.import(list, path, into);
                }
            }
            "use_list" => {
                for child in children(node) {
                    self.import(child, path, into);
                }
            }
            "use_as_clause" => {
                if let Some(inner) = node.child_by_field_name("path") {
                    self.segments(inner, path);
                }
                let alias = node.child_by_field_name("alias").map(|alias| self.reader.slice(alias));
                self.bind_import(node, path, alias.unwrap_or_default(), into);
            }
            "use_wildcard" => {
                if let Some(inner) = children(node).first() {
                    self.segments(*inner, path);
                }
                self.bind_import(node, path, "", into);
            }
            _ => {
                self.segments(node, path);
                let alias = path.last().copied().unwrap_or_default();
                self.bind_import(node, path, alias, into);
            }
        }
        path.truncate(before);
        self.reader.leave();
    }

    fn segments(&self, node: Node<'_>, path: &mut Vec<&'a str>) {
        for part in self.reader.slice(node).split("::").take(32) {
            let part = part.trim();
            if !matches!(part, "" | "self") {
                path.push(part);
            }
        }
    }

    fn bind_import(&mut self, node: Node<'_>, path: &[&'a str], alias: &'a str, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let module = self.reader.arena.alloc_str(&path.join("::"));
        let import = Import { module, name: None, alias: "" };
        into.push(Stmt { span: place, kind: StmtKind::Import(self.reader.place(import)) });
        let Some((root, rest)) = path.split_first() else { return };
        if matches!(*root, "crate" | "super") || matches!(alias, "" | "_") || path.len() == 1 && *root == alias {
            return;
        }
        let value =
            rest.iter().fold(self.reader.name(place, root), |object, part| self.reader.member(place, object, part));
        let assign = self.reader.assign(self.reader.name(place, alias), None, value, true);
        into.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
    }

    fn function_item(&mut self, node: Node<'_>) -> &'a Function<'a> {
        let name = node.child_by_field_name("name").map(|name| self.reader.slice(name)).unwrap_or_default();
        if std::mem::take(&mut self.is_entry) || name == "main" {
            self.entries.push(name);
        }
        self.function(node, name)
    }

    /// A function or closure: its last expression is what it yields.
    fn function(&mut self, node: Node<'_>, name: &'a str) -> &'a Function<'a> {
        let mut parameters = Vec::new();
        for child in node.child_by_field_name("parameters").map(children).unwrap_or_default() {
            let pattern = match child.kind() {
                "self_parameter" | "attribute_item" | "variadic_parameter" => continue,
                "parameter" => child.child_by_field_name("pattern").unwrap_or(child),
                _ => child,
            };
            let target = self.pattern(pattern);
            parameters.push(Parameter { target, default: None, kind: ParameterKind::One });
        }
        let mut body = Vec::new();
        if let Some(inner) = node.child_by_field_name("body") {
            self.statement(inner, &mut body);
            self.yield_last(&mut body, ends_in_value(inner), 0);
        }
        self.reader.function(span(node), name, &parameters, &body)
    }

    /// Makes the last expression of a body its value, in both sides of a branch too.
    fn yield_last(&self, body: &mut [Stmt<'a>], is_value: bool, depth: usize) {
        let Some(last) = body.last_mut().filter(|_| is_value && depth < 16) else { return };
        let within = |inner: &[Stmt<'a>]| {
            let mut inner = inner.to_vec();
            self.yield_last(&mut inner, true, depth + 1);
            &*self.reader.arena.alloc_slice_copy(&inner)
        };
        match last.kind {
            StmtKind::Expr(value) => last.kind = StmtKind::Return(Some(value)),
            StmtKind::If(one) => {
                let one = If { test: one.test, then: within(one.then), otherwise: within(one.otherwise) };
                last.kind = StmtKind::If(self.reader.place(one));
            }
            StmtKind::Block(inner) => last.kind = StmtKind::Block(within(inner)),
            _ => {}
        }
    }

    fn implementation(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let Some(list) = node.child_by_field_name("body") else { return };
        let name = node.child_by_field_name("type").or_else(|| node.child_by_field_name("name"));
        let name = name.map(|name| self.reader.slice(name).split('<').next().unwrap_or_default()).unwrap_or_default();
        let body = self.body(list);
        let class = Class { name, bases: &[], body, span: span(node), decorators: &[] };
        into.push(Stmt { span: span(node), kind: StmtKind::Class(self.reader.place(class)) });
    }

    /// Binds the names of a pattern to a value, or to something that comes from it.
    fn bind(&mut self, pattern: Node<'_>, value: Expr<'a>, into: &mut Vec<Stmt<'a>>) {
        let place = span(pattern);
        let target = self.pattern(pattern);
        let assign = self.reader.assign(target, None, value, true);
        into.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
    }

    fn pattern(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        if !self.reader.enter() {
            return self.reader.name(place, "_");
        }
        let parts = children(node);
        let target = match node.kind() {
            "identifier" | "shorthand_field_identifier" => self.reader.name(place, self.reader.slice(node)),
            "tuple_pattern" | "slice_pattern" => {
                let items: Vec<_> = parts.into_iter().map(|part| self.pattern(part)).collect();
                self.reader.list(place, &items)
            }
            // `Some(x)`: the name stands for what is in it.
            "tuple_struct_pattern"
            | "struct_pattern"
            | "mut_pattern"
            | "ref_pattern"
            | "reference_pattern"
            | "captured_pattern"
            | "match_pattern"
            | "or_pattern"
            | "field_pattern"
            | "parameter" => {
                let inner = parts.into_iter().rfind(|part| {
                    !matches!(
                        part.kind(),
                        "type_identifier" | "mutable_specifier" | "scoped_type_identifier" | "field_identifier"
                    )
                });
                match inner {
                    Some(inner) if inner.kind() != "scoped_identifier" => self.pattern(inner),
                    _ => self.reader.name(place, "_"),
                }
            }
            _ => self.reader.name(place, "_"),
        };
        self.reader.leave();
        target
    }

    /// A test; `let` in it binds names before the branch.
    fn condition(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) -> Expr<'a> {
        match node.kind() {
            "let_condition" => {
                let value = node.child_by_field_name("value").map(|value| self.value(value));
                if let (Some(pattern), Some(value)) = (node.child_by_field_name("pattern"), value) {
                    self.bind(pattern, value, into);
                }
                self.reader.opaque(span(node), &[])
            }
            "let_chain" => {
                let parts: Vec<_> = children(node).into_iter().map(|part| self.condition(part, into)).collect();
                self.reader.opaque(span(node), &parts)
            }
            _ => self.value(node),
        }
    }

    fn branch(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let test = match node.child_by_field_name("condition") {
            Some(test) => self.condition(test, into),
            None => self.reader.opaque(span(node), &[]),
        };
        let then = node.child_by_field_name("consequence").map(|then| self.body(then)).unwrap_or_default();
        let otherwise = node.child_by_field_name("alternative").map(|other| self.body(other)).unwrap_or_default();
        into.push(Stmt { span: span(node), kind: StmtKind::If(self.reader.place(If { test, then, otherwise })) });
    }

    fn matching(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let value = node.child_by_field_name("value").map(|value| self.value(value));
        let scrutinee = self.reader.name(place, self.reader.arena.alloc_str(&format!("match {}", node.start_byte())));
        if let Some(value) = value {
            let assign = self.reader.assign(scrutinee, None, value, true);
            into.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
        }
        for arm in node.child_by_field_name("body").map(children).unwrap_or_default() {
            let mut body = Vec::new();
            if let Some(pattern) = arm.child_by_field_name("pattern") {
                self.bind(pattern, scrutinee, &mut body);
            }
            if let Some(value) = arm.child_by_field_name("value") {
                self.statement(value, &mut body);
            }
            let test = self.reader.opaque(span(arm), &[]);
            let one = If { test, then: self.reader.arena.alloc_slice_copy(&body), otherwise: &[] };
            into.push(Stmt { span: span(arm), kind: StmtKind::If(self.reader.place(one)) });
        }
    }

    fn for_loop(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (Some(pattern), Some(list)) = (node.child_by_field_name("pattern"), node.child_by_field_name("value"))
        else {
            return;
        };
        let kind = LoopKind::Each(self.pattern(pattern), self.value(list));
        let body = node.child_by_field_name("body").map(|body| self.body(body)).unwrap_or_default();
        into.push(Stmt { span: span(node), kind: StmtKind::Loop(self.reader.place(Loop { kind, body })) });
    }

    fn repeat(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut body = Vec::new();
        let test = match node.child_by_field_name("condition") {
            Some(test) => self.condition(test, &mut body),
            None => self.reader.opaque(span(node), &[]),
        };
        if let Some(inner) = node.child_by_field_name("body") {
            self.statement(inner, &mut body);
        }
        let one = Loop { kind: LoopKind::While(test, None), body: self.reader.arena.alloc_slice_copy(&body) };
        into.push(Stmt { span: span(node), kind: StmtKind::Loop(self.reader.place(one)) });
    }

    fn assignment(&mut self, node: Node<'_>) -> Option<&'a crate::ir::Assign<'a>> {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let (target, value) = (self.value(left), self.value(right));
        let sign = node.child_by_field_name("operator").map(|operator| self.reader.slice(operator));
        let operator = sign.and_then(|sign| expression::operator(sign.strip_suffix('=')?));
        Some(self.reader.assign(target, operator, value, false))
    }
}

/// Whether a body ends in an expression without a semicolon.
fn ends_in_value(node: Node<'_>) -> bool {
    if node.kind() != "block" {
        return true;
    }
    match fields(node).iter().rfind(|(_, child)| child.is_named() && !child.is_extra()) {
        Some((_, last)) => {
            last.kind() != "expression_statement"
                || last.child(last.child_count().saturating_sub(1)).is_some_and(|end| end.kind() != ";")
        }
        None => false,
    }
}

/// The last segment of a path.
fn last_segment(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path).trim()
}

/// Whether an expression is a list.
fn items<'a>(value: &Expr<'a>) -> Option<&'a [Expr<'a>]> {
    match value.kind {
        ExprKind::List(items) => Some(items),
        _ => None,
    }
}
