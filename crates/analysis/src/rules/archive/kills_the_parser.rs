//! A file that ends the process which reads it. `engine` states this finding: only it outlives such a process.

use crate::{rules::Sink, subject::Subject};

pub(super) fn check(_: &Subject, _: &mut Sink) {}
