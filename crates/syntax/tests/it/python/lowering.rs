//! What is lowered, by either parser.

use super::*;

#[track_caller]
fn both(text: &str, expected: &str) {
    assert_eq!(summary(text), expected, "ruff");
    assert_eq!(careful_summary(text), expected, "tree-sitter");
}

#[test]
fn both_parsers_lower_to_the_same() {
    both("import os.path, sys as s\n", "[import os.path as os; import sys as s]");
    both(
        "from . import x\nfrom ..a.b import c as d, e\n",
        "import ..x as x; [import ..a.b.c as d; import ..a.b.e as e]",
    );
    both("from m import *\n", "import m.* as ");
    both("x = f(1, *a, k='v', **m)[0].b\n", "x = f(1, *a, k=\"v\", **=*m)[0].b");
    both("a, *b = c[1:-2], d[::-1]\n", "[a, *b] = [c[1:-2:], d[::-1]]");
    both("x += 1\no.y = z = 2\n", "x Add= 1; [<match 1> = 2; o.y = <match 1>; z = <match 1>]");
    both(
        "class A(B, metaclass=M):\n  @staticmethod\n  def s(x): pass\n  @classmethod\n  def c(cls): return 1\n  async def m(self, a=1, *r, k=2, **kw): await a\n",
        "class A(B, M) {@staticmethod def s(x) {[]}; @classmethod method c(cls) {return 1}; method m(self, a=1, *r, k=2, **kw) {await a}}",
    );
    both("f = lambda x, y=2: x ^ y\n", "f = def (x, y=2) {return (x BitXor y)}");
    both("[a for a in b if c]; {k: v for k, v in d}\n", "<a for a in b if [c]>; <k: v for [k, v] in d if []>");
    both("with open(p) as f, g():\n  f.read()\n", "[f = open(p); g(); f.read()]");
    both(
        "try:\n  a()\nexcept (E, F) as e:\n  b()\nelse:\n  c()\nfinally:\n  d()\n",
        "try {a()} except e {b()} finally {c(); d()}",
    );
    both("if a:\n  b\nelif c:\n  d\nelse:\n  e\n", "if a {b} else {if c {d} else {e}}");
    both("for x in y:\n  break\nelse:\n  z()\n", "[for x in y {break}; [z()]]");
    both("def f():\n  global a, b\n  raise E from c\n", "def f() {outer a b; raise E}");
    both("x = a if b else not c\n", "x = (b ? a : (Not c))");
    both(
        "print((y := 5), -3, ~x, 1 < 2, a is not None)\n",
        "print((y := 5), -3, (BitNot x), (1 Less 2), (a NotEqual null))",
    );
    both("del a, b.c\n", "[(Delete a); (Delete b.c)]");
    both("x = 'a' \"b\" + '\\x41\\u0042\\n'\n", "x = (\"ab\" Add \"AB\\n\")");
    both("x = b'a\\x00' + rb'\\d'\n", "x = (b\"a\\0\" Add b\"\\\\d\")");
    both("x = f'a{b}c{{d}}' r'\\q'\n", "x = join(\"a\", b, \"c{d}\", \"\\\\q\")");
    both("x: int = 3\ny: str\n", "x = 3; []");
    both("x = {**a, 'b': 1}\n", "x = {*a: null, \"b\": 1}");
    both("x = {1, 2}, (), [3]\n", "x = [[1, 2], [], [3]]");
    both("x = 0x10 + 0b11 + 0o17 + 1_000\n", "x = (((16 Add 3) Add 15) Add 1000)");
}

#[test]
fn numbers_beyond_64_bits_keep_their_digits() {
    assert_eq!(summary("x = 0xffffffffffffffffff\n"), "x = int(\"0xffffffffffffffffff\", 0)");
}

#[test]
fn a_format_specification_that_makes_letters_is_kept() {
    assert_eq!(summary("f'{x:c}{y!r}{z:>10}'\n"), "join(format(x, \"c\"), repr(y), z)");
}

#[test]
fn a_match_is_a_chain_of_branches() {
    assert_eq!(
        summary("match f():\n  case 'a': x()\n  case [b, *c]: y(b)\n  case _: z()\n"),
        "[<match 1> = f(); if (<match 1> Equal \"a\") {x()} else {if ?(<match 1>) {b = <match 1>[0]; c = <match 1>[1]; y(b)} else {z()}}]"
    );
}

#[test]
fn a_text_that_stands_alone_is_a_comment() {
    assert_eq!(summary("'''doc'''\ndef f():\n  'doc'\n  g()\n"), "[]; def f() {[]; g()}");
}

#[test]
fn python_2_is_read() {
    assert_eq!(
        summary("import os\nprint 'a', b\nprint >>sys.stderr, c\nexec code\ntry:\n  f()\nexcept E, e:\n  print e\n"),
        "import os as os; print(\"a\", b); print(c, file=sys.stderr); exec(code); try {f()} except e {print(e)} finally {}"
    );
    assert_eq!(summary("exec base64.b64decode('eA==')\n"), "exec(base64.b64decode(\"eA==\"))");
    assert_eq!(summary("exec 'import os' in ns\n"), "exec(\"import os\")");
    assert!(summary("raise E, 'x'\nprint `a`, 0777L\nx = ur'\\d'\nos.system('id')\n").contains("os.system(\"id\")"));
    assert_eq!(problems("print 'x'\nx = 0777\n"), ["fallback-parser"]);
}

#[test]
fn a_broken_file_is_read_as_far_as_it_goes() {
    let text = "import os\ndef f(:\n  os.system('a')\nx = (1,\nos.system('b')\n";
    assert!(problems(text).contains(&"syntax-error".to_owned()));
    assert!(summary(text).contains("os.system"));
}

#[test]
fn look_alike_letters_are_normalised_and_noted() {
    let text = "𝘦𝘹𝘦𝘤(ｇｅｔａｔｔｒ(x, 'y'))\n";
    assert_eq!(summary(text), "exec(getattr(x, \"y\"))");
    assert_eq!(careful_summary(text), "exec(getattr(x, \"y\"))");
    assert_eq!(problems(text), ["confusable-builtin"]);
    assert_eq!(problems("größe = 1\nπ = 3\n"), Vec::<String>::new());
}

#[test]
fn long_chains_stay_shallow() {
    let text = format!("x = {}\n", vec!["chr(65)"; 20_000].join(" + "));
    let folded = seen(&format!("{text}open(x, 'w')\n"));
    let file = find(&folded, Action::FileWrite);
    assert!(file.first().is_some_and(|one| one.object.text.starts_with("AAAA")));
}

#[test]
fn hostile_nesting_is_cut_and_not_fatal() {
    on_big_stack(|| {
        for (open, inner, close) in [
            ("(", "f()", ")"),
            ("[", "1", "]"),
            ("f(", "1", ")"),
            ("{1:", "1", "}"),
            ("-", "1", ""),
            ("lambda: ", "1", ""),
        ] {
            for depth in [2_500, 20_000] {
                let text = format!("x = {}{inner}{}\nos.system('x')\n", open.repeat(depth), close.repeat(depth));
                for careful in [false, true] {
                    let arena = Bump::new();
                    let lowered = lower(&arena, Language::Python, &text, careful);
                    assert!(!lowered.body.is_empty(), "{open} {depth} {careful}");
                }
            }
        }
        let text = (0..2_500).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect::<String>();
        let arena = Bump::new();
        assert!(!lower(&arena, Language::Python, &text, false).body.is_empty());
        let text = "if a: pass\n".to_owned() + &"elif b: pass\n".repeat(20_000);
        let arena = Bump::new();
        assert!(!lower(&arena, Language::Python, &text, false).body.is_empty());
    });
}
