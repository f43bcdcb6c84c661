//! npm and npx.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route};
use crate::proxy::Tarballs;

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

    fn tarballs(&self) -> Tarballs {
        Tarballs::Kept
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.program == "npm" && call.is_one_of(DIRECT)
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        registry(call)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        lead(route, &mut passage);
        // npm asks under the host of the registry and drops its path, so that the token must say who asks.
        passage.set(format!("npm_config_//{}/:_authToken", route.running.address()), route.running.secret());
        passage.set("npm_config_replace_registry_host", "always");
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["npm-shrinkwrap.json", "package-lock.json"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        let words = call.words().count();
        let clean = ["ci", "clean-install", "ic", "install-clean", "isntall-clean", "cit", "install-ci-test"];
        let install = ["install", "i", "add", "in", "ins", "inst", "it", "install-test"];
        match call.subcommand().filter(|_| call.program == "npm") {
            Some(word) => clean.contains(&word) || (install.contains(&word) && words == 1),
            None => false,
        }
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        let tree = locked(&route.call.folder.join("node_modules/.package-lock.json"), ".package-lock.json");
        // npm writes it from what lies there.
        tree.into_iter().map(|one| Installed { pinned: false, ..one }).collect()
    }
}

/// A registry among the arguments, as a variable.
pub(super) fn registry(call: &mut Call) -> Vec<(String, String)> {
    call.take(&["--registry"]).pop().map(|url| ("npm_config_registry".to_owned(), url)).into_iter().collect()
}

/// The variables of npm, which most of its kin read too.
pub(super) fn lead(route: &Route<'_>, passage: &mut Passage) {
    let base = format!("{}/", route.running.base("npm"));
    passage.set("npm_config_registry", &base);
    // A variable in capitals would win on some of them.
    if route.variables.contains_key("NPM_CONFIG_REGISTRY") {
        passage.set("NPM_CONFIG_REGISTRY", &base);
    }
    for scope in route.endpoints(Ecosystem::Npm).filter_map(|one| one.scope.as_deref()) {
        passage.set(format!("npm_config_{scope}:registry"), &base);
    }
}
