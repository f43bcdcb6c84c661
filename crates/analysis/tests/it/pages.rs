//! Every rule page is a test: what it flags must be flagged by its rule, what it calls clean must not be.

use analysis::{
    Analyser, Limits, UserRules,
    rules::{Example, Page, all},
};
use model::{Analysis, Decision, Kind, Phase, Target};

#[test]
fn every_page_is_complete() {
    let lacks = |rule: &analysis::rules::Rule| {
        let missing = Page::parse(rule.page).missing();
        (!missing.is_empty()).then(|| format!("rules/{}.md lacks {}", rule.id, missing.join("; ")))
    };
    let wrong: Vec<String> = all().filter_map(lacks).collect();
    assert!(wrong.is_empty(), "{}\nThen write the catalogue anew: cargo xtask docs", wrong.join("\n"));
}

#[test]
fn every_flagged_example_is_found_and_every_clean_one_is_not() {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let mut wrong = Vec::new();
    for rule in all() {
        for (number, example) in Page::parse(rule.page).examples.iter().enumerate() {
            let analysis = on_large_stack(&analyser, example);
            let name = format!("rules/{}.md, example {} ({})", rule.id, number + 1, example.name);
            if let Err(what) = judge(rule.id, example, &analysis) {
                wrong.push(format!("{name}: {what}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(rule: &str, example: &Example, analysis: &Analysis) -> Result<(), String> {
    let found: Vec<_> = analysis.verdict.findings.iter().filter(|finding| finding.rule == rule).collect();
    let all: Vec<&str> = analysis.verdict.findings.iter().map(|finding| finding.rule.as_str()).collect();
    if !example.flagged {
        return match found.first() {
            Some(finding) => Err(format!("is called clean, but: {}", finding.note)),
            None if analysis.verdict.decision >= Decision::Suspicious => {
                Err(format!("is called clean, but is judged {} by {all:?}", analysis.verdict.decision))
            }
            None => Ok(()),
        };
    }
    if found.is_empty() {
        return Err(format!("was not found; found were {all:?}"));
    }
    for word in &example.expected {
        let holds = found.iter().any(|finding| match word.as_str() {
            "proof" => finding.kind == Kind::Proof,
            "indicator" => finding.kind == Kind::Indicator,
            "capability" => finding.kind == Kind::Capability,
            "install" => finding.phase == Phase::Install,
            "build" => finding.phase == Phase::Build,
            "startup" => finding.phase == Phase::Startup,
            "import" => finding.phase == Phase::Import,
            "runtime" => finding.phase == Phase::Runtime,
            place => finding.places.first().is_some_and(|own| place == format!("{}:{}", own.path, own.line)),
        });
        if !holds {
            let seen: Vec<_> = found
                .iter()
                .map(|one| {
                    (one.kind, one.phase, one.places.first().map(|place| format!("{}:{}", place.path, place.line)))
                })
                .collect();
            return Err(format!("\"{word}\" does not hold: {seen:?}"));
        }
    }
    Ok(())
}

/// Examples are small, but the parsers' stack is the worker's in real life.
fn on_large_stack(analyser: &Analyser, example: &Example) -> Analysis {
    let files: Vec<(&str, &[u8])> =
        example.files.iter().map(|file| (file.path.as_str(), file.text.as_bytes())).collect();
    let bytes = testkit::archive::tgz(&files);
    let target = Target { file_name: "example.tar.gz".into(), ecosystem: None, name: None, version: None };
    std::thread::scope(|scope| {
        let work = || analyser.analyse(&target, &bytes, &Limits::default(), false);
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
        thread.expect("a thread starts").join().expect("no panic")
    })
}
