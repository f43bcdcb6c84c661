//! Statements of ruff's tree.

use ruff_python_ast::{self as ast, ExceptHandler, Expr as SourceExpr, Pattern, PySourceType, Stmt as Source};
use ruff_text_size::Ranged;

use super::{
    Attempt, Builder, declares,
    expressions::{operator, span},
};
use crate::ir::{
    Assign, BinaryOp, Bump, Class, Expr, ExprKind, Function, If, Import, Loop, LoopKind, Span, Stmt, StmtKind, Try,
    UnaryOp,
};

/// So many `elif` or `case` branches are nested in each other; the next ones begin a new branch behind them.
const LONG_BRANCHING: usize = 200;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Attempt<'a> {
    let parsed = ruff_python_parser::parse_unchecked_source(text, PySourceType::Python);
    let errors = parsed.errors();
    let first_error = errors.first().map(|error| (error.location.start().to_usize(), error.error.to_string()));
    let mut builder = Builder::new(arena, text, !errors.is_empty());
    let body = builder.statements(parsed.suite());
    builder.finish(body, errors.len(), first_error)
}

impl<'a> Builder<'a> {
    fn statements(&mut self, sources: &[Source]) -> &'a [Stmt<'a>] {
        if self.broken {
            let lowered: Vec<_> = sources.iter().map(|one| self.statement(one)).collect();
            return self.join_old_statements(&lowered);
        }
        self.arena.alloc_slice_fill_iter(sources.iter().map(|one| self.statement(one)))
    }

    fn statement(&mut self, source: &Source) -> Stmt<'a> {
        let at = span(source.range());
        let kind = self.nested(at.start, StmtKind::Block(&[]), |builder| builder.statement_inner(at, source));
        Stmt { span: at, kind }
    }

    fn statement_inner(&mut self, at: Span, source: &Source) -> StmtKind<'a> {
        match source {
            // A text that stands alone is a comment.
            Source::Expr(node) if node.value.is_string_literal_expr() && !self.broken => StmtKind::Block(&[]),
            Source::Expr(node) => StmtKind::Expr(self.expr(&node.value)),
            Source::Assign(node) => self.assign(at, node),
            Source::AugAssign(node) => self.augmented(node),
            Source::AnnAssign(node) => match &node.value {
                Some(value) => {
                    let value = self.expr(value);
                    let target = self.expr(&node.target);
                    StmtKind::Assign(self.assignment(target, value))
                }
                None => StmtKind::Block(&[]),
            },
            Source::FunctionDef(node) => StmtKind::Function(self.function(at, node)),
            Source::ClassDef(node) => StmtKind::Class(self.class(at, node)),
            Source::Return(node) => StmtKind::Return(node.value.as_deref().map(|value| self.expr(value))),
            Source::Delete(node) => self.delete(node),
            Source::For(node) => self.for_loop(at, node),
            Source::While(node) => {
                let test = self.expr(&node.test);
                let body = self.statements(&node.body);
                self.with_else(
                    at,
                    StmtKind::Loop(self.keep(Loop { kind: LoopKind::While(test, None), body })),
                    &node.orelse,
                )
            }
            Source::If(node) => self.branch(at, node),
            Source::With(node) => self.with(node),
            Source::Match(node) => self.match_statement(at, node),
            Source::Raise(node) => StmtKind::Throw(node.exc.as_deref().map(|value| self.expr(value))),
            Source::Try(node) => self.try_statement(node),
            Source::Assert(node) => {
                let parts: Vec<_> =
                    [Some(&node.test), node.msg.as_ref()].into_iter().flatten().map(|part| self.expr(part)).collect();
                StmtKind::Expr(Expr { span: at, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&parts)) })
            }
            Source::Import(node) => self.import(node),
            Source::ImportFrom(node) => self.import_from(node),
            Source::Global(node) => self.outer(&node.names),
            Source::Nonlocal(node) => self.outer(&node.names),
            Source::Break(_) => StmtKind::Break,
            Source::Continue(_) => StmtKind::Continue,
            Source::TypeAlias(_) | Source::Pass(_) | Source::IpyEscapeCommand(_) => StmtKind::Block(&[]),
        }
    }

    /// Statements of a file with errors: `print x` and `exec code` of Python 2 come as two statements on one line.
    pub(super) fn join_old_statements(&mut self, statements: &[Stmt<'a>]) -> &'a [Stmt<'a>] {
        let mut joined: Vec<Stmt<'a>> = Vec::with_capacity(statements.len());
        for &statement in statements {
            match joined.last().and_then(|last| self.old_statement(last, &statement)) {
                Some((at, name, arguments)) => {
                    joined.pop();
                    let call = self.call_named(at, name, &arguments);
                    joined.push(Stmt { span: at, kind: StmtKind::Expr(call) });
                }
                None => joined.push(statement),
            }
        }
        joined.retain(|one| !matches!(one.kind, StmtKind::Expr(Expr { kind: ExprKind::Text(_), .. })));
        self.arena.alloc_slice_copy(&joined)
    }

    fn old_statement(&self, word: &Stmt<'a>, operand: &Stmt<'a>) -> Option<(Span, &'static str, Vec<Expr<'a>>)> {
        let (StmtKind::Expr(name), StmtKind::Expr(value)) = (word.kind, operand.kind) else { return None };
        let name = match name.kind {
            ExprKind::Name("exec") => "exec",
            ExprKind::Name("print") => "print",
            _ => return None,
        };
        let between = self.text.get(word.span.end as usize..operand.span.start as usize)?;
        if !between.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        let arguments = match value.kind {
            ExprKind::List(parts) => parts.to_vec(),
            // `exec code in namespace` reads as a comparison.
            ExprKind::Binary(BinaryOp::In, code, _) if name == "exec" => vec![*code],
            _ => vec![value],
        };
        Some((Span { start: word.span.start, end: operand.span.end }, name, arguments))
    }

    pub(super) fn assignment(&self, target: Expr<'a>, value: Expr<'a>) -> &'a Assign<'a> {
        self.keep(Assign { target, operator: None, value, declares: declares(&target) })
    }

    pub(super) fn block(&self, statements: &[Stmt<'a>]) -> StmtKind<'a> {
        match statements {
            [one] => one.kind,
            _ => StmtKind::Block(self.arena.alloc_slice_copy(statements)),
        }
    }

    fn assign(&mut self, at: Span, node: &ast::StmtAssign) -> StmtKind<'a> {
        let value = self.expr(&node.value);
        let targets: Vec<_> = node.targets.iter().map(|target| self.expr(target)).collect();
        self.assign_all(at, &targets, value)
    }

    /// `a = b = value`. The value is evaluated once: later targets take it from the first one that is a plain name, or a hidden name.
    pub(super) fn assign_all(&mut self, at: Span, targets: &[Expr<'a>], value: Expr<'a>) -> StmtKind<'a> {
        if let [target] = targets {
            return StmtKind::Assign(self.assignment(*target, value));
        }
        let hidden = Expr { span: value.span, kind: ExprKind::Name(self.hidden_name()) };
        let mut statements = vec![Stmt { span: at, kind: StmtKind::Assign(self.assignment(hidden, value)) }];
        statements.extend(
            targets.iter().map(|&target| Stmt { span: at, kind: StmtKind::Assign(self.assignment(target, hidden)) }),
        );
        self.block(&statements)
    }

    fn augmented(&mut self, node: &ast::StmtAugAssign) -> StmtKind<'a> {
        let (target, value) = (self.expr(&node.target), self.expr(&node.value));
        match operator(node.op) {
            Some(op) => {
                StmtKind::Assign(self.keep(Assign { target, operator: Some(op), value, declares: declares(&target) }))
            }
            None => {
                let kind = ExprKind::Opaque(self.arena.alloc_slice_copy(&[target, value]));
                StmtKind::Assign(self.assignment(target, Expr { span: value.span, kind }))
            }
        }
    }

    fn delete(&mut self, node: &ast::StmtDelete) -> StmtKind<'a> {
        let statements: Vec<_> = node
            .targets
            .iter()
            .map(|target| {
                let target = self.expr(target);
                let kind = ExprKind::Unary(UnaryOp::Delete, self.keep(target));
                Stmt { span: target.span, kind: StmtKind::Expr(Expr { span: target.span, kind }) }
            })
            .collect();
        self.block(&statements)
    }

    fn function(&mut self, at: Span, node: &ast::StmtFunctionDef) -> &'a Function<'a> {
        let decorators = self.decorators(&node.decorator_list);
        let parameters = self.parameters(&node.parameters);
        let name = self.identifier(&node.name);
        let body = self.statements(&node.body);
        self.keep(Function { name, parameters, body, span: at, decorators, method: false, own_this: false })
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> &'a [Expr<'a>] {
        self.arena.alloc_slice_fill_iter(decorators.iter().map(|one| self.expr(&one.expression)))
    }

    fn class(&mut self, at: Span, node: &ast::StmtClassDef) -> &'a Class<'a> {
        let decorators = self.decorators(&node.decorator_list);
        // The metaclass is one more class whose code runs when this one is made.
        let bases = match &node.arguments {
            Some(arguments) => {
                let meta = arguments.keywords.iter().filter(|one| one.arg.as_deref() == Some("metaclass"));
                let all: Vec<Expr<'a>> =
                    arguments.args.iter().chain(meta.map(|one| &one.value)).map(|one| self.expr(one)).collect();
                &*self.arena.alloc_slice_copy(&all)
            }
            None => &[],
        };
        let name = self.identifier(&node.name);
        let body = self.statements(&node.body);
        let body = self.bind_methods(body);
        self.keep(Class { name, bases, body, span: at, decorators })
    }

    /// Functions of a class body (in branches too) are methods unless they are static.
    pub(super) fn bind_methods(&self, body: &'a [Stmt<'a>]) -> &'a [Stmt<'a>] {
        let is_static = |one: &Expr| matches!(one.kind, ExprKind::Name("staticmethod"));
        let bound = body.iter().map(|statement| {
            let kind = match statement.kind {
                StmtKind::Function(function) => {
                    let method = !function.decorators.iter().any(is_static);
                    StmtKind::Function(self.keep(Function { method, ..*function }))
                }
                StmtKind::If(branch) => StmtKind::If(self.keep(If {
                    test: branch.test,
                    then: self.bind_methods(branch.then),
                    otherwise: self.bind_methods(branch.otherwise),
                })),
                other => other,
            };
            Stmt { span: statement.span, kind }
        });
        self.arena.alloc_slice_fill_iter(bound)
    }

    fn for_loop(&mut self, at: Span, node: &ast::StmtFor) -> StmtKind<'a> {
        let (iterable, target) = (self.expr(&node.iter), self.expr(&node.target));
        let body = self.statements(&node.body);
        let kind = StmtKind::Loop(self.keep(Loop { kind: LoopKind::Each(target, iterable), body }));
        self.with_else(at, kind, &node.orelse)
    }

    fn with_else(&mut self, at: Span, first: StmtKind<'a>, orelse: &[Source]) -> StmtKind<'a> {
        if orelse.is_empty() {
            return first;
        }
        let last = StmtKind::Block(self.statements(orelse));
        self.block(&[Stmt { span: at, kind: first }, Stmt { span: at, kind: last }])
    }

    fn branch(&mut self, at: Span, node: &ast::StmtIf) -> StmtKind<'a> {
        let mut branches = vec![(at, Some(self.expr(&node.test)), self.statements(&node.body))];
        for clause in &node.elif_else_clauses {
            let test = clause.test.as_ref().map(|test| self.expr(test));
            branches.push((span(clause.range()), test, self.statements(&clause.body)));
        }
        self.branches(&branches)
    }

    /// Nests branches from the last to the first. A branch without a test is the last `else`.
    pub(super) fn branches(&self, branches: &[(Span, Option<Expr<'a>>, &'a [Stmt<'a>])]) -> StmtKind<'a> {
        if branches.len() > LONG_BRANCHING {
            let parts: Vec<_> = branches
                .chunks(LONG_BRANCHING)
                .map(|part| Stmt { span: part[0].0, kind: self.branches(part) })
                .collect();
            return self.block(&parts);
        }
        let mut otherwise: &'a [Stmt<'a>] = &[];
        for &(at, test, then) in branches.iter().rev() {
            let Some(test) = test else {
                otherwise = then;
                continue;
            };
            let kind = StmtKind::If(self.keep(If { test, then, otherwise }));
            otherwise = self.arena.alloc_slice_copy(&[Stmt { span: at, kind }]);
        }
        self.block(otherwise)
    }

    fn with(&mut self, node: &ast::StmtWith) -> StmtKind<'a> {
        let mut statements = Vec::with_capacity(node.items.len() + node.body.len());
        for item in &node.items {
            let value = self.expr(&item.context_expr);
            let kind = match item.optional_vars.as_deref() {
                Some(target) => {
                    let target = self.expr(target);
                    StmtKind::Assign(self.assignment(target, value))
                }
                None => StmtKind::Expr(value),
            };
            statements.push(Stmt { span: span(item.range()), kind });
        }
        statements.extend_from_slice(self.statements(&node.body));
        self.block(&statements)
    }

    fn try_statement(&mut self, node: &ast::StmtTry) -> StmtKind<'a> {
        let body = self.statements(&node.body);
        let handlers: Vec<_> = node
            .handlers
            .iter()
            .map(|ExceptHandler::ExceptHandler(handler)| {
                let name = handler.name.as_ref().map(|name| {
                    let text = self.identifier(name);
                    Expr { span: span(name.range()), kind: ExprKind::Name(text) }
                });
                // `except Error, name` of Python 2.
                let name = name.or_else(|| match handler.type_.as_deref() {
                    Some(SourceExpr::Tuple(pair)) if self.broken && !pair.parenthesized && pair.elts.len() == 2 => {
                        Some(self.expr(&pair.elts[1]))
                    }
                    _ => None,
                });
                (name, self.statements(&handler.body))
            })
            .collect();
        let handlers = self.arena.alloc_slice_copy(&handlers);
        let orelse = self.statements(&node.orelse);
        let last = self.statements(&node.finalbody);
        let last = match (orelse, last) {
            (only, []) | ([], only) => only,
            (orelse, last) => self.arena.alloc_slice_copy(&[orelse, last].concat()),
        };
        StmtKind::Try(self.keep(Try { body, handlers, last }))
    }

    fn import(&mut self, node: &ast::StmtImport) -> StmtKind<'a> {
        let imports: Vec<_> = node
            .names
            .iter()
            .map(|one| {
                let module = self.identifier(&one.name);
                let alias = match &one.asname {
                    Some(alias) => self.identifier(alias),
                    None => module.split('.').next().unwrap_or_default(),
                };
                let import = self.keep(Import { module, name: None, alias });
                Stmt { span: span(one.range()), kind: StmtKind::Import(import) }
            })
            .collect();
        self.block(&imports)
    }

    fn import_from(&mut self, node: &ast::StmtImportFrom) -> StmtKind<'a> {
        let module = node.module.as_ref().map(|module| self.identifier(module)).unwrap_or_default();
        let module = match node.level {
            0 => module,
            level => self.arena.alloc_str(&format!("{}{module}", ".".repeat(level as usize))),
        };
        let imports: Vec<_> = node
            .names
            .iter()
            .map(|one| {
                let name = self.identifier(&one.name);
                let alias = match &one.asname {
                    Some(alias) => self.identifier(alias),
                    None if name == "*" => "",
                    None => name,
                };
                let import = self.keep(Import { module, name: Some(name), alias });
                Stmt { span: span(one.range()), kind: StmtKind::Import(import) }
            })
            .collect();
        self.block(&imports)
    }

    fn outer(&mut self, names: &[ast::Identifier]) -> StmtKind<'a> {
        StmtKind::Outer(self.arena.alloc_slice_fill_iter(names.iter().map(|name| self.identifier(name))))
    }

    /// A `match` is a chain of branches over a hidden name that holds the subject.
    fn match_statement(&mut self, at: Span, node: &ast::StmtMatch) -> StmtKind<'a> {
        let subject = self.expr(&node.subject);
        let hidden = Expr { span: subject.span, kind: ExprKind::Name(self.hidden_name()) };
        let mut branches = Vec::with_capacity(node.cases.len());
        for case in &node.cases {
            let mut captures = Vec::new();
            let test = self.pattern(&case.pattern, hidden, &mut captures);
            let test = match (&case.guard, test) {
                (None, test) => test,
                (Some(guard), _) => {
                    let guard = self.expr(guard);
                    Some(Expr { span: guard.span, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&[guard])) })
                }
            };
            captures.extend_from_slice(self.statements(&case.body));
            branches.push((span(case.range()), test, &*self.arena.alloc_slice_copy(&captures)));
        }
        let first = Stmt { span: at, kind: StmtKind::Assign(self.assignment(hidden, subject)) };
        let rest = Stmt { span: at, kind: self.branches(&branches) };
        self.block(&[first, rest])
    }

    /// The test of a pattern (none: it always matches), and the names that it binds.
    fn pattern(&mut self, pattern: &Pattern, subject: Expr<'a>, captures: &mut Vec<Stmt<'a>>) -> Option<Expr<'a>> {
        let at = span(pattern.range());
        let perhaps = Some(Expr { span: at, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&[subject])) });
        if self.depth >= super::DEEPEST {
            self.too_deep.get_or_insert(at.start);
            return perhaps;
        }
        self.depth += 1;
        let test = match pattern {
            Pattern::MatchValue(node) => {
                let value = self.expr(&node.value);
                Some(self.binary(BinaryOp::Equal, subject, value))
            }
            Pattern::MatchAs(node) => {
                let test = node.pattern.as_deref().and_then(|inner| self.pattern(inner, subject, captures));
                if let Some(name) = &node.name {
                    self.capture(name, subject, captures);
                }
                test
            }
            Pattern::MatchOr(node) => {
                let tests: Vec<_> = node.patterns.iter().map(|one| self.pattern(one, subject, captures)).collect();
                let tests: Option<Vec<_>> = tests.into_iter().collect();
                tests.filter(|tests| !tests.is_empty()).map(|tests| self.chain(BinaryOp::Or, &tests))
            }
            Pattern::MatchStar(node) => {
                if let Some(name) = &node.name {
                    self.capture(name, subject, captures);
                }
                perhaps
            }
            Pattern::MatchSingleton(_) => perhaps,
            Pattern::MatchSequence(node) => {
                for (position, inner) in node.patterns.iter().enumerate() {
                    let index = Expr { span: at, kind: ExprKind::Int(position as i64) };
                    let part = ExprKind::Index(self.keep(subject), self.keep(index));
                    self.pattern(inner, Expr { span: at, kind: part }, captures);
                }
                perhaps
            }
            Pattern::MatchMapping(node) => {
                for (key, inner) in node.keys.iter().zip(&node.patterns) {
                    let key = self.expr(key);
                    let part = ExprKind::Index(self.keep(subject), self.keep(key));
                    self.pattern(inner, Expr { span: at, kind: part }, captures);
                }
                if let Some(rest) = &node.rest {
                    self.capture(rest, subject, captures);
                }
                perhaps
            }
            Pattern::MatchClass(node) => {
                for inner in &node.arguments.patterns {
                    let part = ExprKind::Opaque(self.arena.alloc_slice_copy(&[subject]));
                    self.pattern(inner, Expr { span: at, kind: part }, captures);
                }
                for keyword in &node.arguments.keywords {
                    let part = ExprKind::Member(self.keep(subject), self.identifier(&keyword.attr));
                    self.pattern(&keyword.pattern, Expr { span: at, kind: part }, captures);
                }
                perhaps
            }
        };
        self.depth -= 1;
        test
    }

    fn capture(&mut self, name: &ast::Identifier, subject: Expr<'a>, captures: &mut Vec<Stmt<'a>>) {
        let at = span(name.range());
        let target = Expr { span: at, kind: ExprKind::Name(self.identifier(name)) };
        captures.push(Stmt { span: at, kind: StmtKind::Assign(self.assignment(target, subject)) });
    }
}
