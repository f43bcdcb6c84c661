//! Texts and bytes of ruff's tree: slices of the source where the literal is plain, else copies in the arena.

use ruff_python_ast::{self as ast, ConversionFlag, FStringPart, InterpolatedStringElement};
use ruff_text_size::Ranged;

use super::{Builder, expressions::span};
use crate::ir::{Expr, ExprKind};

impl<'a> Builder<'a> {
    pub(super) fn text_literal(&mut self, value: &ast::StringLiteralValue) -> &'a str {
        match value.as_slice() {
            [one] => self.text_part(one),
            _ => self.arena.alloc_str(value.to_str()),
        }
    }

    fn text_part(&mut self, literal: &ast::StringLiteral) -> &'a str {
        match self.text.get(std::ops::Range::from(literal.content_range())) {
            Some(plain) if plain == &*literal.value => plain,
            _ => self.arena.alloc_str(&literal.value),
        }
    }

    pub(super) fn bytes_literal(&mut self, value: &ast::BytesLiteralValue) -> &'a [u8] {
        let [one] = value.as_slice() else {
            return self.arena.alloc_slice_copy(&value.bytes().collect::<Vec<u8>>());
        };
        match self.text.get(std::ops::Range::from(one.content_range())) {
            Some(plain) if plain.as_bytes() == &*one.value => plain.as_bytes(),
            _ => self.arena.alloc_slice_copy(&one.value),
        }
    }

    pub(super) fn f_string(&mut self, value: &ast::FStringValue) -> &'a [Expr<'a>] {
        let mut parts = Vec::new();
        for part in value {
            match part {
                FStringPart::Literal(literal) => {
                    parts.push(Expr { span: span(literal.range()), kind: ExprKind::Text(self.text_part(literal)) });
                }
                FStringPart::FString(f_string) => self.elements(&f_string.elements, &mut parts),
            }
        }
        self.arena.alloc_slice_copy(&parts)
    }

    pub(super) fn t_string(&mut self, value: &ast::TStringValue) -> &'a [Expr<'a>] {
        let mut parts = Vec::new();
        for part in value {
            self.elements(&part.elements, &mut parts);
        }
        self.arena.alloc_slice_copy(&parts)
    }

    fn elements(&mut self, elements: &ast::InterpolatedStringElements, parts: &mut Vec<Expr<'a>>) {
        for element in elements {
            match element {
                InterpolatedStringElement::Literal(literal) => {
                    let text = self.element_text(literal);
                    parts.push(Expr { span: span(literal.range()), kind: ExprKind::Text(text) });
                }
                InterpolatedStringElement::Interpolation(inner) => {
                    if let Some(debug) = &inner.debug_text {
                        let text = self.arena.alloc_str(debug.as_str());
                        parts.push(Expr { span: span(inner.range()), kind: ExprKind::Text(text) });
                    }
                    let value = self.interpolation(inner);
                    parts.push(value);
                }
            }
        }
    }

    fn element_text(&mut self, literal: &ast::InterpolatedStringLiteralElement) -> &'a str {
        match self.text.get(std::ops::Range::from(literal.range())) {
            Some(plain) if plain == &*literal.value => plain,
            _ => self.arena.alloc_str(&literal.value),
        }
    }

    /// The value of `{value!r:spec}`. A spec that turns a number into a letter or digits is kept, since payloads use it;
    /// widths and precisions are not.
    fn interpolation(&mut self, inner: &ast::InterpolatedElement) -> Expr<'a> {
        let value = self.expr(&inner.expression);
        let at = span(inner.range());
        match inner.conversion {
            ConversionFlag::Repr => return self.call_named(at, "repr", &[value]),
            ConversionFlag::Ascii => return self.call_named(at, "ascii", &[value]),
            ConversionFlag::Str | ConversionFlag::None => {}
        }
        let Some(spec) = &inner.format_spec else { return value };
        let spec: String = spec.elements.literals().map(|literal| &*literal.value).collect();
        if !spec.ends_with(['c', 'x', 'X', 'o', 'b', 'd']) {
            return value;
        }
        let spec = Expr { span: at, kind: ExprKind::Text(self.arena.alloc_str(&spec)) };
        self.call_named(at, "format", &[value, spec])
    }
}
