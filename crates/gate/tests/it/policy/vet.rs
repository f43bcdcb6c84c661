//! Files of vet as its users have them (written anew here), and what becomes of them.

use super::{day, full, load, package};
use gate::policy::{Door, Policy, import_vet};
use model::{Answer, Decision};

const SUITE: &str = r#"
name: Our suite
description: |
  What we let in.
tags: [general]
filters:
  - name: critical-or-high-vulns
    check_type: CheckTypeVulnerability
    summary: Critical or high vulnerabilities were found
    value: |
      vulns.critical.exists(p, true) ||
      vulns.high.exists(p, true)
  - name: Unpopular
    value: projects.exists(p, (p.type == "GITHUB") && (p.stars < 10))
  - name: risky-licenses
    value: |
      licenses.exists(p, p == "GPL-2.0") || licenses.exists(p, p == "GPL-3.0-only")
  - name: unmaintained
    value: scorecard.scores["Maintained"] == 0
  - name: osv-malware
    value: vulns.all.exists(v, v.id.startsWith("MAL-"))
  - name: left-pad
    value: pkg.ecosystem == "RubyGems" && pkg.name == "left-pad"
"#;

#[test]
fn filter_suites_are_read_as_they_are() {
    let policy = load(SUITE);
    let names: Vec<&str> = policy.rules.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["critical-or-high-vulns", "risky-licenses", "osv-malware", "left-pad"]);
    let notes: Vec<(u32, &str)> = policy.notes.iter().map(|(line, one)| (*line, one.as_str())).collect();
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].0 == 14 && notes[0].1.contains("\"Unpopular\"") && notes[0].1.contains("stars"), "{notes:?}");
    assert!(notes[1].0 == 19 && notes[1].1.contains("Scorecard"), "{notes:?}");

    let mut one = full();
    one.state = Decision::Benign;
    let ruling = policy.decide(&one, Door::Scan, day());
    let rules: Vec<&str> = ruling.matches.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["critical-or-high-vulns", "risky-licenses"]);
    assert_eq!(ruling.matches[0].reason, "Critical or high vulnerabilities were found");
    one.vulnerabilities[0].severity = "low".into();
    one.license = Some("MIT".into());
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Allow);
    let mut gem = one.clone();
    (gem.ecosystem, gem.name) = ("gem".into(), "left-pad".into());
    assert_eq!(policy.decide(&gem, Door::Scan, day()).answer, Answer::Block);
    // What vet cannot know of is stopped all the same.
    one.state = Decision::Malicious;
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Block);
}

const SECOND: &str = r"
version: POLICY_VERSION_V2
type: POLICY_TYPE_DENY
name: Deny
rules:
  - name: Deny High or Critical
    description: Denies {high} and critical
    check: RULE_CHECK_VULNERABILITY
    value: |
      pkg.vulnerabilities.exists(vuln, vuln.severity in ['HIGH', 'CRITICAL'] && vuln.cvss_score > 8.0)
  - name: copyleft
    check: RULE_CHECK_LICENSE
    value: _.licenses.contains_license('GPL-3.0') && pkg.attributes.direct
  - name: by cve
    value: pkg.vulnerabilities.exists(v, v.cve_id == 'CVE-1')
  - name: actions
    value: pkg.ecosystem == Ecosystem.ECOSYSTEM_GITHUB_ACTIONS || manifest.path.endsWith('x.json')
";

#[test]
fn policies_of_version_2_are_read_as_they_are() {
    let policy = load(SECOND);
    let names: Vec<&str> = policy.rules.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["deny-high-or-critical", "copyleft", "actions"]);
    assert!(policy.notes.iter().any(|(line, one)| *line == 15 && one.contains("aliases")), "{:?}", policy.notes);
    let mut one = full();
    one.state = Decision::Benign;
    one.direct = true;
    let matched = policy.decide(&one, Door::Scan, day()).matches;
    let rules: Vec<&str> = matched.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(rules, ["deny-high-or-critical", "copyleft"]);
    let mut action = package();
    action.ecosystem = "githubactions".into();
    assert!(policy.decide(&action, Door::Scan, day()).matches.iter().any(|one| one.rule == "actions"));
}

#[test]
fn allow_policies_block_the_rest() {
    let text = "version: POLICY_VERSION_V2\ntype: POLICY_TYPE_ALLOW\nname: A\nrules:\n  - {name: ours, value: \"pkg.name.startsWith('@acme/')\"}\n  - {name: dev, value: \"pkg.name == 'x'\"}\n";
    let policy = load(text);
    let mut one = package();
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Allow);
    one.name = "other".into();
    assert_eq!(policy.decide(&one, Door::Scan, day()).decisive().map(|one| one.rule.as_str()), Some("not-allowed"));
}

const EXCEPTIONS: &str = "
name: Exceptions
exceptions:
  - {id: a, ecosystem: npm, name: '@acme/tool', version: '1.4.0', expires: 2026-12-31T00:00:00Z}
  - {ecosystem: Maven, name: 'com.example:lib', version: '*', expires: 2026-12-31T00:00:00Z}
  - {ecosystem: npm, name: b, version: '1', expires: never}
";

#[test]
fn exceptions_never_let_malware_through() {
    let files = [("suite.yml".to_owned(), SUITE.to_owned()), ("exceptions.yml".to_owned(), EXCEPTIONS.to_owned())];
    let import = import_vet(&files).expect("vet's");
    let policy = load(&import.text);
    let mut one = full();
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Allow, "{}", import.text);
    one.state = Decision::Malicious;
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Block);
    one.state = Decision::Benign;
    one.version = "1.5.0".into();
    one.purl = "pkg:npm/%40acme/tool@1.5.0".into();
    assert_eq!(policy.decide(&one, Door::Scan, day()).answer, Answer::Block);
    let mut java = one.clone();
    (java.ecosystem, java.name, java.purl) =
        ("maven".into(), "com.example:lib".into(), "pkg:maven/com.example/lib@3".into());
    assert_eq!(policy.decide(&java, Door::Scan, day()).answer, Answer::Allow);
    assert_eq!(policy.decide(&java, Door::Scan, "2027-01-01".parse().expect("a day")).answer, Answer::Block);
    assert!(
        import.notes.iter().any(|(file, line, one)| file == "exceptions.yml" && *line == 6 && one.contains("left out"))
    );
    // Alone they stand on the default policy.
    let alone = load(EXCEPTIONS);
    one.purl = "pkg:npm/%40acme/tool@1.4.0".into();
    one.state = Decision::Suspicious;
    assert_eq!(alone.decide(&one, Door::Guard, day()).answer, Answer::Allow);
}

#[test]
fn other_files_are_none_of_vets() {
    for text in ["rules: []\n", "a: [", "[]", "extends: default\nexceptions: []\n"] {
        assert!(import_vet(&[("x".into(), text.into())]).is_err(), "{text}");
    }
    assert!(Policy::load("filters:\n  - {name: \"a\\n'b\", value: 'true'}\n", "p").is_ok());
}
