//! Python: ruff's error-recovering parser first; the tree-sitter grammar, which also knows Python 2, where ruff stumbles.

use std::ops::Range;

use model::Problem;
use unicode_normalization::UnicodeNormalization;

use super::Lowered;
use crate::{
    eval::fold::python::is_builtin,
    ir::{BinaryOp, Bump, Call, Expr, ExprKind, Span, Stmt},
};

mod expressions;
mod fallback;
mod literals;
mod nodes;
mod statements;
mod strings;

/// Deeper nesting than this is cut: no honest source comes near it, and everything that walks the result recurses.
const DEEPEST: u32 = 3_000;

/// A chain of one associative operation that is longer than this becomes a balanced tree, so that `chr(1) + chr(2) + ...` of
/// thousands of operands stays shallow.
const LONG_CHAIN: usize = 32;

/// Larger texts are not given to tree-sitter, whose trees take a hundred times the size of the text.
const LARGEST_FALLBACK: usize = 8 << 20;

pub(super) fn lower<'a>(arena: &'a Bump, text: &'a str, careful: bool) -> Lowered<'a> {
    if careful {
        let fallback = fallback::lower(arena, text);
        let mut problems = vec![fallback_problem()];
        problems.extend(fallback.problems());
        return Lowered { body: fallback.body, problems };
    }
    let first = statements::lower(arena, text);
    if first.errors == 0 || text.len() > LARGEST_FALLBACK {
        return Lowered { problems: first.problems(), body: first.body };
    }
    let second = fallback::lower(arena, text);
    if second.errors < first.errors && second.calls * 10 >= first.calls * 9 || second.calls > first.calls {
        let mut problems = vec![fallback_problem()];
        problems.extend(second.problems());
        return Lowered { body: second.body, problems };
    }
    Lowered { problems: first.problems(), body: first.body }
}

fn fallback_problem() -> Problem {
    Problem::new("fallback-parser", "", "read with the second parser, since the first one could not read all of it")
}

/// What one parser made of the text.
struct Attempt<'a> {
    body: &'a [Stmt<'a>],
    /// How many places could not be read.
    errors: usize,
    /// The first of them: its line, and what is wrong there.
    first_error: Option<(usize, String)>,
    /// How many calls were found: of two attempts the one with more calls understood more.
    calls: usize,
    /// Whether something was cut because of its depth.
    too_deep: Option<u32>,
    /// The first builtin that was spelled with look-alike letters.
    confusable: Option<(u32, String)>,
    /// The text, for line numbers.
    text: &'a str,
}

impl Attempt<'_> {
    fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if let Some((place, wrong)) = &self.first_error {
            let line = line_of(self.text, *place);
            problems.push(Problem::new("syntax-error", "", format!("line {line}: {wrong}")));
        }
        if let Some(place) = self.too_deep {
            let line = line_of(self.text, place as usize);
            problems.push(Problem::new(
                "too-deep",
                "",
                format!("line {line}: nested too deeply, the inner part was not read"),
            ));
        }
        if let Some((place, name)) = &self.confusable {
            let line = line_of(self.text, *place as usize);
            let detail = format!("line {line}: the builtin \"{name}\" is spelled with look-alike letters");
            problems.push(Problem::new("confusable-builtin", "", detail));
        }
        problems
    }
}

fn line_of(text: &str, place: usize) -> usize {
    memchr::memchr_iter(b'\n', &text.as_bytes()[..place.min(text.len())]).count() + 1
}

/// Builds the form; the two parsers share it.
struct Builder<'a> {
    arena: &'a Bump,
    text: &'a str,
    /// Whether the parser met errors, so that remnants of Python 2 are looked for.
    broken: bool,
    depth: u32,
    calls: usize,
    too_deep: Option<u32>,
    confusable: Option<(u32, String)>,
    /// How many hidden names were made (`match` subjects).
    hidden: u32,
}

impl<'a> Builder<'a> {
    fn new(arena: &'a Bump, text: &'a str, broken: bool) -> Self {
        Self { arena, text, broken, depth: 0, calls: 0, too_deep: None, confusable: None, hidden: 0 }
    }

    fn finish(self, body: &'a [Stmt<'a>], errors: usize, first_error: Option<(usize, String)>) -> Attempt<'a> {
        Attempt {
            body,
            errors,
            first_error,
            calls: self.calls,
            too_deep: self.too_deep,
            confusable: self.confusable,
            text: self.text,
        }
    }

    /// Goes one level down, unless that is too deep.
    fn nested<T>(&mut self, place: u32, otherwise: T, inner: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= DEEPEST {
            self.too_deep.get_or_insert(place);
            return otherwise;
        }
        self.depth += 1;
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn keep<T: Copy>(&self, value: T) -> &'a T {
        self.arena.alloc(value)
    }

    /// The text of a name: the source where it is spelled so, else the arena's copy of the normalised name.
    fn name(&mut self, range: Range<usize>, normalised: &str) -> &'a str {
        match self.text.get(range.clone()) {
            Some(spelled) if spelled == normalised => spelled,
            spelled => {
                if spelled.is_some_and(|spelled| !spelled.is_ascii()) {
                    self.note_confusable(range.start, normalised);
                }
                self.arena.alloc_str(normalised)
            }
        }
    }

    /// A name as it is spelled in the source, normalised as Python does.
    fn spelled_name(&mut self, range: Range<usize>) -> &'a str {
        let spelled = self.text.get(range.clone()).unwrap_or_default();
        if spelled.is_ascii() {
            return spelled;
        }
        let normalised: String = spelled.nfkc().collect();
        self.name(range, &normalised)
    }

    fn note_confusable(&mut self, place: usize, name: &str) {
        if self.confusable.is_none() && name.is_ascii() && is_builtin(name) {
            self.confusable = Some((place as u32, name.to_owned()));
        }
    }

    fn call(&mut self, span: Span, callee: Expr<'a>, arguments: &'a [crate::ir::Argument<'a>]) -> Expr<'a> {
        self.calls += 1;
        Expr { span, kind: ExprKind::Call(self.keep(Call { callee, arguments, construct: false })) }
    }

    /// A call of a function by name, with positional arguments.
    fn call_named(&mut self, span: Span, name: &'static str, arguments: &[Expr<'a>]) -> Expr<'a> {
        let arguments =
            self.arena.alloc_slice_fill_iter(arguments.iter().map(|&value| crate::ir::Argument { name: None, value }));
        self.call(span, Expr { span, kind: ExprKind::Name(name) }, arguments)
    }

    /// Joins operands by an operation, from the left; long chains of an associative one are balanced.
    fn chain(&self, op: BinaryOp, operands: &[Expr<'a>]) -> Expr<'a> {
        debug_assert!(!operands.is_empty());
        if operands.len() > LONG_CHAIN {
            let (left, right) = operands.split_at(operands.len() / 2);
            return self.binary(op, self.chain(op, left), self.chain(op, right));
        }
        operands[1..].iter().fold(operands[0], |left, &right| self.binary(op, left, right))
    }

    fn binary(&self, op: BinaryOp, left: Expr<'a>, right: Expr<'a>) -> Expr<'a> {
        let span = Span { start: left.span.start, end: right.span.end };
        Expr { span, kind: ExprKind::Binary(op, self.keep(left), self.keep(right)) }
    }

    /// A name that no source can spell, for values that are needed several times.
    fn hidden_name(&mut self) -> &'a str {
        self.hidden += 1;
        self.arena.alloc_str(&format!("<match {}>", self.hidden))
    }
}

/// Whether a target binds plain names (and not only members of something).
fn declares(target: &Expr) -> bool {
    !matches!(target.kind, ExprKind::Member(..) | ExprKind::Index(..) | ExprKind::Slice(_))
}
