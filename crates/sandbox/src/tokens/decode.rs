//! Unpacking: from one text, the texts that may be hidden in it. Everything draws on one budget of bytes.

use std::{cell::Cell, io::Read, ops::Range};

use artifact::Limits;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::alphabets;

/// How many runs of digits of one text are decoded.
const RUNS: usize = 64;

/// The shortest run that is worth it.
const SHORTEST_RUN: usize = 20;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// The texts inside of a text, each with the name of its encoding.
pub(crate) fn unpack(bytes: &[u8], budget: &Cell<usize>) -> Vec<(&'static str, Vec<u8>)> {
    let mut inner = compressed(bytes, budget);
    if inner.is_empty() && is_text(bytes) {
        inner.extend(digits(bytes));
        inner.extend(unescape(bytes).map(|text| ("escaped", text)));
        inner.extend(percent(bytes).map(|text| ("percent", text)));
        inner.extend(numbers(bytes).map(|text| ("char-codes", text)));
    } else if inner.is_empty() {
        inner.extend(narrow(bytes).map(|text| ("utf-16", text)));
    }
    inner.retain(|(_, text)| spend(budget, text.len()));
    inner
}

/// How bytes so far apart differ: what a repeated key of that length cannot hide.
pub(crate) fn differences(bytes: &[u8], lag: usize) -> Vec<u8> {
    bytes.iter().zip(bytes.iter().skip(lag)).map(|(one, other)| one ^ other).collect()
}

/// How much each byte lies above the one before.
pub(crate) fn steps(bytes: &[u8]) -> Vec<u8> {
    bytes.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect()
}

fn spend(budget: &Cell<usize>, bytes: usize) -> bool {
    let left = budget.get();
    budget.set(left.saturating_sub(bytes));
    bytes <= left
}

fn is_text(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(4096)];
    let plain = sample.iter().filter(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 32..=126)).count();
    plain * 20 >= sample.len() * 19 || plain * 2 >= sample.len() && std::str::from_utf8(bytes).is_ok()
}

fn compressed(bytes: &[u8], budget: &Cell<usize>) -> Vec<(&'static str, Vec<u8>)> {
    let most = budget.get() as u64;
    let read = |reader: &mut dyn Read| {
        let mut out = Vec::new();
        // A stream that is cut off is worth what came before.
        let _ = reader.take(most).read_to_end(&mut out);
        (out.len() >= 8).then_some(out)
    };
    let found = match bytes {
        [0x1f, 0x8b, ..] => read(&mut MultiGzDecoder::new(bytes)).map(|text| ("gzip", text)),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => read(&mut ZlibDecoder::new(bytes)).map(|text| ("zlib", text)),
        [b'B', b'Z', b'h', ..] => return archive("bzip2", bytes, most),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => return archive("xz", bytes, most),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => return archive("zstd", bytes, most),
        [b'P', b'K', 3, 4, ..] => return archive("zip", bytes, most),
        _ if bytes.len() >= 257 + 8 && bytes[257..].starts_with(b"ustar") => None,
        _ if !is_text(bytes) => {
            read(&mut DeflateDecoder::new(bytes)).filter(|text| is_text(text)).map(|text| ("deflate", text))
        }
        _ => None,
    };
    found.into_iter().collect()
}

/// What the reader of packages finds in an archive.
fn archive(name: &'static str, bytes: &[u8], most: u64) -> Vec<(&'static str, Vec<u8>)> {
    let limits =
        Limits { total_bytes: most, file_bytes: most, entries: 256, depth: 0, ratio: 1000, ..Limits::default() };
    let tree = artifact::open(bytes, &limits);
    tree.map(|tree| tree.value.files.iter().map(|file| (name, file.bytes.to_vec())).collect()).unwrap_or_default()
}

/// Runs of digits of base 64 and of hexadecimal ones.
fn digits(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut found = Vec::new();
    for run in runs(bytes, |byte| byte.is_ascii_alphanumeric() || b"+/-_=\r\n".contains(&byte)).take(RUNS) {
        found.extend(alphabets::read_base58(&bytes[run.clone()]).map(|text| ("base58", text)));
        found.extend(base64(&bytes[run]).map(|text| ("base64", text)));
    }
    // With anything between the pairs that people put there: colons, spaces, commas, `\x`, `0x`.
    for run in runs(bytes, |byte| byte.is_ascii_hexdigit() || b": -,\\x\r\n".contains(&byte)).take(RUNS) {
        found.extend(hex(&bytes[run]).map(|text| ("hex", text)));
    }
    found
}

fn runs(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + bytes.get(at..)?.iter().position(|byte| belongs(*byte))?;
            let end = bytes[start..].iter().position(|byte| !belongs(*byte)).map_or(bytes.len(), |off| start + off);
            at = end;
            if end - start >= SHORTEST_RUN {
                return Some(start..end);
            }
        }
    })
}

fn base64(run: &[u8]) -> Option<Vec<u8>> {
    let plain = run.iter().filter(|byte| !b"=\r\n".contains(byte)).map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        other => *other,
    });
    let mut plain: Vec<u8> = plain.collect();
    if plain.len() % 4 == 1 {
        plain.pop();
    }
    LENIENT_BASE64.decode(plain).ok()
}

fn hex(run: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(run.len());
    for (at, byte) in run.iter().enumerate() {
        // The `0` of `0x` is no digit.
        let prefix = *byte == b'0' && run.get(at + 1) == Some(&b'x');
        if byte.is_ascii_hexdigit() && !prefix {
            plain.push(byte.to_ascii_lowercase());
        }
    }
    plain.truncate(plain.len() / 2 * 2);
    let decoded = data_encoding::HEXLOWER.decode(&plain).ok()?;
    (decoded.len() >= SHORTEST_RUN / 2).then_some(decoded)
}

/// A text with its backslashes read: `\n`, `\/`, `\x41`, `\u0041`, `\101`.
fn unescape(bytes: &[u8]) -> Option<Vec<u8>> {
    bytes.contains(&b'\\').then_some(())?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let (byte, used) = match after {
            [b'x', ..] => (number(after.get(1..3), 16), 3),
            [b'u', b'{', ..] => {
                let end = after.iter().take(10).position(|byte| *byte == b'}').unwrap_or(0);
                (number(after.get(2..end), 16), end + 1)
            }
            [b'u', ..] => (number(after.get(1..5), 16), 5),
            [b'0'..=b'7', ..] => {
                let count = after.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                (number(after.get(..count), 8), count)
            }
            [b'n', ..] => (Some(10), 1),
            [other, ..] => (Some(u32::from(*other)), 1),
            [] => (None, 0),
        };
        match byte.and_then(|byte| u8::try_from(byte).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(used..).unwrap_or_default();
            }
            None => out.push(b'\\'),
        }
    }
    Some(out)
}

fn number(digits: Option<&[u8]>, radix: u32) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits?).ok()?, radix).ok()
}

/// A text with its `%41` read, or with the `=41` of mail.
fn percent(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_sign = |at: usize| {
        matches!(bytes[at], b'%' | b'=')
            && bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    };
    (0..bytes.len()).any(is_sign).then_some(())?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let read = is_sign(at).then(|| number(bytes.get(at + 1..at + 3), 16)).flatten();
        out.push(read.map_or(bytes[at], |byte| byte as u8));
        at += if read.is_some() { 3 } else { 1 };
    }
    Some(out)
}

/// A list of numbers below 256, as `charCodeAt` and `ord` make them.
fn numbers(bytes: &[u8]) -> Option<Vec<u8>> {
    let words = bytes.split(|byte| !byte.is_ascii_digit()).filter(|word| !word.is_empty());
    let read = words.filter_map(|word| number(Some(word), 10).and_then(|value| u8::try_from(value).ok()));
    let out: Vec<u8> = read.collect();
    // A list is mostly digits and what stands between them.
    (out.len() >= 14 && out.len() * 7 >= bytes.len()).then_some(out)
}

/// Every other byte, when those between are zeros.
fn narrow(bytes: &[u8]) -> Option<Vec<u8>> {
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).take(64).all(|byte| *byte == 0);
    let keep = if zeros(1) { 0 } else { usize::from(zeros(0)) };
    (zeros(1) || zeros(0)).then(|| bytes.iter().skip(keep).step_by(2).copied().collect())
}
