//! The header of a file, and where its sections lie.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use super::{
    Edition, Unusable,
    bytes::{u32_at, u64_at},
};

const MAGIC: [u8; 8] = *b"LZRTSNAP";
const VERSION: u32 = 1;
/// The bytes of the header.
pub(super) const HEADER: usize = 160;
const DIGEST: Range<usize> = 112..144;
/// So many packages share their first letters.
pub(super) const BLOCK: u32 = 16;
/// A slot in which nothing lies.
pub(super) const EMPTY: u32 = u32::MAX;
/// More slots than these are never looked at for one key; a writer that would need more takes another seed.
pub(super) const LONGEST_PROBE: u32 = 1024;
/// The bytes of one row of the table of circumstances.
pub(super) const KIND: usize = 24;

/// What a file is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Verdicts = 1,
    Vulnerabilities = 2,
}

/// What the header says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Header {
    pub content: u32,
    pub edition: Edition,
    pub seed: u64,
    pub records: u64,
    pub packages: u32,
    pub slots: u32,
    pub longest_probe: u32,
    pub kinds: u32,
    pub texts: u32,
    pub text_bytes: u64,
    pub block_bytes: u64,
}

/// Where each section lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub slots: Range<usize>,
    pub block_starts: Range<usize>,
    pub kinds: Range<usize>,
    pub text_starts: Range<usize>,
    pub texts: Range<usize>,
    pub blocks: Range<usize>,
}

impl Header {
    pub fn blocks(&self) -> u32 {
        self.packages.div_ceil(BLOCK)
    }

    /// The sections, one after the other; none when no file can be so large.
    pub fn layout(&self) -> Option<Layout> {
        let mut end = HEADER;
        let mut next = |count: u64, size: u64| {
            let start = end;
            end = start.checked_add(usize::try_from(count.checked_mul(size)?).ok()?)?;
            Some(start..end)
        };
        Some(Layout {
            slots: next(self.slots.into(), 4)?,
            block_starts: next(self.blocks().into(), 4)?,
            kinds: next(self.kinds.into(), KIND as u64)?,
            text_starts: next(u64::from(self.texts) + 1, 4)?,
            texts: next(self.text_bytes, 1)?,
            blocks: next(self.block_bytes, 1)?,
        })
    }

    /// Reads a header, and makes sure that the file is as long as it says.
    pub fn read(bytes: &[u8], content: Content) -> Result<(Self, Layout), Unusable> {
        if bytes.get(..8) != Some(&MAGIC) {
            return Err(Unusable::Foreign);
        }
        let header = bytes.get(..HEADER).ok_or(Unusable::Length { has: bytes.len() as u64, should: HEADER as u64 })?;
        let small = |at| u32_at(header, at).unwrap_or_default();
        let large = |at| u64_at(header, at).unwrap_or_default();
        if small(8) != VERSION {
            return Err(Unusable::Version(small(8)));
        }
        if small(12) != content as u32 {
            return Err(Unusable::Foreign);
        }
        if large(16) != bytes.len() as u64 {
            return Err(Unusable::Length { has: bytes.len() as u64, should: large(16) });
        }
        let edition = Edition { sequence: large(24), made: large(32) as i64, expires: large(40) as i64 };
        let header = Self {
            content: small(12),
            edition,
            seed: large(48),
            records: large(56),
            packages: small(64),
            slots: small(68),
            longest_probe: small(72),
            kinds: small(76),
            texts: small(80),
            text_bytes: large(88),
            block_bytes: large(96),
        };
        let layout = header.layout().filter(|layout| layout.blocks.end == bytes.len()).ok_or(Unusable::Header)?;
        if header.longest_probe > LONGEST_PROBE || header.longest_probe > header.slots {
            return Err(Unusable::Header);
        }
        Ok((header, layout))
    }

    /// The bytes of the header of a file of this length; the digest is not in it yet.
    pub fn write(&self, length: u64) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        out[..8].copy_from_slice(&MAGIC);
        let small = [
            (8, VERSION),
            (12, self.content),
            (64, self.packages),
            (68, self.slots),
            (72, self.longest_probe),
            (76, self.kinds),
            (80, self.texts),
        ];
        for (at, value) in small {
            out[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let large = [
            (16, length),
            (24, self.edition.sequence),
            (32, self.edition.made as u64),
            (40, self.edition.expires as u64),
            (48, self.seed),
            (56, self.records),
            (88, self.text_bytes),
            (96, self.block_bytes),
        ];
        for (at, value) in large {
            out[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        out
    }
}

/// The digest of a whole file but for the place where the digest itself stands.
pub(super) fn digest_of(bytes: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(bytes.get(..DIGEST.start).unwrap_or_default());
    hasher.update(bytes.get(DIGEST.end..).unwrap_or_default());
    hasher.finalize().into()
}

/// The digest that a header states.
pub(super) fn stated_digest(bytes: &[u8]) -> [u8; 32] {
    bytes.get(DIGEST).and_then(|digest| digest.try_into().ok()).unwrap_or_default()
}

/// Writes the digest into a finished file.
pub(super) fn seal(bytes: &mut [u8]) {
    let digest = digest_of(bytes);
    bytes[DIGEST].copy_from_slice(&digest);
}
