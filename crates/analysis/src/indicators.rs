//! Indicators of compromise: out of the code that findings speak of, and of nothing else.
//!
//! A licence's address or the homepage in a manifest is no indicator. Taken is what behaviours, flows and folded texts name
//! at the places of the findings, in the decoded layers that they touch, and, where the file is small, in the rest of it.

mod wallet;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use model::{Action, Behaviour, Digest, Finding, Indicator, IndicatorKind, IndicatorRole, Kind, Place};
use sha2::Digest as _;

use crate::{source::Source, subject::Subject};

/// More of a kind tell nothing more.
const MOST_OF_A_KIND: usize = 64;
/// A text of this size is one piece of work: all of it belongs to what was found in it.
const SMALL: usize = 24 << 10;

/// The indicators of a package, each once, in the order of kinds, roles and values.
pub fn list(subject: &Subject, findings: &[Finding]) -> Vec<Indicator> {
    let findings: Vec<&Finding> =
        findings.iter().filter(|one| one.kind != Kind::Capability && one.excepted.is_none()).collect();
    let mut found = Found::default();
    for source in subject.sources.iter().filter(|source| !source.is_aside) {
        let places: Vec<&Place> =
            findings.iter().flat_map(|one| places(one)).filter(|one| one.path == source.path).collect();
        if !places.is_empty() {
            Concern::of(source, &places).tell(&mut found);
        }
    }
    let paths: BTreeSet<&str> = findings.iter().filter_map(|one| Some(one.places.first()?.path.as_str())).collect();
    for file in subject.tree.files.iter().filter(|file| paths.contains(file.path.as_str())) {
        let place = Place { path: file.path.clone(), line: 0, column: 0, layer: None };
        found.add(IndicatorKind::Sha256, sha256(&file.bytes), IndicatorRole::Holds, &place);
    }
    found.bounded()
}

fn places(finding: &Finding) -> impl Iterator<Item = &Place> {
    finding.places.iter().chain(finding.steps.iter().map(|step| &step.place))
}

fn sha256(bytes: &[u8]) -> String {
    Digest(sha2::Sha256::digest(bytes).into()).to_string()
}

/// The part of a source that findings speak of.
struct Concern<'s> {
    source: &'s Source,
    /// The layers that are wholly concerned, and `None` for the file itself when it is small.
    whole: BTreeSet<Option<u32>>,
    /// The behaviours at the places, and those that data joins with them.
    behaviours: BTreeSet<u32>,
    /// The lines of the places.
    lines: BTreeSet<(Option<u32>, u32)>,
}

impl<'s> Concern<'s> {
    fn of(source: &'s Source, places: &[&Place]) -> Self {
        let lines: BTreeSet<(Option<u32>, u32)> = places.iter().map(|place| (place.layer, place.line)).collect();
        let mut whole: BTreeSet<Option<u32>> = places.iter().map(|place| place.layer).filter(Option::is_some).collect();
        if source.text.len() <= SMALL && !source.path.ends_with("package.json") {
            whole.insert(None);
        }
        // A layer that opens where a finding stands, or in such a layer, is concerned as well.
        for (number, layer) in source.seen.layers.iter().enumerate() {
            let at = (layer.place.layer, layer.place.line);
            if whole.contains(&layer.place.layer) || lines.contains(&at) {
                whole.insert(Some(number as u32));
            }
        }
        let at_place = |one: &Behaviour| lines.contains(&(one.place.layer, one.place.line));
        let mut behaviours: BTreeSet<u32> = BTreeSet::new();
        for (id, _) in source.seen.behaviours.iter().enumerate().filter(|(_, one)| at_place(one)) {
            behaviours.insert(id as u32);
            behaviours.extend(source.origins(id as u32).into_iter().map(|(from, _)| from));
        }
        Self { source, whole, behaviours, lines }
    }

    fn tell(&self, found: &mut Found) {
        for (id, one) in self.source.seen.behaviours.iter().enumerate() {
            if self.whole.contains(&one.place.layer) || self.behaviours.contains(&(id as u32)) {
                behaviour(one, found);
            }
        }
        for literal in &self.source.seen.literals {
            let layer = literal.place.layer;
            if !(self.whole.contains(&layer) || self.lines.contains(&(layer, literal.place.line))) {
                continue;
            }
            // An address in a plain text may be a homepage; one that was hidden, decoded or put together is not.
            let hidden = layer.is_some() || literal.folded;
            for (kind, value) in words::in_text(&literal.text, hidden) {
                found.add(kind, value, IndicatorRole::Named, &literal.place);
            }
        }
        for layer in self.whole.iter().flatten() {
            let Some(layer) = self.source.seen.layers.get(*layer as usize) else { continue };
            // What a shell or `eval` is handed as it stands in the file is no hidden text.
            if layer.how.iter().any(|how| !matches!(how.as_str(), "eval" | "shell" | "file" | "stdin" | "data-url")) {
                found.add(IndicatorKind::Sha256, sha256(layer.text.as_bytes()), IndicatorRole::Decoded, &layer.place);
            }
        }
    }
}

/// What a behaviour names.
fn behaviour(one: &Behaviour, found: &mut Found) {
    let text = one.object.text.as_str();
    let address = match one.action {
        Action::NetSend => Some(IndicatorRole::SentTo),
        Action::NetFetch => Some(IndicatorRole::FetchedFrom),
        Action::NetConnect => Some(IndicatorRole::ConnectedTo),
        Action::NetResolve => Some(IndicatorRole::LookedUp),
        _ => None,
    };
    if let Some(role) = address {
        words::of_address(text).into_iter().for_each(|(kind, value)| found.add(kind, value, role, &one.place));
        return;
    }
    if matches!(one.action, Action::ProcExec | Action::CodeEval) {
        for (kind, value) in words::in_text(text, true) {
            found.add(kind, value, IndicatorRole::Started, &one.place);
        }
        return;
    }
    let path = match one.action {
        Action::FileWrite | Action::FileChmod => Some(IndicatorRole::Written),
        Action::FileDelete => Some(IndicatorRole::Deleted),
        Action::FileRead | Action::FileList => Some(IndicatorRole::Read),
        _ => None,
    };
    if let (Some(role), Some(path)) = (path, words::of_path(text)) {
        found.add(IndicatorKind::Path, path, role, &one.place);
    }
}

/// Indicators by what they name; of several places and roles the weightiest stays.
#[derive(Default)]
struct Found(BTreeMap<(IndicatorKind, String), (IndicatorRole, Place)>);

impl Found {
    fn add(&mut self, kind: IndicatorKind, value: String, role: IndicatorRole, place: &Place) {
        let new = (role, place.clone());
        self.0.entry((kind, value)).and_modify(|old| *old = old.clone().min(new.clone())).or_insert(new);
    }

    fn bounded(self) -> Vec<Indicator> {
        let indicators =
            self.0.into_iter().map(|((kind, value), (role, place))| Indicator { kind, role, value, place });
        let mut list: Vec<Indicator> = indicators.collect();
        list.sort();
        let mut counts: BTreeMap<IndicatorKind, usize> = BTreeMap::new();
        list.retain(|one| {
            let count = counts.entry(one.kind).or_default();
            *count += 1;
            *count <= MOST_OF_A_KIND
        });
        list
    }
}
