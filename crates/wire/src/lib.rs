//! Every shape that leaves a process: reports for people and for machines, and the exit codes. Pure.
//!
//! Whatever comes from a package is hostile prose. It passes through [`text::visible`] before a person can see it.
#![warn(missing_docs)]

pub mod diff;
mod exit;
mod identity;
pub mod log;
mod page;
pub mod replay;
pub mod report;
pub mod scan;
pub mod snapshot;
pub mod text;
pub mod trace;
pub mod trust;

pub use exit::Exit;
pub use report::{FORMATS, Failure, Format, Outcome, Report, TargetReport};
