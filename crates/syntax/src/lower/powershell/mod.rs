//! PowerShell.
//!
//! Names are case-insensitive: in the intermediate form all names of commands, types, members and parameters are in lower case,
//! aliases are undone (`iex` is `invoke-expression`), and `system.` is taken off type names. Variables keep their `$`, so that
//! they are never taken for commands; `$env:X` is a member of `environ`. `-Name value` is a named argument, a pipe's left side is
//! the argument `stdin`. Programs that are no cmdlets are calls of `start-process` with the list of their arguments; what is
//! called through a value (`& $x`) is a call of `invoke`. Operators such as `-f` and `-join` are calls of that name.

use tree_sitter::Node;

use super::{
    Lowered,
    tree::{Reader, children, fields, span, statement},
};
use crate::Language;
use crate::ir::{
    Argument, Bump, Class, Expr, ExprKind, If, Loop, LoopKind, Parameter, ParameterKind, Stmt, StmtKind, Try,
};

mod command;
mod expression;
mod literal;

pub(crate) use literal::format_text;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Lowered<'a> {
    let mut reader = Reader::new(arena, text);
    let trees = reader.parse(Language::PowerShell, tree_sitter_powershell::LANGUAGE);
    let mut script = Script { reader };
    let mut body = Vec::new();
    for tree in &trees {
        script.statements(tree.root_node(), &mut body);
    }
    script.reader.lowered(body)
}

struct Script<'a> {
    reader: Reader<'a>,
}

impl<'a> Script<'a> {
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
            "empty_statement" | "comment" | "param_block" | "label" | "catch_type_list" | "type_literal" => {}
            "pipeline" => self.pipeline_statement(node, into),
            "if_statement" | "elseif_clause" => self.branch(node, into),
            "foreach_statement" => self.foreach(node, into),
            "while_statement" | "do_statement" | "for_statement" => self.repeat(node, into),
            "switch_statement" => self.switch(node, into),
            "try_statement" => self.attempt(node, into),
            "function_statement" | "class_method_definition" => {
                if let Some(function) = self.function(node) {
                    into.push(Stmt { span: place, kind: StmtKind::Function(function) });
                }
            }
            "class_statement" => self.class(node, into),
            "flow_control_statement" => self.flow(node, into),
            "statement_list"
            | "statement_block"
            | "script_block"
            | "script_block_body"
            | "program"
            | "else_clause"
            | "finally_clause"
            | "named_block_list"
            | "named_block"
            | "ERROR"
            | "for_initializer"
            | "for_condition"
            | "for_iterator"
            | "while_condition"
            | "switch_condition"
            | "catch_clause"
            | "trap_statement"
            | "parallel_statement"
            | "sequence_statement"
            | "inlinescript_statement"
            | "data_statement" => {
                self.statements(node, into);
            }
            _ => into.push(statement(self.value(node))),
        }
    }

    fn pipeline_statement(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let parts = children(node);
        match parts.as_slice() {
            [assignment] if assignment.kind() == "assignment_expression" => self.assignment(*assignment, into),
            _ => into.push(statement(self.value(node))),
        }
    }

    fn assignment(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let parts = children(node);
        let Some(left) = parts.iter().find(|part| part.kind() == "left_assignment_expression") else { return };
        let operator =
            parts.iter().find(|part| part.kind() == "assignement_operator").map(|part| self.reader.slice(*part));
        let target = self.value(*left);
        let Some(right) = node.child_by_field_name("value") else { return };
        let value = if right.kind() == "pipeline" || right.kind().ends_with("expression") {
            self.value(right)
        } else {
            // `$x = if ...`: what it yields is not followed.
            self.statement(right, into);
            self.reader.opaque(span(right), &[])
        };
        let operator = operator.and_then(|text| literal::operator(text.strip_suffix('=').unwrap_or_default()));
        let target = literal::without_cast(target);
        let assign = self.reader.assign(target, operator, value, false);
        into.push(Stmt { span: span(node), kind: StmtKind::Assign(assign) });
    }

    fn branch(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (mut then, mut otherwise) = (Vec::new(), Vec::new());
        let mut test = None;
        for (field, child) in fields(node) {
            match (field, child.kind()) {
                (Some("condition"), _) => test = Some(self.value(child)),
                // A chain becomes a row: what comes after an `elseif` is read whether or not it holds.
                (_, "elseif_clauses" | "else_clause") => self.statements(child, &mut otherwise),
                (_, "statement_block") => self.statement(child, &mut then),
                _ => {}
            }
        }
        let test = test.unwrap_or_else(|| self.reader.opaque(span(node), &[]));
        let one = If {
            test,
            then: self.reader.arena.alloc_slice_copy(&then),
            otherwise: self.reader.arena.alloc_slice_copy(&otherwise),
        };
        into.push(Stmt { span: span(node), kind: StmtKind::If(self.reader.place(one)) });
    }

    fn foreach(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let mut parts = children(node).into_iter().filter(|part| part.kind() != "foreach_parameter");
        let (Some(variable), Some(list), Some(block)) = (parts.next(), parts.next(), parts.next()) else { return };
        let kind = LoopKind::Each(self.value(variable), self.value(list));
        let body = self.body(block);
        into.push(Stmt { span: place, kind: StmtKind::Loop(self.reader.place(Loop { kind, body })) });
    }

    fn repeat(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let (mut test, mut update) = (None, None);
        let mut body: &[Stmt<'a>] = &[];
        for (field, child) in fields(node) {
            match (field, child.kind()) {
                (Some("condition" | "for_condition"), _) => {
                    test = children(child).first().map(|inner| self.value(*inner)).or(Some(self.value(child)));
                }
                (Some("for_initializer"), _) => self.statement(child, into),
                (Some("for_iterator"), _) => {
                    let mut inner = Vec::new();
                    self.statement(child, &mut inner);
                    update = inner.first().map(|stmt| match stmt.kind {
                        StmtKind::Expr(expr) => expr,
                        StmtKind::Assign(assign) => Expr { span: stmt.span, kind: ExprKind::Assign(assign) },
                        _ => self.reader.opaque(stmt.span, &[]),
                    });
                }
                (_, "statement_block") => body = self.body(child),
                _ => {}
            }
        }
        let test = test.unwrap_or_else(|| self.reader.opaque(place, &[]));
        let kind = if node.kind() == "do_statement" { LoopKind::DoWhile(test) } else { LoopKind::While(test, update) };
        into.push(Stmt { span: place, kind: StmtKind::Loop(self.reader.place(Loop { kind, body })) });
    }

    fn switch(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut test = None;
        let mut clauses = Vec::new();
        for child in children(node) {
            match child.kind() {
                "switch_condition" => test = children(child).first().map(|inner| self.value(*inner)),
                "switch_body" => clauses = children(child).into_iter().flat_map(children).collect(),
                _ => {}
            }
        }
        for clause in clauses {
            let mut body = Vec::new();
            for part in children(clause).into_iter().filter(|part| part.kind() != "switch_clause_condition") {
                self.statement(part, &mut body);
            }
            let test = self.reader.opaque(span(clause), test.take().as_slice());
            let one = If { test, then: self.reader.arena.alloc_slice_copy(&body), otherwise: &[] };
            into.push(Stmt { span: span(clause), kind: StmtKind::If(self.reader.place(one)) });
        }
    }

    fn attempt(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let (mut body, mut last): (&[Stmt<'a>], &[Stmt<'a>]) = (&[], &[]);
        let mut handlers: Vec<(Option<Expr<'a>>, &'a [Stmt<'a>])> = Vec::new();
        for child in children(node) {
            match child.kind() {
                "statement_block" => body = self.body(child),
                "catch_clauses" => {
                    for clause in children(child) {
                        let handler = self.body(clause);
                        handlers.push((None, handler));
                    }
                }
                "finally_clause" => last = self.body(child),
                _ => {}
            }
        }
        let handlers = self.reader.arena.alloc_slice_copy(&handlers);
        let one = Try { body, handlers, last };
        into.push(Stmt { span: span(node), kind: StmtKind::Try(self.reader.place(one)) });
    }

    fn flow(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let place = span(node);
        let word = self.reader.slice(node).split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let value = children(node).into_iter().find(|part| part.kind() == "pipeline").map(|part| self.value(part));
        let kind = match word.trim_end_matches(';') {
            "return" => StmtKind::Return(value),
            "throw" => StmtKind::Throw(value),
            "exit" => {
                let code = value.map(|value| Argument { name: None, value });
                StmtKind::Expr(self.reader.call(place, self.reader.name(place, "exit"), code.as_slice()))
            }
            "continue" => StmtKind::Continue,
            _ => StmtKind::Break,
        };
        into.push(Stmt { span: place, kind });
    }

    /// A function, method or script block. Its last expression is what it yields.
    fn function(&mut self, node: Node<'_>) -> Option<&'a crate::ir::Function<'a>> {
        if !self.reader.enter() {
            return None;
        }
        let mut name: &'a str = "";
        let mut parameters = Vec::new();
        let mut body = Vec::new();
        let mut pending = children(node);
        pending.reverse();
        while let Some(part) = pending.pop() {
            match part.kind() {
                "function_name" | "simple_name" => name = self.lower_case(self.reader.slice(part)),
                "function_parameter_declaration" | "param_block" | "parameter_list" | "class_method_parameter_list" => {
                    let inner = children(part);
                    pending.extend(inner.into_iter().rev());
                }
                "script_parameter" | "class_method_parameter" => {
                    let parts = children(part);
                    let variable = parts.iter().find(|part| part.kind() == "variable");
                    let default = parts.iter().find(|part| part.kind() == "script_parameter_default");
                    if let Some(variable) = variable {
                        let default = default.and_then(|part| children(*part).first().map(|value| self.value(*value)));
                        let target = self.value(*variable);
                        parameters.push(Parameter { target, default, kind: ParameterKind::One });
                    }
                }
                "script_block" | "script_block_body" => {
                    let inner = children(part);
                    pending.extend(inner.into_iter().rev());
                }
                "statement_list" | "named_block_list" => self.statement(part, &mut body),
                _ => {}
            }
        }
        self.reader.leave();
        if parameters.is_empty() {
            let target = self.reader.name(span(node), "$_");
            parameters.push(Parameter { target, default: None, kind: ParameterKind::One });
        }
        if let Some(last) = body.last_mut()
            && let StmtKind::Expr(value) = last.kind
        {
            last.kind = StmtKind::Return(Some(value));
        }
        Some(self.reader.function(span(node), name, &parameters, &body))
    }

    fn class(&mut self, node: Node<'_>, into: &mut Vec<Stmt<'a>>) {
        let mut name: &'a str = "";
        let mut body = Vec::new();
        for part in children(node) {
            match part.kind() {
                "simple_name" if name.is_empty() => name = self.lower_case(self.reader.slice(part)),
                "class_method_definition" => self.statement(part, &mut body),
                "class_property_definition" => {
                    let parts = children(part);
                    let (variable, value) = (
                        parts.iter().find(|part| part.kind() == "variable"),
                        parts.iter().find(|part| part.kind() == "logical_expression"),
                    );
                    if let (Some(variable), Some(value)) = (variable, value) {
                        let (target, value) = (self.value(*variable), self.value(*value));
                        let assign = self.reader.assign(target, None, value, true);
                        body.push(Stmt { span: span(part), kind: StmtKind::Assign(assign) });
                    }
                }
                _ => {}
            }
        }
        let body = self.reader.arena.alloc_slice_copy(&body);
        let class = Class { name, bases: &[], body, span: span(node), decorators: &[] };
        into.push(Stmt { span: span(node), kind: StmtKind::Class(self.reader.place(class)) });
    }

    /// Names are case-insensitive, and a backquote in them means nothing.
    fn lower_case(&self, text: &str) -> &'a str {
        self.reader.arena.alloc_str(&text.replace('`', "").to_ascii_lowercase())
    }
}
