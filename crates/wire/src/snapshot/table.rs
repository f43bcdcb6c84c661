//! Keys and what belongs to them: found by a hash, kept in the order of the keys, read where they lie.

use model::Digest;

use super::{
    Edition, Unusable,
    bytes::{Cursor, u32_at},
    layout::{BLOCK, Content, EMPTY, Header, KIND, Layout, digest_of, stated_digest},
};

/// A file over bytes that somebody else holds: a mapped file, or a buffer.
#[derive(Debug)]
pub(super) struct Table<B> {
    bytes: B,
    header: Header,
    layout: Layout,
}

/// One key with what belongs to it. Of the key only what the one before does not share is kept.
struct Item<'b> {
    shared: usize,
    rest: &'b [u8],
    payload: &'b [u8],
}

impl<B: AsRef<[u8]>> Table<B> {
    /// Looks at the header, and at nothing else.
    pub fn open(bytes: B, content: Content) -> Result<Self, Unusable> {
        let (header, layout) = Header::read(bytes.as_ref(), content)?;
        Ok(Self { bytes, header, layout })
    }

    pub fn verify(&self) -> Result<(), Unusable> {
        if Digest(digest_of(self.all())) == self.digest() { Ok(()) } else { Err(Unusable::Content) }
    }

    pub fn digest(&self) -> Digest {
        Digest(stated_digest(self.all()))
    }

    pub fn edition(&self) -> Edition {
        self.header.edition
    }

    pub fn records(&self) -> u64 {
        self.header.records
    }

    pub fn packages(&self) -> u32 {
        self.header.packages
    }

    pub fn all(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// What belongs to a key.
    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.probe(key).find_map(|ordinal| self.matching(ordinal, key))
    }

    /// The numbers of the keys that may be meant: by their own hash, or by one that was added to them.
    pub fn probe(&self, key: &[u8]) -> impl Iterator<Item = u32> {
        let hash = hash(self.header.seed, key);
        let slots = self.all().get(self.layout.slots.clone()).unwrap_or_default();
        let count = self.header.slots;
        let start = place(hash, count);
        (0..self.header.longest_probe)
            .map_while(move |step| {
                let at = (u64::from(start) + u64::from(step)) % u64::from(count);
                u32_at(slots, at as usize * 4).filter(|slot| *slot != EMPTY)
            })
            .filter(move |slot| slot >> 24 == (hash & 0xff) as u32)
            .map(|slot| slot & 0x00ff_ffff)
    }

    /// What belongs to the key of this number, when it is this key.
    fn matching(&self, ordinal: u32, key: &[u8]) -> Option<&[u8]> {
        let mut cursor = self.block(ordinal / BLOCK)?;
        // How many of the wanted key's first bytes the key at hand has.
        let mut same = 0;
        for at in 0..=ordinal % BLOCK {
            let item = cursor.item()?;
            if item.shared <= same {
                let wanted = key.get(item.shared..).unwrap_or_default();
                same = item.shared + wanted.iter().zip(item.rest).take_while(|(a, b)| a == b).count();
            }
            if at == ordinal % BLOCK {
                return (same == key.len() && item.shared + item.rest.len() == same).then_some(item.payload);
            }
        }
        None
    }

    /// The key of this number, and what belongs to it.
    pub fn item(&self, ordinal: u32) -> Option<(Vec<u8>, &[u8])> {
        let mut cursor = self.block(ordinal / BLOCK)?;
        let mut key = Vec::new();
        for _ in 0..ordinal % BLOCK {
            extend(&mut key, &cursor.item()?)?;
        }
        let item = cursor.item()?;
        extend(&mut key, &item)?;
        Some((key, item.payload))
    }

    /// Every key in order. It ends early where the file is damaged.
    pub fn items(&self) -> impl Iterator<Item = (Vec<u8>, &[u8])> {
        let mut key = Vec::new();
        let mut cursor = Cursor(&[]);
        (0..self.header.packages).map_while(move |ordinal| {
            if ordinal % BLOCK == 0 {
                cursor = self.block(ordinal / BLOCK)?;
            }
            let item = cursor.item()?;
            extend(&mut key, &item)?;
            Some((key.clone(), item.payload))
        })
    }

    fn block(&self, number: u32) -> Option<Cursor<'_>> {
        let starts = self.all().get(self.layout.block_starts.clone())?;
        let start = u32_at(starts, number as usize * 4)? as usize;
        Some(Cursor(self.all().get(self.layout.blocks.clone())?.get(start..)?))
    }

    /// A text of the table of texts. Number 0 is the empty one.
    pub fn text(&self, number: u32) -> Option<&str> {
        if number == 0 {
            return Some("");
        }
        let starts = self.all().get(self.layout.text_starts.clone())?;
        let (start, end) = (u32_at(starts, number as usize * 4)?, u32_at(starts, number as usize * 4 + 4)?);
        let texts = self.all().get(self.layout.texts.clone())?;
        std::str::from_utf8(texts.get(start as usize..end as usize)?).ok()
    }

    /// A row of the table of circumstances.
    pub fn kind(&self, number: u64) -> Option<[u32; 6]> {
        let rows = self.all().get(self.layout.kinds.clone())?;
        let start = usize::try_from(number).ok()?.checked_mul(KIND)?;
        let row = rows.get(start..start.checked_add(KIND)?)?;
        let mut numbers = [0; 6];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = u32_at(row, at * 4)?;
        }
        Some(numbers)
    }
}

impl<'b> Cursor<'b> {
    fn item(&mut self) -> Option<Item<'b>> {
        Some(Item { shared: self.size()?, rest: self.piece()?, payload: self.piece()? })
    }
}

fn extend(key: &mut Vec<u8>, item: &Item<'_>) -> Option<()> {
    if item.shared > key.len() {
        return None;
    }
    key.truncate(item.shared);
    key.extend_from_slice(item.rest);
    Some(())
}

/// FNV-1a over the key, and then mixed so that every bit depends on every other. It spreads keys; that two keys are the
/// same is always seen by comparing them.
pub(super) fn hash(seed: u64, key: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ seed;
    for byte in key {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ hash >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

/// The slot at which the search for a hash starts.
pub(super) fn place(hash: u64, slots: u32) -> u32 {
    ((u128::from(hash) * u128::from(slots)) >> 64) as u32
}
