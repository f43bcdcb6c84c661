//! From a project to what is thought of everything that it depends on: find the files, read them, look every package up,
//! analyse what nobody knows, let the policy decide.

mod analysis;
mod base;
mod decide;
mod error;
mod folder;
mod issues;
mod manifest;
mod package;
mod reading;
mod request;
mod scanner;
mod target;

pub use base::file_of;
pub use error::ScanError;
pub use request::{FailOn, Progress, Request};
pub use scanner::Scanner;
