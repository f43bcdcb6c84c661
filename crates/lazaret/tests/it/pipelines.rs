//! What stands in `ci/`, `action.yml` and the page about pipelines: only flags that exist, and scripts that do as they say.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output},
    thread,
};

use crate::User;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect(path)
}

/// The flags behind each call of Lazaret in a text, with the command.
fn calls(text: &str) -> Vec<(String, String)> {
    let mut calls = Vec::new();
    for line in text.lines() {
        let line = line.split(" # ").next().unwrap_or(line);
        for start in ["lazaret scan", "lazaret\" scan", "lazaret policy"] {
            let Some(at) = line.find(start) else { continue };
            let command = if start.ends_with("policy") { "policy" } else { "scan" };
            let words = line[at..].split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ';' | '|'));
            calls.extend(
                words
                    .filter(|one| one.starts_with("--") && one.len() > 2)
                    .map(|one| (command.to_owned(), one.to_owned())),
            );
        }
        // What a script puts together before it calls.
        if let Some((_, rest)) = line.split_once("set -- \"$@\" --") {
            let flag = rest.split_whitespace().next().filter(|one| !rest.starts_with(' ') && !one.is_empty());
            calls.extend(flag.map(|flag| ("scan".to_owned(), format!("--{flag}"))));
        }
    }
    calls
}

#[test]
fn only_flags_that_exist_are_named() {
    let user = User::new();
    let help = user.run(&["scan", "--help"]).out;
    let mut seen = 0;
    for path in ["ci/scan.sh", "docs/ci.md", ".pre-commit-hooks.yaml", "ci/bitbucket/pipe.sh", "ci/gitlab/template.yml"]
    {
        for (command, flag) in calls(&text(path)) {
            assert_eq!(command, "scan", "{path}: {flag}");
            assert!(help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}\n")), "{path}: {flag}");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} flags");
    // Formats stand in the scripts as FORMAT=FILE.
    for path in ["ci/github/scan.sh", "ci/gitlab/template.yml", "ci/bitbucket/pipe.sh"] {
        let text = text(path);
        let written: Vec<&str> = text.split(|c: char| c.is_whitespace() || c == '"').collect();
        let pairs = written.iter().filter_map(|one| one.split_once('='));
        let files = pairs.filter(|(name, file)| !name.contains('_') && *name != "comment" && is_report(file));
        let reports: Vec<&str> = files.map(|(format, _)| format).filter(|one| !one.contains('$')).collect();
        assert!(!reports.is_empty(), "{path}");
        for format in reports {
            assert!(wire::scan::FORMATS.iter().any(|one| one.name() == format), "{path}: {format}");
        }
    }
}

fn is_report(file: &str) -> bool {
    [".md", ".json", ".xml", ".sarif", ".txt"].iter().any(|end| file.ends_with(end))
}

#[test]
fn the_page_names_every_input_of_the_action() {
    let action = text("action.yml");
    let page = text("docs/ci.md");
    let inputs = action.split("\ninputs:\n").nth(1).and_then(|rest| rest.split("\noutputs:").next()).expect("inputs");
    let names: Vec<&str> = inputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ").filter(|one| !one.starts_with(' '))?.strip_suffix(':'))
        .collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
        assert!(action.contains(&format!("inputs.{name}")), "{name} is not used");
    }
    // What a caller writes never becomes a part of a script.
    for line in action.lines().filter(|line| line.trim_start().starts_with("run:")) {
        assert!(!line.contains("${{"), "{line}");
    }
}

fn script(user: &User, path: &str, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new("sh");
    command.arg(root().join(path)).args(arguments).current_dir(user.path()).env("HOME", user.path());
    command
        .env("LAZARET_CACHE_DIR", user.path().join("cache"))
        .env_remove("GITHUB_OUTPUT")
        .envs(variables.iter().copied());
    command.output().expect("sh")
}

#[test]
fn only_the_download_that_was_meant_is_run() {
    let user = User::new();
    let program = user.file("program", "#!/bin/sh\necho hello\n");
    let address = format!("file://{}", program.display());
    let refused = script(&user, "ci/obtain.sh", &[("LAZARET_DOWNLOAD", &address)], &[]);
    assert_eq!(refused.status.code(), Some(2));
    let wrong = "0".repeat(64);
    let refused = script(&user, "ci/obtain.sh", &[("LAZARET_DOWNLOAD", &address), ("LAZARET_SHA256", &wrong)], &[]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let right =
        said.split("sha256 ").nth(1).and_then(|rest| rest.get(..64)).expect("the hash that was found").to_owned();
    let taken = script(&user, "ci/obtain.sh", &[("LAZARET_DOWNLOAD", &address), ("LAZARET_SHA256", &right)], &[]);
    assert_eq!(taken.status.code(), Some(0), "{}", String::from_utf8_lossy(&taken.stderr));
    let path = String::from_utf8_lossy(&taken.stdout).trim().to_owned();
    assert_eq!(Command::new(path).output().expect("runs").stdout, b"hello\n");
}

#[test]
fn a_scan_in_a_pipeline_writes_what_is_asked_for() {
    let user = User::new();
    user.file("package-lock.json", r#"{"name":"p","lockfileVersion":3,"packages":{"":{"name":"p","dependencies":{"a":"1.0.0"}},"node_modules/a":{"version":"1.0.0","resolved":"https://registry.example/a/-/a-1.0.0.tgz"}}}"#);
    user.file("lazaret-policy.yml", "unknown: block\n");
    let output = user.path().join("output");
    let variables = [
        ("LAZARET_BINARY", env!("CARGO_BIN_EXE_lazaret")),
        ("LAZARET_REPORTS", "markdown=m.md\njunit=j.xml"),
        ("GITHUB_OUTPUT", output.to_str().expect("a path")),
    ];
    let ran = script(&user, "ci/scan.sh", &variables, &["--offline", "--no-analyze"]);
    let talk = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(20), "{talk}");
    assert!(
        fs::read_to_string(user.path().join("m.md")).expect("a report").contains("registry.example")
            || user.path().join("j.xml").is_file()
    );
    assert!(user.path().join("j.xml").is_file());
    for (code, fails, expected) in
        [("0", "", 0), ("4", "", 0), ("10", "", 0), ("10", "true", 10), ("20", "", 20), ("30", "", 30), ("2", "", 2)]
    {
        let ended = script(&user, "ci/result.sh", &[("CODE", code), ("WARNINGS_FAIL", fails)], &[]);
        assert_eq!(ended.status.code(), Some(expected), "{code} {fails}");
    }
}

/// One request: its first line, its authorization, its body.
type Asked = (String, String, String);

/// An API on loopback that answers with these bodies, one a call, and says what it was asked.
fn api(bodies: &'static [&'static str]) -> (String, thread::JoinHandle<Vec<Asked>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = thread::spawn(move || {
        let mut asked = Vec::new();
        for body in bodies {
            let (mut stream, _) = listener.accept().expect("a call");
            let mut reader = BufReader::new(stream.try_clone().expect("a reader"));
            let (mut first, mut token, mut length) = (String::new(), String::new(), 0);
            reader.read_line(&mut first).expect("a line");
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).expect("a header");
                let lower = line.to_ascii_lowercase();
                if lower.starts_with("authorization:") {
                    token = line.trim().to_owned();
                } else if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            let mut sent = vec![0; length];
            reader.read_exact(&mut sent).expect("a body");
            asked.push((first.trim().to_owned(), token, String::from_utf8_lossy(&sent).into_owned()));
            let answer =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
        asked
    });
    (address, serving)
}

#[test]
fn the_comment_is_written_anew() {
    let user = User::new();
    let report = user.file("report.md", "**1 blocked** \"quoted\" \\ back\n");
    let report = report.to_str().expect("a path");
    let first: &[&str] = &[r#"[{"id":5,"body":"hello"},{"id":6,"body":null}]"#, "{}"];
    let second: &[&str] = &[r#"[{"id":5,"body":"hello"},{"id":77,"body":"<!-- lazaret scan -->\nold"}]"#, "{}"];
    for (bodies, expected) in
        [(first, "POST /repos/o/r/issues/9/comments "), (second, "PATCH /repos/o/r/issues/comments/77 ")]
    {
        let (address, serving) = api(bodies);
        let variables = [
            ("GITHUB_API_URL", address.as_str()),
            ("GITHUB_REPOSITORY", "o/r"),
            ("GITHUB_TOKEN", "made-up"),
            ("PULL_REQUEST", "9"),
        ];
        let ran = script(&user, "ci/github/comment.sh", &variables, &[report]);
        assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
        let asked = serving.join().expect("served");
        assert!(asked[0].0.starts_with("GET /repos/o/r/issues/9/comments?per_page=100&page=1 "), "{asked:?}");
        assert!(asked[1].0.starts_with(expected), "{asked:?}");
        assert!(asked.iter().all(|(_, token, _)| token == "Authorization: Bearer made-up"), "{asked:?}");
        let body: serde_json::Value = serde_json::from_str(&asked[1].2).expect("JSON");
        assert_eq!(body["body"], "<!-- lazaret scan -->\n**1 blocked** \"quoted\" \\ back\n");
    }
    // A job without the right to comment fails nothing.
    let variables = [
        ("GITHUB_API_URL", "http://127.0.0.1:9"),
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_TOKEN", "x"),
        ("PULL_REQUEST", "9"),
    ];
    let ran = script(&user, "ci/github/comment.sh", &variables, &[report]);
    assert!(ran.status.success() && String::from_utf8_lossy(&ran.stdout).contains("::warning"), "{ran:?}");
}
