//! Macros. The grammar leaves their arguments as tokens: chains of names, calls and literals among them are put together again.

use tree_sitter::Node;

use super::{
    super::tree::{fields, literal, span},
    Source, last_segment,
};
use crate::ir::{Argument, Expr, ExprKind, Span};

impl<'a> Source<'a> {
    pub(super) fn macro_call(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let name =
            node.child_by_field_name("macro").map(|name| last_segment(self.reader.slice(name))).unwrap_or_default();
        let tree = fields(node).into_iter().map(|(_, child)| child).find(|child| child.kind() == "token_tree");
        let parts = tree.map(|tree| self.tokens(tree)).unwrap_or_default();
        self.macro_of(place, name, &parts)
    }

    fn macro_of(&self, place: Span, name: &'a str, parts: &[Expr<'a>]) -> Expr<'a> {
        match name {
            "format" | "format_args" | "formatcp" => self.format(place, parts),
            "concat" => self.reader.join(place, parts),
            "vec" | "matches" => self.reader.list(place, parts),
            "env" | "option_env" => match parts.first() {
                Some(variable) => {
                    let environment = self.reader.name(place, "environ");
                    Expr {
                        span: place,
                        kind: ExprKind::Index(self.reader.place(environment), self.reader.place(*variable)),
                    }
                }
                None => self.reader.opaque(place, &[]),
            },
            // What is printed for cargo, or for people, goes nowhere.
            "print" | "println" | "eprint" | "eprintln" | "debug" | "info" | "warn" | "error" | "trace" | "assert"
            | "assert_eq" | "debug_assert" | "panic" | "todo" | "unreachable" | "bail" | "ensure" => {
                self.reader.opaque(place, parts)
            }
            _ => {
                let name = self.reader.arena.alloc_str(&format!("{name}!"));
                self.reader.call_name(place, name, parts)
            }
        }
    }

    /// `format!("a {} {name}", x)`.
    fn format(&self, place: Span, parts: &[Expr<'a>]) -> Expr<'a> {
        let Some((first, rest)) = parts.split_first() else { return self.reader.text(place, "") };
        let Some(template) = literal(first) else { return self.reader.opaque(place, parts) };
        let mut rest = rest.iter().filter(|part| !matches!(part.kind, ExprKind::Assign(_)));
        let named = |name: &str| {
            parts.iter().find_map(|part| match part.kind {
                ExprKind::Assign(assign) if matches!(assign.target.kind, ExprKind::Name(own) if own == name) => {
                    Some(assign.value)
                }
                _ => None,
            })
        };
        let mut made = Vec::new();
        let mut text = template;
        while let Some(at) = text.find(['{', '}']) {
            made.push(self.reader.text(place, &text[..at]));
            let mark = &text[at..=at];
            if text[at + 1..].starts_with(mark) {
                made.push(self.reader.text(place, mark));
                text = &text[at + 2..];
                continue;
            }
            let Some(end) = text[at..].find('}') else { break };
            let inside = &text[at + 1..(at + end).max(at + 1)];
            let name = inside.split(':').next().unwrap_or_default().trim();
            made.push(match name.parse::<usize>() {
                _ if name.is_empty() => rest.next().copied().unwrap_or_else(|| self.reader.opaque(place, &[])),
                Ok(number) => parts.get(number + 1).copied().unwrap_or_else(|| self.reader.opaque(place, &[])),
                Err(_) => named(name).unwrap_or_else(|| self.reader.name(place, self.reader.arena.alloc_str(name))),
            });
            text = &text[at + end + 1..];
        }
        made.push(self.reader.text(place, text));
        self.reader.join(place, &made)
    }

    /// The arguments among the tokens of a macro, split at commas and semicolons.
    pub(super) fn tokens(&mut self, tree: Node<'_>) -> Vec<Expr<'a>> {
        if !self.reader.enter() {
            return Vec::new();
        }
        let tokens: Vec<Node<'_>> = fields(tree).into_iter().map(|(_, token)| token).collect();
        let inner = tokens.get(1..tokens.len().saturating_sub(1)).unwrap_or_default();
        let mut found = Vec::new();
        for part in inner.split(|token| matches!(token.kind(), "," | ";")) {
            if !part.is_empty() {
                let value = self.token_value(part);
                found.push(value);
            }
        }
        self.reader.leave();
        found
    }

    /// `name = value` and chains. Several chains side by side are parts of something that is not followed.
    fn token_value(&mut self, tokens: &[Node<'_>]) -> Expr<'a> {
        let place = Span {
            start: tokens.first().map_or(0, |token| token.start_byte()) as u32,
            end: tokens.last().map_or(0, |token| token.end_byte()) as u32,
        };
        if let [name, sign, rest @ ..] = tokens
            && name.kind() == "identifier"
            && sign.kind() == "="
            && !rest.is_empty()
        {
            let target = self.reader.name(span(*name), self.reader.slice(*name));
            let value = self.token_value(rest);
            let assign = self.reader.assign(target, None, value, true);
            return Expr { span: place, kind: ExprKind::Assign(assign) };
        }
        let mut chains = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            match self.chain(tokens, &mut at) {
                Some(value) => chains.push(value),
                None => at += 1,
            }
        }
        match chains.as_slice() {
            [one] => *one,
            _ => self.reader.opaque(place, &chains),
        }
    }

    /// `a::b(c).d(e)?` from a token on.
    fn chain(&mut self, tokens: &[Node<'_>], at: &mut usize) -> Option<Expr<'a>> {
        let first = *tokens.get(*at)?;
        let place = span(first);
        let mut value = match first.kind() {
            "identifier" | "self" | "crate" | "primitive_type" => self.reader.name(place, self.reader.slice(first)),
            "string_literal" | "raw_string_literal" | "char_literal" | "integer_literal" | "boolean_literal" => {
                self.value(first)
            }
            "token_tree" => {
                let parts = self.tokens(first);
                match parts.as_slice() {
                    [one] => *one,
                    _ => self.reader.list(place, &parts),
                }
            }
            _ => return None,
        };
        *at += 1;
        while let Some(token) = tokens.get(*at) {
            let next = tokens.get(*at + 1);
            match (token.kind(), next.map(|next| next.kind())) {
                ("." | "::", Some("identifier")) => {
                    if let Some(next) = next {
                        value = self.reader.member(place, value, self.reader.slice(*next));
                    }
                    *at += 2;
                }
                ("!", Some("token_tree")) => {
                    let ExprKind::Name(name) = value.kind else { break };
                    let parts = next.map(|next| self.tokens(*next)).unwrap_or_default();
                    value = self.macro_of(place, name, &parts);
                    *at += 2;
                }
                ("?", _) => *at += 1,
                ("token_tree", _) if self.reader.slice(*token).starts_with('(') => {
                    let arguments: Vec<_> =
                        self.tokens(*token).into_iter().map(|value| Argument { name: None, value }).collect();
                    value = self.reader.call(place, value, &arguments);
                    *at += 1;
                }
                _ => break,
            }
        }
        Some(value)
    }
}
