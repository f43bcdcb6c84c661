//! What policies answer, and what is said of those that cannot be read.

use gate::policy::{Day, Door, Expression, Given, PRESETS, Policy, Subject, Vulnerability};
use model::{Answer, Decision, Ruling};

mod bounds;
mod page;
mod vet;

fn day() -> Day {
    "2026-06-15".parse().expect("a day")
}

fn package() -> Subject {
    Subject::new("pkg:npm/%40acme/tool@1.4.0", "npm", "@acme/tool", "1.4.0")
}

fn load(text: &str) -> Policy {
    Policy::load(text, "lazaret-policy.yml").unwrap_or_else(|error| panic!("{error}"))
}

fn ask(policy: &str, subject: &Subject) -> Ruling {
    load(policy).decide(subject, Door::Scan, day())
}

fn holds(expression: &str, subject: &Subject) -> Result<bool, String> {
    let policy = format!(
        "version: 1\nrules:\n  - name: asked\n    answer: block\n    reason: asked\n    when: |\n      {expression}\n"
    );
    let ruling = ask(&policy, subject);
    match ruling.matches.iter().find(|one| one.rule == "asked") {
        None => Ok(false),
        Some(one) if one.answer == Answer::Block => Ok(true),
        Some(one) => Err(one.reason.clone()),
    }
}

fn full() -> Subject {
    let mut one = package();
    one.state = Decision::Suspicious;
    one.score = Some(80);
    one.findings = vec!["sends-secrets".into(), "runs-at-install".into()];
    one.age_hours = Some(30.0);
    one.license = Some("MIT OR (Apache-2.0 AND GPL-3.0-only)".into());
    one.vulnerabilities = vec![Vulnerability {
        id: "GHSA-1".into(),
        aliases: vec!["CVE-2026-1".into()],
        severity: "high".into(),
        cvss: Some(8.1),
        fixed: Some("1.5.0".into()),
    }];
    one.groups = vec!["test".into()];
    one
}

#[test]
fn expressions_see_the_package() {
    let table = [
        ("state == \"suspicious\"", true),
        ("pkg.state == \"suspicious\"", true),
        ("pkg.state == 'benign' || pkg.score >= 80", true),
        ("\"sends-secrets\" in findings", true),
        ("age_hours < 36 && age_hours < days(2) && age_hours >= hours(30)", true),
        ("age_hours > 36", false),
        ("install_scripts == true", false),
        ("install_scripts == null", true),
        ("vulnerabilities.exists(v, v.severity == \"high\" && v.cvss > 8.0)", true),
        ("pkg.vulnerabilities.exists(v, v.aliases.exists(a, a.startsWith(\"CVE-\")))", true),
        ("vulnerabilities.all(v, v.fixed != null && version_below(v.fixed))", true),
        ("vulnerabilities.filter(v, v.severity == \"low\").size() == 0", true),
        ("size(vulnerabilities.map(v, v.id)) == 1", true),
        ("severity == \"high\" && cvss == 8.1", true),
        ("version_at_least(\"1.10.0\")", false),
        ("version_below(\"1.10.0\")", true),
        ("license_in([\"MIT\"])", true),
        ("license_allowed([\"Apache-2.0\"])", false),
        ("license_allowed([\"Apache-2.0\", \"GPL-3.0\"])", true),
        ("license_contains(\"GPL-3.0-only\") && \"MIT\" in licenses", true),
        ("license_contains(\"BSD-3-Clause\")", false),
        ("name.glob(\"@acme/*\") && glob(name, \"**\")", true),
        ("name.matches(\"^@acme/[a-z]+$\")", true),
        ("name.startsWith('@acme/') && name.endsWith('tool') && name.contains('me/')", true),
        ("door == \"scan\" && today == \"2026-06-15\"", true),
        ("today >= \"2026-12-20\"", false),
        ("now - date(\"2026-06-14\") == days(1)", true),
        ("\"test\" in groups && !dev", true),
        ("int(\"3\") + 1 == 4 && string(score) == \"80\" && double(2) < 2.5", true),
        ("(direct ? 1 : 2) == 2", true),
    ];
    for (expression, expected) in table {
        assert_eq!(holds(expression, &full()), Ok(expected), "{expression}");
    }
}

#[test]
fn what_is_not_known_is_told_and_never_passed_over() {
    let table = [
        ("age_hours < 24", "age_hours is not known"),
        ("!provenance", "provenance is not known"),
        ("license_in([\"MIT\"])", "license is not known"),
        ("downloads + 1 > 3", "downloads is not known"),
        ("score > 5 || age_hours > 5", "score is not known"),
    ];
    for (expression, expected) in table {
        let said = holds(expression, &package()).expect_err(expression);
        assert!(said.contains(expected) || said.contains("age_hours, score is not known"), "{expression}: {said}");
    }
    // What decides without the unknown part decides.
    assert_eq!(holds("direct && age_hours < 24", &package()), Ok(false));
    assert_eq!(holds("!direct || age_hours < 24", &package()), Ok(true));
    let mut odd = package();
    odd.license = Some("see LICENSE.txt".into());
    assert!(holds("license_in([\"MIT\"])", &odd).expect_err("no SPDX").contains("not an SPDX expression"));
    odd.ecosystem = "maven".into();
    assert!(holds("version_below(\"2\")", &odd).expect_err("no order").contains("maven"));
}

#[test]
fn strict_policies_block_what_they_cannot_ask() {
    let policy = "unevaluable: block\nrules: [{name: young, when: age_hours < 24, answer: warn, reason: young}]\n";
    assert_eq!(ask(policy, &package()).answer, Answer::Block);
}

#[test]
fn presets_are_what_they_say() {
    let mut malware = package();
    malware.state = Decision::Malicious;
    let mut benign = package();
    benign.state = Decision::Benign;
    benign.age_hours = Some(5000.0);
    let mut forged = benign.clone();
    forged.hash = "mismatch";
    let table = [
        ("default", &malware, Answer::Block, Some("malware")),
        ("strict", &malware, Answer::Block, Some("malware")),
        ("audit", &malware, Answer::Warn, Some("malware")),
        ("default", &forged, Answer::Block, Some("forged-hash")),
        ("strict", &forged, Answer::Block, Some("forged-hash")),
        ("audit", &forged, Answer::Warn, Some("hash")),
        ("default", &benign, Answer::Allow, None),
        ("strict", &benign, Answer::Allow, None),
        ("default", &package(), Answer::Allow, None),
        ("strict", &package(), Answer::Block, Some("unknown")),
    ];
    for (preset, subject, answer, rule) in table {
        let ruling = Policy::preset(preset).expect(preset).decide(subject, Door::Scan, day());
        assert_eq!(ruling.answer, answer, "{preset} {ruling:?}");
        assert_eq!(ruling.decisive().map(|one| one.rule.as_str()), rule, "{preset} {ruling:?}");
    }
    assert!(Policy::preset("lenient").expect_err("no such").to_string().contains("default, strict, audit"));
    assert_eq!(PRESETS.len(), 3);
}

#[test]
fn new_versions_wait_where_the_policy_says() {
    let policy = Policy::preset("default").expect("a preset");
    let mut young = package();
    young.state = Decision::Benign;
    young.age_hours = Some(3.0);
    let answers = Door::ALL.map(|door| policy.decide(&young, door, day()).answer);
    assert_eq!(answers, [Answer::Allow, Answer::Block, Answer::Block, Answer::Warn]);
    assert_eq!(policy.cooldown_hours(Door::Guard), Some(24.0));
    assert_eq!(policy.cooldown_hours(Door::Scan), None);
    young.age_hours = None;
    let ruling = policy.decide(&young, Door::Guard, day());
    assert_eq!((ruling.answer, ruling.matches[0].rule.as_str()), (Answer::Warn, "cooldown"));
}

#[test]
fn what_is_wrong_with_lockfiles_has_answers() {
    let mut one = package();
    one.state = Decision::Benign;
    one.issues = vec!["missing-integrity".into()];
    assert_eq!(ask("name: x\n", &one).answer, Answer::Warn);
    assert_eq!(ask("lockfile: {missing-integrity: allow}\n", &one).answer, Answer::Allow);
    assert_eq!(ask("extends: strict\n", &one).answer, Answer::Block);
    let own =
        "rules: [{name: own, when: name.glob(\"@acme/*\"), answer: allow, waives: [foreign-address], reason: ours}]\n";
    one.issues = vec!["foreign-address".into()];
    assert_eq!(ask("extends: default\n", &one).answer, Answer::Block);
    assert_eq!(ask(own, &one).answer, Answer::Allow);
}

#[test]
fn the_age_of_the_database_is_judged() {
    let policy = Policy::preset("default").expect("a preset");
    let answers = [1.0, 73.0, 721.0].map(|hours| policy.database(hours).0);
    assert_eq!(answers, [Answer::Allow, Answer::Warn, Answer::Block]);
    let said = policy.database(73.0).1.expect("a sentence");
    assert!(said.contains("3 days old") && said.contains("lazaret db update"), "{said}");
}

const LAYERS: &str = r#"
extends: default
without: [withdrawn]
rules:
  - name: scripts
    when: install_scripts == true
    answer: block
    reason: "{name} {version} runs code at install; findings: {findings}; age: {age_hours}"
  - name: scripts-of-builders
    when: name in ["@acme/tool"]
    answer: allow
    waives: [scripts]
    paths: ["build/**"]
    reason: the build box may
  - name: only-dev
    when: "true"
    answer: warn
    reason: for those who work on it
    groups: [dev]
    ecosystems: [npm]
    doors: [scan]
"#;

#[test]
fn rules_are_layered() {
    let mut one = package();
    one.install_scripts = Some(true);
    one.findings = (0..8).map(|at| format!("f{at}")).collect();
    one.yanked = Some(true);
    let ruling = ask(LAYERS, &one);
    assert_eq!(ruling.answer, Answer::Block);
    assert_eq!(ruling.matches.len(), 1, "{ruling:?}");
    assert_eq!(
        ruling.matches[0].reason,
        "@acme/tool 1.4.0 runs code at install; findings: f0, f1, f2, f3, f4, 3 more; age: not known"
    );
    one.path = "build/x/package-lock.json".into();
    let ruling = ask(LAYERS, &one);
    assert_eq!(ruling.answer, Answer::Allow);
    let waived = ruling.matches.iter().find(|one| one.rule == "scripts").and_then(|one| one.waived.clone());
    assert_eq!(waived.as_deref(), Some("the build box may (rule scripts-of-builders)"));
    one.dev = true;
    assert_eq!(ask(LAYERS, &one).answer, Answer::Warn);
    assert_eq!(load(LAYERS).decide(&one, Door::Mcp, day()).answer, Answer::Warn, "unknown at this door");
    one.state = Decision::Benign;
    one.age_hours = Some(999.0);
    assert_eq!(load(LAYERS).decide(&one, Door::Mcp, day()).answer, Answer::Allow);
}

fn excepting(lines: &str) -> String {
    format!(
        "extends: default\nsuspicious: block\nrules:\n  - {{name: scripts, when: install_scripts == true, answer: block, reason: r}}\nexceptions:\n  - owner: ann\n    reason: looked at\n{lines}"
    )
}

#[test]
fn exceptions_waive_what_they_name() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let by_purl = "    package: pkg:npm/@acme/tool@1.4.0\n    expires: 2026-12-31\n";
    let other = "    package: pkg:npm/%40acme/tool@1.4.1\n    expires: 2026-12-31\n";
    let ended = "    package: pkg:npm/%40acme/tool@1.4.0\n    expires: 2026-06-14\n";
    let by_hash = format!("    hash: {digest}\n    expires: 2026-06-15\n");
    let accepted = "    accept_malware: true\n    rules: [malware, scripts]\n";
    let table = [
        (Decision::Suspicious, format!("{by_purl}    rules: [suspicious, scripts]\n"), Answer::Allow),
        (Decision::Suspicious, format!("{by_purl}    rules: [scripts]\n"), Answer::Block),
        (Decision::Suspicious, format!("{other}    rules: [suspicious, scripts]\n"), Answer::Block),
        (Decision::Suspicious, format!("{ended}    rules: [suspicious, scripts]\n"), Answer::Block),
        (Decision::Suspicious, format!("{by_hash}    rules: [suspicious, scripts]\n"), Answer::Allow),
        (Decision::Malicious, format!("{by_purl}    rules: [suspicious, scripts]\n"), Answer::Block),
        (Decision::Malicious, format!("{by_purl}{accepted}"), Answer::Allow),
        (Decision::Malicious, format!("{by_hash}{accepted}"), Answer::Allow),
        (Decision::Malicious, format!("{other}{accepted}"), Answer::Block),
    ];
    for (state, lines, expected) in table {
        let mut one = package();
        one.state = state;
        one.install_scripts = Some(true);
        one.digests = vec![digest.clone()];
        assert_eq!(ask(&excepting(&lines), &one).answer, expected, "{state} {lines}");
    }
}

#[test]
fn stale_exceptions_are_told() {
    let text = excepting("    package: pkg:npm/@acme/tool@1.4.0\n    expires: 2026-12-31\n    rules: [suspicious]\n");
    let policy = load(&text);
    assert_eq!(policy.stale_exceptions(day()).len(), 1);
    let mut one = package();
    one.state = Decision::Suspicious;
    let ruling = policy.decide(&one, Door::Scan, day());
    assert_eq!(ruling.matches[0].waived.as_deref(), Some("looked at (exception of ann, until 2026-12-31)"));
    assert!(policy.stale_exceptions(day()).is_empty());
    let said = policy.used("2027-01-01".parse().expect("a day")).stale_exceptions;
    assert_eq!(said, ["lazaret-policy.yml:6: the exception for pkg:npm/@acme/tool@1.4.0 ended on 2026-12-31"]);
}

#[test]
fn allow_rules_never_waive_malware() {
    let policy =
        "rules:\n  - name: own\n    when: 'true'\n    answer: allow\n    reason: ours\n    waives: [malware]\n";
    let said = Policy::load(policy, "p.yml").expect_err("refused").to_string();
    assert!(said.starts_with("p.yml:2: no rule waives malware"), "{said}");
}

#[test]
fn faults_are_told_with_their_lines() {
    let table = [
        (
            "rules:\n  - name: a\n    when: stat == 'x'\n    answer: warn\n",
            "p.yml:3: in the rule `a`: there is no variable `stat`; did you mean `state`?",
        ),
        ("rules:\n  - name: a\n    when: state ==\n    answer: warn\n", "p.yml:3: in the rule `a`: line 1, column"),
        ("rules:\n  - name: a\n    when: 'true'\n    answer: deny\n", "p.yml:4: `answer` is block, warn or allow"),
        ("rules:\n  - name: a\n    when: 'true'\n", "p.yml:2: the rule `a` has no `answer`"),
        ("rules:\n  - when: 'true'\n    answer: warn\n", "p.yml:2: a rule must have `name`"),
        ("rules:\n  - name: a\n    when: lower(name) == 'x'\n    answer: warn\n", "there is no function `lower`"),
        (
            "rules:\n  - name: a\n    when: vulnerabilities.exists(v, v.score > 1)\n    answer: warn\n",
            "there is no field `score`",
        ),
        ("rules:\n  - name: a\n    when: has(pkg.score)\n    answer: warn\n", "`has()` is not needed"),
        ("rules:\n  - name: a\n    when: name.matches('(')\n    answer: warn\n", "is not a regular expression"),
        (
            "rules:\n  - name: a\n    when: 'true'\n    answer: warn\n    reason: '{nam}'\n",
            "p.yml:5: in the reason of `a`: there is no variable `nam`; did you mean `name`?",
        ),
        ("rules:\n  - name: malware\n    when: 'true'\n    answer: warn\n", "p.yml:2: `malware` is built in"),
        (
            "rules:\n  - {name: a, when: direct, answer: warn}\n  - {name: a, when: dev, answer: warn}\n",
            "p.yml:3: there are two rules named `a`",
        ),
        ("rules:\n  - {name: a, when: direct, answer: allow}\n", "must say in `waives`"),
        ("rules:\n  - {name: a, when: direct, answer: allow, waives: [b]}\n", "there is no rule `b` to waive"),
        ("malware: allow\n", "p.yml:1: malware cannot be allowed as a whole"),
        ("unevaluable: allow\n", "p.yml:1: a rule that cannot be asked warns or blocks"),
        ("unknown: {door: warn}\n", "there is no door `door`"),
        ("cooldown: soon\n", "p.yml:1: `cooldown` is a span of time"),
        ("extends: lenient\n", "p.yml:1: there is no preset \"lenient\""),
        ("extends: default\nwithout: [nothing]\n", "p.yml:2: `without` names `nothing`"),
        ("rule: []\n", "p.yml:1: a policy has no `rule`; it has"),
        ("rules: []\nrules: []\n", "p.yml:2: `rules` stands here twice"),
        ("version: 2\n", "policies of version 1"),
        ("[]\n", "p.yml:1: a policy is a map"),
        ("", "p.yml:1: a policy is one document"),
        ("a: [\n", "this is no YAML"),
        (
            "exceptions:\n  - {package: 'pkg:npm/a', rules: [unknown], owner: a, reason: b, expires: 2026-01-01}\n",
            "an exception is for one version",
        ),
        (
            "exceptions:\n  - {package: 'a@1', rules: [unknown], owner: a, reason: b, expires: 2026-01-01}\n",
            "is no purl with a version",
        ),
        (
            "exceptions:\n  - {hash: abc, rules: [unknown], owner: a, reason: b, expires: 2026-01-01}\n",
            "a `hash` is written as sha256:",
        ),
        (
            "exceptions:\n  - {package: 'pkg:npm/a@1', rules: [unknown], owner: a, reason: b, expires: never}\n",
            "`expires` is a day",
        ),
        (
            "exceptions:\n  - {package: 'pkg:npm/a@1', rules: [unknown], reason: b, expires: 2026-01-01}\n",
            "an exception must have `owner`",
        ),
        (
            "exceptions:\n  - {package: 'pkg:npm/a@1', rules: [], owner: a, reason: b, expires: 2026-01-01}\n",
            "must name in `rules`",
        ),
        (
            "exceptions:\n  - {package: 'pkg:npm/a@1', rules: [malware], owner: a, reason: b, expires: 2026-01-01}\n",
            "says so twice",
        ),
        (
            "tests:\n  - {name: a, package: {purl: 'pkg:npm/a@1', stat: x}, expect: warn}\n",
            "there is no variable `stat`",
        ),
        (
            "tests:\n  - {name: a, package: {purl: 'pkg:npm/a@1', dev: maybe}, expect: warn}\n",
            "`dev` must be true or false",
        ),
    ];
    for (text, expected) in table {
        let said = Policy::load(text, "p.yml").map(|_| ()).expect_err(text).to_string();
        assert!(said.contains(expected), "{text}\nsaid:     {said}\nexpected: {expected}");
    }
    let two =
        Policy::load("rules:\n  - {name: a, when: x, answer: warn}\n  - {name: b, when: y, answer: warn}\n", "p.yml");
    assert_eq!(two.map(|_| ()).expect_err("two faults").faults.len(), 2);
}

#[test]
fn policies_test_themselves() {
    let text = r#"
extends: default
rules:
  - {name: gpl, when: license != null && license_contains("GPL-3.0"), answer: block, reason: "licence {license}"}
tests:
  - name: copyleft is kept out
    package: {purl: "pkg:npm/a@1.0.0", license: GPL-3.0-or-later}
    expect: block
    rule: gpl
  - name: a young one waits at the guard
    package: {purl: "pkg:pypi/b@2", state: benign, age_hours: 2, vulnerabilities: [{id: X, severity: low, aliases: [Y]}]}
    door: guard
    day: 2026-01-01
    expect: block
    rule: cooldown
  - name: this one is wrong
    package: pkg:npm/c@1
    expect: block
"#;
    let policy = load(text);
    let failures: Vec<Option<String>> = policy.tests.iter().map(|one| policy.run(one, day()).failure).collect();
    assert_eq!(failures, [None, None, Some("expected block, got allow".into())]);
}

#[test]
fn facts_can_be_set_by_hand() {
    let mut one = package();
    for (name, text) in
        [("state", "malicious"), ("pkg.score", "97"), ("findings", "a,b"), ("age_hours", "1.5"), ("yanked", "null")]
    {
        one.set(name, &Given::of_argument(name, text)).expect(name);
    }
    assert_eq!((one.state, one.score, one.age_hours), (Decision::Malicious, Some(97), Some(1.5)));
    assert_eq!(one.findings, ["a", "b"]);
    for (name, text) in [("state", "bad"), ("score", "many"), ("nothing", "1"), ("hash", "odd")] {
        assert!(one.set(name, &Given::of_argument(name, text)).is_err(), "{name}");
    }
    let maven = Subject::of_purl("pkg:maven/com.example/lib@1.2?type=jar").expect("a purl");
    assert_eq!(
        (maven.ecosystem.as_str(), maven.name.as_str(), maven.version.as_str()),
        ("maven", "com.example/lib", "1.2")
    );
}

#[test]
fn expressions_say_what_they_use() {
    let one = Expression::compile("age_hours < 24 && (score == null || score > 3) && dev").expect("compiles");
    assert_eq!(one.variables(), ["age_hours", "dev", "score"]);
    assert_eq!(one.unguarded(), ["age_hours"]);
    let one = Expression::compile("\"sends-secrets\" in findings").expect("compiles");
    assert_eq!(one.findings(), ["sends-secrets"]);
    for wrong in ["state == \"malware\"", "pkg.hash in [\"pinned\", \"bad\"]", "\"gate\" != door"] {
        let said = Expression::compile(wrong).expect_err(wrong);
        assert!(said.contains("is never"), "{said}");
    }
}
