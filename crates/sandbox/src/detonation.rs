//! Running a package where it can do no harm.
//!
//! [`run`] starts a *supervisor*: this program once more, with [`SUPERVISOR_ARGUMENT`]. The supervisor gives up its rights,
//! enters namespaces of its own, starts the *guest* in namespaces below these, and watches it from outside. Whoever
//! holds a [`Guest`] holds bytes in memory; they become files only inside the guest, and vanish with it.

mod order;
mod outcome;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod book;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod calls;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod causes;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod contents;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod etc;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod filter;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod identity;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod image;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod init;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod kernel;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod launch;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod netlink;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(crate) mod network;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod output;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod stage;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod supervisor;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tracer;

use std::process::ExitCode;

pub use order::{Budget, Guest, GuestStep, Launcher, Seed, Served};
pub use outcome::{Detonation, Kept, SandboxError};

use crate::{State, Wall};

/// The only argument of a program that is to become a supervisor.
pub const SUPERVISOR_ARGUMENT: &str = "supervise-sandbox";

/// Runs the steps one after the other in one guest, and says what they did. It returns when everything has ended, at
/// the latest when the budget is spent. A step that fails never cancels the next.
///
/// It blocks: call it from a thread that may wait. When this thread's process dies, everything that it started dies too.
pub fn run(
    launcher: &Launcher,
    guest: &Guest,
    steps: &[GuestStep],
    budget: &Budget,
) -> Result<Detonation, SandboxError> {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    return launch::run(launcher, guest, steps, budget);
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    {
        let _ = (launcher, guest, steps, budget);
        Err(SandboxError::Platform)
    }
}

/// The layers between a package that runs and this machine, tried with a guest in which nothing runs.
pub fn detonation_layers(launcher: &Launcher) -> Vec<Wall> {
    match run(launcher, &Guest::default(), &[], &Budget::default()) {
        Ok(detonation) => detonation.layers,
        Err(error) => {
            let name = match &error {
                SandboxError::Missing { layer, .. } => layer.clone(),
                _ => "sandbox".into(),
            };
            let purpose = "nothing from a package runs without it".into();
            vec![Wall { name, purpose, state: State::Missing(error.to_string()) }]
        }
    }
}

/// What `main` does when its first argument is [`SUPERVISOR_ARGUMENT`].
pub fn supervise() -> ExitCode {
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    return supervisor::supervise();
    #[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
    ExitCode::FAILURE
}
