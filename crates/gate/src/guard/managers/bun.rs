//! bun and bunx.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Rewriting, Route, npm};

/// bun and bunx.
pub(super) struct Bun;

impl Manager for Bun {
    fn programs(&self) -> &'static [&'static str] {
        &["bun", "bunx"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.program == "bun" && call.is_one_of(&["publish", "build", "test", "init", "upgrade", "help"])
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        npm::registry(call)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        npm::lead(route, &mut passage);
        passage.set("BUN_CONFIG_REGISTRY", format!("{}/", route.running.base("npm")));
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["bun.lock"]
    }

    fn rewritten(&self, _: &Call, _: &dyn Fn() -> Option<String>) -> Option<Rewriting> {
        Some(Rewriting::Bun)
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(&["install", "i", "ci"]) && call.words().count() == 1
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("bun.lock"), "bun.lock")
    }
}
