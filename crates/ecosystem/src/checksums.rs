//! The ways in which files write hashes.

use model::{Algorithm, Checksum};

/// Subresource integrity: `sha512-base64`, several separated by spaces, each with options after `?`.
pub fn integrity(text: &str) -> Vec<Checksum> {
    let one = |part: &str| {
        let (algorithm, digest) = part.split_once('-')?;
        let digest = digest.split('?').next().unwrap_or_default();
        let bytes = data_encoding::BASE64.decode(digest.as_bytes()).ok()?;
        Checksum::new(Algorithm::from_word(algorithm)?, bytes)
    };
    text.split_ascii_whitespace().filter_map(one).collect()
}

/// `sha256:hex`, or `sha256=hex`.
pub(crate) fn named_hex(text: &str) -> Option<Checksum> {
    let (algorithm, hex) = text.split_once([':', '='])?;
    Checksum::from_hex(Algorithm::from_word(algorithm)?, hex)
}

/// Hexadecimal digits whose number tells the algorithm.
pub(crate) fn bare_hex(text: &str) -> Option<Checksum> {
    let algorithm = Algorithm::ALL.into_iter().find(|one| one.size() * 2 == text.len())?;
    Checksum::from_hex(algorithm, text)
}

/// Digits and the name of their algorithm, in any spelling (`SHA-256`, `sha256`).
pub(crate) fn of_word(algorithm: &str, hex: &str) -> Option<Checksum> {
    Checksum::from_hex(Algorithm::from_word(&algorithm.replace('-', ""))?, hex.trim())
}
