//! Compiled Python that nobody can read: its source is not in the package, or it is no compiled Python at all.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink},
    source::is_aside,
    subject::Subject,
};

/// Smaller files hold nothing.
const LEAST: usize = 256;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let compiled = subject.tree.files.iter().filter(|file| file.path.ends_with(".pyc") && file.bytes.len() >= LEAST);
    for file in compiled.filter(|file| !file.nested && !file.shadowed && !is_aside(&file.path)) {
        let place = Place { path: file.path.clone(), line: 1, column: 1, layer: None };
        // Every compiled file starts with two bytes of a version and a line's end.
        if file.bytes.get(2..4) != Some(b"\r\n") {
            let note = "A file that is called compiled Python is none: it hides something else.";
            sink.report(Report::indicator(Confidence::High, note).phase(Phase::Import).at(place));
            continue;
        }
        let inner = subject.inner(&file.path);
        let Some(source) = source_of(inner) else { continue };
        if subject.file(&source).is_some() || subject.file(&format!("{source}x")).is_some() {
            continue;
        }
        let name = inner.rsplit('/').next().unwrap_or(inner);
        let starts = subject.sources.iter().find(|source| !source.is_aside && source.text.contains(name));
        let (confidence, phase, note) = match starts {
            Some(source) => (
                Confidence::Medium,
                source.phase,
                format!("The code names a compiled file whose source is not in the package: {name}."),
            ),
            None => (Confidence::Low, Phase::Runtime, format!("The source of a compiled file is not in the package: {name}.")),
        };
        sink.report(Report::indicator(confidence, note).phase(phase).at(place));
    }
}

/// The path of the source of a compiled file: `a/__pycache__/b.cpython-312.pyc` comes from `a/b.py`.
fn source_of(compiled: &str) -> Option<String> {
    let (folder, name) = compiled.rsplit_once('/').unwrap_or(("", compiled));
    let stem = name.strip_suffix(".pyc")?.split('.').next()?;
    let folder = folder.strip_suffix("__pycache__").map_or(folder, |outer| outer.trim_end_matches('/'));
    Some(if folder.is_empty() { format!("{stem}.py") } else { format!("{folder}/{stem}.py") })
}
