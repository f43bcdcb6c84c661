//! yarn, of the first generation and of the later ones.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Rewriting, Route, npm};

/// yarn.
pub(super) struct Yarn;

impl Manager for Yarn {
    fn programs(&self) -> &'static [&'static str] {
        &["yarn", "yarnpkg"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn is_direct(&self, call: &Call) -> bool {
        let words: Vec<&str> = call.words().take(2).collect();
        matches!(words[..], ["npm", "publish" | "login" | "logout" | "whoami" | "tag"]) || call.is_one_of(npm::DIRECT)
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        npm::registry(call)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        npm::lead(route, &mut passage);
        let base = route.running.base("npm");
        passage.set("YARN_REGISTRY", &base);
        passage.set("YARN_NPM_REGISTRY_SERVER", &base).set("YARN_UNSAFE_HTTP_WHITELIST", "127.0.0.1");
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["yarn.lock"]
    }

    /// The first generation follows the addresses of its lockfile; the later ones have none in it.
    fn rewritten(&self, _: &Call, version: &dyn Fn() -> Option<String>) -> Option<Rewriting> {
        version().is_some_and(|version| version.starts_with("1.")).then_some(Rewriting::Yarn)
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.subcommand().is_none() || (call.is_one_of(&["install"]) && call.words().count() == 1)
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("yarn.lock"), "yarn.lock")
    }
}
