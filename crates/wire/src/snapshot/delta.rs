//! What changed between two editions: the packages whose entries differ, each with all entries that it has now.

use std::{cmp::Ordering, io::Read, iter::Peekable};

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use model::Digest;

use super::{
    Edition, Entry, Snapshot, Unusable, Unwritable,
    bytes::{u32_at, u64_at},
    entry::entries,
    table::Table,
    write::write,
};

const MAGIC: [u8; 8] = *b"LZRTDELT";
const VERSION: u32 = 1;
const HEADER: usize = 88;

/// Why a delta cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inapplicable {
    /// Something else, or damaged.
    #[error("the delta cannot be used: {0}")]
    Unusable(#[from] Unusable),
    /// It changes another edition.
    #[error("the delta changes edition {wanted}, and edition {has} is at hand")]
    OtherBase {
        /// The edition that it changes.
        wanted: u64,
        /// The edition that there is.
        has: u64,
    },
    /// What came out is not what should have.
    #[error("the delta does not lead to the edition that it promises; the database is fetched as a whole instead")]
    WrongResult,
    /// What would come out fits no file.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
}

/// A delta with its changes at hand.
#[derive(Debug)]
pub struct Delta {
    changes: Snapshot<Vec<u8>>,
    base: u64,
    base_digest: Digest,
    result: Digest,
}

/// The delta that leads from one snapshot to another.
///
/// # Errors
/// When there is more change than fits a file.
pub fn delta<A: AsRef<[u8]>, B: AsRef<[u8]>>(old: &Snapshot<A>, new: &Snapshot<B>) -> Result<Vec<u8>, Unwritable> {
    let changes = write(new.edition(), &mut |each| {
        merge(&old.table, &new.table, |key, was, is| match (was, is) {
            (Some(was), Some(is)) if was == is => Ok(()),
            (_, is) => each(key, is.unwrap_or_default()),
        })
    })?;
    let mut out = Vec::with_capacity(HEADER + changes.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&old.edition().sequence.to_le_bytes());
    out.extend_from_slice(&old.digest().0);
    out.extend_from_slice(&new.digest().0);
    let mut encoder = DeflateEncoder::new(out, Compression::best());
    // Writing into memory does not fail.
    let _ = std::io::Write::write_all(&mut encoder, &changes);
    Ok(encoder.finish().unwrap_or_default())
}

impl Delta {
    /// Unpacks a delta of at most so many bytes.
    ///
    /// # Errors
    /// When it is none, is damaged, or is larger.
    pub fn open(bytes: &[u8], limit: u64) -> Result<Self, Inapplicable> {
        if bytes.get(..8) != Some(&MAGIC) || bytes.len() < HEADER {
            return Err(Unusable::Foreign.into());
        }
        let version = u32_at(bytes, 8).unwrap_or_default();
        if version != VERSION {
            return Err(Unusable::Version(version).into());
        }
        let digest = |at: usize| Digest(bytes[at..at + 32].try_into().unwrap_or_default());
        let mut changes = Vec::new();
        let unpacked = DeflateDecoder::new(&bytes[HEADER..]).take(limit).read_to_end(&mut changes);
        unpacked.map_err(|_| Unusable::Content)?;
        let changes = Snapshot::open(changes)?;
        changes.verify()?;
        let base = u64_at(bytes, 16).unwrap_or_default();
        Ok(Self { changes, base, base_digest: digest(24), result: digest(56) })
    }

    /// The edition that it changes.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The edition to which it leads.
    pub fn edition(&self) -> Edition {
        self.changes.edition()
    }

    /// The new snapshot: byte for byte what building it anew would give.
    ///
    /// # Errors
    /// When the snapshot is not the one that it changes, or the result is not the promised one.
    pub fn apply<B: AsRef<[u8]>>(&self, old: &Snapshot<B>) -> Result<Vec<u8>, Inapplicable> {
        if old.digest() != self.base_digest {
            return Err(Inapplicable::OtherBase { wanted: self.base, has: old.edition().sequence });
        }
        let new = write(self.edition(), &mut |each| {
            merge(&old.table, &self.changes.table, |key, was, is| match is.or(was) {
                Some(entries) if !entries.is_empty() => each(key, entries),
                _ => Ok(()),
            })
        })?;
        match Snapshot::open(&new) {
            Ok(snapshot) if snapshot.digest() == self.result => Ok(new),
            _ => Err(Inapplicable::WrongResult),
        }
    }
}

/// What two snapshots say of one package; nothing where it is in one of them only.
type Both<'f> = &'f [Entry<'f>];

/// Walks over the packages of both in their order.
fn merge<A: AsRef<[u8]>, B: AsRef<[u8]>>(
    old: &Table<A>,
    new: &Table<B>,
    mut each: impl FnMut(&[u8], Option<Both<'_>>, Option<Both<'_>>) -> Result<(), Unwritable>,
) -> Result<(), Unwritable> {
    let (mut left, mut right) = (old.items().peekable(), new.items().peekable());
    let (mut was, mut is) = (Vec::new(), Vec::new());
    loop {
        let side = match (left.peek(), right.peek()) {
            (None, None) => return Ok(()),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        let from_left = take(&mut left, side != Ordering::Greater);
        let from_right = take(&mut right, side != Ordering::Less);
        was.clear();
        is.clear();
        was.extend(from_left.iter().flat_map(|(_, payload)| entries(old, payload)));
        is.extend(from_right.iter().flat_map(|(_, payload)| entries(new, payload)));
        let Some((key, _)) = from_left.as_ref().or(from_right.as_ref()) else { return Ok(()) };
        each(key, from_left.as_ref().map(|_| was.as_slice()), from_right.as_ref().map(|_| is.as_slice()))?;
    }
}

fn take<T>(side: &mut Peekable<impl Iterator<Item = T>>, wanted: bool) -> Option<T> {
    if wanted { side.next() } else { None }
}
