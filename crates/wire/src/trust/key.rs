//! Keys of ed25519. A public key is its own name: `ed25519:` and 64 hexadecimal digits.

use std::{fmt, str::FromStr};

use ring::{
    rand::SystemRandom,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};

/// A key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// A key that makes signatures. It has no way to be printed but [`SigningKey::to_text`].
pub struct SigningKey {
    pair: Ed25519KeyPair,
    document: Vec<u8>,
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no public key.
    #[error("\"{0}\" is no public key; it is written as ed25519: and 64 hexadecimal digits")]
    Public(String),
    /// It is no signing key.
    #[error("it holds no signing key of lazaret db key")]
    Signing,
    /// The system has no randomness.
    #[error("the system gives no randomness for a new key")]
    Random,
}

const HEAD: &str = "lazaret signing key, ed25519, keep it secret";

impl PublicKey {
    pub(super) fn verify(&self, bytes: &[u8], signature: &str) -> bool {
        unhex(signature)
            .is_some_and(|signature| UnparsedPublicKey::new(&ED25519, self.0).verify(bytes, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", hex(&self.0))
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = text.trim().strip_prefix("ed25519:").and_then(unhex);
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| KeyError::Public(text.chars().take(100).collect()))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl SigningKey {
    /// A new key out of the system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub fn generate() -> Result<Self, KeyError> {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| KeyError::Random)?;
        Self::from_document(document.as_ref())
    }

    /// Reads a key as [`SigningKey::to_text`] writes it.
    ///
    /// # Errors
    /// When the text holds none.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines();
        let document = lines.next().filter(|head| *head == HEAD).and_then(|_| unhex(lines.next()?.trim()));
        Self::from_document(&document.ok_or(KeyError::Signing)?)
    }

    fn from_document(document: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(document).map_err(|_| KeyError::Signing)?;
        Ok(Self { pair, document: document.to_vec() })
    }

    /// The key as it is kept in a file that only its owner may read.
    pub fn to_text(&self) -> String {
        format!("{HEAD}\n{}\n", hex(&self.document))
    }

    /// The key that checks its signatures.
    pub fn public(&self) -> PublicKey {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(self.pair.public_key().as_ref());
        PublicKey(bytes)
    }

    pub(super) fn sign(&self, bytes: &[u8]) -> String {
        hex(self.pair.sign(bytes).as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the signing key of {}", self.public())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| pairs.map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}
