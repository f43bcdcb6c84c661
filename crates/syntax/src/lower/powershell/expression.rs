//! Expressions: operators, members, groups.

use tree_sitter::Node;

use super::{
    super::tree::{children, fields, literal, span},
    Script,
    literal::{constant, here, number, operator, unescape},
};
use crate::ir::{Argument, Call, Expr, ExprKind, Span, UnaryOp};

impl<'a> Script<'a> {
    /// The value of an expression, pipeline or command.
    pub(super) fn value(&mut self, node: Node<'_>) -> Expr<'a> {
        // Every operand stands below a dozen levels of precedence: those of one child are skipped.
        let mut node = node;
        while is_level(node.kind()) && node.child_count() == 1 {
            match node.child(0) {
                Some(inner) => node = inner,
                None => break,
            }
        }
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
            "pipeline" | "pipeline_chain" => self.pipeline(node),
            "command" => self.command(node, None),
            "variable" | "braced_variable" => self.variable(place, source),
            "string_literal" => match children(node).first() {
                Some(inner) => self.value(*inner),
                None => self.reader.text(place, ""),
            },
            "verbatim_string_characters" => self.reader.text(place, &source.trim_matches('\'').replace("''", "'")),
            "verbatim_here_string_characters" => self.reader.text(place, here(source)),
            "expandable_string_literal" | "expandable_here_string_literal" => self.expandable(node),
            "command_name" if node.named_child_count() > 0 => match children(node).as_slice() {
                [one] if one.byte_range() == node.byte_range() => self.value(*one),
                _ => self.expandable(node),
            },
            "generic_token" | "path_command_name" | "path_command_name_token" => self.bare_word(place, source),
            "simple_name" | "command_name" | "type_identifier" => self.reader.text(place, &source.replace('`', "")),
            "decimal_integer_literal" | "hexadecimal_integer_literal" | "integer_literal" | "real_literal" => {
                number(place, source)
            }
            "parenthesized_expression" | "sub_expression" | "array_expression" | "statement_list" => self.group(node),
            "array_literal_expression" | "argument_expression_list" => {
                let items: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                match items.as_slice() {
                    [one] => *one,
                    _ => self.reader.list(place, &items),
                }
            }
            "hash_literal_expression" => self.hash(node),
            "script_block_expression" | "script_block" => match self.function(node) {
                Some(function) => Expr { span: place, kind: ExprKind::Function(function) },
                None => self.reader.opaque(place, &[]),
            },
            "member_access" => self.member_access(node),
            "invokation_expression" => self.invocation(node),
            "element_access" => self.element(node),
            "type_literal" => self.type_name(node),
            "cast_expression" => self.cast(node),
            "expression_with_unary_operator" => self.unary(node),
            "assignment_expression" => {
                let mut body = Vec::new();
                self.assignment(node, &mut body);
                match body.last().map(|stmt| stmt.kind) {
                    Some(crate::ir::StmtKind::Assign(assign)) => Expr { span: place, kind: ExprKind::Assign(assign) },
                    _ => self.reader.opaque(place, &[]),
                }
            }
            kind if is_level(kind) && node.child_count() >= 2 => self.operation(node),
            _ => {
                let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
                self.reader.opaque(place, &parts)
            }
        }
    }

    /// `a | b | c`, and a redirection behind it.
    fn pipeline(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let mut input: Option<Expr<'a>> = None;
        let mut before = Vec::new();
        for part in children(node) {
            match part.kind() {
                // `a && b`.
                "pipeline_chain_tail" => before.extend(input.take()),
                "command" => input = Some(self.command(part, input)),
                "redirections" => input = input.map(|value| self.redirect(part, value)),
                "pipeline_chain" => {
                    before.extend(input.take());
                    input = Some(self.value(part));
                }
                _ => input = Some(self.value(part)),
            }
        }
        before.extend(input);
        match before.as_slice() {
            [] => self.reader.opaque(place, &[]),
            all => self.reader.sequence(place, all),
        }
    }

    pub(super) fn redirect(&mut self, node: Node<'_>, value: Expr<'a>) -> Expr<'a> {
        let place = span(node);
        let mut target = None;
        let mut pending = vec![node];
        while let Some(part) = pending.pop() {
            if part.kind() == "redirected_file_name" {
                target = children(part)
                    .into_iter()
                    .find(|part| part.kind() != "command_argument_sep")
                    .map(|part| self.value(part));
            } else {
                pending.extend(children(part));
            }
        }
        let Some(path) = target.filter(|path| literal(path) != Some("$null")) else { return value };
        let path = Argument { name: Some("filepath"), value: path };
        let input = Argument { name: Some("stdin"), value };
        self.reader.call(place, self.reader.name(place, "out-file"), &[path, input])
    }

    pub(super) fn variable(&self, place: Span, source: &str) -> Expr<'a> {
        let plain = source.trim_start_matches(['$', '@', '{']).trim_end_matches('}').to_ascii_lowercase();
        let kind = match plain.as_str() {
            "null" => ExprKind::Null,
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            _ => {
                let scoped = plain.split_once(':');
                if let Some(("env", _)) = scoped {
                    let name = source.split_once(':').map_or("", |(_, name)| name).trim_end_matches('}');
                    let index = self.reader.text(place, name);
                    let environment = self.reader.name(place, "environ");
                    ExprKind::Index(self.reader.place(environment), self.reader.place(index))
                } else {
                    let name = match scoped {
                        Some(("script" | "global" | "local" | "private" | "using", name)) => name,
                        _ => &plain,
                    };
                    ExprKind::Name(self.reader.arena.alloc_str(&format!("${name}")))
                }
            }
        };
        Expr { span: place, kind }
    }

    /// `"text $name $(code)"`.
    fn expandable(&mut self, node: Node<'_>) -> Expr<'a> {
        let source = self.reader.slice(node);
        let here_string = node.kind() == "expandable_here_string_literal";
        let (skip, end) = if here_string {
            let inner = here(source);
            let skip = inner.as_ptr() as usize - source.as_ptr() as usize;
            (skip, skip + inner.len())
        } else if source.starts_with('"') {
            (1, source.len().saturating_sub(1).max(1))
        } else {
            (0, source.len())
        };
        let (mut at, end) = (node.start_byte() + skip, node.start_byte() + end);
        let mut parts = Vec::new();
        for child in children(node) {
            if let Some(text) = self.reader.text.get(at..child.start_byte()).filter(|text| !text.is_empty()) {
                parts.push(self.reader.text(span(child), &unescape(text)));
            }
            parts.push(self.value(child));
            at = child.end_byte();
        }
        if let Some(text) = self.reader.text.get(at..end).filter(|text| !text.is_empty()) {
            parts.push(self.reader.text(span(node), &unescape(text)));
        }
        self.reader.join(span(node), &parts)
    }

    /// A word without quotes: the grammar does not look for variables in it.
    pub(super) fn bare_word(&self, place: Span, source: &str) -> Expr<'a> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some(start) = rest.find('$') {
            let name = &rest[start + 1..];
            let length = match name.strip_prefix('{') {
                Some(inner) => inner.find('}').map_or(0, |end| end + 2),
                None => {
                    name.find(|one: char| !(one.is_alphanumeric() || one == '_' || one == ':')).unwrap_or(name.len())
                }
            };
            if length == 0 {
                break;
            }
            parts.push(self.reader.text(place, &rest[..start].replace('`', "")));
            parts.push(self.variable(place, &rest[start..start + 1 + length]));
            rest = &rest[start + 1 + length..];
        }
        parts.push(self.reader.text(place, &rest.replace('`', "")));
        self.reader.join(place, &parts)
    }

    /// `(...)`, `$(...)`, `@(...)`.
    fn group(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let inner: Vec<_> = children(node)
            .into_iter()
            .flat_map(|child| if child.kind() == "statement_list" { children(child) } else { vec![child] })
            .filter(|child| child.kind() != "empty_statement")
            .collect();
        if let [one] = inner.as_slice()
            && (one.kind() == "pipeline" || one.kind().ends_with("expression"))
        {
            let value = self.value(*one);
            let lists =
                node.kind() == "array_expression" && !matches!(value.kind, ExprKind::List(_) | ExprKind::Call(_));
            return if lists { self.reader.list(place, &[value]) } else { value };
        }
        if inner.is_empty() {
            return self.reader.list(place, &[]);
        }
        // Several statements: a function that is called on the spot.
        let mut body = Vec::new();
        for child in inner {
            self.statement(child, &mut body);
        }
        if let Some(last) = body.last_mut()
            && let crate::ir::StmtKind::Expr(value) = last.kind
        {
            last.kind = crate::ir::StmtKind::Return(Some(value));
        }
        let function = self.reader.function(place, "", &[], &body);
        self.reader.call(place, Expr { span: place, kind: ExprKind::Function(function) }, &[])
    }

    fn hash(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let mut pairs = Vec::new();
        for entry in children(node).into_iter().flat_map(children).filter(|entry| entry.kind() == "hash_entry") {
            let parts = children(entry);
            let [key, value, ..] = parts.as_slice() else { continue };
            let key = match children(*key).first() {
                Some(inner) if inner.kind() == "simple_name" => {
                    let name = self.lower_case(self.reader.slice(*inner));
                    self.reader.text(span(*inner), name)
                }
                Some(inner) => self.value(*inner),
                None => continue,
            };
            let value = self.value(*value);
            pairs.push((key, value));
        }
        Expr { span: place, kind: ExprKind::Map(self.reader.arena.alloc_slice_copy(&pairs)) }
    }

    fn member_name(&mut self, node: Node<'_>) -> Result<&'a str, Expr<'a>> {
        let inner = children(node);
        match inner.first() {
            Some(name) if name.kind() == "simple_name" => Ok(self.lower_case(self.reader.slice(*name))),
            Some(name) => {
                let value = self.value(*name);
                match constant(&value) {
                    Some(text) => Ok(self.lower_case(&text)),
                    None => Err(value),
                }
            }
            None => Ok(self.lower_case(self.reader.slice(node))),
        }
    }

    /// `object.name`, `[type]::name`.
    fn member_access(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let parts = children(node);
        let (Some(object), Some(name)) = (parts.first(), parts.iter().find(|part| part.kind() == "member_name")) else {
            let parts: Vec<_> = parts.into_iter().map(|child| self.value(child)).collect();
            return self.reader.opaque(place, &parts);
        };
        let object = self.value(*object);
        match self.member_name(*name) {
            Ok(name) => self.reader.member(place, object, name),
            Err(index) => {
                Expr { span: place, kind: ExprKind::Index(self.reader.place(object), self.reader.place(index)) }
            }
        }
    }

    /// `object.method(arguments)`.
    fn invocation(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let callee = self.member_access(node);
        let mut arguments = Vec::new();
        for part in children(node) {
            if part.kind() == "argument_list" {
                arguments = self.arguments(part);
            } else if part.kind() == "script_block_expression" {
                let value = self.value(part);
                arguments.push(Argument { name: None, value });
            }
        }
        self.call(place, callee, arguments)
    }

    /// A call of a member. `[type]::new(...)` makes an object.
    pub(super) fn call(&mut self, place: Span, callee: Expr<'a>, arguments: Vec<Argument<'a>>) -> Expr<'a> {
        if let ExprKind::Member(object, "new") = callee.kind {
            let call =
                Call { callee: *object, arguments: self.reader.arena.alloc_slice_copy(&arguments), construct: true };
            return Expr { span: place, kind: ExprKind::Call(self.reader.place(call)) };
        }
        self.reader.call(place, callee, &arguments)
    }

    pub(super) fn arguments(&mut self, node: Node<'_>) -> Vec<Argument<'a>> {
        let mut values = Vec::new();
        for part in children(node) {
            if part.kind() == "argument_expression_list" {
                for child in children(part) {
                    let value = self.value(child);
                    values.push(Argument { name: None, value });
                }
            } else {
                let value = self.value(part);
                values.push(Argument { name: None, value });
            }
        }
        values
    }

    fn element(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
        match parts.as_slice() {
            [object, index] => {
                Expr { span: place, kind: ExprKind::Index(self.reader.place(*object), self.reader.place(*index)) }
            }
            _ => self.reader.opaque(place, &parts),
        }
    }

    /// `[System.Net.WebClient]` as the name `net.webclient`.
    fn type_name(&mut self, node: Node<'_>) -> Expr<'a> {
        let source = self.reader.slice(node);
        self.named_type(span(node), source.trim_matches(['[', ']', ' ']))
    }

    pub(super) fn named_type(&self, place: Span, name: &str) -> Expr<'a> {
        let name = self.lower_case(name);
        let name = name.strip_prefix("system.").unwrap_or(name);
        let mut parts = name.split('.');
        let mut value = self.reader.name(place, parts.next().unwrap_or_default());
        for part in parts.take(16) {
            value = self.reader.member(place, value, part);
        }
        value
    }

    /// `[char]65` as a call of the type.
    fn cast(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let parts = children(node);
        let [kind, .., value] = parts.as_slice() else { return self.reader.opaque(place, &[]) };
        let source = self.reader.slice(*kind);
        let name = source.trim().trim_start_matches('[');
        let name = self.lower_case(name.strip_suffix(']').unwrap_or(name));
        let name = name.strip_prefix("system.").unwrap_or(name);
        let value = self.value(*value);
        self.reader.call(place, self.reader.name(place, name), &[Argument { name: None, value }])
    }

    fn unary(&mut self, node: Node<'_>) -> Expr<'a> {
        let place = span(node);
        let Some(inner) = children(node).into_iter().next_back() else { return self.reader.opaque(place, &[]) };
        let operator =
            self.reader.text.get(node.start_byte()..inner.start_byte()).unwrap_or_default().trim().to_ascii_lowercase();
        let value = self.value(inner);
        let kind = match operator.as_str() {
            "" => return value,
            "-not" | "!" => ExprKind::Unary(UnaryOp::Not, self.reader.place(value)),
            "-bnot" => ExprKind::Unary(UnaryOp::BitNot, self.reader.place(value)),
            "-" => match value.kind {
                ExprKind::Int(number) => ExprKind::Int(number.wrapping_neg()),
                _ => ExprKind::Unary(UnaryOp::Negate, self.reader.place(value)),
            },
            "+" => ExprKind::Unary(UnaryOp::Plus, self.reader.place(value)),
            "," => ExprKind::List(self.reader.arena.alloc_slice_copy(&[value])),
            "-join" | "-split" => {
                let name = if operator == "-join" { "-join" } else { "-split" };
                return self.reader.call_name(place, name, &[value]);
            }
            _ => ExprKind::Opaque(self.reader.arena.alloc_slice_copy(&[value])),
        };
        Expr { span: place, kind }
    }

    /// `a + b + c`, however long: the operands are taken from the left.
    fn operation(&mut self, node: Node<'_>) -> Expr<'a> {
        let mut rights = Vec::new();
        let mut left = node;
        while is_level(left.kind()) && left.child_count() >= 2 {
            let parts: Vec<_> =
                fields(left).into_iter().map(|(_, part)| part).filter(|part| part.kind() != "comment").collect();
            let [first, operator, last] = parts.as_slice() else { break };
            rights.push((*operator, *last));
            left = *first;
        }
        if rights.is_empty() {
            let parts: Vec<_> = children(node).into_iter().map(|child| self.value(child)).collect();
            return self.reader.opaque(span(node), &parts);
        }
        let mut value = self.value(left);
        for (sign, right) in rights.into_iter().rev() {
            let place = Span { start: value.span.start, end: right.end_byte() as u32 };
            let text = self.reader.slice(sign).to_ascii_lowercase();
            let right = self.value(right);
            value = self.operate(place, &text, value, right);
        }
        value
    }

    fn operate(&self, place: Span, sign: &str, left: Expr<'a>, right: Expr<'a>) -> Expr<'a> {
        if let Some(operator) = operator(sign) {
            return self.reader.binary(place, operator, left, right);
        }
        // `-creplace` and `-ireplace` differ in what is not followed.
        let plain = match sign {
            "-f" => "-f",
            "-join" => "-join",
            ".." => "..",
            _ if sign.ends_with("replace") => "-replace",
            _ if sign.ends_with("split") => "-split",
            _ => return self.reader.opaque(place, &[left, right]),
        };
        match right.kind {
            ExprKind::List(items) if matches!(plain, "-f" | "-replace") => {
                let mut all = vec![left];
                all.extend_from_slice(items);
                self.reader.call_name(place, plain, &all)
            }
            _ => self.reader.call_name(place, plain, &[left, right]),
        }
    }
}

/// Levels of precedence: nodes that only wrap their child unless an operator stands in them.
fn is_level(kind: &str) -> bool {
    matches!(
        kind,
        "logical_expression"
            | "bitwise_expression"
            | "comparison_expression"
            | "additive_expression"
            | "multiplicative_expression"
            | "format_expression"
            | "range_expression"
            | "unary_expression"
            | "array_literal_expression"
            | "argument_expression"
            | "logical_argument_expression"
            | "bitwise_argument_expression"
            | "comparison_argument_expression"
            | "additive_argument_expression"
            | "multiplicative_argument_expression"
            | "format_argument_expression"
            | "range_argument_expression"
            | "left_assignment_expression"
            | "command_name_expr"
            | "pipeline"
            | "pipeline_chain"
            | "string_literal"
            | "integer_literal"
            | "script_parameter_default"
    )
}
