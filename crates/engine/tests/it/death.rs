//! Every way to die: a finding and a gap, what the careful reader saw, and a pool that goes on.

use std::time::Duration;

use engine::{Death, Options};
use model::{Confidence, Decision};

use crate::{ask, assert_works, engine, options, outcome, shows_death};

/// The analysis after the only worker died once, and the sentence of its finding.
async fn after(options: Options, order: &str) -> (engine::Analysis, String) {
    let engine = engine(options);
    let analysis = ask(&engine, order).await;
    assert!(shows_death(&analysis), "{order}: {analysis:?}");
    assert_eq!(analysis.facts.format, "careful", "{order}");
    assert!(analysis.verdict.findings.iter().any(|finding| finding.rule == "can-do-something"), "{order}");
    assert_works(&engine).await;
    let note = analysis.verdict.findings[0].note.clone();
    (analysis, note)
}

#[tokio::test]
async fn each_death_is_told_apart() {
    let expected = [
        ("abort", Death::Signal(6), Decision::Suspicious),
        ("panic", Death::Panic, Decision::Inconclusive),
        ("exit", Death::Exit(3), Decision::Suspicious),
        ("success", Death::Exit(0), Decision::Suspicious),
        ("overflow", Death::Stack, Decision::Suspicious),
        ("garbage", Death::Garbled, Decision::Suspicious),
        ("huge", Death::Garbled, Decision::Suspicious),
        ("chatter", Death::Signal(6), Decision::Suspicious),
    ];
    for (order, death, decision) in expected {
        let (analysis, note) = after(options(), order).await;
        assert_eq!(note, format!("The reader {death} on this package."), "{order}");
        assert_eq!(analysis.verdict.decision, decision, "{order}");
    }
}

#[tokio::test]
async fn memory_is_bounded() {
    let (analysis, note) = after(options(), "allocate").await;
    assert_eq!(note, format!("The reader {} on this package.", Death::Memory));
    assert_eq!(analysis.verdict.decision, Decision::Inconclusive);
}

#[tokio::test]
async fn the_bound_leaves_room_for_honest_work() {
    let engine = engine(options());
    assert_eq!(outcome(&engine, "allocate-some").await, "64");
    assert_eq!(outcome(&engine, "recurse").await, "50000");
}

#[tokio::test]
async fn time_is_bounded() {
    for order in ["loop", "stop-talking"] {
        let (analysis, note) = after(Options { time: Duration::from_secs(2), ..options() }, order).await;
        assert_eq!(note, format!("The reader {} on this package.", Death::Time), "{order}");
        assert_eq!(analysis.verdict.decision, Decision::Inconclusive, "{order}");
    }
}

#[tokio::test]
async fn what_kills_the_careful_reader_too_is_still_evidence() {
    let engine = engine(options());
    for order in ["abort-always", "overflow-always", "exit-always"] {
        let analysis = ask(&engine, order).await;
        assert!(shows_death(&analysis), "{order}: {analysis:?}");
        assert_eq!(analysis.verdict.decision, Decision::Suspicious, "{order}");
        assert_eq!(analysis.verdict.coverage.gaps.len(), 1, "{order}");
        assert_eq!(analysis.verdict.coverage.files, 0, "{order}");
    }
    assert_works(&engine).await;
}

#[tokio::test]
async fn others_go_on_while_one_dies() {
    let engine = engine(options());
    let orders = ["echo", "abort", "echo", "overflow", "echo", "exit", "echo", "panic", "echo"];
    let (a, b, c) = tokio::join!(
        async { ask(&engine, "abort").await },
        async {
            let mut all = Vec::new();
            for order in orders {
                all.push((order, ask(&engine, order).await));
            }
            all
        },
        async { ask(&engine, "sleep").await },
    );
    assert!(shows_death(&a));
    assert_eq!(c.facts.format, "slept");
    for (order, analysis) in b {
        assert_eq!(shows_death(&analysis), order != "echo", "{order}");
    }
}

#[tokio::test]
async fn the_same_bytes_get_the_same_answer_from_any_worker() {
    let engine = engine(Options { workers: 1, ..options() });
    let fresh = (ask(&engine, "abort").await, ask(&engine, "echo").await);
    let used = (ask(&engine, "abort").await, ask(&engine, "echo").await);
    assert_eq!(fresh, used);
}

#[tokio::test]
async fn a_forbidden_call_is_the_strongest_evidence() {
    let (analysis, note) = after(options(), "socket").await;
    assert_eq!(note, format!("The reader {} on this package.", Death::Forbidden));
    assert_eq!(analysis.verdict.findings[0].confidence, Confidence::High);
}
