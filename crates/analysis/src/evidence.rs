//! Completes findings for people: the lines around the place, and what hidden code says.

use model::{Finding, Place};

use crate::{source::Source, subject::Subject};

/// Longer decoded texts are cut; the report says so.
const LONGEST_DECODED: usize = 8 * 1024;

/// Orders the findings by weight and adds excerpts and decoded texts.
pub fn complete(subject: &Subject, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        let Some(place) = finding.places.first().cloned() else { continue };
        let Some(source) = source_of(subject, &place) else { continue };
        let text = source.layer_of(&place).map_or(source.text.as_str(), |layer| layer.text.as_str());
        finding.excerpt = Some(syntax::text::excerpt(text, place.line, place.column, 2));
        if finding.decoded.is_none() {
            finding.decoded = decoded(source, &place);
        }
        if let Some(text) = &mut finding.decoded {
            shorten(text);
        }
    }
    findings.sort_by(|left, right| {
        (right.kind, right.confidence, left.phase, &left.rule, &left.places).cmp(&(
            left.kind,
            left.confidence,
            right.phase,
            &right.rule,
            &right.places,
        ))
    });
    findings.dedup_by(|later, earlier| {
        later.rule == earlier.rule && later.places == earlier.places && later.note == earlier.note
    });
    findings
}

/// The source in which a place lies. Scripts of a manifest share its path; the first that has the layer is meant.
fn source_of<'s>(subject: &'s Subject, place: &Place) -> Option<&'s Source> {
    let mut with_path = subject.sources.iter().filter(|source| source.path == place.path);
    match place.layer {
        None => with_path.next(),
        Some(layer) => with_path.find(|source| source.seen.layers.len() > layer as usize),
    }
}

/// The hidden text at a place: the layer in which the place lies, or the layer that is opened there.
fn decoded(source: &Source, place: &Place) -> Option<String> {
    let hidden = |how: &[String]| how.len() > 1 || how.first().is_some_and(|how| how != "shell");
    if let Some(layer) = source.layer_of(place) {
        return hidden(&layer.how).then(|| layer.text.clone());
    }
    source.layers_at(place).find(|layer| hidden(&layer.how)).map(|layer| layer.text.clone())
}

fn shorten(text: &mut String) {
    if text.len() > LONGEST_DECODED {
        let mut end = LONGEST_DECODED;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
}
