//! Numbers for tokens and shingles. They are stored in files, so the function is our own and never changes.

/// FNV-1a with a last mixing, so that all bits are even.
pub(super) fn of_text(kind: u8, text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in std::iter::once(kind).chain(text.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(hash)
}

/// The number of a run of tokens; their order counts.
pub(super) fn of_run(tokens: &[u64]) -> u64 {
    mix(tokens.iter().fold(0, |hash: u64, token| (hash ^ token).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)))
}

/// Spreads every bit over all of them.
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
