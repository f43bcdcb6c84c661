//! Confinement. It lends its walls to the workers of `engine`, which read hostile bytes, and runs packages where they can
//! do no harm ([`run`]).
//!
//! Each wall is one means of the operating system and stands in one file of `walls/`. A wall that this machine cannot
//! raise is reported, never passed over in silence.
#![warn(missing_docs)]

mod detonation;
pub mod drivers;
mod mapping;
mod protection;
#[cfg(target_os = "linux")]
pub mod sink;
pub mod tokens;
mod walls;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use detonation::{
    Budget, Detonation, Guest, GuestStep, Kept, Launcher, SUPERVISOR_ARGUMENT, SandboxError, Seed, Served,
    detonation_layers, run, supervise,
};
pub use mapping::Mapping;
pub use protection::{PROTECT_ARGUMENT, Protection, UNPROTECTED, protect, protected, protection_layers};
pub use walls::{confine_process, confine_threads, walls};

/// What a confined process may use in its whole life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of address space, reserved ones included.
    pub memory: u64,
    /// Processor time. It is the last resort: whoever started the process has a clock of its own.
    pub processor: Duration,
}

/// One wall, and whether it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wall {
    /// Its name, such as `seccomp`.
    pub name: String,
    /// What it keeps out, in a few words.
    pub purpose: String,
    /// Whether it stands.
    pub state: State,
}

/// Whether a wall stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It stands.
    Standing,
    /// A part of it stands: the sentence says what this kernel cannot do.
    Partial(String),
    /// It does not stand: the sentence says why.
    Missing(String),
}
