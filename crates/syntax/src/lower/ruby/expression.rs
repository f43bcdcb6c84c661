//! Expressions and calls.

use tree_sitter::Node;

use super::{
    super::tree::{children, literal, span},
    ADD, Script, is,
};
use crate::ir::{Argument, BinaryOp, Call, Expr, ExprKind, Span, StmtKind, UnaryOp};

/// Objects whose methods are functions: `Kernel.system`.
const KERNELS: &[&str] = &["Kernel", "Object", "self", "main"];

impl<'a> Script<'a> {
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
            "identifier" | "constant" | "global_variable" | "instance_variable" | "class_variable" | "self"
            | "super" | "hash_key_symbol" | "__method__" => self.reader.name(place, source),
            "nil" => Expr { span: place, kind: ExprKind::Null },
            "true" => Expr { span: place, kind: ExprKind::Bool(true) },
            "false" => Expr { span: place, kind: ExprKind::Bool(false) },
            "integer" => number(place, source),
            "float" | "rational" | "complex" => {
                Expr { span: place, kind: source.replace('_', "").parse().map_or(ExprKind::Null, ExprKind::Float) }
            }
            "string" | "delimited_symbol" | "bare_string" | "bare_symbol" | "regex" => self.interpolated(node),
            "character" => self.reader.text(place, &escape(source.trim_start_matches('?'))),
            "simple_symbol" => self.reader.text(place, source.trim_start_matches(':')),
            "chained_string" => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.join(place, &parts)
            }
            "subshell" => {
                let line = self.interpolated(node);
                self.reader.call_name(place, "`", &[line])
            }
            "heredoc_beginning" => {
                let line = self.heredoc(node);
                if source.contains('`') { self.reader.call_name(place, "`", &[line]) } else { line }
            }
            "array" | "string_array" | "symbol_array" => {
                let items: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.list(place, &items)
            }
            "hash" => self.hash(node),
            "scope_resolution" => self.scope_resolution(node),
            "element_reference" => self.element(node),
            "call" | "method_call" | "command_call" => self.call(node),
            "yield" => {
                let arguments = children(node).first().map(|list| self.arguments(*list)).unwrap_or_default();
                self.reader.call(place, self.reader.name(place, "yield"), &arguments)
            }
            "lambda" | "block" | "do_block" => self.block(node),
            "assignment" | "operator_assignment" => match self.assignment(node) {
                Some(assign) => Expr { span: place, kind: ExprKind::Assign(assign) },
                None => self.reader.opaque(place, &[]),
            },
            "binary" => self.binary(node),
            "unary" => self.unary(node),
            "conditional" => {
                let part = |name| node.child_by_field_name(name);
                let (Some(test), Some(then), Some(otherwise)) =
                    (part("condition"), part("consequence"), part("alternative"))
                else {
                    return self.reader.opaque(place, &[]);
                };
                let (test, then, otherwise) = (self.value(test), self.value(then), self.value(otherwise));
                let (test, then) = (self.reader.place(test), self.reader.place(then));
                Expr { span: place, kind: ExprKind::Conditional(test, then, self.reader.place(otherwise)) }
            }
            "splat_argument" | "hash_splat_argument" | "block_argument" => match children(node).first() {
                Some(inner) => {
                    let inner = self.value(*inner);
                    if node.kind() == "block_argument" {
                        return inner;
                    }
                    Expr { span: place, kind: ExprKind::Spread(self.reader.place(inner)) }
                }
                None => self.reader.opaque(place, &[]),
            },
            "parenthesized_statements"
            | "begin"
            | "then"
            | "if"
            | "unless"
            | "case"
            | "while"
            | "if_modifier"
            | "unless_modifier"
            | "rescue_modifier"
            | "body_statement"
            | "method"
            | "class"
            | "return" => self.block_value(node),
            _ => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.opaque(place, &parts)
            }
        }
    }

    /// Statements as a value.
    fn block_value(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let before = std::mem::replace(&mut self.in_block, true);
        let mut body = Vec::new();
        self.statement(node, &mut body);
        self.in_block = before;
        let values: Option<Vec<_>> = body
            .iter()
            .map(|stmt| match stmt.kind {
                StmtKind::Expr(expr) => Some(expr),
                StmtKind::Assign(assign) => Some(Expr { span: stmt.span, kind: ExprKind::Assign(assign) }),
                _ => None,
            })
            .collect();
        if let Some(values) = values {
            return self.reader.sequence(place, &values);
        }
        // Branches and loops: a function that is called on the spot.
        self.yield_last(&mut body, 0);
        let function = self.reader.function(place, "", &[], &body);
        self.reader.call(place, Expr { span: place, kind: ExprKind::Function(function) }, &[])
    }

    /// `{ |x| ... }`.
    fn block(&mut self, node: Node<'_>) -> Expr<'a> {
        let before = std::mem::replace(&mut self.in_block, true);
        let function = self.function(node, "");
        self.in_block = before;
        Expr { span: span(node), kind: ExprKind::Function(function) }
    }

    fn hash(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut pairs = Vec::new();
        for entry in children(node) {
            let nothing = Expr { span: span(entry), kind: ExprKind::Null };
            if entry.kind() != "pair" {
                pairs.push((self.value(entry), nothing));
                continue;
            }
            let (key, value) = self.pair(entry);
            pairs.push((key, value));
        }
        Expr { span: span(node), kind: ExprKind::Map(self.reader.arena.alloc_slice_copy(&pairs)) }
    }

    fn pair(&mut self, node: Node<'_>) -> (Expr<'a>, Expr<'a>) {
        let key = match node.child_by_field_name("key") {
            Some(key) if key.kind() == "hash_key_symbol" => self.reader.text(span(key), self.reader.slice(key)),
            Some(key) => self.value(key),
            None => self.reader.text(span(node), ""),
        };
        let value = match node.child_by_field_name("value") {
            Some(value) => self.value(value),
            // `{x:}` means the variable `x`.
            None => match literal(&key) {
                Some(name) => self.reader.name(span(node), name),
                None => key,
            },
        };
        (key, value)
    }

    fn scope_resolution(&mut self, node: Node<'_>) -> Expr<'a> {
        let Some(name) = node.child_by_field_name("name") else { return self.reader.opaque(span(node), &[]) };
        let name = self.reader.slice(name);
        match node.child_by_field_name("scope") {
            Some(scope) => {
                let scope = self.value(scope);
                self.reader.member(span(node), scope, name)
            }
            None => self.reader.name(span(node), name),
        }
    }

    fn element(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let mut parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
        match parts.as_slice() {
            [object, index] => {
                Expr { span: place, kind: ExprKind::Index(self.reader.place(*object), self.reader.place(*index)) }
            }
            [_, ..] => {
                // `text[start, length]`.
                let object = parts.remove(0);
                let arguments: Vec<_> = parts.into_iter().map(|value| Argument { name: None, value }).collect();
                self.reader.call(place, self.reader.member(place, object, "slice"), &arguments)
            }
            [] => self.reader.opaque(place, &[]),
        }
    }

    fn call(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let receiver = node.child_by_field_name("receiver");
        let method = node.child_by_field_name("method").map(|method| self.reader.slice(method));
        let mut arguments = node.child_by_field_name("arguments").map(|list| self.arguments(list)).unwrap_or_default();
        if let Some(block) = node.child_by_field_name("block") {
            let value = self.block(block);
            arguments.push(Argument { name: None, value });
        }
        let receiver = receiver.map(|receiver| self.value(receiver));
        let receiver = receiver.filter(
            |one| !matches!(one.kind, ExprKind::Name(name) if KERNELS.contains(&name) && method != Some("new")),
        );
        let Some(mut method) = method else {
            // `f.(x)`.
            return match receiver {
                Some(callee) => self.reader.call(place, callee, &arguments),
                None => self.reader.opaque(place, &[]),
            };
        };
        // A name that is given as a symbol.
        if matches!(method, "send" | "public_send" | "__send__" | "const_get" | "method" | "instance_method") {
            let name = arguments.first().and_then(|first| literal(&first.value));
            if let Some(name) = name.filter(|name| !name.contains("::")) {
                arguments.remove(0);
                if matches!(method, "const_get" | "method" | "instance_method") {
                    return match receiver {
                        Some(object) => self.reader.member(place, object, name),
                        None => self.reader.name(place, name),
                    };
                }
                method = name;
            }
        }
        match receiver {
            Some(object) if method == "new" => {
                let call =
                    Call { callee: object, arguments: self.reader.arena.alloc_slice_copy(&arguments), construct: true };
                Expr { span: place, kind: ExprKind::Call(self.reader.place(call)) }
            }
            Some(object) if matches!(method, "call" | "()" | "yield") => self.reader.call(place, object, &arguments),
            Some(object) if method == "<<" || method == "concat" => self.append(place, object, &arguments),
            Some(object) => self.reader.call(place, self.reader.member(place, object, method), &arguments),
            None if method == "lambda" || method == "proc" => match arguments.as_slice() {
                [only] if matches!(only.value.kind, ExprKind::Function(_)) => only.value,
                _ => self.reader.call(place, self.reader.name(place, method), &arguments),
            },
            None => self.reader.call(place, self.reader.name(place, method), &arguments),
        }
    }

    fn append(&self, place: Span, object: Expr<'a>, arguments: &[Argument<'a>]) -> Expr<'a> {
        self.reader.call(place, self.reader.member(place, object, "<<"), arguments)
    }

    fn arguments(&mut self, node: Node<'_>) -> Vec<Argument<'a>> {
        let mut found = Vec::new();
        let mut words = children(node);
        if node.kind() != "argument_list" {
            words = vec![node];
        }
        for child in words {
            if child.kind() == "pair" {
                let (key, value) = self.pair(child);
                let name = literal(&key);
                found.push(Argument { name: name.or(Some("**")), value });
            } else {
                let value = self.value(child);
                let name = (child.kind() == "hash_splat_argument").then_some("**");
                found.push(Argument { name, value });
            }
        }
        found
    }

    fn unary(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let sign = node.child_by_field_name("operator").map(|sign| self.reader.slice(sign)).unwrap_or_default();
        let Some(operand) = node.child_by_field_name("operand").or_else(|| children(node).first().copied()) else {
            return self.reader.opaque(place, &[]);
        };
        let operand = self.value(operand);
        let operator = match sign {
            "!" | "not" => UnaryOp::Not,
            "-" => match operand.kind {
                ExprKind::Int(number) => return Expr { span: place, kind: ExprKind::Int(number.wrapping_neg()) },
                _ => UnaryOp::Negate,
            },
            "+" => UnaryOp::Plus,
            "~" => UnaryOp::BitNot,
            _ => return self.reader.opaque(place, &[operand]),
        };
        Expr { span: place, kind: ExprKind::Unary(operator, self.reader.place(operand)) }
    }

    /// `a + b + c`, however long: the operands are taken from the left.
    fn binary(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut rights = Vec::new();
        let mut left = node;
        while left.kind() == "binary" {
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
            value = match (sign, operator(sign)) {
                ("<<", _) => self.append(place, value, &[Argument { name: None, value: right }]),
                (_, Some(ADD)) if is(&right, "") => value,
                (_, Some(operator)) => self.reader.binary(place, operator, value, right),
                _ => self.reader.opaque(place, &[value, right]),
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
        "/" => BinaryOp::FloorDivide,
        "%" => BinaryOp::Remainder,
        "**" => BinaryOp::Power,
        ">>" => BinaryOp::ShiftRight,
        "<<" => BinaryOp::ShiftLeft,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "&&" | "and" => BinaryOp::And,
        "||" | "or" => BinaryOp::Or,
        "==" | "===" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterEqual,
        _ => return None,
    })
}

/// What an escape sequence stands for.
pub(super) fn escape(source: &str) -> String {
    let Some(rest) = source.strip_prefix('\\') else { return source.to_owned() };
    let mut letters = rest.chars();
    let Some(kind) = letters.next() else { return String::new() };
    let tail = letters.as_str();
    let code = match kind {
        'n' => 0x0A,
        't' => 0x09,
        'r' => 0x0D,
        's' => 0x20,
        'e' => 0x1B,
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0C,
        'v' => 0x0B,
        '\n' => return String::new(),
        'x' => {
            return u32::from_str_radix(tail, 16).ok().and_then(char::from_u32).map(String::from).unwrap_or_default();
        }
        'u' => {
            let digits = tail.trim_start_matches('{').trim_end_matches('}');
            let codes = digits.split_whitespace().filter_map(|code| u32::from_str_radix(code, 16).ok());
            return codes.filter_map(char::from_u32).collect();
        }
        '0'..='7' => match u32::from_str_radix(rest, 8) {
            Ok(code) => code,
            Err(_) => return rest.to_owned(),
        },
        other => return other.to_string(),
    };
    char::from_u32(code).map(String::from).unwrap_or_default()
}

fn number<'a>(place: Span, source: &str) -> Expr<'a> {
    let text = source.replace('_', "").to_ascii_lowercase();
    let (digits, radix) = match text.get(..2) {
        Some("0x") => (&text[2..], 16),
        Some("0b") => (&text[2..], 2),
        Some("0o") => (&text[2..], 8),
        _ if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        _ => (text.as_str(), 10),
    };
    let kind = i64::from_str_radix(digits, radix).map_or(ExprKind::Null, ExprKind::Int);
    Expr { span: place, kind }
}
