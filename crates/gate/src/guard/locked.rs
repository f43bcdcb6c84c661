//! What a lockfile pins, as what lies on the disk.

use std::path::Path;

use ecosystem::lockfile::{Files, lockfile};
use model::{Dependency, Source};

use super::managers::Installed;

/// What this file pins; its name tells the format.
pub(super) fn locked(path: &Path, name: &str) -> Vec<Installed> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let Some(format) = lockfile(name) else { return Vec::new() };
    let graph = format.read(&Files::new(name, &bytes)).value;
    graph.dependencies().filter_map(|(_, one)| installed(one)).collect()
}

fn installed(one: &Dependency) -> Option<Installed> {
    let address = match &one.source {
        Source::Registry(address) => address.as_ref().map(|address| address.as_str().to_owned()),
        Source::Url(address) => Some(address.as_str().to_owned()),
        Source::Unknown => None,
        Source::Git(..) | Source::Path(_) | Source::Bundled => return None,
    };
    Some(Installed {
        kind: one.kind.clone(),
        name: one.name.clone(),
        version: one.version.as_ref()?.to_string(),
        address,
        checksums: one.checksums.clone(),
        pinned: true,
    })
}
