//! Guards of the machine are switched off.

use model::{Action, Confidence};

use crate::{
    rules::{
        Report, Sink,
        query::{Seen, short},
    },
    subject::Subject,
};

/// Parts of commands and registry keys that switch guards off; all parts of one line must be there.
const SWITCHES: &[&[&str]] = &[
    &["add-mppreference", "-exclusion"],
    &["set-mppreference", "-disable"],
    &["set-mppreference", "-maps"],
    &["disableantispyware"],
    &["disablerealtimemonitoring"],
    &["disablebehaviormonitoring"],
    &["advfirewall", "state off"],
    &["firewall set opmode", "disable"],
    &["sc stop", "windefend"],
    &["sc delete", "windefend"],
    &["net stop", "windefend"],
    &["taskkill", "msmpeng"],
    &["mpcmdrun", "-removedefinitions"],
    &["advfirewall firewall add rule", "action=allow"],
    &["enablelua", "/d 0"],
    &["enablelua", "-value 0"],
    &["setenforce 0"],
    &["ufw disable"],
    &["iptables -f"],
    &["csrutil disable"],
    &["spctl --master-disable"],
    &["amsiinitfailed"],
    &["amsiscanbuffer"],
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[
        Action::ProcExec,
        Action::CodeEval,
        Action::WinregWrite,
        Action::FileWrite,
        Action::MemoryNative,
    ]) {
        if seen.source.is_aside {
            continue;
        }
        let Some(what) = switched(seen) else { continue };
        let note = format!("A guard of the machine is switched off: {}.", short(&what, 120));
        let report =
            if seen.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::High, note) };
        sink.report(report.seen(seen));
    }
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let patched = source
            .seen
            .literals
            .iter()
            .find(|one| one.text.len() < 200 && one.text.to_ascii_lowercase().contains("amsi.dll"));
        let memory = source.behaviours(&[Action::MemoryNative, Action::CodeLoad]).min_by_key(|seen| seen.phase());
        if let (Some(patched), Some(memory)) = (patched, memory) {
            let note = "The Windows scanner of scripts (AMSI) is reached for in memory.";
            let report = Report::indicator(Confidence::High, note);
            sink.report(report.phase(memory.phase()).at(patched.place.clone()).at(memory.place()));
        }
    }
}

fn switched(seen: Seen<'_>) -> Option<String> {
    let text = seen.text().to_ascii_lowercase();
    let spaced = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if seen.behaviour.action == Action::FileWrite {
        let path = text.replace('\\', "/");
        return (path == "/etc/hosts" || path.ends_with("drivers/etc/hosts")).then(|| seen.text().to_owned());
    }
    let matches = SWITCHES.iter().any(|parts| parts.iter().all(|part| spaced.contains(part)));
    matches.then(|| seen.text().to_owned())
}
