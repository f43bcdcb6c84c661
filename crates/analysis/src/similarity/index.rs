//! An index of known samples, read where it lies.

use model::Digest;
use rustc_hash::FxHashMap;
use sha2::Digest as _;

use super::layout::{Counts, DIGEST, HEADER, Layout, MAGIC, OWNER, SAMPLE, UNIT, VERSION, bucket};

/// An index over bytes that somebody else holds: a mapped file, or a buffer.
#[derive(Debug)]
pub struct Index<B> {
    bytes: B,
    counts: Counts,
    layout: Layout,
    digest: Digest,
}

/// Why bytes are no index that can be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    /// Something else altogether.
    #[error("it is no index of Lazaret")]
    Foreign,
    /// Made for another Lazaret.
    #[error("it was built for another version of Lazaret; build it again with this one (`lazaret index build`)")]
    Version,
    /// Cut off, or longer than it says.
    #[error("it is damaged: it has {has} bytes and should have {should}")]
    Length {
        /// Bytes that are there.
        has: usize,
        /// Bytes that its header promises.
        should: u64,
    },
    /// The counts of its header fit no file.
    #[error("it is damaged: its header makes no sense")]
    Header,
    /// Its content is not what was written.
    #[error("it is damaged: its content does not fit its digest")]
    Content,
}

/// A sample that an index knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample<'i> {
    /// What it is called: a family, campaign or advisory.
    pub label: &'i str,
    /// The name of its file.
    pub name: &'i str,
    /// The digest of its bytes.
    pub sha256: Digest,
}

/// Where a piece of code stands in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner<'i> {
    /// The sample.
    pub sample: Sample<'i>,
    /// The number of the sample.
    pub number: u32,
    /// The path inside of it.
    pub path: &'i str,
    /// The line at which the piece starts.
    pub line: u32,
}

/// A piece of known code of which a shape has a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// The number of the piece in the index.
    pub unit: u32,
    /// How many of its distinctive shingles the shape has.
    pub shared: u32,
    /// How many it has in all.
    pub size: u32,
}

impl Match {
    /// The share of the known code that is here, from 0 to 1.
    pub fn share(&self) -> f64 {
        f64::from(self.shared) / f64::from(self.size.max(1))
    }
}

impl<B: AsRef<[u8]>> Index<B> {
    /// Looks at the header, and at nothing else.
    ///
    /// # Errors
    /// When the bytes are no index, are cut off, or were built for another version.
    pub fn open(bytes: B) -> Result<Self, Unusable> {
        let all = bytes.as_ref();
        if all.get(..8) != Some(&MAGIC) {
            return Err(Unusable::Foreign);
        }
        let length = || Unusable::Length { has: all.len(), should: HEADER as u64 };
        let header = all.get(..HEADER).ok_or_else(length)?;
        let number = |at| number(header, at).unwrap_or(u32::MAX);
        if number(8) != VERSION || number(12) != syntax::shape::VERSION {
            return Err(Unusable::Version);
        }
        let should = u64::from(number(16)) | u64::from(number(20)) << 32;
        if should != all.len() as u64 {
            return Err(Unusable::Length { has: all.len(), should });
        }
        let counts = Counts::from_array(std::array::from_fn(|at| number(24 + 4 * at)));
        let layout = counts.layout().filter(|layout| layout.texts.end == all.len()).ok_or(Unusable::Header)?;
        let mut digest = [0; 32];
        digest.copy_from_slice(&header[DIGEST]);
        Ok(Self { counts, layout, digest: Digest(digest), bytes })
    }

    /// Reads all of it and compares it with its digest. Looking up is safe without: a wrong index gives wrong answers only.
    ///
    /// # Errors
    /// When it is not what was written.
    pub fn verify(&self) -> Result<(), Unusable> {
        if digest_of(self.bytes.as_ref()) == self.digest { Ok(()) } else { Err(Unusable::Content) }
    }

    /// The digest of all of it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// How many samples, pieces of code and distinctive shingles it holds.
    pub fn counts(&self) -> (u32, u32, u32) {
        (self.counts.samples, self.counts.units, self.counts.keys)
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.bytes.as_ref().len()
    }

    /// The pieces of known code of which these shingles have a part, the largest share first.
    pub fn find(&self, shingles: &[u64]) -> Vec<Match> {
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        for &shingle in shingles {
            for unit in self.units_with(shingle) {
                *shared.entry(unit).or_default() += 1;
            }
        }
        let mut matches: Vec<Match> = shared
            .into_iter()
            .filter_map(|(unit, shared)| {
                let size = self.unit(unit)?[2];
                (shared <= size).then_some(Match { unit, shared, size })
            })
            .collect();
        matches.sort_by_key(|one| {
            // a/b > c/d without rounding, by putting the share on a scale of 2^32.
            let share = (u64::from(one.shared) << 32) / u64::from(one.size.max(1));
            (std::cmp::Reverse((share, one.size)), one.unit)
        });
        matches
    }

    /// The samples that have this piece of code.
    pub fn owners(&self, unit: u32) -> impl Iterator<Item = Owner<'_>> {
        let [first, count, ..] = self.unit(unit).unwrap_or_default();
        (first..first.saturating_add(count)).map_while(|at| self.owner(at))
    }

    /// A sample by its number.
    pub fn sample(&self, number: u32) -> Option<Sample<'_>> {
        let record = self.record(&self.layout.samples, number, SAMPLE)?;
        let (sha256, [label, label_length, name, name_length]) = (record.first_chunk::<32>()?, numbers(&record[32..])?);
        let (label, name) = (self.text(label, label_length)?, self.text(name, name_length)?);
        Some(Sample { label, name, sha256: Digest(*sha256) })
    }

    /// The shingles of every piece of code, in their order.
    pub(super) fn shapes(&self) -> Vec<Vec<u64>> {
        let mut shapes = vec![Vec::new(); self.counts.units as usize];
        for at in 0..self.counts.keys as usize {
            let Some(key) = self.key(at) else { break };
            for unit in self.postings(at) {
                if let Some(shape) = shapes.get_mut(unit as usize) {
                    shape.push(key);
                }
            }
        }
        shapes
    }

    fn units_with(&self, shingle: u64) -> impl Iterator<Item = u32> {
        let bucket = bucket(shingle, self.counts.bits);
        let border = |at: usize| self.in_section(&self.layout.buckets, at).map_or(0, |one| one as usize);
        let (mut low, mut high) = (border(bucket), border(bucket + 1));
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            match self.key(middle).map(|key| key.cmp(&shingle)) {
                Some(std::cmp::Ordering::Less) => low = middle + 1,
                Some(std::cmp::Ordering::Greater) => high = middle,
                Some(std::cmp::Ordering::Equal) => {
                    found = Some(middle);
                    break;
                }
                None => break,
            }
        }
        found.into_iter().flat_map(|at| self.postings(at))
    }

    fn postings(&self, key: usize) -> impl Iterator<Item = u32> {
        let border = |at| self.in_section(&self.layout.starts, at).unwrap_or(0) as usize;
        (border(key)..border(key + 1)).map_while(|at| self.in_section(&self.layout.postings, at))
    }

    fn key(&self, at: usize) -> Option<u64> {
        let start = self.layout.keys.start.checked_add(at.checked_mul(8)?)?;
        let bytes = self.bytes.as_ref().get(start..self.layout.keys.end)?;
        bytes.first_chunk::<8>().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn in_section(&self, section: &std::ops::Range<usize>, at: usize) -> Option<u32> {
        let start = section.start.checked_add(at.checked_mul(4)?)?;
        number(self.bytes.as_ref().get(..section.end)?, start)
    }

    fn unit(&self, unit: u32) -> Option<[u32; 4]> {
        numbers(self.record(&self.layout.units, unit, UNIT)?)
    }

    fn owner(&self, at: u32) -> Option<Owner<'_>> {
        let [number, line, path, length] = numbers(self.record(&self.layout.owners, at, OWNER)?)?;
        Some(Owner { sample: self.sample(number)?, number, path: self.text(path, length)?, line })
    }

    fn record(&self, section: &std::ops::Range<usize>, at: u32, size: usize) -> Option<&[u8]> {
        let start = section.start.checked_add((at as usize).checked_mul(size)?)?;
        let record = start..start.checked_add(size)?;
        (record.end <= section.end).then(|| self.bytes.as_ref().get(record))?
    }

    fn text(&self, offset: u32, length: u32) -> Option<&str> {
        let texts = self.bytes.as_ref().get(self.layout.texts.clone())?;
        let start = offset as usize;
        std::str::from_utf8(texts.get(start..start.checked_add(length as usize)?)?).ok()
    }
}

/// The digest of an index: of everything in it but the place of the digest.
pub(super) fn digest_of(bytes: &[u8]) -> Digest {
    let mut hash = sha2::Sha256::new();
    hash.update(bytes.get(..DIGEST.start).unwrap_or_default());
    hash.update(bytes.get(DIGEST.end..).unwrap_or_default());
    Digest(hash.finalize().into())
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))
}

fn numbers(bytes: &[u8]) -> Option<[u32; 4]> {
    Some([number(bytes, 0)?, number(bytes, 4)?, number(bytes, 8)?, number(bytes, 12)?])
}
