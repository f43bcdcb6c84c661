//! Compiled Python stands in a literal, and is run.

use super::{hidden_code::HiddenCode, runs_decoded_code::report};
use crate::{rules::Sink, subject::Subject};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for hidden in HiddenCode::all(subject) {
        // Loaders of honest bytecode read it from a file.
        if hidden.is_marshalled() && !hidden.encrypted && hidden.file.is_none() {
            sink.report(report(&hidden, " and compiled").seen_with_decoder(&hidden));
        }
    }
}
