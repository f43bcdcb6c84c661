//! Resource limits: memory, processor time, files, descriptors.

use rustix::{
    io,
    process::{Resource, Rlimit, getrlimit, setrlimit},
};

use super::{Means, Stage, state};
use crate::Bounds;

pub(super) const MEANS: Means = Means {
    name: "limits",
    purpose: "bounded memory, processor time and descriptors",
    stage: Stage::Process,
    raise: |bounds| state(limit(bounds)),
    // Any process may lower its limits; trying it would lower those of the whole process.
    probe: || {
        let _ = getrlimit(Resource::As);
        crate::State::Standing
    },
};

/// Standard input, output and error, which are open.
const DESCRIPTORS: u64 = 3;

fn limit(bounds: &Bounds) -> io::Result<()> {
    for (resource, most) in [
        (Resource::As, bounds.memory),
        (Resource::Cpu, bounds.processor.as_secs().max(1)),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
        (Resource::Nofile, DESCRIPTORS),
    ] {
        lower(resource, most)?;
    }
    Ok(())
}

/// Sets both the soft and the hard limit: a limit that was lower already stays.
fn lower(resource: Resource, most: u64) -> io::Result<()> {
    let now = getrlimit(resource);
    let most = [now.current, now.maximum].into_iter().flatten().fold(most, u64::min);
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
}
