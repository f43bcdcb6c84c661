//! The package managers, one file each, and how each is led to the registry on loopback.

mod npm;

use std::path::Path;

use model::{Checksum, Ecosystem, PackageType};
use net::Endpoint;

use crate::proxy::{Running, Tarballs};

/// Every manager.
pub static MANAGERS: [&dyn Manager; 1] = [&npm::Npm];

/// One package manager.
pub trait Manager: Sync {
    /// The programs that are it.
    fn programs(&self) -> &'static [&'static str];

    /// Whose packages it installs.
    fn ecosystem(&self) -> Ecosystem;

    /// Whether it puts the host of its registry into the addresses of npm's files by itself.
    fn tarballs(&self) -> Tarballs {
        Tarballs::Kept
    }

    /// Whether these arguments change an account, or show settings: such a command is none of the guard's business, and the
    /// registry on loopback would be in its way.
    fn is_direct(&self, _arguments: &[String]) -> bool {
        false
    }

    /// The variables and arguments that lead it to the registry on loopback.
    fn through(&self, route: &Route<'_>) -> Passage;

    /// The lockfiles that it reads, in the order in which it looks for them.
    fn lockfiles(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether these arguments install what the lockfile says, and nothing else.
    fn is_from_lockfile(&self, _arguments: &[String]) -> bool {
        false
    }

    /// What lies on the disk after the command.
    fn installed(&self, _route: &Route<'_>) -> Vec<Installed> {
        Vec::new()
    }
}

/// Where a run leads.
pub struct Route<'a> {
    /// The registry on loopback.
    pub running: &'a Running,
    /// The registries behind it.
    pub endpoints: &'a [Endpoint],
    /// The program's name.
    pub program: &'a str,
    /// Its arguments.
    pub arguments: &'a [String],
    /// The folder in which it runs.
    pub folder: &'a Path,
    /// A folder of this run alone.
    pub scratch: &'a Path,
}

/// What is added to a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// Variables.
    pub variables: Vec<(String, String)>,
    /// Arguments before those of the user.
    pub before: Vec<String>,
    /// What cannot be guarded about it.
    pub notes: Vec<String>,
}

impl Passage {
    fn set(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.variables.push((name.into(), value.into()));
        self
    }
}

/// One package on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The type.
    pub kind: PackageType,
    /// The normalised name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Where its file came from, as the manager says.
    pub address: Option<String>,
    /// What its file hashes to.
    pub checksum: Option<Checksum>,
}

/// The manager that a program is.
pub fn manager(program: &str) -> Option<&'static dyn Manager> {
    MANAGERS.into_iter().find(|one| one.programs().contains(&program))
}

/// The first argument that is no option.
fn subcommand(arguments: &[String]) -> Option<&str> {
    arguments.iter().map(String::as_str).find(|one| !one.starts_with('-'))
}

/// Whether one of these words is the command.
fn is_one_of(arguments: &[String], words: &[&str]) -> bool {
    subcommand(arguments).is_some_and(|one| words.contains(&one))
}
