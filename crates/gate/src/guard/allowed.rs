//! Exceptions that the user has written at the command line: one version, a reason, a last day.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

/// One exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The release, with its version.
    pub purl: String,
    /// Why it may be used.
    pub reason: String,
    /// The last moment at which it holds, in seconds since 1970.
    pub until: i64,
}

fn path(state: &Path) -> std::path::PathBuf {
    state.join("allowed.json")
}

/// All of them, those included that have ended.
pub fn all(state: &Path) -> Vec<Allowed> {
    fs::read(path(state)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// The releases that are allowed at a moment.
pub fn holding(state: &Path, now: i64) -> Vec<String> {
    all(state).into_iter().filter(|one| now <= one.until).map(|one| one.purl).collect()
}

/// Writes one more; one for the same release is replaced, and those that have ended go.
pub fn add(state: &Path, allowed: Allowed, now: i64) -> io::Result<()> {
    let mut kept: Vec<Allowed> =
        all(state).into_iter().filter(|one| now <= one.until && one.purl != allowed.purl).collect();
    kept.push(allowed);
    fs::create_dir_all(state)?;
    let mut file = tempfile::NamedTempFile::new_in(state)?;
    serde_json::to_writer_pretty(&mut file, &kept)?;
    file.persist(path(state)).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_end() {
        let state = tempfile::tempdir().expect("a folder");
        let one = |purl: &str, until| Allowed { purl: purl.into(), reason: "read it".into(), until };
        add(state.path(), one("pkg:npm/a@1.0.0", 100), 0).expect("written");
        add(state.path(), one("pkg:npm/b@1.0.0", 50), 0).expect("written");
        add(state.path(), one("pkg:npm/a@1.0.0", 200), 0).expect("written");
        assert_eq!(holding(state.path(), 50), ["pkg:npm/b@1.0.0", "pkg:npm/a@1.0.0"]);
        assert_eq!(holding(state.path(), 51), ["pkg:npm/a@1.0.0"]);
        add(state.path(), one("pkg:npm/c@1.0.0", 300), 60).expect("written");
        assert_eq!(all(state.path()).len(), 2);
    }
}
