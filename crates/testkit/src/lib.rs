//! testkit

pub mod archive;
pub mod registry;
