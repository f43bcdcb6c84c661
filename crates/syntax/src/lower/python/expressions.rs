//! Expressions of ruff's tree.

use ruff_python_ast::{self as ast, Expr as Source, Number};
use ruff_text_size::{Ranged, TextRange};

use super::Builder;
use crate::ir::{
    Argument, Assign, BinaryOp, Comprehension, Expr, ExprKind, Function, Parameter, ParameterKind, Slice, Span, Stmt,
    StmtKind, UnaryOp,
};

/// A chain of mixed operations that is longer than this is not folded.
const LONG_MIXED_CHAIN: usize = 1_000;

impl<'a> Builder<'a> {
    pub(super) fn expr(&mut self, source: &Source) -> Expr<'a> {
        let span = span(source.range());
        let cut = Expr { span, kind: ExprKind::Opaque(&[]) };
        self.nested(span.start, cut, |builder| builder.expr_inner(span, source))
    }

    pub(super) fn exprs(&mut self, sources: &[Source]) -> &'a [Expr<'a>] {
        self.arena.alloc_slice_fill_iter(sources.iter().map(|one| self.expr(one)))
    }

    fn kept(&mut self, source: &Source) -> &'a Expr<'a> {
        let value = self.expr(source);
        self.keep(value)
    }

    pub(super) fn identifier(&mut self, identifier: &ast::Identifier) -> &'a str {
        self.name(identifier.range().into(), identifier.as_str())
    }

    fn expr_inner(&mut self, span: Span, source: &Source) -> Expr<'a> {
        let kind = match source {
            Source::Name(node) => ExprKind::Name(self.name(node.range().into(), node.id.as_str())),
            Source::Attribute(node) => ExprKind::Member(self.kept(&node.value), self.identifier(&node.attr)),
            Source::Call(node) => return self.call_expr(span, node),
            Source::StringLiteral(node) => ExprKind::Text(self.text_literal(&node.value)),
            Source::BytesLiteral(node) => ExprKind::Bytes(self.bytes_literal(&node.value)),
            Source::FString(node) => ExprKind::Join(self.f_string(&node.value)),
            Source::TString(node) => ExprKind::Join(self.t_string(&node.value)),
            Source::NumberLiteral(node) => self.number(span, &node.value),
            Source::BooleanLiteral(node) => ExprKind::Bool(node.value),
            Source::NoneLiteral(_) => ExprKind::Null,
            Source::EllipsisLiteral(_) | Source::IpyEscapeCommand(_) => ExprKind::Opaque(&[]),
            Source::List(node) => ExprKind::List(self.exprs(&node.elts)),
            Source::Tuple(node) => ExprKind::List(self.exprs(&node.elts)),
            Source::Set(node) => ExprKind::List(self.exprs(&node.elts)),
            Source::Dict(node) => self.dictionary(node),
            Source::Subscript(node) => self.subscript(node),
            Source::Slice(node) => {
                let parts: Vec<_> =
                    [&node.lower, &node.upper, &node.step].into_iter().flatten().map(|part| self.expr(part)).collect();
                ExprKind::Opaque(self.arena.alloc_slice_copy(&parts))
            }
            Source::Starred(node) => ExprKind::Spread(self.kept(&node.value)),
            Source::BinOp(node) => return self.binary_chain(node),
            Source::BoolOp(node) => return self.bool_chain(node),
            Source::UnaryOp(node) => self.unary(node),
            Source::Compare(node) => return self.compare(span, node),
            Source::If(node) => {
                ExprKind::Conditional(self.kept(&node.test), self.kept(&node.body), self.kept(&node.orelse))
            }
            Source::Named(node) => {
                let (target, value) = (self.expr(&node.target), self.expr(&node.value));
                ExprKind::Assign(self.keep(Assign { target, operator: None, value, declares: true }))
            }
            Source::Lambda(node) => ExprKind::Function(self.lambda(span, node)),
            Source::Await(node) => ExprKind::Await(self.kept(&node.value)),
            Source::YieldFrom(node) => ExprKind::Await(self.kept(&node.value)),
            Source::Yield(node) => match &node.value {
                Some(value) => ExprKind::Yield(self.kept(value)),
                None => ExprKind::Null,
            },
            Source::ListComp(node) => self.comprehension(&node.elt, None, &node.generators),
            Source::SetComp(node) => self.comprehension(&node.elt, None, &node.generators),
            Source::Generator(node) => self.comprehension(&node.elt, None, &node.generators),
            Source::DictComp(node) => match &node.key {
                Some(key) => self.comprehension(key, Some(&node.value), &node.generators),
                None => self.comprehension(&node.value, None, &node.generators),
            },
        };
        Expr { span, kind }
    }

    fn call_expr(&mut self, span: Span, node: &ast::ExprCall) -> Expr<'a> {
        let callee = self.expr(&node.func);
        let arguments = self.arguments(&node.arguments);
        self.call(span, callee, arguments)
    }

    pub(super) fn arguments(&mut self, arguments: &ast::Arguments) -> &'a [Argument<'a>] {
        if arguments.is_empty() {
            return &[];
        }
        let count = arguments.args.len();
        self.arena.alloc_slice_fill_with(count + arguments.keywords.len(), |at| match arguments.args.get(at) {
            Some(value) => Argument { name: None, value: self.expr(value) },
            None => self.keyword(&arguments.keywords[at - count]),
        })
    }

    fn keyword(&mut self, keyword: &ast::Keyword) -> Argument<'a> {
        let value = self.expr(&keyword.value);
        match &keyword.arg {
            Some(name) => Argument { name: Some(self.identifier(name)), value },
            None => Argument {
                name: Some("**"),
                value: Expr { span: value.span, kind: ExprKind::Spread(self.keep(value)) },
            },
        }
    }

    fn number(&mut self, span: Span, number: &Number) -> ExprKind<'a> {
        match number {
            Number::Int(int) => match int.as_i64() {
                Some(int) => ExprKind::Int(int),
                // Whole numbers beyond 64 bits carry payloads (`(123...).to_bytes(n, "big")`): they stay as digits.
                None => {
                    let digits = Expr { span, kind: ExprKind::Text(self.arena.alloc_str(&int.to_string())) };
                    let base = Expr { span, kind: ExprKind::Int(0) };
                    self.call_named(span, "int", &[digits, base]).kind
                }
            },
            Number::Float(float) => ExprKind::Float(*float),
            Number::Complex { .. } => ExprKind::Opaque(&[]),
        }
    }

    fn dictionary(&mut self, node: &ast::ExprDict) -> ExprKind<'a> {
        let arena = self.arena;
        let item = |item: &ast::DictItem| match &item.key {
            Some(key) => (self.expr(key), self.expr(&item.value)),
            None => {
                let value = self.expr(&item.value);
                let spread = ExprKind::Spread(self.keep(value));
                (Expr { span: value.span, kind: spread }, Expr { span: value.span, kind: ExprKind::Null })
            }
        };
        ExprKind::Map(arena.alloc_slice_fill_iter(node.items.iter().map(item)))
    }

    fn subscript(&mut self, node: &ast::ExprSubscript) -> ExprKind<'a> {
        let object = self.expr(&node.value);
        let Source::Slice(slice) = &*node.slice else {
            let index = self.kept(&node.slice);
            return ExprKind::Index(self.keep(object), index);
        };
        let start = slice.lower.as_deref().map(|part| self.expr(part));
        let stop = slice.upper.as_deref().map(|part| self.expr(part));
        let step = slice.step.as_deref().map(|part| self.expr(part));
        ExprKind::Slice(self.keep(Slice { object, start, stop, step }))
    }

    fn unary(&mut self, node: &ast::ExprUnaryOp) -> ExprKind<'a> {
        let operand = self.kept(&node.operand);
        match (node.op, operand.kind) {
            (ast::UnaryOp::USub, ExprKind::Int(number)) => ExprKind::Int(number.wrapping_neg()),
            (op, _) => ExprKind::Unary(
                match op {
                    ast::UnaryOp::Invert => UnaryOp::BitNot,
                    ast::UnaryOp::Not => UnaryOp::Not,
                    ast::UnaryOp::UAdd => UnaryOp::Plus,
                    ast::UnaryOp::USub => UnaryOp::Negate,
                },
                operand,
            ),
        }
    }

    fn binary_chain(&mut self, node: &ast::ExprBinOp) -> Expr<'a> {
        let mut spine = Vec::new();
        let mut first = &*node.left;
        while let Source::BinOp(inner) = first {
            spine.push(inner);
            first = &inner.left;
        }
        let first = self.expr(first);
        let steps: Vec<(Option<BinaryOp>, Expr<'a>)> = spine
            .iter()
            .rev()
            .copied()
            .chain([node])
            .map(|inner| (operator(inner.op), self.expr(&inner.right)))
            .collect();
        if steps.iter().all(|(op, _)| *op == Some(BinaryOp::Add)) {
            let operands: Vec<_> = [first].into_iter().chain(steps.into_iter().map(|(_, operand)| operand)).collect();
            return self.chain(BinaryOp::Add, &operands);
        }
        if steps.len() > LONG_MIXED_CHAIN {
            let operands: Vec<_> = [first].into_iter().chain(steps.into_iter().map(|(_, operand)| operand)).collect();
            return Expr { span: span(node.range()), kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&operands)) };
        }
        steps.into_iter().fold(first, |left, (op, right)| match op {
            Some(op) => self.binary(op, left, right),
            None => Expr {
                span: Span { start: left.span.start, end: right.span.end },
                kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&[left, right])),
            },
        })
    }

    fn bool_chain(&mut self, node: &ast::ExprBoolOp) -> Expr<'a> {
        let op = match node.op {
            ast::BoolOp::And => BinaryOp::And,
            ast::BoolOp::Or => BinaryOp::Or,
        };
        let operands: Vec<_> = node.values.iter().map(|value| self.expr(value)).collect();
        self.chain(op, &operands)
    }

    fn compare(&mut self, span: Span, node: &ast::ExprCompare) -> Expr<'a> {
        let left = self.expr(&node.left);
        if let ([op], [right]) = (&*node.ops, &*node.comparators) {
            let right = self.expr(right);
            return self.binary(comparison(*op), left, right);
        }
        let operands: Vec<_> = [left].into_iter().chain(node.comparators.iter().map(|one| self.expr(one))).collect();
        let simple = |one: &Expr| {
            matches!(one.kind, ExprKind::Name(_) | ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Text(_))
        };
        let inner = &operands[1..operands.len() - 1];
        if !inner.iter().all(simple) {
            return Expr { span, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(&operands)) };
        }
        let tests: Vec<_> = node
            .ops
            .iter()
            .zip(operands.windows(2))
            .map(|(op, pair)| self.binary(comparison(*op), pair[0], pair[1]))
            .collect();
        self.chain(BinaryOp::And, &tests)
    }

    fn lambda(&mut self, span: Span, node: &ast::ExprLambda) -> &'a Function<'a> {
        let parameters = node.parameters.as_deref().map(|parameters| self.parameters(parameters)).unwrap_or_default();
        let value = self.expr(&node.body);
        let body = self.arena.alloc_slice_copy(&[Stmt { span: value.span, kind: StmtKind::Return(Some(value)) }]);
        self.keep(Function { name: "", parameters, body, span, decorators: &[], method: false, own_this: false })
    }

    pub(super) fn parameters(&mut self, parameters: &ast::Parameters) -> &'a [Parameter<'a>] {
        if parameters.is_empty() {
            return &[];
        }
        let mut lowered = Vec::with_capacity(parameters.len());
        for one in parameters.posonlyargs.iter().chain(&parameters.args) {
            lowered.push(self.parameter(&one.parameter, one.default.as_deref(), ParameterKind::One));
        }
        if let Some(rest) = &parameters.vararg {
            lowered.push(self.parameter(rest, None, ParameterKind::Rest));
        }
        for one in &parameters.kwonlyargs {
            lowered.push(self.parameter(&one.parameter, one.default.as_deref(), ParameterKind::One));
        }
        if let Some(rest) = &parameters.kwarg {
            lowered.push(self.parameter(rest, None, ParameterKind::RestNamed));
        }
        self.arena.alloc_slice_copy(&lowered)
    }

    fn parameter(&mut self, one: &ast::Parameter, default: Option<&Source>, kind: ParameterKind) -> Parameter<'a> {
        let default = default.map(|value| self.expr(value));
        let target = Expr { span: span(one.name.range()), kind: ExprKind::Name(self.identifier(&one.name)) };
        Parameter { target, default, kind }
    }

    fn comprehension(
        &mut self,
        element: &Source,
        value: Option<&Source>,
        loops: &[ast::Comprehension],
    ) -> ExprKind<'a> {
        let loops = self.arena.alloc_slice_fill_iter(
            loops.iter().map(|one| (self.expr(&one.target), self.expr(&one.iter), self.exprs(&one.ifs))),
        );
        let element = self.expr(element);
        let value = value.map(|value| self.expr(value));
        ExprKind::Comprehension(self.keep(Comprehension { element, value, loops }))
    }
}

pub(super) fn span(range: TextRange) -> Span {
    Span { start: range.start().to_u32(), end: range.end().to_u32() }
}

/// The operation, or none for the matrix product.
pub(super) fn operator(op: ast::Operator) -> Option<BinaryOp> {
    Some(match op {
        ast::Operator::Add => BinaryOp::Add,
        ast::Operator::Sub => BinaryOp::Subtract,
        ast::Operator::Mult => BinaryOp::Multiply,
        ast::Operator::MatMult => return None,
        ast::Operator::Div => BinaryOp::Divide,
        ast::Operator::Mod => BinaryOp::Remainder,
        ast::Operator::Pow => BinaryOp::Power,
        ast::Operator::LShift => BinaryOp::ShiftLeft,
        ast::Operator::RShift => BinaryOp::ShiftRight,
        ast::Operator::BitOr => BinaryOp::BitOr,
        ast::Operator::BitXor => BinaryOp::BitXor,
        ast::Operator::BitAnd => BinaryOp::BitAnd,
        ast::Operator::FloorDiv => BinaryOp::FloorDivide,
    })
}

fn comparison(op: ast::CmpOp) -> BinaryOp {
    match op {
        ast::CmpOp::Eq | ast::CmpOp::Is => BinaryOp::Equal,
        ast::CmpOp::NotEq | ast::CmpOp::IsNot => BinaryOp::NotEqual,
        ast::CmpOp::Lt => BinaryOp::Less,
        ast::CmpOp::LtE => BinaryOp::LessEqual,
        ast::CmpOp::Gt => BinaryOp::Greater,
        ast::CmpOp::GtE => BinaryOp::GreaterEqual,
        ast::CmpOp::In => BinaryOp::In,
        ast::CmpOp::NotIn => BinaryOp::NotIn,
    }
}
