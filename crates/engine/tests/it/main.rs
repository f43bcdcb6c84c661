//! The pool with workers that die, lie and try to climb out: see `examples/worker.rs` for what each order does.

mod death;
mod hostile;
mod lies;
#[cfg(target_os = "linux")]
mod life;
mod pool;
#[cfg(target_os = "linux")]
mod walls;

use std::{path::PathBuf, time::Duration};

use engine::{Analysis, Engine, Options, Target};
use model::{Decision, GapKind};

/// The worker of the tests, which cargo builds beside them.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("this test has a path");
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("worker{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "build it with `cargo build -p engine --example worker`");
    path
}

fn options() -> Options {
    Options { workers: 2, program: program(), time: Duration::from_secs(60), ..Options::default() }
}

fn engine(options: Options) -> Engine {
    Engine::with_ruleset(options, "test".into()).expect("it starts")
}

fn target(order: &str) -> Target {
    Target { file_name: order.into(), ecosystem: None, name: None, version: None }
}

async fn ask(engine: &Engine, order: &str) -> Analysis {
    engine.analyse(target(order), b"bytes".to_vec()).await
}

/// What the worker said came of an order.
async fn outcome(engine: &Engine, order: &str) -> String {
    ask(engine, order).await.facts.format
}

/// Whether the analysis has the finding and the gap that a death leaves.
fn shows_death(analysis: &Analysis) -> bool {
    let verdict = &analysis.verdict;
    verdict.findings.iter().any(|finding| finding.rule == "kills-the-parser")
        && verdict.coverage.gaps.iter().any(|gap| gap.kind == GapKind::WorkerDied)
        && verdict.decision != Decision::Benign
}

async fn assert_works(engine: &Engine) {
    let analysis = ask(engine, "echo").await;
    assert_eq!(analysis.facts.format, "5 bytes");
    assert_eq!(analysis.verdict.decision, Decision::Benign);
}
