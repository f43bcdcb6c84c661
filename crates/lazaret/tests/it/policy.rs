//! `lazaret policy`, as its user meets it.

use crate::User;

const POLICY: &str = "extends: default
rules:
  - name: young
    when: age_hours != null && age_hours < 24
    answer: warn
    reason: \"it is {age_hours} hours old\"
tests:
  - {name: young ones are told, package: {purl: 'pkg:npm/a@1', age_hours: 2}, expect: warn, rule: young}
";

#[test]
fn tests_in_the_policy_are_run() {
    let user = User::new();
    user.run(&["policy", "test"]).ended(2, &["there is no lazaret-policy.yml", "lazaret policy show default"]);
    user.file("lazaret-policy.yml", POLICY);
    let ran = user.run(&["policy", "test"]);
    assert!(
        ran.out.contains("ok      young ones are told") && ran.out.ends_with("1 of 1 tests passed\n"),
        "{}",
        ran.out
    );
    ran.ended(0, &[]);
    user.file("other.yml", POLICY.replace("expect: warn", "expect: block"));
    let ran = user.run(&["policy", "test", "other.yml"]);
    assert!(ran.out.contains("other.yml:8: expected block by `young`, got warn by `young`"), "{}", ran.out);
    ran.ended(20, &[]);
    user.run(&["policy", "test", "strict"]).ended(2, &["has no `tests`"]);
}

#[test]
fn answers_are_explained() {
    let user = User::new();
    let ran = user.run(&["policy", "explain", "pkg:npm/a@1", "--set", "state=malicious", "--set", "records=MAL-1"]);
    assert!(ran.out.starts_with("BLOCK  pkg:npm/a@1  (policy default, door scan)\n"), "{}", ran.out);
    assert!(ran.out.contains("block  malware: it is malware (MAL-1)"), "{}", ran.out);
    assert!(
        ran.out.contains("  forged-hash: does not match\n      when hash == \"mismatch\"\n      hash is missing"),
        "{}",
        ran.out
    );
    ran.ended(20, &[]);
    user.file("lazaret-policy.yml", POLICY);
    let ran = user.run(&["policy", "explain", "pkg:npm/a@1", "--set", "age_hours=2"]);
    assert!(ran.out.contains("warn   young: it is 2 hours old"), "{}", ran.out);
    ran.ended(10, &[]);
    user.run(&["policy", "explain", "a@1"]).ended(2, &["is no purl"]);
    user.run(&["policy", "explain", "pkg:npm/a@1", "--set", "stat=x"]).ended(2, &["did you mean `state`"]);
    user.run(&["policy", "explain", "pkg:npm/a@1", "--policy", "none.yml"]).ended(2, &["none.yml cannot be read"]);
    user.run(&["policy", "explain", "pkg:npm/a@1", "--door", "gate"]).ended(2, &["scan"]);
}

#[test]
fn doubts_and_faults_are_told_with_their_lines() {
    let user = User::new();
    user.file("a.yml", "rules:\n  - {name: x, when: direct, answer: warn}\n");
    let ran = user.run(&["policy", "lint", "a.yml"]);
    assert!(ran.out.contains("a.yml:2: the rule `x` gives no reason"), "{}", ran.out);
    ran.ended(10, &[]);
    user.file("b.yml", "rules:\n  - {name: x, when: dirct, answer: warn}\n");
    user.run(&["policy", "lint", "b.yml"]).ended(2, &["b.yml:2", "did you mean `direct`"]);
    user.run(&["policy", "lint", "audit"]).ended(0, &[]);
}

#[test]
fn presets_can_be_printed_and_used() {
    let user = User::new();
    let ran = user.run(&["policy", "show", "strict"]);
    user.file("lazaret-policy.yml", &ran.out);
    ran.ended(0, &[]);
    user.run(&["policy", "lint"]).ended(0, &[]);
    user.run(&["policy", "show", "lenient"]).ended(2, &["default, strict, audit"]);
}

#[test]
fn files_of_vet_are_taken_over() {
    let user = User::new();
    user.file("suite.yml", "name: s\nfilters:\n  - {name: bad, value: 'vulns.critical.exists(p, true)'}\n  - {name: stars, value: 'projects.exists(p, p.stars < 1)'}\n");
    let ran = user.run(&["policy", "import", "vet", "suite.yml", "--output", "ours.yml"]);
    ran.ended(10, &["suite.yml:4: the rule \"stars\" cannot be taken over"]);
    let ran = user.run(&["policy", "explain", "pkg:npm/a@1", "--policy", "ours.yml"]);
    assert!(ran.out.contains("bad: does not match"), "{}", ran.out);
    ran.ended(0, &[]);
    user.file("x.yml", "a: 1\n");
    user.run(&["policy", "import", "vet", "x.yml"]).ended(2, &["no filter suite"]);
}
