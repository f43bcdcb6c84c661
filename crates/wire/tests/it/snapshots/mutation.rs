//! Mutated files: nothing panics, and nothing goes on without end. `LAZARET_FUZZ_SECONDS` makes it longer.

use model::Algorithm;
use proptest::prelude::*;
use wire::snapshot::{Delta, Snapshot, delta};

use super::{built, checksum, many};

/// Asks everything that can be asked.
fn ask(bytes: Vec<u8>) {
    if let Ok(delta) = Delta::open(&bytes, 1 << 20) {
        let _ = delta.apply(&built(&many(5)));
    }
    let Ok(snapshot) = Snapshot::open(bytes) else { return };
    let _ = snapshot.verify();
    for statement in many(12) {
        if let Some(package) = statement.package {
            for entry in snapshot.package(package.kind.as_str(), &package.name) {
                let _ = (entry.record(&package.name), entry.ranges(), entry.extent());
                let _ = entry.names_version(|version| version == "1.0.0");
            }
        }
    }
    for number in 0..12 {
        let _ = snapshot.artifact(&checksum(Algorithm::Sha256, number));
    }
    let _ = snapshot.statements().take(1_000).count();
}

#[test]
fn mutated_snapshots_never_panic() {
    let seconds = std::env::var("LAZARET_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let (small, whole) = (built(&many(8)), built(&many(40)));
    let seeds = [small.bytes().to_vec(), whole.bytes().to_vec(), delta(&small, &whole).expect("it fits")];
    let changes = prop::collection::vec((any::<usize>(), any::<u8>()), 1..16);
    let mut runner = proptest::test_runner::TestRunner::default();
    loop {
        let run = runner.run(&(0..seeds.len(), &changes, any::<bool>()), |(seed, changes, cut)| {
            let mut bytes = seeds[seed].clone();
            for (at, value) in &changes {
                let at = at % bytes.len();
                bytes[at] = *value;
            }
            if cut {
                bytes.truncate(changes[0].0 % bytes.len());
                // The length that the header states is made true, so that the rest is read.
                let length = (bytes.len() as u64).to_le_bytes();
                if let Some(stated) = bytes.get_mut(16..24) {
                    stated.copy_from_slice(&length);
                }
            }
            ask(bytes);
            Ok(())
        });
        run.expect("no panic");
        if std::time::Instant::now() >= until {
            return;
        }
    }
}
