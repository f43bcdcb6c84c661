//! The package brings its own build backend, and that does more than build.

use model::{Action, Confidence, Phase};

use super::toolchain::is_honest_build;
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

const ACTS: &[Action] = &[Action::CodeEval, Action::NetConnect, Action::NetFetch, Action::NetSend, Action::NetResolve, Action::ProcExec];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let Some(pyproject) = subject.pyproject.as_ref().filter(|one| !one.backend_path.is_empty()) else { return };
    let module = pyproject.backend.as_deref().unwrap_or_default().split(':').next().unwrap_or_default().replace('.', "/");
    for source in subject.sources.iter().filter(|source| source.phase == Phase::Install && !module.is_empty()) {
        let inner = subject.inner(&source.path);
        if !inner.ends_with(&format!("{module}.py")) && !inner.ends_with(&format!("{module}/__init__.py")) {
            continue;
        }
        // A backend's hooks are functions that the installer calls, so what they do counts however it is reached.
        let Some(seen) = source.behaviours(ACTS).find(|seen| seen.behaviour.action != Action::ProcExec || !is_honest_build(seen.text())) else {
            continue;
        };
        let note = format!("The package's own build backend does more than build: {}.", seen.words());
        sink.report(Report::indicator(Confidence::High, note).phase(Phase::Install).at(seen.place()));
    }
}
