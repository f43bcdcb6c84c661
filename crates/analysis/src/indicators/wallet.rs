//! Addresses of wallets, told from other words by their checksums.

use sha2::{Digest as _, Sha256};

/// The coin of an address, when the word is one.
pub fn coin_of(word: &str) -> Option<&'static str> {
    match word.len() {
        42 if word.starts_with("0x") => is_ethereum(&word[2..]).then_some("ethereum"),
        14..=90 if word.starts_with("bc1") => is_bech32(word).then_some("bitcoin"),
        26..=35 => match base58check(word)? {
            0x00 | 0x05 => Some("bitcoin"),
            0x1e => Some("dogecoin"),
            0x30 => Some("litecoin"),
            0x41 => Some("tron"),
            _ => None,
        },
        _ => None,
    }
}

const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The version byte of an address in base58 with a checksum.
fn base58check(word: &str) -> Option<u8> {
    let mut bytes = [0_u8; 25];
    for letter in word.bytes() {
        let mut carry = BASE58.iter().position(|one| *one == letter)?;
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    let digest = Sha256::digest(Sha256::digest(&bytes[..21]));
    (digest[..4] == bytes[21..]).then_some(bytes[0])
}

const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// BIP 173 and BIP 350: the checksum of a SegWit address.
fn is_bech32(word: &str) -> bool {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let Some((prefix, data)) = word.rsplit_once('1') else { return false };
    let letters: Option<Vec<u32>> =
        data.bytes().map(|one| BECH32.iter().position(|own| *own == one).map(|at| at as u32)).collect();
    let Some(letters) = letters.filter(|letters| letters.len() >= 6) else { return false };
    let high = prefix.bytes().map(|one| u32::from(one >> 5));
    let low = prefix.bytes().map(|one| u32::from(one & 31));
    let mut sum: u32 = 1;
    for value in high.chain([0]).chain(low).chain(letters) {
        let top = sum >> 25;
        sum = (sum & 0x1ff_ffff) << 5 ^ value;
        for (bit, generator) in GENERATOR.iter().enumerate() {
            if top >> bit & 1 == 1 {
                sum ^= generator;
            }
        }
    }
    sum == 1 || sum == 0x2bc8_30a3
}

/// Forty digits of which the capital ones are the checksum (ERC-55). Without capitals there is none: then the digits have to
/// look drawn by lot.
fn is_ethereum(digits: &str) -> bool {
    if !digits.bytes().all(|one| one.is_ascii_hexdigit()) {
        return false;
    }
    let upper = digits.bytes().any(|one| one.is_ascii_uppercase());
    let lower = digits.bytes().any(|one| one.is_ascii_lowercase());
    if !(upper && lower) {
        let mut different: Vec<u8> = digits.bytes().collect();
        different.sort_unstable();
        different.dedup();
        return different.len() >= 8;
    }
    let hash = keccak256(digits.to_ascii_lowercase().as_bytes());
    digits.bytes().enumerate().all(|(at, digit)| {
        let half = hash[at / 2] >> (if at % 2 == 0 { 4 } else { 0 }) & 15;
        !digit.is_ascii_alphabetic() || digit.is_ascii_uppercase() == (half >= 8)
    })
}

/// Keccak with 256 bits, of one block at most: enough for an address.
fn keccak256(text: &[u8]) -> [u8; 32] {
    const RATE: usize = 136;
    let mut block = [0_u8; RATE];
    let length = text.len().min(RATE - 1);
    block[..length].copy_from_slice(&text[..length]);
    block[length] ^= 1;
    block[RATE - 1] ^= 0x80;
    let mut state = [0_u64; 25];
    for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
        *lane = bytes.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    permute(&mut state);
    let mut out = [0; 32];
    for (bytes, lane) in out.chunks_exact_mut(8).zip(state) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    out
}

/// Keccak-f[1600] (FIPS 202). The constants of the rounds come from their shift register.
fn permute(state: &mut [u64; 25]) {
    let mut register: u8 = 1;
    for _ in 0..24 {
        let column: [u64; 5] = std::array::from_fn(|x| (0..5).fold(0, |sum, y| sum ^ state[x + 5 * y]));
        for (at, lane) in state.iter_mut().enumerate() {
            let x = at % 5;
            *lane ^= column[(x + 4) % 5] ^ column[(x + 1) % 5].rotate_left(1);
        }
        let (mut x, mut y, mut moved) = (1, 0, state[1]);
        for step in 0..24 {
            (x, y) = (y, (2 * x + 3 * y) % 5);
            let turned = moved.rotate_left((step + 1) * (step + 2) / 2 % 64);
            moved = std::mem::replace(&mut state[x + 5 * y], turned);
        }
        for row in state.chunks_exact_mut(5) {
            let old: [u64; 5] = std::array::from_fn(|x| row[x]);
            for (x, lane) in row.iter_mut().enumerate() {
                *lane = old[x] ^ !old[(x + 1) % 5] & old[(x + 2) % 5];
            }
        }
        for bit in 0..7 {
            if register & 1 == 1 {
                state[0] ^= 1 << ((1_u32 << bit) - 1);
            }
            register = (register << 1) ^ ((register >> 7) * 0x71);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_their_checksums() {
        let rows = [
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Some("bitcoin")),
            ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", None),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Some("bitcoin")),
            ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", None),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", Some("ethereum")),
            ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed", None),
            ("0x0000000000000000000000000000000000000000", None),
            ("index_of_the_last_element_there", None),
        ];
        for (word, coin) in rows {
            assert_eq!(coin_of(word), coin, "{word}");
        }
    }

    #[test]
    fn keccak_is_keccak() {
        let hex: String = keccak256(b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    }
}
