//! From shapes and an index to a finding.

use model::{Analysis, Confidence, Digest, Finding, Group, Kind, Shape};

use super::{ENOUGH, Index, NEAR, SAME};
use crate::judge;

/// The rule under which a resemblance is reported. Its check sees no index: this is where it is stated.
pub(crate) const RULE: &str = "resembles-known-malware";

/// A piece of a package that resembles a known sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Resemblance {
    /// Which of the shapes.
    pub shape: usize,
    /// What the sample is called.
    pub label: String,
    /// The name of its file.
    pub name: String,
    /// The digest of its bytes.
    pub sha256: Digest,
    /// The path inside of it.
    pub path: String,
    /// The share of its distinctive code that is here.
    pub share: f64,
    /// How many of its distinctive shingles are here.
    pub shared: u32,
    /// How many it has.
    pub size: u32,
}

/// Everything in the shapes that resembles a known sample, each sample once, the nearest first.
pub fn resemblances<B: AsRef<[u8]>>(index: &Index<B>, shapes: &[Shape]) -> Vec<Resemblance> {
    let mut found: Vec<Resemblance> = Vec::new();
    for (at, shape) in shapes.iter().enumerate().filter(|(_, shape)| shape.phase.is_automatic()) {
        for near in index.find(&shape.shingles).into_iter().take_while(|near| near.share() >= NEAR) {
            found.extend(index.owners(near.unit).map(|owner| Resemblance {
                shape: at,
                label: owner.sample.label.to_owned(),
                name: owner.sample.name.to_owned(),
                sha256: owner.sample.sha256,
                path: owner.path.to_owned(),
                share: near.share(),
                shared: near.shared,
                size: near.size,
            }));
        }
    }
    found.sort_by(|left, right| {
        right.share.total_cmp(&left.share).then(right.size.cmp(&left.size)).then(left.sha256.0.cmp(&right.sha256.0))
    });
    let mut seen = rustc_hash::FxHashSet::default();
    found.retain(|one| seen.insert(one.sha256));
    found
}

/// Compares an analysis with the index, states what it resembles, and judges again. The shapes are taken out of it.
pub fn compare<B: AsRef<[u8]>>(index: &Index<B>, analysis: &mut Analysis) {
    let shapes = std::mem::take(&mut analysis.shapes);
    let found = resemblances(index, &shapes);
    let Some(nearest) = found.iter().max_by(|left, right| rank(left).cmp(&rank(right))) else { return };
    let Some(shape) = shapes.get(nearest.shape) else { return };
    judge::add(&mut analysis.verdict, finding(nearest, found.len(), shape));
}

/// A proof before an indicator, then the larger share.
fn rank(one: &Resemblance) -> (bool, u64, u32) {
    (is_same(one), (u64::from(one.shared) << 32) / u64::from(one.size.max(1)), one.size)
}

fn is_same(one: &Resemblance) -> bool {
    one.share >= SAME && one.size >= ENOUGH
}

fn finding(nearest: &Resemblance, samples: usize, shape: &Shape) -> Finding {
    let Resemblance { label, name, sha256, path, shared, size, .. } = nearest;
    // Down, so that it never reads as more than it is.
    let percent = u64::from(*shared) * 100 / u64::from((*size).max(1));
    let others = if samples > 1 { format!("; {} more known samples are near", samples - 1) } else { String::new() };
    Finding {
        rule: RULE.into(),
        kind: if is_same(nearest) { Kind::Proof } else { Kind::Indicator },
        confidence: Confidence::High,
        group: Group::Archive,
        phase: shape.phase,
        note: format!(
            "It has {percent} % of the distinctive code ({shared} of {size} pieces) of the known sample \"{label}\" ({path} in \
             {name}, sha256 {}){others}.",
            &sha256.to_string()[..16],
        ),
        places: vec![shape.place.clone()],
        steps: Vec::new(),
        excerpt: None,
        decoded: None,
        excepted: shape.excepted.clone(),
    }
}
