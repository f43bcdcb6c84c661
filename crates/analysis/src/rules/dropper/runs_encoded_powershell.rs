//! PowerShell gets its program in base64.

use model::{Action, Confidence};

use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::CodeEval, Action::ProcExec]) {
        let text = seen.text().to_ascii_lowercase();
        let encoded = seen.behaviour.has("encoded")
            || text.contains("powershell") && [" -enc", " -encodedcommand", " -e ", " -ec ", " /enc"].iter().any(|option| text.contains(option));
        if seen.source.is_aside || !encoded {
            continue;
        }
        let note = "PowerShell is started with an encoded program, so that nobody reads it.";
        let report = if seen.phase().is_automatic() { Report::proof(note) } else { Report::indicator(Confidence::Medium, note) };
        sink.report(report.seen(seen));
    }
}
