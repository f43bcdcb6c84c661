//! ecosystem
