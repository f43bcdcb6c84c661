//! Text literals of the second parser's tree, whose escapes we resolve ourselves.

use tree_sitter::Node;

use super::{Builder, fallback::parts};
use crate::ir::{Expr, ExprKind, Span};

impl<'a> Builder<'a> {
    /// One literal: a text, bytes, or the parts of an f-string.
    pub(super) fn node_string(&mut self, node: Node) -> ExprKind<'a> {
        let children = parts(node);
        let prefix = children.first().filter(|first| first.kind() == "string_start");
        let prefix = prefix.map(|start| self.text[start.byte_range()].to_ascii_lowercase()).unwrap_or_default();
        let raw = prefix.contains('r');
        if prefix.contains('b') {
            let content: String = children
                .iter()
                .filter(|one| one.kind() == "string_content")
                .map(|one| &self.text[one.byte_range()])
                .collect();
            let bytes = if raw { content.into_bytes() } else { unescape_bytes(&content) };
            return ExprKind::Bytes(self.arena.alloc_slice_copy(&bytes));
        }
        let formatted = prefix.contains('f') || prefix.contains('t');
        let mut pieces = Vec::new();
        for child in children {
            let at = Span { start: child.start_byte() as u32, end: child.end_byte() as u32 };
            match child.kind() {
                "string_content" => {
                    pieces.push(Expr { span: at, kind: ExprKind::Text(self.content(child, raw, formatted)) })
                }
                "interpolation" => pieces.push(match child.child_by_field_name("expression") {
                    Some(inner) => self.node(inner),
                    None => Expr { span: at, kind: ExprKind::Opaque(&[]) },
                }),
                _ => {}
            }
        }
        match pieces.as_slice() {
            [] => ExprKind::Text(""),
            [Expr { kind: ExprKind::Text(text), .. }] => ExprKind::Text(text),
            _ => ExprKind::Join(self.arena.alloc_slice_copy(&pieces)),
        }
    }

    /// Literals that stand side by side.
    pub(super) fn node_strings(&mut self, node: Node) -> ExprKind<'a> {
        let mut pieces = Vec::new();
        let mut bytes: Vec<u8> = Vec::new();
        for child in parts(node) {
            let at = Span { start: child.start_byte() as u32, end: child.end_byte() as u32 };
            match self.node_string(child) {
                ExprKind::Bytes(more) => bytes.extend_from_slice(more),
                ExprKind::Join(more) => pieces.extend_from_slice(more),
                kind => pieces.push(Expr { span: at, kind }),
            }
        }
        if pieces.is_empty() {
            return ExprKind::Bytes(self.arena.alloc_slice_copy(&bytes));
        }
        let texts: Option<String> = pieces
            .iter()
            .map(|piece| match piece.kind {
                ExprKind::Text(text) => Some(text),
                _ => None,
            })
            .collect();
        match texts {
            Some(text) => ExprKind::Text(self.arena.alloc_str(&text)),
            None => ExprKind::Join(self.arena.alloc_slice_copy(&pieces)),
        }
    }

    fn content(&mut self, node: Node, raw: bool, formatted: bool) -> &'a str {
        let text = self.text;
        let plain = &text[node.byte_range()];
        let braces = formatted && (plain.contains("{{") || plain.contains("}}"));
        if !braces && (raw || !plain.contains('\\')) {
            return plain;
        }
        let text = if raw { plain.to_owned() } else { unescape_text(plain) };
        let text = if braces { text.replace("{{", "{").replace("}}", "}") } else { text };
        self.arena.alloc_str(&text)
    }
}

/// Resolves the escapes of a text literal.
fn unescape_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(first) = rest.chars().next() else {
            out.push('\\');
            break;
        };
        let digits = match first {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = rest.get(1..1 + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            match code {
                Some(code) => {
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    rest = &rest[1 + digits..];
                }
                None => out.push('\\'),
            }
            continue;
        }
        let (character, used) = simple_escape(rest);
        match character {
            Some(code) => out.extend(char::from_u32(code)),
            None if used == 0 => out.push('\\'),
            None => {}
        }
        rest = &rest[used..];
    }
    out.push_str(rest);
    out
}

/// Resolves the escapes of a byte string literal.
fn unescape_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let hex = rest.strip_prefix('x').and_then(|rest| rest.get(..2));
        if let Some(byte) = hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            out.push(byte);
            rest = &rest[3..];
            continue;
        }
        let (character, used) = simple_escape(rest);
        match character {
            Some(code) => out.push(code as u8),
            None if used == 0 => out.push(b'\\'),
            None => {}
        }
        rest = &rest[used..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// What stands behind a backslash: the character, if it makes one, and how many bytes of the text were used.
fn simple_escape(rest: &str) -> (Option<u32>, usize) {
    let octal = rest.bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    if octal > 0 {
        return (u32::from_str_radix(&rest[..octal], 8).ok(), octal);
    }
    if rest.starts_with("\r\n") {
        return (None, 2);
    }
    match rest.bytes().next() {
        Some(b'\n' | b'\r') => (None, 1),
        Some(byte @ (b'\\' | b'\'' | b'"')) => (Some(byte.into()), 1),
        Some(b'n') => (Some(10), 1),
        Some(b't') => (Some(9), 1),
        Some(b'r') => (Some(13), 1),
        Some(b'a') => (Some(7), 1),
        Some(b'b') => (Some(8), 1),
        Some(b'f') => (Some(12), 1),
        Some(b'v') => (Some(11), 1),
        _ => (None, 0),
    }
}
