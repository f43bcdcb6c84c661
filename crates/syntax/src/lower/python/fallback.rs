//! The second parser: tree-sitter's grammar, which cannot be made to abort and knows Python 2.

use tree_sitter::Node;

use super::{Attempt, Builder, declares};
use crate::ir::{
    Argument, Assign, BinaryOp, Bump, Class, Expr, ExprKind, Function, If, Import, Loop, LoopKind, Span, Stmt,
    StmtKind, Try, UnaryOp,
};

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str) -> Attempt<'a> {
    let mut parser = tree_sitter::Parser::new();
    let builder = Builder::new(arena, text, true);
    let tree = match parser.set_language(&tree_sitter_python::LANGUAGE.into()) {
        Ok(()) => parser.parse(text, None),
        Err(_) => None,
    };
    let Some(tree) = tree else {
        return builder.finish(&[], 1, Some((0, "the second parser gave up".to_owned())));
    };
    let mut builder = builder;
    let (errors, first) = errors(tree.root_node());
    let body = builder.suite(tree.root_node());
    builder.finish(body, errors, first.map(|place| (place, "invalid syntax".to_owned())))
}

/// How many places the grammar could not read, and the first of them.
fn errors(root: Node) -> (usize, Option<usize>) {
    let (mut count, mut first) = (0, None);
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            count += 1;
            first.get_or_insert(node.start_byte());
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return (count, first);
            }
        }
    }
}

fn span(node: Node) -> Span {
    Span { start: node.start_byte() as u32, end: node.end_byte() as u32 }
}

/// The named children that mean something.
pub(super) fn parts<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !matches!(child.kind(), "comment" | "line_continuation")).collect()
}

fn fields<'t>(node: Node<'t>, field: &str) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.children_by_field_name(field, &mut cursor).filter(|child| child.is_named()).collect()
}

impl<'a> Builder<'a> {
    /// The statements directly inside a node (a block, the module, or a piece that could not be read).
    fn suite(&mut self, node: Node) -> &'a [Stmt<'a>] {
        let statements: Vec<_> = parts(node).into_iter().map(|child| self.node_statement(child)).collect();
        self.join_old_statements(&statements)
    }

    fn suite_field(&mut self, node: Node, field: &str) -> &'a [Stmt<'a>] {
        node.child_by_field_name(field).map(|block| self.suite(block)).unwrap_or_default()
    }

    fn node_statement(&mut self, node: Node) -> Stmt<'a> {
        let at = span(node);
        let kind = self.nested(at.start, StmtKind::Block(&[]), |builder| builder.node_statement_inner(at, node));
        Stmt { span: at, kind }
    }

    fn node_statement_inner(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        match node.kind() {
            "expression_statement" => {
                let inner = parts(node);
                match inner.as_slice() {
                    [one] if one.kind() == "assignment" => self.node_assignment(at, *one),
                    [one] if one.kind() == "augmented_assignment" => match self.node_augmented(*one) {
                        ExprKind::Assign(assign) => StmtKind::Assign(assign),
                        kind => StmtKind::Expr(Expr { span: at, kind }),
                    },
                    [one] => StmtKind::Expr(self.node(*one)),
                    many => {
                        let kind = ExprKind::List(self.nodes(many));
                        StmtKind::Expr(Expr { span: at, kind })
                    }
                }
            }
            "print_statement" => StmtKind::Expr(self.print(at, node)),
            "exec_statement" => {
                let code: Vec<_> = parts(node).into_iter().take(1).map(|code| self.node(code)).collect();
                StmtKind::Expr(self.call_named(at, "exec", &code))
            }
            "block" | "ERROR" | "module" => StmtKind::Block(self.suite(node)),
            "import_statement" => self.node_import(node),
            "import_from_statement" => self.node_import_from(node),
            "future_import_statement" | "pass_statement" | "type_alias_statement" => StmtKind::Block(&[]),
            "return_statement" => StmtKind::Return(parts(node).first().map(|value| self.node(*value))),
            "raise_statement" => StmtKind::Throw(parts(node).first().map(|value| self.node(*value))),
            "delete_statement" => self.node_delete(at, node),
            "global_statement" | "nonlocal_statement" => {
                let names: Vec<_> = parts(node).into_iter().map(|name| self.spelled_name(name.byte_range())).collect();
                StmtKind::Outer(self.arena.alloc_slice_copy(&names))
            }
            "break_statement" => StmtKind::Break,
            "continue_statement" => StmtKind::Continue,
            "if_statement" => self.node_if(at, node),
            "for_statement" | "while_statement" => self.node_loop(at, node),
            "try_statement" => self.node_try(node),
            "with_statement" => self.node_with(node),
            "match_statement" => self.node_match(at, node),
            "function_definition" => StmtKind::Function(self.node_function(node, &[])),
            "class_definition" => StmtKind::Class(self.node_class(node, &[])),
            "decorated_definition" => self.decorated(node),
            _ => StmtKind::Expr(self.node(node)),
        }
    }

    fn node_assignment(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        let mut targets = Vec::new();
        let mut current = node;
        while let Some(left) = current.child_by_field_name("left") {
            targets.push(self.node(left));
            match current.child_by_field_name("right") {
                Some(right) if right.kind() == "assignment" => current = right,
                Some(right) => {
                    let value = self.node(right);
                    return self.assign_all(at, &targets, value);
                }
                None => break,
            }
        }
        StmtKind::Block(&[])
    }

    pub(super) fn node_augmented(&mut self, node: Node) -> ExprKind<'a> {
        let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right")) else {
            return ExprKind::Opaque(&[]);
        };
        let (target, value) = (self.node(left), self.node(right));
        let operator =
            node.child_by_field_name("operator").and_then(|word| operator(word.kind().trim_end_matches('=')));
        ExprKind::Assign(self.keep(Assign { target, operator, value, declares: declares(&target) }))
    }

    fn print(&mut self, at: Span, node: Node) -> Expr<'a> {
        let arguments: Vec<_> = fields(node, "argument").into_iter().map(|one| self.node(one)).collect();
        let mut given: Vec<_> = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        let chevron = parts(node).into_iter().find(|child| child.kind() == "chevron");
        if let Some(file) = chevron.and_then(|chevron| parts(chevron).first().copied()) {
            given.push(Argument { name: Some("file"), value: self.node(file) });
        }
        let arguments = self.arena.alloc_slice_copy(&given);
        self.call(at, Expr { span: at, kind: ExprKind::Name("print") }, arguments)
    }

    fn node_import(&mut self, node: Node) -> StmtKind<'a> {
        let imports: Vec<_> = fields(node, "name")
            .into_iter()
            .map(|one| {
                let (module, alias) = self.aliased(one);
                let alias = alias.unwrap_or_else(|| module.split('.').next().unwrap_or_default());
                Stmt { span: span(one), kind: StmtKind::Import(self.keep(Import { module, name: None, alias })) }
            })
            .collect();
        self.block(&imports)
    }

    fn node_import_from(&mut self, node: Node) -> StmtKind<'a> {
        let module = node.child_by_field_name("module_name").map(|module| self.dotted(module)).unwrap_or_default();
        let star = parts(node).into_iter().any(|child| child.kind() == "wildcard_import");
        if star {
            return StmtKind::Import(self.keep(Import { module, name: Some("*"), alias: "" }));
        }
        let imports: Vec<_> = fields(node, "name")
            .into_iter()
            .map(|one| {
                let (name, alias) = self.aliased(one);
                let import = self.keep(Import { module, name: Some(name), alias: alias.unwrap_or(name) });
                Stmt { span: span(one), kind: StmtKind::Import(import) }
            })
            .collect();
        self.block(&imports)
    }

    fn aliased(&mut self, node: Node) -> (&'a str, Option<&'a str>) {
        match (node.child_by_field_name("name"), node.child_by_field_name("alias")) {
            (Some(name), Some(alias)) => (self.dotted(name), Some(self.spelled_name(alias.byte_range()))),
            _ => (self.dotted(node), None),
        }
    }

    /// `a.b.c` or `..a`, without the blanks that may stand between.
    fn dotted(&mut self, node: Node) -> &'a str {
        let spelled = self.spelled_name(node.byte_range());
        if !spelled.contains(char::is_whitespace) {
            return spelled;
        }
        self.arena.alloc_str(&spelled.split_whitespace().collect::<String>())
    }

    fn node_delete(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        let mut targets = parts(node);
        if let [list] = targets.as_slice()
            && list.kind() == "expression_list"
        {
            targets = parts(*list);
        }
        let statements: Vec<_> = targets
            .into_iter()
            .map(|target| {
                let target = self.node(target);
                let kind = ExprKind::Unary(UnaryOp::Delete, self.keep(target));
                Stmt { span: at, kind: StmtKind::Expr(Expr { span: at, kind }) }
            })
            .collect();
        self.block(&statements)
    }

    fn node_if(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        let test = node.child_by_field_name("condition").map(|test| self.node(test));
        let unknown = Expr { span: at, kind: ExprKind::Opaque(&[]) };
        let mut branches = vec![(at, Some(test.unwrap_or(unknown)), self.suite_field(node, "consequence"))];
        for clause in fields(node, "alternative") {
            let test = clause.child_by_field_name("condition").map(|test| self.node(test));
            let body = match test {
                Some(_) => self.suite_field(clause, "consequence"),
                None => self.suite_field(clause, "body"),
            };
            branches.push((span(clause), test, body));
        }
        self.branches(&branches)
    }

    fn node_loop(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        let unknown = Expr { span: at, kind: ExprKind::Opaque(&[]) };
        let mut field = |name: &str| node.child_by_field_name(name).map_or(unknown, |part| self.node(part));
        let kind = match node.kind() {
            "while_statement" => LoopKind::While(field("condition"), None),
            _ => LoopKind::Each(field("left"), field("right")),
        };
        let body = self.suite_field(node, "body");
        let kind = StmtKind::Loop(self.keep(Loop { kind, body }));
        match node.child_by_field_name("alternative") {
            Some(clause) => {
                let last = StmtKind::Block(self.suite_field(clause, "body"));
                self.block(&[Stmt { span: at, kind }, Stmt { span: at, kind: last }])
            }
            None => kind,
        }
    }

    fn node_try(&mut self, node: Node) -> StmtKind<'a> {
        let body = self.suite_field(node, "body");
        let (mut handlers, mut last) = (Vec::new(), Vec::new());
        for clause in parts(node) {
            match clause.kind() {
                "except_clause" => {
                    let name = error_name(clause).map(|name| self.node(name));
                    handlers.push((name, self.inner_block(clause)));
                }
                "else_clause" => last.extend_from_slice(self.suite_field(clause, "body")),
                "finally_clause" => last.extend_from_slice(self.inner_block(clause)),
                _ => {}
            }
        }
        let handlers = self.arena.alloc_slice_copy(&handlers);
        let last = self.arena.alloc_slice_copy(&last);
        StmtKind::Try(self.keep(Try { body, handlers, last }))
    }

    fn inner_block(&mut self, clause: Node) -> &'a [Stmt<'a>] {
        let block = parts(clause).into_iter().rev().find(|child| child.kind() == "block");
        block.map(|block| self.suite(block)).unwrap_or_default()
    }

    fn node_with(&mut self, node: Node) -> StmtKind<'a> {
        let mut statements = Vec::new();
        let clause = parts(node).into_iter().find(|child| child.kind() == "with_clause");
        for item in clause.map(parts).unwrap_or_default() {
            let Some(value) = item.child_by_field_name("value") else { continue };
            let at = span(item);
            let target = (value.kind() == "as_pattern").then(|| value.child_by_field_name("alias")).flatten();
            let kind = match (target, parts(value).first()) {
                (Some(target), Some(first)) => {
                    let value = self.node(*first);
                    let target = self.node(parts(target).first().copied().unwrap_or(target));
                    StmtKind::Assign(self.assignment(target, value))
                }
                _ => StmtKind::Expr(self.node(value)),
            };
            statements.push(Stmt { span: at, kind });
        }
        statements.extend_from_slice(self.suite_field(node, "body"));
        self.block(&statements)
    }

    /// Patterns are not read here: every case is taken as possible.
    fn node_match(&mut self, at: Span, node: Node) -> StmtKind<'a> {
        let mut statements = Vec::new();
        for subject in fields(node, "subject") {
            let value = self.node(subject);
            statements.push(Stmt { span: at, kind: StmtKind::Expr(value) });
        }
        for case in node.child_by_field_name("body").map(parts).unwrap_or_default() {
            let test = Expr { span: span(case), kind: ExprKind::Opaque(&[]) };
            let then = self.suite_field(case, "consequence");
            let branch = self.keep(If { test, then, otherwise: &[] });
            statements.push(Stmt { span: span(case), kind: StmtKind::If(branch) });
        }
        self.block(&statements)
    }

    fn decorated(&mut self, node: Node) -> StmtKind<'a> {
        let decorators: Vec<_> = parts(node)
            .into_iter()
            .filter(|child| child.kind() == "decorator")
            .filter_map(|decorator| parts(decorator).first().copied())
            .map(|expression| self.node(expression))
            .collect();
        let decorators = self.arena.alloc_slice_copy(&decorators);
        match node.child_by_field_name("definition") {
            Some(class) if class.kind() == "class_definition" => StmtKind::Class(self.node_class(class, decorators)),
            Some(function) => StmtKind::Function(self.node_function(function, decorators)),
            None => StmtKind::Block(&[]),
        }
    }

    fn node_function(&mut self, node: Node, decorators: &'a [Expr<'a>]) -> &'a Function<'a> {
        let name =
            node.child_by_field_name("name").map(|name| self.spelled_name(name.byte_range())).unwrap_or_default();
        let parameters =
            node.child_by_field_name("parameters").map(|all| self.node_parameters(all)).unwrap_or_default();
        let body = self.suite_field(node, "body");
        self.keep(Function { name, parameters, body, span: span(node), decorators, method: false, own_this: false })
    }

    fn node_class(&mut self, node: Node, decorators: &'a [Expr<'a>]) -> &'a Class<'a> {
        let name =
            node.child_by_field_name("name").map(|name| self.spelled_name(name.byte_range())).unwrap_or_default();
        let bases: Vec<_> = node.child_by_field_name("superclasses").map(parts).unwrap_or_default();
        let mut metaclass = |base: Node<'_>| {
            let name = base.child_by_field_name("name").map(|name| self.spelled_name(name.byte_range()));
            name == Some("metaclass")
        };
        let bases: Vec<_> = bases
            .into_iter()
            .filter_map(|base| match base.kind() {
                "keyword_argument" if metaclass(base) => base.child_by_field_name("value"),
                "keyword_argument" => None,
                _ => Some(base),
            })
            .collect();
        let bases = self.nodes(&bases);
        let body = self.suite_field(node, "body");
        let body = self.bind_methods(body);
        self.keep(Class { name, bases, body, span: span(node), decorators })
    }
}

/// The name in `except E as name` and in `except E, name` of Python 2.
fn error_name<'t>(clause: Node<'t>) -> Option<Node<'t>> {
    let values = fields(clause, "value");
    let pattern = values.first().filter(|first| first.kind() == "as_pattern");
    let target = pattern.and_then(|pattern| pattern.child_by_field_name("alias"));
    let target = target.map(|target| parts(target).first().copied().unwrap_or(target));
    target.or_else(|| clause.child_by_field_name("alias")).or_else(|| values.get(1).copied())
}

pub(super) fn operator(word: &str) -> Option<BinaryOp> {
    Some(match word {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "//" => BinaryOp::FloorDivide,
        "%" => BinaryOp::Remainder,
        "**" => BinaryOp::Power,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        _ => return None,
    })
}
