//! Shell: scripts, single command lines, and what `cmd` of Windows reads.
//!
//! Conventions, on which `data/shell.effects` builds: a command is a call of its plain name; variables are names; a pipe's left
//! side, a here-document or a redirected input is the argument `stdin`. The words of well-known commands become named
//! arguments (see [`options`]), wrappers such as `sudo` and `nohup` are taken off. What starts a program of its own is a call of
//! `exec` with the list `command`. A redirected output is a call of `redirect` with `data` and `path`.

use tree_sitter::Node;

use super::{
    Lowered,
    tree::{Reader, children, fields, literal, span, statement},
};
use crate::Language;
use crate::ir::{
    Argument, BinaryOp, Bump, Expr, ExprKind, If, Loop, LoopKind, Parameter, ParameterKind, Span, Stmt, StmtKind,
};

mod command;
mod interpreters;
mod options;
mod transfer;
mod windows;
mod words;

pub(crate) use words::unescape_ansi;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Lowered<'a> {
    let mut reader = Reader::new(arena, text);
    if windows::is_batch(text) {
        let body = windows::lines(&reader, text);
        return reader.lowered(body);
    }
    let trees = reader.parse(Language::Shell, tree_sitter_bash::LANGUAGE);
    let mut shell = Shell { reader, captures: false, input: None, detached: false, sockets: Vec::new() };
    let mut body = Vec::new();
    for tree in &trees {
        shell.statements(tree.root_node(), &mut body);
    }
    shell.reader.lowered(body)
}

/// The name of the variable in which the output of a compound command is gathered.
const OUTPUT: &str = "|";

struct Shell<'a> {
    reader: Reader<'a>,
    /// Whether the output of the commands at hand is gathered.
    captures: bool,
    /// What the compound command at hand reads from.
    input: Option<Expr<'a>>,
    /// Whether the statement at hand ends in `&`.
    detached: bool,
    /// File descriptors that are connections (`exec 5<>/dev/tcp/host/port`).
    sockets: Vec<(&'a str, Expr<'a>)>,
}

impl<'a> Shell<'a> {
    /// The statements among the children of a node.
    fn statements(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let parts = fields(node);
        for (at, (_, child)) in parts.iter().enumerate() {
            if child.is_named() && !child.is_extra() || child.is_error() {
                self.detached = parts.get(at + 1).is_some_and(|(_, next)| next.kind() == "&");
                self.statement(*child, into);
                self.detached = false;
            }
        }
    }

    fn body(&mut self, node: Node<'_>) -> &'a [Stmt<'a>] {
        let mut body = Vec::new();
        self.statements(node, &mut body);
        self.reader.arena.alloc_slice_copy(&body)
    }

    fn statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        if self.reader.enter() {
            self.statement_within(node, into);
            self.reader.leave();
        }
    }

    fn statement_within(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        match node.kind() {
            "command" => self.command_statement(node, into),
            "pipeline" => self.pipeline(node, into),
            "list" => self.list(node, into),
            "redirected_statement" => self.redirected(node, into),
            "variable_assignment" | "variable_assignments" | "declaration_command" => self.assignments(node, into),
            "compound_statement" | "subshell" | "do_group" | "ERROR" | "program" | "else_clause" => {
                self.statements(node, into);
            }
            "if_statement" | "elif_clause" => self.branch(node, into),
            "while_statement" => self.while_loop(node, into),
            "for_statement" | "c_style_for_statement" => self.for_loop(node, into),
            "case_statement" => self.case(node, into),
            "function_definition" => self.function(node, into),
            "unset_command" | "comment" | "heredoc_body" | "heredoc_start" | "heredoc_end" => {}
            _ => {
                let value = self.value(node);
                self.emit(value, into);
            }
        }
    }

    /// A command's output is either dropped or gathered.
    fn emit(&mut self, value: Expr<'a>, into: &mut Vec<Stmt<'a>>) {
        if self.captures {
            let target = self.reader.name(value.span, OUTPUT);
            let assign = self.reader.assign(target, Some(BinaryOp::Add), value, false);
            into.push(Stmt { span: value.span, kind: StmtKind::Assign(assign) });
        } else {
            into.push(statement(value));
        }
    }

    /// `a && b || c`, however long.
    fn list(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut parts = Vec::new();
        let mut left = node;
        while left.kind() == "list" {
            let mut inner = children(left);
            parts.extend(inner.drain(1..).rev());
            match inner.first() {
                Some(first) => left = *first,
                None => break,
            }
        }
        parts.push(left);
        for part in parts.into_iter().rev() {
            self.statement(part, into);
        }
    }

    /// The value of a test or command, as far as data goes: its output.
    fn value(&mut self, node: Node<'_>) -> Expr<'a> {
        if !self.reader.enter() {
            return self.reader.opaque(span(node), &[]);
        }
        let value = self.value_within(node);
        self.reader.leave();
        value
    }

    fn value_within(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        match node.kind() {
            "command" => {
                let input = self.input;
                self.command(node, input, Vec::new())
            }
            "test_command" | "negated_command" | "parenthesized_expression" => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                match parts.as_slice() {
                    [one] => *one,
                    _ => self.reader.opaque(place, &parts),
                }
            }
            "binary_expression" => self.comparison(node),
            "unary_expression" | "postfix_expression" | "ternary_expression" | "arithmetic_expansion" => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.opaque(place, &parts)
            }
            "pipeline"
            | "list"
            | "redirected_statement"
            | "compound_statement"
            | "subshell"
            | "if_statement"
            | "while_statement"
            | "for_statement"
            | "c_style_for_statement"
            | "case_statement"
            | "variable_assignment"
            | "declaration_command"
            | "variable_assignments"
            | "function_definition" => self.output(&[node], place),
            _ => self.word(node),
        }
    }

    /// `[ a = b ]`.
    fn comparison(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let sides = |name| node.child_by_field_name(name);
        let (Some(left), Some(right)) = (sides("left"), sides("right")) else {
            let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
            return self.reader.opaque(place, &parts);
        };
        let operator = sides("operator").map(|operator| self.reader.slice(operator)).unwrap_or_default();
        let (left, right) = (self.value(left), self.value(right));
        match operator {
            "=" | "==" => self.reader.binary(place, BinaryOp::Equal, left, right),
            "!=" => self.reader.binary(place, BinaryOp::NotEqual, left, right),
            _ => self.reader.opaque(place, &[left, right]),
        }
    }

    /// What the commands print, as one value.
    fn output(&mut self, nodes: &[Node<'_>], place: Span) -> Expr<'a> {
        let before = std::mem::replace(&mut self.captures, true);
        let mut body = Vec::new();
        for node in nodes {
            self.statement(*node, &mut body);
        }
        self.captures = before;
        let gathered = |stmt: &Stmt<'a>| match stmt.kind {
            StmtKind::Assign(assign) if matches!(assign.target.kind, ExprKind::Name(OUTPUT)) => Some(assign.value),
            _ => None,
        };
        if let Some(values) = body.iter().map(gathered).collect::<Option<Vec<_>>>() {
            return match values.as_slice() {
                [one] => *one,
                _ => self.reader.join(place, &values),
            };
        }
        // Something with branches, loops or assignments: a function that gathers, called on the spot.
        let target = self.reader.name(place, OUTPUT);
        let start = self.reader.assign(target, None, self.reader.text(place, ""), true);
        body.insert(0, Stmt { span: place, kind: StmtKind::Assign(start) });
        body.push(Stmt { span: place, kind: StmtKind::Return(Some(target)) });
        let function = self.reader.function(place, "", &[], &body);
        self.reader.call(place, Expr { span: place, kind: ExprKind::Function(function) }, &[])
    }

    fn command_statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let name = node.child_by_field_name("name").map(|name| self.reader.slice(name));
        if name == Some("read") {
            return self.read(node, into);
        }
        let input = self.input;
        let value = self.command(node, input, Vec::new());
        self.emit(value, into);
    }

    /// `read a b`: assigns what the command at hand reads.
    fn read(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        for (field, word) in fields(node) {
            let text = self.reader.slice(word);
            if field == Some("argument") && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            {
                let value = self.input.unwrap_or_else(|| self.reader.opaque(place, &[]));
                let assign = self.reader.assign(self.reader.name(span(word), text), None, value, false);
                into.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
            }
        }
    }

    fn pipeline(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let detached = self.detached;
        let mut stages = children(node);
        let Some(last) = stages.pop() else { return };
        let before = (self.input, std::mem::take(&mut self.detached));
        for stage in stages {
            self.keep_input(stage, into);
            let output = self.output(&[stage], span(stage));
            self.input = Some(output);
        }
        self.keep_input(last, into);
        self.detached = detached;
        self.statement(last, into);
        (self.input, self.detached) = before;
    }

    /// Several commands of a compound may read the same input: it is kept in a variable, so that it is evaluated once.
    fn keep_input(&mut self, reader: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let Some(input) = self.input.filter(|_| reader.kind() != "command") else { return };
        let name = self.reader.arena.alloc_str(&format!("|{}", reader.start_byte()));
        let variable = self.reader.name(input.span, name);
        let assign = self.reader.assign(variable, None, input, true);
        into.push(Stmt { span: input.span, kind: StmtKind::Assign(assign) });
        self.input = Some(variable);
    }

    /// A statement with redirections.
    fn redirected(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let redirects = self.redirects(node);
        let before = self.input;
        if redirects.input.is_some() {
            self.input = redirects.input;
        }
        match node.child_by_field_name("body") {
            Some(body) if body.kind() == "command" => {
                let mut named = Vec::new();
                if redirects.silenced {
                    named.push(Argument { name: Some("silenced"), value: self.truth(place) });
                }
                if self.reader.slice(body).starts_with("read") {
                    self.statement(body, into);
                } else {
                    let value = self.command(body, self.input, named);
                    let value = self.redirect(place, value, &redirects);
                    match redirects.piped {
                        Some(pipeline) => {
                            self.input = Some(value);
                            self.pipeline(pipeline, into);
                        }
                        None => self.emit(value, into),
                    }
                }
            }
            Some(body) if redirects.output.is_some() || redirects.address.is_some() => {
                let value = self.output(&[body], span(body));
                let value = self.redirect(place, value, &redirects);
                self.emit(value, into);
            }
            Some(body) => {
                self.keep_input(body, into);
                self.statement(body, into);
            }
            None => {
                let nothing = self.reader.text(place, "");
                let value = self.redirect(place, nothing, &redirects);
                self.emit(value, into);
            }
        }
        self.input = before;
        for after in redirects.after {
            self.statement(after, into);
        }
    }

    fn truth(&self, place: Span) -> Expr<'a> {
        Expr { span: place, kind: ExprKind::Bool(true) }
    }

    /// Ties a command's output to where it goes.
    fn redirect(&mut self, place: Span, value: Expr<'a>, redirects: &words::Redirects<'a, '_>) -> Expr<'a> {
        if let Some(address) = redirects.address {
            let interactive = matches!(value.kind, ExprKind::Call(call) if interpreters::is_shell(&call.callee));
            let name = if interactive { "reverse-shell-redirect" } else { "/dev/tcp" };
            let data = Argument { name: Some("data"), value };
            let address = Argument { name: None, value: address };
            return self.reader.call(place, self.reader.name(place, name), &[address, data]);
        }
        if let Some((filter, input)) = redirects.filter {
            // `cmd > >(filter)`: the filter reads what the command prints.
            let before = self.input.replace(value);
            let value = self.output(&[filter], input);
            self.input = before;
            return value;
        }
        let Some(path) = redirects.output else { return value };
        let data = Argument { name: Some("data"), value };
        let path = Argument { name: Some("path"), value: path };
        self.reader.call(place, self.reader.name(place, "redirect"), &[data, path])
    }

    fn assignments(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        if node.kind() == "variable_assignment" {
            self.assignment(node, into);
            return;
        }
        for child in children(node) {
            if child.kind() == "variable_assignment" {
                self.assignment(child, into);
            }
        }
    }

    fn assignment(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let Some(name) = node.child_by_field_name("name") else { return };
        let place = span(node);
        let target = if name.kind() == "subscript" {
            self.word(name)
        } else {
            self.reader.name(span(name), self.reader.slice(name))
        };
        let value = match node.child_by_field_name("value") {
            Some(value) => self.word(value),
            None => self.reader.text(place, ""),
        };
        let operator = fields(node).iter().any(|(_, child)| child.kind() == "+=").then_some(BinaryOp::Add);
        let assign = self.reader.assign(target, operator, value, false);
        into.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
    }

    fn branch(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (mut tests, mut then, mut otherwise) = (Vec::new(), Vec::new(), Vec::new());
        let mut in_test = true;
        for (_, child) in fields(node) {
            match child.kind() {
                "then" => in_test = false,
                // A chain becomes a row: what comes after an `elif` is read whether or not it holds.
                "elif_clause" | "else_clause" => self.statement(child, &mut otherwise),
                _ if !child.is_named() || child.is_extra() => {}
                _ if in_test => tests.push(child),
                _ => self.statement(child, &mut then),
            }
        }
        let tests: Vec<_> = tests.into_iter().map(|test| self.value(test)).collect();
        let test = self.reader.sequence(span(node), &tests);
        let one = If {
            test,
            then: self.reader.arena.alloc_slice_copy(&then),
            otherwise: self.reader.arena.alloc_slice_copy(&otherwise),
        };
        into.push(Stmt { span: span(node), kind: StmtKind::If(self.reader.place(one)) });
    }

    fn while_loop(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut tests = Vec::new();
        let mut body: &[Stmt<'a>] = &[];
        let mut before = Vec::new();
        for (field, child) in fields(node) {
            if field == Some("body") {
                body = self.body(child);
            } else if child.is_named() && !child.is_extra() {
                // `while read line`: the variables are set each time round.
                if child.kind() == "command" && self.reader.slice(child).starts_with("read") {
                    self.read(child, &mut before);
                } else {
                    tests.push(self.value(child));
                }
            }
        }
        // A test that is not read stays unknown: it may go round.
        let test = self.reader.opaque(span(node), &tests);
        before.extend_from_slice(body);
        let one = Loop { kind: LoopKind::While(test, None), body: self.reader.arena.alloc_slice_copy(&before) };
        into.push(Stmt { span: span(node), kind: StmtKind::Loop(self.reader.place(one)) });
    }

    fn for_loop(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let mut variable = None;
        let (mut values, mut tests) = (Vec::new(), Vec::new());
        let mut body: &[Stmt<'a>] = &[];
        for (field, child) in fields(node) {
            match field {
                Some("variable") => variable = Some(self.reader.name(span(child), self.reader.slice(child))),
                Some("value") => {
                    let value = self.word(child);
                    values.push(value);
                }
                Some("body") => body = self.body(child),
                Some("condition" | "update") if child.is_named() => {
                    let value = self.value(child);
                    tests.push(value);
                }
                Some("initializer") if child.kind() == "variable_assignment" => self.assignment(child, into),
                _ => {}
            }
        }
        let kind = match variable {
            Some(variable) => LoopKind::Each(variable, self.reader.list(place, &values)),
            None => LoopKind::While(self.reader.opaque(place, &tests), None),
        };
        into.push(Stmt { span: place, kind: StmtKind::Loop(self.reader.place(Loop { kind, body })) });
    }

    fn case(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let value = match node.child_by_field_name("value") {
            Some(value) => self.word(value),
            None => self.reader.text(span(node), ""),
        };
        let mut value = Some(value);
        for item in children(node).into_iter().filter(|child| child.kind() == "case_item") {
            let mut body = Vec::new();
            for (field, child) in fields(item) {
                if field.is_none() && child.is_named() {
                    self.statement(child, &mut body);
                }
            }
            let test = self.reader.opaque(span(item), value.take().as_slice());
            let one = If { test, then: self.reader.arena.alloc_slice_copy(&body), otherwise: &[] };
            into.push(Stmt { span: span(item), kind: StmtKind::If(self.reader.place(one)) });
        }
    }

    /// A function. Its arguments are the list `@`, from which `1`, `2`, ... are taken.
    fn function(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let Some(name) = node.child_by_field_name("name").map(|name| self.reader.slice(name)) else { return };
        let source = self.reader.slice(node);
        let mut body = Vec::new();
        for (number, digit) in ["1", "2", "3", "4", "5", "6", "7", "8", "9"].into_iter().enumerate() {
            if source.contains(&format!("${digit}")) || source.contains(&format!("${{{digit}")) {
                let all = self.reader.name(place, "@");
                let index = Expr { span: place, kind: ExprKind::Int(number as i64) };
                let kind = ExprKind::Index(self.reader.place(all), self.reader.place(index));
                let assign = self.reader.assign(self.reader.name(place, digit), None, Expr { span: place, kind }, true);
                body.push(Stmt { span: place, kind: StmtKind::Assign(assign) });
            }
        }
        let before = (std::mem::take(&mut self.captures), self.input.take());
        if let Some(inner) = node.child_by_field_name("body") {
            self.statement(inner, &mut body);
        }
        (self.captures, self.input) = before;
        let parameter = Parameter { target: self.reader.name(place, "@"), default: None, kind: ParameterKind::Rest };
        let function = self.reader.function(place, name, &[parameter], &body);
        into.push(Stmt { span: place, kind: StmtKind::Function(function) });
    }
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Whether a word is this text.
fn is(expr: &Expr<'_>, text: &str) -> bool {
    literal(expr) == Some(text)
}
