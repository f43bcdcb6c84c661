//! Data on stdout, talk on stderr, and every format.

use std::{io::Read, process::Stdio};

use serde_json::Value;

use crate::{User, clean, malicious};

#[test]
fn every_format_comes_alone_on_stdout() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    for (format, start) in [
        ("terminal", "MALICIOUS"),
        ("json", "{"),
        ("sarif", "{"),
        ("markdown", "# "),
        ("html", "<!DOCTYPE html>"),
        ("stix", "{"),
    ] {
        let ran = user.run(&["inspect", "--format", format, "evil.tgz"]);
        ran.ended(20, &["runs-downloaded-code"]);
        assert!(ran.out.starts_with(start), "{format}:\n{}", ran.out);
        assert_eq!(ran.talk, "");
        assert!(!ran.out.contains('\u{1b}'), "{format} has colours though nobody watches");
        if start == "{" {
            serde_json::from_str::<Value>(&ran.out).expect("JSON");
        }
    }
}

#[test]
fn json_says_what_the_exit_code_says() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    let ran = user.run(&["inspect", "--format", "json", "evil.tgz", "./nothing-here"]);
    let report: Value = serde_json::from_str(&ran.ended(20, &[]).out).expect("JSON");
    assert_eq!(report["summary"]["exit_code"], 20);
    assert_eq!(report["targets"][0]["analysis"]["verdict"]["decision"], "malicious");
    assert_eq!(report["targets"][1]["error"]["code"], "no-such-file");
    assert_eq!(report["targets"][1]["exit_code"], 3);
}

#[test]
fn colour_can_be_asked_for_and_refused() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    let coloured = |name: &str| {
        let output = user.command(&["inspect", "evil.tgz"]).env(name, "1").output().expect("the program runs");
        output.stdout.contains(&0x1b)
    };
    assert!(coloured("CLICOLOR_FORCE"));
    assert!(!coloured("NO_COLOR"));
}

#[test]
fn the_report_goes_into_a_file() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    let ran = user.run(&["inspect", "--format", "sarif", "--output", "report.sarif", "evil.tgz"]);
    assert_eq!(ran.ended(20, &[]).out, "");
    let text = std::fs::read_to_string(user.path().join("report.sarif")).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    let result = &report["runs"][0]["results"][0];
    assert_eq!(result["level"], "error");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 3);
}

#[test]
fn a_file_that_cannot_be_written_is_known_before_anything_runs() {
    let user = User::new();
    user.run(&["inspect", "--output", "no/such/folder/report", "whatever"])
        .ended(2, &["error:", "no/such/folder/report"]);
}

#[test]
fn who_stops_reading_has_read_enough() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    user.file("plain.tgz", clean());
    let many: Vec<&str> =
        ["inspect", "--format", "json"].into_iter().chain([["evil.tgz", "plain.tgz"]; 200].concat()).collect();
    let mut child = user
        .command(&many)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let mut talk = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut talk).expect("UTF-8");
    assert_eq!(child.wait().expect("the program ends").code(), Some(20), "{talk}");
    assert_eq!(talk, "");
}
