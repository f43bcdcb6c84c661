//! The parts of expressions and statements, in the order of the source.

use crate::ir::{Assign, Class, Expr, ExprKind, Function, LoopKind, Stmt, StmtKind};

/// A part of an expression or statement.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    Expr(&'a Expr<'a>),
    /// What is assigned to: names and patterns.
    Target(&'a Expr<'a>),
    Body(&'a [Stmt<'a>]),
    Function(&'a Function<'a>),
    Class(&'a Class<'a>),
}

/// Visits the parts of an expression.
pub(super) fn of_expr<'a>(expr: &'a Expr<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    match expr.kind {
        ExprKind::Null
        | ExprKind::Bool(_)
        | ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Text(_)
        | ExprKind::Bytes(_)
        | ExprKind::Name(_) => {}
        ExprKind::Join(list) | ExprKind::List(list) | ExprKind::Sequence(list) | ExprKind::Opaque(list) => {
            list.iter().for_each(|one| visit(Part::Expr(one)));
        }
        ExprKind::Member(object, _) => visit(Part::Expr(object)),
        ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
            visit(Part::Expr(left));
            visit(Part::Expr(right));
        }
        ExprKind::Slice(slice) => {
            visit(Part::Expr(&slice.object));
            [&slice.start, &slice.stop, &slice.step].into_iter().flatten().for_each(|one| visit(Part::Expr(one)));
        }
        ExprKind::Call(call) => {
            visit(Part::Expr(&call.callee));
            call.arguments.iter().for_each(|one| visit(Part::Expr(&one.value)));
        }
        ExprKind::Unary(_, one) | ExprKind::Spread(one) | ExprKind::Await(one) | ExprKind::Yield(one) => {
            visit(Part::Expr(one))
        }
        ExprKind::Map(pairs) => pairs.iter().for_each(|(key, value)| {
            visit(Part::Expr(key));
            visit(Part::Expr(value));
        }),
        ExprKind::Function(function) => visit(Part::Function(function)),
        ExprKind::Class(class) => visit(Part::Class(class)),
        ExprKind::Assign(assign) => of_assign(assign, visit),
        ExprKind::Conditional(test, then, otherwise) => {
            [test, then, otherwise].into_iter().for_each(|one| visit(Part::Expr(one)));
        }
        ExprKind::Comprehension(one) => {
            for (target, iterable, tests) in one.loops {
                visit(Part::Target(target));
                visit(Part::Expr(iterable));
                tests.iter().for_each(|test| visit(Part::Expr(test)));
            }
            visit(Part::Expr(&one.element));
            one.value.iter().for_each(|value| visit(Part::Expr(value)));
        }
    }
}

/// Visits the parts of a statement.
pub(super) fn of_stmt<'a>(stmt: &'a Stmt<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    match &stmt.kind {
        StmtKind::Expr(one) => visit(Part::Expr(one)),
        StmtKind::Return(one) | StmtKind::Throw(one) => one.iter().for_each(|one| visit(Part::Expr(one))),
        StmtKind::Assign(assign) => of_assign(assign, visit),
        StmtKind::Import(_) | StmtKind::Break | StmtKind::Continue | StmtKind::Outer(_) => {}
        StmtKind::Function(function) => visit(Part::Function(function)),
        StmtKind::Class(class) => visit(Part::Class(class)),
        StmtKind::If(one) => {
            visit(Part::Expr(&one.test));
            visit(Part::Body(one.then));
            visit(Part::Body(one.otherwise));
        }
        StmtKind::Loop(one) => {
            match &one.kind {
                LoopKind::Each(target, iterable) | LoopKind::Keys(target, iterable) => {
                    visit(Part::Target(target));
                    visit(Part::Expr(iterable));
                }
                LoopKind::While(test, update) => {
                    visit(Part::Expr(test));
                    update.iter().for_each(|update| visit(Part::Expr(update)));
                }
                LoopKind::DoWhile(test) => visit(Part::Expr(test)),
            }
            visit(Part::Body(one.body));
        }
        StmtKind::Try(one) => {
            visit(Part::Body(one.body));
            for (error, body) in one.handlers {
                error.iter().for_each(|error| visit(Part::Target(error)));
                visit(Part::Body(body));
            }
            visit(Part::Body(one.last));
        }
        StmtKind::Block(body) => visit(Part::Body(body)),
    }
}

fn of_assign<'a>(assign: &'a Assign<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    visit(Part::Target(&assign.target));
    visit(Part::Expr(&assign.value));
}

/// Visits the parts of a function.
pub(super) fn of_function<'a>(function: &'a Function<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    function.decorators.iter().for_each(|one| visit(Part::Expr(one)));
    for parameter in function.parameters {
        visit(Part::Target(&parameter.target));
        parameter.default.iter().for_each(|one| visit(Part::Expr(one)));
    }
    visit(Part::Body(function.body));
}

/// Visits the parts of a class.
pub(super) fn of_class<'a>(class: &'a Class<'a>, visit: &mut dyn FnMut(Part<'a>)) {
    class.decorators.iter().chain(class.bases).for_each(|one| visit(Part::Expr(one)));
    visit(Part::Body(class.body));
}
