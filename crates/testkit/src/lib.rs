//! testkit

pub mod archive;
pub mod hide;
pub mod registry;
