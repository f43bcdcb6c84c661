//! How JavaScript hides.

use super::pack::{codes, halves, quote};
use super::{Draft, Hidden, Spelling, Template, Wrap, jsfuck, pack, ways};

pub fn hide(template: &Template<'_>) -> Vec<(String, Hidden)> {
    ways(template, NAMES, TEXTS, WRAPS)
}

/// `fs.readFileSync` is out of a module; `:process.env` is a member of the global object.
fn parts(name: &str) -> (&str, &str) {
    name.split_once('.').unwrap_or(("", name))
}

fn no_table(_: &[String]) -> String {
    String::new()
}

const fn spelling(name: &'static str, spell: fn(&mut Draft, &str) -> String) -> Spelling {
    Spelling { name, spell, table: no_table }
}

/// A way to get a member out of a module, for which global names are reached by pieces.
fn by(name: &str, member: impl Fn(&str, &str) -> String) -> String {
    match name.strip_prefix(':') {
        Some(global) => indexed("globalThis", global),
        None => {
            let (module, own) = parts(name);
            member(module, own)
        }
    }
}

/// `globalThis['pro' + 'cess']['e' + 'nv']`.
fn indexed(holder: &str, path: &str) -> String {
    path.split('.').fold(holder.to_owned(), |text, name| format!("{text}[{}]", halves(name)))
}

const NAMES: &[Spelling] = &[
    spelling("plain", plain_name),
    spelling("destructured", |draft, name| match name.strip_prefix(':') {
        Some(global) => match global.split_once('.') {
            Some((holder, own)) => {
                draft.need(&format!("const {{ {own}: z{own} }} = {holder};"));
                format!("z{own}")
            }
            None => {
                draft.need(&format!("const z{global} = {global};"));
                format!("z{global}")
            }
        },
        None => {
            let (module, own) = parts(name);
            draft
                .need(&format!("const {{ {own}: z{own} }} = require('node:{module}');").replace("node:axios", "axios"));
            format!("z{own}")
        }
    }),
    spelling("imported", |draft, name| match name.strip_prefix(':') {
        Some(global) => global.to_owned(),
        None => {
            let (module, own) = parts(name);
            draft.need(&format!("import {{ {own} as z{own} }} from '{module}';"));
            format!("z{own}")
        }
    }),
    spelling("imported-whole", |draft, name| match name.strip_prefix(':') {
        Some(global) => indexed("globalThis", global),
        None => {
            let (module, own) = parts(name);
            draft.need(&format!("import * as z{module} from '{module}';"));
            format!("z{module}[{}]", halves(own))
        }
    }),
    spelling("computed", |_, name| by(name, |module, own| format!("require({})[{}]", halves(module), halves(own)))),
    spelling("require-alias", |draft, name| {
        draft.need("const load = require;");
        by(name, |module, own| format!("load('{module}').{own}"))
    }),
    spelling("require-function", |draft, name| {
        draft.need("const load = (...pieces) => require(pieces.join(''));");
        by(name, |module, own| format!("load('{}', '{}')['{own}']", &module[..1], &module[1..]))
    }),
    spelling("module-require", |_, name| by(name, |module, own| format!("module['req' + 'uire']('{module}').{own}"))),
    spelling("main-module", |_, name| by(name, |module, own| format!("process.mainModule.require('{module}').{own}"))),
    spelling("module-load", |_, name| by(name, |module, own| format!("module.constructor._load('{module}').{own}"))),
    spelling("module-load-by-require", |draft, name| {
        draft.need("const Loader = require('module');");
        by(name, |module, own| format!("Loader._load('{module}').{own}"))
    }),
    spelling("create-require", |draft, name| {
        draft.need("const load = require('module').createRequire(__filename);");
        by(name, |module, own| format!("load('{module}').{own}"))
    }),
    spelling("builtin-module", |_, name| {
        by(name, |module, own| {
            if module == "axios" {
                format!("require('axios').{own}")
            } else {
                format!("process.getBuiltinModule('{module}').{own}")
            }
        })
    }),
    spelling("reflect-get", |_, name| {
        by(name, |module, own| format!("Reflect.get(require('{module}'), {})", halves(own)))
    }),
    spelling("list-of-names", |draft, name| match name.strip_prefix(':') {
        Some(global) => global.to_owned(),
        None => {
            let (module, own) = parts(name);
            let table = draft.name();
            draft.need(&format!("const {table} = ['{own}', '{module}'];"));
            format!("require({table}[1])[{table}[0]]")
        }
    }),
    spelling("bound", |draft, name| {
        let plain = plain_name(draft, name);
        // The environment is no function.
        if name == ":process.env" { plain } else { format!("{plain}.bind(null)") }
    }),
    spelling("class-member", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("class K{own} {{ static way = {plain}; }}"));
        format!("K{own}.way")
    }),
    spelling("getter", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("const {own} = {{ get way() {{ return {plain}; }} }};"));
        format!("{own}.way")
    }),
    spelling("closure", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("const {own} = (() => {{ const inner = {plain}; return () => inner; }})();"));
        format!("{own}()")
    }),
    spelling("map-object", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("const {own} = new Map([['a', {plain}]]);"));
        format!("{own}.get('a')")
    }),
    spelling("object-values", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("const {own} = Object.values({{ a: {plain} }});"));
        format!("{own}[0]")
    }),
    spelling("escaped-letters", |_, name| match name.strip_prefix(':') {
        Some(global) => escaped(global),
        None => {
            let (module, own) = parts(name);
            format!("require('{module}').{}", escaped(own))
        }
    }),
    spelling("dynamic-import", |_, name| match name.strip_prefix(':') {
        Some(global) => global.to_owned(),
        None => {
            let (module, own) = parts(name);
            format!("(await import({}))[{}]", halves(module), halves(own))
        }
    }),
];

fn plain_name(_: &mut Draft, name: &str) -> String {
    match name.strip_prefix(':') {
        Some(global) => global.to_owned(),
        None => {
            let (module, own) = parts(name);
            format!("require('{module}').{own}")
        }
    }
}

/// The first letter of each name as an escape.
fn escaped(path: &str) -> String {
    let names = path.split('.').map(|name| format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]));
    names.collect::<Vec<_>>().join(".")
}

const TEXTS: &[Spelling] = &[
    spelling("plain", |_, text| quote(text)),
    spelling("pieces", |_, text| {
        let pieces: Vec<String> = text.as_bytes().chunks(3).map(|one| quote(&String::from_utf8_lossy(one))).collect();
        format!("({})", pieces.join(" + "))
    }),
    spelling("reversed", |_, text| format!("{}.split('').reverse().join('')", quote(&pack::reversed(text)))),
    spelling("reversed-spread", |_, text| format!("[...{}].reverse().join``", quote(&pack::reversed(text)))),
    spelling("join", |_, text| {
        let letters: Vec<String> = text.chars().map(|one| quote(&one.to_string())).collect();
        format!("[{}].join('')", letters.join(", "))
    }),
    spelling("concat", |_, text| {
        let (left, right) = text.split_at(text.len() / 2);
        format!("''.concat({}, {})", quote(left), quote(right))
    }),
    spelling("char-codes", |_, text| format!("String.fromCharCode({})", codes(text))),
    spelling("char-codes-map", |_, text| {
        format!(
            "[{}].map((n) => String.fromCharCode(n - 3)).join('')",
            pack::numbers(text.chars().map(|one| one as u32 + 3))
        )
    }),
    spelling("char-codes-apply", |_, text| format!("String.fromCharCode.apply(null, [{}])", codes(text))),
    spelling("template", |draft, text| {
        let (left, right) = text.split_at(text.len() / 2);
        let own = draft.name();
        draft.need(&format!("const {own} = {};", quote(right)));
        format!("`{}${{{own}}}`", left.replace('\\', "\\\\"))
    }),
    spelling("hex", |_, text| format!("Buffer.from('{}', 'hex').toString()", pack::hex(text.as_bytes()))),
    spelling("hex-escapes", |_, text| {
        let escapes: String = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("'{escapes}'")
    }),
    spelling("base64", |_, text| {
        format!("Buffer.from('{}', 'base64').toString('utf8')", pack::base64(text.as_bytes()))
    }),
    spelling("atob", |_, text| format!("atob('{}')", pack::base64(text.as_bytes()))),
    spelling("base64-function", |draft, text| {
        draft.need("const open = (text) => Buffer.from(text, 'base64').toString();");
        format!("open('{}')", pack::base64(text.as_bytes()))
    }),
    spelling("unescape", |_, text| {
        let escapes: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("unescape('{escapes}')")
    }),
    spelling("decode-uri", |_, text| {
        let escapes: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("decodeURIComponent('{escapes}')")
    }),
    spelling("xor", |_, text| {
        format!(
            "[{}].map((n) => String.fromCharCode(n ^ 23)).join('')",
            pack::numbers(text.bytes().map(|byte| u32::from(byte) ^ 23))
        )
    }),
    spelling("xor-function", |draft, text| {
        draft.need("function x(data, key) { let out = ''; for (let i = 0; i < data.length; i++) { out += String.fromCharCode(data[i] ^ key.charCodeAt(i % key.length)); } return out; }");
        format!("x([{}], 'cargo')", pack::numbers(pack::xor(text.as_bytes(), b"cargo").into_iter().map(u32::from)))
    }),
    spelling("replace", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}', '#']).collect();
        format!("{}.replace(/\\|#/g, '')", quote(&noisy))
    }),
    spelling("split-join", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}', '#']).collect();
        format!("{}.split('|#').join('')", quote(&noisy))
    }),
    spelling("reduce", |_, text| {
        let letters: Vec<String> = text.chars().map(|one| quote(&one.to_string())).collect();
        format!("[{}].reduce((a, b) => a + b, '')", letters.join(", "))
    }),
    spelling("filter", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}']).collect();
        format!("{}.split('').filter((c, i) => i % 2 === 0).join('')", quote(&noisy))
    }),
    spelling("alphabet", |draft, text| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        let own = draft.name();
        draft.need(&format!("const {own} = {};", quote(&letters.iter().collect::<String>())));
        let at = text.chars().map(|one| letters.iter().position(|own| *own == one).unwrap_or(0) as u32);
        format!("[{}].map((i) => {own}[i]).join('')", pack::numbers(at))
    }),
    spelling("bytes", |_, text| format!("new TextDecoder().decode(new Uint8Array([{}]))", codes(text))),
    spelling("buffer-list", |_, text| format!("Buffer.from([{}]).toString()", codes(text))),
    spelling("object-members", |draft, text| {
        let (left, right) = text.split_at(text.len() / 2);
        let own = draft.name();
        draft.need(&format!("const {own} = {{ a: {}, b: {} }};", quote(left), quote(right)));
        format!("{own}.a + {own}['b']")
    }),
    spelling("json", |_, text| format!("JSON.parse({})", quote(&serde_json::Value::from(text).to_string()))),
    spelling("great-number", |_, text| {
        format!("Buffer.from(BigInt('0x{}').toString(16), 'hex').toString()", pack::hex(text.as_bytes()))
    }),
    spelling("regexp-source", |_, text| {
        let pattern: String = text.replace('\\', "\\\\").replace('/', "\\/");
        format!("/{pattern}/.source.replace(/\\\\\\//g, '/')")
    }),
    Spelling {
        name: "string-array",
        spell: |draft, text| {
            draft.table.push(text.to_owned());
            format!("_0x2b({:#x})", draft.table.len() - 1 + 0x1a0)
        },
        table: string_array,
    },
    Spelling {
        name: "string-array-base64",
        spell: |draft, text| {
            draft.table.push(pack::base64(text.as_bytes()));
            format!("_0x3c({:#x})", draft.table.len() - 1 + 0x1a0)
        },
        table: |texts| {
            format!("{}const _0x3c = (n) => Buffer.from(_0x2b(n), 'base64').toString();\n", string_array(texts))
        },
    },
];

/// A table that is turned until a sum fits, as obfuscators make it.
fn string_array(texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let mut all: Vec<String> = texts.iter().map(|text| quote(text)).collect();
    all.push("'731galley'".into());
    all.push("'40sloop'".into());
    // The reader turns it back twice.
    let end = all.len() - 2;
    all.rotate_left(end);
    let first = 0x1a0 + texts.len();
    format!(
        "function _0x1a() {{ const _0x5 = [{}]; _0x1a = function () {{ return _0x5; }}; return _0x1a(); }}
function _0x2b(_0x6, _0x7) {{ const _0x8 = _0x1a(); _0x2b = function (_0x9, _0xa) {{ _0x9 = _0x9 - 0x1a0; return _0x8[_0x9]; }}; return _0x2b(_0x6, _0x7); }}
(function (_0xb, _0xc) {{ const _0xd = _0xb(); while (!![]) {{ try {{ const _0xe = parseInt(_0x2b({first:#x})) + parseInt(_0x2b({:#x})); if (_0xe === _0xc) break; else _0xd['push'](_0xd['shift']()); }} catch (_0xf) {{ _0xd['push'](_0xd['shift']()); }} }} }})(_0x1a, 0x303);\n",
        all.join(", "),
        first + 1
    )
}

const fn wrap(name: &'static str, wrap: fn(&str) -> Hidden) -> Wrap {
    Wrap { name, wrap }
}

fn in_base64(code: &str) -> String {
    format!("Buffer.from('{}', 'base64').toString()", pack::base64(code.as_bytes()))
}

const WRAPS: &[Wrap] = &[
    wrap("base64", |code| format!("eval({});", in_base64(code)).into()),
    wrap("atob", |code| format!("eval(atob('{}'));", pack::base64(code.as_bytes())).into()),
    wrap("base64-three-times", |code| {
        let mut text = code.to_owned();
        for _ in 0..3 {
            text = format!("eval({});", in_base64(&text));
        }
        text.into()
    }),
    wrap("indirect-eval", |code| format!("(0, eval)({});", in_base64(code)).into()),
    wrap("global-eval", |code| format!("globalThis['ev' + 'al']({});", in_base64(code)).into()),
    wrap("function", |code| format!("new Function('require', {})(require);", in_base64(code)).into()),
    wrap("function-without-new", |code| format!("Function({})();", in_base64(code)).into()),
    wrap("constructor", |code| format!("(() => {{}}).constructor('require', {})(require);", in_base64(code)).into()),
    wrap("constructor-of-constructor", |code| {
        format!("[]['constructor']['constructor']({})();", in_base64(code)).into()
    }),
    wrap("async-function", |code| {
        format!(
            "const A = Object.getPrototypeOf(async () => {{}}).constructor;\nnew A('require', {})(require);",
            in_base64(code)
        )
        .into()
    }),
    wrap("reflect-construct", |code| {
        format!("Reflect.construct(Function, ['require', {}])(require);", in_base64(code)).into()
    }),
    wrap("reflect-apply", |code| format!("Reflect.apply(eval, null, [{}]);", in_base64(code)).into()),
    wrap("vm-this-context", |code| format!("require('vm').runInThisContext({});", in_base64(code)).into()),
    wrap("vm-script", |code| {
        format!(
            "const vm = require('vm');\nnew vm.Script({}).runInNewContext({{ require, process }});",
            in_base64(code)
        )
        .into()
    }),
    wrap("module-compile", |code| {
        format!("const M = require('module');\nnew M('x')._compile({}, 'x.js');", in_base64(code)).into()
    }),
    wrap("timer-text", |code| format!("setTimeout({}, 10);", in_base64(code)).into()),
    wrap("data-url", |code| format!("import('data:text/javascript;base64,{}');", pack::base64(code.as_bytes())).into()),
    wrap("worker", |code| {
        format!("const {{ Worker }} = require('worker_threads');\nnew Worker({}, {{ eval: true }});", in_base64(code))
            .into()
    }),
    wrap("node-e", |code| {
        format!("require('child_process').spawn(process.execPath, ['-e', {}], {{ detached: true, stdio: 'ignore' }}).unref();", in_base64(code)).into()
    }),
    wrap("node-stdin", |code| {
        format!(
            "const child = require('child_process').spawn('node', ['-']);\nchild.stdin.write({});\nchild.stdin.end();",
            in_base64(code)
        )
        .into()
    }),
    wrap("hex", |code| format!("eval(Buffer.from('{}', 'hex').toString('utf8'));", pack::hex(code.as_bytes())).into()),
    wrap("char-codes", |code| format!("eval(String.fromCharCode({}));", codes(code)).into()),
    wrap("reversed", |code| format!("eval({}.split('').reverse().join(''));", quote(&pack::reversed(code))).into()),
    wrap("unescape", |code| {
        let escapes: String = code.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("eval(unescape('{escapes}'));").into()
    }),
    wrap("escapes", |code| {
        let escapes: String = code.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("eval('{escapes}');").into()
    }),
    wrap("inflate", |code| {
        format!(
            "eval(require('zlib').inflateSync(Buffer.from('{}', 'base64')).toString());",
            pack::base64(&pack::zlib(code.as_bytes()))
        )
        .into()
    }),
    wrap("inflate-raw", |code| {
        format!(
            "const z = require('zlib');\neval(String(z.inflateRawSync(Buffer.from('{}', 'hex'))));",
            pack::hex(&pack::deflate(code.as_bytes()))
        )
        .into()
    }),
    wrap("gunzip-callback", |code| {
        format!(
            "require('zlib').gunzip(Buffer.from('{}', 'base64'), (wrong, text) => eval(text.toString()));",
            pack::base64(&crate::archive::gzip(code.as_bytes()))
        )
        .into()
    }),
    wrap("promise-chain", |code| {
        format!(
            "Promise.resolve('{}').then((t) => Buffer.from(t, 'base64')).then((b) => b.toString()).then(eval);",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("async-await", |code| {
        format!(
            "const read = async () => {};\n(async () => {{ const text = await read(); eval(text); }})();",
            in_base64(code)
        )
        .into()
    }),
    wrap("xor-loop", |code| {
        let bytes = pack::base64(&pack::xor(code.as_bytes(), b"tide"));
        format!("const data = Buffer.from('{bytes}', 'base64'), key = 'tide';\nlet out = '';\nfor (let i = 0; i < data.length; i++) out += String.fromCharCode(data[i] ^ key.charCodeAt(i % key.length));\neval(out);").into()
    }),
    wrap("aes", |code| {
        let (key, start) = (String::from_utf8_lossy(pack::AES_KEY), String::from_utf8_lossy(pack::AES_START));
        format!("const c = require('crypto');\nconst d = c.createDecipheriv('aes-256-cbc', '{key}', '{start}');\neval(d.update('{}', 'hex', 'utf8') + d.final('utf8'));", pack::hex(&pack::aes(code.as_bytes()))).into()
    }),
    wrap("packer", |code| packer(code).into()),
    wrap("jsfuck", |code| jsfuck::jsfuck(code).into()),
    wrap("jjencode", |code| jsfuck::jjencode(code).into()),
    wrap("invisible", |code| {
        let hidden = pack::invisible(code.as_bytes());
        format!("const s = (v) => [...v].map((w) => (w = w.codePointAt(0), w >= 0xFE00 && w <= 0xFE0F ? w - 0xFE00 : w >= 0xE0100 && w <= 0xE01EF ? w - 0xE0100 + 16 : null)).filter((n) => n !== null);\neval(Buffer.from(s(`{hidden}`)).toString('utf-8'));").into()
    }),
    wrap("zero-width-bits", |code| {
        let bits: String = code
            .bytes()
            .flat_map(|byte| (0..8).rev().map(move |at| if byte >> at & 1 == 1 { '\u{200c}' } else { '\u{200b}' }))
            .collect();
        format!("const b = [...'{bits}'].map((c) => (c === '\\u200c' ? '1' : '0')).join('');\neval(b.match(/.{{8}}/g).map((n) => String.fromCharCode(parseInt(n, 2))).join(''));").into()
    }),
    wrap("past-the-screen", |code| format!("module.exports = {{}};{}eval({});", " ".repeat(300), quote(code)).into()),
    wrap("text-file", |code| {
        Hidden {
        text: "const fs = require('fs'), path = require('path');\neval(fs.readFileSync(path.join(__dirname, 'notes.txt'), 'utf8'));".into(),
        beside: vec![("notes.txt", code.into())],
        ..Hidden::default()
    }
    }),
    wrap("base64-in-picture", |code| {
        Hidden {
        text: "const data = require('fs').readFileSync(__dirname + '/logo.png').toString('latin1');\neval(Buffer.from(data.split('IEND')[1], 'base64').toString());".into(),
        beside: vec![("logo.png", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01IEND".as_slice(), pack::base64(code.as_bytes()).as_bytes()].concat())],
        ..Hidden::default()
    }
    }),
    wrap("json-file", |code| Hidden {
        text: "const { word } = require('./words.json');\neval(Buffer.from(word, 'base64').toString());".into(),
        beside: vec![("words.json", format!("{{\"word\": \"{}\"}}", pack::base64(code.as_bytes())).into_bytes())],
        ..Hidden::default()
    }),
    wrap("manifest-field", |code| {
        Hidden {
        text: "const { note } = require('./notes/package.json');\nFunction('require', Buffer.from(note, 'hex') + '')(require);".into(),
        beside: vec![("notes/package.json", format!("{{\"note\": \"{}\"}}", pack::hex(code.as_bytes())).into_bytes())],
        ..Hidden::default()
    }
    }),
    wrap("other-module", |code| Hidden {
        text: "const words = require('./words');\neval(Buffer.from(words.word, 'base64').toString());".into(),
        beside: vec![("words.js", format!("exports.word = '{}';\n", pack::base64(code.as_bytes())).into_bytes())],
        ..Hidden::default()
    }),
    wrap("two-modules", |code| Hidden {
        text: "const { word } = require('./words');\nrequire('./run')(word);".into(),
        beside: vec![
            ("words.js", format!("module.exports = {{ word: '{}' }};\n", pack::base64(code.as_bytes())).into_bytes()),
            ("run.js", b"module.exports = (text) => eval(Buffer.from(text, 'base64').toString());\n".to_vec()),
        ],
        ..Hidden::default()
    }),
    wrap("written-and-required", |code| {
        format!("const fs = require('fs'), os = require('os'), path = require('path');\nconst p = path.join(os.tmpdir(), 'u.js');\nfs.writeFileSync(p, {});\nrequire(p);", quote(code)).into()
    }),
    wrap("class-and-closure", |code| {
        format!("class Reader {{ constructor(text) {{ this.text = text; }} open() {{ return Buffer.from(this.text, 'base64').toString(); }} get run() {{ return () => eval(this.open()); }} }}\nnew Reader('{}').run();", pack::base64(code.as_bytes())).into()
    }),
    wrap("proxy", |code| {
        format!(
            "const p = new Proxy({{}}, {{ get: (t, name) => Buffer.from(name, 'hex').toString() }});\neval(p['{}']);",
            pack::hex(code.as_bytes())
        )
        .into()
    }),
    wrap("to-string", |code| {
        format!("const o = {{ toString() {{ return {}; }} }};\neval(o + '');", in_base64(code)).into()
    }),
    wrap("template-tag", |code| {
        format!(
            "const open = (s) => Buffer.from(s[0], 'base64').toString();\neval(open`{}`);",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("event", |code| {
        format!("const e = new (require('events'))();\ne.on('a', (t) => eval(Buffer.from(t, 'base64').toString()));\ne.emit('a', '{}');", pack::base64(code.as_bytes())).into()
    }),
    wrap("array-from", |code| {
        format!(
            "eval(Array.from('{}'.match(/../g), (h) => String.fromCharCode(parseInt(h, 16))).join(''));",
            pack::hex(code.as_bytes())
        )
        .into()
    }),
];

/// Dean Edwards' shape: words become numbers of base 36, and a function puts them back.
fn packer(code: &str) -> String {
    let is_word = |one: char| one.is_ascii_alphanumeric() || one == '_';
    let mut words: Vec<&str> = code.split(|one| !is_word(one)).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.dedup();
    let digits = |at: usize| {
        let digit = |one: usize| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[one]);
        if at < 36 { digit(at).to_string() } else { format!("{}{}", digit(at / 36), digit(at % 36)) }
    };
    let mut packed = String::new();
    let mut rest = code;
    while let Some(one) = rest.chars().next() {
        let end = if is_word(one) { rest.find(|one| !is_word(one)).unwrap_or(rest.len()) } else { one.len_utf8() };
        let (head, tail) = rest.split_at(end);
        match words.binary_search(&head) {
            Ok(at) => packed.push_str(&digits(at)),
            Err(_) => packed.push_str(head),
        }
        rest = tail;
    }
    format!(
        "eval(function(p,a,c,k,e,d){{e=function(c){{return c.toString(36)}};if(!''.replace(/^/,String)){{while(c--){{d[c.toString(a)]=k[c]||c.toString(a)}}k=[function(e){{return d[e]}}];e=function(){{return'\\\\w+'}};c=1}};while(c--){{if(k[c]){{p=p.replace(new RegExp('\\\\b'+e(c)+'\\\\b','g'),k[c])}}}}return p}}({},36,{},{}.split('|'),0,{{}}))",
        quote(&packed),
        words.len(),
        quote(&words.join("|"))
    )
}
