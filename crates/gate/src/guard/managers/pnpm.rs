//! pnpm and pnpx.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route, npm};

/// pnpm and pnpx.
pub(super) struct Pnpm;

impl Manager for Pnpm {
    fn programs(&self) -> &'static [&'static str] {
        &["pnpm", "pnpx"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.program == "pnpm" && call.is_one_of(npm::DIRECT)
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        npm::registry(call)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        npm::lead(route, &mut passage);
        // From version 12 on it reads its own variables only.
        passage.set("PNPM_CONFIG_REGISTRY", format!("{}/", route.running.base("npm")));
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["pnpm-lock.yaml"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(&["install", "i", "ci"]) && call.words().count() == 1
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("node_modules/.pnpm/lock.yaml"), "pnpm-lock.yaml")
    }
}
