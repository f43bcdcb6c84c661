//! Source that kills parsers, read by the real analysis: the engine answers, in time, and reads the next package.

use std::time::Duration;

use analysis::Analyser;
use engine::{Analysis, Engine, Options, UserRules};
use model::Decision;

use crate::{options, target};

fn real() -> Engine {
    let user = UserRules { yara: vec![("real".into(), String::new())], ..UserRules::default() };
    let ruleset = Analyser::new(&UserRules::default()).expect("the built-in rules").ruleset().to_owned();
    Engine::with_ruleset(Options { user, time: Duration::from_secs(120), ..options() }, ruleset).expect("it starts")
}

/// A tar archive with one source file and a manifest that makes it an npm package.
fn package(name: &str, source: &[u8]) -> Vec<u8> {
    let manifest = format!(r#"{{"name":"x","version":"1.0.0","main":"{name}"}}"#);
    let (manifest, path) = (("package/package.json", manifest.as_bytes()), format!("package/{name}"));
    testkit::archive::tar(&[manifest, (&path, source)])
}

/// The law of decisions holds for whatever came of it, and the pool goes on.
async fn survives(engine: &Engine, what: &str, name: &str, source: impl AsRef<[u8]>) -> Analysis {
    let analysis = engine.analyse(target("x.tar"), package(name, source.as_ref())).await;
    let verdict = &analysis.verdict;
    assert!(verdict.coverage.is_complete() || verdict.decision != Decision::Benign, "{what}: {verdict:?}");
    assert_ne!(verdict.decision, Decision::Unknown, "{what}");
    analysis
}

async fn assert_reads_the_next(engine: &Engine) {
    let analysis = engine.analyse(target("x.tar"), package("index.js", b"exports.a = 1;\n")).await;
    assert_ne!(analysis.verdict.decision, Decision::Malicious);
}

fn nested(open: &str, middle: &str, close: &str, depth: usize) -> String {
    [open.repeat(depth), middle.into(), close.repeat(depth)].concat()
}

const DEPTHS: [usize; 4] = [1_000, 5_000, 20_000, 100_000];

#[tokio::test]
async fn nested_javascript() {
    let engine = real();
    let shapes = [
        ("parentheses", "(", "1", ")"),
        ("arrays", "[", "1", "]"),
        ("blocks", "{", "1", "}"),
        ("templates", "`${", "1", "}`"),
        ("loops", "for(;;)", ";", ""),
        ("functions", "(function(){", "1", "})()"),
        ("arrows", "()=>", "1", ""),
        ("calls", "f(", "1", ")"),
        ("objects", "({a:", "1", "})"),
        ("conditions", "if(a){}else ", "{}", ""),
        ("unary", "!", "1", ""),
        ("ternaries", "a?b:", "1", ""),
        ("elements", "<a>", "x", "</a>"),
        ("classes", "(class{a=", "1", "})"),
    ];
    for (what, open, middle, close) in shapes {
        for depth in DEPTHS {
            survives(&engine, &format!("{what} {depth}"), "index.jsx", nested(open, middle, close, depth)).await;
        }
    }
    assert_reads_the_next(&engine).await;
}

#[tokio::test]
async fn a_million_levels() {
    let engine = real();
    for (name, open, close) in
        [("index.js", "(", ")"), ("setup.py", "(", ")"), ("index.js", "[", ""), ("a.rb", "(", ")")]
    {
        survives(&engine, name, name, nested(open, "1", close, 1_000_000)).await;
    }
    assert_reads_the_next(&engine).await;
}

#[tokio::test]
async fn long_chains() {
    let engine = real();
    for (what, piece) in [("sum", "1+"), ("members", "a."), ("calls", "a()."), ("commas", "a,"), ("strings", "'a'+")] {
        let source = format!("{}a", piece.repeat(100_000));
        survives(&engine, what, "index.js", &source).await;
        survives(&engine, what, "setup.py", &source).await;
    }
    assert_reads_the_next(&engine).await;
}

#[tokio::test]
async fn nested_in_other_languages() {
    let engine = real();
    let shapes = [
        ("setup.py", "(", "1", ")"),
        ("setup.py", "[", "1", "]"),
        ("setup.py", "f(", "1", ")"),
        ("setup.py", "lambda:", "1", ""),
        ("setup.py", "not ", "1", ""),
        ("setup.py", "-", "1", ""),
        ("extconf.rb", "(", "1", ")"),
        ("extconf.rb", "f{", "1", "}"),
        ("install.sh", "$(", "a", ")"),
        ("install.sh", "if a; then ", "a", "; fi"),
        ("install.ps1", "(", "1", ")"),
        ("install.ps1", "if(1){", "1", "}"),
        ("build.rs", "(", "1", ")"),
        ("build.rs", "{", "1", "}"),
        ("package.lock.json", "[", "1", "]"),
        ("a.toml", "[", "1", "]"),
    ];
    for (name, open, middle, close) in shapes {
        for depth in DEPTHS {
            survives(&engine, &format!("{name} {open} {depth}"), name, nested(open, middle, close, depth)).await;
        }
    }
    let indented = |depth: usize| (0..depth).map(|level| format!("{}if a:\n", " ".repeat(level))).collect::<String>();
    survives(&engine, "indentation", "setup.py", indented(2_000)).await;
    assert_reads_the_next(&engine).await;
}

#[tokio::test]
async fn large_files() {
    let engine = real();
    survives(&engine, "one string", "index.js", format!("x = \"{}\"", "a".repeat(50 << 20))).await;
    survives(&engine, "one array", "index.js", format!("x = [{}]", "1,".repeat(10_000_000))).await;
    survives(&engine, "one line", "setup.py", format!("x = \"{}\"", "a".repeat(50 << 20))).await;
    survives(&engine, "much code", "index.js", "function f(a) { return a + 1; }\n".repeat(300_000)).await;
    assert_reads_the_next(&engine).await;
}

#[tokio::test]
async fn bytes_that_are_no_text() {
    let engine = real();
    let utf16: Vec<u8> = "exports.a = 1;".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sources: [(&str, &[u8]); 7] = [
        ("NUL", b"exports.a = 1;\0\0\0exports.b = 2;"),
        ("invalid UTF-8", b"exports.a = '\xff\xfe\xc0\x80';"),
        ("BOM", b"\xef\xbb\xbfexports.a = 1;"),
        ("UTF-16 BOM", &[b"\xff\xfe", &utf16[..]].concat()),
        ("UTF-16", &utf16),
        ("broken", b"function f( {{{ require('child_process').exec("),
        ("empty", b""),
    ];
    for (what, source) in sources {
        survives(&engine, what, "index.js", source).await;
        survives(&engine, what, "setup.py", source).await;
    }
    assert_reads_the_next(&engine).await;
}
