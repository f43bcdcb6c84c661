//! Characters that nobody sees, and what they say.

use super::{MarkKind, Page};
use crate::decode;

/// Fewer in a row are typography: an emoji's selector, a flag's tags, a joiner.
const LEAST: usize = 8;
/// Visible ASCII characters that may stand between two of a run.
const WIDEST_GAP: usize = 2;

/// A character that carries something unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// A variation selector: one of 256 values.
    Selector(u8),
    /// A tag: an ASCII character.
    Tag(u8),
    /// Zero-width or filler: one of a few symbols.
    Blank(char),
}

/// What a character carries, when it is invisible.
pub(super) fn carrier(letter: char) -> Option<Carrier> {
    Some(match letter {
        '\u{FE00}'..='\u{FE0F}' => Carrier::Selector((letter as u32 - 0xFE00) as u8),
        '\u{E0100}'..='\u{E01EF}' => Carrier::Selector((letter as u32 - 0xE0100 + 16) as u8),
        '\u{E0000}'..='\u{E007F}' => Carrier::Tag((letter as u32 - 0xE0000) as u8),
        '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}' | '\u{180E}' | '\u{AD}' => {
            Carrier::Blank(letter)
        }
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => Carrier::Blank(letter),
        _ => return None,
    })
}

/// A run that is being read.
#[derive(Default)]
pub(super) struct Run {
    start: usize,
    end: usize,
    carriers: Vec<Carrier>,
}

impl Run {
    /// Reads on: a carrier at a place. It closes the run before it when that is too far away.
    pub(super) fn push(&mut self, page: &mut Page<'_>, offset: usize, letter: char, carrier: Carrier) {
        let near = !self.carriers.is_empty()
            && offset - self.end <= WIDEST_GAP
            && page.text.as_bytes()[self.end..offset].is_ascii();
        if !near {
            self.close(page);
            self.start = offset;
        }
        self.carriers.push(carrier);
        self.end = offset + letter.len_utf8();
    }

    /// Ends the run and marks it when it is long enough.
    pub(super) fn close(&mut self, page: &mut Page<'_>) {
        let carriers = std::mem::take(&mut self.carriers);
        if carriers.len() < LEAST {
            return;
        }
        let kind = match carriers[carriers.len() / 2] {
            Carrier::Selector(_) => "variation selectors",
            Carrier::Tag(_) => "tag characters",
            Carrier::Blank(_) => "zero-width characters",
        };
        let detail = format!("{} invisible characters ({kind})", carriers.len());
        page.mark(MarkKind::InvisibleRun, self.start, self.end - self.start, detail, decode(&carriers));
    }
}

fn decode(carriers: &[Carrier]) -> Option<String> {
    let selectors: Vec<u8> = carriers
        .iter()
        .filter_map(|one| if let Carrier::Selector(value) = one { Some(*value) } else { None })
        .collect();
    if selectors.len() * 2 > carriers.len() {
        return Some(readable(selectors));
    }
    let tags: Vec<u8> = carriers
        .iter()
        .filter_map(|one| if let Carrier::Tag(value @ 0x20..=0x7E) = one { Some(*value) } else { None })
        .collect();
    if tags.len() * 2 > carriers.len() {
        return Some(readable(tags));
    }
    let blanks: Vec<char> =
        carriers.iter().filter_map(|one| if let Carrier::Blank(letter) = one { Some(*letter) } else { None }).collect();
    bits(&blanks)
}

/// The bytes as text; what is encoded once more is decoded.
fn readable(bytes: Vec<u8>) -> String {
    match decode::guess(&bytes) {
        Some(guess) => String::from_utf8_lossy(&guess.bytes).into_owned(),
        None => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// Two symbols are the bits of text, in one order or the other.
fn bits(blanks: &[char]) -> Option<String> {
    let mut symbols: Vec<char> = Vec::new();
    for &letter in blanks {
        if !symbols.contains(&letter) {
            symbols.push(letter);
        }
    }
    // A third symbol separates characters; it is the one that stands most evenly, but dropping the rarest is good enough.
    if symbols.len() == 3 {
        let count = |symbol: &char| blanks.iter().filter(|letter| *letter == symbol).count();
        symbols.sort_by_key(|symbol| std::cmp::Reverse(count(symbol)));
        symbols.truncate(2);
    }
    let &[first, second] = symbols.as_slice() else { return None };
    let blanks: Vec<char> = blanks.iter().copied().filter(|letter| *letter == first || *letter == second).collect();
    [(first, 8), (second, 8), (first, 7), (second, 7), (first, 16), (second, 16)].into_iter().find_map(
        |(zero, width)| {
            if !blanks.len().is_multiple_of(width) {
                return None;
            }
            let value = |group: &[char]| group.iter().fold(0u32, |held, letter| held << 1 | u32::from(*letter != zero));
            let text: Option<String> = blanks.chunks(width).map(|group| char::from_u32(value(group))).collect();
            text.filter(|text| {
                text.chars().all(|letter| letter == '\n' || letter == '\t' || (' '..='~').contains(&letter))
            })
        },
    )
}
