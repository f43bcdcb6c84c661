//! The central directory and the end records that lead to it.

use crate::{
    Oddity,
    session::Level,
    zip::entry::{CENTRAL, Claim, u16_at, u32_at, u64_at},
};

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR: &[u8] = b"PK\x06\x07";

/// The end record may be followed by a comment of so many bytes; readers look for it no further.
const REACH: usize = END_LEN + 0xffff;

/// The central directory.
pub(super) struct Directory {
    pub entries: Vec<Claim>,
    /// Where the directory starts.
    pub start: usize,
    /// Where the last end record ends, its comment included.
    pub end: usize,
}

/// What an end record says.
struct End {
    count: u64,
    size: u64,
    offset: u64,
    /// Where the first of the end records starts.
    pos: usize,
}

/// The last end record that leads to a central directory.
pub(super) fn find_end(bytes: &[u8]) -> Option<usize> {
    candidates(bytes).next()
}

/// Where plausible end records stand, the last one first.
fn candidates(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let low = bytes.len().saturating_sub(REACH);
    let tail = bytes.get(low..).unwrap_or_default();
    memchr::memmem::rfind_iter(tail, END).map(move |at| low + at).filter(|pos| plausible(bytes, *pos))
}

/// Whether an end record at `pos` leads to a directory, or says that there is none.
fn plausible(bytes: &[u8], pos: usize) -> bool {
    let Some(end) = End::read(bytes, pos) else { return false };
    let first = end.directory(bytes).and_then(|(start, _)| bytes.get(start..)?.first_chunk::<4>());
    match end.size {
        0 => end.count == 0 && pos + END_LEN + usize::from(u16_at(bytes, pos + 20)) == bytes.len(),
        _ => first.is_some_and(|first| first == CENTRAL),
    }
}

impl End {
    fn read(bytes: &[u8], pos: usize) -> Option<Self> {
        let record = bytes.get(pos..)?.first_chunk::<END_LEN>()?;
        let (count, size, offset) = (u16_at(record, 10), u32_at(record, 12), u32_at(record, 16));
        Some(Self { count: count.into(), size: size.into(), offset: offset.into(), pos })
    }

    /// The zip64 record before this one. Its place is looked for where the locator says, and right before the locator.
    fn wide(&self, bytes: &[u8]) -> Option<Self> {
        let locator = self.pos.checked_sub(20)?;
        let record = bytes.get(locator..)?.first_chunk::<20>()?;
        if !record.starts_with(LOCATOR) {
            return None;
        }
        let said = usize::try_from(u64_at(record, 8)).ok();
        let pos = [said, locator.checked_sub(56)]
            .into_iter()
            .flatten()
            .find(|pos| bytes.get(*pos..).is_some_and(|rest| rest.starts_with(END64)))?;
        let record = bytes.get(pos..)?.first_chunk::<56>()?;
        Some(Self { count: u64_at(record, 32), size: u64_at(record, 40), offset: u64_at(record, 48), pos })
    }

    /// Where the directory starts, and how many bytes stand before the zip. The directory ends where the end records
    /// start, whatever else its offset says; data put before a zip shifts all offsets.
    fn directory(&self, bytes: &[u8]) -> Option<(usize, usize)> {
        let is_directory = |start: &usize| bytes.get(*start..).is_some_and(|rest| rest.starts_with(CENTRAL));
        let offset = usize::try_from(self.offset).ok();
        let by_size = usize::try_from(self.size).ok().and_then(|size| self.pos.checked_sub(size));
        match (by_size.filter(is_directory), offset) {
            (Some(start), Some(offset)) if start >= offset => Some((start, start - offset)),
            (Some(start), _) => Some((start, 0)),
            (None, Some(offset)) if is_directory(&offset) => Some((offset, 0)),
            _ => None,
        }
    }
}

impl Directory {
    /// Finds and reads the directory.
    pub fn read(bytes: &[u8], level: &mut Level<'_, '_>) -> Option<Self> {
        let pos = find_end(bytes)?;
        let narrow = End::read(bytes, pos)?;
        let comment_end = pos + END_LEN + usize::from(u16_at(bytes, pos + 20));
        if u16_at(bytes, pos + 4) != 0 && u16_at(bytes, pos + 4) != 0xffff {
            level.note(Oddity::MultiDisk, "", "the zip claims to be spread over several disks");
        }
        if comment_end > bytes.len() {
            level.note(Oddity::Truncated, "", "the zip's comment ends too early");
        }
        let wide = narrow.wide(bytes);
        if let Some(wide) = &wide {
            let agree = |narrow: u64, all: u64, wide: u64| narrow == all || narrow == wide;
            let same = agree(narrow.count, 0xffff, wide.count)
                && agree(narrow.size, 0xffff_ffff, wide.size)
                && agree(narrow.offset, 0xffff_ffff, wide.offset);
            if !same {
                level.note(Oddity::Zip64Confusion, "", "the zip64 record and the plain one disagree");
            }
        }
        let end = wide.unwrap_or(narrow);
        let (start, base) = end.directory(bytes).unwrap_or((end.pos, 0));
        let mut directory = Self { entries: Vec::new(), start, end: comment_end.min(bytes.len()) };
        directory.fill(bytes, base, end.pos, level);
        // End records elsewhere are found among the bytes that belong to nothing; those in entries are of stored zips.
        if candidates(bytes).skip(1).any(|other| other >= start) {
            level.note(
                Oddity::ExtraEndRecord,
                "",
                "the zip has more than one end record; readers disagree which counts",
            );
        }
        let count = directory.entries.len() as u64;
        if count != end.count && !level.session.is_full() {
            let detail = format!("the zip says that it has {} entries and lists {count}", end.count);
            level.note(Oddity::EntryCountMismatch, "", detail);
        }
        Some(directory)
    }

    /// Reads headers as long as there are any: the count in the end record decides nothing.
    fn fill(&mut self, bytes: &[u8], base: usize, stop: usize, level: &mut Level<'_, '_>) {
        let mut pos = self.start;
        while let Some((claim, next)) = Claim::central(bytes, pos, base) {
            if self.entries.len() as u64 > level.session.limits.entries
                || !level.session.charge(claim.name.len() as u64 + 96)
            {
                return;
            }
            self.entries.push(claim);
            pos = next;
        }
        if pos < stop && bytes.get(pos..stop).is_some_and(|rest| rest.iter().any(|byte| *byte != 0)) {
            // A digital signature may follow the headers; it is the only thing that may.
            let signed = bytes.get(pos..).is_some_and(|rest| rest.starts_with(b"PK\x05\x05"));
            if !signed {
                let detail = format!("{} bytes between the central directory and its end record", stop - pos);
                level.note(Oddity::HiddenData, "", detail);
            }
        }
    }
}
