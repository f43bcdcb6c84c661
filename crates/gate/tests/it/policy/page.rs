//! The page about policies says what the program does.

use super::{day, load};
use gate::policy::{BUILT_IN, FUNCTIONS, LOCKFILE, PRESETS, variables};

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policy.md");
    std::fs::read_to_string(path).expect("the page")
}

#[test]
fn every_name_is_explained() {
    let page = page();
    for one in variables() {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", one.name)));
        let row = row.unwrap_or_else(|| panic!("`{}` is missing", one.name));
        assert_eq!(row.contains("*null*"), one.nullable, "{row}");
    }
    let rows = page.lines().skip_while(|line| *line != "## Variables").take_while(|line| *line != "## Functions");
    assert_eq!(rows.filter(|line| line.starts_with("| `")).count(), variables().count());
    for one in FUNCTIONS {
        assert!(page.contains(&format!("{}(", one.name)), "{}", one.name);
    }
    for name in BUILT_IN.iter().copied().chain(PRESETS.map(|(name, _)| name)) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
    for (code, answer, _) in LOCKFILE {
        assert!(page.contains(&format!("| `{code}` | {answer} |")), "{code}");
    }
}

#[test]
fn the_examples_hold() {
    let page = page();
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split_once("```")).map(|(block, _)| block).collect();
    assert!(blocks.len() >= 2);
    let mut tests = 0;
    for block in blocks {
        let policy = load(block);
        assert_eq!(policy.lint(day()), [], "{block}");
        for one in &policy.tests {
            assert_eq!(policy.run(one, day()).failure, None, "{}", one.name);
            tests += 1;
        }
    }
    assert!(tests >= 3);
}

#[test]
fn presets_are_beyond_doubt() {
    for (name, text) in PRESETS {
        // Read as a file of one's own: the rules of a preset are not looked at again.
        assert_eq!(load(text).lint(day()), [], "{name}");
    }
}

#[test]
fn doubtful_rules_are_told() {
    let text = r#"
rules:
  - {name: silent, when: direct, answer: warn}
  - {name: young, when: age_hours < 24, answer: warn, reason: young}
  - {name: wide, when: dev, answer: warn, reason: x, paths: ["**"]}
  - {name: free, when: "true", answer: allow, reason: x, waives: [silent]}
  - {name: odd, when: '"no-such-finding" in findings', answer: warn, reason: x}
  - {name: all, when: "true", answer: block, reason: x}
  - {name: blind, when: "1 < 2", answer: block, reason: x}
exceptions:
  - {package: "pkg:npm/a@1", rules: [silent], owner: o, reason: r, expires: 2026-01-01}
  - {package: "pkg:npm/b@1", rules: [silent], owner: o, reason: r, expires: 2036-01-01}
  - {package: "pkg:npm/b@1", rules: [silent], owner: o, reason: r, expires: 2026-07-01}
"#;
    let found = load(text).lint(day());
    let expected = [
        (3, "gives no reason"),
        (3, "never decides: `free`"),
        (4, "`age_hours` in the rule `young` may be null"),
        (5, "limits nothing"),
        (6, "matches every package"),
        (7, "\"no-such-finding\""),
        (8, "matches every package"),
        (9, "looks at nothing"),
        (11, "ended on 2026-01-01"),
        (12, "more days"),
        (13, "repeats one above"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((line, sentence), (at, part)) in found.iter().zip(expected) {
        assert!(*line == at && sentence.contains(part), "{line} {sentence}; expected {at} {part}");
    }
}
