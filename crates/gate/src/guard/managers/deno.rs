//! deno: its packages of npm's kind.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route};

/// deno.
pub(super) struct Deno;

impl Manager for Deno {
    fn programs(&self) -> &'static [&'static str] {
        &["deno"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.is_one_of(&["publish", "fmt", "lint", "upgrade", "completions", "help", "types"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        passage.set("NPM_CONFIG_REGISTRY", format!("{}/", route.running.base("npm")));
        passage.notes.push("packages of JSR and modules by address are fetched by deno itself and not checked".into());
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["deno.lock"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.has("--frozen") || call.has("--frozen=true")
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("deno.lock"), "deno.lock")
    }
}
