//! No program that it could start would gain privileges; seccomp and Landlock need it too.

use rustix::thread::set_no_new_privs;

use super::{Means, Stage, state};

pub(super) const MEANS: Means = Means {
    name: "no-new-privileges",
    purpose: "no set-user-ID program helps it",
    stage: Stage::Process,
    raise: |_| state(set_no_new_privs(true)),
    probe: || state(set_no_new_privs(true)),
};
