//! Python: what is lowered, what folds, what is seen.

use model::{Action, Behaviour};
use syntax::{
    Behaviours, Budget, Language, behaviours,
    ir::{Bump, Expr, ExprKind, ParameterKind, Stmt, StmtKind},
    lower::lower,
};

mod folding;
mod lowering;

/// A short spelling of lowered code, in which the form can be read.
fn summary(text: &str) -> String {
    let arena = Bump::new();
    block(lower(&arena, Language::Python, text, false).body)
}

fn careful_summary(text: &str) -> String {
    let arena = Bump::new();
    block(lower(&arena, Language::Python, text, true).body)
}

fn problems(text: &str) -> Vec<String> {
    let arena = Bump::new();
    lower(&arena, Language::Python, text, false).problems.into_iter().map(|problem| problem.code).collect()
}

fn block(stmts: &[Stmt]) -> String {
    stmts.iter().map(stmt).collect::<Vec<_>>().join("; ")
}

fn stmt(stmt: &Stmt) -> String {
    match &stmt.kind {
        StmtKind::Expr(one) => expr(one),
        StmtKind::Assign(one) => {
            let op = one.operator.map(|op| format!("{op:?}")).unwrap_or_default();
            format!("{} {op}= {}", expr(&one.target), expr(&one.value))
        }
        StmtKind::Import(one) => {
            format!(
                "import {}{} as {}",
                one.module,
                one.name.map(|name| format!(".{name}")).unwrap_or_default(),
                one.alias
            )
        }
        StmtKind::Function(one) => function(one),
        StmtKind::Class(one) => format!("class {}({}) {{{}}}", one.name, exprs(one.bases), block(one.body)),
        StmtKind::If(one) => {
            format!("if {} {{{}}} else {{{}}}", expr(&one.test), block(one.then), block(one.otherwise))
        }
        StmtKind::Loop(one) => {
            let head = match &one.kind {
                syntax::ir::LoopKind::Each(target, over) => format!("for {} in {}", expr(target), expr(over)),
                syntax::ir::LoopKind::While(test, _) => format!("while {}", expr(test)),
                _ => "loop".to_owned(),
            };
            format!("{head} {{{}}}", block(one.body))
        }
        StmtKind::Try(one) => {
            let handlers: Vec<String> = one
                .handlers
                .iter()
                .map(|(name, body)| {
                    format!("except {}{{{}}}", name.map(|name| expr(&name) + " ").unwrap_or_default(), block(body))
                })
                .collect();
            format!("try {{{}}} {} finally {{{}}}", block(one.body), handlers.join(" "), block(one.last))
        }
        StmtKind::Block(body) => format!("[{}]", block(body)),
        StmtKind::Return(value) => format!("return {}", value.map(|value| expr(&value)).unwrap_or_default()),
        StmtKind::Throw(value) => format!("raise {}", value.map(|value| expr(&value)).unwrap_or_default()),
        StmtKind::Break => "break".to_owned(),
        StmtKind::Continue => "continue".to_owned(),
        StmtKind::Outer(names) => format!("outer {}", names.join(" ")),
    }
}

fn function(one: &syntax::ir::Function) -> String {
    let parameters: Vec<String> = one
        .parameters
        .iter()
        .map(|parameter| {
            let star = match parameter.kind {
                ParameterKind::One => "",
                ParameterKind::Rest => "*",
                ParameterKind::RestNamed => "**",
            };
            let default = parameter.default.map(|default| format!("={}", expr(&default))).unwrap_or_default();
            format!("{star}{}{default}", expr(&parameter.target))
        })
        .collect();
    let decorators: String = one.decorators.iter().map(|one| format!("@{} ", expr(one))).collect();
    let word = if one.method { "method" } else { "def" };
    format!("{decorators}{word} {}({}) {{{}}}", one.name, parameters.join(", "), block(one.body))
}

fn exprs(all: &[Expr]) -> String {
    all.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn expr(one: &Expr) -> String {
    match &one.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(truth) => truth.to_string(),
        ExprKind::Int(number) => number.to_string(),
        ExprKind::Float(number) => format!("{number:?}"),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Bytes(bytes) => format!("b{:?}", String::from_utf8_lossy(bytes)),
        ExprKind::Join(parts) => format!("join({})", exprs(parts)),
        ExprKind::Name(name) => (*name).to_owned(),
        ExprKind::Member(object, name) => format!("{}.{name}", expr(object)),
        ExprKind::Index(object, index) => format!("{}[{}]", expr(object), expr(index)),
        ExprKind::Slice(slice) => {
            let bound = |bound: &Option<Expr>| bound.map(|bound| expr(&bound)).unwrap_or_default();
            format!("{}[{}:{}:{}]", expr(&slice.object), bound(&slice.start), bound(&slice.stop), bound(&slice.step))
        }
        ExprKind::Call(call) => {
            let arguments: Vec<String> = call
                .arguments
                .iter()
                .map(|argument| match argument.name {
                    Some(name) => format!("{name}={}", expr(&argument.value)),
                    None => expr(&argument.value),
                })
                .collect();
            format!("{}({})", expr(&call.callee), arguments.join(", "))
        }
        ExprKind::Binary(op, left, right) => format!("({} {op:?} {})", expr(left), expr(right)),
        ExprKind::Unary(op, operand) => format!("({op:?} {})", expr(operand)),
        ExprKind::List(items) => format!("[{}]", exprs(items)),
        ExprKind::Map(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(key, value)| format!("{}: {}", expr(key), expr(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        ExprKind::Function(one) => function(one),
        ExprKind::Class(_) => "class".to_owned(),
        ExprKind::Assign(one) => format!("({} := {})", expr(&one.target), expr(&one.value)),
        ExprKind::Conditional(test, then, otherwise) => {
            format!("({} ? {} : {})", expr(test), expr(then), expr(otherwise))
        }
        ExprKind::Spread(inner) => format!("*{}", expr(inner)),
        ExprKind::Await(inner) => format!("await {}", expr(inner)),
        ExprKind::Yield(inner) => format!("yield {}", expr(inner)),
        ExprKind::Comprehension(one) => {
            let loops: Vec<String> = one
                .loops
                .iter()
                .map(|(target, over, tests)| format!("for {} in {} if [{}]", expr(target), expr(over), exprs(tests)))
                .collect();
            let value = one.value.map(|value| format!(": {}", expr(&value))).unwrap_or_default();
            format!("<{}{value} {}>", expr(&one.element), loops.join(" "))
        }
        ExprKind::Sequence(all) => format!("({})", exprs(all)),
        ExprKind::Opaque(parts) => format!("?({})", exprs(parts)),
    }
}

/// Runs in a thread whose stack suits hostile nesting, as the engine's workers do.
fn on_big_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new()
        .stack_size(512 << 20)
        .spawn(run)
        .expect("a thread starts")
        .join()
        .expect("it does not panic")
}

fn seen(text: &str) -> Behaviours {
    behaviours(Language::Python, "a.py", text, Budget::default()).value
}

fn find(found: &Behaviours, action: Action) -> Vec<&Behaviour> {
    found.behaviours.iter().filter(|one| one.action == action).collect()
}

fn describe(found: &Behaviours) -> String {
    found
        .behaviours
        .iter()
        .map(|one| format!("{} {:?} {} {:?}\n", one.action, one.object.text, one.api, one.flags))
        .collect()
}

#[track_caller]
fn runs(text: &str, command: &str) -> Behaviours {
    let found = seen(text);
    assert!(
        find(&found, Action::ProcExec).iter().any(|one| one.object.text == command),
        "no {command:?} in\n{}",
        describe(&found)
    );
    found
}

#[track_caller]
fn flows(found: &Behaviours, from: Action, to: Action) {
    let joined = found.flows.iter().any(|flow| {
        found.behaviours[flow.from as usize].action == from && found.behaviours[flow.to as usize].action == to
    });
    assert!(joined, "no flow {from} -> {to} in\n{}{:?}", describe(found), found.flows);
}
