//! Patterns and targets of assignments, from oxc's tree.

use oxc_ast::ast;
use oxc_span::GetSpan;

use super::Builder;
use crate::ir::{Expr, ExprKind, Span};

impl<'a> Builder<'a> {
    pub(super) fn binding(&mut self, pattern: &ast::BindingPattern) -> Expr<'a> {
        let span = self.at(pattern.span());
        if !self.descend() {
            return self.opaque(span, &[]);
        }
        let kind = match pattern {
            ast::BindingPattern::BindingIdentifier(name) => ExprKind::Name(self.keep(&name.name)),
            ast::BindingPattern::AssignmentPattern(with_default) => {
                let target = self.binding(&with_default.left);
                let default = self.expression(&with_default.right);
                self.with_default(span, target, default).kind
            }
            ast::BindingPattern::ArrayPattern(array) => {
                let mut items = Vec::with_capacity(array.elements.len() + 1);
                for element in &array.elements {
                    items.push(match element {
                        Some(element) => self.binding(element),
                        None => Expr { span, kind: ExprKind::Null },
                    });
                }
                if let Some(rest) = &array.rest {
                    let inner = self.binding(&rest.argument);
                    items.push(self.rest(self.at(rest.span), inner));
                }
                ExprKind::List(self.many(&items))
            }
            ast::BindingPattern::ObjectPattern(object) => {
                let mut keys = Vec::with_capacity(object.properties.len() + 1);
                for property in &object.properties {
                    let key = self.key(&property.key, property.computed);
                    keys.push((key, self.binding(&property.value)));
                }
                if let Some(rest) = &object.rest {
                    let inner = self.binding(&rest.argument);
                    keys.push(self.rest_of_keys(self.at(rest.span), inner));
                }
                ExprKind::Map(self.many(&keys))
            }
        };
        self.ascend();
        Expr { span, kind }
    }

    pub(super) fn with_default(&mut self, span: Span, target: Expr<'a>, default: Expr<'a>) -> Expr<'a> {
        self.assigned(span, target, None, default)
    }

    pub(super) fn rest(&mut self, span: Span, inner: Expr<'a>) -> Expr<'a> {
        Expr { span, kind: ExprKind::Spread(self.one(inner)) }
    }

    pub(super) fn rest_of_keys(&mut self, span: Span, inner: Expr<'a>) -> (Expr<'a>, Expr<'a>) {
        (self.rest(span, inner), Expr { span, kind: ExprKind::Null })
    }

    pub(super) fn target(&mut self, target: &ast::AssignmentTarget) -> Expr<'a> {
        let span = self.at(target.span());
        if !self.descend() {
            return self.opaque(span, &[]);
        }
        let expr = self.target_of(target, span);
        self.ascend();
        expr
    }

    fn target_of(&mut self, target: &ast::AssignmentTarget, span: Span) -> Expr<'a> {
        use ast::AssignmentTarget as T;
        match target {
            T::AssignmentTargetIdentifier(name) => self.name(span, self.keep(&name.name)),
            T::TSAsExpression(inner) => self.expression(&inner.expression),
            T::TSSatisfiesExpression(inner) => self.expression(&inner.expression),
            T::TSNonNullExpression(inner) => self.expression(&inner.expression),
            T::TSTypeAssertion(inner) => self.expression(&inner.expression),
            T::ComputedMemberExpression(member) => self.computed_member(member),
            T::StaticMemberExpression(member) => self.static_member(member),
            T::PrivateFieldExpression(member) => self.private_member(member),
            T::ArrayAssignmentTarget(array) => {
                let mut items = Vec::with_capacity(array.elements.len() + 1);
                for element in &array.elements {
                    items.push(match element {
                        Some(element) => self.target_with_default(element),
                        None => Expr { span, kind: ExprKind::Null },
                    });
                }
                if let Some(rest) = &array.rest {
                    let inner = self.target(&rest.target);
                    items.push(self.rest(self.at(rest.span), inner));
                }
                Expr { span, kind: ExprKind::List(self.many(&items)) }
            }
            T::ObjectAssignmentTarget(object) => {
                let mut keys = Vec::with_capacity(object.properties.len() + 1);
                for property in &object.properties {
                    keys.push(self.target_property(property));
                }
                if let Some(rest) = &object.rest {
                    let inner = self.target(&rest.target);
                    keys.push(self.rest_of_keys(self.at(rest.span), inner));
                }
                Expr { span, kind: ExprKind::Map(self.many(&keys)) }
            }
        }
    }

    fn target_property(&mut self, property: &ast::AssignmentTargetProperty) -> (Expr<'a>, Expr<'a>) {
        match property {
            ast::AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(one) => {
                let span = self.at(one.binding.span);
                let name = self.keep(&one.binding.name);
                let mut target = self.name(span, name);
                if let Some(default) = &one.init {
                    let default = self.expression(default);
                    target = self.with_default(self.at(one.span), target, default);
                }
                (Expr { span, kind: ExprKind::Text(name) }, target)
            }
            ast::AssignmentTargetProperty::AssignmentTargetPropertyProperty(one) => {
                let key = self.key(&one.name, one.computed);
                (key, self.target_with_default(&one.binding))
            }
        }
    }

    fn target_with_default(&mut self, target: &ast::AssignmentTargetMaybeDefault) -> Expr<'a> {
        match target {
            ast::AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(one) => {
                let target = self.target(&one.binding);
                let default = self.expression(&one.init);
                self.with_default(self.at(one.span), target, default)
            }
            _ => match target.as_assignment_target() {
                Some(target) => self.target(target),
                None => self.opaque(self.at(target.span()), &[]),
            },
        }
    }

    /// A key of an object or class: a text when it is written out.
    pub(super) fn key(&mut self, key: &ast::PropertyKey, computed: bool) -> Expr<'a> {
        let span = self.at(key.span());
        let kind = match key {
            ast::PropertyKey::StaticIdentifier(name) => ExprKind::Text(self.keep(&name.name)),
            ast::PropertyKey::PrivateIdentifier(name) => ExprKind::Text(self.private_name(name)),
            ast::PropertyKey::NumericLiteral(number) if !computed => {
                let spelled = if number.value.fract() == 0.0 && number.value.abs() < 1e15 {
                    format!("{}", number.value as i64)
                } else {
                    format!("{}", number.value)
                };
                ExprKind::Text(self.arena.alloc_str(&spelled))
            }
            _ => match key.as_expression() {
                Some(expression) => return self.expression(expression),
                None => ExprKind::Null,
            },
        };
        Expr { span, kind }
    }

    /// `#name`, with its mark.
    pub(super) fn private_name(&self, name: &ast::PrivateIdentifier) -> &'a str {
        let (start, end) = (name.span.start as usize, name.span.end as usize);
        self.text.get(start..end).unwrap_or_else(|| self.keep(&name.name))
    }
}
