//! Ciphers whose key lies beside the data. Only decryption, and no check of authenticity: what matters is what was hidden.

use aes::{
    Aes128, Aes192, Aes256, Block,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};

use super::base64;

const BLOCK: usize = 16;

enum Aes {
    Short(Box<Aes128>),
    Middle(Box<Aes192>),
    Long(Box<Aes256>),
}

impl Aes {
    fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Short(Box::new(Aes128::new_from_slice(key).ok()?)),
            24 => Self::Middle(Box::new(Aes192::new_from_slice(key).ok()?)),
            32 => Self::Long(Box::new(Aes256::new_from_slice(key).ok()?)),
            _ => return None,
        })
    }

    fn decrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Block::from(block);
        match self {
            Self::Short(cipher) => cipher.decrypt_block(&mut block),
            Self::Middle(cipher) => cipher.decrypt_block(&mut block),
            Self::Long(cipher) => cipher.decrypt_block(&mut block),
        }
        block.into()
    }

    fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Block::from(block);
        match self {
            Self::Short(cipher) => cipher.encrypt_block(&mut block),
            Self::Middle(cipher) => cipher.encrypt_block(&mut block),
            Self::Long(cipher) => cipher.encrypt_block(&mut block),
        }
        block.into()
    }
}

/// AES in CBC mode. The padding stays: see [`unpad`]. Bytes behind the last whole block are dropped.
pub fn aes_cbc(key: &[u8], iv: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    let mut before: [u8; BLOCK] = iv.try_into().ok()?;
    let mut output = Vec::with_capacity(data.len().min(limit));
    for block in whole_blocks(data, limit) {
        let plain = cipher.decrypt(block);
        output.extend(plain.iter().zip(before).map(|(plain, before)| plain ^ before));
        before = block;
    }
    Some(output)
}

/// AES in ECB mode. The padding stays: see [`unpad`].
pub fn aes_ecb(key: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    Some(whole_blocks(data, limit).flat_map(|block| cipher.decrypt(block)).collect())
}

/// AES in CTR mode with a counter over the whole block.
pub fn aes_ctr(key: &[u8], iv: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let cipher = Aes::new(key)?;
    let mut counter = u128::from_be_bytes(iv.try_into().ok()?);
    let data = &data[..data.len().min(limit)];
    let mut output = Vec::with_capacity(data.len());
    for block in data.chunks(BLOCK) {
        let stream = cipher.encrypt(counter.to_be_bytes());
        output.extend(block.iter().zip(stream).map(|(byte, stream)| byte ^ stream));
        counter = counter.wrapping_add(1);
    }
    Some(output)
}

/// AES in GCM mode with a nonce of twelve bytes. `data` is the cipher text without its tag.
pub fn aes_gcm(key: &[u8], nonce: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let nonce: [u8; 12] = nonce.try_into().ok()?;
    let mut iv = [0; BLOCK];
    iv[..12].copy_from_slice(&nonce);
    iv[15] = 2;
    aes_ctr(key, &iv, data, limit)
}

fn whole_blocks(data: &[u8], limit: usize) -> impl Iterator<Item = [u8; BLOCK]> {
    data.chunks_exact(BLOCK).take(limit / BLOCK).filter_map(|block| block.try_into().ok())
}

/// Takes off the padding of PKCS #7; none when it is not right.
pub fn unpad(data: &[u8]) -> Option<Vec<u8>> {
    let count = usize::from(*data.last()?);
    if count == 0 || count > BLOCK || count > data.len() {
        return None;
    }
    let (body, padding) = data.split_at(data.len() - count);
    padding.iter().all(|byte| usize::from(*byte) == count).then(|| body.to_vec())
}

/// A Fernet token. Its age and its signature are not looked at, but its padding must be right.
pub fn fernet(key: &[u8], token: &[u8], limit: usize) -> Option<Vec<u8>> {
    let key = base64(key, 33)?;
    let token = base64(token, token.len())?;
    if key.len() != 32 || token.first() != Some(&0x80) || token.len() < 1 + 8 + BLOCK + BLOCK + 32 {
        return None;
    }
    let body = &token[25..token.len() - 32];
    let mut plain = unpad(&aes_cbc(&key[16..], &token[9..25], body, body.len())?)?;
    plain.truncate(limit);
    Some(plain)
}

/// What crypto-js makes of a passphrase: base64 of `Salted__`, a salt and AES-256-CBC whose key comes from MD5 rounds.
pub fn cryptojs(passphrase: &[u8], text: &[u8], limit: usize) -> Option<Vec<u8>> {
    use md5::{Digest, Md5};
    let bytes = base64(text, text.len())?;
    let salted = bytes.strip_prefix(b"Salted__")?;
    let (salt, body) = salted.split_at_checked(8)?;
    let mut derived: Vec<u8> = Vec::new();
    let mut last: Vec<u8> = Vec::new();
    while derived.len() < 48 {
        let mut hash = Md5::new();
        hash.update(&last);
        hash.update(passphrase);
        hash.update(salt);
        last = hash.finalize().to_vec();
        derived.extend(&last);
    }
    let mut plain = unpad(&aes_cbc(&derived[..32], &derived[32..48], body, body.len())?)?;
    plain.truncate(limit);
    Some(plain)
}

/// RC4.
pub fn rc4(key: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    if key.is_empty() || key.len() > 256 {
        return None;
    }
    let mut state: [u8; 256] = std::array::from_fn(|at| at as u8);
    let mut other = 0u8;
    for at in 0..256 {
        other = other.wrapping_add(state[at]).wrapping_add(key[at % key.len()]);
        state.swap(at, usize::from(other));
    }
    let (mut one, mut other) = (0u8, 0u8);
    let turn = |byte: &u8| {
        one = one.wrapping_add(1);
        other = other.wrapping_add(state[usize::from(one)]);
        state.swap(usize::from(one), usize::from(other));
        byte ^ state[usize::from(state[usize::from(one)].wrapping_add(state[usize::from(other)]))]
    };
    Some(data.iter().take(limit).map(turn).collect())
}

/// XOR with a key that repeats.
pub fn xor(key: &[u8], data: &[u8], limit: usize) -> Option<Vec<u8>> {
    if key.is_empty() {
        return None;
    }
    Some(data.iter().take(limit).zip(key.iter().cycle()).map(|(byte, key)| byte ^ key).collect())
}
