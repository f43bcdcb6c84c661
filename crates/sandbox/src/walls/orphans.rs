//! The worker ends with its parent, even while it is busy.
//!
//! The kernel watches the *thread* that started the worker, not the process: whoever starts workers must do it from a
//! thread that lives as long as they do.

use rustix::process::{Signal, set_parent_process_death_signal};

use super::{Means, Stage, state};

pub(super) const MEANS: Means = Means {
    name: "orphans",
    purpose: "the worker ends with Lazaret",
    stage: Stage::Process,
    raise: |_| state(set_parent_process_death_signal(Some(Signal::KILL))),
    // It belongs to the thread that asks, which ends before its starter does.
    probe: || state(set_parent_process_death_signal(None)),
};
