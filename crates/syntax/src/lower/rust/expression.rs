//! Expressions: paths, calls and chains.

use tree_sitter::Node;

use super::{
    super::tree::{children, span},
    Source, items, last_segment,
};
use crate::ir::{Argument, BinaryOp, Expr, ExprKind, Span, StmtKind, UnaryOp};

/// Methods that hand their receiver on.
const PASSING: &[&str] = &[
    "unwrap",
    "expect",
    "unwrap_or_default",
    "to_string",
    "to_owned",
    "into",
    "as_str",
    "as_ref",
    "as_mut",
    "as_bytes",
    "clone",
    "to_vec",
    "into_bytes",
    "iter",
    "into_iter",
    "iter_mut",
    "ok",
    "as_deref",
    "into_string",
    "to_str",
    "to_string_lossy",
    "as_slice",
    "into_boxed_str",
    "borrow",
    "borrow_mut",
    "cloned",
    "copied",
    "as_path",
    "to_path_buf",
    "into_owned",
    "as_os_str",
    "trim",
    "by_ref",
    "context",
    "with_context",
    "unwrap_unchecked",
    "into_inner",
    "as_deref_mut",
    "leak",
    "error_for_status",
    "chars",
    "bytes",
];

/// Methods by which a built command is started.
const STARTERS: &[&str] = &["spawn", "output", "status", "exec"];

/// A chain of calls longer than this is not taken apart.
const LONGEST_CHAIN: usize = 256;

impl<'a> Source<'a> {
    pub(super) fn value(&mut self, node: Node<'_>) -> Expr<'a> {
        if !self.reader.enter() {
            return self.reader.opaque(span(node), &[]);
        }
        let value = self.value_within(node);
        self.reader.leave();
        value
    }

    fn value_within(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let source = self.reader.slice(node);
        match node.kind() {
            "identifier" | "self" | "type_identifier" | "crate" | "super" | "metavariable" | "primitive_type" => {
                self.reader.name(place, source)
            }
            "scoped_identifier" | "scoped_type_identifier" | "generic_function" | "generic_type" => self.path(node),
            "string_literal" | "raw_string_literal" | "char_literal" => self.text_literal(place, source),
            "integer_literal" => number(place, source),
            "float_literal" => Expr {
                span: place,
                kind: source
                    .replace('_', "")
                    .trim_end_matches(|one: char| one.is_ascii_alphabetic())
                    .parse()
                    .map_or(ExprKind::Null, ExprKind::Float),
            },
            "boolean_literal" => Expr { span: place, kind: ExprKind::Bool(source == "true") },
            "unit_expression" => Expr { span: place, kind: ExprKind::Null },
            "call_expression" => self.call(node),
            "macro_invocation" => self.macro_call(node),
            "field_expression" => {
                let (Some(object), Some(field)) =
                    (node.child_by_field_name("value"), node.child_by_field_name("field"))
                else {
                    return self.reader.opaque(place, &[]);
                };
                let object = self.value(object);
                self.reader.member(place, object, self.reader.slice(field))
            }
            "index_expression" => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                match parts.as_slice() {
                    [object, index] => Expr {
                        span: place,
                        kind: ExprKind::Index(self.reader.place(*object), self.reader.place(*index)),
                    },
                    _ => self.reader.opaque(place, &parts),
                }
            }
            // What only borrows, unwraps or converts.
            "reference_expression"
            | "try_expression"
            | "parenthesized_expression"
            | "type_cast_expression"
            | "expression_statement" => {
                let inner = node
                    .child_by_field_name("value")
                    .or_else(|| children(node).into_iter().find(|child| child.kind() != "mutable_specifier"));
                match inner {
                    Some(inner) => self.value(inner),
                    None => self.reader.opaque(place, &[]),
                }
            }
            "await_expression" => match children(node).first() {
                Some(inner) => {
                    let inner = self.value(*inner);
                    Expr { span: place, kind: ExprKind::Await(self.reader.place(inner)) }
                }
                None => self.reader.opaque(place, &[]),
            },
            "unary_expression" => self.unary(node),
            "binary_expression" => self.binary(node),
            "array_expression" | "tuple_expression" => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.list(place, &parts)
            }
            "struct_expression" => self.structure(node),
            "closure_expression" => {
                let function = self.function(node, "");
                Expr { span: place, kind: ExprKind::Function(function) }
            }
            "block" | "unsafe_block" | "async_block" | "if_expression" | "match_expression" | "loop_expression"
            | "while_expression" | "for_expression" | "const_block" | "return_expression" | "try_block" => {
                self.block_value(node)
            }
            "assignment_expression" | "compound_assignment_expr" => match self.assignment(node) {
                Some(assign) => Expr { span: place, kind: ExprKind::Assign(assign) },
                None => self.reader.opaque(place, &[]),
            },
            "token_tree" => {
                let parts = self.tokens(node);
                self.reader.opaque(place, &parts)
            }
            _ => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.opaque(place, &parts)
            }
        }
    }

    /// A block as a value: a function that is called on the spot.
    fn block_value(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let mut body = Vec::new();
        self.statement(node, &mut body);
        if let [only] = body.as_slice()
            && let StmtKind::Expr(value) = only.kind
        {
            return value;
        }
        self.yield_last(&mut body, true, 0);
        let function = self.reader.function(place, "", &[], &body);
        self.reader.call(place, Expr { span: place, kind: ExprKind::Function(function) }, &[])
    }

    /// `std::process::Command::new` as members.
    fn path(&mut self, node: Node<'_>) -> Expr<'a> {
        self.path_of(span(node), self.reader.slice(node))
    }

    pub(super) fn path_of(&self, place: Span, source: &'a str) -> Expr<'a> {
        let plain = source.split('<').next().unwrap_or(source).trim_end_matches("::");
        let mut parts =
            plain.split("::").map(str::trim).filter(|part| !matches!(*part, "" | "crate" | "self" | "super"));
        let root = self.reader.name(place, parts.next().unwrap_or("_"));
        parts.take(32).fold(root, |object, part| self.reader.member(place, object, part))
    }

    pub(super) fn text_literal(&self, place: Span, source: &str) -> Expr<'a> {
        let bytes = source.starts_with('b');
        let raw = source.trim_start_matches(['b', 'c']).starts_with('r');
        let inner = source.trim_start_matches(['b', 'c', 'r']).trim_matches('#');
        let inner = inner.strip_prefix(['"', '\'']).unwrap_or(inner);
        let inner = inner.strip_suffix(['"', '\'']).unwrap_or(inner);
        let data = if raw { inner.as_bytes().to_vec() } else { unescape(inner) };
        match String::from_utf8(data) {
            Ok(text) => self.reader.text(place, &text),
            Err(error) => {
                let data = error.into_bytes();
                debug_assert!(bytes || !raw);
                Expr { span: place, kind: ExprKind::Bytes(self.reader.arena.alloc_slice_copy(&data)) }
            }
        }
    }

    fn call(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let Some(function) = node.child_by_field_name("function") else { return self.reader.opaque(place, &[]) };
        if function.kind() != "field_expression" {
            let callee = self.value(function);
            let arguments = self.arguments(node);
            return self.reader.call(place, callee, &arguments);
        }
        let method = function.child_by_field_name("field").map(|field| self.reader.slice(field)).unwrap_or_default();
        let method = method.split("::").next().unwrap_or(method);
        if STARTERS.contains(&method)
            && let Some(call) = self.command(node)
        {
            return call;
        }
        let Some(object) = function.child_by_field_name("value") else { return self.reader.opaque(place, &[]) };
        let object = self.value(object);
        let arguments = self.arguments(node);
        let plain = arguments.iter().all(|argument| matches!(argument.value.kind, ExprKind::Text(_)));
        if PASSING.contains(&method) && plain {
            return object;
        }
        if method == "concat"
            && let Some(parts) = items(&object)
        {
            return self.reader.join(place, parts);
        }
        self.reader.call(place, self.reader.member(place, object, method), &arguments)
    }

    fn arguments(&mut self, node: Node<'_>) -> Vec<Argument<'a>> {
        let list = node.child_by_field_name("arguments").map(children).unwrap_or_default();
        list.into_iter()
            .filter(|child| child.kind() != "attribute_item")
            .map(|child| Argument { name: None, value: self.value(child) })
            .collect()
    }

    /// `Command::new("x").arg("y").spawn()` as one call with the list of its words.
    fn command(&mut self, node: Node<'_>) -> Option<Expr<'a>> {
        let place = span(node);
        let mut links: Vec<(&'a str, Node<'_>)> = Vec::new();
        let mut at = node;
        let root = loop {
            let function = at.child_by_field_name("function")?;
            if function.kind() != "field_expression" {
                break function;
            }
            let method = self.reader.slice(function.child_by_field_name("field")?);
            links.push((method, at));
            at = function.child_by_field_name("value")?;
            while matches!(at.kind(), "try_expression" | "await_expression" | "parenthesized_expression") {
                at = *children(at).first()?;
            }
            if at.kind() != "call_expression" || links.len() > LONGEST_CHAIN {
                return None;
            }
        };
        let path = self.reader.slice(root);
        let (owner, constructor) = path.rsplit_once("::")?;
        if constructor.trim() != "new" || !last_segment(owner).ends_with("Command") {
            return None;
        }
        let mut words: Vec<_> = self.arguments(at).into_iter().map(|argument| argument.value).collect();
        let mut others = Vec::new();
        for (method, link) in links.into_iter().rev() {
            let arguments = self.arguments(link);
            for argument in arguments {
                match method {
                    "arg" | "raw_arg" => words.push(argument.value),
                    "args" => match items(&argument.value) {
                        Some(items) => words.extend_from_slice(items),
                        None => words.push(argument.value),
                    },
                    _ => others.push(argument),
                }
            }
        }
        let callee = self.path_of(place, owner);
        let callee = self.reader.member(place, callee, "run");
        let line = self.reader.list(place, &words);
        others.push(Argument { name: Some("command"), value: line });
        Some(self.reader.call(place, callee, &others))
    }

    fn structure(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut pairs = Vec::new();
        for field in node.child_by_field_name("body").map(children).unwrap_or_default() {
            let place = span(field);
            let name = field.child_by_field_name("field").map(|name| self.reader.slice(name));
            let (key, value) = match (name, field.child_by_field_name("value")) {
                (Some(name), Some(value)) => (self.reader.text(place, name), self.value(value)),
                _ => {
                    let name = self.reader.slice(field);
                    (self.reader.text(place, name), self.reader.name(place, name))
                }
            };
            pairs.push((key, value));
        }
        Expr { span: span(node), kind: ExprKind::Map(self.reader.arena.alloc_slice_copy(&pairs)) }
    }

    fn unary(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let Some(inner) = children(node).into_iter().next_back() else { return self.reader.opaque(place, &[]) };
        let value = self.value(inner);
        let operator = match self.reader.slice(node).as_bytes().first() {
            Some(b'-') => match value.kind {
                ExprKind::Int(number) => return Expr { span: place, kind: ExprKind::Int(number.wrapping_neg()) },
                _ => UnaryOp::Negate,
            },
            Some(b'!') => UnaryOp::Not,
            _ => return value,
        };
        Expr { span: place, kind: ExprKind::Unary(operator, self.reader.place(value)) }
    }

    /// `a + b + c`, however long: the operands are taken from the left.
    fn binary(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut rights = Vec::new();
        let mut left = node;
        while left.kind() == "binary_expression" {
            let part = |name| left.child_by_field_name(name);
            let (Some(first), Some(sign), Some(last)) = (part("left"), part("operator"), part("right")) else { break };
            rights.push((self.reader.slice(sign), last));
            left = first;
        }
        if rights.is_empty() {
            return self.reader.opaque(span(node), &[]);
        }
        let mut value = self.value(left);
        for (sign, right) in rights.into_iter().rev() {
            let place = Span { start: value.span.start, end: right.end_byte() as u32 };
            let right = self.value(right);
            value = match operator(sign) {
                Some(operator) => self.reader.binary(place, operator, value, right),
                None => self.reader.opaque(place, &[value, right]),
            };
        }
        value
    }
}

/// The operation of a sign.
pub(super) fn operator(sign: &str) -> Option<BinaryOp> {
    Some(match sign {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "&&" => BinaryOp::And,
        "||" => BinaryOp::Or,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        _ => return None,
    })
}

fn number<'a>(place: Span, source: &str) -> Expr<'a> {
    let text = source.replace('_', "");
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0o") => (&text[2..], 8),
        Some("0b") => (&text[2..], 2),
        _ => (text.as_str(), 10),
    };
    let end = digits.find(['u', 'i']).unwrap_or(digits.len());
    let kind = i64::from_str_radix(&digits[..end], radix).map_or(ExprKind::Null, ExprKind::Int);
    Expr { span: place, kind }
}

/// Resolves the escapes of a literal.
fn unescape(text: &str) -> Vec<u8> {
    let mut data = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        data.extend_from_slice(&rest.as_bytes()[..at]);
        let mut tail = rest[at + 1..].chars();
        let kind = tail.next();
        rest = tail.as_str();
        match kind {
            Some('n') => data.push(b'\n'),
            Some('r') => data.push(b'\r'),
            Some('t') => data.push(b'\t'),
            Some('0') => data.push(0),
            Some('x') => {
                let code = rest.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
                data.extend(code);
                rest = rest.get(2..).unwrap_or_default();
            }
            Some('u') => {
                let end = rest.find('}').map_or(rest.len(), |end| end + 1);
                let digits = rest[..end].trim_matches(['{', '}']).replace('_', "");
                let one = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                data.extend(one.map(String::from).unwrap_or_default().into_bytes());
                rest = &rest[end..];
            }
            Some('\n') => rest = rest.trim_start(),
            Some(other) => data.extend(other.to_string().into_bytes()),
            None => {}
        }
    }
    data.extend_from_slice(rest.as_bytes());
    data
}
