//! What is folded in JavaScript: each text is handed to `eval`, and what is known of it there is its worth.

use model::Known;
use syntax::{Budget, Language, behaviours};

/// What is known of the argument of the last `eval`.
fn folded(text: &str) -> String {
    let text = text.to_owned();
    let work = move || {
        let found = behaviours(Language::JavaScript, "index.js", &text, Budget::default()).value;
        let last = found.behaviours.iter().rfind(|one| one.api == "eval" && one.place.layer.is_none());
        match last.map(|one| &one.object) {
            Some(object) if object.known == Known::Unknown => "?".to_owned(),
            Some(object) => object.text.clone(),
            None => "no eval".to_owned(),
        }
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap()
}

#[track_caller]
fn yields(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .map(|(expression, wanted)| (expression, wanted, folded(&format!("eval({expression})"))))
        .filter(|(_, wanted, found)| found != *wanted)
        .map(|(expression, wanted, found)| format!("{expression}\n  wanted {wanted:?}\n  found  {found:?}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts() {
    yields(&[
        ("'a' + 'b' + `c${'d'}`", "abcd"),
        ("'abc'.split('').reverse().join('')", "cba"),
        ("'a-b-c'.split('-')[1]", "b"),
        ("'abcdef'.slice(1, -1) + 'abcdef'.substring(4, 2) + 'abcdef'.substr(-2, 1)", "bcdecde"),
        ("'abc'.charAt(1) + 'abc'[2] + 'abc'.at(-1) + 'abc'['0']", "bcca"),
        ("String.fromCharCode(104, 105) + String.fromCodePoint(0x1F600)", "hi😀"),
        ("String.fromCharCode.apply(null, [104, 105])", "hi"),
        ("String.fromCharCode(...[104, 105].map(x => x + 1))", "ij"),
        ("'é€'.charCodeAt(1) + ''", "8364"),
        ("'😀x'.length + '😀x'.charAt(2)", "3x"),
        ("'aXbX'.replace('X', '-') + 'aXbX'.replaceAll('X', '-')", "a-bXa-b-"),
        ("'a1b22'.replace(/\\d+/g, '#')", "a#b#"),
        ("'john smith'.replace(/(\\w+)\\s(\\w+)/, '$2, $1')", "smith, john"),
        ("'a1b2'.replace(/\\d/g, d => parseInt(d) * 2)", "a2b4"),
        ("'68656c6c6f'.match(/.{2}/g).map(x => String.fromCharCode(parseInt(x, 16))).join('')", "hello"),
        ("'ab'.repeat(2).toUpperCase().padStart(6, '*').trim()", "**ABAB"),
        (
            "'abcabc'.indexOf('c') + '' + 'abcabc'.lastIndexOf('c') + 'abc'.includes('b') + 'abc'.startsWith('b', 1)",
            "25truetrue",
        ),
        ("'a'.concat('b', 'c', 1)", "abc1"),
        ("/atob/.source + /x/gi.flags", "atobgi"),
        ("String.raw`a\\n${'b'}`", "a\\nb"),
    ]);
}

#[test]
fn numbers() {
    yields(&[
        ("'' + parseInt('12abc') + parseInt('0x1f') + parseInt('z', 36) + parseInt('x')", "123135NaN"),
        ("'' + parseFloat('1.5e1x') + Number('0x10') + Number('') + +'12'", "1516012"),
        ("(255).toString(16) + (25).toString(36) + (1.005).toFixed(1)", "ffp1.0"),
        ("'' + Math.floor(1.7) + Math.max(1, 5, 3) + Math.pow(2, 10) + Math.abs(-4)", "1510244"),
        ("'' + (5 ^ 3) + (1 << 4) + (-1 >>> 28) + ~~7.9 + (7 % 4)", "6161573"),
        ("'' + 1e21 + ' ' + 1e-7 + ' ' + 0.1", "1e+21 1e-7 0.1"),
        ("[1,2,[3,null]] + {}", "1,2,3,[object Object]"),
        ("![] + [] + !![]", "falsetrue"),
    ]);
}

#[test]
fn lists_and_objects() {
    yields(&[
        ("[3,1,2].sort().join('') + ['b','a'].sort((x, y) => x < y ? -1 : 1).join('')", "123ab"),
        ("[1,2,3,4].filter(x => x % 2).map(x => x * 2).reduce((a, b) => a + b, 0) + ''", "8"),
        ("(a => { a.push(a.shift()); return a.join('') })(['a','b','c'])", "bca"),
        ("(a => { a.splice(1, 1, 'x', 'y'); return a.join('') })(['a','b','c'])", "axyc"),
        ("[['a'],['b',['c']]].flat(2).concat('d', ['e']).slice(1).join('')", "bcde"),
        (
            "Array.from({length: 3}, (_, i) => i).join('') + Array.of(1, 2).join('') + Array(3).fill('x').join('')",
            "01212xxx",
        ),
        ("[...'abc'].map(c => c.charCodeAt(0)).join()", "97,98,99"),
        ("['a','b'].indexOf('b') + '' + ['a'].includes('a')", "1true"),
        ("[1,2,3].find(x => x > 1) + '' + [1,2].some(x => x > 1) + [1,2].every(x => x > 1)", "2truefalse"),
        (
            "Object.keys({b: 1, a: 2}).join('') + Object.values({a: 'x'}).join('') + Object.entries({k: 'v'})[0].join('=')",
            "abxk=v",
        ),
        (
            "JSON.parse('{\"a\": [1, \"b\\\\u0041\"]}').a[1] + JSON.stringify({a: ['x', 1, null]})",
            "bA{\"a\":[\"x\",1,null]}",
        ),
        ("Object.assign({a: 'x'}, {b: 'y'}).b + Object.fromEntries([['k', 'v']]).k", "yv"),
        ("(m => { m.set('k', 'v'); return m.get('k') })(new Map([['a', 1]]))", "v"),
        (
            "Reflect.get({a: 'x'}, 'a') + ((o) => { let r = ''; for (const k in o) r += k; return r })({p: 1, q: 2})",
            "xpq",
        ),
    ]);
}

#[test]
fn decoders() {
    yields(&[
        ("atob('YWxlcnQoMSk=')", "alert(1)"),
        ("atob(btoa('x'))", "x"),
        ("Buffer.from('YWxlcnQoMSk=', 'base64').toString()", "alert(1)"),
        ("Buffer.from('616c657274', 'hex').toString('utf-8') + Buffer.from([104, 105]).toString('hex')", "alert6869"),
        ("new Buffer('aGk=', 'base64') + ''", "hi"),
        ("Buffer.concat([Buffer.from('a'), Buffer.from('b')]).toString('latin1')", "ab"),
        ("decodeURIComponent('%61%6c') + unescape('%u0061%62') + decodeURI(encodeURIComponent('é'))", "alabé"),
        ("new TextDecoder().decode(new Uint8Array([104, 105]))", "hi"),
        ("require('zlib').inflateSync(Buffer.from('eJxLzEktKtEw1AQADW8Cmw==', 'base64')).toString()", "alert(1)"),
        (
            "Buffer.from(require('zlib').gunzipSync(Buffer.from('H4sIAAAAAAACA0vMSS0q0TDUBADWy7K4CAAAAA==', 'base64'))).toString()",
            "alert(1)",
        ),
    ]);
}

#[test]
fn loops_that_decode() {
    yields(&[
        (
            "(() => { let r = ''; const s = 'Kofx~'; for (let i = 0; i < s.length; i++) { r += String.fromCharCode(s.charCodeAt(i) ^ 10) } return r })()",
            "Aelrt",
        ),
        ("(() => { const b = new Uint8Array(2); b[0] = 104; b[1] = 105; return Buffer.from(b).toString() })()", "hi"),
        ("(() => { let r = ''; let i = 3; while (i--) r += 'abc'[i]; return r })()", "cba"),
    ]);
}

#[test]
fn flattened_control_flow() {
    yields(&[
        (
            "(() => { let s = ''; const o = '2|0|1'.split('|'); let i = 0; while (true) { switch (o[i++]) { case '0': s += 'b'; continue; case '1': s += 'c'; continue; case '2': s += 'a'; continue } break } return s })()",
            "abc",
        ),
        ("'a1b2'.replace(/\\d/g, d => d * 2)", "a2b4"),
    ]);
}

#[test]
fn functions_as_values() {
    yields(&[
        ("(function () { return this.v }).call({v: 'x'})", "x"),
        ("((a, b) => a + b).apply(null, ['x', 'y'])", "xy"),
        ("[].concat.apply(['a'], [['b'], 'c']).join('')", "abc"),
        ("(f => f('YQ=='))(atob)", "a"),
        ("['YQ==', 'Yg=='].map(atob).join('')", "ab"),
        ("(f => f('x'))((function (p) { return p + this.q }).bind({q: 'y'}))", "xy"),
        ("Reflect.apply((a) => a, null, ['x'])", "x"),
        ("Array.prototype.slice.call(['a', 'b'], 1)[0]", "b"),
    ]);
}

#[test]
fn paths_keep_their_holes() {
    yields(&[
        ("require('path').join('a', '..', 'b', './c')", "b/c"),
        ("require('path').join(require('os').homedir(), '.ssh', 'id_rsa')", "{}/.ssh/id_rsa"),
        (
            "require('path').basename('/a/b.js', '.js') + require('path').extname('x.tar.gz') + require('path').dirname('/a/b')",
            "b.gz/a",
        ),
    ]);
}

#[test]
fn ciphers_whose_key_lies_beside() {
    let text = "const c = require('crypto');\
        const d = c.createDecipheriv('aes-128-cbc', '0123456789abcdef', Buffer.alloc(16));\
        eval(d.update('KEY', 'base64', 'utf8') + d.final('utf8'))";
    // `alert(1)` under that key and an empty vector.
    let found = folded(&text.replace("KEY", "aou5kl/P0qwkSQ2oY0Aopg=="));
    assert_eq!(found, "alert(1)");
}

#[test]
fn rotated_string_arrays() {
    let text = r#"
        const _0xarr = ['log', '3abc', 'evil', '7xyz', 'hello', 'code()'];
        (function (get, target) {
            const arr = get;
            while (true) {
                try {
                    const sum = parseInt(arr[0]) / 1 + parseInt(arr[2]) / 1;
                    if (sum === target) break; else arr['push'](arr['shift']());
                } catch (e) { arr['push'](arr['shift']()); }
            }
        })(_0xarr, 10);
        const _0xf = function (i, k) { i = i - 0x100; return _0xarr[i]; };
        eval(_0xf(0x101) + _0xf(260));
    "#;
    assert_eq!(folded(text), "evilcode()");
}

#[test]
fn obfuscated_accessor_that_replaces_itself() {
    let text = r#"
        function _0x1() { const a = ['x', 'b(', '1)', 'a']; _0x1 = function () { return a; }; return _0x1(); }
        function _0x2(i, k) { const a = _0x1(); _0x2 = function (i, k) { i = i - 5; let v = a[i]; return v; }; return _0x2(i, k); }
        const _0x3 = _0x2;
        eval(_0x3(8) + _0x3(6) + _0x3(7));
    "#;
    assert_eq!(folded(text), "ab(1)");
}

#[test]
fn decoders_that_set_themselves_up() {
    // The string table is decoded by a function that keeps its decoder and its cache on itself and in `arguments`.
    let text = r#"
        function table() { const t = ['ZXZpbA', 'KCk']; table = function () { return t; }; return table(); }
        let cache;
        function read(i) {
            i = i - 7;
            let v = table()[i];
            if (read.ready === undefined) {
                const decode = function (s) {
                    const c = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';
                    let out = '', b = 0, bits, x, at = 0;
                    for (; x = s.charAt(at++); ~x && (bits = b % 4 ? bits * 64 + x : x, b++ % 4) ? out += String.fromCharCode(255 & bits >> (-2 * b & 6)) : 0) {
                        x = c.indexOf(x);
                    }
                    return out;
                };
                read.decode = decode;
                cache = arguments;
                read.ready = !![];
            }
            const first = table()[0], key = i + first, cached = cache[key];
            if (!cached) { v = read.decode(v); cache[key] = v; } else { v = cached; }
            return v;
        }
        eval(read(7) + read(8));
    "#;
    assert_eq!(folded(text), "evil()");
}

#[test]
fn missing_members_are_undefined() {
    yields(&[
        ("({a: 1}).b === undefined ? 'x' : 'y'", "x"),
        ("(f => f.ready === undefined ? 'x' : 'y')(function () {})", "x"),
        ("((o) => { if (!o.k) o.k = 'v'; return o.k })({})", "v"),
    ]);
}

#[test]
fn roads_to_function() {
    for text in [
        "Function('evil()')()",
        "new Function('a', 'evil()')()",
        "(function () {}).constructor('evil()')()",
        "[]['filter']['constructor']('evil()')()",
        "[].at.constructor('evil()')()",
        "''.constructor.constructor('evil()')()",
        "(async () => {}).constructor('evil()')()",
        "Object.getPrototypeOf(async function () {}).constructor('evil()')()",
        "globalThis['ev' + 'al']('evil()')",
        "(0, eval)('evil()')",
        "eval.call(null, 'evil()')",
        "Reflect.apply(eval, null, ['evil()'])",
        "Function('return this')().eval('evil()')",
        "require('vm').runInThisContext('evil()')",
        "new (require('module'))()._compile('evil()', 'x')",
        "setTimeout.constructor('evil()')()",
    ] {
        let found = behaviours(Language::JavaScript, "index.js", text, Budget::default()).value;
        let texts: Vec<&str> = found.layers.iter().map(|layer| layer.text.as_str()).collect();
        assert!(texts.contains(&"evil()"), "{text}: {texts:?}");
    }
}
