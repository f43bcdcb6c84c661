//! Root without capabilities cannot raise its own limits, load modules or see other users' files.

use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use super::{Means, Stage, state};
use crate::State;

pub(super) const MEANS: Means = Means {
    name: "capabilities",
    purpose: "no privilege of the system's owner",
    stage: Stage::Process,
    raise: |_| drop_all(),
    probe: drop_all,
};

/// Drops them for the calling thread, and so for every thread that it starts.
fn drop_all() -> State {
    let none = CapabilitySet::empty();
    state(set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none }))
}
