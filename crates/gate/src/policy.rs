//! One policy for all doors.

mod subject;

pub use subject::{Subject, Vulnerability};
