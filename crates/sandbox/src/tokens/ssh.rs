//! A private key in OpenSSH's own format.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const KIND: &[u8] = b"ssh-ed25519";

/// The key of a secret, without a passphrase.
pub(crate) fn private_key(secret: &[u8; 32], check: &[u8], comment: &str) -> String {
    let public = public_half(secret);
    let mut inner = Vec::new();
    // The same number twice is how a reader knows that it decrypted well.
    inner.extend(check);
    inner.extend(check);
    put(&mut inner, KIND);
    put(&mut inner, &public);
    put(&mut inner, &[&secret[..], &public].concat());
    put(&mut inner, comment.as_bytes());
    let padding = (8 - inner.len() % 8) % 8;
    inner.extend((1u8..).take(padding));
    let mut outer = b"openssh-key-v1\0".to_vec();
    put(&mut outer, b"none");
    put(&mut outer, b"none");
    put(&mut outer, b"");
    outer.extend(1u32.to_be_bytes());
    put(&mut outer, &wire(&public));
    put(&mut outer, &inner);
    let text = STANDARD.encode(outer);
    let lines: Vec<&str> = (0..text.len()).step_by(70).map(|at| &text[at..text.len().min(at + 70)]).collect();
    let name = "OPENSSH PRIVATE KEY";
    format!("-----BEGIN {name}-----\n{}\n-----END {name}-----\n", lines.join("\n"))
}

/// The line of the public half of a private key.
pub(crate) fn public_key(private: &str, comment: &str) -> String {
    let text: String = private.lines().filter(|line| !line.starts_with('-')).collect();
    let blob = STANDARD.decode(text).unwrap_or_default();
    // Before the public half lie the magic word, three empty or short fields and the count of keys.
    let before = 15 + 8 + 8 + 4 + 4;
    let length = 4 + 4 + KIND.len() + 32;
    let public = blob.get(before + 4..before + length + 4).unwrap_or_default();
    format!("ssh-ed25519 {} {comment}\n", STANDARD.encode(public))
}

fn public_half(secret: &[u8; 32]) -> Vec<u8> {
    Ed25519KeyPair::from_seed_unchecked(secret).map_or_else(|_| vec![0; 32], |pair| pair.public_key().as_ref().to_vec())
}

fn wire(public: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    put(&mut blob, KIND);
    put(&mut blob, public);
    blob
}

fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend((bytes.len() as u32).to_be_bytes());
    into.extend(bytes);
}
