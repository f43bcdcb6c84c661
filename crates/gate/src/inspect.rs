//! From what the user names to what is thought of it: resolve, fetch, verify, analyse.

mod analyst;
mod error;
mod folder;
mod inspector;
mod memory;
mod pinned;
mod source;
mod spec;

pub use analyst::Analyst;
pub use error::TargetError;
pub use inspector::{Event, Inspected, Inspector, Loaded, Options};
pub use pinned::{Examined, Pinned};
pub use spec::Spec;
