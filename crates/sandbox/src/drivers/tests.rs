//! Inert specimens, each behind another gate: all they do is leave a file behind that says that they were reached.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use artifact::Limits;
use model::Ecosystem;
use tempfile::TempDir;
use testkit::archive::{tgz, zip};

use super::{DEVELOPER, Part, Plan, Profile, RUNNER, Surroundings, WINDOWS, plan};
use crate::tokens::Tokens;

/// What a specimen of JavaScript does when its gate opens.
const REACHED: &str = "require('fs').writeFileSync(process.env.MARK, 'reached')";

/// The same in Python.
const REACHED_PY: &str = "open(__import__('os').environ['MARK'], 'w').write('reached')";

/// A specimen: its name, the profile that opens the gate, and its files, in which `@` stands for what it does.
type Specimen = (&'static str, &'static Profile, &'static [(&'static str, &'static str)]);

const NPM: &[Specimen] = &[
    ("postinstall", &DEVELOPER, &[("package.json", r#"{"scripts":{"postinstall":"node a.js"}}"#), ("a.js", "@")]),
    (
        "preinstall in the shell",
        &DEVELOPER,
        &[("package.json", r#"{"scripts":{"preinstall":"echo reached > $MARK"}}"#)],
    ),
    ("required", &DEVELOPER, &[("package.json", "{}"), ("index.js", "@")]),
    (
        "module",
        &DEVELOPER,
        &[
            ("package.json", r#"{"type":"module","main":"m.js"}"#),
            ("m.js", "import fs from 'fs'; await 0; fs.writeFileSync(process.env.MARK, 'reached')"),
        ],
    ),
    (
        "entry of exports",
        &DEVELOPER,
        &[
            ("package.json", r#"{"exports":{".":"./a.js","./extra":{"import":"./b.mjs","require":"./b.cjs"}}}"#),
            ("a.js", ""),
            ("b.cjs", "@"),
        ],
    ),
    (
        "function",
        &DEVELOPER,
        &[("package.json", r#"{"main":"lib"}"#), ("lib/index.js", "exports.parse = (text) => { @ }")],
    ),
    (
        "argument",
        &DEVELOPER,
        &[("package.json", "{}"), ("index.js", "exports.load = (options) => { if (options.url) @ }")],
    ),
    (
        "class",
        &DEVELOPER,
        &[
            ("package.json", "{}"),
            ("index.js", "class Client { constructor(o) { this.o = o } send(a) { @ } }\nmodule.exports = { Client }"),
        ],
    ),
    ("returned", &DEVELOPER, &[("package.json", "{}"), ("index.js", "module.exports = () => ({ run: () => { @ } })")]),
    (
        "promised",
        &DEVELOPER,
        &[("package.json", "{}"), ("index.js", "exports.get = async () => ({ then2: 1, more() { @ } })")],
    ),
    (
        "call back",
        &DEVELOPER,
        &[("package.json", "{}"), ("index.js", "exports.ask = (q, done) => { if (typeof done === 'function') @ }")],
    ),
    (
        "program",
        &DEVELOPER,
        &[
            ("package.json", r#"{"bin":{"x":"cli.js"}}"#),
            ("cli.js", "#!/usr/bin/env node\nif (require.main === module) @"),
        ],
    ),
    ("loose file", &DEVELOPER, &[("package.json", "{}"), ("index.js", ""), ("lib/zz.js", "@")]),
    ("later", &DEVELOPER, &[("package.json", "{}"), ("index.js", "setTimeout(() => { @ }, 200000)")]),
    (
        "later, as a promise",
        &DEVELOPER,
        &[("package.json", "{}"), ("index.js", "require('timers/promises').setTimeout(200000).then(() => { @ })")],
    ),
    (
        "on a request",
        &DEVELOPER,
        &[
            ("package.json", "{}"),
            (
                "index.js",
                "const h = require('https'); const r = h.request; h.request = function (o) { if (o.headers.authorization) @; return r.apply(this, arguments) }",
            ),
        ],
    ),
    (
        "after an exit elsewhere",
        &DEVELOPER,
        &[("package.json", r#"{"exports":{".":"./a.js","./b":"./b.js"}}"#), ("a.js", "process.exit(1)"), ("b.js", "@")],
    ),
    ("runner", &RUNNER, &[("package.json", "{}"), ("index.js", "if (process.env.GITHUB_ACTIONS) @")]),
    (
        "next year",
        &RUNNER,
        &[
            ("package.json", "{}"),
            (
                "index.js",
                "if (Date.now() > Number(process.env.NOW) + 180 * 86400000 && new Date().getTime() > Number(process.env.NOW)) @",
            ),
        ],
    ),
    (
        "hook of next year",
        &RUNNER,
        &[
            ("package.json", r#"{"scripts":{"postinstall":"node a.js"}}"#),
            ("a.js", "if (Date.now() > Number(process.env.NOW) + 180 * 86400000) @"),
        ],
    ),
    (
        "windows",
        &WINDOWS,
        &[("package.json", "{}"), ("index.js", "if (process.platform === 'win32' && process.env.APPDATA) @")],
    ),
    (
        "hook on windows",
        &WINDOWS,
        &[
            ("package.json", r#"{"scripts":{"postinstall":"node a.js"}}"#),
            ("a.js", "if (require('os').platform() === 'win32') @"),
        ],
    ),
    (
        "home",
        &DEVELOPER,
        &[
            ("package.json", "{}"),
            ("index.js", "if (require('fs').existsSync(require('os').homedir() + '/.ssh/id_ed25519')) @"),
        ],
    ),
];

const WHEELS: &[Specimen] = &[
    ("imported", &DEVELOPER, &[("x/__init__.py", "@")]),
    ("module below", &DEVELOPER, &[("x/__init__.py", ""), ("x/y/z.py", "@")]),
    ("start file", &DEVELOPER, &[("x.py", ""), ("x.pth", "import os; @\n")]),
    ("function", &DEVELOPER, &[("x.py", "def load(path, depth: int):\n    if depth == 1: @\n")]),
    ("keyword", &DEVELOPER, &[("x.py", "def load(*, path):\n    @\n")]),
    (
        "method",
        &DEVELOPER,
        &[("x.py", "class A:\n    def __init__(self, key):\n        self.key = key\n    def run(self):\n        @\n")],
    ),
    ("coroutine", &DEVELOPER, &[("x.py", "async def run():\n    @\n")]),
    (
        "entry point",
        &DEVELOPER,
        &[
            ("x.py", "import sys\ndef main():\n    if sys.argv[0] == 'x': @\n"),
            ("x-1.dist-info/entry_points.txt", "[console_scripts]\nx = x:main\n"),
        ],
    ),
    ("thread", &DEVELOPER, &[("x.py", "import threading\ndef work():\n    @\nthreading.Timer(100, work).start()\n")]),
    ("later", &DEVELOPER, &[("x.py", "import time\ntime.sleep(120)\n@\n")]),
    ("after an exit elsewhere", &DEVELOPER, &[("a.py", "import os\nos._exit(3)\n"), ("b.py", "@")]),
    ("runner", &RUNNER, &[("x.py", "import os\nif os.getenv('CI'): @\n")]),
    (
        "next year",
        &RUNNER,
        &[(
            "x.py",
            "import time, os, datetime\nif time.time() > float(os.environ['NOW']) / 1000 + 180 * 86400 and datetime.datetime.now().timestamp() > time.time() - 60: @\n",
        )],
    ),
    (
        "windows",
        &WINDOWS,
        &[(
            "x.py",
            "import os, platform, subprocess\nif os.name == 'nt' and platform.system() == 'Windows' and os.getenv('APPDATA'): @\n",
        )],
    ),
    (
        "on a request",
        &DEVELOPER,
        &[(
            "x.py",
            "import urllib.request as u\nreal = u.urlopen\ndef hook(r, *a, **k):\n    if r.get_header('Authorization'): @\n    return real(r, *a, **k)\nu.urlopen = hook\n",
        )],
    ),
];

const SDISTS: &[Specimen] = &[
    ("setup.py", &DEVELOPER, &[("setup.py", "from setuptools import setup\n@\nsetup(name='x')\n")]),
    (
        "own command",
        &DEVELOPER,
        &[(
            "setup.py",
            "from setuptools import setup\nfrom setuptools.command.install import install\nclass Own(install):\n    def run(self):\n        @\nsetup(name='x', cmdclass={'install': Own})\n",
        )],
    ),
    (
        "own backend",
        &DEVELOPER,
        &[
            ("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"own\"\nbackend-path = [\"tools\"]\n"),
            ("tools/own.py", "def build_wheel(folder, *_):\n    @\n"),
        ],
    ),
    (
        "module of the source",
        &DEVELOPER,
        &[("setup.py", "from setuptools import setup\nsetup(name='x')\n"), ("src/x/__init__.py", "@")],
    ),
];

#[test]
fn every_gate_of_npm_specimens_opens() {
    let made = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> =
            files.iter().map(|(path, text)| (format!("package/{path}"), text.replace('@', REACHED))).collect();
        tgz(&borrowed(&files))
    };
    open_all(NPM, Ecosystem::Npm, "x.tgz", made);
}

#[test]
fn every_gate_of_wheels_opens() {
    let made = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.replace('@', REACHED_PY))).collect();
        zip(&borrowed(&files))
    };
    open_all(WHEELS, Ecosystem::Pypi, "x-1-py3-none-any.whl", made);
}

#[test]
fn every_gate_of_source_distributions_opens() {
    let made = |files: &[(&str, &str)]| {
        let files: Vec<(String, String)> =
            files.iter().map(|(path, text)| (format!("x-1/{path}"), text.replace('@', REACHED_PY))).collect();
        tgz(&borrowed(&files))
    };
    open_all(SDISTS, Ecosystem::Pypi, "x-1.tar.gz", made);
}

fn borrowed(files: &[(String, String)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect()
}

fn open_all(
    specimens: &[Specimen],
    ecosystem: Ecosystem,
    file_name: &str,
    made: impl Fn(&[(&str, &str)]) -> Vec<u8> + Sync,
) {
    if !can_be_alone() {
        eprintln!("skipped: this machine makes no network of one's own, and specimens may ask for names");
        return;
    }
    let try_one = |(name, profile, files): &Specimen| {
        let tree = artifact::open(&made(files), &Limits::default()).expect("it opens").value;
        let part = Part { ecosystem, name: "x", version: "1.0.0", file_name, tree: &tree };
        let (reached, told) = run(&part, profile);
        (!reached).then(|| format!("{name}: {told}"))
    };
    // They mostly wait.
    let closed: Vec<String> = std::thread::scope(|scope| {
        let shares: Vec<_> = specimens.chunks(specimens.len().div_ceil(4)).collect();
        let threads: Vec<_> = shares
            .into_iter()
            .map(|share| scope.spawn(|| share.iter().filter_map(try_one).collect::<Vec<_>>()))
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(closed.is_empty(), "{} of {}: {closed:#?}", closed.len(), specimens.len());
}

/// Runs a plan here, where the specimens do no harm, without any network. Whether the file was left, and what was told.
fn run(part: &Part, profile: &Profile) -> (bool, String) {
    let folder = TempDir::new().expect("a folder");
    let [home, work] = ["home", "work"].map(|name| folder.path().join(name).to_string_lossy().into_owned());
    let surroundings = Surroundings { home: &home, work: &work, certificate: "/dev/null" };
    let plan = plan(part, &[], profile, &Tokens::new([3; 32]), &surroundings);
    put_down(&plan);
    let mark = folder.path().join("mark");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let mut told = String::new();
    for step in &plan.steps {
        let mut command = Command::new("unshare");
        command.arg("-rn").args(&step.argv).current_dir(&step.folder).stdin(Stdio::null());
        command.env_clear().envs(&step.environment).env("MARK", &mark).env("NOW", now.to_string());
        let output = command.output().expect("it runs");
        told.push_str(&format!("[{}] {}", step.name, String::from_utf8_lossy(&output.stderr)));
        if mark.exists() {
            return (true, told);
        }
    }
    (false, told)
}

fn put_down(plan: &Plan) {
    for file in &plan.guest.seeds {
        let path = Path::new(&file.path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, &file.bytes).expect("written");
    }
}

fn can_be_alone() -> bool {
    Command::new("unshare").args(["-rn", "true"]).status().is_ok_and(|status| status.success())
}

#[test]
fn hooks_run_in_order_and_before_anything_else() {
    let manifest =
        br#"{"name":"x","scripts":{"postinstall":"c","install":"b","preinstall":"a","test":"no"},"bin":"cli.js"}"#;
    let files: &[(&str, &[u8])] =
        &[("package/package.json", manifest), ("package/index.js", b""), ("package/cli.js", b"")];
    let tree = artifact::open(&tgz(files), &Limits::default()).expect("it opens").value;
    let part = Part { ecosystem: Ecosystem::Npm, name: "x", version: "1.0.0", file_name: "x.tgz", tree: &tree };
    let surroundings = Surroundings { home: "/home/dev", work: "/work", certificate: "/work/ca.pem" };
    let plan = plan(&part, &[], &RUNNER, &Tokens::new([3; 32]), &surroundings);
    let names: Vec<_> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["preinstall", "install", "postinstall", "require index.js", "call index.js", "program cli.js"]);
    let first = &plan.steps[0];
    assert_eq!((first.folder.as_str(), first.profile.as_str()), ("/work/project/node_modules/x", "ci"));
    assert_eq!(first.environment["GITHUB_ACTIONS"], "true");
    assert_eq!(first.environment["NODE_EXTRA_CA_CERTS"], "/work/ca.pem");
    assert!(plan.guest.seeds.iter().any(|seed| seed.path == "/home/dev/.npmrc" && seed.secret));
    assert_eq!(plan.guest.tokens, Some([3; 32]), "what is planted is recognised when it leaves");
}

#[test]
fn the_drivers_talk_to_the_host_that_is_left_out_of_traces() {
    for driver in [include_str!("node.js"), include_str!("python.py")] {
        assert!(driver.contains(super::OWN_HOST), "its own request would count against the package");
    }
}
