//! What a person asks the database about: a purl, or a digest.

use model::PackageType;
use wire::snapshot::{Fingerprint, Named};

use super::import::named;

/// What was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A package, perhaps with its version.
    Package {
        /// The package.
        package: Named,
        /// The version.
        version: Option<String>,
    },
    /// The bytes with this digest.
    Bytes(Fingerprint),
}

/// Reads a purl (`pkg:npm/name@1.2.3`), a short form (`npm:name@1.2.3`), or a digest (`sha256:...`).
///
/// # Errors
/// A sentence that says what is wrong, when the text is none of them.
pub fn subject(text: &str) -> Result<Asked, String> {
    let text = text.trim();
    if text.starts_with("sha256:") || text.starts_with("sha512:") {
        return text.parse().map(Asked::Bytes);
    }
    let wrong = || {
        let shown: String = text.chars().take(120).collect();
        format!("\"{shown}\" names nothing: write pkg:npm/name@1.2.3 or sha256:DIGEST")
    };
    if let Some(purl) = ecosystem::lockfile::dependency_of_purl(text) {
        let package = named(purl.kind.clone(), &purl.name).ok_or_else(wrong)?;
        let version = purl.version.map(|version| version.0);
        return Ok(Asked::Package { package, version });
    }
    let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
    let at = rest.rfind('@').filter(|at| *at > 0);
    let (name, version) = at.map_or((rest, None), |at| (&rest[..at], Some(rest[at + 1..].to_owned())));
    let plain = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let package = Some(kind).filter(|_| plain).and_then(|kind| named(PackageType::new(kind), name));
    package.map(|package| Asked::Package { package, version }).ok_or_else(wrong)
}
