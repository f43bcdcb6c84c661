//! The supervisor of the tests. With other arguments it runs a command in a guest and prints what happened:
//! `supervisor [--bare] [--as USER] [--repeat N] COMMAND...`.

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use sandbox::{Budget, Guest, GuestStep, Launcher, SUPERVISOR_ARGUMENT};

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|one| one == SUPERVISOR_ARGUMENT) {
        return sandbox::supervise();
    }
    if arguments.first().is_some_and(|one| one == sandbox::PROTECT_ARGUMENT) {
        return sandbox::protect();
    }
    let mut launcher = Launcher::default();
    let mut budget = Budget::default();
    let mut repeat = 1;
    while let Some(option) = arguments.first().filter(|one| one.starts_with("--")).cloned() {
        arguments.remove(0);
        match option.as_str() {
            "--bare" => budget.traced = false,
            "--as" => launcher.user = arguments.remove(0).parse().ok(),
            "--repeat" => repeat = arguments.remove(0).parse().unwrap_or(1),
            _ => return ExitCode::FAILURE,
        }
    }
    let step = GuestStep {
        name: "command".into(),
        phase: model::Phase::Install,
        profile: "developer".into(),
        argv: arguments,
        environment: BTreeMap::from([
            ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), Guest::HOME.to_owned()),
        ]),
        folder: Guest::WORK.into(),
        time: Duration::from_secs(60),
        dwell: Duration::ZERO,
    };
    let steps = if step.argv.is_empty() { vec![] } else { vec![step] };
    let mut times = Vec::new();
    for turn in 0..repeat {
        let started = std::time::Instant::now();
        let ran = sandbox::run(&launcher, &Guest::default(), &steps, &budget);
        times.push(started.elapsed().as_secs_f64() * 1000.0);
        match ran {
            Ok(ran) if turn == 0 => {
                println!("{}", serde_json::to_string_pretty(&(&ran.layers, &ran.trace)).unwrap_or_default());
                println!("ready after {:.1} ms, {} contents kept", ran.ready_millis, ran.kept.len());
            }
            Ok(_) => {}
            Err(error) => {
                println!("{error}");
                return ExitCode::FAILURE;
            }
        }
    }
    times.sort_by(f64::total_cmp);
    println!("median of {repeat}: {:.1} ms", times[times.len() / 2]);
    ExitCode::SUCCESS
}
