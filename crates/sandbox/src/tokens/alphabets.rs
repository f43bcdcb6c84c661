//! Alphabets, and the few encodings that no crate of ours knows.

pub(crate) const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(crate) const BASE62: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The digits in the order in which numbers are written in base 62.
pub(crate) const BASE62_DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
pub(crate) const DIGITS: &[u8] = b"0123456789";
pub(crate) const LOWER: &[u8] = b"abcdefghijkmnpqrstuvwxyz23456789";

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// RFC 1924, as Python's `b85encode` writes.
pub(crate) const BASE85: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// ZeroMQ's.
pub(crate) const Z85: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// Bytes in base 58, as wallets write them.
pub(crate) fn base58(bytes: &[u8]) -> String {
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).map(|_| '1');
    zeros.chain(digits.iter().rev().map(|digit| char::from(BASE58[usize::from(*digit)]))).collect()
}

/// The bytes of a text in base 58. The work grows with the square of its length, so that long ones are none.
pub(crate) fn read_base58(text: &[u8]) -> Option<Vec<u8>> {
    const LONGEST: usize = 400;
    (text.len() <= LONGEST).then_some(())?;
    let mut bytes: Vec<u8> = Vec::new();
    for letter in text {
        let mut carry = BASE58.iter().position(|digit| digit == letter)? as u32;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(carry as u8);
            carry >>= 8;
        }
    }
    bytes.reverse();
    Some(bytes)
}

/// Whole groups of four bytes as five digits of base 85.
pub(crate) fn base85(bytes: &[u8], digit: impl Fn(u8) -> u8) -> Vec<u8> {
    let groups = bytes.chunks_exact(4).map(|group| u32::from_be_bytes([group[0], group[1], group[2], group[3]]));
    groups
        .flat_map(|group| {
            [85u32.pow(4), 85u32.pow(3), 85u32.pow(2), 85, 1].map(|power| digit((group / power % 85) as u8))
        })
        .collect()
}
