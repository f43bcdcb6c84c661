//! poetry. It has no setting by which it could be led elsewhere without a change of the project's file, so that only what
//! its lockfile says is checked.

use model::Ecosystem;

use super::super::locked::locked;
use super::{Call, Installed, Manager, Passage, Route, pip};

/// poetry.
pub(super) struct Poetry;

impl Manager for Poetry {
    fn programs(&self) -> &'static [&'static str] {
        &["poetry"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        let installing = ["install", "add", "update", "sync", "lock", "self", "build", "run", "remove"];
        !call.is_one_of(&installing)
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        // Builds of source distributions ask pip's index.
        pip::lead(route, &mut passage);
        passage.notes.push(
            "poetry asks its registry by itself: its lockfile was checked before and after, its downloads were not"
                .into(),
        );
        passage
    }

    fn lockfiles(&self) -> &'static [&'static str] {
        &["poetry.lock"]
    }

    fn is_from_lockfile(&self, call: &Call) -> bool {
        call.is_one_of(&["install", "sync", "run"])
    }

    fn installed(&self, route: &Route<'_>) -> Vec<Installed> {
        locked(&route.call.folder.join("poetry.lock"), "poetry.lock")
    }
}
