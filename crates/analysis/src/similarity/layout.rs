//! Where everything stands in an index file. All numbers are little-endian.
//!
//! ```text
//! header     96 bytes: magic, version of the format, version of the shingles, length of the file, the counts below, digest
//! buckets    2^bits + 1 numbers of 4 bytes: for each start of a key, the first key with it
//! starts     keys + 1 numbers of 4 bytes: for each key, its first posting
//! postings   numbers of units, 4 bytes each
//! units      16 bytes each: first owner, number of owners, number of shingles, 0
//! owners     16 bytes each: sample, line, offset and length of the path
//! samples    48 bytes each: sha256, offset and length of the label, and of the file name
//! keys       shingles, 8 bytes each, sorted
//! texts      UTF-8
//! ```
//!
//! The places follow from the counts alone: a file can lie about no place, and each number that is read from it is checked when
//! it is used.

use std::ops::Range;

pub(super) const MAGIC: [u8; 8] = *b"LAZINDEX";
pub(super) const VERSION: u32 = 1;
pub(super) const HEADER: usize = 96;
/// The digest in the header; it covers everything else.
pub(super) const DIGEST: Range<usize> = 64..96;
pub(super) const UNIT: usize = 16;
pub(super) const OWNER: usize = 16;
pub(super) const SAMPLE: usize = 48;
pub(super) const MOST_BITS: u32 = 24;

/// How many there are of each thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub bits: u32,
    pub samples: u32,
    pub units: u32,
    pub owners: u32,
    pub keys: u32,
    pub postings: u32,
    pub texts: u32,
}

/// The places of the sections.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub buckets: Range<usize>,
    pub starts: Range<usize>,
    pub postings: Range<usize>,
    pub units: Range<usize>,
    pub owners: Range<usize>,
    pub samples: Range<usize>,
    pub keys: Range<usize>,
    pub texts: Range<usize>,
}

impl Counts {
    /// In the order in which they stand in the header, from byte 24 on.
    pub fn to_array(self) -> [u32; 7] {
        [self.bits, self.samples, self.units, self.owners, self.keys, self.postings, self.texts]
    }

    pub fn from_array([bits, samples, units, owners, keys, postings, texts]: [u32; 7]) -> Self {
        Self { bits, samples, units, owners, keys, postings, texts }
    }

    /// The places, and with them the length of the file. None when no file is that long.
    pub fn layout(&self) -> Option<Layout> {
        let mut end = HEADER;
        let mut section = |count: usize, size: usize| {
            let start = end;
            end = start.checked_add(count.checked_mul(size)?)?;
            Some(start..end)
        };
        if self.bits > MOST_BITS {
            return None;
        }
        Some(Layout {
            buckets: section((1 << self.bits) + 1, 4)?,
            starts: section((self.keys as usize).checked_add(1)?, 4)?,
            postings: section(self.postings as usize, 4)?,
            units: section(self.units as usize, UNIT)?,
            owners: section(self.owners as usize, OWNER)?,
            samples: section(self.samples as usize, SAMPLE)?,
            keys: section(self.keys as usize, 8)?,
            texts: section(self.texts as usize, 1)?,
        })
    }
}

/// The bucket of a key: its first bits.
pub(super) fn bucket(key: u64, bits: u32) -> usize {
    key.checked_shr(64 - bits).unwrap_or(0) as usize
}
