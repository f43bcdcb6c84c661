//! Expressions of the second parser's tree.

use tree_sitter::Node;

use super::{
    Builder,
    fallback::{operator, parts},
};
use crate::ir::{
    Argument, Assign, BinaryOp, Comprehension, Expr, ExprKind, Function, Parameter, ParameterKind, Slice, Span, Stmt,
    StmtKind, UnaryOp,
};

impl<'a> Builder<'a> {
    pub(super) fn node(&mut self, node: Node) -> Expr<'a> {
        let span = Span { start: node.start_byte() as u32, end: node.end_byte() as u32 };
        let cut = Expr { span, kind: ExprKind::Opaque(&[]) };
        self.nested(span.start, cut, |builder| builder.node_inner(span, node))
    }

    pub(super) fn nodes(&mut self, nodes: &[Node]) -> &'a [Expr<'a>] {
        let lowered: Vec<_> = nodes.iter().map(|node| self.node(*node)).collect();
        self.arena.alloc_slice_copy(&lowered)
    }

    fn kept_field(&mut self, node: Node, field: &str) -> &'a Expr<'a> {
        let value = match node.child_by_field_name(field) {
            Some(inner) => self.node(inner),
            None => Expr { span: Span::default(), kind: ExprKind::Opaque(&[]) },
        };
        self.keep(value)
    }

    fn node_inner(&mut self, span: Span, node: Node) -> Expr<'a> {
        let kind = match node.kind() {
            "identifier" => ExprKind::Name(self.spelled_name(node.byte_range())),
            "dotted_name" => match parts(node).as_slice() {
                [one] => ExprKind::Name(self.spelled_name(one.byte_range())),
                many => ExprKind::Opaque(self.nodes(many)),
            },
            "attribute" => {
                let object = self.kept_field(node, "object");
                let name = node.child_by_field_name("attribute").map(|name| self.spelled_name(name.byte_range()));
                ExprKind::Member(object, name.unwrap_or_default())
            }
            "call" => return self.node_call(span, node),
            "string" => self.node_string(node),
            "concatenated_string" => self.node_strings(node),
            "integer" => self.node_integer(span, node),
            "float" => {
                let digits = self.text[node.byte_range()].replace('_', "");
                digits.parse().map_or(ExprKind::Opaque(&[]), ExprKind::Float)
            }
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" => ExprKind::Null,
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" | "tuple_pattern" | "list_pattern" => {
                ExprKind::List(self.nodes(&parts(node)))
            }
            "dictionary" => self.node_dictionary(node),
            "parenthesized_expression" => match parts(node).as_slice() {
                [one] => return self.node(*one),
                many => ExprKind::Opaque(self.nodes(many)),
            },
            "subscript" => self.node_subscript(span, node),
            "list_splat" | "list_splat_pattern" | "dictionary_splat" => match parts(node).first() {
                Some(inner) => {
                    let inner = self.node(*inner);
                    ExprKind::Spread(self.keep(inner))
                }
                None => ExprKind::Opaque(&[]),
            },
            "binary_operator" | "boolean_operator" => return self.node_binary(span, node),
            "unary_operator" | "not_operator" => self.node_unary(node),
            "comparison_operator" => return self.node_compare(span, node),
            "conditional_expression" => match parts(node).as_slice() {
                [then, test, otherwise] => {
                    let (test, then, otherwise) = (self.node(*test), self.node(*then), self.node(*otherwise));
                    ExprKind::Conditional(self.keep(test), self.keep(then), self.keep(otherwise))
                }
                many => ExprKind::Opaque(self.nodes(many)),
            },
            "named_expression" => {
                let (target, value) = (*self.kept_field(node, "name"), *self.kept_field(node, "value"));
                ExprKind::Assign(self.keep(Assign { target, operator: None, value, declares: true }))
            }
            "assignment" => {
                let (target, value) = (*self.kept_field(node, "left"), *self.kept_field(node, "right"));
                ExprKind::Assign(self.assignment(target, value))
            }
            "augmented_assignment" => self.node_augmented(node),
            "lambda" => self.node_lambda(span, node),
            "await" | "yield" => match parts(node).first() {
                Some(inner) => {
                    let inner = self.node(*inner);
                    ExprKind::Await(self.keep(inner))
                }
                None => ExprKind::Null,
            },
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                self.node_comprehension(node)
            }
            _ => ExprKind::Opaque(self.nodes(&parts(node))),
        };
        Expr { span, kind }
    }

    fn node_call(&mut self, span: Span, node: Node) -> Expr<'a> {
        let callee = *self.kept_field(node, "function");
        let arguments = match node.child_by_field_name("arguments") {
            Some(generator) if generator.kind() == "generator_expression" => {
                vec![Argument { name: None, value: self.node(generator) }]
            }
            Some(list) => parts(list).into_iter().map(|one| self.node_argument(one)).collect(),
            None => Vec::new(),
        };
        let arguments = self.arena.alloc_slice_copy(&arguments);
        self.call(span, callee, arguments)
    }

    fn node_argument(&mut self, node: Node) -> Argument<'a> {
        match node.kind() {
            "keyword_argument" => {
                let name = node.child_by_field_name("name").map(|name| self.spelled_name(name.byte_range()));
                Argument { name, value: *self.kept_field(node, "value") }
            }
            "dictionary_splat" => Argument { name: Some("**"), value: self.node(node) },
            _ => Argument { name: None, value: self.node(node) },
        }
    }

    fn node_integer(&mut self, span: Span, node: Node) -> ExprKind<'a> {
        let spelled = self.text[node.byte_range()].replace('_', "").to_ascii_lowercase();
        let digits = spelled.trim_end_matches('l');
        let (digits, radix) = match digits.get(..2) {
            Some("0x") => (&digits[2..], 16),
            Some("0b") => (&digits[2..], 2),
            Some("0o") => (&digits[2..], 8),
            Some(_) if digits.starts_with('0') && digits.bytes().any(|digit| digit != b'0') => (&digits[1..], 8),
            _ => (digits, 10),
        };
        if let Ok(number) = i64::from_str_radix(digits, radix) {
            return ExprKind::Int(number);
        }
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return ExprKind::Opaque(&[]);
        }
        let digits = Expr { span, kind: ExprKind::Text(self.arena.alloc_str(digits)) };
        let base = Expr { span, kind: ExprKind::Int(radix.into()) };
        self.call_named(span, "int", &[digits, base]).kind
    }

    fn node_dictionary(&mut self, node: Node) -> ExprKind<'a> {
        let mut items = Vec::new();
        for item in parts(node) {
            match item.kind() {
                "pair" => items.push((*self.kept_field(item, "key"), *self.kept_field(item, "value"))),
                _ => {
                    let spread = self.node(item);
                    items.push((spread, Expr { span: spread.span, kind: ExprKind::Null }));
                }
            }
        }
        ExprKind::Map(self.arena.alloc_slice_copy(&items))
    }

    fn node_subscript(&mut self, span: Span, node: Node) -> ExprKind<'a> {
        let object = self.kept_field(node, "value");
        let mut cursor = node.walk();
        let indices: Vec<_> = node.children_by_field_name("subscript", &mut cursor).collect();
        match indices.as_slice() {
            [slice] if slice.kind() == "slice" => {
                // `start:stop:step` without names for its parts: the colons tell them apart.
                let mut bounds = [None; 3];
                let mut at = 0;
                let mut cursor = slice.walk();
                for child in slice.children(&mut cursor) {
                    match child.kind() {
                        ":" => at += 1,
                        "comment" => {}
                        _ if at < 3 => bounds[at] = Some(self.node(child)),
                        _ => {}
                    }
                }
                let [start, stop, step] = bounds;
                ExprKind::Slice(self.keep(Slice { object: *object, start, stop, step }))
            }
            [index] => {
                let index = self.node(*index);
                ExprKind::Index(object, self.keep(index))
            }
            many => {
                let index = Expr { span, kind: ExprKind::List(self.nodes(many)) };
                ExprKind::Index(object, self.keep(index))
            }
        }
    }

    fn node_binary(&mut self, span: Span, node: Node) -> Expr<'a> {
        let is_binary = |node: Node| matches!(node.kind(), "binary_operator" | "boolean_operator");
        let mut spine = vec![node];
        while let Some(left) = spine[spine.len() - 1].child_by_field_name("left").filter(|left| is_binary(*left)) {
            spine.push(left);
        }
        let first = *self.kept_field(spine[spine.len() - 1], "left");
        let steps: Vec<_> =
            spine.iter().rev().map(|one| (operator_word(*one), *self.kept_field(*one, "right"))).collect();
        let same = steps.iter().all(|(word, _)| *word == steps[0].0);
        let op = |word: &str| match word {
            "and" => Some(BinaryOp::And),
            "or" => Some(BinaryOp::Or),
            other => operator(other),
        };
        let operands = || [first].into_iter().chain(steps.iter().map(|(_, operand)| *operand)).collect::<Vec<_>>();
        if let Some(associative @ (BinaryOp::Add | BinaryOp::And | BinaryOp::Or)) = op(steps[0].0)
            && same
        {
            return self.chain(associative, &operands());
        }
        if steps.len() > 1_000 || steps.iter().any(|(word, _)| op(word).is_none()) {
            return Expr { span, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&operands())) };
        }
        steps.iter().fold(first, |left, (word, right)| match op(word) {
            Some(op) => self.binary(op, left, *right),
            None => left,
        })
    }

    fn node_unary(&mut self, node: Node) -> ExprKind<'a> {
        let operand = self.kept_field(node, "argument");
        let word = node.child_by_field_name("operator").map(|word| word.kind());
        match (word, operand.kind) {
            (Some("-"), ExprKind::Int(number)) => ExprKind::Int(number.wrapping_neg()),
            (Some("-"), _) => ExprKind::Unary(UnaryOp::Negate, operand),
            (Some("+"), _) => ExprKind::Unary(UnaryOp::Plus, operand),
            (Some("~"), _) => ExprKind::Unary(UnaryOp::BitNot, operand),
            _ => ExprKind::Unary(UnaryOp::Not, operand),
        }
    }

    fn node_compare(&mut self, span: Span, node: Node) -> Expr<'a> {
        let operands = self.nodes(&parts(node));
        let word = node.child_by_field_name("operators").map(|word| word.kind());
        let op = match word {
            Some("==" | "is") => Some(BinaryOp::Equal),
            Some("!=" | "<>" | "is not") => Some(BinaryOp::NotEqual),
            Some("<") => Some(BinaryOp::Less),
            Some("<=") => Some(BinaryOp::LessEqual),
            Some(">") => Some(BinaryOp::Greater),
            Some(">=") => Some(BinaryOp::GreaterEqual),
            Some("in") => Some(BinaryOp::In),
            Some("not in") => Some(BinaryOp::NotIn),
            _ => None,
        };
        match (op, operands) {
            (Some(op), [left, right]) => self.binary(op, *left, *right),
            _ => Expr { span, kind: ExprKind::Opaque(operands) },
        }
    }

    fn node_lambda(&mut self, span: Span, node: Node) -> ExprKind<'a> {
        let parameters =
            node.child_by_field_name("parameters").map(|all| self.node_parameters(all)).unwrap_or_default();
        let value = *self.kept_field(node, "body");
        let body = self.arena.alloc_slice_copy(&[Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }]);
        ExprKind::Function(self.keep(Function {
            name: "",
            parameters,
            body,
            span,
            decorators: &[],
            method: false,
            own_this: false,
        }))
    }

    pub(super) fn node_parameters(&mut self, node: Node) -> &'a [Parameter<'a>] {
        let mut parameters = Vec::new();
        for one in parts(node) {
            let default = one.child_by_field_name("value").map(|value| self.node(value));
            let name = match one.kind() {
                "typed_parameter" => parts(one).first().copied(),
                "default_parameter" | "typed_default_parameter" => one.child_by_field_name("name"),
                "positional_separator" | "keyword_separator" => None,
                _ => Some(one),
            };
            let Some(name) = name else { continue };
            let (name, kind) = match name.kind() {
                "list_splat_pattern" => (parts(name).first().copied(), ParameterKind::Rest),
                "dictionary_splat_pattern" => (parts(name).first().copied(), ParameterKind::RestNamed),
                _ => (Some(name), ParameterKind::One),
            };
            let Some(name) = name else { continue };
            parameters.push(Parameter { target: self.node(name), default, kind });
        }
        self.arena.alloc_slice_copy(&parameters)
    }

    fn node_comprehension(&mut self, node: Node) -> ExprKind<'a> {
        let mut loops: Vec<(Expr<'a>, Expr<'a>, Vec<Expr<'a>>)> = Vec::new();
        for clause in parts(node) {
            match clause.kind() {
                "for_in_clause" => {
                    let (target, iterable) = (*self.kept_field(clause, "left"), *self.kept_field(clause, "right"));
                    loops.push((target, iterable, Vec::new()));
                }
                "if_clause" => {
                    let test = parts(clause).first().map(|test| self.node(*test));
                    if let (Some(test), Some(last)) = (test, loops.last_mut()) {
                        last.2.push(test);
                    }
                }
                _ => {}
            }
        }
        let arena = self.arena;
        let loops: Vec<_> = loops
            .into_iter()
            .map(|(target, iterable, tests)| (target, iterable, &*arena.alloc_slice_copy(&tests)))
            .collect();
        let loops = arena.alloc_slice_copy(&loops);
        let (element, value) = match node.child_by_field_name("body") {
            Some(pair) if pair.kind() == "pair" => {
                (*self.kept_field(pair, "key"), Some(*self.kept_field(pair, "value")))
            }
            _ => (*self.kept_field(node, "body"), None),
        };
        ExprKind::Comprehension(self.keep(Comprehension { element, value, loops }))
    }
}

fn operator_word<'t>(node: Node<'t>) -> &'t str {
    node.child_by_field_name("operator").map(|word| word.kind()).unwrap_or_default()
}
