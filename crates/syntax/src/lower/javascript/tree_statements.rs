//! Statements, functions and classes of the fallback route.

use tree_sitter::Node;

use super::{Builder, switch::Case, tree::is_accessor};
use crate::ir::{
    Class, Expr, ExprKind, Function, If, Loop, LoopKind, Parameter, ParameterKind, Span, Stmt, StmtKind, Try,
};

impl<'a> Builder<'a> {
    pub(super) fn tree_body(&mut self, node: Node) -> &'a [Stmt<'a>] {
        let mut out = Vec::new();
        let parts = self.parts(node);
        self.tree_statements(&parts, &mut out);
        self.many(&out)
    }

    /// Statements of one block, its function declarations first.
    fn tree_statements(&mut self, nodes: &[Node], out: &mut Vec<Stmt<'a>>) {
        for node in nodes {
            let declared = match node.kind() {
                "export_statement" => node.child_by_field_name("declaration"),
                _ => Some(*node),
            };
            if let Some(function) = declared.filter(is_function_declaration) {
                self.tree_declare(function, out);
            }
        }
        for node in nodes {
            if !is_function_declaration(node) {
                self.tree_statement(*node, out);
            }
        }
    }

    fn tree_declare(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        if self.descend() {
            let kind = StmtKind::Function(self.tree_function(node, "", false));
            out.push(Stmt { span: self.node_span(node), kind });
            self.ascend();
        }
    }

    fn tree_branch(&mut self, node: Option<Node>) -> &'a [Stmt<'a>] {
        let Some(node) = node else { return &[] };
        match node.kind() {
            "statement_block" => self.tree_body(node),
            "else_clause" | "finally_clause" => {
                let parts = self.parts(node);
                match parts[..] {
                    [block] if block.kind() == "statement_block" => self.tree_body(block),
                    _ => self.tree_body(node),
                }
            }
            _ => {
                let mut out = Vec::new();
                self.tree_statements(&[node], &mut out);
                self.many(&out)
            }
        }
    }

    fn tree_statement(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        if !self.descend() {
            return;
        }
        self.tree_statement_of(node, out);
        self.ascend();
    }

    fn tree_statement_of(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(node);
        let kind = match node.kind() {
            "expression_statement" => {
                let expr = self.tree_inside(node, span);
                out.push(self.alone(expr));
                return;
            }
            "variable_declaration" | "lexical_declaration" | "using_declaration" => {
                return self.tree_variables(node, out);
            }
            "if_statement" => return self.tree_if(node, out),
            "return_statement" => StmtKind::Return(self.parts(node).first().map(|value| self.tree_expression(*value))),
            "throw_statement" => StmtKind::Throw(self.parts(node).first().map(|value| self.tree_expression(*value))),
            "statement_block" => StmtKind::Block(self.tree_body(node)),
            "for_statement" | "for_in_statement" | "while_statement" | "do_statement" => {
                return self.tree_loop(node, out);
            }
            "switch_statement" => return self.tree_switch(node, out),
            "try_statement" => self.tree_try(node),
            "break_statement" | "continue_statement" => {
                let label = node.child_by_field_name("label").map(|label| self.node_text(label));
                self.jump(label, node.kind() == "continue_statement")
            }
            "labeled_statement" => {
                self.label = node.child_by_field_name("label").map(|label| self.node_text(label));
                if let Some(body) = node.child_by_field_name("body") {
                    self.tree_statements(&[body], out);
                }
                self.label = None;
                return;
            }
            "with_statement" => {
                if let Some(object) = self.tree_field(node, "object") {
                    out.push(self.alone(object));
                }
                StmtKind::Block(self.tree_branch(node.child_by_field_name("body")))
            }
            "debugger_statement" => StmtKind::Expr(self.call(span, self.name(span, "debugger"), &[], false)),
            "class_declaration" => StmtKind::Class(self.tree_class(node)),
            "import_statement" => return self.tree_import(node, out),
            "export_statement" => return self.tree_export(node, out),
            "empty_statement" | "hash_bang_line" | "comment" | "html_comment" => return,
            "ERROR" => StmtKind::Block(self.tree_body(node)),
            _ => {
                let expr = self.tree_expression(node);
                out.push(self.alone(expr));
                return;
            }
        };
        out.push(Stmt { span, kind });
    }

    fn tree_variables(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        for part in self.parts(node) {
            let span = self.node_span(part);
            let Some(name) = part.child_by_field_name("name") else {
                self.tree_statement(part, out);
                continue;
            };
            let target = self.tree_expression(name);
            let value = self.tree_field(part, "value").unwrap_or(Expr { span, kind: ExprKind::Null });
            out.push(self.declared(span, target, value));
        }
    }

    fn tree_if(&mut self, first: Node, out: &mut Vec<Stmt<'a>>) {
        let depth = self.depth;
        let mut links = Vec::new();
        let mut at = first;
        let mut last: &'a [Stmt<'a>] = &[];
        loop {
            let span = self.node_span(at);
            let test = self.tree_field(at, "condition").unwrap_or(Expr { span, kind: ExprKind::Null });
            let then = self.tree_branch(at.child_by_field_name("consequence"));
            links.push((span, test, then));
            if !self.descend() {
                break;
            }
            let Some(alternative) = at.child_by_field_name("alternative") else { break };
            match self.parts(alternative)[..] {
                [next] if next.kind() == "if_statement" => at = next,
                _ => {
                    last = self.tree_branch(Some(alternative));
                    break;
                }
            }
        }
        self.depth = depth;
        for (span, test, then) in links.into_iter().rev() {
            let branch = self.arena.alloc(If { test, then, otherwise: last });
            last = self.many(&[Stmt { span, kind: StmtKind::If(branch) }]);
        }
        out.extend_from_slice(last);
    }

    fn tree_loop(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(node);
        let always = Expr { span, kind: ExprKind::Bool(true) };
        let kind = match node.kind() {
            "for_statement" => {
                if let Some(start) = node.child_by_field_name("initializer") {
                    self.tree_statement(start, out);
                }
                let test = node.child_by_field_name("condition").filter(|test| test.is_named());
                let test = match test {
                    Some(test) if test.kind() != "empty_statement" => self.tree_expression(test),
                    _ => always,
                };
                let update = self.tree_field(node, "increment").map(|update| self.update(update));
                LoopKind::While(test, update)
            }
            "for_in_statement" => {
                let target = self.tree_field(node, "left").unwrap_or(always);
                let object = self.tree_field(node, "right").unwrap_or(always);
                let keys = node.child_by_field_name("operator").is_some_and(|operator| operator.kind() == "in");
                if keys { LoopKind::Keys(target, object) } else { LoopKind::Each(target, object) }
            }
            "while_statement" => LoopKind::While(self.tree_field(node, "condition").unwrap_or(always), None),
            _ => LoopKind::DoWhile(self.tree_field(node, "condition").unwrap_or(always)),
        };
        let body = self.in_loop(|this| this.tree_branch(node.child_by_field_name("body")));
        out.push(Stmt { span, kind: StmtKind::Loop(self.arena.alloc(Loop { kind, body })) });
    }

    fn tree_switch(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(node);
        let value = self.tree_field(node, "value").unwrap_or(Expr { span, kind: ExprKind::Null });
        let mut cases = Vec::new();
        for case in node.child_by_field_name("body").map(|body| self.parts(body)).unwrap_or_default() {
            let test = self.tree_field(case, "value");
            let skip = usize::from(test.is_some());
            let statements = self.parts(case);
            let mut body = Vec::new();
            self.tree_statements(statements.get(skip..).unwrap_or_default(), &mut body);
            if let [Stmt { kind: StmtKind::Block(inner), .. }] = body[..] {
                body = inner.to_vec();
            }
            cases.push(Case { span: self.node_span(case), test, body });
        }
        self.switched(span, value, cases, out);
    }

    fn tree_try(&mut self, node: Node) -> StmtKind<'a> {
        let body = self.tree_branch(node.child_by_field_name("body"));
        let handlers: &'a [(Option<Expr<'a>>, &'a [Stmt<'a>])] = match node.child_by_field_name("handler") {
            Some(handler) => {
                let name = self.tree_field(handler, "parameter");
                let body = self.tree_branch(handler.child_by_field_name("body"));
                self.many(&[(name, body)])
            }
            None => &[],
        };
        let last = self.tree_branch(node.child_by_field_name("finalizer"));
        StmtKind::Try(self.arena.alloc(Try { body, handlers, last }))
    }

    pub(super) fn tree_function(&mut self, node: Node, name: &'a str, method: bool) -> &'a Function<'a> {
        let own = node.child_by_field_name("name").filter(|_| !method);
        let name = own.map_or(name, |own| self.node_name(own));
        let mut parameters = Vec::new();
        if let Some(single) = node.child_by_field_name("parameter") {
            let target = self.tree_expression(single);
            parameters.push(Parameter { target, default: None, kind: ParameterKind::One });
        }
        for part in node.child_by_field_name("parameters").map(|list| self.parts(list)).unwrap_or_default() {
            let target = self.tree_expression(part);
            parameters.push(match target.kind {
                ExprKind::Assign(assign) => {
                    Parameter { target: assign.target, default: Some(assign.value), kind: ParameterKind::One }
                }
                ExprKind::Spread(inner) => Parameter { target: *inner, default: None, kind: ParameterKind::Rest },
                _ => Parameter { target, default: None, kind: ParameterKind::One },
            });
        }
        let body = match node.child_by_field_name("body") {
            Some(block) if block.kind() == "statement_block" => self.in_function(|this| this.tree_body(block)),
            Some(value) => {
                let value = self.in_function(|this| this.tree_expression(value));
                self.many(&[Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }])
            }
            None => &[],
        };
        self.arena.alloc(Function {
            name,
            parameters: self.many(&parameters),
            body,
            span: self.node_span(node),
            decorators: &[],
            method,
            own_this: node.kind() != "arrow_function",
        })
    }

    pub(super) fn tree_class(&mut self, node: Node) -> &'a Class<'a> {
        let mut bases = Vec::new();
        let mut decorators = Vec::new();
        for part in self.parts(node) {
            match part.kind() {
                "class_heritage" => bases.push(self.tree_inside(part, self.node_span(part))),
                "decorator" => decorators.push(self.tree_inside(part, self.node_span(part))),
                _ => {}
            }
        }
        let mut body = Vec::new();
        for member in node.child_by_field_name("body").map(|body| self.parts(body)).unwrap_or_default() {
            self.tree_class_member(member, &mut body);
        }
        self.arena.alloc(Class {
            name: node.child_by_field_name("name").map_or("", |name| self.node_name(name)),
            bases: self.many(&bases),
            body: self.many(&body),
            span: self.node_span(node),
            decorators: self.many(&decorators),
        })
    }

    fn tree_class_member(&mut self, member: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(member);
        match member.kind() {
            "method_definition" => {
                let key = member.child_by_field_name("name").map(|name| self.tree_key(name));
                let mut key = key.unwrap_or(Expr { span, kind: ExprKind::Null });
                if is_accessor(member, "set") {
                    key = self.setter_key(key);
                }
                let name = self.key_name(key, out);
                let function = self.tree_function(member, name, true);
                let function = if is_accessor(member, "get") { self.getter(function) } else { function };
                out.push(Stmt { span, kind: StmtKind::Function(function) });
            }
            "field_definition" => {
                let key = member.child_by_field_name("property").map(|name| self.tree_key(name));
                let key = key.unwrap_or(Expr { span, kind: ExprKind::Null });
                let name = self.key_name(key, out);
                let value = self.in_function(|this| this.tree_field(member, "value"));
                self.class_field(span, key, name, value, out);
            }
            "class_static_block" => {
                let body = self.in_function(|this| this.tree_branch(member.child_by_field_name("body")));
                out.push(self.block(span, body));
            }
            _ => self.tree_statement(member, out),
        }
    }

    fn tree_import(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(node);
        let Some(source) = node.child_by_field_name("source") else { return };
        let module = self.tree_text(source);
        let before = out.len();
        for clause in self.parts(node).into_iter().filter(|part| part.kind() == "import_clause") {
            for part in self.parts(clause) {
                match part.kind() {
                    "identifier" => out.push(self.import(span, module, Some("default"), self.node_name(part))),
                    "namespace_import" => {
                        if let Some(name) = self.parts(part).first() {
                            out.push(self.import(span, module, None, self.node_name(*name)));
                        }
                    }
                    _ => {
                        for specifier in self.parts(part) {
                            let name = self.specifier_name(specifier, "name");
                            let alias = specifier.child_by_field_name("alias");
                            let alias = alias.map_or(name, |alias| self.node_name(alias));
                            out.push(self.import(span, module, Some(name), alias));
                        }
                    }
                }
            }
        }
        if out.len() == before {
            out.push(self.import(span, module, None, ""));
        }
    }

    fn specifier_name(&self, specifier: Node, field: &str) -> &'a str {
        match specifier.child_by_field_name(field) {
            Some(name) if name.kind() == "string" => self.tree_text(name),
            Some(name) => self.node_name(name),
            None => "",
        }
    }

    fn tree_export(&mut self, node: Node, out: &mut Vec<Stmt<'a>>) {
        let span = self.node_span(node);
        let source = node.child_by_field_name("source").map(|source| self.tree_text(source));
        let is_default = node.child(1).is_some_and(|word| word.kind() == "default");
        if let Some(value) = self.tree_field(node, "value") {
            out.push(self.exported(span, "default", value));
        } else if let Some(declaration) = node.child_by_field_name("declaration") {
            let start = out.len();
            if !is_function_declaration(&declaration) {
                self.tree_statement(declaration, out);
            }
            let names = match declaration.child_by_field_name("name") {
                Some(name) => vec![self.node_name(name)],
                None => declared_names(&out[start..]),
            };
            for name in names {
                out.push(self.exported(span, if is_default { "default" } else { name }, self.name(span, name)));
            }
        } else {
            self.tree_export_names(node, span, source, out);
        }
    }

    fn tree_export_names(&mut self, node: Node, span: Span, source: Option<&'a str>, out: &mut Vec<Stmt<'a>>) {
        let parts = self.parts(node);
        for part in &parts {
            match (part.kind(), source) {
                ("export_clause", _) => {
                    for specifier in self.parts(*part) {
                        let name = self.specifier_name(specifier, "name");
                        let has_alias = specifier.child_by_field_name("alias").is_some();
                        let public = if has_alias { self.specifier_name(specifier, "alias") } else { name };
                        match source {
                            Some(module) => self.reexported(span, module, Some(name), public, out),
                            None => out.push(self.exported(span, public, self.name(span, name))),
                        }
                    }
                }
                ("namespace_export", Some(module)) => {
                    let name = self.parts(*part).first().map_or("", |name| self.node_name(*name));
                    self.reexported(span, module, None, name, out);
                }
                ("string", Some(module)) if parts.len() == 1 => {
                    out.push(self.import(span, module, Some("*"), ""));
                }
                _ => {}
            }
        }
    }
}

fn is_function_declaration(node: &Node) -> bool {
    matches!(node.kind(), "function_declaration" | "generator_function_declaration")
}

fn declared_names<'a>(statements: &[Stmt<'a>]) -> Vec<&'a str> {
    let mut names = Vec::new();
    for statement in statements {
        if let StmtKind::Assign(assign) = statement.kind {
            names_in(&assign.target, &mut names);
        }
    }
    names
}

fn names_in<'a>(target: &Expr<'a>, names: &mut Vec<&'a str>) {
    match target.kind {
        ExprKind::Name(name) => names.push(name),
        ExprKind::List(items) => items.iter().for_each(|item| names_in(item, names)),
        ExprKind::Map(pairs) => {
            for (key, value) in pairs {
                names_in(key, names);
                names_in(value, names);
            }
        }
        ExprKind::Assign(assign) => names_in(&assign.target, names),
        ExprKind::Spread(inner) => names_in(inner, names),
        _ => {}
    }
}
