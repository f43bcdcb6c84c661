//! The known incidents: what shows on the artifact itself must be found there.

use analysis::{Analyser, Limits, UserRules};
use model::{Analysis, Decision, Target};
use testkit::incident::incidents;

/// The incidents of the catalogue, by name. Each has a replica.
const TABLE: &[(&str, &str)] = &[
    ("event-stream", "P,D"),
    ("ua-parser-js", "D,S"),
    ("coa-rc", "D,S"),
    ("xz-utils", "D"),
    ("lottie-player", "P,D"),
    ("solana-web3", "D,S"),
    ("ultralytics", "D,S"),
    ("rspack-vant", "D,S"),
    ("tj-actions", "P,S"),
    ("rand-user-agent", "S,P"),
    ("nx-s1ngularity", "D,S,P"),
    ("chalk-debug", "D"),
    ("shai-hulud-1", "D,S"),
    ("glassworm", "S"),
    ("phantomraven", "P"),
    ("shai-hulud-2", "D,S"),
    ("crates-faster-log", "P,S"),
    ("trivy-kics", "P"),
    ("litellm", "S,P"),
    ("telnyx", "D,S,Y"),
    ("axios", "P,D,G"),
    ("axios-dependency", "D,S"),
    ("canisterworm-bitwarden", "D,S"),
    ("mini-shai-hulud", "D,S"),
    ("tanstack-mistral", "D,S"),
];

#[test]
fn every_incident_of_the_table_has_a_replica() {
    let all = incidents();
    let own: Vec<_> = all.iter().map(|one| (one.name, one.stages.join(","))).collect();
    let table: Vec<_> = TABLE.iter().map(|(name, stages)| (*name, (*stages).to_owned())).collect();
    assert_eq!(own, table);
    for one in all.iter().filter(|one| one.shows("D")) {
        assert!(one.before().is_some(), "{} shows against the version before, which is missing", one.name);
    }
}

#[test]
fn what_shows_on_the_artifact_is_found_and_the_version_before_is_clean() {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let mut wrong = Vec::new();
    for one in incidents() {
        let (name, bytes) = one.after();
        let analysis = analyse(&analyser, &name, &bytes);
        let rules: Vec<_> = analysis.verdict.findings.iter().map(|finding| finding.rule.as_str()).collect();
        println!("{} {} {}: {} {rules:?}", one.date, one.name, one.stages.join(","), analysis.verdict.decision);
        if one.shows("S") && analysis.verdict.decision < Decision::Suspicious {
            wrong.push(format!("{} is {}: {rules:?}", one.name, analysis.verdict.decision));
        }
        if let Some((name, bytes)) = one.before() {
            let before = analyse(&analyser, &name, &bytes);
            if before.verdict.decision >= Decision::Suspicious {
                wrong.push(format!("the version before {} is {}", one.name, before.verdict.decision));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn analyse(analyser: &Analyser, name: &str, bytes: &[u8]) -> Analysis {
    let target = Target { file_name: name.into(), ecosystem: None, name: None, version: None };
    std::thread::scope(|scope| {
        let work = || analyser.analyse(&target, bytes, &Limits::default(), false);
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work);
        thread.expect("a thread starts").join().expect("no panic")
    })
}
