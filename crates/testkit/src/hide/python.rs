//! How Python hides.

use super::pack::{codes, halves, quote};
use super::{Draft, Hidden, Spelling, Template, Wrap, pack, ways};

pub fn hide(template: &Template<'_>) -> Vec<(String, Hidden)> {
    ways(template, NAMES, TEXTS, WRAPS)
}

/// `os.path.expanduser` is `expanduser` out of `os.path`; a name without a dot is a builtin.
fn parts(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("builtins", name))
}

fn no_table(_: &[String]) -> String {
    String::new()
}

const fn spelling(name: &'static str, spell: fn(&mut Draft, &str) -> String) -> Spelling {
    Spelling { name, spell, table: no_table }
}

const NAMES: &[Spelling] = &[
    spelling("plain", plain_name),
    spelling("module-alias", |draft, name| {
        let (module, own) = parts(name);
        let alias = module.replace('.', "x");
        draft.need(&format!("import {module} as _{alias}"));
        format!("_{alias}.{own}")
    }),
    spelling("from-import", |draft, name| {
        let (module, own) = parts(name);
        draft.need(&format!("from {module} import {own} as _z{own}"));
        format!("_z{own}")
    }),
    spelling("assigned", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("{own} = {plain}"));
        own
    }),
    spelling("getattr", |_, name| {
        let (module, own) = parts(name);
        format!("getattr(__import__('{module}', fromlist=['x']), {})", halves(own))
    }),
    spelling("import-by-pieces", |_, name| {
        let (module, own) = parts(name);
        format!("getattr(__import__({}, fromlist=['x']), '{}'[::-1])", halves(module), pack::reversed(own))
    }),
    spelling("importlib", |draft, name| {
        let (module, own) = parts(name);
        draft.need("import importlib as _il");
        format!("vars(_il.import_module('{}'[::-1]))[{}]", pack::reversed(module), halves(own))
    }),
    spelling("builtins-index", |_, name| {
        let (module, own) = parts(name);
        let import = "__builtins__.__dict__['__imp' + 'ort__']";
        format!("{import}('{module}', fromlist=['x']).__dict__[{}]", halves(own))
    }),
    spelling("globals-index", |_, name| {
        let (module, own) = parts(name);
        format!(
            "getattr(globals()['__buil' + 'tins__'].__import__({}, None, None, ['x']), {})",
            halves(module),
            halves(own)
        )
    }),
    spelling("sys-modules", |draft, name| {
        let (module, own) = parts(name);
        draft.need(&format!("import sys, {module}"));
        format!("getattr(sys.modules[{}], {})", halves(module), halves(own))
    }),
    spelling("attrgetter", |draft, name| {
        let (module, own) = parts(name);
        draft.need(&format!("import {module}, operator"));
        format!("operator.attrgetter({})({module})", halves(own))
    }),
    spelling("dunder-getattribute", |draft, name| {
        let (module, own) = parts(name);
        draft.need(&format!("import {module}"));
        format!("{module}.__getattribute__({})", halves(own))
    }),
    spelling("list", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("{own} = [None, {plain}]"));
        format!("{own}[1]")
    }),
    spelling("dictionary", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("{own} = {{'a': {plain}}}"));
        format!("{own}['a']")
    }),
    spelling("class-member", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("class K{own}:\n    pass\nK{own}.a = {plain}"));
        format!("K{own}.a")
    }),
    spelling("returned", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("def {own}():\n    return {plain}"));
        format!("{own}()")
    }),
    spelling("lambda", |draft, name| {
        let plain = plain_name(draft, name);
        let own = draft.name();
        draft.need(&format!("{own} = lambda: {plain}"));
        format!("{own}()")
    }),
    spelling("partial", |draft, name| {
        let plain = plain_name(draft, name);
        draft.need("from functools import partial");
        // The environment is no function.
        if name == "os.environ" { plain } else { format!("partial({plain})") }
    }),
    spelling("mathematical-letters", |draft, name| {
        let (module, own) = parts(name);
        if module == "builtins" {
            return letters(own);
        }
        draft.need(&format!("import {}", letters(module)));
        format!("{}.{}", letters(module), letters(own))
    }),
    spelling("chinese-names", |draft, name| {
        let (module, own) = parts(name);
        draft.need("取 = getattr\n入 = __import__");
        format!("取(入({}, fromlist=['x']), {})", arithmetic(module), arithmetic(own))
    }),
    spelling("eval-of-name", |draft, name| {
        let (module, own) = parts(name);
        draft.need(&format!("import {module}"));
        format!("eval('{}' + '.{own}')", module)
    }),
    spelling("module-getattr", |draft, name| {
        let (module, own) = parts(name);
        draft.need("class Way:\n    def __init__(self, of):\n        self.of = __import__(of, fromlist=['x'])\n    def __getattr__(self, name):\n        return getattr(self.of, name[::-1])");
        format!("Way('{module}').{}", pack::reversed(own))
    }),
];

fn plain_name(draft: &mut Draft, name: &str) -> String {
    if let Some((module, _)) = name.rsplit_once('.') {
        draft.need(&format!("import {module}"));
    }
    name.to_owned()
}

/// Letters that Python reads as the plain ones.
fn letters(name: &str) -> String {
    let letter = |one: char| match one {
        'a'..='z' => char::from_u32(0x1D5BA + one as u32 - 'a' as u32).unwrap_or(one),
        _ => one,
    };
    name.chars().map(letter).collect()
}

/// `''.join(map(chr, [...]))` with sums for the numbers.
fn arithmetic(text: &str) -> String {
    let sums: Vec<String> = text.chars().map(|one| format!("({} - ~{}) ^ (1 << 2)", (one as u32 ^ 4) - 8, 7)).collect();
    format!("''.join(map(chr, [{}]))", sums.join(", "))
}

const TEXTS: &[Spelling] = &[
    spelling("plain", |_, text| quote(text)),
    spelling("pieces", |_, text| {
        let pieces: Vec<String> = text.as_bytes().chunks(3).map(|one| quote(&String::from_utf8_lossy(one))).collect();
        format!("({})", pieces.join(" + "))
    }),
    spelling("reversed", |_, text| format!("{}[::-1]", quote(&pack::reversed(text)))),
    spelling("reversed-call", |_, text| format!("''.join(reversed({}))", quote(&pack::reversed(text)))),
    spelling("join", |_, text| {
        let letters: Vec<String> = text.chars().map(|one| quote(&one.to_string())).collect();
        format!("''.join([{}])", letters.join(", "))
    }),
    spelling("chr-sum", |_, text| {
        let letters: Vec<String> = text.chars().map(|one| format!("chr({})", u32::from(one))).collect();
        format!("({})", letters.join("+"))
    }),
    spelling("chr-map", |_, text| format!("''.join(map(chr, [{}]))", codes(text))),
    spelling("chr-generator", |_, text| {
        format!("''.join(chr(n - 3) for n in ({},))", pack::numbers(text.chars().map(|one| one as u32 + 3)))
    }),
    spelling("percent", |_, text| {
        let (left, right) = text.split_at(text.len() / 2);
        format!("'%s%s' % ({}, {})", quote(left), quote(right))
    }),
    spelling("format", |_, text| {
        let (left, right) = text.split_at(text.len() / 2);
        format!("'{{1}}{{0}}'.format({}, {})", quote(right), quote(left))
    }),
    spelling("f-string", |draft, text| {
        let (left, right) = text.split_at(text.len() / 2);
        let own = draft.name();
        draft.need(&format!("{own} = {}", quote(right)));
        format!("f\"{}{{{own}}}\"", left.replace('\\', "\\\\").replace('{', "{{").replace('}', "}}"))
    }),
    spelling("hex", |_, text| format!("bytes.fromhex('{}').decode()", pack::hex(text.as_bytes()))),
    spelling("hex-escapes", |_, text| {
        let escapes: String = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("'{escapes}'")
    }),
    spelling("base64", |draft, text| {
        draft.need("from base64 import b64decode as _b");
        format!("_b('{}').decode()", pack::base64(text.as_bytes()))
    }),
    spelling("base64-codec", |draft, text| {
        draft.need("import codecs");
        format!("codecs.decode(b'{}', 'base64').decode()", pack::base64(text.as_bytes()))
    }),
    spelling("rot13", |draft, text| {
        draft.need("import codecs");
        format!("codecs.decode({}, 'rot13')", quote(&pack::rot13(text)))
    }),
    spelling("xor", |_, text| {
        format!("''.join(chr(a ^ 23) for a in [{}])", pack::numbers(text.bytes().map(|byte| u32::from(byte) ^ 23)))
    }),
    spelling("xor-function", |draft, text| {
        draft.need("def _x(data, key):\n    out = ''\n    for i in range(len(data)):\n        out += chr(data[i] ^ ord(key[i % len(key)]))\n    return out");
        let bytes = pack::xor(text.as_bytes(), b"cargo");
        format!("_x([{}], 'cargo')", pack::numbers(bytes.into_iter().map(u32::from)))
    }),
    spelling("replace", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}', '#']).collect();
        format!("{}.replace('|#', '')", quote(&noisy))
    }),
    spelling("re-sub", |draft, text| {
        draft.need("import re");
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}', '#']).collect();
        format!("re.sub('[|#]', '', {})", quote(&noisy))
    }),
    spelling("every-second", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, 'q']).collect();
        format!("{}[::2]", quote(&noisy))
    }),
    spelling("reduce", |draft, text| {
        draft.need("from functools import reduce");
        let letters: Vec<String> = text.chars().map(|one| quote(&one.to_string())).collect();
        format!("reduce(lambda a, b: a + b, [{}])", letters.join(", "))
    }),
    spelling("translate", |_, text| format!("{}.translate(str.maketrans('ab', 'ba'))", quote(&swap(text)))),
    spelling("alphabet", |draft, text| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        let own = draft.name();
        draft.need(&format!("{own} = {}", quote(&letters.iter().collect::<String>())));
        let at = text.chars().map(|one| letters.iter().position(|own| *own == one).unwrap_or(0) as u32);
        format!("''.join([{own}[i] for i in [{}]])", pack::numbers(at))
    }),
    spelling("zlib", |draft, text| {
        draft.need("import zlib, base64");
        format!("zlib.decompress(base64.b64decode('{}')).decode()", pack::base64(&pack::zlib(text.as_bytes())))
    }),
    spelling("great-number", |_, text| {
        // The number is given in hexadecimal digits; no one else writes texts like this.
        format!("(0x{}).to_bytes({}, 'big').decode()", pack::hex(text.as_bytes()), text.len())
    }),
    spelling("bytes-of-numbers", |_, text| format!("bytes([{}]).decode('ascii')", codes(text))),
    spelling("literal-eval", |draft, text| {
        draft.need("import ast");
        let (left, right) = text.split_at(text.len() / 2);
        format!("''.join(ast.literal_eval({}))", quote(&format!("[{}, {}]", quote(left), quote(right))))
    }),
    spelling("dictionary", |draft, text| {
        let (left, right) = text.split_at(text.len() / 2);
        let own = draft.name();
        draft.need(&format!("{own} = {{1: {}, 2: {}}}", quote(left), quote(right)));
        format!("{own}[1] + {own}[2]")
    }),
    spelling("filter", |_, text| {
        let noisy: String = text.chars().flat_map(|one| [one, '\u{7c}']).collect();
        format!("''.join(filter(lambda c: c != '|', {}))", quote(&noisy))
    }),
];

fn swap(text: &str) -> String {
    text.chars()
        .map(|one| match one {
            'a' => 'b',
            'b' => 'a',
            _ => one,
        })
        .collect()
}

const fn wrap(name: &'static str, wrap: fn(&str) -> Hidden) -> Wrap {
    Wrap { name, wrap }
}

const WRAPS: &[Wrap] = &[
    wrap("base64", |code| format!("import base64\nexec(base64.b64decode('{}'))", pack::base64(code.as_bytes())).into()),
    wrap("base64-alias", |code| {
        format!("from base64 import b64decode as d\nr = exec\nr(d('{}').decode())", pack::base64(code.as_bytes()))
            .into()
    }),
    wrap("base64-three-times", |code| {
        let mut text = code.to_owned();
        for _ in 0..3 {
            text = format!("import base64\nexec(base64.b64decode('{}'))", pack::base64(text.as_bytes()));
        }
        text.into()
    }),
    wrap("base32", |code| format!("import base64 as b\nexec(b.b32decode('{}'))", pack::base32(code.as_bytes())).into()),
    wrap("base85", |code| {
        format!("import base64 as b\nexec(b.b85decode({}))", quote(&pack::base85(code.as_bytes()))).into()
    }),
    wrap("hex", |code| format!("exec(bytes.fromhex('{}').decode())", pack::hex(code.as_bytes())).into()),
    wrap("unhexlify", |code| {
        format!("import binascii\nexec(binascii.unhexlify(b'{}'))", pack::hex(code.as_bytes())).into()
    }),
    wrap("zlib-base64", |code| {
        let packed = pack::base64(&pack::zlib(code.as_bytes()));
        format!("import zlib, base64\nexec(zlib.decompress(base64.b64decode(b'{packed}')))").into()
    }),
    wrap("zlib-reversed-lambda", |code| {
        let packed = pack::reversed(&pack::base64(&pack::zlib(code.as_bytes())));
        format!("_ = lambda __ : __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));exec((_)(b'{packed}'))").into()
    }),
    wrap("lzma", |code| {
        let packed = pack::base64(&crate::archive::xz(code.as_bytes()));
        format!("import lzma, base64\nexec(lzma.decompress(base64.b64decode('{packed}')))").into()
    }),
    wrap("bz2", |code| {
        let packed = pack::base64(&crate::archive::bzip2(code.as_bytes()));
        format!("import bz2, base64\nexec(bz2.decompress(base64.b64decode('{packed}')))").into()
    }),
    wrap("gzip", |code| {
        let packed = pack::hex(&crate::archive::gzip(code.as_bytes()));
        format!("import gzip\nexec(gzip.decompress(bytes.fromhex('{packed}')))").into()
    }),
    wrap("rot13", |code| format!("import codecs\nexec(codecs.decode({}, 'rot_13'))", quote(&pack::rot13(code))).into()),
    wrap("reversed", |code| format!("exec({}[::-1])", quote(&pack::reversed(code))).into()),
    wrap("chr-join", |code| format!("exec(''.join(chr(c) for c in [{}]))", codes(code)).into()),
    wrap("bytes-list", |code| format!("exec(bytes([{}]))", codes(code)).into()),
    wrap("escapes", |code| {
        let escapes: String = code.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("exec('{escapes}')").into()
    }),
    wrap("xor-loop", |code| {
        let bytes = pack::numbers(pack::xor(code.as_bytes(), b"tide").into_iter().map(u32::from));
        format!("data = [{bytes}]\nkey = 'tide'\nout = ''\nfor i, n in enumerate(data):\n    out += chr(n ^ ord(key[i % len(key)]))\neval(compile(out, '<string>', 'exec'))").into()
    }),
    wrap("xor-bytearray", |code| {
        let bytes = pack::base64(&pack::xor(code.as_bytes(), b"\x5a"));
        format!("import base64\nb = bytearray(base64.b64decode('{bytes}'))\nfor i in range(len(b)):\n    b[i] ^= 0x5a\nexec(bytes(b).decode())").into()
    }),
    wrap("fernet", |code| {
        let (key, token) = pack::fernet(code.as_bytes());
        format!("from cryptography.fernet import Fernet\nexec(Fernet(b'{key}').decrypt(b'{token}'))").into()
    }),
    wrap("fernet-key-apart", |code| {
        let (key, token) = pack::fernet(code.as_bytes());
        format!("from cryptography import fernet as f\nk = '{key}'\nc = f.Fernet(k.encode())\nexec(c.decrypt('{token}'.encode()).decode('utf-8'))").into()
    }),
    wrap("aes", |code| {
        let packed = pack::base64(&pack::aes(code.as_bytes()));
        let (key, start) = (String::from_utf8_lossy(pack::AES_KEY), String::from_utf8_lossy(pack::AES_START));
        format!("from Crypto.Cipher import AES\nfrom Crypto.Util.Padding import unpad\nimport base64\nc = AES.new(b'{key}', AES.MODE_CBC, b'{start}')\nexec(unpad(c.decrypt(base64.b64decode('{packed}')), 16))").into()
    }),
    wrap("compile", |code| format!("exec(compile({}, 'x', 'exec'))", quote(code)).into()),
    wrap("getattr-exec", |code| {
        format!(
            "import base64\ngetattr(__import__('builtins'), 'ex' + 'ec')(base64.b64decode('{}'))",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("builtins-index-exec", |code| {
        format!("__builtins__.__dict__['cexe'[::-1]](bytes.fromhex('{}'))", pack::hex(code.as_bytes())).into()
    }),
    wrap("mathematical-exec", |code| {
        format!("import base64\n{}(base64.b64decode('{}'))", letters("exec"), pack::base64(code.as_bytes())).into()
    }),
    wrap("text-file", |code| Hidden {
        text: "import os\nexec(open(os.path.join(os.path.dirname(__file__), 'notes.txt')).read())".into(),
        beside: vec![("notes.txt", code.into())],
        ..Hidden::default()
    }),
    wrap("base64-in-picture", |code| {
        Hidden {
        text: "import base64, pathlib\ndata = (pathlib.Path(__file__).parent / 'logo.png').read_bytes()\nexec(base64.b64decode(data.split(b'IEND')[1]))".into(),
        beside: vec![("logo.png", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01IEND".as_slice(), pack::base64(code.as_bytes()).as_bytes()].concat())],
        ..Hidden::default()
    }
    }),
    wrap("json-file", |code| {
        Hidden {
        text: "import json, os\nwith open(os.path.dirname(__file__) + '/words.json') as file:\n    exec(json.load(file)['word'])".into(),
        beside: vec![("words.json", format!("{{\"word\": {}}}", serde_json::Value::from(code)).into_bytes())],
        ..Hidden::default()
    }
    }),
    wrap("wave-file", |code| {
        Hidden {
        text: "import wave, base64, os\nwith wave.open(os.path.join(os.path.dirname(__file__), 'ring.wav')) as sound:\n    frames = sound.readframes(sound.getnframes())\nexec(base64.b64decode(frames))".into(),
        beside: vec![("ring.wav", wave(pack::base64(code.as_bytes()).as_bytes()))],
        ..Hidden::default()
    }
    }),
    wrap("packaged-data", |code| Hidden {
        text: "import pkgutil, zlib\nexec(zlib.decompress(pkgutil.get_data(__name__, 'table.dat')))".into(),
        beside: vec![("table.dat", pack::zlib(code.as_bytes()))],
        ..Hidden::default()
    }),
    wrap("past-the-screen", |code| format!("x = 1{};exec({})", " ".repeat(300), quote(code)).into()),
    wrap("odd-quotes", |code| {
        format!("# \"\"\" a comment that opens a text for careless readers\n{code}\n# \"\"\"").into()
    }),
    wrap("invisible", |code| {
        let hidden = pack::invisible(code.as_bytes());
        format!("exec(bytes((ord(c) - 0xE0100 + 16 if ord(c) > 0xFE0F else ord(c) - 0xFE00) for c in '{hidden}'))")
            .into()
    }),
    wrap("zero-width-bits", |code| {
        let bits: String = code
            .bytes()
            .flat_map(|byte| (0..8).rev().map(move |at| if byte >> at & 1 == 1 { '\u{200c}' } else { '\u{200b}' }))
            .collect();
        format!("s = '{bits}'\nb = ''.join('1' if c == '\\u200c' else '0' for c in s)\nexec(''.join(chr(int(b[i:i+8], 2)) for i in range(0, len(b), 8)))").into()
    }),
    wrap("written-and-started", |code| {
        format!("import subprocess, sys, tempfile, os\np = os.path.join(tempfile.gettempdir(), 'u.py')\nwith open(p, 'w') as f:\n    f.write({})\nsubprocess.Popen([sys.executable, p])", quote(code)).into()
    }),
    wrap("python-c", |code| {
        format!("import subprocess, sys\nsubprocess.run([sys.executable, '-c', {}])", quote(code)).into()
    }),
    wrap("python-c-base64", |code| {
        format!(
            "import os\nos.system('python3 -c \"import base64;exec(base64.b64decode(\\'{}\\'))\"')",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("thread", |code| {
        format!("import threading, base64\ndef go():\n    exec(base64.b64decode('{}'))\nthreading.Thread(target=go, daemon=True).start()", pack::base64(code.as_bytes())).into()
    }),
    wrap("decorator", |code| {
        format!(
            "import base64\ndef now(f):\n    f()\n    return f\n@now\ndef go():\n    exec(base64.b64decode('{}'))",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("metaclass", |code| {
        format!("import base64\nclass Meta(type):\n    def __init__(cls, name, bases, space):\n        exec(base64.b64decode('{}'), globals())\nclass Plain(metaclass=Meta):\n    pass", pack::base64(code.as_bytes())).into()
    }),
    wrap("init-subclass", |code| {
        format!("import base64\nclass Base:\n    def __init_subclass__(cls):\n        exec(base64.b64decode('{}'), globals())\nclass Plain(Base):\n    pass", pack::base64(code.as_bytes())).into()
    }),
    wrap("partial", |code| {
        format!(
            "import functools, base64\ngo = functools.partial(exec, base64.b64decode('{}'))\ngo()",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("map", |code| {
        format!("import base64\nlist(map(exec, [base64.b64decode('{}')]))", pack::base64(code.as_bytes())).into()
    }),
    wrap("async", |code| {
        format!(
            "import asyncio, base64\nasync def go():\n    exec(base64.b64decode('{}'), globals())\nasyncio.run(go())",
            pack::base64(code.as_bytes())
        )
        .into()
    }),
    wrap("other-module", |code| {
        Hidden {
        text: "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nfrom words import word\nimport base64\nexec(base64.b64decode(word))".into(),
        beside: vec![("words.py", format!("word = '{}'\n", pack::base64(code.as_bytes())).into_bytes())],
        ..Hidden::default()
    }
    }),
    wrap("two-modules", |code| Hidden {
        text: "from .words import word\nfrom .run import run\nrun(word)".into(),
        beside: vec![
            ("words.py", format!("word = '{}'\n", pack::base64(code.as_bytes())).into_bytes()),
            ("run.py", b"import base64\ndef run(text):\n    exec(base64.b64decode(text))\n".to_vec()),
        ],
        ..Hidden::default()
    }),
    wrap("pickle", |code| {
        let text = format!("c__builtin__\nexec\n(V{}\ntR.", code.replace('\\', "\\u005c").replace('\n', "\\u000a"));
        format!("import pickle, base64\npickle.loads(base64.b64decode('{}'))", pack::base64(text.as_bytes())).into()
    }),
    wrap("code-type", |code| {
        format!("import types\nexec(types.FunctionType(compile({}, 'x', 'exec'), globals()).__code__)", quote(code))
            .into()
    }),
    wrap("interactive-console", |code| {
        format!("import code\ncode.InteractiveInterpreter().runsource({}, 'x', 'exec')", quote(code)).into()
    }),
    wrap("runpy", |code| {
        format!(
            "import runpy, tempfile, os\np = tempfile.mktemp('.py')\nopen(p, 'w').write({})\nrunpy.run_path(p)",
            quote(code)
        )
        .into()
    }),
];

/// A sound file whose frames are these bytes.
fn wave(frames: &[u8]) -> Vec<u8> {
    let size = frames.len() as u32;
    let mut out = Vec::new();
    out.extend(b"RIFF");
    out.extend((36 + size).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data");
    out.extend(size.to_le_bytes());
    out.extend(frames);
    out
}
