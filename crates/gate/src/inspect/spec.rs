//! What the user names.

use std::path::{Path, PathBuf};

use ecosystem::{Wanted, WantedError};

use super::TargetError;

/// One target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spec {
    /// A package of a registry.
    Package(Wanted),
    /// A file: an archive.
    File(PathBuf),
    /// A folder.
    Folder(PathBuf),
}

impl Spec {
    /// Reads an argument. What exists as a path, or looks like one, is a path; everything else names a package.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let path = Path::new(text);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return Ok(Self::Folder(path.to_owned())),
            Ok(_) => return Ok(Self::File(path.to_owned())),
            Err(_) if looks_like_path(text) => return Ok(Self::File(path.to_owned())),
            Err(_) => {}
        }
        match Wanted::parse(text) {
            // A name with a slash and without an ecosystem is a path that is not there.
            Err(WantedError::Form(_)) if text.contains(['/', '\\']) => Ok(Self::File(path.to_owned())),
            parsed => Ok(Self::Package(parsed?)),
        }
    }
}

const ARCHIVES: [&str; 15] = [
    ".tgz", ".tar", ".gz", ".bz2", ".xz", ".zst", ".zip", ".whl", ".gem", ".crate", ".jar", ".nupkg", ".vsix", ".egg",
    ".7z",
];

fn looks_like_path(text: &str) -> bool {
    let starts = ["./", "../", "/", "~/", ".\\", "..\\", "file:"].iter().any(|start| text.starts_with(start));
    let drive = text.get(1..3).is_some_and(|rest| rest == ":\\");
    let lower = text.to_ascii_lowercase();
    let package = Wanted::parse(text).is_ok();
    starts || drive || matches!(text, "." | "..") || (!package && ARCHIVES.iter().any(|end| lower.ends_with(end)))
}
