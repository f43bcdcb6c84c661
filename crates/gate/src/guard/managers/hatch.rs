//! hatch. It hands its variables on to pip or uv, which install for it.

use model::Ecosystem;

use super::{Call, Manager, Passage, Route, pip, uv};

/// hatch.
pub(super) struct Hatch;

impl Manager for Hatch {
    fn programs(&self) -> &'static [&'static str] {
        &["hatch"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.is_one_of(&["publish", "config", "self", "status", "version"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        pip::lead(route, &mut passage);
        uv::lead(route, &mut passage);
        passage
    }
}
