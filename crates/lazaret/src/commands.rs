//! One file a command.

pub mod allow;
pub mod cache;
pub mod db;
pub mod detonate;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod guard;
pub mod index;
pub mod inspect;
pub mod log;
pub mod policy;
pub mod replay;
pub mod scan;
pub mod setup;
mod surroundings;
