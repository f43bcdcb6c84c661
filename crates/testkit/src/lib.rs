//! testkit

pub mod archive;
