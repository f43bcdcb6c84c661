//! The code looks whether it is being watched.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink},
    source::Source,
    subject::Subject,
};

/// Programs, drivers, users and machines by which thieves recognise analysts.
const SIGNS: &[&str] = &[
    "binaryninja",
    "burpsuite",
    "cuckoo",
    "dnspy",
    "fiddler",
    "ghidra",
    "httpdebugger",
    "hyper-v",
    "ida64",
    "ksdumper",
    "ollydbg",
    "parallels",
    "pestudio",
    "prl_cc",
    "processhacker",
    "procmon",
    "qemu",
    "regshot",
    "sandboxie",
    "sbiedll",
    "sysinternals",
    "tcpview",
    "vboxguest",
    "vboxservice",
    "vboxtray",
    "virtualbox",
    "virustotal",
    "vmacthlp",
    "vmmouse",
    "vmsrvc",
    "vmtoolsd",
    "vmusrvc",
    "vmware",
    "vmwaretray",
    "wdagutilityaccount",
    "windbg",
    "wireshark",
    "x32dbg",
    "x64dbg",
    "x96dbg",
    "xenservice",
];
/// From so many on it is a list of enemies.
const MANY: usize = 5;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        check_source(source, sink);
    }
}

fn check_source(source: &Source, sink: &mut Sink) {
    let check = source
        .behaviours(&[Action::EvasionCheck])
        .filter(|seen| seen.text() != "ci" && seen.text() != "container")
        .min_by_key(|seen| seen.phase());
    let ends = source.behaviours(&[Action::Exit, Action::ProcKill]).min_by_key(|seen| seen.phase());
    if check.is_none() && ends.is_none() {
        return;
    }
    let signs = signs_in(source);
    let Some(acts) = ends.or(check) else { return };
    if signs.len() >= MANY {
        let shown: Vec<&str> = signs.iter().take(4).copied().collect();
        let note = format!(
            "The code looks for {} signs of analysts ({}, ...), and ends or kills something.",
            signs.len(),
            shown.join(", ")
        );
        let sure = if signs.len() >= 2 * MANY { Confidence::High } else { Confidence::Medium };
        sink.report(Report::indicator(sure, note).seen(acts));
    } else if let (Some(check), Some(ends)) = (check, ends)
        && check.phase().is_automatic()
    {
        let note = format!("The code looks for a {} and may end then.", check.text());
        sink.report(Report::indicator(Confidence::Low, note).seen(check).at(ends.place()));
    }
}

fn signs_in(source: &Source) -> Vec<&'static str> {
    let layers = source.seen.layers.iter().map(|layer| layer.text.to_ascii_lowercase());
    let texts: Vec<String> = std::iter::once(source.text.to_ascii_lowercase()).chain(layers).collect();
    SIGNS
        .iter()
        .copied()
        .filter(|sign| texts.iter().any(|text| memchr::memmem::find(text.as_bytes(), sign.as_bytes()).is_some()))
        .collect()
}
