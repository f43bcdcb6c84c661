//! `lazaret inspect --replay`: verdicts derived again from their reports.

use crate::{User, clean, malicious};

fn report(user: &User, target: &str) {
    user.run(&["inspect", target, "--format", "json", "--output", "report.json"]);
}

#[test]
fn a_verdict_is_derived_again_without_and_with_the_artifact() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    report(&user, "evil.tgz");
    user.run(&["inspect", "--replay", "report.json"]).ended(20, &["SAME  evil.tgz", "judged anew"]);
    user.run(&["inspect", "--replay", "report.json", "evil.tgz"]).ended(20, &["SAME  evil.tgz", "analysed anew"]);
}

#[test]
fn what_differs_is_named() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    user.file("plain.tgz", clean());
    report(&user, "evil.tgz");
    let words = [
        "DIFFERS  evil.tgz",
        "artifact bytes:",
        "decision: the report says malicious; now benign",
        "finding: the report says runs-downloaded-code",
    ];
    user.run(&["inspect", "--replay", "report.json", "plain.tgz"]).ended(40, &words);
}

#[test]
fn a_report_that_was_tampered_with_does_not_replay() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    report(&user, "evil.tgz");
    let text = std::fs::read_to_string(user.path().join("report.json")).expect("a report");
    user.file("report.json", text.replace("\"decision\": \"malicious\"", "\"decision\": \"benign\""));
    user.run(&["inspect", "--replay", "report.json"]).ended(40, &["decision: the report says benign; now malicious"]);
    user.file("report.json", "{}");
    let ran = user.run(&["inspect", "--replay", "report.json"]);
    assert!(ran.code == 2 && ran.talk.contains("cannot be replayed"), "{} {}", ran.code, ran.talk);
}

#[test]
fn the_report_is_the_same_over_many_runs_and_workers() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    let run = |jobs: &str| user.run(&["inspect", "evil.tgz", "--fresh", "--format", "json", "--jobs", jobs]).out;
    let first = run("1");
    for jobs in ["1", "2", "4", "8"] {
        assert_eq!(run(jobs), first, "{jobs} workers");
    }
}
