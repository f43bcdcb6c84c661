//! Snapshots, files of vulnerabilities and deltas whose content does not fit their digest: all of it is read nevertheless.
#![no_main]

use wire::snapshot::{Advisories, Delta, Snapshot};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // The length that the header states is made true, so that the rest is read.
    let mut bytes = bytes.to_vec();
    let length = (bytes.len() as u64).to_le_bytes();
    if let Some(stated) = bytes.get_mut(16..24) {
        stated.copy_from_slice(&length);
    }
    let _ = Delta::open(&bytes, 1 << 20);
    if let Ok(advisories) = Advisories::open(&bytes) {
        let _ = advisories.package("npm", "a");
    }
    let Ok(snapshot) = Snapshot::open(&bytes) else { return };
    for statement in snapshot.statements().take(1_000) {
        if let Some(package) = statement.package {
            let _ = snapshot.package(package.kind.as_str(), &package.name).count();
        }
    }
});
