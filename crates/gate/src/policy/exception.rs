//! What is let through in spite of a rule: one package in one version, or exact bytes, for named rules, until a day.

use ecosystem::Wanted;

use super::{Day, MALWARE, Subject};

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The line on which it starts.
    pub line: u32,
    /// What it is about.
    pub pinned: Pinned,
    /// The rules that it waives, by name.
    pub rules: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Day,
    /// Whether it may waive `malware`.
    pub accept_malware: bool,
}

/// What an exception is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pinned {
    /// One version of one package, as the key of its purl.
    Package(String),
    /// Exact bytes, as `sha256:` and 64 digits.
    Bytes(String),
}

impl Exception {
    /// Whether it is about this package, on a day on which it holds.
    pub fn fits(&self, subject: &Subject, key: &str, today: Day) -> bool {
        today <= self.expires
            && match &self.pinned {
                Pinned::Package(package) => package == key,
                Pinned::Bytes(digest) => subject.digests.iter().any(|one| one.eq_ignore_ascii_case(digest)),
            }
    }

    /// Whether it waives a rule. Malware is never waived by the way.
    pub fn waives(&self, rule: &str) -> bool {
        self.rules.iter().any(|one| one == rule) && (rule != MALWARE || self.accept_malware)
    }

    /// What it is about, for people.
    pub fn shown(&self) -> &str {
        match &self.pinned {
            Pinned::Package(text) | Pinned::Bytes(text) => text,
        }
    }

    /// Its reason, owner and last day, as reports show them.
    pub(super) fn told(&self) -> String {
        format!("{} (exception of {}, until {})", self.reason, self.owner, self.expires)
    }
}

/// A purl without qualifiers, with escapes undone and the name normalised where the ecosystem is known: equal for equal
/// packages. Nothing when it is no purl.
pub(super) fn key(purl: &str) -> Option<String> {
    if let Ok(wanted) = Wanted::parse(purl) {
        let version = wanted.version.as_ref().map(|one| format!("@{}", one.as_str())).unwrap_or_default();
        return Some(format!("pkg:{}/{}{version}", wanted.ecosystem, wanted.name));
    }
    let rest = purl.strip_prefix("pkg:")?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (kind, name) = rest.split_once('/')?;
    (!kind.is_empty() && !name.is_empty()).then(|| format!("pkg:{}/{}", kind.to_ascii_lowercase(), unescaped(name)))
}

/// Whether a key names a version.
pub(super) fn has_version(key: &str) -> bool {
    key.rsplit_once('@')
        .is_some_and(|(before, version)| !version.is_empty() && !before.ends_with('/') && !version.contains('/'))
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
