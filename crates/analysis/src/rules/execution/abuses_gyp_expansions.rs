//! `binding.gyp` runs commands while it is read, though there is nothing native to build.

use model::{Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

/// Commands that native packages put there.
const KNOWN: &[&str] = &["node -p", "node -e \"require('nan", "node -e \"require(\\\"nan", "pkg-config", "node-addon-api", "node -e \\\"require('nan", "uname", "xcrun", "sw_vers", "python"];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let Some(file) = subject.file("binding.gyp") else { return };
    let native = subject.tree.files.iter().any(|file| {
        [".c", ".cc", ".cpp", ".cxx", ".m", ".mm", ".rs"].iter().any(|end| file.path.ends_with(end))
    });
    let text = file.bytes.text();
    for (number, line) in text.lines().enumerate() {
        let Some((_, command)) = line.split_once("<!(").or_else(|| line.split_once("<!@(")) else { continue };
        if KNOWN.iter().any(|known| command.contains(known)) {
            continue;
        }
        let place = Place { path: file.path.clone(), line: number as u32 + 1, column: 1, layer: None };
        let note = format!("Reading binding.gyp at installation runs a command: {}.", short(command, 80));
        let confidence = if native { Confidence::Low } else { Confidence::High };
        sink.report(Report::indicator(confidence, note).phase(Phase::Install).at(place));
    }
}
