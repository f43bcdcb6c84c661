//! What happened is not in the source, although all of it was read.

use model::{Action, Confidence, Phase, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink, query::host_of};

/// Ways to the network in sources.
const TALKING: &[Action] =
    &[Action::NetFetch, Action::NetSend, Action::NetConnect, Action::NetResolve, Action::PackageInstall, Action::PackagePublish];

/// Ways to do anything at all.
const OPEN: &[Action] = &[Action::ProcExec, Action::CodeEval, Action::CodeLoad, Action::CodeImport];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let Some(analysis) = course.foreseen else { return };
    let can = |actions: &[Action]| {
        actions.iter().any(|action| analysis.capabilities.iter().any(|one| one.action == *action && one.phase.is_automatic()))
    };
    if can(TALKING) {
        return;
    }
    let talks = course.events().find(|event| {
        let host = match &event.deed {
            TraceDeed::Http { url, .. } => host_of(url),
            TraceDeed::Raw { address, .. } => host_of(address),
            _ => None,
        };
        let foreign = host.is_some_and(|host| !baseline().is_own(&host) && !baseline().is_download(&host));
        let tools = course.is_below(event, |program| baseline().is_installer(program) || baseline().is_compiler(program));
        foreign && !tools && course.phase(event) != Phase::Runtime
    });
    let Some(event) = talks else { return };
    // Code that is computed or compiled can do whatever it likes, and the source shows only that.
    let sure = if can(OPEN) { Confidence::Medium } else { Confidence::High };
    let note = "It talked to a host, and nothing that was read of its source does.";
    sink.report(Report::indicator(sure, note).event(course, event));
}
