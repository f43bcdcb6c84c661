//! How hidden texts are packed.

use std::io::Write;

use aes::{
    Aes128, Aes256,
    cipher::{BlockCipherEncrypt, KeyInit},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub fn from_base64(text: &str) -> Vec<u8> {
    let plain: String = text.split_whitespace().collect();
    STANDARD.decode(plain).expect("a fixture is right")
}

pub fn base32(bytes: &[u8]) -> String {
    data_encoding::BASE32.encode(bytes)
}

pub fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

/// Python's `b85encode`.
pub fn base85(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 85] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    let mut out = String::new();
    for chunk in bytes.chunks(4) {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        let mut number = u32::from_be_bytes(word);
        let mut digits = [0; 5];
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(number % 85) as usize];
            number /= 85;
        }
        out.extend(digits[..=chunk.len()].iter().map(|digit| char::from(*digit)));
    }
    out
}

pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

pub fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes every byte")
}

pub fn xor(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    bytes.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect()
}

pub fn rot13(text: &str) -> String {
    let turn = |one: char, first: u8| char::from((one as u8 - first + 13) % 26 + first);
    text.chars()
        .map(|one| match one {
            'a'..='z' => turn(one, b'a'),
            'A'..='Z' => turn(one, b'A'),
            _ => one,
        })
        .collect()
}

/// `1,2,3`.
pub fn numbers(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(",")
}

pub fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// Characters that nobody sees: one variation selector a byte.
pub fn invisible(bytes: &[u8]) -> String {
    let selector = |byte: u8| {
        let code = u32::from(byte);
        char::from_u32(if byte < 16 { 0xFE00 + code } else { 0xE0100 + code - 16 }).expect("selectors are characters")
    };
    bytes.iter().map(|byte| selector(*byte)).collect()
}

pub const AES_KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
pub const AES_START: &[u8; 16] = b"fedcba9876543210";

/// AES-256-CBC with the key and start above.
pub fn aes(bytes: &[u8]) -> Vec<u8> {
    let cipher = Aes256::new(AES_KEY.into());
    chain(bytes, |block| cipher.encrypt_block(block.into()))
}

fn chain(bytes: &[u8], lock: impl Fn(&mut [u8; 16])) -> Vec<u8> {
    let pad = 16 - bytes.len() % 16;
    let whole: Vec<u8> = bytes.iter().copied().chain(std::iter::repeat_n(pad as u8, pad)).collect();
    let mut last = *AES_START;
    let mut out = Vec::new();
    for block in whole.chunks(16) {
        last.iter_mut().zip(block).for_each(|(own, byte)| *own ^= byte);
        lock(&mut last);
        out.extend(last);
    }
    out
}

/// A Fernet key and token.
pub fn fernet(bytes: &[u8]) -> (String, String) {
    let (sign, lock) = AES_KEY.split_at(16);
    let lock: &[u8; 16] = lock.try_into().expect("half of the key");
    let cipher = Aes128::new(lock.into());
    let mut token = vec![0x80, 0, 0, 0, 0, 0x65, 0x53, 0xF1, 0];
    token.extend(AES_START);
    token.extend(chain(bytes, |block| cipher.encrypt_block(block.into())));
    let seal = hmac(sign, &token);
    token.extend(seal);
    let url = base64::engine::general_purpose::URL_SAFE;
    (url.encode(AES_KEY), url.encode(token))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

/// `'ab' + 'cd'`.
pub fn halves(text: &str) -> String {
    let (left, right) = text.split_at(text.len() / 2);
    format!("{} + {}", quote(left), quote(right))
}

/// The text between single quotes, as JavaScript and Python alike write it.
pub fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

/// The numbers of its letters.
pub fn codes(text: &str) -> String {
    numbers(text.chars().map(u32::from))
}
