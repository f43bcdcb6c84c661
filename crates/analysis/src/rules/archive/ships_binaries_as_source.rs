//! An archive of sources without sources: its modules are compiled, for several systems at once.

use std::collections::BTreeMap;

use model::{Confidence, Ecosystem, Phase, Place};

use crate::{
    rules::{Report, Sink},
    source::is_aside,
    subject::Subject,
};

/// What the modules of a package are compiled from.
const SOURCES: &[&str] = &[".c", ".cc", ".cpp", ".cxx", ".pyx", ".rs", ".f90", ".f", ".m", ".go", ".zig", ".h"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let is_archive_of_sources = subject.facts.ecosystem == Some(Ecosystem::Pypi)
        && (subject.file("setup.py").is_some() || subject.pyproject.is_some())
        && subject.file("PKG-INFO").is_some();
    let has_sources =
        subject.tree.files.iter().any(|file| SOURCES.iter().any(|end| file.path.ends_with(end)));
    if !is_archive_of_sources || has_sources {
        return;
    }
    let mut modules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in subject.tree.files.iter().filter(|file| !file.nested && !is_aside(&file.path)) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let Some((stem, end)) = name.split_once('.') else { continue };
        if matches!(end.rsplit('.').next(), Some("so" | "pyd" | "dylib")) {
            modules.entry(&file.path[..folder.len() + usize::from(!folder.is_empty()) + stem.len()]).or_default().push(&file.path);
        }
    }
    let Some((module, files)) = modules.iter().max_by_key(|(_, files)| files.len()) else { return };
    let several = files.iter().any(|file| file.ends_with(".pyd")) && files.iter().any(|file| !file.ends_with(".pyd"));
    let name = module.rsplit('/').next().unwrap_or(module);
    let note = format!("The archive of sources holds {} compiled modules and not what they were made of: {name}.", modules.len());
    let confidence = if several { Confidence::High } else { Confidence::Low };
    let place = Place { path: files[0].to_owned(), line: 1, column: 1, layer: None };
    sink.report(Report::indicator(confidence, note).phase(Phase::Import).at(place));
}
