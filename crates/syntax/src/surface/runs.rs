//! Long runs of one class of characters, found by sampling.
//!
//! A run of at least 64 characters covers a multiple of 64. So only every 64th byte is looked at; where it could be inside of
//! a run, the run is followed to both ends.

use std::ops::Range;

use super::{MarkKind, Page};
use crate::decode;

const STEP: usize = 64;
/// The fewest escapes that make a run.
const LEAST_ESCAPES: usize = 40;
/// The fewest numbers that make a run.
const LEAST_NUMBERS: usize = 60;
/// The fewest characters that make a blob.
const LEAST_BLOB: usize = 1024;
/// A piece of a blob that is written over several lines has at least this length.
const LEAST_PIECE: usize = 40;
/// The fewest brackets that make JSFuck.
const LEAST_BRACKETS: usize = 256;
/// How many bytes of blobs are decoded in one text.
const MOST_GUESSED: usize = 8 << 20;
/// How many runs of blanks are judged.
const MOST_BLANKS: usize = 256;

/// What was found for others to judge.
pub(super) struct Found {
    /// Runs of blanks within lines.
    pub(super) blanks: Vec<Range<usize>>,
    /// The longest run of JSFuck's characters.
    pub(super) brackets: Option<Range<usize>>,
}

const BLANK: u8 = 1;
const BASE64: u8 = 2;
const NUMBER: u8 = 4;
const BRACKET: u8 = 8;
const DIGIT: u8 = 16;

static CLASS: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let at = byte as u8;
        let mut class = 0;
        if matches!(at, b' ' | b'\t') {
            class |= BLANK | NUMBER;
        }
        if at.is_ascii_alphanumeric() || matches!(at, b'+' | b'/' | b'-' | b'_' | b'=') {
            class |= BASE64;
        }
        if at.is_ascii_hexdigit() || matches!(at, b',' | b'x' | b'X' | b'\n' | b'\r') {
            class |= NUMBER;
        }
        if matches!(at, b'0'..=b'9' | b',') {
            class |= DIGIT;
        }
        if matches!(at, b'[' | b']' | b'(' | b')' | b'!' | b'+') {
            class |= BRACKET;
        }
        classes[byte] = class;
        byte += 1;
    }
    classes
};

/// Looks for runs. Escapes, numbers and blobs are marked at once.
pub(super) fn scan(page: &mut Page<'_>) -> Found {
    let bytes = page.text.as_bytes();
    let mut found = Found { blanks: Vec::new(), brackets: None };
    // Up to where each class has been followed.
    let (mut blanks, mut blobs, mut numbers, mut brackets, mut escapes) = (0, 0, 0, 0, 0);
    let mut budget = MOST_GUESSED;
    let mut at = 0;
    while at < bytes.len() {
        let class = CLASS[bytes[at] as usize];
        if class & BLANK != 0 && at >= blanks {
            let run = extend(bytes, at, BLANK, blanks);
            blanks = run.end;
            if run.len() >= STEP && found.blanks.len() < MOST_BLANKS {
                found.blanks.push(run);
            }
        }
        if class & BASE64 != 0 && at >= blobs {
            blobs = blob(page, at, blobs, &mut budget);
        }
        if class & DIGIT != 0 && at >= numbers {
            let run = extend(bytes, at, NUMBER, numbers);
            numbers = run.end;
            if run.len() >= LEAST_NUMBERS * 2 {
                number_run(page, run);
            }
        }
        if class & BRACKET != 0 && at >= brackets {
            let run = extend(bytes, at, BRACKET, brackets);
            brackets = run.end;
            if run.len() >= LEAST_BRACKETS
                && is_jsfuck(&bytes[run.clone()])
                && found.brackets.as_ref().is_none_or(|longest| longest.len() < run.len())
            {
                found.brackets = Some(run);
            }
        }
        if at >= escapes {
            let window = &bytes[at..bytes.len().min(at + 12)];
            if let Some(backslash) = memchr::memchr(b'\\', window) {
                escapes = escape_run(page, at + backslash, escapes);
            }
        }
        at += STEP;
    }
    found
}

/// JSFuck makes truth values and numbers: all of its six characters are many.
fn is_jsfuck(run: &[u8]) -> bool {
    b"[]()!+".iter().all(|sign| run.iter().filter(|byte| *byte == sign).count() * 50 > run.len())
}

/// The run of a class around a place, not before `floor`.
fn extend(bytes: &[u8], at: usize, class: u8, floor: usize) -> Range<usize> {
    let is = |byte: &u8| CLASS[*byte as usize] & class != 0;
    let start = at - bytes[floor.min(at)..at].iter().rev().take_while(|byte| is(byte)).count();
    let end = at + bytes[at..].iter().take_while(|byte| is(byte)).count();
    start..end
}

/// Follows a blob, over the lines of its literal; answers where it ends.
fn blob(page: &mut Page<'_>, at: usize, floor: usize, budget: &mut usize) -> usize {
    let bytes = page.text.as_bytes();
    let first = extend(bytes, at, BASE64, floor);
    let mut end = first.end;
    let mut pieces = vec![first.clone()];
    if first.len() >= LEAST_PIECE {
        while let Some(start) = next_piece(bytes, end) {
            let piece = extend(bytes, start, BASE64, start);
            if piece.len() < LEAST_PIECE && pieces.len() < 2 {
                break;
            }
            end = piece.end;
            let short = piece.len() < LEAST_PIECE;
            pieces.push(piece);
            // The last line of a literal may be short.
            if short {
                break;
            }
        }
    }
    let length: usize = pieces.iter().map(Range::len).sum();
    if length >= LEAST_BLOB {
        let content: String = pieces.iter().map(|piece| &page.text[piece.clone()]).collect();
        mark_blob(page, first.start, end - first.start, &content, budget);
    }
    end
}

/// Where the next piece of a literal starts, when only line ends, quotes and joining marks lie between.
fn next_piece(bytes: &[u8], end: usize) -> Option<usize> {
    let mut line = false;
    for (at, byte) in bytes.iter().enumerate().skip(end).take(160) {
        match byte {
            b'\n' => line = true,
            b' ' | b'\t' | b'\r' | b'"' | b'\'' | b'\\' | b',' | b'`' => {}
            // `'...' +` at a line's end, `b'...'` at a line's start.
            b'+' if !line || matches!(bytes.get(at + 1), Some(b' ' | b'"' | b'\'' | b'\n')) => {}
            b'b' if matches!(bytes.get(at + 1), Some(b'"' | b'\'')) => {}
            byte if line && CLASS[*byte as usize] & BASE64 != 0 => return Some(at),
            _ => return None,
        }
    }
    None
}

fn mark_blob(page: &mut Page<'_>, start: usize, length: usize, content: &str, budget: &mut usize) {
    let Some(alphabet) = alphabet(content.as_bytes()) else { return };
    let guess = if content.len() <= *budget { decode::guess(content.as_bytes()) } else { None };
    *budget = budget.saturating_sub(content.len());
    let before = &page.text.as_bytes()[start.saturating_sub(48)..start];
    let media = [
        &b"data:image"[..],
        b"data:font",
        b"data:audio",
        b"data:video",
        b"data:application/font",
        b"data:application/json",
    ];
    if guess.is_none() && media.iter().any(|kind| memchr::memmem::find(before, kind).is_some()) {
        return;
    }
    let mut detail = format!("{} characters of {alphabet}", content.len());
    let mut decoded = None;
    if let Some(guess) = guess {
        detail = format!("{detail}: {} gives {}", guess.decoders.join(", "), guess.what.as_str());
        decoded = readable(&guess);
    }
    page.mark(MarkKind::Blob, start, length, detail, decoded);
}

/// What was found, as text; a file that a machine runs has none.
fn readable(guess: &decode::Guess) -> Option<String> {
    match guess.what {
        decode::What::Code(_) => Some(String::from_utf8_lossy(&guess.bytes).into_owned()),
        decode::What::Marshal => decode::marshal(&guess.bytes).map(|texts| texts.join("\n")),
        _ => None,
    }
}

/// The name of the alphabet; none for rulers, repeated patterns and long words.
fn alphabet(content: &[u8]) -> Option<&'static str> {
    let mut counts = [0u32; 256];
    for &byte in content {
        counts[byte as usize] += 1;
    }
    let total = content.len() as f64;
    if content.starts_with(b"gAAAAA") {
        return Some("fernet");
    }
    if content.starts_with(b"674141414141") {
        return Some("hex of fernet");
    }
    let entropy: f64 =
        counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / total).map(|p| -p * p.log2()).sum();
    let has = |test: fn(u8) -> bool| (0..=255u8).any(|byte| counts[usize::from(byte)] > 0 && test(byte));
    if !has(|byte| !byte.is_ascii_hexdigit()) {
        return (entropy > 2.2).then_some("hex");
    }
    if entropy < 3.2 {
        return None;
    }
    if !has(|byte| !matches!(byte, b'A'..=b'Z' | b'2'..=b'7' | b'=')) {
        return Some("base32");
    }
    if has(|byte| matches!(byte, b'-' | b'_')) { Some("base64url") } else { Some("base64") }
}

/// Marks a run of numbers that are characters.
fn number_run(page: &mut Page<'_>, run: Range<usize>) {
    let text = &page.text[run.clone()];
    let (mut values, mut best): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    for word in text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        let number = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(hex) => u8::from_str_radix(hex, 16),
            None => word.parse(),
        };
        match number {
            Ok(value) => values.push(value),
            Err(_) => {
                if values.len() > best.len() {
                    best = std::mem::take(&mut values);
                }
                values.clear();
            }
        }
    }
    if values.len() > best.len() {
        best = values;
    }
    if best.len() < LEAST_NUMBERS {
        return;
    }
    let printable = best.iter().filter(|byte| matches!(byte, 9 | 10 | 13 | 32..=126)).count();
    let varied = best.iter().any(|byte| *byte >= 97) && best.iter().any(|byte| *byte < 64);
    let decoded = if printable * 20 >= best.len() * 19 && varied {
        Some(String::from_utf8_lossy(&best).into_owned())
    } else {
        what_bytes_are(&best)
    };
    if decoded.is_some() {
        page.mark(
            MarkKind::EscapeRun,
            run.start,
            run.len(),
            format!("{} numbers that are characters", best.len()),
            decoded,
        );
    }
}

/// What bytes are when they are a runnable file or something packed.
fn what_bytes_are(bytes: &[u8]) -> Option<String> {
    match decode::magic(bytes) {
        Some(what) => Some(format!("({})", what.as_str())),
        None => decode::guess(bytes).and_then(|guess| readable(&guess)),
    }
}

/// Follows a run of escapes; answers where it ends.
fn escape_run(page: &mut Page<'_>, at: usize, floor: usize) -> usize {
    let bytes = page.text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'\\' | b'x' | b'u' | b'U' | b'{' | b'}');
    let back = bytes[floor.max(at.saturating_sub(2 * STEP))..at].iter().rev().take_while(|byte| part(byte)).count();
    let start = (at - back..=at).find(|start| bytes[*start] == b'\\').unwrap_or(at);
    let (mut end, mut count) = (start, 0);
    let mut distinct = [false; 256];
    while let Some(length) = escape_length(&bytes[end..]) {
        let last = bytes[end + length - 1];
        distinct[last as usize] = true;
        end += length;
        count += 1;
    }
    // Ranges of a character table repeat few values, but tables are rarely without a dash or a plain character.
    if count >= LEAST_ESCAPES && distinct.iter().filter(|seen| **seen).count() >= 4 {
        let text = decode::escapes(&bytes[start..end], 1 << 20).and_then(|text| String::from_utf8(text).ok());
        let decoded = text.filter(|text| {
            text.chars().filter(|letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='~')).count() * 10 >= count * 9
        });
        page.mark(MarkKind::EscapeRun, start, end - start, format!("{count} character escapes"), decoded);
    }
    end.max(at + 1)
}

/// The length of the numeric escape at the start.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize, count: usize| {
        (bytes.len() >= from + count && bytes[from..from + count].iter().all(u8::is_ascii_hexdigit))
            .then_some(from + count)
    };
    match bytes {
        [b'\\', b'x', ..] => digits(2, 2),
        [b'\\', b'u', b'{', ..] => {
            let end = bytes.iter().take(12).position(|byte| *byte == b'}')?;
            digits(3, end.checked_sub(3)?).map(|_| end + 1)
        }
        [b'\\', b'u', ..] => digits(2, 4),
        [b'\\', b'U', ..] => digits(2, 8),
        [b'\\', b'0'..=b'7', ..] => {
            Some(1 + bytes[1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count())
        }
        _ => None,
    }
}
