//! When workers are started, replaced and ended.

use std::{path::PathBuf, sync::Arc, time::Duration};

use engine::{Engine, EngineError, Options, UserRules};
use model::{Decision, GapKind};

use crate::{ask, assert_works, engine, options, target};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_jobs_share_few_workers() {
    let engine = Arc::new(engine(options()));
    let start = |_| {
        tokio::spawn({
            let engine = Arc::clone(&engine);
            async move { ask(&engine, "echo").await }
        })
    };
    let jobs: Vec<_> = (0..40).map(start).collect();
    for job in jobs {
        assert_eq!(job.await.expect("no panic").verdict.decision, Decision::Benign);
    }
}

#[tokio::test]
async fn a_worker_that_keeps_memory_is_replaced() {
    let engine = engine(Options { workers: 1, resident: 64 << 20, memory: 2 << 30, ..options() });
    // Each keeps 40 MB: one worker could not do it forty times within its 2 GiB, some of which is its stack.
    for _ in 0..40 {
        let analysis = ask(&engine, "keep").await;
        assert_eq!(analysis.facts.format, "kept", "{:?}", analysis.verdict.coverage);
    }
}

#[tokio::test]
async fn a_worker_is_replaced_after_its_share_of_artifacts() {
    let engine = engine(Options { workers: 1, artifacts: 1, resident: u64::MAX, memory: 2 << 30, ..options() });
    for _ in 0..40 {
        let analysis = ask(&engine, "keep").await;
        assert_eq!(analysis.facts.format, "kept", "{:?}", analysis.verdict.coverage);
    }
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_ends_with_its_worker() {
    let engine = engine(Options { workers: 1, ..options() });
    let loops = tokio::time::timeout(Duration::from_millis(200), ask(&engine, "loop")).await;
    assert!(loops.is_err());
    assert_works(&engine).await;
}

#[tokio::test]
async fn warming_is_harmless() {
    let engine = engine(options());
    engine.warm().await;
    engine.warm().await;
    assert_works(&engine).await;
}

#[tokio::test]
async fn a_program_that_is_no_worker_leaves_a_gap_and_no_accusation() {
    let no_workers = [
        ("/nonexistent/program", "No worker could be started"),
        // It ends at once.
        ("/bin/true", "ended early with exit code 0"),
        // It complains.
        ("/bin/cat", "ended early with exit code 1"),
        // It talks nonsense, and does not stop.
        ("/usr/bin/yes", "gave an answer that makes no sense"),
    ];
    for (program, why) in no_workers {
        let engine = engine(Options { program: PathBuf::from(program), ..options() });
        let analysis = ask(&engine, "echo").await;
        let verdict = analysis.verdict;
        assert_eq!(verdict.decision, Decision::Inconclusive, "{program}");
        assert!(verdict.findings.is_empty(), "{program}");
        assert_eq!(verdict.coverage.gaps[0].kind, GapKind::WorkerDied, "{program}");
        assert!(verdict.coverage.gaps[0].detail.contains(why), "{program}: {}", verdict.coverage.gaps[0].detail);
    }
}

#[tokio::test]
async fn a_worker_that_cannot_prepare_says_why() {
    let user = |name: &str, text: &str| UserRules { yara: vec![(name.into(), text.into())], ..UserRules::default() };
    for (user, why) in [
        (user("refuse", "no such rule"), "no such rule"),
        (user("abort", ""), "crashed with signal 6"),
        (user("other", "other rules"), "the program was replaced"),
    ] {
        let engine = engine(Options { user, ..options() });
        let analysis = engine.analyse(target("echo"), Vec::new()).await;
        let detail = &analysis.verdict.coverage.gaps[0].detail;
        assert!(detail.contains(why), "{detail}");
        assert!(analysis.verdict.findings.is_empty());
    }
}

#[tokio::test]
async fn a_worker_without_room_for_its_stack_says_so() {
    let engine = engine(Options { memory: 16 << 20, ..options() });
    let analysis = ask(&engine, "echo").await;
    let detail = &analysis.verdict.coverage.gaps[0].detail;
    assert!(detail.contains("no room for the stack"), "{detail}");
}

#[test]
fn the_engine_starts_without_workers_and_without_a_runtime() {
    let engine: Result<Engine, EngineError> = Engine::with_ruleset(options(), "test".into());
    assert_eq!(engine.expect("it starts").ruleset(), "test");
}
