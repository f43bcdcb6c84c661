//! One file a command.

pub mod cache;
pub mod doctor;
pub mod explain;
pub mod index;
pub mod inspect;
mod surroundings;
