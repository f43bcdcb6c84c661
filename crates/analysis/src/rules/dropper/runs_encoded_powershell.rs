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
        let report = if seen.phase().is_automatic() { Report::proof(note) } else { Report::indicator(if is_constant(&text) || seen.behaviour.has("known-code") { Confidence::Medium } else { Confidence::Low }, note) };
        sink.report(report.seen(seen));
    }
}

/// Whether the program stands in the text. One that is encoded when it is run is only kept from being quoted.
fn is_constant(text: &str) -> bool {
    let is_encoded = |word: &str| word.len() >= 16 && word.bytes().all(|one| one.is_ascii_alphanumeric() || b"+/=".contains(&one));
    let mut words = text.split_whitespace();
    words.any(|word| matches!(word, "-e" | "-ec" | "-enc" | "-encodedcommand" | "/enc")) && words.any(is_encoded)
        || !text.contains("powershell")
}
