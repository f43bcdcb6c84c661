//! The package managers, one file each, and how each is led to the registry on loopback.

mod bun;
mod cargo;
mod deno;
mod hatch;
mod npm;
mod pdm;
mod pip;
mod pipx;
mod pnpm;
mod poetry;
mod uv;
mod yarn;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use model::{Checksum, Ecosystem, PackageType};
use net::Endpoint;

use crate::proxy::{Running, Tarballs};

/// Every manager.
pub static MANAGERS: [&dyn Manager; 12] = [
    &npm::Npm,
    &pnpm::Pnpm,
    &yarn::Yarn,
    &bun::Bun,
    &deno::Deno,
    &pip::Pip,
    &pipx::Pipx,
    &uv::Uv,
    &poetry::Poetry,
    &pdm::Pdm,
    &hatch::Hatch,
    &cargo::Cargo,
];

/// One package manager.
pub trait Manager: Sync {
    /// The programs that are it.
    fn programs(&self) -> &'static [&'static str];

    /// Whose packages it installs.
    fn ecosystem(&self) -> Ecosystem;

    /// Where the addresses of npm's files lead, when its lockfile is not put back afterwards.
    fn tarballs(&self) -> Tarballs {
        Tarballs::Standard
    }

    /// Whether it keeps what it has under the address of its registry, which must last then.
    fn needs_lasting_address(&self) -> bool {
        false
    }

    /// Whether this call changes an account, shows settings, or installs nothing at all: such a command is none of the
    /// guard's business, and the registry on loopback would be in its way.
    fn is_direct(&self, _call: &Call) -> bool {
        false
    }

    /// Takes registries out of the arguments, since these would win, and tells them as the variables that mean the same.
    fn absorb(&self, _call: &mut Call) -> Vec<(String, String)> {
        Vec::new()
    }

    /// The variables and arguments that lead it to the registry on loopback.
    fn through(&self, route: &Route<'_>) -> Passage;

    /// The lockfiles that it reads, in the order in which it looks for them.
    fn lockfiles(&self) -> &'static [&'static str] {
        &[]
    }

    /// The lockfiles in which it follows whole addresses. They lead here while it runs, and are put back afterwards.
    fn rewritten(&self, _call: &Call, _version: &dyn Fn() -> Option<String>) -> Option<Rewriting> {
        None
    }

    /// Whether this call installs what the lockfile says, and nothing else.
    fn is_from_lockfile(&self, _call: &Call) -> bool {
        false
    }

    /// What lies on the disk after the command.
    fn installed(&self, _route: &Route<'_>) -> Vec<Installed> {
        Vec::new()
    }
}

/// A command as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The program's name, without its folder.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The folder in which it runs.
    pub folder: PathBuf,
}

/// How a lockfile writes the addresses that are led here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewriting {
    /// `yarn.lock` of yarn 1.
    Yarn,
    /// `bun.lock`.
    Bun,
    /// `uv.lock`.
    Uv,
}

/// Where a run leads.
pub struct Route<'a> {
    /// The registry on loopback.
    pub running: &'a Running,
    /// The registries behind it.
    pub endpoints: &'a [Endpoint],
    /// The command.
    pub call: &'a Call,
    /// The variables that it would have without the guard.
    pub variables: &'a BTreeMap<String, String>,
    /// A folder of this run alone.
    pub scratch: &'a Path,
}

impl Route<'_> {
    fn endpoints(&self, ecosystem: Ecosystem) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter().filter(move |one| one.ecosystem == ecosystem)
    }
}

/// What a command becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    /// Further variables.
    pub variables: Vec<(String, String)>,
    /// All its arguments.
    pub arguments: Vec<String>,
    /// What cannot be guarded about it.
    pub notes: Vec<String>,
}

impl Passage {
    fn of(call: &Call) -> Self {
        Self { arguments: call.arguments.clone(), ..Self::default() }
    }

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
    /// What its file may hash to.
    pub checksums: Vec<Checksum>,
    /// Whether a lockfile pins it, which does not say that it is here: it may be for another system.
    pub pinned: bool,
}

/// The manager that a program is.
pub fn manager(program: &str) -> Option<&'static dyn Manager> {
    MANAGERS.into_iter().find(|one| one.programs().contains(&program))
}

impl Call {
    /// The first argument that is no option.
    fn subcommand(&self) -> Option<&str> {
        self.words().next()
    }

    /// The arguments that are no options.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(String::as_str).filter(|one| !one.starts_with(['-', '+']))
    }

    /// Whether one of these words is the command.
    fn is_one_of(&self, words: &[&str]) -> bool {
        self.subcommand().is_some_and(|one| words.contains(&one))
    }

    fn has(&self, option: &str) -> bool {
        self.arguments.iter().any(|one| one == option)
    }

    /// Takes an option with its values out of the arguments: `--name value`, `--name=value`, and `-n value`.
    fn take(&mut self, names: &[&str]) -> Vec<String> {
        let mut taken = Vec::new();
        let mut kept = Vec::new();
        let mut arguments = std::mem::take(&mut self.arguments).into_iter();
        while let Some(argument) = arguments.next() {
            let with_value = argument.split_once('=').filter(|(name, _)| names.contains(name));
            if let Some((_, value)) = with_value {
                taken.push(value.to_owned());
            } else if names.contains(&argument.as_str()) {
                taken.extend(arguments.next());
            } else {
                kept.push(argument);
            }
        }
        self.arguments = kept;
        taken
    }
}
