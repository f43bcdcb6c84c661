//! Hostile expressions end soon: refused when they are read, or bounded by what a subject may hand to them.

use super::{full, holds, load, package};
use gate::policy::{Expression, Policy, Vulnerability};

#[test]
fn what_could_take_too_long_is_refused() {
    let deep = format!("{}true{}", "(".repeat(200), ")".repeat(200));
    let negated = format!("{}true", "!".repeat(3000));
    let long = format!("name == \"{}\"", "a".repeat(5000));
    let chained = format!("size([name]{}) > 0", ".map(x, x + x)".repeat(8));
    let summed = format!("{}1 > 0", "1 + ".repeat(900));
    let nested = "records.exists(a, findings.exists(b, groups.exists(c, digests.exists(d, a == b && c == d))))";
    let cubic = "records.exists(a, findings.exists(b, groups.exists(c, a == b && c == a)))";
    let copies = "size(records.map(a, records.map(b, records))) > 0";
    let table = [
        (deep.as_str(), ""),
        (long.as_str(), "more than 4096 bytes"),
        (chained.as_str(), "comprehensions are nested"),
        (summed.as_str(), "nested more than 64 levels"),
        (nested, ""),
        (cubic, "could take too long"),
        (copies, "could take too long"),
        ("", "is empty"),
        ("acme.Message{a: 1} == null", "messages cannot be used"),
        ("optional.of(1).hasValue()", ""),
        ("type(name) == string", "there is no function `type`"),
    ];
    for (expression, expected) in table {
        let start: String = expression.chars().take(60).collect();
        // On a thread like that of `Policy::load`, since the parser recurses.
        let said = on_a_large_stack(expression).expect_err(&start);
        assert!(said.contains(expected), "{start}: {said}");
    }
    // An even number of negations is no negation, and no nesting either.
    assert!(on_a_large_stack(&negated).is_ok());
}

fn on_a_large_stack(expression: &str) -> Result<Expression, String> {
    std::thread::scope(|scope| {
        let compile = || Expression::compile(expression);
        let thread = std::thread::Builder::new().stack_size(32 << 20).spawn_scoped(scope, compile);
        thread.expect("a thread").join().expect("no panic")
    })
}

#[test]
fn long_lists_and_texts_are_told_and_not_looked_through() {
    let mut one = full();
    one.records = (0..501).map(|at| at.to_string()).collect();
    let said = holds("\"7\" in records", &one).expect_err("too many");
    assert!(said.contains("`records` has more than 500 values"), "{said}");
    one.records.truncate(500);
    assert_eq!(holds("\"7\" in records", &one), Ok(true));
    one.license = Some("MIT OR ".repeat(1000) + "MIT");
    assert!(holds("license_in([\"MIT\"])", &one).expect_err("too long").contains("`license`"));
    let vulnerability = Vulnerability {
        id: "V".into(),
        aliases: (0..21).map(|at| at.to_string()).collect(),
        severity: "low".into(),
        cvss: None,
        fixed: None,
    };
    one.vulnerabilities = vec![vulnerability];
    assert!(holds("vulnerabilities.exists(v, v.id == \"V\")", &one).is_err());
}

#[test]
fn the_greatest_lists_end() {
    let mut one = package();
    one.records = (0..500).map(|at| format!("r{at}")).collect();
    one.findings = (0..500).map(|at| format!("f{at}")).collect();
    assert_eq!(holds("records.exists(r, findings.exists(f, f == r))", &one), Ok(false));
    assert_eq!(holds("size(records.map(r, r + r).filter(r, r != \"\")) == 500", &one), Ok(true));
}

#[test]
fn hostile_files_are_refused() {
    let many: String = (0..1100).map(|at| format!("  - {{name: r{at}, when: direct, answer: warn}}\n")).collect();
    let nested = format!("rules: {}", "[".repeat(20_000));
    let bomb: String = (0..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".into(), |text, at| {
        let item = format!("*a{at}, ").repeat(9);
        format!("{text}a{}: &a{} [{}]\n", at + 1, at + 1, item.trim_end_matches(", "))
    });
    for text in [format!("rules:\n{many}"), nested, bomb, "x".repeat(2 << 20)] {
        assert!(Policy::load(&text, "p.yml").is_err(), "{}", &text[..40]);
    }
    // A regular expression is bounded in size.
    let text = "rules: [{name: a, when: 'name.matches(\"(a{500}){500}\")', answer: warn}]\n";
    assert!(Policy::load(text, "p.yml").is_err());
    assert_eq!(load("name: empty\n").rules.len(), 0);
}
