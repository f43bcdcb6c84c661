//! Ruby.
//!
//! `Net::HTTP.get(x)` and `a.b` are members (`Net.HTTP.get`), `Kernel.` is taken off, commands between backquotes are calls of
//! `` ` ``. A method call without arguments is a call too, for it cannot be told from an attribute. Blocks are functions and the last
//! argument; symbols are texts; `x.send(:name, y)` is `x.name(y)`.

use tree_sitter::Node;

use super::{
    Lowered,
    tree::{Reader, children, fields, literal, span, statement},
};
use crate::Language;
use crate::ir::{
    BinaryOp, Bump, Class, Expr, ExprKind, Function, If, Loop, LoopKind, Parameter, ParameterKind, Stmt, StmtKind, Try,
};

mod expression;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Lowered<'a> {
    let mut reader = Reader::new(arena, text);
    let trees = reader.parse(Language::Ruby, tree_sitter_ruby::LANGUAGE);
    let mut script = Script { reader, heredocs: Vec::new(), in_block: false };
    let mut body = Vec::new();
    for tree in &trees {
        script.collect_heredocs(tree.root_node());
        script.statements(tree.root_node(), &mut body);
    }
    script.reader.lowered(body)
}

struct Script<'a> {
    reader: Reader<'a>,
    /// The bodies of here-documents that were not yet asked for: begin, end and the bytes of each, last one first.
    heredocs: Vec<(usize, usize)>,
    /// Whether a block is read, whose assignments go to the variables around it.
    in_block: bool,
}

impl<'a> Script<'a> {
    /// Here-documents stand apart from where they are used; they are used in order.
    fn collect_heredocs(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        let mut found = Vec::new();
        loop {
            if cursor.node().kind() == "heredoc_body" {
                found.push((cursor.node().start_byte(), cursor.node().end_byte()));
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    found.reverse();
                    self.heredocs = found;
                    return;
                }
            }
        }
    }

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
            "comment" | "empty_statement" | "heredoc_body" | "alias" | "undef" | "uninterpreted" => {}
            "if" | "unless" | "elsif" | "if_modifier" | "unless_modifier" => self.branch(node, into),
            "while" | "until" | "while_modifier" | "until_modifier" => self.while_loop(node, into),
            "for" => self.for_loop(node, into),
            "case" | "case_match" => self.case(node, into),
            "method" | "singleton_method" => {
                if let Some(function) = self.method(node) {
                    into.push(Stmt { span: place, kind: StmtKind::Function(function) });
                }
            }
            "class" | "module" | "singleton_class" => self.class(node, into),
            "begin" | "body_statement" | "do_block_body" => self.begin(node, into),
            "then"
            | "else"
            | "do"
            | "program"
            | "ERROR"
            | "block_body"
            | "ensure"
            | "begin_block"
            | "end_block"
            | "parenthesized_statements" => self.statements(node, into),
            "rescue_modifier" => self.statements(node, into),
            "assignment" | "operator_assignment" => match self.assignment(node) {
                Some(assign) => into.push(Stmt { span: place, kind: StmtKind::Assign(assign) }),
                None => into.push(statement(self.reader.opaque(place, &[]))),
            },
            "return" => {
                let value = self.operands(node);
                into.push(Stmt { span: place, kind: StmtKind::Return(value) });
            }
            "break" => into.push(Stmt { span: place, kind: StmtKind::Break }),
            "next" | "redo" | "retry" => into.push(Stmt { span: place, kind: StmtKind::Continue }),
            _ => into.push(statement(self.value(node))),
        }
    }

    fn operands(&mut self, node: Node<'_>) -> Option<Expr<'a>> {
        let values: Vec<_> = children(node)
            .into_iter()
            .flat_map(|child| if child.kind() == "argument_list" { children(child) } else { vec![child] })
            .map(|child| self.value(child))
            .collect();
        match values.as_slice() {
            [] => None,
            [one] => Some(*one),
            _ => Some(self.reader.list(span(node), &values)),
        }
    }

    fn assignment(&mut self, node: Node<'_>) -> Option<&'a crate::ir::Assign<'a>> {
        let (left, right) = (node.child_by_field_name("left")?, node.child_by_field_name("right")?);
        let value = if right.kind() == "right_assignment_list" {
            let items: Vec<_> = children(right).into_iter().map(|child| self.value(child)).collect();
            self.reader.list(span(right), &items)
        } else {
            self.value(right)
        };
        let sign = node.child_by_field_name("operator").map(|operator| self.reader.slice(operator));
        let operator = sign.and_then(|sign| expression::operator(sign.strip_suffix('=')?));
        let declares = left.kind() == "identifier" && operator.is_none() && !self.in_block;
        let target = self.target(left);
        Some(self.reader.assign(target, operator, value, declares))
    }

    fn target(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        match node.kind() {
            "left_assignment_list" | "destructured_left_assignment" | "destructured_parameter" => {
                let items: Vec<_> = children(node).into_iter().map(|child| self.target(child)).collect();
                self.reader.list(place, &items)
            }
            "rest_assignment" | "splat_parameter" => match children(node).first() {
                Some(inner) => {
                    let inner = self.target(*inner);
                    Expr { span: place, kind: ExprKind::Spread(self.reader.place(inner)) }
                }
                None => self.reader.name(place, "_"),
            },
            "call" => {
                // `object.name = value`.
                let (object, name) = (node.child_by_field_name("receiver"), node.child_by_field_name("method"));
                match (object, name) {
                    (Some(object), Some(name)) => {
                        let object = self.value(object);
                        self.reader.member(place, object, self.reader.slice(name))
                    }
                    _ => self.value(node),
                }
            }
            _ => self.value(node),
        }
    }

    fn branch(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (mut then, mut otherwise) = (Vec::new(), Vec::new());
        let test = match node.child_by_field_name("condition") {
            Some(test) => self.value(test),
            None => self.reader.opaque(span(node), &[]),
        };
        for (field, child) in fields(node) {
            match field {
                Some("consequence" | "body") => self.statement(child, &mut then),
                Some("alternative") => self.statement(child, &mut otherwise),
                _ => {}
            }
        }
        if node.kind().starts_with("unless") {
            std::mem::swap(&mut then, &mut otherwise);
        }
        let one = If {
            test,
            then: self.reader.arena.alloc_slice_copy(&then),
            otherwise: self.reader.arena.alloc_slice_copy(&otherwise),
        };
        into.push(Stmt { span: span(node), kind: StmtKind::If(self.reader.place(one)) });
    }

    fn while_loop(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let test = match node.child_by_field_name("condition") {
            Some(test) => self.value(test),
            None => self.reader.opaque(span(node), &[]),
        };
        let test = if node.kind().starts_with("until") { self.reader.opaque(test.span, &[test]) } else { test };
        let body = node.child_by_field_name("body").map(|body| self.body(body)).unwrap_or_default();
        let one = Loop { kind: LoopKind::While(test, None), body };
        into.push(Stmt { span: span(node), kind: StmtKind::Loop(self.reader.place(one)) });
    }

    fn for_loop(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (Some(pattern), Some(list)) = (node.child_by_field_name("pattern"), node.child_by_field_name("value"))
        else {
            return self.statements(node, into);
        };
        let target = self.target(pattern);
        let list = match children(list).first() {
            Some(inner) if list.kind() == "in" => self.value(*inner),
            _ => self.value(list),
        };
        let body = node.child_by_field_name("body").map(|body| self.body(body)).unwrap_or_default();
        let one = Loop { kind: LoopKind::Each(target, list), body };
        into.push(Stmt { span: span(node), kind: StmtKind::Loop(self.reader.place(one)) });
    }

    fn case(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut test = node.child_by_field_name("value").map(|value| self.value(value));
        for child in children(node) {
            let body = match child.kind() {
                "when" | "in_clause" => child.child_by_field_name("body"),
                "else" => Some(child),
                _ => continue,
            };
            let body = body.map(|body| self.body(body)).unwrap_or_default();
            let test = self.reader.opaque(span(child), test.take().as_slice());
            let one = If { test, then: body, otherwise: &[] };
            into.push(Stmt { span: span(child), kind: StmtKind::If(self.reader.place(one)) });
        }
    }

    /// `begin ... rescue ... ensure ... end`, and bodies that have such parts.
    fn begin(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let parts = children(node);
        if !parts.iter().any(|part| matches!(part.kind(), "rescue" | "ensure")) {
            return self.statements(node, into);
        }
        let (mut body, mut last) = (Vec::new(), Vec::new());
        let mut handlers: Vec<(Option<Expr<'a>>, &'a [Stmt<'a>])> = Vec::new();
        for part in parts {
            match part.kind() {
                "rescue" => {
                    let name =
                        part.child_by_field_name("variable").and_then(|variable| children(variable).first().copied());
                    let name = name.map(|name| self.target(name));
                    let handler = part.child_by_field_name("body").map(|body| self.body(body)).unwrap_or_default();
                    handlers.push((name, handler));
                }
                "ensure" | "else" => self.statement(part, &mut last),
                _ => self.statement(part, &mut body),
            }
        }
        let one = Try {
            body: self.reader.arena.alloc_slice_copy(&body),
            handlers: self.reader.arena.alloc_slice_copy(&handlers),
            last: self.reader.arena.alloc_slice_copy(&last),
        };
        into.push(Stmt { span: span(node), kind: StmtKind::Try(self.reader.place(one)) });
    }

    fn method(&mut self, node: Node<'_>) -> Option<&'a Function<'a>> {
        let name = node.child_by_field_name("name").map(|name| self.reader.slice(name))?;
        let before = std::mem::replace(&mut self.in_block, false);
        let function = self.function(node, name);
        self.in_block = before;
        Some(function)
    }

    /// A method, block or lambda: its last expression is what it yields.
    fn function(&mut self, node: Node<'_>, name: &'a str) -> &'a Function<'a> {
        let parameters = node.child_by_field_name("parameters").map(|list| self.parameters(list)).unwrap_or_default();
        let mut body = Vec::new();
        if let Some(inner) = node.child_by_field_name("body") {
            if matches!(inner.kind(), "block" | "do_block") {
                if let Some(inner) = inner.child_by_field_name("body") {
                    self.statement(inner, &mut body);
                }
            } else {
                self.statement(inner, &mut body);
            }
        }
        self.yield_last(&mut body, 0);
        self.reader.function(span(node), name, &parameters, &body)
    }

    /// The last expression of a body is its value; in a branch it is the last one of either side.
    fn yield_last(&self, body: &mut [Stmt<'a>], depth: usize) {
        let Some(last) = body.last_mut().filter(|_| depth < 16) else { return };
        let within = |inner: &[Stmt<'a>]| {
            let mut inner = inner.to_vec();
            self.yield_last(&mut inner, depth + 1);
            &*self.reader.arena.alloc_slice_copy(&inner)
        };
        match last.kind {
            StmtKind::Expr(value) => last.kind = StmtKind::Return(Some(value)),
            StmtKind::If(one) => {
                let one = If { test: one.test, then: within(one.then), otherwise: within(one.otherwise) };
                last.kind = StmtKind::If(self.reader.place(one));
            }
            StmtKind::Block(inner) => last.kind = StmtKind::Block(within(inner)),
            StmtKind::Try(one) => {
                let one = Try { body: within(one.body), handlers: one.handlers, last: one.last };
                last.kind = StmtKind::Try(self.reader.place(one));
            }
            _ => {}
        }
    }

    fn parameters(&mut self, node: Node<'_>) -> Vec<Parameter<'a>> {
        let mut found = Vec::new();
        for child in children(node) {
            let name = child.child_by_field_name("name");
            let default = child.child_by_field_name("value").map(|value| self.value(value));
            let kind = match child.kind() {
                "splat_parameter" => ParameterKind::Rest,
                "hash_splat_parameter" => ParameterKind::RestNamed,
                _ => ParameterKind::One,
            };
            let target = match name {
                Some(name) => self.reader.name(span(name), self.reader.slice(name)),
                None if child.kind() == "destructured_parameter" => self.target(child),
                None => self.reader.name(span(child), self.reader.slice(child)),
            };
            found.push(Parameter { target, default, kind });
        }
        found
    }

    fn class(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut body = Vec::new();
        if let Some(inner) = node.child_by_field_name("body") {
            self.statement(inner, &mut body);
        }
        let name = node.child_by_field_name("name").map(|name| self.reader.slice(name)).unwrap_or_default();
        if node.kind() != "class" || name.contains("::") {
            // A module's body runs where it stands.
            into.push(self.reader.block(span(node), &body));
            return;
        }
        let base = node.child_by_field_name("superclass").and_then(|base| children(base).first().copied());
        let bases: Vec<_> = base.map(|base| self.value(base)).into_iter().collect();
        // So does that of a class; only its methods wait.
        let (methods, rest): (Vec<_>, Vec<_>) =
            body.into_iter().partition(|stmt| matches!(stmt.kind, StmtKind::Function(_) | StmtKind::Assign(_)));
        let class = Class {
            name,
            bases: self.reader.arena.alloc_slice_copy(&bases),
            body: self.reader.arena.alloc_slice_copy(&methods),
            span: span(node),
            decorators: &[],
        };
        into.push(Stmt { span: span(node), kind: StmtKind::Class(self.reader.place(class)) });
        into.extend(rest);
    }

    /// A text between two places, with what is interpolated in it.
    fn interpolated(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut parts = Vec::new();
        for child in children(node) {
            let part = match child.kind() {
                // The line of a here-document's name ends in its first content.
                "heredoc_content" if parts.is_empty() => {
                    let text = self.reader.slice(child);
                    self.reader.text(span(child), text.strip_prefix('\n').unwrap_or(text))
                }
                "string_content" | "heredoc_content" => self.reader.text(span(child), self.reader.slice(child)),
                "escape_sequence" => self.reader.text(span(child), &expression::escape(self.reader.slice(child))),
                "interpolation" => {
                    let mut body: Vec<_> = children(child).into_iter().map(|inner| self.value(inner)).collect();
                    body.pop().unwrap_or_else(|| self.reader.text(span(child), ""))
                }
                _ => continue,
            };
            parts.push(part);
        }
        self.reader.join(span(node), &parts)
    }

    /// The next here-document.
    fn heredoc(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let Some((start, end)) = self.heredocs.pop() else { return self.reader.text(place, "") };
        let mut root = node;
        while let Some(parent) = root.parent() {
            root = parent;
        }
        let Some(body) = root.descendant_for_byte_range(start, end) else { return self.reader.text(place, "") };
        let mut body = body;
        while body.kind() != "heredoc_body" {
            match body.parent() {
                Some(parent) if parent.start_byte() >= start => body = parent,
                _ => return self.reader.text(place, ""),
            }
        }
        self.interpolated(body)
    }
}

/// Whether an expression is this text.
fn is(expr: &Expr<'_>, text: &str) -> bool {
    literal(expr) == Some(text)
}

/// `a + b`.
const ADD: BinaryOp = BinaryOp::Add;
