//! Expressions, from oxc's tree.

use oxc_ast::ast;
use oxc_span::GetSpan;
use oxc_syntax::operator::{AssignmentOperator, BinaryOperator, LogicalOperator, UnaryOperator, UpdateOperator};

use super::{Builder, number};
use crate::ir::{Argument, BinaryOp, Call, Expr, ExprKind, Function, Span, TAGGED, UnaryOp};

impl<'a> Builder<'a> {
    pub(super) fn expression(&mut self, expression: &ast::Expression) -> Expr<'a> {
        let span = self.at(expression.span());
        if !self.descend() {
            return self.opaque(span, &[]);
        }
        let expr = self.expression_of(expression, span);
        self.ascend();
        expr
    }

    fn expression_of(&mut self, expression: &ast::Expression, span: Span) -> Expr<'a> {
        use ast::Expression as E;
        let kind = match expression {
            E::Identifier(name) => match name.name.as_str() {
                "undefined" => ExprKind::Null,
                name => ExprKind::Name(self.keep(name)),
            },
            E::StringLiteral(text) => ExprKind::Text(self.literal(&text.value, text.lone_surrogates)),
            E::NumericLiteral(one) => number(one.value),
            E::CallExpression(call) => return self.call_expression(call),
            E::StaticMemberExpression(member) => return self.static_member(member),
            E::ComputedMemberExpression(member) => return self.computed_member(member),
            E::PrivateFieldExpression(member) => return self.private_member(member),
            E::FunctionExpression(function) => ExprKind::Function(self.function(function, "", false)),
            E::ArrowFunctionExpression(arrow) => ExprKind::Function(self.arrow(arrow)),
            E::AssignmentExpression(assign) => {
                let target = self.target(&assign.left);
                let value = self.expression(&assign.right);
                return self.assigned(span, target, assignment_operator(assign.operator), value);
            }
            E::BinaryExpression(binary) => return self.binary_expression(binary),
            E::LogicalExpression(logical) => return self.logical_expression(logical),
            E::UnaryExpression(unary) => {
                let operand = self.expression(&unary.argument);
                match (unary.operator, operand.kind) {
                    (UnaryOperator::UnaryNegation, ExprKind::Int(value)) if value != 0 => ExprKind::Int(-value),
                    (UnaryOperator::UnaryNegation, ExprKind::Float(value)) => ExprKind::Float(-value),
                    (operator, _) => ExprKind::Unary(unary_operator(operator), self.one(operand)),
                }
            }
            E::ObjectExpression(object) => self.object(object),
            E::ArrayExpression(array) => {
                let mut items = Vec::with_capacity(array.elements.len());
                for element in &array.elements {
                    items.push(self.element(element));
                }
                ExprKind::List(self.many(&items))
            }
            E::ConditionalExpression(one) => {
                let test = self.expression(&one.test);
                let then = self.expression(&one.consequent);
                let otherwise = self.expression(&one.alternate);
                ExprKind::Conditional(self.one(test), self.one(then), self.one(otherwise))
            }
            E::TemplateLiteral(template) => self.template(template, false),
            E::ThisExpression(_) => ExprKind::Name("this"),
            E::NewExpression(new) => {
                let callee = self.expression(&new.callee);
                let arguments = self.arguments(&new.arguments);
                ExprKind::Call(self.arena.alloc(Call { callee, arguments, construct: true }))
            }
            E::SequenceExpression(sequence) => {
                let mut parts = Vec::with_capacity(sequence.expressions.len());
                for part in &sequence.expressions {
                    parts.push(self.expression(part));
                }
                ExprKind::Sequence(self.many(&parts))
            }
            E::BooleanLiteral(one) => ExprKind::Bool(one.value),
            E::NullLiteral(_) => ExprKind::Null,
            E::UpdateExpression(update) => {
                let target = self.simple_target(&update.argument);
                return self.updated(span, target, update.operator == UpdateOperator::Increment, update.prefix);
            }
            E::AwaitExpression(one) => {
                let inner = self.expression(&one.argument);
                ExprKind::Await(self.one(inner))
            }
            E::YieldExpression(one) => match &one.argument {
                Some(argument) => {
                    let inner = self.expression(argument);
                    ExprKind::Await(self.one(inner))
                }
                None => ExprKind::Null,
            },
            E::ChainExpression(chain) => return self.chain(&chain.expression),
            E::ParenthesizedExpression(one) => return self.expression(&one.expression),
            E::ClassExpression(class) => ExprKind::Class(self.class(class)),
            E::RegExpLiteral(regex) => return self.regex(regex),
            E::BigIntLiteral(big) => big.value.parse().map_or(ExprKind::Opaque(&[]), ExprKind::Int),
            _ => return self.rare(expression, span),
        };
        Expr { span, kind }
    }

    fn rare(&mut self, expression: &ast::Expression, span: Span) -> Expr<'a> {
        use ast::Expression as E;
        match expression {
            E::ImportExpression(import) => {
                let source = self.expression(&import.source);
                self.call(span, self.name(span, "import"), &[source], false)
            }
            E::TaggedTemplateExpression(tagged) => {
                let tag = self.expression(&tagged.tag);
                let raw = matches!(tag.kind, ExprKind::Member(_, "raw"));
                let kind = self.template(&tagged.quasi, raw);
                let text = Expr { span: self.at(tagged.quasi.span), kind };
                let arguments = self.many(&[Argument { name: Some(TAGGED), value: text }]);
                let call = Call { callee: tag, arguments, construct: false };
                Expr { span, kind: ExprKind::Call(self.arena.alloc(call)) }
            }
            E::Super(_) => self.name(span, "super"),
            E::ImportMeta(_) => self.name(span, "import.meta"),
            E::NewTarget(_) => self.name(span, "new.target"),
            E::PrivateInExpression(one) => {
                let right = self.expression(&one.right);
                self.opaque(span, &[right])
            }
            E::TSAsExpression(inner) => self.expression(&inner.expression),
            E::TSSatisfiesExpression(inner) => self.expression(&inner.expression),
            E::TSTypeAssertion(inner) => self.expression(&inner.expression),
            E::TSNonNullExpression(inner) => self.expression(&inner.expression),
            E::TSInstantiationExpression(inner) => self.expression(&inner.expression),
            E::V8IntrinsicExpression(intrinsic) => {
                let arguments = self.arguments(&intrinsic.arguments);
                let parts: Vec<Expr<'a>> = arguments.iter().map(|argument| argument.value).collect();
                self.opaque(span, &parts)
            }
            E::JSXElement(element) => self.jsx_element(element),
            E::JSXFragment(fragment) => {
                let mut parts = Vec::new();
                self.jsx_children(&fragment.children, &mut parts);
                self.opaque(span, &parts)
            }
            _ => self.opaque(span, &[]),
        }
    }

    /// A literal's text. oxc writes a lone surrogate as U+FFFD and its four digits; Rust's texts cannot hold one.
    pub(super) fn literal(&self, value: &str, lone_surrogates: bool) -> &'a str {
        if !lone_surrogates {
            return self.keep(value);
        }
        let mut out = String::with_capacity(value.len());
        let mut rest = value;
        while let Some(at) = rest.find('\u{FFFD}') {
            out.push_str(&rest[..at + 3]);
            rest = rest.get(at + 7..).unwrap_or_default();
        }
        out.push_str(rest);
        self.arena.alloc_str(&out)
    }

    fn call_expression(&mut self, call: &ast::CallExpression) -> Expr<'a> {
        let callee = self.expression(&call.callee);
        let arguments = self.arguments(&call.arguments);
        let kind = ExprKind::Call(self.arena.alloc(Call { callee, arguments, construct: false }));
        Expr { span: self.at(call.span), kind }
    }

    fn arguments(&mut self, arguments: &[ast::Argument]) -> &'a [Argument<'a>] {
        let mut out = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let value = match argument {
                ast::Argument::SpreadElement(spread) => {
                    let inner = self.expression(&spread.argument);
                    self.rest(self.at(spread.span), inner)
                }
                _ => match argument.as_expression() {
                    Some(expression) => self.expression(expression),
                    None => continue,
                },
            };
            out.push(Argument { name: None, value });
        }
        self.many(&out)
    }

    pub(super) fn static_member(&mut self, member: &ast::StaticMemberExpression) -> Expr<'a> {
        let object = self.expression(&member.object);
        self.member(self.at(member.span), object, self.keep(&member.property.name))
    }

    pub(super) fn private_member(&mut self, member: &ast::PrivateFieldExpression) -> Expr<'a> {
        let object = self.expression(&member.object);
        let name = self.private_name(&member.field);
        self.member(self.at(member.span), object, name)
    }

    pub(super) fn computed_member(&mut self, member: &ast::ComputedMemberExpression) -> Expr<'a> {
        let object = self.expression(&member.object);
        let index = self.expression(&member.expression);
        Expr { span: self.at(member.span), kind: ExprKind::Index(self.one(object), self.one(index)) }
    }

    fn chain(&mut self, element: &ast::ChainElement) -> Expr<'a> {
        use ast::ChainElement as C;
        match element {
            C::CallExpression(call) => self.call_expression(call),
            C::TSNonNullExpression(inner) => self.expression(&inner.expression),
            C::StaticMemberExpression(member) => self.static_member(member),
            C::ComputedMemberExpression(member) => self.computed_member(member),
            C::PrivateFieldExpression(member) => self.private_member(member),
        }
    }

    fn simple_target(&mut self, target: &ast::SimpleAssignmentTarget) -> Expr<'a> {
        use ast::SimpleAssignmentTarget as T;
        match target {
            T::AssignmentTargetIdentifier(name) => self.name(self.at(name.span), self.keep(&name.name)),
            T::TSAsExpression(inner) => self.expression(&inner.expression),
            T::TSSatisfiesExpression(inner) => self.expression(&inner.expression),
            T::TSNonNullExpression(inner) => self.expression(&inner.expression),
            T::TSTypeAssertion(inner) => self.expression(&inner.expression),
            T::ComputedMemberExpression(member) => self.computed_member(member),
            T::StaticMemberExpression(member) => self.static_member(member),
            T::PrivateFieldExpression(member) => self.private_member(member),
        }
    }

    fn element(&mut self, element: &ast::ArrayExpressionElement) -> Expr<'a> {
        match element {
            ast::ArrayExpressionElement::SpreadElement(spread) => {
                let inner = self.expression(&spread.argument);
                self.rest(self.at(spread.span), inner)
            }
            _ => match element.as_expression() {
                Some(expression) => self.expression(expression),
                None => Expr { span: self.at(element.span()), kind: ExprKind::Null },
            },
        }
    }

    fn object(&mut self, object: &ast::ObjectExpression) -> ExprKind<'a> {
        let mut pairs = Vec::with_capacity(object.properties.len());
        for property in &object.properties {
            match property {
                ast::ObjectPropertyKind::SpreadProperty(spread) => {
                    let inner = self.expression(&spread.argument);
                    pairs.push(self.rest_of_keys(self.at(spread.span), inner));
                }
                ast::ObjectPropertyKind::ObjectProperty(property) => {
                    let mut key = self.key(&property.key, property.computed);
                    let accessor = property.kind != ast::PropertyKind::Init;
                    let value = match &property.value {
                        ast::Expression::FunctionExpression(function) if property.method || accessor => {
                            let name = if let ExprKind::Text(name) = key.kind { name } else { "" };
                            let function = self.function(function, name, true);
                            let getter = property.kind == ast::PropertyKind::Get;
                            let function = if getter { self.getter(function) } else { function };
                            Expr { span: self.at(property.span), kind: ExprKind::Function(function) }
                        }
                        value => self.expression(value),
                    };
                    if property.kind == ast::PropertyKind::Set {
                        key = self.setter_key(key);
                    }
                    pairs.push((key, value));
                }
            }
        }
        ExprKind::Map(self.many(&pairs))
    }

    /// A getter is marked as Python marks its properties.
    pub(super) fn getter(&self, function: &'a Function<'a>) -> &'a Function<'a> {
        let mark = self.name(function.span, "property");
        self.arena.alloc(Function { decorators: self.many(&[mark]), ..*function })
    }

    /// A setter stands beside the getter of the same name, under a key that no source writes.
    pub(super) fn setter_key(&self, key: Expr<'a>) -> Expr<'a> {
        match key.kind {
            ExprKind::Text(name) => Expr { kind: ExprKind::Text(self.arena.alloc_str(&format!("set {name}"))), ..key },
            _ => key,
        }
    }

    fn template(&mut self, template: &ast::TemplateLiteral, raw: bool) -> ExprKind<'a> {
        let mut parts = Vec::with_capacity(template.quasis.len() + template.expressions.len());
        for (at, quasi) in template.quasis.iter().enumerate() {
            let text = match &quasi.value.cooked {
                Some(cooked) if !raw => self.literal(cooked, quasi.lone_surrogates),
                _ => self.keep(&quasi.value.raw),
            };
            if !text.is_empty() {
                parts.push(Expr { span: self.at(quasi.span), kind: ExprKind::Text(text) });
            }
            if let Some(expression) = template.expressions.get(at) {
                parts.push(self.expression(expression));
            }
        }
        match parts[..] {
            [] => ExprKind::Text(""),
            [Expr { kind: ExprKind::Text(text), .. }] => ExprKind::Text(text),
            _ => ExprKind::Join(self.many(&parts)),
        }
    }

    fn regex(&mut self, regex: &ast::RegExpLiteral) -> Expr<'a> {
        let span = self.at(regex.span);
        let pattern = self.keep(&regex.regex.pattern.text);
        let flags = match &regex.raw {
            Some(raw) => self.keep(raw.rsplit('/').next().unwrap_or_default()),
            None => "",
        };
        self.regular(span, pattern, flags)
    }

    pub(super) fn regular(&self, span: Span, pattern: &'a str, flags: &'a str) -> Expr<'a> {
        let pattern = Expr { span, kind: ExprKind::Text(pattern) };
        let flags = Expr { span, kind: ExprKind::Text(flags) };
        self.call(span, self.name(span, "RegExp"), &[pattern, flags], false)
    }

    /// Sums and other chains lean to the left and can be thousands of terms long: the left side is walked without recursion. In
    /// our form its first term lies as deep as the chain is long, and the depth counts that.
    fn binary_expression(&mut self, last: &ast::BinaryExpression) -> Expr<'a> {
        let span = self.at(last.span);
        let mut links = vec![last];
        let mut at = &last.left;
        while let ast::Expression::BinaryExpression(next) = at {
            links.push(next);
            at = &next.left;
        }
        let chain = self.chain_of(links.len());
        let mut left = self.in_chain(&chain, links.len(), |this| this.expression(at));
        if chain.flat && links.iter().any(|link| link.operator != BinaryOperator::Addition) {
            let mut parts = vec![left];
            for (at, link) in links.iter().enumerate().rev() {
                parts.push(self.in_chain(&chain, at, |this| this.expression(&link.right)));
            }
            self.too_deep.set(true);
            return self.opaque(span, &parts);
        }
        let mut rights = Vec::with_capacity(links.len());
        for (at, link) in links.iter().enumerate().rev() {
            rights.push(self.in_chain(&chain, at, |this| this.expression(&link.right)));
        }
        let mut links = links.into_iter().rev().zip(rights).peekable();
        while let Some((link, right)) = links.next() {
            let own = self.at(link.span);
            if link.operator == BinaryOperator::Addition {
                let mut terms = vec![left, right];
                let mut end = own.end;
                while let Some((more, right)) = links.next_if(|next| next.0.operator == BinaryOperator::Addition) {
                    terms.push(right);
                    end = self.at(more.span).end;
                }
                left = self.sum(Span { start: own.start, end }, &terms);
                continue;
            }
            left = match binary_operator(link.operator) {
                Some(operator) => self.binary(own, operator, left, right),
                None => self.opaque(own, &[left, right]),
            };
        }
        left
    }

    fn logical_expression(&mut self, last: &ast::LogicalExpression) -> Expr<'a> {
        let mut links = vec![last];
        let mut at = &last.left;
        while let ast::Expression::LogicalExpression(next) = at {
            links.push(next);
            at = &next.left;
        }
        let chain = self.chain_of(links.len());
        let mut left = self.in_chain(&chain, links.len(), |this| this.expression(at));
        let mut flat = vec![left];
        for (at, link) in links.iter().enumerate().rev() {
            let operator = match link.operator {
                LogicalOperator::And => BinaryOp::And,
                LogicalOperator::Or => BinaryOp::Or,
                LogicalOperator::Coalesce => BinaryOp::Coalesce,
            };
            let right = self.in_chain(&chain, at, |this| this.expression(&link.right));
            if chain.flat {
                flat.push(right);
            } else {
                left = self.binary(self.at(link.span), operator, left, right);
            }
        }
        if chain.flat {
            self.too_deep.set(true);
            return self.opaque(self.at(last.span), &flat);
        }
        left
    }

    fn jsx_element(&mut self, element: &ast::JSXElement) -> Expr<'a> {
        let mut parts = Vec::new();
        for attribute in &element.opening_element.attributes {
            match attribute {
                ast::JSXAttributeItem::SpreadAttribute(spread) => parts.push(self.expression(&spread.argument)),
                ast::JSXAttributeItem::Attribute(attribute) => match &attribute.value {
                    Some(ast::JSXAttributeValue::StringLiteral(text)) => {
                        let kind = ExprKind::Text(self.literal(&text.value, text.lone_surrogates));
                        parts.push(Expr { span: self.at(text.span), kind });
                    }
                    Some(ast::JSXAttributeValue::ExpressionContainer(one)) => {
                        if let Some(expression) = one.expression.as_expression() {
                            parts.push(self.expression(expression));
                        }
                    }
                    Some(ast::JSXAttributeValue::Element(inner)) => self.jsx_child(inner, &mut parts),
                    _ => {}
                },
            }
        }
        self.jsx_children(&element.children, &mut parts);
        self.opaque(self.at(element.span), &parts)
    }

    fn jsx_child(&mut self, element: &ast::JSXElement, parts: &mut Vec<Expr<'a>>) {
        if self.descend() {
            parts.push(self.jsx_element(element));
            self.ascend();
        }
    }

    fn jsx_children(&mut self, children: &[ast::JSXChild], parts: &mut Vec<Expr<'a>>) {
        for child in children {
            match child {
                ast::JSXChild::Text(_) => {}
                ast::JSXChild::Element(element) => self.jsx_child(element, parts),
                ast::JSXChild::Fragment(fragment) => {
                    if self.descend() {
                        self.jsx_children(&fragment.children, parts);
                        self.ascend();
                    }
                }
                ast::JSXChild::ExpressionContainer(one) => {
                    if let Some(expression) = one.expression.as_expression() {
                        parts.push(self.expression(expression));
                    }
                }
                ast::JSXChild::Spread(spread) => parts.push(self.expression(&spread.expression)),
            }
        }
    }
}

fn assignment_operator(operator: AssignmentOperator) -> Option<BinaryOp> {
    use AssignmentOperator as A;
    Some(match operator {
        A::Assign => return None,
        A::Addition => BinaryOp::Add,
        A::Subtraction => BinaryOp::Subtract,
        A::Multiplication => BinaryOp::Multiply,
        A::Division => BinaryOp::Divide,
        A::Remainder => BinaryOp::Remainder,
        A::Exponential => BinaryOp::Power,
        A::ShiftLeft => BinaryOp::ShiftLeft,
        A::ShiftRight => BinaryOp::ShiftRight,
        A::ShiftRightZeroFill => BinaryOp::ShiftRightUnsigned,
        A::BitwiseOR => BinaryOp::BitOr,
        A::BitwiseXOR => BinaryOp::BitXor,
        A::BitwiseAnd => BinaryOp::BitAnd,
        A::LogicalOr => BinaryOp::Or,
        A::LogicalAnd => BinaryOp::And,
        A::LogicalNullish => BinaryOp::Coalesce,
    })
}

fn binary_operator(operator: BinaryOperator) -> Option<BinaryOp> {
    use BinaryOperator as B;
    Some(match operator {
        B::Equality | B::StrictEquality => BinaryOp::Equal,
        B::Inequality | B::StrictInequality => BinaryOp::NotEqual,
        B::LessThan => BinaryOp::Less,
        B::LessEqualThan => BinaryOp::LessEqual,
        B::GreaterThan => BinaryOp::Greater,
        B::GreaterEqualThan => BinaryOp::GreaterEqual,
        B::Addition => BinaryOp::Add,
        B::Subtraction => BinaryOp::Subtract,
        B::Multiplication => BinaryOp::Multiply,
        B::Division => BinaryOp::Divide,
        B::Remainder => BinaryOp::Remainder,
        B::Exponential => BinaryOp::Power,
        B::ShiftLeft => BinaryOp::ShiftLeft,
        B::ShiftRight => BinaryOp::ShiftRight,
        B::ShiftRightZeroFill => BinaryOp::ShiftRightUnsigned,
        B::BitwiseOR => BinaryOp::BitOr,
        B::BitwiseXOR => BinaryOp::BitXor,
        B::BitwiseAnd => BinaryOp::BitAnd,
        B::In => BinaryOp::In,
        B::Instanceof => return None,
    })
}

fn unary_operator(operator: UnaryOperator) -> UnaryOp {
    match operator {
        UnaryOperator::UnaryNegation => UnaryOp::Negate,
        UnaryOperator::UnaryPlus => UnaryOp::Plus,
        UnaryOperator::LogicalNot => UnaryOp::Not,
        UnaryOperator::BitwiseNot => UnaryOp::BitNot,
        UnaryOperator::Typeof => UnaryOp::TypeOf,
        UnaryOperator::Void => UnaryOp::Void,
        UnaryOperator::Delete => UnaryOp::Delete,
    }
}
