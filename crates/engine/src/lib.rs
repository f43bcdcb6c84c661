//! The one door to analysis: a pool of confined worker processes. Bytes in, [`Analysis`] out; a dead worker is evidence.
//!
//! Every parser worth using can be made to abort by a few kilobytes of source, and no `catch_unwind` helps. So hostile
//! bytes are opened, parsed and judged in processes of their own: the same binary, started with [`WORKER_ARGUMENT`]. They
//! live across many packages, have no file, no network and bounded memory and time, and are replaced when they die.
//!
//! What a package gets is what a fresh worker says of it. A worker that had read other packages before it died is not
//! believed: the package is read again by a fresh one. If that dies too, the death counts against the package, and a
//! last worker reads it *carefully*, without the parsers that can be killed, so that one deadly file does not hide the
//! others.
#![warn(missing_docs)]

mod death;
mod evidence;
mod frame;
mod message;
mod options;
mod pool;
mod process;
mod spawner;
mod worker;

pub use analysis::{
    Day, Exception, Limits, UserRules, change::compare, join_trace, judge::judge, read_exceptions, rules, similarity,
};
pub use death::Death;
pub use model::{Analysis, Target};
pub use options::{EngineError, Options};
pub use pool::Engine;
pub use sandbox::{State, Wall};
pub use worker::{Analyse, Request, worker, worker_with};

/// An index of known malware in a file, mapped into memory.
pub type Index = similarity::Index<sandbox::Mapping>;

/// The argument with which the binary becomes a worker. It is the only one, and no user types it.
pub const WORKER_ARGUMENT: &str = "analysis-worker";
