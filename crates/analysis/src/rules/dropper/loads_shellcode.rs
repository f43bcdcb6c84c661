//! Machine code from data is put into memory and started.

use std::collections::BTreeSet;

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::Seen},
    subject::Subject,
};

/// Making room, filling it, starting it: the three steps, by words in the resolved names.
const STEPS: &[(&str, &[&str])] = &[
    ("make room", &["VirtualAlloc", "VirtualProtect", "mmap", "memfd_create", "HeapCreate", "mprotect"]),
    ("fill it", &["RtlMoveMemory", "WriteProcessMemory", "memmove", "from_buffer", "RtlCopyMemory"]),
    ("start it", &["CreateThread", "CreateRemoteThread", "QueueUserAPC", "CFUNCTYPE", "EnumSystemLocales", "CallWindowProc", "fexecve"]),
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let seen: Vec<Seen<'_>> = source.behaviours(&[Action::MemoryNative]).collect();
        let steps: BTreeSet<&str> = seen
            .iter()
            .flat_map(|seen| STEPS.iter().filter(|(_, words)| words.iter().any(|word| seen.behaviour.api.contains(word))))
            .map(|(step, _)| *step)
            .collect();
        let Some(first) = seen.iter().min_by_key(|seen| seen.phase()) else { continue };
        // Copies and callbacks are everyday work of `ctypes`; only memory that is made for code is not.
        if steps.len() < 2 || !steps.contains(STEPS[0].0) {
            continue;
        }
        let note = "Memory is allocated, filled and started as machine code, outside of every interpreter.";
        let report = match (steps.len(), first.phase()) {
            (3, phase) if phase != Phase::Runtime => Report::proof(note),
            (2, _) | (_, Phase::Runtime) => Report::indicator(Confidence::Medium, note),
            _ => Report::indicator(Confidence::High, note),
        };
        sink.report(report.seen(*first));
    }
}
