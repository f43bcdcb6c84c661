//! cargo.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route};

/// cargo.
pub(super) struct Cargo;

/// Commands that compile or fetch what the lockfile says.
const BUILDING: &[&str] = &[
    "build", "b", "check", "c", "test", "t", "run", "r", "bench", "doc", "d", "fetch", "clippy", "rustc", "rustdoc",
    "fix", "vendor", "package", "nextest",
];

impl Manager for Cargo {
    fn programs(&self) -> &'static [&'static str] {
        &["cargo"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Cargo
    }

    /// The folders of its sources are named after the address of the registry, and what was compiled from them is only good
    /// for these.
    fn needs_lasting_address(&self) -> bool {
        true
    }

    fn is_direct(&self, call: &Call) -> bool {
        let direct = ["publish", "yank", "login", "logout", "owner", "fmt", "clean", "new", "init", "help", "version"];
        call.is_one_of(&direct) || call.subcommand().is_none()
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::default();
        let (toolchain, rest): (Vec<&String>, Vec<&String>) =
            route.call.arguments.iter().partition(|one| one.starts_with('+'));
        let registry = format!("source.lazaret.registry=\"sparse+{}/\"", route.running.base("cargo"));
        let own = ["--config", "source.crates-io.replace-with=\"lazaret\"", "--config", &registry];
        passage.arguments = toolchain.into_iter().cloned().chain(own.map(str::to_owned)).collect();
        passage.arguments.extend(rest.into_iter().cloned());
        if !route.variables.contains_key("CARGO_HTTP_TIMEOUT") {
            passage.set("CARGO_HTTP_TIMEOUT", "180");
        }
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["Cargo.lock"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(BUILDING)
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        if !route.call.is_one_of(BUILDING) {
            return Vec::new();
        }
        let lock = route.call.folder.ancestors().map(|folder| folder.join("Cargo.lock")).find(|path| path.is_file());
        lock.map(|path| locked(&path, "Cargo.lock")).unwrap_or_default()
    }
}
