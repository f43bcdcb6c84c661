//! Writing the table: keys in order, blocks, slots. The same input gives the same bytes.

use super::{
    Edition, Unwritable,
    bytes::{put_number, put_piece},
    layout::{BLOCK, Content, EMPTY, HEADER, Header, KIND, LONGEST_PROBE, seal},
    table::{hash, place},
};

/// The most packages that a slot can point to.
const MOST_PACKAGES: u32 = 0x00ff_fffe;

/// A file in the making.
pub(super) struct TableWriter {
    header: Header,
    block_starts: Vec<u8>,
    blocks: Vec<u8>,
    /// The last key.
    last: Vec<u8>,
    /// Every key by which something is found, one after the other, with the number of its package.
    keys: Keys,
}

#[derive(Default)]
struct Keys {
    bytes: Vec<u8>,
    /// The end of each key, and its package.
    ends: Vec<(u32, u32)>,
}

impl TableWriter {
    pub fn new(content: Content, edition: Edition) -> Self {
        let header = Header { content: content as u32, edition, ..Header::default() };
        Self { header, block_starts: Vec::new(), blocks: Vec::new(), last: Vec::new(), keys: Keys::default() }
    }

    /// Adds a key with what belongs to it, and further keys by which it is found. Keys come in their order.
    pub fn add(&mut self, key: &[u8], payload: &[u8], others: &[[u8; 18]], records: u64) -> Result<(), Unwritable> {
        let ordinal = self.header.packages;
        if ordinal >= MOST_PACKAGES {
            return Err(Unwritable::TooMany);
        }
        debug_assert!(ordinal == 0 || self.last.as_slice() < key, "keys out of order");
        let first = ordinal.is_multiple_of(BLOCK);
        if first {
            let start = u32::try_from(self.blocks.len()).map_err(|_| Unwritable::TooLarge)?;
            self.block_starts.extend_from_slice(&start.to_le_bytes());
        }
        let shared = self.last.iter().zip(key).take_while(|(a, b)| a == b).count();
        let shared = if first { 0 } else { shared };
        put_number(&mut self.blocks, shared as u64);
        put_piece(&mut self.blocks, &key[shared..]);
        put_piece(&mut self.blocks, payload);
        self.last.clear();
        self.last.extend_from_slice(key);
        self.keys.add(key, ordinal)?;
        for other in others.iter().filter(|other| *other != key) {
            self.keys.add(other, ordinal)?;
        }
        self.header.packages += 1;
        self.header.records += records;
        Ok(())
    }

    /// The whole file. Texts are numbered from 1.
    pub fn finish<'t>(
        mut self,
        kinds: &[[u32; 6]],
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<Vec<u8>, Unwritable> {
        let slots = self.place_keys()?;
        let (mut starts, mut bodies) = (vec![0; 4], Vec::new());
        for text in texts {
            starts.extend_from_slice(&(bodies.len() as u32).to_le_bytes());
            bodies.extend_from_slice(text.as_bytes());
            self.header.texts += 1;
        }
        u32::try_from(bodies.len()).map_err(|_| Unwritable::TooLarge)?;
        // The empty text and the first of the others start at the same place; one more start is the end of the last.
        starts.extend_from_slice(&(bodies.len() as u32).to_le_bytes());
        self.header.texts += 1;
        self.header.kinds = u32::try_from(kinds.len()).map_err(|_| Unwritable::TooLarge)?;
        self.header.text_bytes = bodies.len() as u64;
        self.header.block_bytes = self.blocks.len() as u64;
        let mut rows = Vec::with_capacity(kinds.len() * KIND);
        kinds.iter().flatten().for_each(|number| rows.extend_from_slice(&number.to_le_bytes()));
        let sections = [slots, self.block_starts, rows, starts, bodies, self.blocks];
        let length = HEADER + sections.iter().map(Vec::len).sum::<usize>();
        let mut file = Vec::with_capacity(length);
        file.extend_from_slice(&self.header.write(length as u64));
        sections.iter().for_each(|section| file.extend_from_slice(section));
        seal(&mut file);
        Ok(file)
    }

    /// The slots, two thirds of them full. A seed under which keys crowd is given up for the next.
    fn place_keys(&mut self) -> Result<Vec<u8>, Unwritable> {
        let count = self.keys.ends.len() as u64;
        let count = u32::try_from(count + count / 2 + 1).map_err(|_| Unwritable::TooMany)?;
        self.header.slots = count;
        for seed in 0..64 {
            let mut slots = vec![EMPTY; count as usize];
            if let Some(longest) = self.keys.fill(seed, &mut slots) {
                self.header.seed = seed;
                self.header.longest_probe = longest;
                return Ok(slots.iter().flat_map(|slot| slot.to_le_bytes()).collect());
            }
        }
        Err(Unwritable::Crowded)
    }
}

impl Keys {
    fn add(&mut self, key: &[u8], ordinal: u32) -> Result<(), Unwritable> {
        self.bytes.extend_from_slice(key);
        let end = u32::try_from(self.bytes.len()).map_err(|_| Unwritable::TooLarge)?;
        self.ends.push((end, ordinal));
        Ok(())
    }

    /// Fills the slots; gives the longest way from the first slot of a key to where it lies, and one more.
    fn fill(&self, seed: u64, slots: &mut [u32]) -> Option<u32> {
        let count = slots.len() as u32;
        let (mut start, mut longest) = (0, 0);
        for (end, ordinal) in &self.ends {
            let hash = hash(seed, &self.bytes[start..*end as usize]);
            start = *end as usize;
            let mut at = place(hash, count);
            let mut steps = 1;
            while slots[at as usize] != EMPTY {
                at = (at + 1) % count;
                steps += 1;
                if steps > LONGEST_PROBE {
                    return None;
                }
            }
            slots[at as usize] = (hash as u32 & 0xff) << 24 | ordinal;
            longest = longest.max(steps);
        }
        Some(longest)
    }
}
