//! One file a command.

pub mod cache;
pub mod db;
pub mod diff;
pub mod doctor;
pub mod explain;
pub mod guard;
pub mod index;
pub mod inspect;
pub mod policy;
pub mod replay;
pub mod scan;
mod surroundings;
