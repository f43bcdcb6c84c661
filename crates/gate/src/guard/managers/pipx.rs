//! pipx.

use model::Ecosystem;

use super::{Call, Manager, Passage, Route, pip, uv};

/// pipx.
pub(super) struct Pipx;

impl Manager for Pipx {
    fn programs(&self) -> &'static [&'static str] {
        &["pipx"]
    }

    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn is_direct(&self, call: &Call) -> bool {
        call.is_one_of(&["ensurepath", "list", "environment", "completions", "uninstall", "uninstall-all", "help"])
    }

    fn absorb(&self, call: &mut Call) -> Vec<(String, String)> {
        pip::indexes(call, &["-i", "--index-url"])
    }

    fn through(&self, route: &Route<'_>) -> Passage {
        let mut passage = Passage::of(route.call);
        pip::lead(route, &mut passage);
        // It may install with uv.
        uv::lead(route, &mut passage);
        passage
    }
}
