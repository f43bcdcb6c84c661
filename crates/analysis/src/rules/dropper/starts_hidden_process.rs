//! A process is started so that the user sees nothing of it.

use model::{Action, Confidence, Phase};
use syntax::Language;

use crate::{
    rules::{Report, Sink, execution::toolchain::is_honest_build, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for seen in subject.behaviours(&[Action::ProcExec, Action::CodeEval]) {
        let one = seen.behaviour;
        // A group of its own hides nothing, though it is asked for by the same argument.
        let hidden = one.has("hidden-window") && !one.has("own-group");
        let quiet = one.has("detached") && one.has("silenced");
        if seen.source.is_aside || !(hidden || quiet) || is_honest_build(seen.text()) || shows(seen.text()) {
            continue;
        }
        let how = if hidden { "without a window" } else { "detached and with its output thrown away" };
        let note = format!("A process is started {how}: {}.", short(seen.text(), 80));
        // `windowsHide` only spares users of Windows a flashing window, and much of honest Node code sets it.
        let courteous = seen.source.language == Language::JavaScript && !quiet;
        let confidence = match seen.phase() {
            // At run time not even that is said: it would be said of every second program of Node.
            Phase::Import | Phase::Runtime if courteous && !reaches_for(seen.text()) => continue,
            _ if courteous && !reaches_for(seen.text()) => Confidence::Low,
            Phase::Install | Phase::Startup => Confidence::High,
            // A hidden PowerShell at import has no honest reason at all.
            Phase::Import if seen.text().to_ascii_lowercase().contains("powershell") => Confidence::High,
            Phase::Import | Phase::Build => Confidence::Medium,
            Phase::Runtime => Confidence::Low,
        };
        sink.report(Report::indicator(confidence, note).seen(seen));
    }
}

/// Whether PowerShell is started with more than a question about the machine.
fn reaches_for(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let words = ["{}", " -e ", " -enc", " -ec ", "http", "iex", "invoke-", "download", "frombase64", "start-process", "webclient", ".ps1"];
    (line.contains("powershell") || line.contains("pwsh")) && words.iter().any(|word| line.contains(word))
}

/// Whether a command opens something before the user's eyes, whatever becomes of its output.
fn shows(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("xdg-open" | "gnome-open" | "wslview"))
}
