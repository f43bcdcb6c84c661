//! Reading tree-sitter trees: what their readers share.

use std::ops::ControlFlow;

use model::Problem;
use tree_sitter::{Node, ParseOptions, ParseState, Parser, Point, Range, Tree};

use super::Lowered;
use crate::ir::{Argument, Assign, BinaryOp, Bump, Call, Expr, ExprKind, Function, Parameter, Span, Stmt, StmtKind};
use crate::{Language, nesting};

/// Longer texts are not read: a tree takes up to two hundred times the size of its text.
const LONGEST: usize = 4 << 20;
/// How deep a tree is followed. Honest code stays below a hundred.
const DEEPEST: usize = 400;
/// The parser asks every hundred steps whether it may go on. Dense honest code takes up to thirteen steps a byte.
const ASKS_FLOOR: usize = 20_000;
const ASKS_PER_BYTE: f64 = 0.25;
/// A scanner that looks for the end of a text may read ahead to the end of the file, again and again. So it is given the file in
/// slices, and only so many times over.
const SLICE: usize = 4096;
const READINGS: usize = 48;
/// A text that nests too deep, or that proves too hard, is parsed in pieces of this size: recovering from errors takes the
/// parser time and memory that grow with the square of what it has read.
const PIECE: usize = 4096;
const MOST_PIECES: usize = 256;

/// A text on its way from a tree to the intermediate form.
pub(super) struct Reader<'a> {
    /// Where the result lives.
    pub arena: &'a Bump,
    /// The text.
    pub text: &'a str,
    /// What was wrong with it.
    pub problems: Vec<Problem>,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub fn new(arena: &'a Bump, text: &'a str) -> Self {
        Self { arena, text, problems: Vec::new(), depth: 0 }
    }

    /// Parses the text: one tree, or several when it has to be read in pieces. None, with a problem, when it is too large.
    pub fn parse(&mut self, language: Language, grammar: impl Into<tree_sitter::Language>) -> Vec<Tree> {
        if self.text.len() > LONGEST {
            self.problem("too-large", format!("{} bytes are more than this language's reader takes", self.text.len()));
            return Vec::new();
        }
        let mut parser = Parser::new();
        if parser.set_language(&grammar.into()).is_err() {
            self.problem("no-parser", "the grammar does not fit the parser".to_owned());
            return Vec::new();
        }
        if nesting::depth(self.text, language) <= nesting::MOST
            && let Some(tree) = attempt(&mut parser, self.text.as_bytes())
        {
            self.note_error(&tree);
            return vec![tree];
        }
        self.problem("read-in-pieces", "the text is built to be hard to parse; it was read in pieces".to_owned());
        self.pieces(&mut parser)
    }

    /// Parses piece by piece. Pieces end at the ends of lines where there are some.
    fn pieces(&mut self, parser: &mut Parser) -> Vec<Tree> {
        let bytes = self.text.as_bytes();
        let mut trees = Vec::new();
        let mut start = 0;
        let mut row = 0;
        while start < bytes.len() {
            if trees.len() >= MOST_PIECES {
                self.problem("too-large", "the rest of the text was not read".to_owned());
                break;
            }
            let mut end = (start + PIECE).min(bytes.len());
            if end < bytes.len()
                && let Some(line) = memchr::memrchr(b'\n', &bytes[start..end])
            {
                end = start + line + 1;
            }
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
            let rows = memchr::memchr_iter(b'\n', &bytes[start..end]).count();
            let range = Range {
                start_byte: start,
                end_byte: end,
                start_point: Point::new(row, 0),
                end_point: Point::new(row + rows, 0),
            };
            parser.reset();
            if parser.set_included_ranges(&[range]).is_ok()
                && let Some(tree) = attempt(parser, bytes)
            {
                self.note_error(&tree);
                trees.push(tree);
            }
            start = end;
            row += rows;
        }
        trees
    }

    fn problem(&mut self, code: &str, detail: String) {
        if !self.problems.iter().any(|problem| problem.code == code) {
            self.problems.push(Problem::new(code, "", detail));
        }
    }

    /// Notes the first syntax error.
    fn note_error(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        while cursor.node().has_error() {
            let node = cursor.node();
            if node.is_error() || node.is_missing() {
                let at = node.start_position();
                self.problem("syntax-error", format!("line {}, column {}", at.row + 1, at.column + 1));
                return;
            }
            let mut more = cursor.goto_first_child();
            while more && !cursor.node().has_error() {
                more = cursor.goto_next_sibling();
            }
            if !more {
                return;
            }
        }
    }

    /// Goes one level deeper into the tree. False, with a problem, when that is too deep; otherwise [`Self::leave`] follows.
    pub fn enter(&mut self) -> bool {
        if self.depth >= DEEPEST {
            self.problem("too-deep", "what nests deeper than this is left out".to_owned());
            return false;
        }
        self.depth += 1;
        true
    }

    pub fn leave(&mut self) {
        self.depth -= 1;
    }

    pub fn lowered(self, body: Vec<Stmt<'a>>) -> Lowered<'a> {
        Lowered { body: self.arena.alloc_slice_copy(&body), problems: self.problems }
    }

    pub fn slice(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    pub fn place<T: Copy>(&self, value: T) -> &'a T {
        self.arena.alloc(value)
    }

    pub fn text(&self, span: Span, text: &str) -> Expr<'a> {
        Expr { span, kind: ExprKind::Text(self.arena.alloc_str(text)) }
    }

    pub fn name(&self, span: Span, name: &'a str) -> Expr<'a> {
        Expr { span, kind: ExprKind::Name(name) }
    }

    pub fn member(&self, span: Span, object: Expr<'a>, name: &'a str) -> Expr<'a> {
        Expr { span, kind: ExprKind::Member(self.place(object), name) }
    }

    pub fn binary(&self, span: Span, operator: BinaryOp, left: Expr<'a>, right: Expr<'a>) -> Expr<'a> {
        Expr { span, kind: ExprKind::Binary(operator, self.place(left), self.place(right)) }
    }

    pub fn list(&self, span: Span, items: &[Expr<'a>]) -> Expr<'a> {
        Expr { span, kind: ExprKind::List(self.arena.alloc_slice_copy(items)) }
    }

    /// Something of which only the parts matter.
    pub fn opaque(&self, span: Span, parts: &[Expr<'a>]) -> Expr<'a> {
        Expr { span, kind: ExprKind::Opaque(self.arena.alloc_slice_copy(parts)) }
    }

    /// Several expressions in order; the value is the last one's.
    pub fn sequence(&self, span: Span, parts: &[Expr<'a>]) -> Expr<'a> {
        match parts {
            [one] => *one,
            _ => Expr { span, kind: ExprKind::Sequence(self.arena.alloc_slice_copy(parts)) },
        }
    }

    /// A text put together from parts. Neighbouring literals become one.
    pub fn join(&self, span: Span, parts: &[Expr<'a>]) -> Expr<'a> {
        let mut merged: Vec<Expr<'a>> = Vec::with_capacity(parts.len());
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                ExprKind::Join(inner) => flat.extend_from_slice(inner),
                ExprKind::Text("") => {}
                _ => flat.push(*part),
            }
        }
        let mut run = String::new();
        for (at, part) in flat.iter().enumerate() {
            match part.kind {
                ExprKind::Text(text) => {
                    run.push_str(text);
                    if !matches!(flat.get(at + 1).map(|next| next.kind), Some(ExprKind::Text(_))) {
                        merged.push(self.text(part.span, &run));
                        run.clear();
                    }
                }
                _ => merged.push(*part),
            }
        }
        match merged.as_slice() {
            [] => self.text(span, ""),
            [Expr { kind: ExprKind::Text(text), .. }] => Expr { span, kind: ExprKind::Text(text) },
            _ => Expr { span, kind: ExprKind::Join(self.arena.alloc_slice_copy(&merged)) },
        }
    }

    pub fn call(&self, span: Span, callee: Expr<'a>, arguments: &[Argument<'a>]) -> Expr<'a> {
        let arguments = self.arena.alloc_slice_copy(arguments);
        Expr { span, kind: ExprKind::Call(self.place(Call { callee, arguments, construct: false })) }
    }

    /// A call of a plain name with positional arguments.
    pub fn call_name(&self, span: Span, name: &'a str, arguments: &[Expr<'a>]) -> Expr<'a> {
        let arguments: Vec<_> = arguments.iter().map(|value| Argument { name: None, value: *value }).collect();
        self.call(span, self.name(span, name), &arguments)
    }

    pub fn assign(
        &self,
        target: Expr<'a>,
        operator: Option<BinaryOp>,
        value: Expr<'a>,
        declares: bool,
    ) -> &'a Assign<'a> {
        self.place(Assign { target, operator, value, declares })
    }

    pub fn function(
        &self,
        span: Span,
        name: &'a str,
        parameters: &[Parameter<'a>],
        body: &[Stmt<'a>],
    ) -> &'a Function<'a> {
        self.place(Function {
            name,
            parameters: self.arena.alloc_slice_copy(parameters),
            body: self.arena.alloc_slice_copy(body),
            span,
            decorators: &[],
            method: false,
            own_this: false,
        })
    }

    pub fn block(&self, span: Span, body: &[Stmt<'a>]) -> Stmt<'a> {
        match body {
            [one] => *one,
            _ => Stmt { span, kind: StmtKind::Block(self.arena.alloc_slice_copy(body)) },
        }
    }
}

/// Parses, if that takes a bearable number of steps.
fn attempt(parser: &mut Parser, bytes: &[u8]) -> Option<Tree> {
    let mut asks = ASKS_FLOOR + (bytes.len() as f64 * ASKS_PER_BYTE) as usize;
    let mut go_on = |_: &ParseState| {
        asks = asks.saturating_sub(1);
        if asks == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let mut readable = bytes.len() * READINGS + (4 << 20);
    let mut read = |at: usize, _: Point| {
        let slice = bytes.get(at..bytes.len().min(at + SLICE)).unwrap_or_default();
        readable = readable.saturating_sub(slice.len());
        if readable == 0 { &[] } else { slice }
    };
    let options = ParseOptions::new().progress_callback(&mut go_on);
    let tree = parser.parse_with_options(&mut read, None, Some(options));
    tree.filter(|_| readable > 0)
}

/// Where a node stands.
pub(super) fn span(node: Node<'_>) -> Span {
    Span { start: node.start_byte() as u32, end: node.end_byte() as u32 }
}

/// The named children, comments left out.
pub(super) fn children<'t>(node: Node<'t>) -> Vec<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| !child.is_extra() || child.is_error()).collect()
}

/// All children, with their field names.
pub(super) fn fields<'t>(node: Node<'t>) -> Vec<(Option<&'t str>, Node<'t>)> {
    let mut cursor = node.walk();
    let mut found = Vec::new();
    if cursor.goto_first_child() {
        loop {
            found.push((cursor.field_name(), cursor.node()));
            if !cursor.goto_next_sibling() {
                break;
            }
        }
    }
    found
}

/// A statement that is an expression.
pub(super) fn statement(expr: Expr<'_>) -> Stmt<'_> {
    Stmt { span: expr.span, kind: StmtKind::Expr(expr) }
}

/// The text of a literal.
pub(super) fn literal<'a>(expr: &Expr<'a>) -> Option<&'a str> {
    match expr.kind {
        ExprKind::Text(text) => Some(text),
        _ => None,
    }
}
