//! Names in letters of other alphabets that read, or even count, as Latin ones.

use model::{Action, Confidence, Place};
use syntax::{Language, surface::MarkKind};

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// Names that somebody may want to hide.
const TELLING: &[&str] = &[
    "__builtins__",
    "__import__",
    "b64decode",
    "child_process",
    "compile",
    "eval",
    "exec",
    "execSync",
    "getattr",
    "globals",
    "import",
    "os",
    "popen",
    "require",
    "requests",
    "socket",
    "spawn",
    "subprocess",
    "system",
    "urlopen",
];
/// So many lookalike names are no slip of a keyboard with two layouts.
const MANY: usize = 8;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for problem in subject.problems.iter().filter(|problem| problem.code == "confusable-builtin") {
        let Some(source) = subject.sources.iter().find(|source| source.path == problem.path && !source.is_aside) else {
            continue;
        };
        let line =
            problem.detail.strip_prefix("line ").and_then(|rest| rest.split(':').next()?.parse().ok()).unwrap_or(1);
        let name = problem.detail.split('"').nth(1).unwrap_or_default();
        let place = Place { path: source.path.clone(), line, column: 1, layer: None };
        let phase = marked::phase(source, &place);
        let note = format!(
            "The name {} is written in letters of another alphabet, which Python reads as the Latin ones.",
            short(name, 40)
        );
        let report = if phase.is_automatic() && TELLING.contains(&name) {
            Report::proof(note)
        } else {
            Report::indicator(Confidence::High, note)
        };
        sink.report(report.phase(phase).at(place));
    }
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let marks: Vec<_> = source.marks.iter().filter(|mark| mark.kind == MarkKind::Confusable).collect();
        let telling = marks.iter().find(|mark| mark.decoded.as_deref().is_some_and(|name| TELLING.contains(&name)));
        let Some(mark) = telling.or(marks.first().filter(|_| marks.len() >= MANY)) else { continue };
        let place = marked::place(source, mark);
        // What Python reads as another name was told above; elsewhere the name is one of its own that deceives the reader.
        let told = source.language == Language::Python
            && sink.findings.iter().any(|old| old.places.first().is_some_and(|own| own.path == place.path));
        if told && telling.is_some() {
            continue;
        }
        let acts =
            source.seen.behaviours.iter().any(|one| {
                matches!(one.action, Action::CodeEval | Action::ProcExec | Action::NetSend | Action::NetFetch)
            });
        let sure = match (telling.is_some(), acts) {
            (true, _) => Confidence::High,
            (false, true) => Confidence::Medium,
            (false, false) => Confidence::Low,
        };
        let note = format!("A name is made of letters that look like others: {}.", short(&mark.detail, 120));
        sink.report(Report::indicator(sure, note).phase(marked::phase(source, &place)).at(place));
    }
}
