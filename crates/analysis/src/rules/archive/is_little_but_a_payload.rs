//! What another rule is sure of is most of the package: nobody needs the rest.
//!
//! It asks the findings of the rules before it, so it stands last in the catalogue.

use model::{Confidence, Finding, Kind, Phase};
use syntax::Language;

use crate::{
    rules::{Report, Sink},
    source::Source,
    subject::Subject,
};

/// A package of at most so many lines of code is a handful of functions: what one of them does is what it is for.
const HANDFUL: usize = 150;
/// And of so many it is one function.
const ONE_FUNCTION: usize = 40;
/// Above this nothing is little.
const MOST: usize = 400;
/// The code of one line can be a whole program.
const MOST_BYTES: usize = 96 << 10;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    let own: Vec<&Source> = subject.sources.iter().filter(|source| !source.is_aside).collect();
    if subject.sources.iter().any(is_test) {
        return;
    }
    let (lines, bytes) = own.iter().fold((0, 0), |(lines, bytes), source| {
        let (more_lines, more_bytes) = code_of(source);
        (lines + more_lines, bytes + more_bytes)
    });
    if lines > MOST || bytes > MOST_BYTES {
        return;
    }
    let Some(heaviest) = sink.findings.iter().filter(|finding| is_payload(finding, &own)).max_by_key(|finding| weight(finding))
    else {
        return;
    };
    let confidence = match (weight(heaviest) >= SURE, lines) {
        (true, ..=HANDFUL) | (false, ..=ONE_FUNCTION) => Confidence::High,
        (true, _) | (false, ..=HANDFUL) => Confidence::Medium,
        (false, _) => return,
    };
    let note = format!(
        "The package holds {lines} lines of code and no test, and they do this: {}",
        heaviest.note
    );
    let place = heaviest.places[0].clone();
    // It says nothing of when the code runs: the other rule did.
    sink.report(Report::indicator(confidence, note).phase(Phase::Runtime).at(place));
}

/// The weight of a finding that another rule is sure of.
const SURE: u8 = 2;

fn weight(finding: &Finding) -> u8 {
    match (finding.kind, finding.confidence) {
        (Kind::Proof, _) => 3,
        (Kind::Indicator, Confidence::High) => SURE,
        (Kind::Indicator, Confidence::Medium) => 1,
        _ => 0,
    }
}

/// Whether a finding is about something that the package's own code does.
fn is_payload(finding: &Finding, own: &[&Source]) -> bool {
    let Some(place) = finding.places.first() else { return false };
    weight(finding) > 0 && finding.excepted.is_none() && own.iter().any(|source| source.path == place.path)
}

/// Tests that somebody wrote: an example or a document is quickly made, and says nothing.
fn is_test(source: &Source) -> bool {
    source.is_aside
        && matches!(source.language, Language::Python | Language::JavaScript | Language::Ruby | Language::Rust)
        && code_of(source).0 > 5
}

/// The lines and bytes that are code: neither empty nor a comment.
fn code_of(source: &Source) -> (usize, usize) {
    let is_code = |line: &&str| !line.is_empty() && !["#", "//", "*", "/*"].iter().any(|start| line.starts_with(start));
    source.text.lines().map(str::trim).filter(is_code).fold((0, 0), |(lines, bytes), line| (lines + 1, bytes + line.len()))
}
