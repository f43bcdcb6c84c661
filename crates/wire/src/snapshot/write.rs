//! Writing a snapshot out of entries, twice over the same ones: first what they have in common, then they themselves.

use std::collections::HashMap;

use super::{
    Edition, Entry, Statement, Unwritable,
    entry::{Kind, Packed},
    layout::Content,
    table_writer::TableWriter,
};

/// A snapshot of these statements. The same statements in any order give the same bytes.
///
/// # Errors
/// When they are too many or too large for a file.
pub fn build(edition: Edition, statements: &[Statement]) -> Result<Vec<u8>, Unwritable> {
    let mut packed: Vec<Packed> = statements.iter().flat_map(Packed::of).collect();
    packed.sort_by(|a, b| a.key.cmp(&b.key).then_with(|| a.entry().cmp(&b.entry())));
    packed.dedup_by(|a, b| a.key == b.key && a.entry() == b.entry());
    write(edition, &mut |each| {
        let mut entries = Vec::new();
        for group in packed.chunk_by(|a, b| a.key == b.key) {
            entries.clear();
            entries.extend(group.iter().map(Packed::entry));
            each(&group[0].key, &entries)?;
        }
        Ok(())
    })
}

/// What is done with each package.
type Each<'f> = dyn FnMut(&[u8], &[Entry<'_>]) -> Result<(), Unwritable> + 'f;

/// A snapshot of packages that come in the order of their keys, each with its entries in their order. They are asked for
/// twice.
pub(super) fn write(
    edition: Edition,
    packages: &mut dyn FnMut(&mut Each<'_>) -> Result<(), Unwritable>,
) -> Result<Vec<u8>, Unwritable> {
    let mut shared = Shared::default();
    packages(&mut |_, entries| {
        entries.iter().for_each(|entry| shared.collect(entry));
        Ok(())
    })?;
    let numbers = shared.number();
    let mut writer = TableWriter::new(Content::Verdicts, edition);
    let mut payload = Vec::new();
    packages(&mut |key, entries| {
        payload.clear();
        let mut digests = Vec::new();
        for entry in entries {
            let (kind, start) = shared.find(entry);
            let (kind, start) = (numbers.kinds[kind as usize], numbers.texts[start as usize]);
            entry.write(kind, start, &mut payload);
            digests.extend(entry.raw.digests());
        }
        digests.sort_unstable();
        digests.dedup();
        writer.add(key, &payload, &digests, entries.len() as u64)
    })?;
    writer.finish(&numbers.rows, numbers.sorted.iter().map(String::as_str))
}

/// Texts and circumstances in the order in which they were met.
#[derive(Default)]
struct Shared {
    texts: HashMap<String, u32>,
    kinds: HashMap<[u32; 6], u32>,
}

/// The numbers that they have in the file, by those that they had when they were met.
struct Numbers {
    texts: Vec<u32>,
    kinds: Vec<u32>,
    /// The texts in their order, without the empty one.
    sorted: Vec<String>,
    rows: Vec<[u32; 6]>,
}

impl Shared {
    fn collect(&mut self, entry: &Entry<'_>) {
        let kind = row(&entry.kind, |text| self.text(text));
        let next = self.kinds.len() as u32;
        self.kinds.entry(kind).or_insert(next);
        self.text(entry.id.start);
    }

    fn text(&mut self, text: &str) -> u32 {
        if let Some(number) = self.texts.get(text) {
            return *number;
        }
        let next = self.texts.len() as u32;
        self.texts.insert(text.to_owned(), next);
        next
    }

    fn find(&self, entry: &Entry<'_>) -> (u32, u32) {
        let text = |text: &str| self.texts.get(text).copied().unwrap_or_default();
        let kind = row(&entry.kind, text);
        (self.kinds.get(&kind).copied().unwrap_or_default(), text(entry.id.start))
    }

    fn number(&self) -> Numbers {
        let mut sorted: Vec<(&String, u32)> = self.texts.iter().map(|(text, number)| (text, *number)).collect();
        sorted.sort_unstable();
        let mut texts = vec![0; sorted.len()];
        let mut next = 1;
        for (text, number) in &sorted {
            if !text.is_empty() {
                texts[*number as usize] = next;
                next += 1;
            }
        }
        let renumbered = |[decision, rank, rest @ ..]: &[u32; 6]| {
            let rest = rest.map(|number| texts[number as usize]);
            [*decision, *rank, rest[0], rest[1], rest[2], rest[3]]
        };
        let mut rows: Vec<([u32; 6], u32)> =
            self.kinds.iter().map(|(row, number)| (renumbered(row), *number)).collect();
        rows.sort_unstable();
        let mut kinds = vec![0; rows.len()];
        for (at, (_, number)) in rows.iter().enumerate() {
            kinds[*number as usize] = at as u32;
        }
        let sorted = sorted.into_iter().map(|(text, _)| text.clone()).filter(|text| !text.is_empty()).collect();
        Numbers { texts, kinds, sorted, rows: rows.into_iter().map(|(row, _)| row).collect() }
    }
}

fn row(kind: &Kind<'_>, mut text: impl FnMut(&str) -> u32) -> [u32; 6] {
    let Kind { source, decision, rank, reviewer, reason, held } = *kind;
    [decision, rank, text(source), text(reviewer), text(reason), text(held)]
}
