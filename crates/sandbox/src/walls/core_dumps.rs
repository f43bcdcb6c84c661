//! A process that is not dumpable leaves no core file with package text in it, and no process of the same user may
//! read its memory.

use rustix::process::{DumpableBehavior, dumpable_behavior, set_dumpable_behavior};

use super::{Means, Stage, state};

pub(super) const MEANS: Means = Means {
    name: "core-dumps",
    purpose: "a crash leaves no file behind",
    stage: Stage::Process,
    raise: |_| state(set_dumpable_behavior(DumpableBehavior::NotDumpable)),
    probe: || state(dumpable_behavior().map(drop)),
};
