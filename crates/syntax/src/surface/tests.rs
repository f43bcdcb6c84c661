use super::*;

fn kinds(text: &str, language: Language) -> Vec<MarkKind> {
    marks(text, Some(language)).into_iter().map(|mark| mark.kind).collect()
}

fn only(text: &str, language: Language) -> Mark {
    let mut all = marks(text, Some(language));
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// A byte as a variation selector.
fn selector(byte: u8) -> char {
    let code = if byte < 16 { 0xFE00 + u32::from(byte) } else { 0xE0100 + u32::from(byte) - 16 };
    char::from_u32(code).unwrap()
}

#[test]
fn selectors_tags_and_zero_width_text_are_read() {
    let hidden: String = "print('hello')".bytes().map(selector).collect();
    let mark = only(&format!("const a = decode(`{hidden}`);"), Language::JavaScript);
    assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::InvisibleRun, Some("print('hello')")));
    assert_eq!(mark.offset, 18);

    let tags: String = "ignore this".bytes().map(|byte| char::from_u32(0xE0000 + u32::from(byte)).unwrap()).collect();
    assert_eq!(only(&format!("a = 1 # {tags}"), Language::Python).decoded.as_deref(), Some("ignore this"));

    let bits = |zero: char, one: char| -> String {
        let bit = |byte: u8, at: u32| if byte >> at & 1 == 1 { one } else { zero };
        b"hi you".iter().flat_map(|byte| (0..8).rev().map(move |at| bit(*byte, at))).collect()
    };
    for (zero, one) in [('\u{200B}', '\u{200C}'), ('\u{FFA0}', '\u{3164}')] {
        let text = format!("x = '{}'", bits(zero, one));
        assert_eq!(only(&text, Language::Python).decoded.as_deref(), Some("hi you"));
    }
}

#[test]
fn emoji_and_joined_scripts_are_not_hidden_text() {
    let text = "a = ['❤️', '☀️', '👨‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'می‌خواهم', 'क्‍ष']\n\u{feff}b = 1 # ️\n";
    assert_eq!(kinds(text, Language::Python), []);
    assert_eq!(kinds("\u{feff}import os\n", Language::Python), []);
}

#[test]
fn unclosed_direction_controls_are_marked() {
    let text = "if level != 'user\u{202E} \u{2066}// admins\u{2069} \u{2066}':\n    pass\n";
    assert_eq!(only(text, Language::Python).kind, MarkKind::BidiControl);
    let balanced = "title = '\u{2067}שלום\u{2069}'\nother = '\u{202B}שלום\u{202C}'\n";
    assert_eq!(kinds(balanced, Language::Python), []);
    let table = "const marks = ['\u{202A}', '\u{202E}', '\u{2066}'];\nconst all = /[\u{202A}-\u{202E}]/;\n";
    assert_eq!(kinds(table, Language::JavaScript), []);
}

#[test]
fn pushed_code_is_marked() {
    let far = " ".repeat(180);
    let text = format!("import os\nimport sys{far};exec(load('x'))\nprint(os.name)\n");
    let mark = only(&text, Language::Python);
    assert_eq!((mark.kind, mark.detail.as_str()), (MarkKind::PushedCode, ";exec(load('x'))"));
    let text = format!("module.exports = run;\n{far}eval(atob(data));\nrun();\n");
    assert_eq!(kinds(&text, Language::JavaScript), [MarkKind::PushedCode]);
}

#[test]
fn layouts_comments_and_texts_are_not_pushed_code() {
    let far = " ".repeat(130);
    let texts = [
        format!("a = 1{far}# a comment = (far)\n"),
        format!("a = '''x\n{far}call(b = 1);\n'''\n"),
        format!("a = \"x{far}call(b = 1);\"\n"),
        format!("{far}call(a = 1)\n{far}call(b = 1)\n"),
        format!("a = 1{far}\n"),
        format!("{far}\n\n"),
    ];
    for text in texts {
        assert_eq!(kinds(&text, Language::Python), [], "{text}");
    }
}

#[test]
fn confusable_identifiers() {
    let mark = only("𝐢𝐦𝐩𝐨𝐫𝐭 = 1\n", Language::Python);
    assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::Confusable, Some("import")));
    let mark = only("def pаyload():\n    pass\n", Language::Python);
    assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::Confusable, Some("payload")));
    for text in
        ["# pаyload\n", "a = 'pаyload 𝐛𝐨𝐥𝐝'\n", "имя = 1\n", "Δt = θ1 + σ_max + μm\n", "naïve = über\n", "𝛼 = 1\n"]
    {
        assert_eq!(kinds(text, Language::Python), [], "{text}");
    }
}

#[test]
fn escape_runs_are_read() {
    let code = "import os; os.system('echo this text is only an inert specimen')";
    let hex: String = code.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    let octal: String = code.bytes().map(|byte| format!("\\{byte:o}")).collect();
    let unicode: String = code.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    for run in [hex, octal, unicode] {
        let mark = only(&format!("# some words before\nexec(\"{run}\")\n"), Language::Python);
        assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::EscapeRun, Some(code)));
        assert_eq!(mark.offset, 26);
    }
    let numbers = code.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(", ");
    let mark = only(&format!("exec(bytes([{numbers}]))\n"), Language::Python);
    assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::EscapeRun, Some(code)));
    let table: String = (0..400).map(|at| format!("{}, ", (at * 37) % 256)).collect();
    assert_eq!(kinds(&format!("T = [{table}]\n"), Language::Python), []);
}

#[test]
fn javascript_obfuscators() {
    let names: String = (0..40).map(|at| format!("var _0x{:06x}=_0x4f2a(0x{at:x});", 0x3f_2a10 + at)).collect();
    let mark = only(&names, Language::JavaScript);
    assert_eq!(mark.kind, MarkKind::ObfuscatorJs);
    let rotation =
        "while(!![]){try{var a=parseInt(b(1))/1+parseInt(b(2))/2*parseInt(b(3))/3+parseInt(b(4))/4;}catch(c){}}";
    assert_eq!(only(rotation, Language::JavaScript).kind, MarkKind::ObfuscatorJs);
    let packer = "eval(function(p,a,c,k,e,d){return p}('0',1,1,'a'.split('|'),0,{}))";
    assert_eq!(only(packer, Language::JavaScript).detail, "packer");
    let brackets = "[][(![]+[])[+[]]+(![]+[])[!+[]+!+[]]]".repeat(20);
    assert!(only(&brackets, Language::JavaScript).detail.starts_with("JSFuck"));
    assert_eq!(kinds("const colour = 0x3f2a; while(!![]){ parseInt(a) }", Language::JavaScript), []);
}

#[test]
fn python_obfuscators() {
    let protected = "from pyarmor_runtime_000000 import __pyarmor__\n__pyarmor__(__name__, __file__, b'x')\n";
    assert_eq!(only(protected, Language::Python).detail, "PyArmor");
    let names: String = (0..30u32)
        .map(|at| {
            let name: String = (0..8).map(|bit| if at >> bit & 1 == 1 { 'l' } else { 'I' }).collect();
            format!("Il{name} = lambda lIIlIIlI: Il{name}\n")
        })
        .collect();
    assert_eq!(only(&names, Language::Python).kind, MarkKind::ObfuscatorPy);
    let honest = "# ______________\nIllinois = [O0 for O0 in ill]\n".repeat(40);
    assert_eq!(kinds(&honest, Language::Python), []);
    let sums: String = (0..40).map(|at| format!("变量{at} = chr(({at}+17)-{at}*1)\n")).collect();
    assert_eq!(only(&sums, Language::Python).kind, MarkKind::UnreadableNames);
    let chinese: String = (0..40).map(|at| format!("变量{at} = 打开(路径)\n")).collect();
    assert_eq!(kinds(&chinese, Language::Python), []);
}

/// Text that no decoder makes code of.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 99u64;
    let next = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    (0..length).map(next).collect()
}

#[test]
fn blobs_are_decoded() {
    let code = "import os\nprint(os.environ)\n".repeat(60);
    let blob = data_encoding::BASE64.encode(code.as_bytes());
    let mark = only(&format!("d = '{blob}'\n"), Language::Python);
    assert_eq!((mark.kind, mark.decoded.as_deref()), (MarkKind::Blob, Some(code.as_str())));
    assert_eq!(mark.offset, 5);
    let lines: Vec<String> =
        blob.as_bytes().chunks(72).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    for (before, between, after) in [("'''\n", "\n", "\n'''"), ("(b'", "'\n     b'", "')"), ("\"", "\" +\n  \"", "\";")]
    {
        let text = format!("d = {before}{}{after}\n", lines.join(between));
        let mark = only(&text, Language::Python);
        assert_eq!(mark.decoded.as_deref(), Some(code.as_str()), "{between}");
    }
    let plain = data_encoding::BASE64.encode(&noise(900));
    let mark = only(&format!("d = '{plain}'\n"), Language::Python);
    assert_eq!((mark.kind, mark.decoded), (MarkKind::Blob, None));
    let image = format!("d = 'data:image/png;base64,{plain}'\n");
    assert_eq!(kinds(&image, Language::Python), []);
    let token = format!("t = 'gAAAAA{}'\n", "B8-_x9".repeat(200));
    assert!(only(&token, Language::Python).detail.ends_with("of fernet"));
    let emoji = format!("e = '{}'\n", "😀😃😋🧭".repeat(150));
    assert_eq!(only(&emoji, Language::Python).detail, "600 emoji in a row");
    let ruler = format!("# {}\n# {}\n", "-".repeat(1500), "=".repeat(1500));
    assert_eq!(kinds(&ruler, Language::Python), []);
}

#[test]
fn long_lines() {
    let text = format!("a\n{}\nb\n", "x = 1; ".repeat(900));
    let mark = only(&text, Language::Python);
    assert_eq!((mark.kind, mark.offset, mark.length), (MarkKind::LongLine, 2, 6300));
    assert_eq!(kinds(&"x = 1\n".repeat(3000), Language::Python), []);
}

#[test]
fn figures_tell_minified_from_written() {
    let written = "def load(path):\n    with open(path) as handle:\n        return handle.read()\n".repeat(20);
    assert!(!stats(&written).is_minified());
    let minified = "!function(e,t){var n=e.a,r=t.b;return n(r,function(e){return e+1})}(a,b);".repeat(40);
    let figures = stats(&minified);
    assert!(figures.is_minified(), "{figures:?}");
    let obfuscated = "var _0x12ab34=_0x4455(0x1);_0x12ab34[_0x4455(0x2)](_0x12ab34);".repeat(40);
    let figures = stats(&obfuscated);
    assert!(!figures.is_minified() && figures.hexadecimal > 0.5, "{figures:?}");
    assert_eq!(stats(""), Stats::default());
}

#[test]
fn odd_text_does_no_harm() {
    let bytes = noise(4000);
    let noise = String::from_utf8_lossy(&bytes);
    for length in (0..noise.len()).step_by(37) {
        let text = cut(&noise, length);
        let _ = (marks(text, None), stats(text));
    }
    for text in ["\\", "'", "'\\", "\"\"\"", "/*", "#", "\\x4", "\\u{", "\n", "{", "`\\`", "é", "'é\\é"] {
        for times in [1, 40, 300] {
            let text = text.repeat(times);
            let _ = (marks(&text, Some(Language::JavaScript)), marks(&text, Some(Language::Python)), stats(&text));
        }
    }
}
