//! Why a target could not be had: one variant a cause, each with a sentence that says what to do next.

use std::{io, path::PathBuf};

use ecosystem::{ReadError, WantedError};
use model::Ecosystem;
use net::{NetError, Shown, discover::NoRegistry};

/// Why a target could not be had.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text names nothing that could be inspected.
    #[error(transparent)]
    Usage(#[from] WantedError),
    /// There is no such file or folder.
    #[error("{} does not exist; to name a package, write npm:NAME, pypi:NAME, cargo:NAME or gem:NAME", .0.display())]
    NoFile(PathBuf),
    /// The file or folder cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// It is a device, a socket or a pipe.
    #[error("{} is neither a file nor a folder", .0.display())]
    NoRegularFile(PathBuf),
    /// The file is larger than what is ever read.
    #[error("{} has {size} bytes; Lazaret reads at most {limit}", .path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// No registry is known.
    #[error(transparent)]
    NoRegistry(#[from] NoRegistry),
    /// The registry does not know the name.
    #[error(
        "{registry} has no {ecosystem} package named {name}; check the spelling, or that this is the registry you mean"
    )]
    UnknownPackage {
        /// The ecosystem.
        ecosystem: Ecosystem,
        /// The name.
        name: String,
        /// The registry.
        registry: Shown,
    },
    /// The package has no such version.
    #[error("{name} has no version {version}{}", .newest.as_ref().map(|newest| format!("; the newest is {newest}")).unwrap_or_default())]
    UnknownVersion {
        /// The name.
        name: String,
        /// The version.
        version: String,
        /// The newest version.
        newest: Option<String>,
    },
    /// The release has no file that was asked for, or none at all.
    #[error("{name} {version} has no {wanted}{}", if .present.is_empty() { String::new() } else { format!("; it has {}", .present.join(", ")) })]
    NoArtifact {
        /// The name.
        name: String,
        /// The version.
        version: String,
        /// What was asked for.
        wanted: String,
        /// What there is.
        present: Vec<String>,
    },
    /// The network or the registry failed.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The registry holds the package back.
    #[error(
        "{registry} has put {name} in quarantine: it is suspected to be malware, and nobody can get its files; do not use copies of it"
    )]
    Quarantined {
        /// The name.
        name: String,
        /// The registry.
        registry: Shown,
    },
    /// The registry has other bytes than those that a lockfile pins.
    #[error(
        "{registry} has no file of {name} {version} with a hash that is pinned ({pinned}); it has {found}: do not install it before you know why"
    )]
    Pinned {
        /// The name.
        name: String,
        /// The version.
        version: String,
        /// The registry.
        registry: Shown,
        /// What the lockfile pins.
        pinned: String,
        /// What the registry has.
        found: String,
    },
    /// Nothing may be downloaded, and the cache does not have it.
    #[error("it is not in the cache, and nothing may be downloaded (--offline)")]
    Offline,
    /// The registry's answer makes no sense.
    #[error(
        "{url} cannot be used: {cause}; check the registry's address, or whether a proxy or login page stands before it"
    )]
    Answer {
        /// The address.
        url: Shown,
        /// What is wrong.
        cause: ReadError,
    },
    /// Lazaret itself broke.
    #[error("this target could not be inspected, by a fault of Lazaret: {0}; please report it")]
    Fault(String),
}

impl TargetError {
    /// Whether the user must write the target differently. Everything else could not be had.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Usage(_))
    }
}
