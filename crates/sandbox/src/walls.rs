//! The list of walls, and the order in which they are raised.

#[cfg(target_os = "linux")]
mod capabilities;
#[cfg(target_os = "linux")]
mod core_dumps;
#[cfg(target_os = "linux")]
mod descriptors;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod orphans;
#[cfg(target_os = "linux")]
mod privileges;
#[cfg(target_os = "linux")]
mod seccomp;

use crate::{Bounds, State, Wall};

/// One means of confinement.
struct Means {
    name: &'static str,
    purpose: &'static str,
    /// When it is raised.
    stage: Stage,
    /// Raises it around this process, or around the calling thread and those that it starts.
    raise: fn(&Bounds) -> State,
    /// Whether it could be raised, tried in a thread that ends at once. It must leave the rest of the process alone.
    probe: fn() -> State,
}

/// When a wall is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// While the process has one thread: later threads inherit it.
    Process,
    /// When every thread has been started.
    Threads,
}

/// Every wall, in the order of raising. `landlock` needs a descriptor, so the limits come after it; `seccomp` forbids
/// everything that the others need, so it comes last.
#[cfg(target_os = "linux")]
const MEANS: &[Means] = &[
    descriptors::MEANS,
    capabilities::MEANS,
    core_dumps::MEANS,
    orphans::MEANS,
    privileges::MEANS,
    landlock::MEANS,
    limits::MEANS,
    seccomp::MEANS,
];

#[cfg(not(target_os = "linux"))]
const MEANS: &[Means] = &[
    elsewhere("capabilities", "drops every privilege of the system's owner"),
    elsewhere("landlock", "no file, no network port"),
    elsewhere("limits", "bounded memory, processor time and descriptors"),
    elsewhere("seccomp", "only the system calls that reading needs"),
];

#[cfg(not(target_os = "linux"))]
const fn elsewhere(name: &'static str, purpose: &'static str) -> Means {
    fn missing() -> State {
        State::Missing("Lazaret can raise it on Linux only".into())
    }
    Means { name, purpose, stage: Stage::Process, raise: |_| missing(), probe: missing }
}

/// Raises the walls that must stand before the process has a second thread. Nothing hostile may have been read yet.
pub fn confine_process(bounds: &Bounds) -> Vec<Wall> {
    raise(Stage::Process, bounds)
}

/// Raises the walls that may only stand once every thread runs; they hold for all threads. After it the process can
/// read and write its open descriptors, use memory and end, and little else.
pub fn confine_threads(bounds: &Bounds) -> Vec<Wall> {
    raise(Stage::Threads, bounds)
}

/// Which walls this machine can raise. They are tried in a thread that ends at once; this process stays as it is.
pub fn walls() -> Vec<Wall> {
    let tried = std::thread::Builder::new()
        .name("probe".into())
        .spawn(|| MEANS.iter().map(|means| report(means, (means.probe)())).collect());
    match tried.map(std::thread::JoinHandle::join) {
        Ok(Ok(walls)) => walls,
        Ok(Err(_)) => all_missing("the trial ended early"),
        Err(error) => all_missing(&format!("no thread could be started to try it: {error}")),
    }
}

fn raise(stage: Stage, bounds: &Bounds) -> Vec<Wall> {
    MEANS.iter().filter(|means| means.stage == stage).map(|means| report(means, (means.raise)(bounds))).collect()
}

fn report(means: &Means, state: State) -> Wall {
    Wall { name: means.name.into(), purpose: means.purpose.into(), state }
}

fn all_missing(why: &str) -> Vec<Wall> {
    MEANS.iter().map(|means| report(means, State::Missing(why.into()))).collect()
}

/// The state after an attempt.
#[cfg(target_os = "linux")]
fn state<E: std::fmt::Display>(attempt: Result<(), E>) -> State {
    match attempt {
        Ok(()) => State::Standing,
        Err(error) => State::Missing(error.to_string()),
    }
}
