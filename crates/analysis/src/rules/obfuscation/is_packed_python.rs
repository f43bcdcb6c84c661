//! Python that a packer or obfuscator wrote.

use model::Confidence;
use syntax::{Language, surface::MarkKind};

use super::marked;
use crate::{
    rules::{Report, Sink, query::short},
    subject::Subject,
};

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for source in subject.sources.iter().filter(|source| !source.is_aside && source.language == Language::Python) {
        let Some(mark) = source.marks.iter().find(|mark| mark.kind == MarkKind::ObfuscatorPy) else { continue };
        // Tools that write protected code hold its words in their templates; protected code loads its runtime, or is a blob.
        let protected = source.seen.imports.iter().any(|import| {
            ["pyarmor_runtime", "pytransform", "__pyarmor"].iter().any(|own| import.module.contains(own))
        });
        if mark.detail.contains("PyArmor") && marked::blob(source).is_none() && !(protected && source.text.contains("__pyarmor__(")) {
            continue;
        }
        let place = marked::place(source, mark);
        // Firms protect their programs with PyArmor; the others are only seen in malware.
        let sure = if mark.detail.contains("PyArmor") && source.phase >= model::Phase::Import {
            Confidence::Medium
        } else {
            Confidence::High
        };
        let note = format!("The code was made unreadable by a packer: {}.", short(&mark.detail, 120));
        sink.report(Report::indicator(sure, note).phase(source.phase).at(place));
    }
}
