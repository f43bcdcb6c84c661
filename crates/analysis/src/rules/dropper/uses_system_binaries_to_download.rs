//! Tools of Windows and macOS are misused to fetch or start things, since no guard looks at them.

use model::{Action, Confidence, Phase};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// The tools, with the words that show the misuse; none means that the tool alone does.
const TOOLS: &[(&str, &[&str])] = &[
    ("bitsadmin", &["/transfer", "/addfile"]),
    ("certutil", &["-urlcache", "-decode", "/urlcache"]),
    ("cscript", &["http", "temp", ".vbs"]),
    ("finger.exe", &[]),
    ("hh.exe", &["http"]),
    ("installutil", &[]),
    ("msbuild", &["temp", "http"]),
    ("mshta", &[]),
    ("msiexec", &["http"]),
    ("regsvr32", &["/i:", "scrobj", "http"]),
    ("rundll32", &["javascript:", "http", "temp"]),
    ("wmic", &["process call create", "/format:"]),
    ("wscript", &["temp", "http"]),
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::ProcExec, Action::NetFetch, Action::CodeEval, Action::CodeLoad]) {
        let line = format!("{} {}", seen.behaviour.api, seen.text()).to_ascii_lowercase();
        let Some((tool, _)) = TOOLS
            .iter()
            .find(|(tool, words)| line.contains(tool) && (words.is_empty() || words.iter().any(|word| line.contains(word))))
        else {
            continue;
        };
        if seen.source.is_aside {
            continue;
        }
        let note = format!("The system's own {tool} is used to fetch or start something: {}.", short(seen.text(), 80));
        let confidence = if seen.phase() == Phase::Runtime { Confidence::Low } else { Confidence::High };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}
