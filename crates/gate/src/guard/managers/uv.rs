//! uv and uvx.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Rewriting, Route, pip};

/// uv and uvx.
pub(super) struct Uv;

impl Manager for Uv {
    fn programs(&self) -> &'static [&'static str] {
        &["uv", "uvx"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        let direct = ["publish", "self", "cache", "help", "version", "generate-shell-completion", "auth", "init"];
        call.program == "uv" && call.is_one_of(&direct)
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        pip::indexes(call, &["-i", "--index-url", "--default-index"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        lead(route, &mut passage);
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["uv.lock"]
    }

    fn rewritten(&self, _: &Call, _: &dyn Fn() -> Option<String>) -> Option<Rewriting> {
        Some(Rewriting::Uv)
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(&["sync", "run"])
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("uv.lock"), "uv.lock")
    }
}

/// The variables of uv. The older names: `UV_DEFAULT_INDEX` would be written into the project's file by `uv add`.
pub(super) fn lead(route: &Route<'_>, passage: &mut Passage) {
    let base = route.running.base("pypi");
    let count = route.endpoints(Ecosystem::Pypi).filter(|one| one.scope.is_none()).count();
    passage.set("UV_INDEX_URL", format!("{base}/0/simple"));
    if count > 1 {
        let further: Vec<String> = (1..count).map(|number| format!("{base}/{number}/simple")).collect();
        passage.set("UV_EXTRA_INDEX_URL", further.join(" "));
    }
    for name in ["UV_DEFAULT_INDEX", "UV_INDEX"] {
        if route.variables.contains_key(name) {
            passage.set(name, if name == "UV_INDEX" { String::new() } else { format!("{base}/0/simple") });
        }
    }
    if !route.variables.contains_key("UV_HTTP_TIMEOUT") {
        passage.set("UV_HTTP_TIMEOUT", "180");
    }
}
