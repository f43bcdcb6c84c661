//! Readers disagree on what is in the archive.

use artifact::Oddity;
use model::{Confidence, Phase, Place, Problem};

use super::outer;
use crate::{
    rules::{Report, Sink},
    subject::Subject,
};

/// What no packing tool writes: two readers see different files, or bytes that no reader shows.
const LIES: &[Oddity] = &[
    Oddity::BidiInName,
    Oddity::EntriesAfterEnd,
    Oddity::ExtraEndRecord,
    Oddity::FalseEncryption,
    Oddity::GlobalOverride,
    Oddity::LocalMethodMismatch,
    Oddity::LocalNameMismatch,
    Oddity::NameConfusion,
    Oddity::NulInName,
    Oddity::OverlappingEntries,
    Oddity::Polyglot,
    Oddity::SizeConfusion,
    Oddity::UnicodeCollision,
    Oddity::UnlistedEntry,
    Oddity::WritesThroughLink,
    Oddity::Zip64Confusion,
];
/// What careless tools write now and then.
const QUIRKS: &[Oddity] = &[
    Oddity::DataOnNonFile,
    Oddity::DuplicateEntry,
    Oddity::ExtraGzipMember,
    Oddity::FileAsDirectory,
    Oddity::HiddenData,
    Oddity::LocalSizeMismatch,
    Oddity::UnexpectedGemEntry,
];

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let odd = |list: &[Oddity]| -> Vec<&Problem> {
        outer(subject)
            .filter(|problem| Oddity::from_code(&problem.code).is_some_and(|own| list.contains(&own)))
            .collect()
    };
    let (lies, quirks) = (odd(LIES), odd(QUIRKS));
    let mut codes: Vec<&str> = lies.iter().chain(&quirks).map(|problem| problem.code.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let Some(first) = lies.first().or(quirks.first()) else { return };
    let sure = if !lies.is_empty() { Confidence::High } else { Confidence::Low };
    let note = format!(
        "Unpackers disagree on what this archive holds ({}): {}.",
        codes.join(", "),
        first.detail.trim_end_matches('.')
    );
    let mut report = Report::indicator(sure, note).phase(Phase::Install);
    for problem in lies.iter().chain(&quirks).take(8) {
        report = report.at(Place { path: problem.path.clone(), line: 1, column: 1, layer: None });
    }
    sink.report(report);
}
