//! Tasks of the workshop: `cargo xtask TASK`.

mod bench;
mod docs;
mod eval;
mod fit;
mod fuzz;
mod online;
mod similarity;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|argument| argument == engine::WORKER_ARGUMENT) {
        return engine::worker();
    }
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match task.as_str() {
        "bench" => bench::run(&rest),
        "docs" => docs::run(&rest),
        "eval" => eval::run(&rest),
        "fit" => fit::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "online" => online::run(&rest),
        "similarity" => similarity::run(&rest),
        _ => Err(anyhow::anyhow!(
            "there is no task \"{task}\"; the tasks are: bench, docs, eval, fit, fuzz, online, similarity"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
