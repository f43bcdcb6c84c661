//! Landlock: no file can be opened, no port bound or connected, no process outside signalled.

use landlock::{
    ABI, Access, AccessFs, AccessNet, RestrictionStatus, Ruleset, RulesetAttr, RulesetError, RulesetStatus, Scope,
};

use super::{Means, Stage};
use crate::State;

pub(super) const MEANS: Means = Means {
    name: "landlock",
    purpose: "no file, no network port",
    stage: Stage::Process,
    raise: |_| shut(),
    probe: shut,
};

/// The newest rights that are asked for; an older kernel grants what it knows.
const NEWEST: ABI = ABI::V7;

/// Shuts everything for the calling thread, and so for every thread that it starts.
fn shut() -> State {
    match deny_all() {
        Ok(RestrictionStatus { ruleset: RulesetStatus::FullyEnforced, .. }) => State::Standing,
        Ok(RestrictionStatus { ruleset: RulesetStatus::PartiallyEnforced, .. }) => {
            State::Partial("this kernel's Landlock is older: files are shut, the network is left to seccomp".into())
        }
        Ok(_) => State::Missing("this kernel has no Landlock, or it is switched off".into()),
        Err(error) => State::Missing(error.to_string()),
    }
}

/// Every right is handled and none is granted.
fn deny_all() -> Result<RestrictionStatus, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()
}
