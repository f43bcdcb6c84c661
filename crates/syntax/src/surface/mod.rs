//! What a text looks like from outside, before it is parsed.
//!
//! Tricks that a reader of the code would not see (invisible characters, turned text, code pushed out of the window), and the
//! prints that obfuscators leave. Ordinary files must cost nothing: what is looked for in all of a text is found by sampling
//! every 64th byte, by one multi-needle search, and by skipping over ASCII; only a hit is looked at closely.

mod confusable;
mod foreign;
mod invisible;
mod obfuscator;
mod pushed;
mod regions;
mod runs;
mod stats;

pub use stats::{Stats, stats};

use crate::Language;

/// Something odd in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What is odd.
    pub kind: MarkKind,
    /// Where it starts, in bytes.
    pub offset: u32,
    /// How many bytes it takes.
    pub length: u32,
    /// What it is in particular, in a few words; for pushed code, the code itself.
    pub detail: String,
    /// What it says when it is decoded.
    pub decoded: Option<String>,
}

/// What is odd about a place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// A run of characters that nobody sees: variation selectors, tags, zero-width characters, Hangul fillers.
    InvisibleRun,
    /// Characters that turn the direction of text and are not closed on their line.
    BidiControl,
    /// Code far to the right behind blanks.
    PushedCode,
    /// An identifier of letters that look like others: mathematical alphabets, lookalikes of other scripts.
    Confusable,
    /// A long run of character escapes or of numbers that are characters.
    EscapeRun,
    /// The print of a JavaScript obfuscator or packer.
    ObfuscatorJs,
    /// The print of a Python obfuscator or packer.
    ObfuscatorPy,
    /// Names that are made to be mistaken for each other, in any language.
    UnreadableNames,
    /// A long base64 or hex literal.
    Blob,
    /// A line longer than anybody writes.
    LongLine,
}

impl MarkKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvisibleRun => "invisible-run",
            Self::BidiControl => "bidi-control",
            Self::PushedCode => "pushed-code",
            Self::Confusable => "confusable",
            Self::EscapeRun => "escape-run",
            Self::ObfuscatorJs => "obfuscator-js",
            Self::ObfuscatorPy => "obfuscator-py",
            Self::UnreadableNames => "unreadable-names",
            Self::Blob => "blob",
            Self::LongLine => "long-line",
        }
    }
}

/// More marks of one kind than this tell nothing more.
const MOST_OF_A_KIND: usize = 32;
/// A longer line than this is marked.
const LONG_LINE: usize = 5_000;

/// Everything odd in a text, in the order of its places.
pub fn marks(text: &str, language: Option<Language>) -> Vec<Mark> {
    if u32::try_from(text.len()).is_err() {
        return Vec::new();
    }
    let mut page = Page { text, language, regions: None, marks: Vec::new() };
    let found = runs::scan(&mut page);
    pushed::judge(&mut page, &found.blanks);
    if !text.is_ascii() {
        foreign::scan(&mut page);
    }
    obfuscator::scan(&mut page, found.brackets);
    long_line(&mut page);
    page.marks.sort_by_key(|mark| (mark.offset, mark.kind));
    page.marks
}

/// Marks the longest of the lines that are too long.
fn long_line(page: &mut Page<'_>) {
    let bytes = page.text.as_bytes();
    let (mut start, mut longest) = (0, 0..0);
    while start + LONG_LINE < bytes.len() {
        start = match memchr::memrchr(b'\n', &bytes[start..start + LONG_LINE]) {
            Some(end) => start + end + 1,
            None => {
                let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |end| start + end);
                if end - start > longest.len() {
                    longest = start..end;
                }
                end + 1
            }
        };
    }
    if !longest.is_empty() {
        let detail = format!("a line of {} bytes", longest.len());
        page.mark(MarkKind::LongLine, longest.start, longest.len(), detail, None);
    }
}

/// A text at hand and what is known of it so far.
struct Page<'a> {
    text: &'a str,
    language: Option<Language>,
    regions: Option<Vec<std::ops::Range<usize>>>,
    marks: Vec<Mark>,
}

impl Page<'_> {
    fn mark(&mut self, kind: MarkKind, offset: usize, length: usize, detail: String, decoded: Option<String>) {
        if self.marks.iter().filter(|mark| mark.kind == kind).count() < MOST_OF_A_KIND {
            // The length of the text was checked to fit.
            self.marks.push(Mark { kind, offset: offset as u32, length: length as u32, detail, decoded });
        }
    }

    /// Whether a place is inside of a comment or a text literal. Worked out at the first question, since few texts raise one.
    fn is_quoted(&mut self, offset: usize) -> bool {
        let regions = self.regions.get_or_insert_with(|| regions::quoted(self.text, self.language));
        let after = regions.partition_point(|region| region.end <= offset);
        regions.get(after).is_some_and(|region| region.start <= offset)
    }
}

/// The start of a text, cut at a character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests;
