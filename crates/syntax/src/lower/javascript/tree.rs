//! The fallback route: tree-sitter reads what oxc cannot, and cannot be made to abort. Here: its expressions and patterns.
//!
//! Broken places are `ERROR` nodes; what was recognised inside them is kept as statements and expressions of its own.

use std::ops::ControlFlow;

use model::Problem;
use tree_sitter::{Node, ParseOptions, Parser};

use super::{Builder, number, unescape::unescape};
use crate::ir::{Argument, BinaryOp, Call, Expr, ExprKind, Span, Stmt, TAGGED, UnaryOp};

/// The parser asks once every hundred operations whether to go on. A megabyte of broken code takes about a tenth of this.
const MOST_QUESTIONS: u64 = 2_000_000;

impl<'a> Builder<'a> {
    pub(super) fn tree(&mut self, problems: &mut Vec<Problem>) -> &'a [Stmt<'a>] {
        let mut parser = Parser::new();
        if parser.set_language(&tree_sitter_javascript::LANGUAGE.into()).is_err() {
            return &[];
        }
        let bytes = self.text.as_bytes();
        let mut questions = 0;
        let mut ask = |_: &tree_sitter::ParseState| {
            questions += 1;
            if questions > MOST_QUESTIONS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut ask);
        let mut read = |at: usize, _| bytes.get(at..).unwrap_or_default();
        let Some(tree) = parser.parse_with_options(&mut read, None, Some(options)) else {
            problems.push(Problem::new("too-costly", "", "the fallback parser gave up on this text"));
            return &[];
        };
        let root = tree.root_node();
        if root.has_error() && problems.is_empty() {
            let line = first_error(root).map_or(1, |node| node.start_position().row + 1);
            problems.push(Problem::new("syntax-error", "", format!("line {line}: this cannot be read")));
        }
        self.tree_body(root)
    }

    pub(super) fn node_span(&self, node: Node) -> Span {
        self.span(node.start_byte() as u32, node.end_byte() as u32)
    }

    pub(super) fn node_text(&self, node: Node) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// The named children that are not comments.
    pub(super) fn parts<'t>(&self, node: Node<'t>) -> Vec<Node<'t>> {
        let mut cursor = node.walk();
        node.named_children(&mut cursor).filter(|child| !child.is_extra()).collect()
    }

    pub(super) fn tree_field(&mut self, node: Node, field: &str) -> Option<Expr<'a>> {
        node.child_by_field_name(field).map(|child| self.tree_expression(child))
    }

    fn tree_needed(&mut self, node: Node, field: &str) -> Expr<'a> {
        let span = self.node_span(node);
        self.tree_field(node, field).unwrap_or(Expr { span, kind: ExprKind::Null })
    }

    pub(super) fn tree_expression(&mut self, node: Node) -> Expr<'a> {
        let span = self.node_span(node);
        if !self.descend() {
            return self.opaque(span, &[]);
        }
        let expr = self.tree_expression_of(node, span);
        self.ascend();
        expr
    }

    fn tree_expression_of(&mut self, node: Node, span: Span) -> Expr<'a> {
        let kind = match node.kind() {
            "identifier"
            | "property_identifier"
            | "shorthand_property_identifier"
            | "this"
            | "super"
            | "shorthand_property_identifier_pattern"
            | "import"
            | "meta_property"
            | "statement_identifier" => ExprKind::Name(self.node_name(node)),
            "undefined" | "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "number" => self.tree_number(node),
            "string" => ExprKind::Text(self.tree_text(node)),
            "template_string" => self.tree_template(node, false),
            "regex" => {
                let text = |field| node.child_by_field_name(field).map_or("", |part| self.node_text(part));
                return self.regular(span, text("pattern"), text("flags"));
            }
            "parenthesized_expression" | "template_substitution" | "jsx_expression" | "computed_property_name" => {
                return self.tree_inside(node, span);
            }
            "call_expression" | "new_expression" => return self.tree_call(node, span),
            "member_expression" => {
                let object = self.tree_needed(node, "object");
                let name = node.child_by_field_name("property").map_or("", |name| self.node_name(name));
                ExprKind::Member(self.one(object), name)
            }
            "subscript_expression" => {
                let object = self.tree_needed(node, "object");
                let index = self.tree_needed(node, "index");
                ExprKind::Index(self.one(object), self.one(index))
            }
            "binary_expression" => return self.tree_binary(node, span),
            "unary_expression" => self.tree_unary(node),
            "update_expression" => {
                let operator = node.child_by_field_name("operator");
                let up = operator.is_some_and(|operator| operator.kind() == "++");
                let prefix = operator.is_some_and(|operator| operator.start_byte() == node.start_byte());
                let target = self.tree_needed(node, "argument");
                return self.updated(span, target, up, prefix);
            }
            "assignment_expression"
            | "assignment_pattern"
            | "object_assignment_pattern"
            | "augmented_assignment_expression" => {
                let target = self.tree_needed(node, "left");
                let operator = node
                    .child_by_field_name("operator")
                    .and_then(|operator| binary_operator(operator.kind().strip_suffix('=').unwrap_or_default()));
                let value = self.tree_needed(node, "right");
                return self.assigned(span, target, operator, value);
            }
            "ternary_expression" => {
                let test = self.tree_needed(node, "condition");
                let then = self.tree_needed(node, "consequence");
                let otherwise = self.tree_needed(node, "alternative");
                ExprKind::Conditional(self.one(test), self.one(then), self.one(otherwise))
            }
            "await_expression" | "yield_expression" => {
                let inner = self.tree_inside(node, span);
                ExprKind::Await(self.one(inner))
            }
            "spread_element" | "rest_pattern" => {
                let inner = self.tree_inside(node, span);
                ExprKind::Spread(self.one(inner))
            }
            "array" | "array_pattern" => self.tree_array(node),
            "object" | "object_pattern" => self.tree_object(node),
            "sequence_expression" => {
                let parts = self.tree_all(node);
                ExprKind::Sequence(self.many(&parts))
            }
            "function_expression"
            | "generator_function"
            | "arrow_function"
            | "function_declaration"
            | "generator_function_declaration" => ExprKind::Function(self.tree_function(node, "", false)),
            "class" | "class_declaration" => ExprKind::Class(self.tree_class(node)),
            _ => {
                let parts = self.tree_all(node);
                ExprKind::Opaque(self.many(&parts))
            }
        };
        Expr { span, kind }
    }

    /// A name with its escapes resolved.
    pub(super) fn node_name(&self, node: Node) -> &'a str {
        let text = self.node_text(node);
        if text.contains('\\') { self.arena.alloc_str(&unescape(text)) } else { text }
    }

    fn tree_all(&mut self, node: Node) -> Vec<Expr<'a>> {
        let mut out = Vec::new();
        for part in self.parts(node) {
            out.push(self.tree_expression(part));
        }
        out
    }

    /// The one expression inside, or all of them.
    pub(super) fn tree_inside(&mut self, node: Node, span: Span) -> Expr<'a> {
        let parts = self.tree_all(node);
        match parts[..] {
            [] => Expr { span, kind: ExprKind::Null },
            [one] => one,
            _ => self.opaque(span, &parts),
        }
    }

    fn tree_number(&self, node: Node) -> ExprKind<'a> {
        let text = self.node_text(node).replace('_', "").to_ascii_lowercase();
        let digits = text.strip_suffix('n').unwrap_or(&text);
        let whole = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
        let value = if let Some(digits) = digits.strip_prefix("0x") {
            whole(digits, 16)
        } else if let Some(digits) = digits.strip_prefix("0o") {
            whole(digits, 8)
        } else if let Some(digits) = digits.strip_prefix("0b") {
            whole(digits, 2)
        } else if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            whole(digits, if digits.contains(['8', '9']) { 10 } else { 8 })
        } else {
            return digits.parse().map_or(ExprKind::Opaque(&[]), number);
        };
        value.map_or(ExprKind::Opaque(&[]), ExprKind::Int)
    }

    pub(super) fn tree_text(&self, node: Node) -> &'a str {
        let raw = self.node_text(node);
        let quoted = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if quoted.contains('\\') { self.arena.alloc_str(&unescape(quoted)) } else { quoted }
    }

    fn tree_template(&mut self, node: Node, raw: bool) -> ExprKind<'a> {
        let mut out = Vec::new();
        let mut at = node.start_byte() + 1;
        for part in self.parts(node) {
            if part.kind() == "template_substitution" {
                self.template_piece(at, part.start_byte(), raw, &mut out);
                out.push(self.tree_inside(part, self.node_span(part)));
                at = part.end_byte();
            }
        }
        self.template_piece(at, node.end_byte().saturating_sub(1), raw, &mut out);
        match out[..] {
            [] => ExprKind::Text(""),
            [Expr { kind: ExprKind::Text(text), .. }] => ExprKind::Text(text),
            _ => ExprKind::Join(self.many(&out)),
        }
    }

    fn template_piece(&self, start: usize, end: usize, raw: bool, out: &mut Vec<Expr<'a>>) {
        let Some(text) = self.text.get(start..end).filter(|text| !text.is_empty()) else { return };
        let plain = raw || !text.contains('\\');
        let text = if plain { text } else { self.arena.alloc_str(&unescape(text)) };
        out.push(Expr { span: self.span(start as u32, end as u32), kind: ExprKind::Text(text) });
    }

    fn tree_call(&mut self, node: Node, span: Span) -> Expr<'a> {
        let construct = node.kind() == "new_expression";
        let callee = self.tree_needed(node, if construct { "constructor" } else { "function" });
        let mut arguments = Vec::new();
        match node.child_by_field_name("arguments") {
            Some(template) if template.kind() == "template_string" => {
                let kind = self.tree_template(template, matches!(callee.kind, ExprKind::Member(_, "raw")));
                let text = Expr { span: self.node_span(template), kind };
                arguments.push(Argument { name: Some(TAGGED), value: text });
            }
            Some(list) => {
                for argument in self.parts(list) {
                    arguments.push(Argument { name: None, value: self.tree_expression(argument) });
                }
            }
            None => {}
        }
        let call = Call { callee, arguments: self.many(&arguments), construct };
        Expr { span, kind: ExprKind::Call(self.arena.alloc(call)) }
    }

    /// Chains lean to the left, see the other route.
    fn tree_binary(&mut self, node: Node, span: Span) -> Expr<'a> {
        let mut links = vec![node];
        let mut at = node.child_by_field_name("left");
        while let Some(next) = at.filter(|next| next.kind() == "binary_expression") {
            links.push(next);
            at = next.child_by_field_name("left");
        }
        let chain = self.chain_of(links.len());
        let first = match at {
            Some(at) => self.in_chain(&chain, links.len(), |this| this.tree_expression(at)),
            None => Expr { span, kind: ExprKind::Null },
        };
        let mut terms = vec![first];
        let mut flat = vec![first];
        for (under, link) in links.iter().enumerate().rev() {
            let right = self.in_chain(&chain, under, |this| this.tree_needed(*link, "right"));
            flat.push(right);
            let word = link.child_by_field_name("operator").map_or("", |operator| operator.kind());
            if word == "+" {
                terms.push(right);
                continue;
            }
            let own = self.node_span(*link);
            let left = self.sum(Span { start: own.start, end: right.span.start.max(own.start) }, &terms);
            terms.clear();
            terms.push(match binary_operator(word) {
                Some(operator) if !chain.flat => self.binary(own, operator, left, right),
                _ => self.opaque(own, &[left, right]),
            });
        }
        if chain.flat && terms.len() < flat.len() {
            self.too_deep.set(true);
            return self.opaque(span, &flat);
        }
        self.sum(span, &terms)
    }

    fn tree_unary(&mut self, node: Node) -> ExprKind<'a> {
        let operand = self.tree_needed(node, "argument");
        let operator = match node.child_by_field_name("operator").map_or("", |operator| operator.kind()) {
            "-" => match operand.kind {
                ExprKind::Int(value) if value != 0 => return ExprKind::Int(-value),
                ExprKind::Float(value) => return ExprKind::Float(-value),
                _ => UnaryOp::Negate,
            },
            "+" => UnaryOp::Plus,
            "!" => UnaryOp::Not,
            "~" => UnaryOp::BitNot,
            "typeof" => UnaryOp::TypeOf,
            "delete" => UnaryOp::Delete,
            _ => UnaryOp::Void,
        };
        ExprKind::Unary(operator, self.one(operand))
    }

    /// Commas without anything between them are holes.
    fn tree_array(&mut self, node: Node) -> ExprKind<'a> {
        let mut out = Vec::new();
        let mut filled = false;
        let mut cursor = node.walk();
        let children: Vec<Node> = node.children(&mut cursor).filter(|child| !child.is_extra()).collect();
        for child in children {
            if child.kind() == "," {
                if !filled {
                    out.push(Expr { span: self.node_span(child), kind: ExprKind::Null });
                }
                filled = false;
            } else if child.is_named() {
                out.push(self.tree_expression(child));
                filled = true;
            }
        }
        ExprKind::List(self.many(&out))
    }

    fn tree_object(&mut self, node: Node) -> ExprKind<'a> {
        let mut out = Vec::new();
        for part in self.parts(node) {
            let pair = self.tree_pair(part);
            out.push(pair);
        }
        ExprKind::Map(self.many(&out))
    }

    fn tree_pair(&mut self, part: Node) -> (Expr<'a>, Expr<'a>) {
        let span = self.node_span(part);
        match part.kind() {
            "pair" | "pair_pattern" => {
                let key = part.child_by_field_name("key").map(|key| self.tree_key(key));
                let value = self.tree_needed(part, "value");
                (key.unwrap_or(Expr { span, kind: ExprKind::Null }), value)
            }
            "shorthand_property_identifier" | "shorthand_property_identifier_pattern" => {
                let name = self.node_name(part);
                (Expr { span, kind: ExprKind::Text(name) }, self.name(span, name))
            }
            "object_assignment_pattern" => {
                let key = part.child_by_field_name("left").map_or("", |key| self.node_name(key));
                (Expr { span, kind: ExprKind::Text(key) }, self.tree_expression(part))
            }
            "method_definition" => {
                let key = part.child_by_field_name("name").map(|name| self.tree_key(name));
                let mut key = key.unwrap_or(Expr { span, kind: ExprKind::Null });
                let name = if let ExprKind::Text(name) = key.kind { name } else { "" };
                let function = self.tree_function(part, name, true);
                let function = if is_accessor(part, "get") { self.getter(function) } else { function };
                if is_accessor(part, "set") {
                    key = self.setter_key(key);
                }
                (key, Expr { span, kind: ExprKind::Function(function) })
            }
            "spread_element" | "rest_pattern" => {
                let inner = self.tree_inside(part, span);
                self.rest_of_keys(span, inner)
            }
            _ => {
                let inner = self.tree_expression(part);
                (Expr { span, kind: ExprKind::Null }, inner)
            }
        }
    }

    /// A key of an object or class: a text when it is written out.
    pub(super) fn tree_key(&mut self, node: Node) -> Expr<'a> {
        let span = self.node_span(node);
        let kind = match node.kind() {
            "string" => ExprKind::Text(self.tree_text(node)),
            "number" => match self.tree_number(node) {
                ExprKind::Int(value) => ExprKind::Text(self.arena.alloc_str(&value.to_string())),
                _ => ExprKind::Text(self.node_text(node)),
            },
            "computed_property_name" => return self.tree_expression(node),
            _ => ExprKind::Text(self.node_name(node)),
        };
        Expr { span, kind }
    }
}

pub(super) fn is_accessor(method: Node, which: &str) -> bool {
    let mut cursor = method.walk();
    method.children(&mut cursor).any(|child| child.kind() == which)
}

/// The first broken place, without recursion.
fn first_error(root: Node) -> Option<Node> {
    let mut node = root;
    while !node.is_error() && !node.is_missing() {
        let mut cursor = node.walk();
        node = node.children(&mut cursor).find(Node::has_error)?;
    }
    Some(node)
}

fn binary_operator(word: &str) -> Option<BinaryOp> {
    Some(match word {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        "**" => BinaryOp::Power,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        ">>>" => BinaryOp::ShiftRightUnsigned,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "&&" => BinaryOp::And,
        "||" => BinaryOp::Or,
        "??" => BinaryOp::Coalesce,
        "==" | "===" => BinaryOp::Equal,
        "!=" | "!==" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        "in" => BinaryOp::In,
        _ => return None,
    })
}
