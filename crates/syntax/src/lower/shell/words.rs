//! Words, expansions and redirections.

use tree_sitter::Node;

use super::{
    super::tree::{children, fields, literal, span},
    Shell, command,
};
use crate::ir::{Argument, BinaryOp, Expr, ExprKind, Slice, Span};

/// What the redirections of a statement say.
#[derive(Default)]
pub(super) struct Redirects<'a, 't> {
    /// What the command reads from.
    pub input: Option<Expr<'a>>,
    /// The file to which its output goes.
    pub output: Option<Expr<'a>>,
    /// `host:port` of a `/dev/tcp` connection.
    pub address: Option<Expr<'a>>,
    /// All output goes nowhere.
    pub silenced: bool,
    /// `> >(command)`.
    pub filter: Option<(Node<'t>, Span)>,
    /// Statements that the grammar hangs below a here-document (`cmd <<E && other`).
    pub after: Vec<Node<'t>>,
    /// And commands that read what the command prints (`cmd <<E | other`).
    pub piped: Option<Node<'t>>,
}

impl<'a> Shell<'a> {
    /// A simple command: its words, and what is known of its input.
    pub(super) fn command(
        &mut self,
        node: Node<'_>,
        input: Option<Expr<'a>>,
        mut named: Vec<Argument<'a>>,
    ) -> Expr<'a> {
        let place = span(node);
        let mut input = input;
        let mut words = Vec::new();
        let mut redirected = false;
        for (field, child) in fields(node) {
            match (field, child.kind()) {
                (Some("name"), _) => {
                    if let Some(name) = children(child).first() {
                        self.words_of(*name, &mut words);
                    }
                }
                (Some("argument"), _) => self.words_of(child, &mut words),
                (Some("redirect"), "file_redirect" | "herestring_redirect") => redirected = true,
                // Variables for this command alone: they are not followed, but their values are looked at.
                (_, "variable_assignment") => {
                    if let Some(value) = child.child_by_field_name("value") {
                        let value = self.word(value);
                        if literal(&value).is_none() {
                            named.push(Argument { name: Some("environment"), value });
                        }
                    }
                }
                (_, "subshell") => {
                    let value = self.output(&[child], span(child));
                    words.push(value);
                }
                _ => {}
            }
        }
        let redirects = if redirected { self.redirects(node) } else { Redirects::default() };
        input = redirects.input.or(input);
        if let Some(input) = input {
            named.push(Argument { name: Some("stdin"), value: input });
        }
        if self.detached {
            named.push(Argument { name: Some("detached"), value: self.truth(place) });
        }
        if redirects.silenced {
            named.push(Argument { name: Some("silenced"), value: self.truth(place) });
        }
        let value = command::build(&self.reader, place, words, named);
        self.redirect(place, value, &redirects)
    }

    /// A word, or the several words into which the shell splits it.
    fn words_of(&mut self, node: Node<'_>, into: &mut Vec<Expr<'a>>) {
        let text = self.reader.slice(node);
        let place = span(node);
        // `cat${IFS}file` and `{cat,file}` hide the blanks between words.
        if text.starts_with('{') && text.ends_with('}') && text.contains(',') && !text.contains(['$', '`']) {
            into.extend(text[1..text.len() - 1].split(',').map(|word| self.reader.text(place, word)));
            return;
        }
        if node.kind() == "concatenation" && text.contains("IFS") {
            let parts: Vec<_> = children(node).into_iter().map(|child| self.word(child)).collect();
            for word in parts.split(|part| matches!(part.kind, ExprKind::Name("IFS"))) {
                if !word.is_empty() {
                    into.push(self.reader.join(place, word));
                }
            }
            return;
        }
        let word = self.word(node);
        into.push(word);
    }

    /// A word as a value.
    pub(super) fn word(&mut self, node: Node<'_>) -> Expr<'a> {
        if !self.reader.enter() {
            return self.reader.opaque(span(node), &[]);
        }
        let value = self.word_within(node);
        self.reader.leave();
        value
    }

    fn word_within(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let source = self.reader.slice(node);
        match node.kind() {
            "word" | "number" | "extglob_pattern" | "regex" | "test_operator" | "heredoc_content" => {
                let parts = children(node);
                if parts.is_empty() { self.reader.text(place, &unescape(source, true)) } else { self.parts(node) }
            }
            "string_content" => self.reader.text(place, &unescape(source, false)),
            "raw_string" => self.reader.text(place, source.trim_start_matches('\'').trim_end_matches('\'')),
            "ansi_c_string" => {
                let inner = source.strip_prefix("$'").and_then(|rest| rest.strip_suffix('\'')).unwrap_or(source);
                self.reader.text(place, &unescape_ansi(inner))
            }
            "string" => self.string(node),
            "translated_string" | "concatenation" | "heredoc_body" | "brace_expression" => self.parts(node),
            "simple_expansion" | "variable_name" => {
                let name = children(node).first().map_or(source, |name| self.reader.slice(*name));
                self.variable(place, name)
            }
            "special_variable_name" => self.variable(place, source),
            "expansion" => self.expansion(node),
            "subscript" => self.subscript(node),
            "array" => {
                let items: Vec<_> = children(node).into_iter().map(|child| self.word(child)).collect();
                self.reader.list(place, &items)
            }
            "command_substitution" => {
                let inner = children(node);
                if let [only] = inner.as_slice()
                    && only.kind() == "file_redirect"
                {
                    // `$(< file)`.
                    return self.redirects(node).input.unwrap_or_else(|| self.reader.text(place, ""));
                }
                let before = self.input.take();
                let value = self.output(&inner, place);
                self.input = before;
                value
            }
            "process_substitution" => {
                let before = self.input.take();
                let value = self.output(&children(node), place);
                self.input = before;
                value
            }
            _ => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                if parts.is_empty() { self.reader.text(place, source) } else { self.reader.opaque(place, &parts) }
            }
        }
    }

    fn variable(&self, place: Span, name: &'a str) -> Expr<'a> {
        let value = self.reader.name(place, name);
        if name == "@" { Expr { span: place, kind: ExprKind::Spread(self.reader.place(value)) } } else { value }
    }

    /// The text between the named children belongs to a word too.
    fn parts(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut parts = Vec::new();
        let mut at = node.start_byte();
        for child in children(node) {
            self.between(at, child.start_byte(), &mut parts);
            let part = self.word(child);
            parts.push(part);
            at = child.end_byte();
        }
        self.between(at, node.end_byte(), &mut parts);
        self.reader.join(span(node), &parts)
    }

    fn between(&self, start: usize, end: usize, into: &mut Vec<Expr<'a>>) {
        if let Some(text) = self.reader.text.get(start..end).filter(|text| !text.is_empty()) {
            into.push(self.reader.text(Span { start: start as u32, end: end as u32 }, &unescape(text, true)));
        }
    }

    /// A double-quoted text. The grammar leaves out blanks between its parts.
    fn string(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut parts = Vec::new();
        let mut at = node.start_byte() + 1;
        let end = node.end_byte().max(at + 1) - 1;
        for child in children(node) {
            if let Some(text) = self.reader.text.get(at..child.start_byte()).filter(|text| !text.is_empty()) {
                parts.push(self.reader.text(span(child), text));
            }
            let part = self.word(child);
            match (children(node).len(), part.kind) {
                // `"$@"` alone stays the list that it is.
                (1, ExprKind::Spread(_)) if end == child.end_byte() && at == child.start_byte() => return part,
                (_, ExprKind::Spread(inner)) => parts.push(*inner),
                _ => parts.push(part),
            }
            at = child.end_byte();
        }
        if let Some(text) = self.reader.text.get(at..end).filter(|text| !text.is_empty()) {
            parts.push(self.reader.text(span(node), text));
        }
        match parts.as_slice() {
            [one] => *one,
            _ => self.reader.join(span(node), &parts),
        }
    }

    fn subscript(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let Some(name) = node.child_by_field_name("name") else { return self.reader.opaque(place, &[]) };
        let list = self.reader.name(span(name), self.reader.slice(name));
        let Some(index) = node.child_by_field_name("index") else { return list };
        let text = self.reader.slice(index);
        if text == "@" || text == "*" {
            return Expr { span: place, kind: ExprKind::Spread(self.reader.place(list)) };
        }
        let index = match text.parse() {
            Ok(number) => Expr { span: span(index), kind: ExprKind::Int(number) },
            Err(_) => self.word(index),
        };
        Expr { span: place, kind: ExprKind::Index(self.reader.place(list), self.reader.place(index)) }
    }

    /// `${...}`.
    fn expansion(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let source = self.reader.slice(node);
        let parts = children(node);
        let Some((first, rest)) = parts.split_first() else { return self.reader.text(place, source) };
        let value = self.word(*first);
        let inner = source.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or_default();
        let after = inner.get(first.end_byte().saturating_sub(node.start_byte() + 2)..).unwrap_or_default();
        if inner.starts_with(['!', '#']) && inner.len() > 1 {
            return self.reader.opaque(place, &[value]);
        }
        let rest: Vec<_> = rest.iter().map(|part| self.word(*part)).collect();
        if after.is_empty() {
            return value;
        }
        if let Some(numbers) =
            after.strip_prefix(':').filter(|text| text.starts_with(|one: char| one.is_ascii_digit() || one == ' '))
            && let Some(slice) = self.substring(value, numbers, place)
        {
            return slice;
        }
        if after.starts_with([':', '-', '=', '+', '?'])
            && let Some(default) = rest.last()
        {
            return self.reader.binary(place, BinaryOp::Coalesce, value, *default);
        }
        if let Some(pattern) = after.strip_prefix('/') {
            let all = pattern.starts_with('/');
            let pattern = pattern.trim_start_matches('/');
            if !pattern.contains(['$', '`', '*', '?', '[', '\\']) {
                let (from, to) = pattern.split_once('/').unwrap_or((pattern, ""));
                let name = if all { "replace-all" } else { "replace-first" };
                let (from, to) = (self.reader.text(place, from), self.reader.text(place, to));
                return self.reader.call_name(place, name, &[value, from, to]);
            }
        }
        let mut all = vec![value];
        all.extend(rest);
        self.reader.opaque(place, &all)
    }

    /// `${name:start:length}`.
    fn substring(&self, object: Expr<'a>, numbers: &str, place: Span) -> Option<Expr<'a>> {
        let mut numbers = numbers.split(':').map(|number| number.trim().parse::<i64>().ok());
        let start = numbers.next()??;
        let int = |number| Some(Expr { span: place, kind: ExprKind::Int(number) });
        let stop = match numbers.next() {
            None => None,
            Some(Some(length)) if length >= 0 => int(start.saturating_add(length)),
            Some(_) => return None,
        };
        let slice = Slice { object, start: int(start), stop, step: None };
        Some(Expr { span: place, kind: ExprKind::Slice(self.reader.place(slice)) })
    }

    /// The redirections among a node's children.
    pub(super) fn redirects<'t>(&mut self, node: Node<'t>) -> Redirects<'a, 't> {
        let mut found = Redirects::default();
        for child in children(node) {
            match child.kind() {
                "file_redirect" => self.file_redirect(child, &mut found),
                "herestring_redirect" => {
                    let text = children(child).into_iter().rfind(|part| part.kind() != "file_descriptor");
                    found.input = text.map(|text| self.word(text));
                }
                "heredoc_redirect" => self.heredoc(child, &mut found),
                _ => {}
            }
        }
        found
    }

    fn file_redirect<'t>(&mut self, node: Node<'t>, found: &mut Redirects<'a, 't>) {
        let Some(target) = node.child_by_field_name("destination") else { return };
        let place = span(node);
        let operator = fields(node)
            .iter()
            .map(|(_, child)| child.kind())
            .find(|kind| kind.contains(['<', '>']))
            .unwrap_or_default();
        let descriptor = node.child_by_field_name("descriptor").map(|descriptor| self.reader.slice(descriptor));
        let text = self.reader.slice(target).trim_matches(['"', '\'']);
        if let Some(address) = text.strip_prefix("/dev/tcp/").or_else(|| text.strip_prefix("/dev/udp/")) {
            let value = self.word(target);
            let address = self.address(place, value, address);
            if let Some(number) = descriptor.filter(|_| command::is_cheap(&address)) {
                self.sockets.push((number, address));
            }
            found.address = Some(address);
            return;
        }
        if let Some((_, address)) = self.sockets.iter().rfind(|(number, _)| *number == text) {
            found.address = Some(*address);
            return;
        }
        if target.kind() == "process_substitution" && operator.contains('>') {
            found.filter = Some((target, span(target)));
            return;
        }
        match operator {
            "<" => {
                let value = self.word(target);
                found.input = Some(if target.kind() == "process_substitution" {
                    value
                } else {
                    let path = Argument { name: Some("path"), value };
                    self.reader.call(place, self.reader.name(place, "cat"), &[path])
                });
            }
            ">" | ">>" | "&>" | "&>>" | ">|" | ">&" => {
                let is_copy = operator == ">&" && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                if is_copy || descriptor.is_some_and(|number| number != "1") {
                } else if text == "/dev/null" {
                    found.silenced = true;
                } else if !matches!(text, "/dev/stderr" | "/dev/stdout" | "/dev/tty") {
                    found.output = Some(self.word(target));
                }
            }
            _ => {}
        }
    }

    /// `host:port` of `/dev/tcp/host/port`.
    fn address(&self, place: Span, value: Expr<'a>, address: &str) -> Expr<'a> {
        if literal(&value).is_some() {
            let mut parts = address.splitn(2, '/');
            let (host, port) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            return self.reader.text(place, &format!("{host}:{port}"));
        }
        let ExprKind::Join(parts) = value.kind else { return value };
        let mut parts = parts.to_vec();
        if let Some(Expr { kind: ExprKind::Text(text), span }) = parts.first().copied() {
            let rest = text.trim_start_matches("/dev/tcp/").trim_start_matches("/dev/udp/");
            parts[0] = self.reader.text(span, rest);
        }
        for part in &mut parts {
            if let ExprKind::Text(text) = part.kind {
                *part = self.reader.text(part.span, &text.replace('/', ":"));
            }
        }
        self.reader.join(place, &parts)
    }

    /// A here-document: its text is the input. What stands behind it on its line hangs below it in the tree.
    fn heredoc<'t>(&mut self, node: Node<'t>, found: &mut Redirects<'a, 't>) {
        for (field, child) in fields(node) {
            match (field, child.kind()) {
                (_, "heredoc_body") => {
                    let raw = children(node)
                        .first()
                        .is_some_and(|start| self.reader.slice(*start).contains(['"', '\'', '\\']));
                    let text = self.reader.slice(child);
                    found.input = Some(if raw { self.reader.text(span(child), text) } else { self.parts(child) });
                }
                (_, "file_redirect") => self.file_redirect(child, found),
                (Some("right"), _) => found.after.push(child),
                (_, "pipeline") => found.piped = Some(child),
                _ => {}
            }
        }
    }
}

/// Takes the backslashes out of a word. In a double-quoted text only some of them count.
fn unescape(text: &str, bare: bool) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        if one != '\\' {
            plain.push(one);
            continue;
        }
        match rest.next() {
            Some('\n') => {}
            Some(next) if bare || matches!(next, '$' | '`' | '"' | '\\') => plain.push(next),
            Some(next) => plain.extend(['\\', next]),
            None => plain.push('\\'),
        }
    }
    plain
}

/// Resolves the escapes of `$'...'` and of `printf` and `echo -e`.
pub(crate) fn unescape_ansi(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let [kind, tail @ ..] = rest else {
            bytes.push(b'\\');
            break;
        };
        rest = tail;
        let number = |radix: u32, most: usize, at: &mut &[u8]| {
            let digits = at.iter().take(most).take_while(|byte| (**byte as char).is_digit(radix)).count();
            let value = std::str::from_utf8(&at[..digits]).ok().and_then(|text| u32::from_str_radix(text, radix).ok());
            *at = &at[digits..];
            value.unwrap_or_default()
        };
        match kind {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'e' | b'E' => bytes.push(0x1B),
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'x' => bytes.push(number(16, 2, &mut rest) as u8),
            b'u' | b'U' => {
                let code = number(16, if *kind == b'u' { 4 } else { 8 }, &mut rest);
                let one = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                bytes.extend(one.to_string().bytes());
            }
            b'0'..=b'7' => {
                let mut whole = Vec::from([*kind]);
                whole.extend(rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).copied());
                let most = if *kind == b'0' { 4 } else { 3 };
                whole.truncate(most);
                rest = &rest[whole.len() - 1..];
                let mut all = whole.as_slice();
                bytes.push(number(8, most, &mut all) as u8);
            }
            other => {
                if !matches!(other, b'\\' | b'\'' | b'"' | b'?') {
                    bytes.push(b'\\');
                }
                bytes.push(*other);
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
