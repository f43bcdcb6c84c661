//! Makes an index.

use std::collections::BTreeMap;

use model::{Digest, Shape};
use rustc_hash::FxHashMap;

use super::{
    FEWEST,
    index::digest_of,
    layout::{Counts, DIGEST, HEADER, MAGIC, MOST_BITS, VERSION, bucket},
};

/// A piece of code is told by so many of its shingles; of a larger one the smallest are kept, which are a fair sample.
const MOST_OF_A_UNIT: usize = 1024;

/// Gathers known samples and honest packages. The order in which they come does not matter.
#[derive(Debug, Default)]
pub struct Builder {
    samples: BTreeMap<Digest, Known>,
    /// For each shingle of a sample, how many honest packages have it.
    honest: FxHashMap<u64, u32>,
}

#[derive(Debug)]
struct Known {
    label: String,
    name: String,
    pieces: Vec<Shape>,
}

/// More was given than an index can hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("an index cannot hold so much: it counts in numbers of 32 bits")]
pub struct TooLarge;

impl Builder {
    /// Adds a known sample. What does nothing counts only when nothing of the sample does anything.
    pub fn add_known(&mut self, label: &str, name: &str, sha256: Digest, shapes: Vec<Shape>) {
        let acts = shapes.iter().any(|shape| shape.acts);
        let pieces: Vec<Shape> =
            shapes.into_iter().filter(|shape| shape.phase.is_automatic() && (shape.acts || !acts)).collect();
        for &shingle in pieces.iter().flat_map(|piece| &piece.shingles) {
            self.honest.entry(shingle).or_default();
        }
        let known = Known { label: label.to_owned(), name: name.to_owned(), pieces };
        // The same bytes may come under several names: the first in the order of names stays.
        let old = self.samples.remove(&sha256);
        let first = old
            .into_iter()
            .chain([known])
            .min_by(|left, right| (&left.label, &left.name).cmp(&(&right.label, &right.name)));
        self.samples.extend(first.map(|first| (sha256, first)));
    }

    /// Adds an honest package: what it has is no sign of malware. All known samples must be there before.
    pub fn add_honest(&mut self, shapes: &[Shape]) {
        let mut shingles: Vec<u64> = shapes.iter().flat_map(|shape| &shape.shingles).copied().collect();
        shingles.sort_unstable();
        shingles.dedup();
        for shingle in shingles {
            if let Some(count) = self.honest.get_mut(&shingle) {
                *count += 1;
            }
        }
    }

    /// Writes the index. The same samples make the same bytes.
    ///
    /// # Errors
    /// When there is more than fits.
    pub fn finish(&self) -> Result<Vec<u8>, TooLarge> {
        let mut texts = Texts::default();
        let mut samples = Vec::new();
        let mut units: BTreeMap<Vec<u64>, Vec<[u32; 4]>> = BTreeMap::new();
        for (number, (sha256, known)) in self.samples.iter().enumerate() {
            samples.extend_from_slice(&sha256.0);
            extend(&mut samples, &texts.add(&known.label)?);
            extend(&mut samples, &texts.add(&known.name)?);
            for piece in &known.pieces {
                let shingles = self.distinctive(&piece.shingles);
                if shingles.len() >= FEWEST {
                    let [path, length] = texts.add(&piece.place.path)?;
                    let owner = [number as u32, piece.place.line, path, length];
                    units.entry(shingles).or_default().push(owner);
                }
            }
        }
        let mut postings: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        for (unit, shingles) in units.keys().enumerate() {
            shingles.iter().for_each(|shingle| postings.entry(*shingle).or_default().push(unit as u32));
        }
        let count = |number: usize| u32::try_from(number).map_err(|_| TooLarge);
        let counts = Counts {
            bits: (postings.len() / 4).max(1).ilog2().min(MOST_BITS),
            samples: count(self.samples.len())?,
            units: count(units.len())?,
            owners: count(units.values().map(Vec::len).sum())?,
            keys: count(postings.len())?,
            postings: count(postings.values().map(Vec::len).sum())?,
            texts: count(texts.all.len())?,
        };
        write(&counts, &postings, &units, &samples, &texts.all).ok_or(TooLarge)
    }

    fn distinctive(&self, shingles: &[u64]) -> Vec<u64> {
        let is_honest = |shingle: &u64| self.honest.get(shingle).is_some_and(|count| *count > 0);
        shingles.iter().filter(|shingle| !is_honest(shingle)).copied().take(MOST_OF_A_UNIT).collect()
    }
}

/// The texts of an index, each once.
#[derive(Default)]
struct Texts {
    all: String,
    known: FxHashMap<String, [u32; 2]>,
}

impl Texts {
    /// The offset and length of a text.
    fn add(&mut self, text: &str) -> Result<[u32; 2], TooLarge> {
        if let Some(place) = self.known.get(text) {
            return Ok(*place);
        }
        let number = |number: usize| u32::try_from(number).map_err(|_| TooLarge);
        let place = [number(self.all.len())?, number(text.len())?];
        self.all.push_str(text);
        self.known.insert(text.to_owned(), place);
        Ok(place)
    }
}

fn write(
    counts: &Counts,
    postings: &BTreeMap<u64, Vec<u32>>,
    units: &BTreeMap<Vec<u64>, Vec<[u32; 4]>>,
    samples: &[u8],
    texts: &str,
) -> Option<Vec<u8>> {
    let length = counts.layout()?.texts.end;
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(&MAGIC);
    extend(&mut out, &[VERSION, syntax::shape::VERSION]);
    out.extend_from_slice(&(length as u64).to_le_bytes());
    extend(&mut out, &counts.to_array());
    out.resize(HEADER, 0);
    let mut keys = postings.keys().map(|key| bucket(*key, counts.bits)).peekable();
    let mut before = 0;
    for at in 0..=1 << counts.bits {
        while keys.next_if(|bucket| *bucket < at).is_some() {
            before += 1;
        }
        extend(&mut out, &[before]);
    }
    let mut start = 0;
    extend(&mut out, &[0]);
    for list in postings.values() {
        start += list.len() as u32;
        extend(&mut out, &[start]);
    }
    postings.values().for_each(|list| extend(&mut out, list));
    let mut first = 0;
    for (shingles, owners) in units {
        extend(&mut out, &[first, owners.len() as u32, shingles.len() as u32, 0]);
        first += owners.len() as u32;
    }
    units.values().flatten().for_each(|owner| extend(&mut out, owner));
    out.extend_from_slice(samples);
    postings.keys().for_each(|key| out.extend_from_slice(&key.to_le_bytes()));
    out.extend_from_slice(texts.as_bytes());
    let digest = digest_of(&out);
    out[DIGEST].copy_from_slice(&digest.0);
    Some(out)
}

fn extend(out: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}
