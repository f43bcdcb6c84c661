use syntax::{Language, nesting::depth};

fn javascript(text: &str) -> usize {
    depth(text, Language::JavaScript)
}

fn python(text: &str) -> usize {
    depth(text, Language::Python)
}

#[test]
fn what_kills_recursive_parsers_is_counted() {
    let many = 5_000;
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("for(;;){", "}"),
        ("(function(){", "})()"),
        ("`${", "}`"),
        ("!", ""),
        ("- ", ""),
        ("typeof ", ""),
        ("new\n", ""),
        ("if(a)", ""),
        ("if(a)\n", ""),
        ("if(a){}else ", ""),
        ("if(a)b;else ", ""),
        ("for(a of b)", ""),
        ("while(a)", ""),
        ("do ", ""),
        ("a:", ""),
        ("a?b:", ""),
        ("a?", ":b"),
        ("a=>", ""),
        ("(a,b)=>", ""),
        ("a=", ""),
        ("a\n=", ""),
        ("a**", ""),
        ("<a>", "</a>"),
        ("A<", ">"),
        ("/[(]/.b(", ")"),
    ] {
        let text = format!("{}x{}", open.repeat(many), close.repeat(many));
        let found = javascript(&text);
        assert!(found >= many, "{open} x {close}: {found}");
    }
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{1:", "}"),
        ("not ", ""),
        ("-", ""),
        ("~ ", ""),
        ("lambda: ", ""),
        ("lambda a,b: ", ""),
        ("a if b else ", ""),
        ("a**", ""),
        ("await ", ""),
        ("f'{", "}'"),
        ("f\"\"\"{", "}\"\"\""),
    ] {
        let text = format!("{}x{}", open.repeat(many), close.repeat(many));
        let found = python(&text);
        assert!(found >= many - 10, "{open} x {close}: {found}");
    }
    let blocks: String = (0..3_000).map(|level| format!("{}if a:\n", " ".repeat(level))).collect();
    assert!(python(&blocks) >= 2_999);
    for language in [Language::Shell, Language::Ruby, Language::Rust, Language::PowerShell] {
        assert!(depth(&"(".repeat(many), language) >= many);
    }
    assert!(depth(&"\"$(a ".repeat(many), Language::Shell) >= many);
}

#[test]
fn what_is_only_long_is_not_deep() {
    let many = 20_000;
    for part in [
        "1+",
        "a.b.",
        "a()",
        "f(a, b);\n",
        "var a = b ? c : d, e = f\n",
        "x = y\n",
        "if (a) { b } else { c }\n",
        "if (a) b()\nc()\n",
        "const f = () => { if (a) b }\n",
        "case 1: case 2: x; break;\n",
        "a = { b: 1, c: [2, 3] };\n",
        "// (((( {{{{\n",
        "/* (((( */",
        "'(((('+",
        "/((((/.test(a),",
        "`((((`,",
        "!a && !b ||",
        "for (let i = 0; i < n; i++) { a(i) }\n",
        "return <a><b/>{c}</a>;\n",
    ] {
        let found = javascript(&part.repeat(many));
        assert!(found < 20, "{part}: {found}");
    }
    for part in [
        "1+",
        "a.b.",
        "x = -1\n",
        "if a:\n    b(c)\nelif d:\n    e = [1, 2]\nelse:\n    pass\n",
        "# ((((\n",
        "'(((('+",
        "'''((((\n'''\n",
        "f'(((({a}{{'\n",
        "x = a if b else c\n",
        "f(lambda x: x, lambda y: y)\n",
        "a and not b and ",
    ] {
        let found = python(&part.repeat(many));
        assert!(found < 20, "{part}: {found}");
    }
}

#[test]
fn broken_texts_are_survived() {
    for text in ["'", "\"\\", "`${", "/", "/*", "f'{", ")", "}", "\\", "<", "\u{e9}'\\", "#", "'''", "a\\"] {
        for language in [Language::JavaScript, Language::Python, Language::Shell, Language::Ruby, Language::Rust] {
            depth(text, language);
        }
    }
}
