//! Statements, from oxc's tree.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::{Builder, switch::Case};
use crate::ir::{Expr, ExprKind, If, Loop, LoopKind, Span, Stmt, StmtKind, Try};

impl<'a> Builder<'a> {
    pub(super) fn program(&mut self, program: &ast::Program) -> &'a [Stmt<'a>] {
        self.body(&program.body)
    }

    pub(super) fn at(&self, span: oxc_span::Span) -> Span {
        self.span(span.start, span.end)
    }

    /// Statements of one block, its function declarations first: they can be called before the place where they stand.
    pub(super) fn body(&mut self, statements: &[ast::Statement]) -> &'a [Stmt<'a>] {
        let mut out = Vec::with_capacity(statements.len());
        self.body_into(statements, &mut out);
        self.many(&out)
    }

    pub(super) fn body_into(&mut self, statements: &[ast::Statement], out: &mut Vec<Stmt<'a>>) {
        for statement in statements {
            match statement {
                ast::Statement::FunctionDeclaration(function) => self.declare_function(function, out),
                ast::Statement::ExportDeclaration(export) => {
                    if let ast::Declaration::FunctionDeclaration(function) = &export.declaration {
                        self.declare_function(function, out);
                    }
                }
                ast::Statement::ExportDefaultDeclaration(export) => {
                    if let ast::ExportDefaultDeclarationKind::FunctionDeclaration(function) = &export.declaration
                        && function.id.is_some()
                    {
                        self.declare_function(function, out);
                    }
                }
                _ => {}
            }
        }
        for statement in statements {
            self.statement(statement, out);
        }
    }

    /// The body of a branch or loop.
    fn branch(&mut self, statement: &ast::Statement) -> &'a [Stmt<'a>] {
        if let ast::Statement::BlockStatement(block) = statement {
            return self.body(&block.body);
        }
        let mut out = Vec::new();
        if let ast::Statement::FunctionDeclaration(function) = statement {
            self.declare_function(function, &mut out);
        }
        self.statement(statement, &mut out);
        self.many(&out)
    }

    fn statement(&mut self, statement: &ast::Statement, out: &mut Vec<Stmt<'a>>) {
        if !self.descend() {
            return;
        }
        self.statement_of(statement, out);
        self.ascend();
    }

    fn statement_of(&mut self, statement: &ast::Statement, out: &mut Vec<Stmt<'a>>) {
        use ast::Statement as S;
        match statement {
            S::ExpressionStatement(one) => {
                let expr = self.expression(&one.expression);
                out.push(self.alone(expr));
            }
            S::VariableDeclaration(variables) => self.variables(variables, out),
            S::IfStatement(branch) => self.if_statement(branch, out),
            S::ReturnStatement(one) => {
                let value = one.argument.as_ref().map(|value| self.expression(value));
                out.push(Stmt { span: self.at(one.span), kind: StmtKind::Return(value) });
            }
            S::BlockStatement(block) => {
                let body = self.body(&block.body);
                out.push(self.block(self.at(block.span), body));
            }
            S::ForStatement(_)
            | S::ForInStatement(_)
            | S::ForOfStatement(_)
            | S::WhileStatement(_)
            | S::DoWhileStatement(_) => self.loop_statement(statement, out),
            S::SwitchStatement(switch) => self.switch_statement(switch, out),
            S::TryStatement(tried) => self.try_statement(tried, out),
            S::ThrowStatement(one) => {
                let value = self.expression(&one.argument);
                out.push(Stmt { span: self.at(one.span), kind: StmtKind::Throw(Some(value)) });
            }
            S::BreakStatement(jump) => {
                let kind = self.jump(jump.label.as_ref().map(|label| label.name.as_str()), false);
                out.push(Stmt { span: self.at(jump.span), kind });
            }
            S::ContinueStatement(jump) => {
                let kind = self.jump(jump.label.as_ref().map(|label| label.name.as_str()), true);
                out.push(Stmt { span: self.at(jump.span), kind });
            }
            S::LabeledStatement(labelled) => {
                self.label = Some(self.keep(&labelled.label.name));
                self.statement(&labelled.body, out);
                self.label = None;
            }
            S::WithStatement(with) => {
                let object = self.expression(&with.object);
                out.push(self.alone(object));
                let body = self.branch(&with.body);
                out.push(self.block(self.at(with.span), body));
            }
            S::DebuggerStatement(one) => {
                let span = self.at(one.span);
                let call = self.call(span, self.name(span, "debugger"), &[], false);
                out.push(self.alone(call));
            }
            S::EmptyStatement(_) | S::FunctionDeclaration(_) => {}
            S::ClassDeclaration(class) => self.declare_class(class, out),
            _ => self.module_statement(statement, out),
        }
    }

    pub(super) fn variables(&mut self, variables: &ast::VariableDeclaration, out: &mut Vec<Stmt<'a>>) {
        if variables.declare {
            return;
        }
        for variable in &variables.declarations {
            let target = self.binding(&variable.id);
            let span = self.at(variable.span);
            let value = match &variable.init {
                Some(value) => self.expression(value),
                None => Expr { span, kind: ExprKind::Null },
            };
            out.push(self.declared(span, target, value));
        }
    }

    /// `else if` is a chain, and long ones are common in generated code: it is walked without recursion.
    fn if_statement(&mut self, first: &ast::IfStatement, out: &mut Vec<Stmt<'a>>) {
        let depth = self.depth;
        let mut links = Vec::new();
        let mut at = first;
        let mut last: &'a [Stmt<'a>] = &[];
        loop {
            let test = self.expression(&at.test);
            let then = self.branch(&at.consequent);
            links.push((self.at(at.span), test, then));
            if !self.descend() {
                break;
            }
            match &at.alternate {
                Some(ast::Statement::IfStatement(next)) => at = next,
                Some(other) => {
                    last = self.branch(other);
                    break;
                }
                None => break,
            }
        }
        self.depth = depth;
        for (span, test, then) in links.into_iter().rev() {
            let branch = self.arena.alloc(If { test, then, otherwise: last });
            last = self.many(&[Stmt { span, kind: StmtKind::If(branch) }]);
        }
        out.extend_from_slice(last);
    }

    fn loop_statement(&mut self, statement: &ast::Statement, out: &mut Vec<Stmt<'a>>) {
        let span = self.at(statement.span());
        let (kind, body) = match statement {
            ast::Statement::ForStatement(one) => {
                match &one.init {
                    Some(ast::ForStatementInit::VariableDeclaration(variables)) => self.variables(variables, out),
                    Some(init) => {
                        if let Some(init) = init.as_expression() {
                            let init = self.expression(init);
                            out.push(self.alone(init));
                        }
                    }
                    None => {}
                }
                let test = match &one.test {
                    Some(test) => self.expression(test),
                    None => Expr { span, kind: ExprKind::Bool(true) },
                };
                let update = one.update.as_ref().map(|update| {
                    let update = self.expression(update);
                    self.update(update)
                });
                (LoopKind::While(test, update), &one.body)
            }
            ast::Statement::ForInStatement(one) => {
                let target = self.loop_target(&one.left);
                (LoopKind::Keys(target, self.expression(&one.right)), &one.body)
            }
            ast::Statement::ForOfStatement(one) => {
                let target = self.loop_target(&one.left);
                (LoopKind::Each(target, self.expression(&one.right)), &one.body)
            }
            ast::Statement::WhileStatement(one) => (LoopKind::While(self.expression(&one.test), None), &one.body),
            ast::Statement::DoWhileStatement(one) => (LoopKind::DoWhile(self.expression(&one.test)), &one.body),
            _ => return,
        };
        let body = self.in_loop(|this| this.branch(body));
        out.push(Stmt { span, kind: StmtKind::Loop(self.arena.alloc(Loop { kind, body })) });
    }

    fn loop_target(&mut self, left: &ast::ForStatementLeft) -> Expr<'a> {
        match left {
            ast::ForStatementLeft::VariableDeclaration(variables) => match variables.declarations.first() {
                Some(variable) => self.binding(&variable.id),
                None => Expr { span: self.at(variables.span), kind: ExprKind::Null },
            },
            _ => match left.as_assignment_target() {
                Some(target) => self.target(target),
                None => Expr { span: self.at(left.span()), kind: ExprKind::Null },
            },
        }
    }

    fn switch_statement(&mut self, switch: &ast::SwitchStatement, out: &mut Vec<Stmt<'a>>) {
        let value = self.expression(&switch.discriminant);
        let mut cases = Vec::with_capacity(switch.cases.len());
        for case in &switch.cases {
            let test = case.test.as_ref().map(|test| self.expression(test));
            let mut body = Vec::with_capacity(case.consequent.len());
            self.body_into(&case.consequent, &mut body);
            if let [Stmt { kind: StmtKind::Block(inner), .. }] = body[..] {
                body = inner.to_vec();
            }
            cases.push(Case { span: self.at(case.span), test, body });
        }
        self.switched(self.at(switch.span), value, cases, out);
    }

    fn try_statement(&mut self, tried: &ast::TryStatement, out: &mut Vec<Stmt<'a>>) {
        let body = self.body(&tried.block.body);
        let handlers: &'a [(Option<Expr<'a>>, &'a [Stmt<'a>])] = match &tried.handler {
            Some(handler) => {
                let name = handler.param.as_ref().map(|param| self.binding(&param.pattern));
                let body = self.body(&handler.body.body);
                self.many(&[(name, body)])
            }
            None => &[],
        };
        let last = tried.finalizer.as_ref().map_or(&[][..], |last| self.body(&last.body));
        let kind = StmtKind::Try(self.arena.alloc(Try { body, handlers, last }));
        out.push(Stmt { span: self.at(tried.span), kind });
    }
}
