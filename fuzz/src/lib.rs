//! What must hold of every artifact, whatever its bytes are.

use artifact::{Limits, open};

/// Small ceilings, so that the fuzzer meets them.
pub const LIMITS: Limits =
    Limits { total_bytes: 1 << 20, file_bytes: 64 << 10, entries: 300, depth: 3, ratio: 500, name_bytes: 300 };

/// Opens the bytes: no panic, no ceiling exceeded, no path outside the root.
pub fn check(bytes: &[u8]) {
    let Ok(parsed) = open(bytes, &LIMITS) else { return };
    let tree = parsed.value;
    assert!(tree.files.len() as u64 <= LIMITS.entries);
    for file in &tree.files {
        assert!(file.bytes.len() as u64 <= LIMITS.file_bytes && file.depth <= LIMITS.depth);
        assert!(!file.path.starts_with('/') && file.path.split(['/', '!']).all(|part| part != ".." && part != "."));
    }
}
