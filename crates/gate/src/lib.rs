//! What stands at the doors. In this slice it is the room where a target becomes verified bytes and these become an
//! analysis: `inspect` at the command line.
#![warn(missing_docs)]

pub mod database;
pub mod detonate;
pub mod diff;
pub mod guard;
pub mod inspect;
pub mod policy;
pub mod proxy;
pub mod scan;
pub mod verdicts;
