//! Who may publish a database, and what they published: two small signed documents in the manner of TUF.
//!
//! The **root** names the keys of each role and how many of them must sign. A client holds one root and follows it to newer
//! ones, each signed by the keys of the one before and by its own. The **manifest** names the newest edition: its files
//! with sizes and digests, and until when it holds. What is signed are the canonical bytes of the document: JSON without
//! spaces, with the members of each object in the order of their names.

mod key;
mod moment;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub use key::{KeyError, PublicKey, SigningKey};
pub use moment::moment;

/// Who may sign what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// `root`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its number. Each root follows the one before.
    pub version: u64,
    /// After when it holds no more.
    #[serde(with = "moment")]
    pub expires: i64,
    /// Who may sign roots.
    pub root: Role,
    /// Who may sign manifests.
    pub snapshot: Role,
}

/// Keys, and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// How many different keys must have signed.
    pub threshold: u32,
    /// The keys.
    pub keys: Vec<PublicKey>,
}

/// The newest edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `manifest`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its number. It grows with each signing, also when the edition stays.
    pub version: u64,
    /// After when it holds no more: who only gets older ones is being kept from news.
    #[serde(with = "moment")]
    pub expires: i64,
    /// The number of the edition.
    pub sequence: u64,
    /// The verdicts.
    pub verdicts: FileInfo,
    /// The vulnerabilities, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vulnerabilities: Option<FileInfo>,
    /// What leads from earlier editions to this one, step by step.
    #[serde(default)]
    pub deltas: Vec<DeltaInfo>,
}

/// A file beside the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// The digest of all of it.
    pub sha256: model::Digest,
}

/// A delta beside the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeltaInfo {
    /// The edition that it changes.
    pub from: u64,
    /// The edition to which it leads.
    pub to: u64,
    /// Its file.
    #[serde(flatten)]
    pub file: FileInfo,
}

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no such document.
    #[error("{0} is malformed: {1}")]
    Malformed(&'static str, String),
    /// Too few of the right keys have signed it.
    #[error(
        "{what} is not signed as it must be: {valid} of the needed {needed} signatures are valid; do not use it, and ask \
         its publisher"
    )]
    Unsigned {
        /// Which document.
        what: &'static str,
        /// Signatures of different keys of the role that are valid.
        valid: u32,
        /// How many there must be.
        needed: u32,
    },
    /// A root that does not follow the one at hand.
    #[error("the root has version {found}, and {wanted} would follow the one that is trusted")]
    NotNext {
        /// The version that it has.
        found: u64,
        /// The version that it should have.
        wanted: u64,
    },
    /// A role that nobody can play.
    #[error("the root asks for {threshold} signatures of {keys} keys, which cannot be")]
    Threshold {
        /// How many it asks for.
        threshold: u32,
        /// How many keys there are.
        keys: usize,
    },
}

impl Role {
    /// A role that one key plays.
    pub fn of(key: PublicKey) -> Self {
        Self { threshold: 1, keys: vec![key] }
    }

    fn check(&self) -> Result<(), Refused> {
        let keys: BTreeSet<&PublicKey> = self.keys.iter().collect();
        let possible = self.threshold > 0 && self.threshold as usize <= keys.len();
        if possible { Ok(()) } else { Err(Refused::Threshold { threshold: self.threshold, keys: keys.len() }) }
    }
}

impl Root {
    /// The first root.
    pub fn new(expires: i64, root: Role, snapshot: Role) -> Self {
        Self { kind: "root".into(), version: 1, expires, root, snapshot }
    }

    /// Reads a root that is trusted because of where it came from. It must have signed itself.
    ///
    /// # Errors
    /// When it is malformed or not signed by its own keys.
    pub fn trusted(bytes: &[u8]) -> Result<Self, Refused> {
        let document = Document::<Self>::read("the root", "root", bytes)?;
        let root = document.value.clone();
        root.root.check()?;
        root.snapshot.check()?;
        document.verify(&root.root)?;
        Ok(root)
    }

    /// Reads a root that every one of these keys has signed, and that has signed itself.
    ///
    /// # Errors
    /// When it is malformed or not signed so.
    pub fn pinned(bytes: &[u8], keys: &[PublicKey]) -> Result<Self, Refused> {
        let needed = Role { threshold: u32::try_from(keys.len()).unwrap_or(u32::MAX), keys: keys.to_vec() };
        needed.check()?;
        Document::<Self>::read("the root", "root", bytes)?.verify(&needed)?;
        Self::trusted(bytes)
    }

    /// Reads the root that follows this one: signed by the keys of both.
    ///
    /// # Errors
    /// When it is malformed, not signed so, or not the next.
    pub fn next(&self, bytes: &[u8]) -> Result<Self, Refused> {
        let document = Document::<Self>::read("the new root", "root", bytes)?;
        document.verify(&self.root)?;
        let next = Self::trusted(bytes)?;
        if next.version != self.version + 1 {
            return Err(Refused::NotNext { found: next.version, wanted: self.version + 1 });
        }
        Ok(next)
    }

    /// Reads a manifest that the keys of this root have signed.
    ///
    /// # Errors
    /// When it is malformed or not signed so.
    pub fn manifest(&self, bytes: &[u8]) -> Result<Manifest, Refused> {
        let document = Document::<Manifest>::read("the manifest", "manifest", bytes)?;
        document.verify(&self.snapshot)?;
        Ok(document.value)
    }

    /// The signed document.
    pub fn sign(&self, keys: &[&SigningKey]) -> Vec<u8> {
        sign(&json!(self), keys)
    }
}

impl Manifest {
    /// A manifest of one edition.
    pub fn new(version: u64, expires: i64, sequence: u64, verdicts: FileInfo) -> Self {
        let kind = "manifest".into();
        Self { kind, version, expires, sequence, verdicts, vulnerabilities: None, deltas: Vec::new() }
    }

    /// The signed document.
    pub fn sign(&self, keys: &[&SigningKey]) -> Vec<u8> {
        sign(&json!(self), keys)
    }

    /// The deltas that lead from an edition to this one, in their order; none when there is no such way.
    pub fn way_from(&self, sequence: u64) -> Option<Vec<&DeltaInfo>> {
        let mut way: Vec<&DeltaInfo> = Vec::new();
        let mut at = sequence;
        while at != self.sequence {
            let step = self.deltas.iter().find(|one| one.from == at && one.to > at)?;
            at = step.to;
            way.push(step);
        }
        Some(way)
    }
}

#[derive(Serialize, Deserialize)]
struct Signature {
    key: PublicKey,
    signature: String,
}

#[derive(Deserialize)]
struct Envelope {
    signed: Value,
    signatures: Vec<Signature>,
}

/// A document that was read, with its signatures not yet looked at.
struct Document<T> {
    what: &'static str,
    value: T,
    bytes: Vec<u8>,
    signatures: Vec<Signature>,
}

impl<T: DeserializeOwned> Document<T> {
    fn read(what: &'static str, kind: &str, bytes: &[u8]) -> Result<Self, Refused> {
        let wrong = |error: serde_json::Error| Refused::Malformed(what, error.to_string());
        let envelope: Envelope = serde_json::from_slice(bytes).map_err(wrong)?;
        if envelope.signed["type"] != kind {
            return Err(Refused::Malformed(what, format!("it is no document of the type {kind}")));
        }
        let bytes = canonical(&envelope.signed);
        let value = serde_json::from_value(envelope.signed).map_err(wrong)?;
        Ok(Self { what, value, bytes, signatures: envelope.signatures })
    }

    /// Each key counts once, however often it has signed.
    fn verify(&self, role: &Role) -> Result<(), Refused> {
        let valid = |one: &&Signature| role.keys.contains(&one.key) && one.key.verify(&self.bytes, &one.signature);
        let keys: BTreeSet<&PublicKey> = self.signatures.iter().filter(valid).map(|one| &one.key).collect();
        let valid = u32::try_from(keys.len()).unwrap_or(u32::MAX);
        if valid >= role.threshold.max(1) {
            return Ok(());
        }
        Err(Refused::Unsigned { what: self.what, valid, needed: role.threshold.max(1) })
    }
}

fn sign(document: &Value, keys: &[&SigningKey]) -> Vec<u8> {
    let bytes = canonical(document);
    let signatures: Vec<Signature> =
        keys.iter().map(|key| Signature { key: key.public(), signature: key.sign(&bytes) }).collect();
    let mut text = serde_json::to_vec_pretty(&json!({ "signed": document, "signatures": signatures }))
        // Texts, numbers and lists always have a JSON form.
        .unwrap_or_default();
    text.push(b'\n');
    text
}

/// The one form of a document that is signed.
fn canonical(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            out.push(b'{');
            for (at, (name, value)) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
                out.push(b':');
                write_canonical(value, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        other => out.extend_from_slice(other.to_string().as_bytes()),
    }
}
