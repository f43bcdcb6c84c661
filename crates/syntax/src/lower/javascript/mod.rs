//! JavaScript and TypeScript.
//!
//! The main route is oxc ([`statements`], [`expressions`], [`patterns`]). When oxc gives up, which leaves it with nothing at all,
//! and when the caller asks for care, tree-sitter reads the text ([`tree`]). Both routes build the same form:
//!
//! * A pattern is a list or map of targets. A target with a default is an [`ExprKind::Assign`] of the default to the target, a
//!   rest is an [`ExprKind::Spread`], a hole in a list is [`ExprKind::Null`].
//! * `x++` in a place where its value matters is `(x += 1) - 1`.
//! * `switch` is a chain of branches that compare the value, see [`switch`].
//! * A tagged template is a call of the tag with the whole text as its one argument: that is what tags like `$` and `String.raw`
//!   make of it.
//! * `debugger` is a call to the name `debugger`; `import.meta` and `new.target` are names with a dot.
//! * A regular expression is a call to `RegExp`.

use std::cell::Cell;

use model::Problem;
use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_span::SourceType;

use super::Lowered;
use crate::ir::{Argument, Assign, BinaryOp, Bump, Call, Expr, ExprKind, Import, Span, Stmt, StmtKind};

mod expressions;
mod functions;
mod modules;
mod patterns;
mod statements;
mod switch;
mod tree;
mod tree_statements;
mod unescape;

/// Deeper than this nothing is lowered.
const DEEPEST: u32 = 3000;

/// oxc's spans are 32 bits wide, and nobody writes such files.
const LONGEST: usize = u32::MAX as usize - 2;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str, careful: bool) -> Lowered<'a> {
    if text.len() > LONGEST {
        return Lowered {
            body: &[],
            problems: vec![Problem::new("syntax-error", "", "the text is too long to be read")],
        };
    }
    let mut builder = Builder::new(arena, text);
    if careful {
        return builder.finish_with_tree(Vec::new());
    }
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text);
    let mut problems = Vec::new();
    if let Some(first) = parsed.diagnostics.errors().next() {
        let at = first.labels.first().map_or(0, |label| label.span().start as usize);
        problems.push(Problem::new("syntax-error", "", format!("line {}: {}", line_of(text, at), first.message)));
    }
    if parsed.panicked {
        return match as_data(&mut builder, &allocator) {
            Some(body) => Lowered { body, problems: builder.problems(Vec::new()) },
            None => builder.finish_with_tree(problems),
        };
    }
    let body = builder.program(&parsed.program);
    Lowered { body, problems: builder.problems(problems) }
}

/// The attempt that complains least: JavaScript with JSX first, then TypeScript without and with JSX.
fn parse<'b>(allocator: &'b Allocator, text: &'b str) -> ParserReturn<'b> {
    let attempt = |kind| {
        let options = ParseOptions {
            allow_return_outside_function: true,
            preserve_parens: false,
            allow_v8_intrinsics: true,
            enable_ident_hashes: false,
            ..ParseOptions::default()
        };
        Parser::new(allocator, text, kind).with_options(options).parse()
    };
    let badness = |parsed: &ParserReturn| (parsed.panicked, parsed.diagnostics.errors().count());
    let mut best = attempt(SourceType::unambiguous().with_jsx(true));
    for kind in [SourceType::ts(), SourceType::tsx(), SourceType::script()] {
        if badness(&best) == (false, 0) {
            break;
        }
        let next = attempt(kind);
        if badness(&next) < badness(&best) {
            best = next;
        }
    }
    best
}

/// A file that is one object (JSON under another name) reads as a broken block; in parentheses it is an expression.
fn as_data<'a>(builder: &mut Builder<'a>, allocator: &Allocator) -> Option<&'a [Stmt<'a>]> {
    let text = builder.text;
    if !text.trim_start().starts_with('{') || !text.trim_end().ends_with('}') {
        return None;
    }
    let wrapped = builder.arena.alloc_str(&format!("({text})"));
    let parsed = Parser::new(allocator, wrapped, SourceType::script()).parse();
    if parsed.panicked {
        return None;
    }
    builder.text = wrapped;
    builder.shift = 1;
    Some(builder.program(&parsed.program))
}

fn line_of(text: &str, at: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..at.min(text.len())]).count() + 1
}

/// What both routes share: the arena, the text, the depth, and where exports go.
struct Builder<'a> {
    arena: &'a Bump,
    text: &'a str,
    /// How many bytes the parsed text has before the file's own.
    shift: u32,
    depth: u32,
    too_deep: Cell<bool>,
    /// The object that `export` adds to: `exports`, or the TypeScript namespace at hand.
    exports: &'a str,
    /// The label of each loop around, innermost last.
    loops: Vec<Option<&'a str>>,
    /// The label that belongs to the statement at hand.
    label: Option<&'a str>,
}

impl<'a> Builder<'a> {
    fn new(arena: &'a Bump, text: &'a str) -> Self {
        Self {
            arena,
            text,
            shift: 0,
            depth: 0,
            too_deep: Cell::new(false),
            exports: "exports",
            loops: Vec::new(),
            label: None,
        }
    }

    fn finish_with_tree(mut self, mut problems: Vec<Problem>) -> Lowered<'a> {
        let body = self.tree(&mut problems);
        problems.push(Problem::new("fallback-parser", "", "the text was read with the fallback parser"));
        Lowered { body, problems: self.problems(problems) }
    }

    fn problems(&self, mut problems: Vec<Problem>) -> Vec<Problem> {
        if self.too_deep.get() {
            let detail = format!("code that is nested deeper than {DEEPEST} levels was left out");
            problems.push(Problem::new("too-deep", "", detail));
        }
        problems
    }

    /// Goes one level down, or answers false when that is too deep. Each true needs a [`Self::ascend`].
    fn descend(&mut self) -> bool {
        if self.depth >= DEEPEST {
            self.too_deep.set(true);
            return false;
        }
        self.depth += 1;
        true
    }

    fn ascend(&mut self) {
        self.depth -= 1;
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { start: start.saturating_sub(self.shift), end: end.saturating_sub(self.shift) }
    }

    /// A text with the life of the arena: a piece of the source when it is one, else a copy.
    fn keep(&self, text: &str) -> &'a str {
        let at = (text.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        match at.checked_add(text.len()).and_then(|end| self.text.get(at..end)) {
            Some(piece) => piece,
            None => self.arena.alloc_str(text),
        }
    }

    fn one(&self, expr: Expr<'a>) -> &'a Expr<'a> {
        self.arena.alloc(expr)
    }

    fn many<T: Copy>(&self, items: &[T]) -> &'a [T] {
        if items.is_empty() { &[] } else { self.arena.alloc_slice_copy(items) }
    }

    fn name(&self, span: Span, name: &'a str) -> Expr<'a> {
        Expr { span, kind: ExprKind::Name(name) }
    }

    fn binary(&self, span: Span, operator: BinaryOp, left: Expr<'a>, right: Expr<'a>) -> Expr<'a> {
        Expr { span, kind: ExprKind::Binary(operator, self.one(left), self.one(right)) }
    }

    fn call(&self, span: Span, callee: Expr<'a>, values: &[Expr<'a>], construct: bool) -> Expr<'a> {
        let arguments: Vec<Argument<'a>> = values.iter().map(|&value| Argument { name: None, value }).collect();
        let call = Call { callee, arguments: self.many(&arguments), construct };
        Expr { span, kind: ExprKind::Call(self.arena.alloc(call)) }
    }

    fn member(&self, span: Span, object: Expr<'a>, name: &'a str) -> Expr<'a> {
        Expr { span, kind: ExprKind::Member(self.one(object), name) }
    }

    fn set(&self, target: Expr<'a>, operator: Option<BinaryOp>, value: Expr<'a>, declares: bool) -> &'a Assign<'a> {
        self.arena.alloc(Assign { target, operator, value, declares })
    }

    /// An assignment as an expression.
    fn assigned(&self, span: Span, target: Expr<'a>, operator: Option<BinaryOp>, value: Expr<'a>) -> Expr<'a> {
        Expr { span, kind: ExprKind::Assign(self.set(target, operator, value, false)) }
    }

    fn declared(&self, span: Span, target: Expr<'a>, value: Expr<'a>) -> Stmt<'a> {
        Stmt { span, kind: StmtKind::Assign(self.set(target, None, value, true)) }
    }

    /// `x++` and its like.
    fn updated(&self, span: Span, target: Expr<'a>, up: bool, prefix: bool) -> Expr<'a> {
        let one = Expr { span, kind: ExprKind::Int(1) };
        let (there, back) = if up { (BinaryOp::Add, BinaryOp::Subtract) } else { (BinaryOp::Subtract, BinaryOp::Add) };
        let new = self.assigned(span, target, Some(there), one);
        if prefix { new } else { self.binary(span, back, new, one) }
    }

    /// An expression that stands alone: an assignment is a statement, and nobody sees the old value of `x++`.
    fn alone(&self, expr: Expr<'a>) -> Stmt<'a> {
        let kind = match expr.kind {
            ExprKind::Assign(assign) => StmtKind::Assign(assign),
            ExprKind::Binary(_, &Expr { kind: ExprKind::Assign(assign), span }, one)
                if span == expr.span && one.span == span =>
            {
                StmtKind::Assign(assign)
            }
            _ => StmtKind::Expr(expr),
        };
        Stmt { span: expr.span, kind }
    }

    /// The update of a loop: nobody sees the old value of `x++`.
    fn update(&self, expr: Expr<'a>) -> Expr<'a> {
        match self.alone(expr).kind {
            StmtKind::Assign(assign) => Expr { span: expr.span, kind: ExprKind::Assign(assign) },
            _ => expr,
        }
    }

    fn opaque(&self, span: Span, parts: &[Expr<'a>]) -> Expr<'a> {
        Expr { span, kind: ExprKind::Opaque(self.many(parts)) }
    }

    fn block(&self, span: Span, body: &'a [Stmt<'a>]) -> Stmt<'a> {
        Stmt { span, kind: StmtKind::Block(body) }
    }

    fn import(&self, span: Span, module: &'a str, name: Option<&'a str>, alias: &'a str) -> Stmt<'a> {
        Stmt { span, kind: StmtKind::Import(self.arena.alloc(Import { module, name, alias })) }
    }

    /// `exports.name = value`.
    fn exported(&self, span: Span, name: &'a str, value: Expr<'a>) -> Stmt<'a> {
        let target = self.member(span, self.name(span, self.exports), name);
        Stmt { span, kind: StmtKind::Assign(self.set(target, None, value, false)) }
    }

    /// `export { name as public } from 'module'`: an import under a name that no source can have, and its export.
    fn reexported(&self, span: Span, module: &'a str, name: Option<&'a str>, public: &'a str, out: &mut Vec<Stmt<'a>>) {
        let alias = self.arena.alloc_str(&format!("export {public}"));
        out.push(self.import(span, module, name, alias));
        out.push(self.exported(span, public, self.name(span, alias)));
    }

    /// What a jump does: to the innermost loop it is itself; out of an inner loop to an outer one it leaves at least the inner
    /// one; out of a labelled block it does nothing, so that both ways are seen.
    fn jump(&self, label: Option<&str>, onward: bool) -> StmtKind<'a> {
        let plain = if onward { StmtKind::Continue } else { StmtKind::Break };
        let Some(label) = label else { return plain };
        match self.loops.iter().rposition(|own| *own == Some(label)) {
            None => StmtKind::Block(&[]),
            Some(at) if at + 1 == self.loops.len() => plain,
            Some(_) => StmtKind::Break,
        }
    }

    /// Runs `body` as the body of a loop.
    fn in_loop<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let label = self.label.take();
        self.loops.push(label);
        let result = body(self);
        self.loops.pop();
        result
    }

    /// Runs `body` as the body of a function: no loop around is seen from it.
    fn in_function<T>(&mut self, body: impl FnOnce(&mut Self) -> T) -> T {
        let loops = std::mem::take(&mut self.loops);
        let label = self.label.take();
        let result = body(self);
        self.loops = loops;
        self.label = label;
        result
    }

    /// How a chain of so many operations is counted: see [`Chain`].
    fn chain_of(&self, length: usize) -> Chain {
        let room = DEEPEST - self.depth;
        match u32::try_from(length) {
            Ok(length) if length < room => Chain { weight: length, flat: false },
            _ => Chain { weight: room / 2, flat: true },
        }
    }

    /// Reads a term that lies so many operations deep in a chain.
    fn in_chain<T>(&mut self, chain: &Chain, under: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let weight = chain.weight.min(u32::try_from(under).unwrap_or(u32::MAX));
        self.depth += weight;
        let result = read(self);
        self.depth -= weight;
        result
    }

    /// A long sum: texts that are put together from thousands of pieces become one flat list.
    ///
    /// From the first text on every `+` puts texts together. Only sums of at least [`LONG_SUM`] terms are treated so: short
    /// ones stay what they are in the source.
    fn sum(&self, span: Span, terms: &[Expr<'a>]) -> Expr<'a> {
        let fold = |terms: &[Expr<'a>]| {
            let mut terms = terms.iter().copied();
            let first = terms.next().unwrap_or(Expr { span, kind: ExprKind::Null });
            terms.fold(first, |left, right| {
                self.binary(Span { start: left.span.start, end: right.span.end }, BinaryOp::Add, left, right)
            })
        };
        let room = (DEEPEST - self.depth) as usize;
        let text = terms.iter().position(|term| matches!(term.kind, ExprKind::Text(_) | ExprKind::Join(_)));
        match text {
            Some(text) if terms.len() >= LONG_SUM && text < room => {
                let mut parts = Vec::with_capacity(terms.len());
                if text > 0 {
                    parts.push(fold(&terms[..text]));
                }
                parts.extend_from_slice(&terms[text..]);
                Expr { span, kind: ExprKind::Join(self.many(&parts)) }
            }
            _ if terms.len() < room => fold(terms),
            _ => {
                self.too_deep.set(true);
                self.opaque(span, terms)
            }
        }
    }
}

/// A chain of operations: the levels that it adds to the depth of its terms. One that is too long for the room that is left is
/// flat, and then adds half of the room, so that such chains cannot be stacked without end.
struct Chain {
    weight: u32,
    flat: bool,
}

/// See [`Builder::sum`].
const LONG_SUM: usize = 16;

/// A number as JavaScript has it: a whole one when it is exact as such.
fn number<'a>(value: f64) -> ExprKind<'a> {
    if value.fract() == 0.0 && value.abs() <= 9_007_199_254_740_992.0 && !(value == 0.0 && value.is_sign_negative()) {
        ExprKind::Int(value as i64)
    } else {
        ExprKind::Float(value)
    }
}
