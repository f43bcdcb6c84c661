//! Calls were tried that no package needs and the sandbox refuses.

use std::collections::BTreeSet;

use model::{Confidence, TraceDeed};

use super::{baseline::baseline, course::Course};
use crate::rules::{Report, Sink};

/// Calls by which watchers are evaded or machines are broken out of, and nothing else is done.
const TELLING: &[&str] = &[
    "int80", "32-bit", "x32", "foreign", "ptrace", "process_vm", "kexec", "init_module", "finit_module", "bpf", "seccomp",
    "open_by_handle_at", "pivot_root", "mount", "setns", "reboot", "vsock", "AF_VSOCK",
];

pub(super) fn check(course: &Course, sink: &mut Sink) {
    let mut told = BTreeSet::new();
    for event in course.events() {
        let TraceDeed::Refused { call, why } = &event.deed else { continue };
        if course.is_below(event, |program| baseline().is_compiler(program)) || !told.insert(call.as_str()) {
            continue;
        }
        let telling = TELLING.iter().any(|one| call.contains(one) || why.contains(one));
        let sure = if telling { Confidence::High } else { Confidence::Low };
        let note = format!("{call} was tried: {why}.");
        sink.report(Report::indicator(sure, note).event(course, event));
    }
    time_of_check(course, sink);
}

/// A path that was asked for under one name and opened as another, without a link that leads there.
fn time_of_check(course: &Course, sink: &mut Sink) {
    let differs = |event: &&model::Event| {
        let TraceDeed::Open { asked, path, .. } = &event.deed else { return false };
        // A link leads to the same name in most trees; a switch leads from a decoy to a secret.
        let secret = ["/.ssh/", "/.aws/", "/.npmrc", "/.netrc", "/etc/shadow"];
        let is_secret = |path: &str| secret.iter().any(|one| path.contains(one));
        is_secret(path) && !is_secret(asked) && asked.starts_with('/') && !asked.starts_with("/proc/")
    };
    if let Some(event) = course.events().find(differs) {
        let note = "A harmless path was asked for, and a secret was opened in its place.";
        sink.report(Report::indicator(Confidence::High, note).event(course, event));
    }
}
