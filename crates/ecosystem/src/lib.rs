//! What each registry is: how it spells names, orders versions, publishes metadata and names its archives.
//!
//! Nothing here opens a socket or a file. A registry says which request to make and reads the bytes of the answer; who
//! makes the request is not its concern. No registry's host is known here either: where one is, the caller says.
#![warn(missing_docs)]

pub mod cargo;
mod checksums;
pub mod document;
pub mod gem;
pub mod lockfile;
mod needs;
pub mod npm;
mod package;
pub mod pypi;
mod registry;
mod target;

pub use needs::{Need, needs};
pub use package::{Artifact, ArtifactKind, Package, Release};
pub use registry::{NameError, Page, ReadError, Registry, Request};
pub use target::{Wanted, WantedError};

use model::Ecosystem;

/// Every registry, in the order of [`Ecosystem::ALL`].
pub static REGISTRIES: [&dyn Registry; 4] = [&npm::Npm, &pypi::Pypi, &cargo::Cargo, &gem::Gem];

/// The registry of an ecosystem.
pub fn registry(ecosystem: Ecosystem) -> &'static dyn Registry {
    match ecosystem {
        Ecosystem::Npm => &npm::Npm,
        Ecosystem::Pypi => &pypi::Pypi,
        Ecosystem::Cargo => &cargo::Cargo,
        Ecosystem::Gem => &gem::Gem,
    }
}
