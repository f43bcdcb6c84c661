//! Lowering of JavaScript and TypeScript, by both routes.

use std::fmt::Write as _;

use syntax::{
    Language,
    ir::{Bump, Expr, ExprKind, Function, LoopKind, Stmt, StmtKind},
    lower::lower,
};

/// The form of a text on one line, and the codes of its problems.
fn form(text: &str, careful: bool) -> (String, Vec<String>) {
    let text = text.to_owned();
    let work = move || {
        let arena = Bump::new();
        let lowered = lower(&arena, Language::JavaScript, &text, careful);
        let mut out = String::new();
        block(lowered.body, &mut out);
        (out, lowered.problems.into_iter().map(|problem| problem.code).collect())
    };
    // The engine parses on a stack of this size.
    std::thread::Builder::new().stack_size(512 << 20).spawn(work).unwrap().join().unwrap()
}

/// The form by the main route; it must have no problems, and the fallback must find the same.
#[track_caller]
fn both(text: &str) -> String {
    let (main, problems) = form(text, false);
    assert_eq!(problems, Vec::<String>::new(), "{text}");
    let (fallback, problems) = form(text, true);
    assert_eq!(problems, ["fallback-parser"], "{text}");
    assert_eq!(fallback, main, "the two routes differ for {text}");
    main
}

/// The form by the main route, without problems.
#[track_caller]
fn main(text: &str) -> String {
    let (main, problems) = form(text, false);
    assert_eq!(problems, Vec::<String>::new(), "{text}");
    main
}

fn block(body: &[Stmt], out: &mut String) {
    for (at, stmt) in body.iter().enumerate() {
        if at > 0 {
            out.push_str("; ");
        }
        statement(stmt, out);
    }
}

fn braced(body: &[Stmt], out: &mut String) {
    out.push_str("{ ");
    block(body, out);
    out.push_str(" }");
}

fn statement(stmt: &Stmt, out: &mut String) {
    match &stmt.kind {
        StmtKind::Expr(expr) => expression(expr, out),
        StmtKind::Assign(assign) => {
            if assign.declares {
                out.push_str("let ");
            }
            expression(&Expr { span: stmt.span, kind: ExprKind::Assign(assign) }, out);
        }
        StmtKind::Import(import) => {
            write!(out, "import {:?}", import.module).unwrap();
            if let Some(name) = import.name {
                write!(out, ".{name}").unwrap();
            }
            if !import.alias.is_empty() {
                write!(out, " as {}", import.alias).unwrap();
            }
        }
        StmtKind::Function(one) => function(one, out),
        StmtKind::Class(class) => {
            write!(out, "class {}", class.name).unwrap();
            list("<", class.bases, ">", out);
            list("@", class.decorators, "", out);
            braced(class.body, out);
        }
        StmtKind::If(branch) => {
            out.push_str("if ");
            expression(&branch.test, out);
            out.push(' ');
            braced(branch.then, out);
            if !branch.otherwise.is_empty() {
                out.push_str(" else ");
                braced(branch.otherwise, out);
            }
        }
        StmtKind::Loop(one) => {
            match &one.kind {
                LoopKind::Each(target, items) => between("each ", target, " of ", items, out),
                LoopKind::Keys(target, object) => between("keys ", target, " in ", object, out),
                LoopKind::While(test, None) => between1("while ", test, out),
                LoopKind::While(test, Some(update)) => between("while ", test, " then ", update, out),
                LoopKind::DoWhile(test) => between1("do-while ", test, out),
            }
            out.push(' ');
            braced(one.body, out);
        }
        StmtKind::Try(tried) => {
            out.push_str("try ");
            braced(tried.body, out);
            for (name, body) in tried.handlers {
                out.push_str(" catch ");
                if let Some(name) = name {
                    between1("", name, out);
                }
                braced(body, out);
            }
            if !tried.last.is_empty() {
                out.push_str(" finally ");
                braced(tried.last, out);
            }
        }
        StmtKind::Block(body) => braced(body, out),
        StmtKind::Return(value) => {
            out.push_str("return");
            if let Some(value) = value {
                between1(" ", value, out);
            }
        }
        StmtKind::Throw(value) => {
            out.push_str("throw");
            if let Some(value) = value {
                between1(" ", value, out);
            }
        }
        StmtKind::Break => out.push_str("break"),
        StmtKind::Continue => out.push_str("continue"),
        StmtKind::Outer(names) => write!(out, "outer {names:?}").unwrap(),
    }
}

fn between(start: &str, one: &Expr, middle: &str, two: &Expr, out: &mut String) {
    out.push_str(start);
    expression(one, out);
    out.push_str(middle);
    expression(two, out);
}

fn between1(start: &str, one: &Expr, out: &mut String) {
    out.push_str(start);
    expression(one, out);
}

fn list(start: &str, items: &[Expr], end: &str, out: &mut String) {
    if items.is_empty() && !matches!(end, ")" | "]") {
        return;
    }
    out.push_str(start);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        expression(item, out);
    }
    out.push_str(end);
}

fn function(one: &Function, out: &mut String) {
    list("@", one.decorators, "", out);
    out.push_str(match (one.method, one.own_this) {
        (true, _) => "method ",
        (_, true) => "function ",
        _ => "arrow ",
    });
    write!(out, "{}(", one.name).unwrap();
    for (at, parameter) in one.parameters.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        if parameter.kind == syntax::ir::ParameterKind::Rest {
            out.push_str("...");
        }
        expression(&parameter.target, out);
        if let Some(default) = &parameter.default {
            between1(" = ", default, out);
        }
    }
    out.push_str(") ");
    braced(one.body, out);
}

fn expression(expr: &Expr, out: &mut String) {
    match &expr.kind {
        ExprKind::Null => out.push_str("null"),
        ExprKind::Bool(truth) => write!(out, "{truth}").unwrap(),
        ExprKind::Int(number) => write!(out, "{number}").unwrap(),
        ExprKind::Float(number) => write!(out, "{number:?}").unwrap(),
        ExprKind::Text(text) => write!(out, "{text:?}").unwrap(),
        ExprKind::Bytes(bytes) => write!(out, "b{bytes:?}").unwrap(),
        ExprKind::Join(parts) => list("join(", parts, ")", out),
        ExprKind::Name(name) => out.push_str(name),
        ExprKind::Member(object, name) => {
            expression(object, out);
            write!(out, ".{name}").unwrap();
        }
        ExprKind::Index(object, index) => {
            expression(object, out);
            between1("[", index, out);
            out.push(']');
        }
        ExprKind::Call(call) => {
            if call.construct {
                out.push_str("new ");
            }
            expression(&call.callee, out);
            let values: Vec<Expr> = call.arguments.iter().map(|argument| argument.value).collect();
            list("(", &values, ")", out);
        }
        ExprKind::Binary(operator, left, right) => {
            write!(out, "{operator:?}(").unwrap();
            between("", left, ", ", right, out);
            out.push(')');
        }
        ExprKind::Unary(operator, operand) => {
            write!(out, "{operator:?}(").unwrap();
            expression(operand, out);
            out.push(')');
        }
        ExprKind::List(items) => list("[", items, "]", out),
        ExprKind::Map(pairs) => {
            out.push('{');
            for (at, (key, value)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                between("", key, ": ", value, out);
            }
            out.push('}');
        }
        ExprKind::Function(one) => function(one, out),
        ExprKind::Class(class) => {
            write!(out, "class {} ", class.name).unwrap();
            braced(class.body, out);
        }
        ExprKind::Assign(assign) => {
            expression(&assign.target, out);
            match assign.operator {
                Some(operator) => write!(out, " {operator:?}= ").unwrap(),
                None => out.push_str(" = "),
            }
            expression(&assign.value, out);
        }
        ExprKind::Conditional(test, then, otherwise) => {
            between("(", test, " ? ", then, out);
            between1(" : ", otherwise, out);
            out.push(')');
        }
        ExprKind::Spread(inner) => between1("...", inner, out),
        ExprKind::Await(inner) => between1("await ", inner, out),
        ExprKind::Yield(inner) => between1("yield ", inner, out),
        ExprKind::Sequence(parts) => list("seq(", parts, ")", out),
        ExprKind::Opaque(parts) => list("opaque(", parts, ")", out),
        other => write!(out, "{other:?}").unwrap(),
    }
}

#[test]
fn literals() {
    assert_eq!(
        both(r#"f("a\x41\u{42}\n", 'b', 0x10, 1.5, 1e3, -2, null, undefined, true)"#),
        "f(\"aAB\\n\", \"b\", 16, 1.5, 1000, -2, null, null, true)"
    );
    assert_eq!(
        both("f(`a${b}c\\n`, `plain`, ``, 10n, 1_000)"),
        "f(join(\"a\", b, \"c\\n\"), \"plain\", \"\", 10, 1000)"
    );
    assert_eq!(both("x = /a\\/b/gi"), "x = RegExp(\"a\\\\/b\", \"gi\")");
    assert_eq!(
        both("x = [1,,2,...y]; y = {a, 'b': 1, 2: 3, [k]: 4, m() {}, get g() { return 1 }, ...z}"),
        "x = [1, null, 2, ...y]; y = {\"a\": a, \"b\": 1, \"2\": 3, k: 4, \"m\": method m() {  }, \"g\": @propertymethod g() { return 1 }, ...z: null}"
    );
    assert_eq!(
        both("a = String.raw`\\x41${b}`; $`ls ${c}`"),
        "a = String.raw(join(\"\\\\x41\", b)); $(join(\"ls \", c))"
    );
    assert_eq!(both("a = '\\ud83d\\ude00'; b = '\\101'; c = 0777"), "a = \"😀\"; b = \"A\"; c = 511");
    assert_eq!(main(r"a = '\ud800x'"), "a = \"\u{FFFD}x\"");
}

#[test]
fn operators() {
    assert_eq!(
        both("x = void 0, y = !0, z = !![], t = typeof q"),
        "seq(x = Void(0), y = Not(0), z = Not(Not([])), t = TypeOf(q))"
    );
    assert_eq!(both("a && f(); b || g(); c ?? h()"), "And(a, f()); Or(b, g()); Coalesce(c, h())");
    assert_eq!(both("a = b?.c?.[d]?.(e)"), "a = b.c[d](e)");
    assert_eq!(
        both("i++; --i; f(i++, --i); a.b += 1; a ||= 2"),
        "i Add= 1; i Subtract= 1; f(Subtract(i Add= 1, 1), i Subtract= 1); a.b Add= 1; a Or= 2"
    );
    assert_eq!(both("x = 'a' + 'b' + c - 1 + d"), "x = Add(Subtract(Add(Add(\"a\", \"b\"), c), 1), d)");
    assert_eq!(
        both("x = a instanceof B; y = 'k' in o; z = c ? 1 : 2"),
        "x = opaque(a, B); y = In(\"k\", o); z = (c ? 1 : 2)"
    );
    assert_eq!(both("new X; new Y(1); new a.B(...c)"), "new X(); new Y(1); new a.B(...c)");
}

#[test]
fn long_sums_become_flat() {
    let text = format!("x = {}", (0..20_000).map(|at| format!("'{}'", at % 10)).collect::<Vec<_>>().join("+"));
    for careful in [false, true] {
        let (form, problems) = form(&text, careful);
        assert!(form.starts_with("x = join(\"0\", \"1\", "), "{}", &form[..40]);
        assert!(!problems.contains(&"too-deep".to_owned()));
    }
    let text = format!("x = {}evil()", "a && ".repeat(20_000));
    assert!(form(&text, false).0.ends_with("evil())"));
}

#[test]
fn statements() {
    assert_eq!(
        both("var a = 1, b; let {c, d: e = 2, ...r} = f; const [g, , ...h] = i"),
        "let a = 1; let b = null; let {\"c\": c, \"d\": e = 2, ...r: null} = f; let [g, null, ...h] = i"
    );
    assert_eq!(both("({a, b: c.d, e = 1} = f)"), "{\"a\": a, \"b\": c.d, \"e\": e = 1} = f");
    assert_eq!(both("if (a) b(); else if (c) { d() } else e()"), "if a { b() } else { if c { d() } else { e() } }");
    assert_eq!(
        both("for (var i = 0; i < 3; i++) f(i); for (;;) break; for (k in o) g(k); for (const v of l) h(v)"),
        "let i = 0; while Less(i, 3) then i Add= 1 { f(i) }; while true { break }; keys k in o { g(k) }; each v of l { h(v) }"
    );
    assert_eq!(both("while (a) b(); do { c() } while (d)"), "while a { b() }; do-while d { c() }");
    assert_eq!(
        both("try { a() } catch (e) { b(e) } finally { c() } try { d() } catch { e() }"),
        "try { a() } catch e{ b(e) } finally { c() }; try { d() } catch { e() }"
    );
    assert_eq!(both("throw new Error('x'); debugger; with (a) b()"), "throw new Error(\"x\"); debugger(); a; { b() }");
    assert_eq!(
        both("f(); function f(a, {b}, c = 1, ...d) { return a }"),
        "function f(a, {\"b\": b}, c = 1, ...d) { return a }; f()"
    );
    assert_eq!(
        both("x = a => a + 1; y = async (b) => { await b }; z = function* n() { yield 1 }"),
        "x = arrow (a) { return Add(a, 1) }; y = arrow (b) { await b }; z = function n() { await 1 }"
    );
}

#[test]
fn jumps_and_labels() {
    assert_eq!(
        both("a: for (;;) { for (;;) { continue a } } b: for (;;) { continue b } c: { d(); break c }"),
        "while true { while true { break } }; while true { continue }; { d(); {  } }"
    );
}

#[test]
fn switches_become_chains() {
    assert_eq!(
        both("switch (x) { case 1: a(); break; case 2: case 3: b(); default: c() }"),
        "if Equal(x, 1) { a() } else { if Or(Equal(x, 2), Equal(x, 3)) { b(); c() } else { c() } }"
    );
    let flattened =
        both("while (true) { switch (order[i++]) { case '0': a(); continue; case '1': b(); continue } break }");
    assert_eq!(flattened, "while true { let switch 21 = order[Subtract(i Add= 1, 1)]; if Equal(switch 21, \"0\") { a(); continue } else { if Equal(switch 21, \"1\") { b(); continue } }; break }".replace("switch 21", flattened.split("let ").nth(1).unwrap().split(" =").next().unwrap()));
    assert_eq!(
        both("switch (x) { case 1: if (y) break; a() }"),
        "do-while false { if Equal(x, 1) { if y { break }; a() } }"
    );
}

#[test]
fn classes() {
    assert_eq!(
        both(
            "class A extends B { x = 1; #y; static z = f(); constructor() { super(); this.#y = 2 } get v() { return this.#y } set v(w) {} static { g() } [k]() {} }"
        ),
        "class A<B>{ let x = 1; let #y = null; let z = f(); method constructor() { super(); this.#y = 2 }; @propertymethod v() { return this.#y }; method set v(w) {  }; { g() }; k; method () {  } }"
    );
}

#[test]
fn modules() {
    assert_eq!(
        both("import 'a'; import b from 'b'; import * as c from 'c'; import {d, e as f} from 'd'"),
        "import \"a\"; import \"b\".default as b; import \"c\" as c; import \"d\".d as d; import \"d\".e as f"
    );
    assert_eq!(
        both("export {a, b as c}; export const d = 1, {e} = f; export function g() {} export default h()"),
        "function g() {  }; exports.a = a; exports.c = b; let d = 1; let {\"e\": e} = f; exports.d = d; exports.e = e; exports.g = g; exports.default = h()"
    );
    assert_eq!(
        both("export * from 'a'; export {b as c} from 'd'; export * as e from 'f'"),
        "import \"a\".*; import \"d\".b as export c; exports.c = export c; import \"f\" as export e; exports.e = export e"
    );
    assert_eq!(both("export default function f() {}"), "function f() {  }; exports.default = f");
    assert_eq!(
        both("const fs = require('fs'); x = await import('y'); u = import.meta.url"),
        "let fs = require(\"fs\"); x = await import(\"y\"); u = import.meta.url"
    );
}

#[test]
fn typescript() {
    assert_eq!(
        main("const a: string = b as any; let c = <T>(d: T): T => d; type X = {}; interface Y {} declare const z: 1"),
        "let a = b; let c = arrow (d) { return d }"
    );
    assert_eq!(main("enum E { A, B = 5, C, D = 'd' }"), "let E = {\"A\": 0, \"B\": 5, \"C\": 6, \"D\": \"d\"}");
    assert_eq!(main("namespace N { export const a = 1; }"), "let N = {}; { let a = 1; N.a = a }");
    assert_eq!(
        main("@Dec({s: 1}) class A { @In() x: number; constructor(private readonly y: string) {} @On('z') m() {} }"),
        "class A@Dec({\"s\": 1}){ In(); let x = null; method constructor(y) { this.y = y }; @On(\"z\")method m() {  } }"
    );
    assert_eq!(
        main("import fs = require('fs'); import type {T} from 't'; export = fs"),
        "let fs = require(\"fs\"); module.exports = fs"
    );
    assert_eq!(main("abstract class A { abstract m(): void; declare x: 1; n!: number }"), "class A{ let n = null }");
    assert_eq!(
        main("function f(this: Window, a?: number): asserts a is number; function f(a) { return a! }"),
        "function f(a) { return a }"
    );
}

#[test]
fn jsx_keeps_its_expressions() {
    assert_eq!(
        main("x = <a href=\"u\" onClick={() => f()} {...p}>t {g()}<b/></a>"),
        "x = opaque(\"u\", arrow () { return f() }, p, g(), opaque())"
    );
}

#[test]
fn odd_beginnings_and_ends() {
    assert_eq!(main("#!/usr/bin/env node\nf()"), "f()");
    assert_eq!(main("\u{FEFF}f()"), "f()");
    assert_eq!(main("return f()"), "return f()");
    assert_eq!(main("<!-- comment\nf()\n--> more"), "f()");
    assert_eq!(main("{\"a\": {\"b\": [1, 'x']}}"), "{\"a\": {\"b\": [1, \"x\"]}}");
    assert_eq!(main(""), "");
    assert_eq!(main("'use strict'; f()"), "f()");
}

#[test]
fn spans_are_those_of_the_file() {
    let arena = Bump::new();
    let text = "{\"key\": \"value\"}";
    let lowered = lower(&arena, Language::JavaScript, text, false);
    let StmtKind::Expr(Expr { kind: ExprKind::Map([(key, _)]), .. }) = lowered.body[0].kind else { panic!("a map") };
    assert_eq!(&text[key.span.start as usize..key.span.end as usize], "\"key\"");
}

#[test]
fn broken_files_fall_back() {
    let (form, problems) = form("require('a').exec('b'); f(; \n eval('c'); }", false);
    assert_eq!(problems, ["syntax-error", "fallback-parser"]);
    assert!(form.contains("require(\"a\").exec(\"b\")"), "{form}");
    assert!(form.contains("eval(\"c\")"), "{form}");
}

#[test]
fn nesting_that_the_caller_lets_pass() {
    for (open, close) in
        [("(", ")"), ("[", "]"), ("f(", ")"), ("{", "}"), ("if(a){", "}"), ("!", ""), ("()=>", ""), ("`${", "}`")]
    {
        let depth = 2500;
        let text = format!("{}evil(){}", open.repeat(depth), close.repeat(depth));
        for careful in [false, true] {
            let (form, problems) = form(&text, careful);
            assert!(form.contains("evil"), "{open} careful: {careful} {problems:?}");
        }
    }
    let text = format!("{}evil(){}", "(function(){".repeat(1000), "})".repeat(1000));
    assert!(form(&text, false).0.contains("evil"));
}

#[test]
fn deeper_nesting_is_cut_and_told() {
    for text in ["[".repeat(20_000), format!("x{}", ".a()".repeat(20_000)), "if(a);else ".repeat(20_000)] {
        let (_, problems) = form(&text, true);
        assert!(
            problems.contains(&"too-deep".to_owned()) || problems.contains(&"syntax-error".to_owned()),
            "{problems:?}"
        );
    }
    let (_, problems) = form(&format!("x{}", ".a()".repeat(20_000)), false);
    assert_eq!(problems, ["too-deep"]);
    let (_, problems) = form(&format!("{};", "if(a);else ".repeat(20_000)), false);
    assert_eq!(problems, ["too-deep"]);
}
