//! pdm.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route, pip, uv};

/// pdm.
pub(super) struct Pdm;

impl Manager for Pdm {
    fn programs(&self) -> &'static [&'static str] {
        &["pdm"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.is_one_of(&["publish", "config", "cache", "completion", "info", "init", "list", "show", "use"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        passage.set("PDM_PYPI_URL", format!("{}/0/simple", route.running.base("pypi")));
        pip::lead(route, &mut passage);
        uv::lead(route, &mut passage);
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["pdm.lock"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(&["install", "sync"])
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("pdm.lock"), "pdm.lock")
    }
}
