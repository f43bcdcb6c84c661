//! One pass over the characters of a text that are not ASCII.

use super::{MarkKind, Page, confusable, invisible};

/// How many identifiers in Chinese, Japanese or Korean letters make a print, when sums of numbers stand beside them.
const MANY_IDEOGRAPHIC: usize = 15;

pub(super) fn scan(page: &mut Page<'_>) {
    let text = page.text;
    let bytes = text.as_bytes();
    let mut run = invisible::Run::default();
    let mut turns = Turns::default();
    let mut words = Ideographs::default();
    let mut pictures = Pictures::default();
    let mut word_end = 0;
    let mut at = next_foreign(bytes, 0);
    while at < bytes.len() {
        let Some(letter) = text[at..].chars().next() else { break };
        if let Some(carrier) = invisible::carrier(letter) {
            // A byte order mark at the start is what it says.
            if at > 0 || letter != '\u{FEFF}' {
                run.push(page, at, letter, carrier);
            }
        } else if matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') {
            turns.push(page, at, letter);
        } else if matches!(letter, '\u{3040}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}') {
            words.push(page, at, letter);
        } else if matches!(letter, '\u{1F300}'..='\u{1FAFF}') {
            pictures.push(page, at, letter);
        } else if at >= word_end && confusable::is_suspect(letter) {
            word_end = confusable::judge(page, at);
        }
        at = next_foreign(bytes, at + letter.len_utf8());
    }
    run.close(page);
    turns.close(page);
    words.close(page);
    pictures.close(page);
}

/// The fewest emoji in a row that encode something.
const MANY_PICTURES: usize = 400;
/// Nobody reads a longer line than this, so nobody is deceived by how it looks.
const LONGEST_READ: usize = 2_000;

/// The next byte that is not ASCII, eight at a time.
fn next_foreign(bytes: &[u8], mut at: usize) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    while let Some(eight) = bytes.get(at..at + 8).and_then(|eight| <[u8; 8]>::try_from(eight).ok()) {
        let high = u64::from_le_bytes(eight) & HIGH;
        if high != 0 {
            return at + high.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    bytes[at.min(bytes.len())..].iter().position(|byte| !byte.is_ascii()).map_or(bytes.len(), |found| at + found)
}

/// The direction controls of one line.
#[derive(Default)]
struct Turns {
    line: Option<usize>,
    open: Vec<char>,
    first: usize,
    last: usize,
    unbalanced: bool,
    ignored: bool,
}

impl Turns {
    fn push(&mut self, page: &mut Page<'_>, offset: usize, letter: char) {
        if is_listed(page.text, offset, letter) {
            return;
        }
        let line = memchr::memrchr(b'\n', &page.text.as_bytes()[..offset]).map_or(0, |end| end + 1);
        if self.line != Some(line) {
            self.close(page);
            self.line = Some(line);
            self.first = offset;
            let end = memchr::memchr(b'\n', &page.text.as_bytes()[offset..]).unwrap_or(page.text.len() - offset);
            self.ignored = offset + end - line > LONGEST_READ;
        }
        self.last = offset + letter.len_utf8();
        match letter {
            '\u{202C}' => self.end_of(|open| matches!(open, '\u{202A}' | '\u{202B}' | '\u{202D}' | '\u{202E}')),
            '\u{2069}' => self.end_of(|open| matches!(open, '\u{2066}'..='\u{2068}')),
            opening => self.open.push(opening),
        }
    }

    /// A closing control must close the innermost open one. A stray closing one turns nothing.
    fn end_of(&mut self, matches: impl Fn(char) -> bool) {
        match self.open.last() {
            Some(open) if matches(*open) => {
                self.open.pop();
            }
            Some(_) => self.unbalanced = true,
            None => {}
        }
    }

    fn close(&mut self, page: &mut Page<'_>) {
        if self.line.take().is_some() && !self.ignored && (self.unbalanced || !self.open.is_empty()) {
            let controls = page.text[self.first..self.last]
                .chars()
                .filter(|letter| matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
                .map(|letter| format!("U+{:04X}", letter as u32));
            let detail = format!("unclosed direction controls: {}", controls.take(12).collect::<Vec<_>>().join(" "));
            page.mark(MarkKind::BidiControl, self.first, self.last - self.first, detail, None);
        }
        self.open.clear();
        self.unbalanced = false;
    }
}

/// Whether a control is an item of a list or a character class: quoted alone, or between brackets and dashes.
fn is_listed(text: &str, offset: usize, letter: char) -> bool {
    let frames = |letter: Option<char>| {
        letter.is_some_and(|letter| {
            matches!(letter, '"' | '\'' | '`' | '[' | ']' | '-' | '|' | '\\' | '^' | '\u{200E}' | '\u{200F}')
                || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        })
    };
    frames(text[..offset].chars().next_back()) && frames(text[offset + letter.len_utf8()..].chars().next())
}

/// Identifiers in ideographs.
#[derive(Default)]
struct Ideographs {
    count: usize,
    end: usize,
    first: usize,
}

impl Ideographs {
    fn push(&mut self, page: &mut Page<'_>, offset: usize, letter: char) {
        let starts = offset != self.end;
        self.end = offset + letter.len_utf8();
        if starts && page.language.is_some() && self.count < 4 * MANY_IDEOGRAPHIC && !page.is_quoted(offset) {
            if self.count == 0 {
                self.first = offset;
            }
            self.count += 1;
        }
    }

    fn close(&self, page: &mut Page<'_>) {
        if self.count < MANY_IDEOGRAPHIC {
            return;
        }
        let sums = sums(page.text.as_bytes());
        if sums >= 2 * MANY_IDEOGRAPHIC && sums * 400 >= page.text.len() {
            let detail = format!("identifiers in ideographs with {sums} sums of plain numbers");
            page.mark(MarkKind::UnreadableNames, self.first, page.text.len() - self.first, detail, None);
        }
    }
}

/// Emoji in a row, far more than anybody writes: an alphabet in which something is encoded.
#[derive(Default)]
struct Pictures {
    start: usize,
    end: usize,
    count: usize,
}

impl Pictures {
    fn push(&mut self, page: &mut Page<'_>, offset: usize, letter: char) {
        if offset != self.end {
            self.close(page);
            self.start = offset;
        }
        self.end = offset + letter.len_utf8();
        self.count += 1;
    }

    fn close(&mut self, page: &mut Page<'_>) {
        if self.count >= MANY_PICTURES {
            let detail = format!("{} emoji in a row", self.count);
            page.mark(MarkKind::Blob, self.start, self.end - self.start, detail, None);
        }
        self.count = 0;
    }
}

/// How often a number is reckoned with a number: what a writer would have reckoned beforehand.
fn sums(bytes: &[u8]) -> usize {
    let mut count = 0;
    for at in memchr::memchr3_iter(b'+', b'-', b'*', bytes).chain(memchr::memchr2_iter(b'^', b'/', bytes)) {
        let before = bytes[..at].iter().rev().find(|byte| **byte != b' ');
        let after = bytes[at + 1..].iter().find(|byte| **byte != b' ');
        count += usize::from(
            before.is_some_and(|byte| byte.is_ascii_digit() || *byte == b')')
                && after.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'('),
        );
    }
    count
}
