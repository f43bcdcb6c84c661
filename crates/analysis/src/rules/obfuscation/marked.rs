//! Marks on the surface of a text, as places for findings.

use model::{Phase, Place};
use syntax::surface::{Mark, MarkKind};

use crate::{source::Source, subject::Subject};

/// A literal is at least so long, and at least this share of its file, to be what the file is for.
const LONG: usize = 400;
const SHARE: f64 = 0.3;

/// Every mark of a kind, outside of tests and examples.
pub(super) fn marks(subject: &Subject, kind: MarkKind) -> impl Iterator<Item = (&Source, &Mark)> {
    let sources = subject.sources.iter().filter(|source| !source.is_aside && !is_vendored_data(&source.path));
    sources.flat_map(move |source| {
        source.marks.iter().filter(move |mark| mark.kind == kind).map(move |mark| (source, mark))
    })
}

/// Tables of languages and of characters, in which odd characters are at home.
fn is_vendored_data(path: &str) -> bool {
    path.split(['/', '!']).any(|part| {
        matches!(
            part.to_ascii_lowercase().as_str(),
            "locale" | "locales" | "i18n" | "lang" | "langs" | "translations" | "cldr" | "unicode" | "emoji"
        )
    })
}

/// The place of a mark in its file.
pub(super) fn place(source: &Source, mark: &Mark) -> Place {
    let before = &source.text.as_bytes()[..(mark.offset as usize).min(source.text.len())];
    let start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let line = memchr::memchr_iter(b'\n', before).count() as u32 + 1;
    let column = String::from_utf8_lossy(&before[start..]).chars().count() as u32 + 1;
    Place { path: source.path.clone(), line, column, layer: None }
}

/// When the text at a mark runs at the earliest: the earliest phase of what stands on its line, else that of its file.
pub(super) fn phase(source: &Source, place: &Place) -> Phase {
    let on_line = source.seen.behaviours.iter().filter(|one| one.place.layer.is_none() && one.place.line == place.line);
    on_line.map(|one| one.phase).min().unwrap_or(source.phase)
}

/// The largest literal that nobody can read, when such literals are a large part of the file.
pub(super) fn blob(source: &Source) -> Option<&Mark> {
    let blobs = || source.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Blob | MarkKind::EscapeRun));
    let all: usize = blobs().map(|mark| mark.length as usize).sum();
    let largest = blobs().max_by_key(|mark| mark.length)?;
    (largest.length as usize >= LONG && all as f64 >= SHARE * source.text.len() as f64).then_some(largest)
}

/// Whether the file is the work of a bundler or was copied from elsewhere.
pub(super) fn is_built(path: &str) -> bool {
    path.ends_with(".min.js")
        || path.split(['/', '!']).any(|part| {
            matches!(
                part,
                "vendor"
                    | "vendors"
                    | "third_party"
                    | "thirdparty"
                    | "static"
                    | "assets"
                    | "public"
                    | "node_modules"
                    | "extern"
                    | "www"
            )
        })
}
