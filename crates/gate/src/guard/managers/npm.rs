//! npm and npx.

use model::{Dependency, Ecosystem, Source};

use super::{Installed, Manager, Passage, Route, is_one_of, subcommand};

/// npm and npx.
pub(super) struct Npm;

/// Commands that act on an account or show settings. They need the registry itself, or none.
pub(super) const DIRECT: &[&str] = &[
    "publish",
    "unpublish",
    "deprecate",
    "dist-tag",
    "login",
    "adduser",
    "add-user",
    "logout",
    "whoami",
    "owner",
    "access",
    "team",
    "token",
    "profile",
    "org",
    "hook",
    "star",
    "unstar",
    "stars",
    "trust",
    "config",
    "c",
    "get",
    "set",
    "help",
    "version",
    "bin",
    "prefix",
    "root",
    "completion",
    "cache",
];

impl Manager for Npm {
    fn programs(&self) -> &'static [&'static str] {
        &["npm", "npx"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn is_direct(&self, arguments: &[String]) -> bool {
        is_one_of(arguments, DIRECT)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::default();
        let base = format!("{}/", route.running.base("npm"));
        passage.set("npm_config_registry", &base);
        for scope in route.endpoints.iter().filter_map(|one| one.scope.as_deref()) {
            passage.set(format!("npm_config_{scope}:registry"), &base);
        }
        // npm asks under the host of the registry and drops its path, so that the token must say who asks.
        passage.set(format!("npm_config_//{}/:_authToken", route.running.address()), route.running.secret());
        passage.set("npm_config_replace_registry_host", "always");
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["npm-shrinkwrap.json", "package-lock.json"]
    }

    fn is_from_lockfile(&self, arguments: &[String]) -> bool {
        let words = arguments.iter().filter(|one| !one.starts_with('-')).count();
        let clean = ["ci", "clean-install", "ic", "install-clean", "isntall-clean", "cit", "install-ci-test"];
        let install = ["install", "i", "add", "in", "ins", "inst", "it", "install-test"];
        match subcommand(arguments) {
            Some(word) => clean.contains(&word) || (install.contains(&word) && words == 1),
            None => false,
        }
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        tree(&route.folder.join("node_modules/.package-lock.json"))
    }
}

/// What npm says that it has put into a folder.
pub(super) fn tree(path: &std::path::Path) -> Vec<Installed> {
    let Ok(bytes) = std::fs::read(path) else { return Vec::new() };
    let path = path.to_string_lossy();
    let Some(format) = ecosystem::lockfile::lockfile(&path) else { return Vec::new() };
    let graph = format.read(&ecosystem::lockfile::Files::new(&path, &bytes)).value;
    graph.packages().iter().filter_map(installed).collect()
}

fn installed(one: &Dependency) -> Option<Installed> {
    let address = match &one.source {
        Source::Registry(address) => address.as_ref().map(|address| address.as_str().to_owned()),
        Source::Url(address) => Some(address.as_str().to_owned()),
        Source::Unknown => None,
        Source::Git(..) | Source::Path(_) | Source::Bundled => return None,
    };
    Some(Installed {
        kind: one.kind.clone(),
        name: one.name.clone(),
        version: one.version.as_ref()?.to_string(),
        address,
        checksum: one.checksums.iter().max_by_key(|one| one.algorithm()).cloned(),
    })
}
