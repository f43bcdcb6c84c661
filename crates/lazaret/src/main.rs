//! The command line of Lazaret. Each command is a thin call into the other crates.

mod cli;
mod commands;
mod output;
mod progress;

use std::process::ExitCode;

/// Many small values live and die in parsing; this allocator makes that cheap.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A worker starts often and has nothing to do with the command line.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == engine::WORKER_ARGUMENT) {
        return engine::worker();
    }
    if std::env::args_os().nth(1).is_some_and(|argument| argument == sandbox::SUPERVISOR_ARGUMENT) {
        return sandbox::supervise();
    }
    if std::env::args_os().nth(1).is_some_and(|argument| argument == sandbox::PROTECT_ARGUMENT) {
        return sandbox::protect();
    }
    match cli::run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            output::talk(&format!("error: {error:#}"));
            ExitCode::from(wire::Exit::Broken.code())
        }
    }
}
