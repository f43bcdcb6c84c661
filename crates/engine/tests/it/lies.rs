//! What a worker that was taken over may say, and what is believed.

use engine::Target;
use model::{Author, Decision, Ecosystem};

use crate::{ask, assert_works, engine, options, outcome, shows_death, target};

/// sha256 of `bytes`.
const DIGEST: &str = "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9";

#[tokio::test]
async fn identity_author_and_the_laws_of_decisions_are_ours() {
    let analysis = ask(&engine(options()), "lie").await;
    assert_eq!(analysis.facts.format, "lied");
    let verdict = analysis.verdict;
    assert_eq!(verdict.artifact.file_name, "lie");
    assert_eq!(verdict.artifact.sha256.to_string(), DIGEST);
    assert_eq!(verdict.author, Author::Engine { version: env!("CARGO_PKG_VERSION").into(), ruleset: "test".into() });
    assert_eq!(verdict.decision, Decision::Inconclusive);
    assert_eq!(verdict.score.0, 100);
}

#[tokio::test]
async fn the_release_is_the_one_that_was_asked_for() {
    let engine = engine(options());
    let asked = Target {
        ecosystem: Some(Ecosystem::Npm),
        name: Some("@a/b".into()),
        version: Some("1.0.0".into()),
        ..target("echo")
    };
    let analysis = engine.analyse(asked, Vec::new()).await;
    assert_eq!(analysis.verdict.artifact.release.expect("a release").to_string(), "pkg:npm/%40a/b@1.0.0");
    assert_eq!(ask(&engine, "echo").await.verdict.artifact.release, None);
}

#[tokio::test]
async fn large_artifacts_are_hashed_too() {
    let engine = engine(options());
    let analysis = engine.analyse(target("echo"), vec![b'a'; 1_000_000]).await;
    assert_eq!(
        analysis.verdict.artifact.sha256.to_string(),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
    assert_eq!(analysis.facts.format, "1000000 bytes");
}

#[tokio::test]
async fn an_answer_written_in_advance_fits_no_question() {
    let engine = engine(options());
    let analysis = ask(&engine, "advance").await;
    assert!(shows_death(&analysis));
    assert_eq!(analysis.facts.format, "careful");
    assert_works(&engine).await;
}

#[tokio::test]
async fn an_answer_too_long_is_shortened_and_says_so() {
    let analysis = ask(&engine(options()), "long").await;
    assert_eq!(analysis.facts.format, "long");
    assert_eq!(analysis.problems.len(), 1000);
    assert_eq!(analysis.verdict.coverage.gaps.len(), 1);
    assert_eq!(analysis.verdict.decision, Decision::Inconclusive);
    assert_eq!(analysis.verdict.findings.len(), 1);
}

#[tokio::test]
async fn nothing_of_our_environment_reaches_a_worker() {
    assert_eq!(outcome(&engine(options()), "environment").await, "[]");
}
