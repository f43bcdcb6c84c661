//! Four behaviours that decide, hidden in five ways, in JavaScript and Python alike: none may get by.

use analysis::{Analyser, Limits, UserRules};
use model::{Decision, Phase, Target};

const SPECIMENS: &str = include_str!("../../../../fixtures/variants.txt");

#[test]
fn no_way_of_hiding_gets_by() {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let mut wrong = Vec::new();
    let mut count = 0;
    for specimen in SPECIMENS.split("=== ").skip(1) {
        let (head, text) = specimen.split_once('\n').expect("a head and a text");
        count += 1;
        let files: Vec<(&str, &[u8])> = if head.starts_with("python") {
            vec![("x-1.0/setup.py", text.as_bytes()), ("x-1.0/PKG-INFO", b"Name: x\nVersion: 1.0\n")]
        } else {
            vec![
                ("package/package.json", br#"{"name":"x","version":"1.0.0","scripts":{"postinstall":"node run.js"}}"#),
                ("package/run.js", text.as_bytes()),
            ]
        };
        let bytes = testkit::archive::tgz(&files);
        let target = Target { file_name: "x-1.0.tar.gz".into(), ecosystem: None, name: None, version: None };
        let analysis = std::thread::scope(|scope| {
            let work = || analyser.analyse(&target, &bytes, &Limits::default(), false);
            let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
            thread.expect("a thread starts").join().expect("no panic")
        });
        let verdict = &analysis.verdict;
        let rules: Vec<_> = verdict.findings.iter().map(|one| (one.rule.as_str(), one.kind, one.phase)).collect();
        if verdict.decision != Decision::Malicious || !verdict.findings.iter().any(|one| one.phase == Phase::Install) {
            wrong.push(format!("{head}: {} {rules:?}", verdict.decision));
        }
    }
    assert_eq!(count, 40, "two languages, four behaviours, five ways");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
