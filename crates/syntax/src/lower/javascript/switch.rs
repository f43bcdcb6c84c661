//! `switch` as a chain of branches.
//!
//! The value is kept under a name that no source can have and compared with each case. Cases that share a body share a test, a
//! body that falls through runs on into the next one. `break` at the end of a body vanishes; a `break` deeper inside would leave
//! the loop around in our form, so then the chain stands in a loop that runs once — unless there is also a `continue`, which has
//! to reach the loop around (the usual form of flattened control flow); then the inner `break` does nothing.

use super::Builder;
use crate::ir::{BinaryOp, Expr, ExprKind, If, Loop, LoopKind, Span, Stmt, StmtKind};

/// A case: its test (none for `default`) and its statements.
pub(super) struct Case<'a> {
    pub span: Span,
    pub test: Option<Expr<'a>>,
    pub body: Vec<Stmt<'a>>,
}

/// Bodies that fall through are copied; beyond so many statements they are not.
const MOST_COPIED: usize = 20_000;

impl<'a> Builder<'a> {
    pub(super) fn switched(&mut self, span: Span, value: Expr<'a>, cases: Vec<Case<'a>>, out: &mut Vec<Stmt<'a>>) {
        let subject = match value.kind {
            ExprKind::Name(_) => value,
            _ => {
                let name = self.arena.alloc_str(&format!("switch {}", span.start));
                let subject = self.name(value.span, name);
                out.push(self.declared(value.span, subject, value));
                subject
            }
        };
        let (breaks, onwards) = jumps_in(&cases);
        let bodies = self.bodies(&cases, breaks > 0 && onwards > 0);
        let default = cases.iter().position(|case| case.test.is_none());
        let mut chain: &'a [Stmt<'a>] = default.map_or(&[], |at| bodies[at]);
        let mut at = cases.len();
        while at > 0 {
            at -= 1;
            // Cases without statements of their own share the test of the next one that has some.
            let mut test = cases[at].test.map(|test| self.binary(test.span, BinaryOp::Equal, subject, test));
            let body = bodies[at];
            let mut start = cases[at].span.start;
            while at > 0 && cases[at - 1].body.is_empty() {
                at -= 1;
                start = cases[at].span.start;
                test = match (cases[at].test, test) {
                    (Some(more), Some(test)) => {
                        let more = self.binary(more.span, BinaryOp::Equal, subject, more);
                        Some(self.binary(more.span, BinaryOp::Or, more, test))
                    }
                    // Together with `default` nothing needs to be tested.
                    _ => None,
                };
            }
            let Some(test) = test else { continue };
            let branch = If { test, then: body, otherwise: chain };
            let span = Span { start, end: span.end };
            chain = self.many(&[Stmt { span, kind: StmtKind::If(self.arena.alloc(branch)) }]);
        }
        if breaks > 0 && onwards == 0 {
            let once = Expr { span, kind: ExprKind::Bool(false) };
            let kind = StmtKind::Loop(self.arena.alloc(Loop { kind: LoopKind::DoWhile(once), body: chain }));
            out.push(Stmt { span, kind });
        } else {
            out.extend_from_slice(chain);
        }
    }

    /// The statements that run from each case on.
    fn bodies(&self, cases: &[Case<'a>], drop_breaks: bool) -> Vec<&'a [Stmt<'a>]> {
        let mut copied = 0;
        let mut bodies: Vec<&'a [Stmt<'a>]> = vec![&[]; cases.len()];
        for (at, case) in cases.iter().enumerate().rev() {
            let mut body = case.body.clone();
            let ends = body.last().is_some_and(ends);
            if body.last().is_some_and(|last| matches!(last.kind, StmtKind::Break)) {
                body.pop();
            }
            if drop_breaks {
                body.retain(|stmt| !matches!(stmt.kind, StmtKind::Break));
            }
            if !ends && let Some(next) = bodies.get(at + 1).filter(|next| copied + next.len() < MOST_COPIED) {
                copied += next.len();
                body.extend_from_slice(next);
            }
            bodies[at] = self.many(&body);
        }
        bodies
    }
}

/// Whether control does not run on behind this statement.
fn ends(stmt: &Stmt) -> bool {
    match stmt.kind {
        StmtKind::Break | StmtKind::Continue | StmtKind::Return(_) | StmtKind::Throw(_) => true,
        StmtKind::Block(body) => body.last().is_some_and(ends),
        _ => false,
    }
}

/// How many jumps leave the cases from within, but for a `break` at the end of a body.
fn jumps_in(cases: &[Case]) -> (usize, usize) {
    let mut jumps = (0, 0);
    for case in cases {
        let body = match case.body.split_last() {
            Some((last, rest)) if matches!(last.kind, StmtKind::Break) => rest,
            _ => &case.body,
        };
        count_jumps(body, 0, &mut jumps);
    }
    jumps
}

fn count_jumps(body: &[Stmt], depth: u32, jumps: &mut (usize, usize)) {
    // Deeper jumps are rare, and each switch around would walk them again.
    if depth > 24 {
        return;
    }
    for stmt in body {
        match stmt.kind {
            StmtKind::Break => jumps.0 += 1,
            StmtKind::Continue => jumps.1 += 1,
            StmtKind::Block(inner) => count_jumps(inner, depth + 1, jumps),
            StmtKind::If(branch) => {
                count_jumps(branch.then, depth + 1, jumps);
                count_jumps(branch.otherwise, depth + 1, jumps);
            }
            StmtKind::Try(tried) => {
                count_jumps(tried.body, depth + 1, jumps);
                for (_, handler) in tried.handlers {
                    count_jumps(handler, depth + 1, jumps);
                }
                count_jumps(tried.last, depth + 1, jumps);
            }
            _ => {}
        }
    }
}
