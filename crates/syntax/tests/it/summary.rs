//! Lowered code as short lines, for tests.

use syntax::{
    Language,
    ir::{Argument, Bump, Expr, ExprKind, LoopKind, Stmt, StmtKind},
    lower::lower,
};

/// Each statement of a text as a line. `command=` lists are left out: they repeat the words.
pub fn summary(language: Language, text: &str) -> Vec<String> {
    let arena = Bump::new();
    let lowered = lower(&arena, language, text, false);
    let mut lines = Vec::new();
    for stmt in lowered.body {
        statement(stmt, "", &mut lines);
    }
    lines
}

/// The codes of the problems that a text has.
pub fn problems(language: Language, text: &str) -> Vec<String> {
    let arena = Bump::new();
    lower(&arena, language, text, false).problems.into_iter().map(|problem| problem.code).collect()
}

fn statement(stmt: &Stmt<'_>, indent: &str, lines: &mut Vec<String>) {
    let deeper = format!("{indent}  ");
    let mut block = |title: String, body: &[Stmt<'_>]| {
        lines.push(format!("{indent}{title}"));
        for stmt in body {
            statement(stmt, &deeper, lines);
        }
    };
    match stmt.kind {
        StmtKind::Expr(value) => lines.push(format!("{indent}{}", expr(&value))),
        StmtKind::Assign(assign) => {
            let sign = if assign.operator.is_some() { "+=" } else { "=" };
            lines.push(format!("{indent}{} {sign} {}", expr(&assign.target), expr(&assign.value)));
        }
        StmtKind::Import(import) => {
            lines.push(format!("{indent}import {} {} as {}", import.module, import.name.unwrap_or("-"), import.alias));
        }
        StmtKind::Function(function) => block(format!("function {}", function.name), function.body),
        StmtKind::Class(class) => block(format!("class {}", class.name), class.body),
        StmtKind::If(one) => {
            block(format!("if {}", expr(&one.test)), one.then);
            if !one.otherwise.is_empty() {
                block("else".to_owned(), one.otherwise);
            }
        }
        StmtKind::Loop(one) => {
            let title = match one.kind {
                LoopKind::Each(target, list) => format!("for {} in {}", expr(&target), expr(&list)),
                LoopKind::Keys(target, list) => format!("for {} keys {}", expr(&target), expr(&list)),
                LoopKind::While(test, _) => format!("while {}", expr(&test)),
                LoopKind::DoWhile(test) => format!("do while {}", expr(&test)),
            };
            block(title, one.body);
        }
        StmtKind::Try(one) => {
            block("try".to_owned(), one.body);
            for (_, handler) in one.handlers {
                block("catch".to_owned(), handler);
            }
            if !one.last.is_empty() {
                block("finally".to_owned(), one.last);
            }
        }
        StmtKind::Block(body) => block("block".to_owned(), body),
        StmtKind::Return(value) => {
            lines.push(format!("{indent}return {}", value.as_ref().map(expr).unwrap_or_default()))
        }
        StmtKind::Throw(value) => lines.push(format!("{indent}throw {}", value.as_ref().map(expr).unwrap_or_default())),
        StmtKind::Break => lines.push(format!("{indent}break")),
        StmtKind::Continue => lines.push(format!("{indent}continue")),
        StmtKind::Outer(_) => {}
    }
}

fn list(items: &[Expr<'_>]) -> String {
    items.iter().map(expr).collect::<Vec<_>>().join(", ")
}

fn argument(argument: &Argument<'_>) -> String {
    match argument.name {
        Some(name) => format!("{name}={}", expr(&argument.value)),
        None => expr(&argument.value),
    }
}

fn expr(value: &Expr<'_>) -> String {
    match value.kind {
        ExprKind::Null => "null".to_owned(),
        ExprKind::Bool(truth) => truth.to_string(),
        ExprKind::Int(number) => number.to_string(),
        ExprKind::Float(number) => number.to_string(),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Bytes(bytes) => format!("b{:?}", String::from_utf8_lossy(bytes)),
        ExprKind::Join(parts) => format!("join({})", list(parts)),
        ExprKind::Name(name) => name.to_owned(),
        ExprKind::Member(object, name) => format!("{}.{name}", expr(object)),
        ExprKind::Index(object, index) => format!("{}[{}]", expr(object), expr(index)),
        ExprKind::Slice(slice) => format!("{}[:]", expr(&slice.object)),
        ExprKind::Call(call) => {
            let arguments: Vec<_> =
                call.arguments.iter().filter(|one| one.name != Some("command")).map(argument).collect();
            let command = call.arguments.iter().find(|one| one.name == Some("command"));
            let callee = expr(&call.callee);
            match command {
                Some(command) if callee == "exec" => format!("exec{}({})", expr(&command.value), arguments.join(", ")),
                _ => format!("{callee}({})", arguments.join(", ")),
            }
        }
        ExprKind::Binary(operator, left, right) => format!("({} {operator:?} {})", expr(left), expr(right)),
        ExprKind::Unary(operator, operand) => format!("{operator:?} {}", expr(operand)),
        ExprKind::List(items) => format!("[{}]", list(items)),
        ExprKind::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{}: {}", expr(key), expr(value))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        ExprKind::Function(function) => {
            let mut lines = Vec::new();
            for stmt in function.body {
                statement(stmt, "", &mut lines);
            }
            let parameters: Vec<_> = function.parameters.iter().map(|one| expr(&one.target)).collect();
            format!("|{}| {{ {} }}", parameters.join(", "), lines.join("; "))
        }
        ExprKind::Class(class) => format!("class {}", class.name),
        ExprKind::Assign(assign) => format!("({} = {})", expr(&assign.target), expr(&assign.value)),
        ExprKind::Conditional(test, then, otherwise) => {
            format!("({} ? {} : {})", expr(test), expr(then), expr(otherwise))
        }
        ExprKind::Spread(inner) => format!("*{}", expr(inner)),
        ExprKind::Await(inner) => format!("await {}", expr(inner)),
        ExprKind::Yield(inner) => format!("yield {}", expr(inner)),
        ExprKind::Comprehension(_) => "comprehension".to_owned(),
        ExprKind::Sequence(parts) => format!("({})", list(parts)),
        ExprKind::Opaque(parts) => format!("?({})", list(parts)),
    }
}

/// What a text does: `action object flags`, and each flow as `from -> to`, by action.
pub fn behaviours(language: Language, text: &str) -> Vec<String> {
    let seen = syntax::behaviours(language, "file", text, syntax::Budget::default()).value;
    let mut lines: Vec<String> = seen
        .behaviours
        .iter()
        .map(|one| format!("{} {} {}", one.action, one.object.text, one.flags.join(" ")).trim_end().to_owned())
        .collect();
    for flow in &seen.flows {
        let action = |id: u32| seen.behaviours[id as usize].action;
        let line = format!("{} -> {}", action(flow.from), action(flow.to));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Asserts that each line is among the behaviours and flows of a text.
pub fn expect(language: Language, text: &str, expected: &[&str]) {
    let lines = behaviours(language, text);
    for line in expected {
        assert!(lines.iter().any(|one| one == line), "{line:?} is not in {lines:#?} of {text}");
    }
}

/// Reads a text on a stack like that of a worker, and answers its problems.
pub fn survives(language: Language, text: String) -> Vec<String> {
    let read = move || {
        syntax::behaviours(language, "file", &text, syntax::Budget::default());
        problems(language, &text)
    };
    let thread = std::thread::Builder::new().stack_size(512 << 20).spawn(read).expect("a thread");
    thread.join().expect("the reader survives")
}
