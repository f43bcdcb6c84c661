//! Bytes that look random and depend on nothing but the seed and a label.

use sha2::{Digest as _, Sha256};

pub(crate) struct Seed([u8; 32]);

impl Seed {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(seed)
    }

    /// That many bytes for a label.
    pub(crate) fn bytes(&self, label: &str, count: usize) -> Vec<u8> {
        let blocks = (0u32..).flat_map(|block| {
            let mut hash = Sha256::new();
            hash.update(self.0);
            hash.update(block.to_le_bytes());
            hash.update(label.as_bytes());
            <[u8; 32]>::from(hash.finalize())
        });
        blocks.take(count).collect()
    }

    /// That many letters of an alphabet for a label.
    pub(crate) fn text(&self, label: &str, alphabet: &[u8], count: usize) -> String {
        // Two bytes a letter keep the bias below what anybody could see.
        let bytes = self.bytes(label, count * 2);
        let letters = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]) as usize);
        letters.map(|letter| char::from(alphabet[letter % alphabet.len()])).collect()
    }
}
