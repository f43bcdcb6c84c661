//! From bytes to text, and from byte offsets to lines and columns.

use std::{borrow::Cow, cell::OnceCell};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use model::Excerpt;

/// How many bytes are looked at to find out how a text is encoded.
const SAMPLE: usize = 4096;

/// The text of a file, and the name of its encoding when that is not plain UTF-8.
///
/// Nothing is refused: bytes that fit no encoding become U+FFFD (then the name is `utf-8-lossy`), NUL bytes stay.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return decode_unmarked(rest);
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return (decode_as(rest, UTF_16LE), Some("utf-16le"));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        return (decode_as(rest, UTF_16BE), Some("utf-16be"));
    }
    match utf_16_by_zeros(bytes) {
        Some((encoding, name)) => (decode_as(bytes, encoding), Some(name)),
        None => decode_unmarked(bytes),
    }
}

fn decode_unmarked(bytes: &[u8]) -> (Cow<'_, str>, Option<&'static str>) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (Cow::Borrowed(text), None);
    }
    match legacy(bytes) {
        Some(encoding) => (decode_as(bytes, encoding), Some(encoding.name())),
        None => (String::from_utf8_lossy(bytes), Some("utf-8-lossy")),
    }
}

fn decode_as<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Cow<'b, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-16 without a mark: mostly ASCII, so every second byte is zero, always on the same side.
fn utf_16_by_zeros(bytes: &[u8]) -> Option<(&'static Encoding, &'static str)> {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    if sample.len() < 4 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    let (mut first, mut second) = (0, 0);
    for pair in sample.chunks_exact(2) {
        match pair {
            [0, 0] => {}
            [0, _] => first += 1,
            [_, 0] => second += 1,
            _ => {}
        }
    }
    let most = sample.len() / 2 * 7 / 10;
    match (first, second) {
        (0, zeros) if zeros > most => Some((UTF_16LE, "utf-16le")),
        (zeros, 0) if zeros > most => Some((UTF_16BE, "utf-16be")),
        _ => None,
    }
}

/// The encoding of an older text: what its first lines declare, or what its letters look like. None for what is better read
/// as damaged UTF-8: when some of its letters are good UTF-8, or when it looks binary.
fn legacy(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(SAMPLE * 16)];
    if let Some(declared) = declared(sample) {
        return Some(declared);
    }
    let has_wide = sample.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    if has_wide || memchr::memchr(0, sample).is_some() {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    (guess != UTF_8).then_some(guess)
}

/// What a `coding: name` in the first two lines says.
fn declared(sample: &[u8]) -> Option<&'static Encoding> {
    sample.split(|byte| *byte == b'\n').take(2).find_map(|line| {
        let at = memchr::memmem::find(line, b"coding")?;
        let rest = line[at + 6..].strip_prefix(b":").or_else(|| line[at + 6..].strip_prefix(b"="))?;
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let label = rest[start..].split(|byte| !byte.is_ascii_alphanumeric() && !b"-_.".contains(byte)).next()?;
        Encoding::for_label(label).filter(|encoding| *encoding != UTF_8 && encoding.is_ascii_compatible())
    })
}

/// Finds lines and columns in a text. The tables are built when they are first asked for.
pub struct Lines<'t> {
    text: &'t str,
    starts: OnceCell<Vec<u32>>,
    characters: OnceCell<Option<Vec<u32>>>,
}

/// Characters are counted once for each block of this many bytes, so that a column in a line of fifty megabytes costs no more
/// than one in a short line.
const BLOCK: usize = 4096;

impl<'t> Lines<'t> {
    /// The lines of a text.
    pub fn new(text: &'t str) -> Self {
        Self { text, starts: OnceCell::new(), characters: OnceCell::new() }
    }

    /// The line (from 1) and the column in characters (from 1) of a byte offset. Offsets past the end mean the end.
    pub fn place(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.text.len());
        let starts = self.starts();
        let line = starts.partition_point(|start| *start as usize <= offset).max(1);
        let start = starts[line - 1] as usize;
        (line as u32, (self.characters_before(offset) - self.characters_before(start)) as u32 + 1)
    }

    /// How many lines there are; an empty text has one.
    pub fn count(&self) -> u32 {
        self.starts().len() as u32
    }

    /// A line by its number (from 1), without its end.
    pub fn line(&self, number: u32) -> Option<&'t str> {
        let starts = self.starts();
        let index = (number as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }

    /// The lines around a place, `around` on either side.
    pub fn excerpt(&self, line: u32, column: u32, around: u32) -> Excerpt {
        let line = line.clamp(1, self.count());
        let first = line.saturating_sub(around).max(1);
        let last = line.saturating_add(around).min(self.count());
        let lines = (first..=last)
            .filter_map(|number| Some(cut(self.line(number)?, if number == line { column } else { 1 })))
            .collect();
        Excerpt { first_line: first, lines }
    }

    fn starts(&self) -> &[u32] {
        self.starts.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let mut starts = vec![0];
            for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
                if bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n') {
                    starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }

    fn characters_before(&self, offset: usize) -> usize {
        let table = self.characters.get_or_init(|| {
            if self.text.is_ascii() {
                return None;
            }
            let mut sum = 0;
            let count = |block: &[u8]| {
                let before = sum;
                sum += count_characters(block) as u32;
                before
            };
            Some(self.text.as_bytes().chunks(BLOCK).map(count).collect())
        });
        match table {
            None => offset,
            Some(table) => {
                let block = (offset / BLOCK).min(table.len().saturating_sub(1));
                table[block] as usize + count_characters(&self.text.as_bytes()[block * BLOCK..offset])
            }
        }
    }
}

/// Counts the bytes that begin a character.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count()
}

/// The lines around a place of a text, each cut to a bearable length.
pub fn excerpt(text: &str, line: u32, column: u32, around: u32) -> Excerpt {
    Lines::new(text).excerpt(line, column, around)
}

/// The longest line that an excerpt shows, in characters.
const WIDTH: usize = 200;

/// Cuts a line to a window around a column; `…` stands where something was cut.
fn cut(line: &str, column: u32) -> String {
    // Bytes are a cheap upper bound of characters: short lines need no count.
    if line.len() <= WIDTH {
        return line.to_owned();
    }
    let skip = (column as usize).saturating_sub(WIDTH / 3);
    let skip = if skip < WIDTH / 3 { 0 } else { skip };
    let start = line.char_indices().nth(skip).map_or(line.len(), |(at, _)| at);
    let end = line[start..].char_indices().nth(WIDTH).map_or(line.len(), |(at, _)| start + at);
    let mut shown = String::with_capacity(end - start + 6);
    if start > 0 {
        shown.push('…');
    }
    shown.push_str(&line[start..end]);
    if end < line.len() {
        shown.push('…');
    }
    shown
}
