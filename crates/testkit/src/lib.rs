//! testkit

pub mod archive;
pub mod hide;
pub mod incident;
pub mod registry;
