//! What a blob turns out to be when the usual decoders are tried on it.

use super::{
    ascii85, base16, base32, base64, base85, bz2, code::is_data, data_url, escapes, gzip, inflate, looks_like_code,
    marshal, percent, raw_lzma, reverse, rot13, utf16, xz, zlib,
};
use crate::Language;

/// What was found under the layers of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// The decoders, outermost first.
    pub decoders: Vec<&'static str>,
    /// The bytes that came out.
    pub bytes: Vec<u8>,
    /// What they are.
    pub what: What,
}

/// What decoded bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Source text.
    Code(Language),
    /// A marshalled Python code object.
    Marshal,
    /// An ELF file.
    Elf,
    /// A PE file (`MZ`).
    Pe,
    /// A Mach-O file.
    MachO,
    /// A WebAssembly module.
    Wasm,
    /// A Java class.
    Class,
    /// A zip archive.
    Zip,
    /// A 7z or RAR archive.
    Archive,
}

impl What {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code(language) => language.as_str(),
            Self::Marshal => "marshal",
            Self::Elf => "elf",
            Self::Pe => "pe",
            Self::MachO => "mach-o",
            Self::Wasm => "wasm",
            Self::Class => "java-class",
            Self::Zip => "zip",
            Self::Archive => "archive",
        }
    }

    /// Whether a machine or interpreter runs it as it is.
    pub const fn is_runnable(self) -> bool {
        !matches!(self, Self::Zip | Self::Archive)
    }
}

/// How many decoders may follow each other.
const DEEPEST: u32 = 6;
/// How many bytes may come out of one decoder.
const LIMIT: usize = 8 << 20;
/// Shorter texts than this are not worth a try: half of all words are base64.
const SHORTEST: usize = 24;
/// How many bytes all decoders together may yield for one blob.
const WORK: usize = 64 << 20;

/// Tries the usual decoders on a blob, several layers deep. It answers only when code or a runnable file comes out; images,
/// fonts, certificates, keys and plain data stay unanswered, and so does code that was not encoded at all.
pub fn guess(bytes: &[u8]) -> Option<Guess> {
    if bytes.len() < SHORTEST {
        return None;
    }
    let mut work = WORK;
    let (decoders, bytes, what) = peel(bytes, DEEPEST, &mut work)?;
    Some(Guess { decoders, bytes, what })
}

type Peeled = (Vec<&'static str>, Vec<u8>, What);

fn peel(bytes: &[u8], depth: u32, work: &mut usize) -> Option<Peeled> {
    if depth == 0 {
        return None;
    }
    for (name, decoded) in decodings(bytes) {
        let Some(decoded) = decoded else { continue };
        if decoded.len() < 8 || *work < decoded.len() {
            continue;
        }
        *work -= decoded.len();
        if let Some(what) = recognise(&decoded) {
            return Some((vec![name], decoded, what));
        }
        if let Some((mut decoders, inner, what)) = peel(&decoded, depth - 1, work) {
            decoders.insert(0, name);
            return Some((decoders, inner, what));
        }
    }
    None
}

/// The decoders that the shape of a blob suggests, and what they make of it.
fn decodings(bytes: &[u8]) -> Vec<(&'static str, Option<Vec<u8>>)> {
    match bytes {
        [0x1F, 0x8B, ..] => return vec![("gzip", gzip(bytes, LIMIT))],
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => return vec![("bz2", bz2(bytes, LIMIT))],
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => return vec![("xz", xz(bytes, LIMIT))],
        [0x5D, 0, 0, ..] => return vec![("lzma", raw_lzma(bytes, LIMIT))],
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => return vec![("zlib", zlib(bytes, LIMIT))],
        // Reversed zlib ends where it starts.
        [.., 0x01 | 0x5E | 0x9C | 0xDA, 0x78] if std::str::from_utf8(bytes).is_err() => {
            return vec![("reverse", reverse(bytes, LIMIT).filter(|bytes| inflate(bytes, 64).is_some()))];
        }
        _ => {}
    }
    if is_utf16(bytes) {
        return vec![("utf-16", utf16(bytes, bytes[0] != 0, LIMIT))];
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text_decodings(unwrap(text)),
        Err(_) => Vec::new(),
    }
}

fn text_decodings(text: &str) -> Vec<(&'static str, Option<Vec<u8>>)> {
    let bytes = text.as_bytes();
    let mut tries: Vec<(&'static str, Option<Vec<u8>>)> = Vec::new();
    if bytes.len() < SHORTEST {
        return tries;
    }
    let shape = Shape::of(bytes);
    if bytes.starts_with(b"data:") {
        tries.push(("data-url", data_url(bytes, LIMIT)));
    }
    if shape.all(Shape::HEX) {
        tries.push(("hex", base16(bytes, LIMIT)));
    }
    if shape.all(Shape::BASE32) && shape.count.is_multiple_of(8) {
        tries.push(("base32", base32(bytes, LIMIT)));
    }
    if shape.all(Shape::BASE64) {
        if bytes.starts_with(b"=") {
            tries.push(("reverse", reverse(bytes, LIMIT)));
        } else {
            tries.push(("base64", base64(bytes, LIMIT)));
            // Reversed without padding: a try that costs little, since it must make code in the end.
            if !bytes.ends_with(b"=") && shape.count.is_multiple_of(4) {
                tries.push(("reverse+base64", reverse(bytes, LIMIT).and_then(|back| base64(&back, LIMIT))));
            }
        }
    }
    if tries.is_empty() && shape.all(Shape::DENSE) && shape.count > 40 {
        tries.push(("base85", base85(bytes, LIMIT)));
        tries.push(("ascii85", ascii85(bytes, LIMIT)));
    }
    if shape.percents * 6 > bytes.len() {
        tries.push(("percent", percent(bytes, LIMIT)));
    }
    if shape.backslashes * 8 > bytes.len() {
        tries.push(("escapes", escapes(bytes, LIMIT)));
    }
    if tries.is_empty() && shape.letters * 2 > bytes.len() && !is_data(text) && looks_like_code(text).is_none() {
        tries.push(("reverse", code_only(reverse(bytes, LIMIT))));
        tries.push(("rot13", code_only(rot13(bytes, LIMIT))));
    }
    tries
}

/// Turned text proves itself only by being code.
fn code_only(bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
    bytes.filter(|bytes| std::str::from_utf8(bytes).is_ok_and(|text| looks_like_code(text).is_some()))
}

/// Takes off quotes and Python's `b''`.
fn unwrap(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix(['b', 'r', 'u']).filter(|rest| rest.starts_with(['\'', '"'])).unwrap_or(text);
    for quote in ['"', '\'', '`'] {
        if let Some(inside) = inner.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inside.trim();
        }
    }
    text
}

/// Of which characters a text is made.
struct Shape {
    classes: u8,
    count: usize,
    letters: usize,
    percents: usize,
    backslashes: usize,
}

impl Shape {
    const HEX: u8 = 1;
    const BASE32: u8 = 2;
    const BASE64: u8 = 4;
    /// Printable without blanks inside: what base85 is made of.
    const DENSE: u8 = 8;

    fn of(bytes: &[u8]) -> Self {
        let mut shape = Self { classes: 0xFF, count: 0, letters: 0, percents: 0, backslashes: 0 };
        for &byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                continue;
            }
            shape.count += 1;
            shape.letters += usize::from(byte.is_ascii_alphabetic());
            shape.percents += usize::from(byte == b'%');
            shape.backslashes += usize::from(byte == b'\\');
            shape.classes &= Self::class(byte);
        }
        shape
    }

    const fn class(byte: u8) -> u8 {
        match byte {
            b'0' | b'1' | b'8' | b'9' => Self::HEX | Self::BASE64 | Self::DENSE,
            b'2'..=b'7' | b'A'..=b'F' => Self::HEX | Self::BASE32 | Self::BASE64 | Self::DENSE,
            b'a'..=b'f' => Self::HEX | Self::BASE64 | Self::DENSE,
            b'G'..=b'Z' => Self::BASE32 | Self::BASE64 | Self::DENSE,
            b'g'..=b'z' | b'+' | b'/' | b'-' | b'_' => Self::BASE64 | Self::DENSE,
            b'=' => Self::BASE32 | Self::BASE64 | Self::DENSE,
            b' ' | b'\t' => Self::HEX | Self::BASE64,
            0x21..=0x7E => Self::DENSE,
            _ => 0,
        }
    }

    fn all(&self, class: u8) -> bool {
        self.classes & class != 0
    }
}

/// What decoded bytes are, when they are code or a file that is known by its start.
fn recognise(bytes: &[u8]) -> Option<What> {
    if let Some(what) = magic(bytes) {
        return Some(what);
    }
    if bytes[0] & 0x7F == b'c' && marshal(bytes).is_some_and(|texts| texts.len() >= 3) {
        return Some(What::Marshal);
    }
    let text = std::str::from_utf8(bytes).ok()?;
    // Data inside data: the next layer decides.
    let shape = Shape::of(bytes);
    if shape.all(Shape::BASE64) {
        return None;
    }
    looks_like_code(text).map(What::Code)
}

/// What the first bytes of a file promise, checked a little beyond the mark itself.
pub fn magic(bytes: &[u8]) -> Option<What> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    match bytes {
        [0x7F, b'E', b'L', b'F', 1 | 2, 1 | 2, ..] => Some(What::Elf),
        [b'M', b'Z', ..] if bytes.len() >= 64 => {
            let header = word(60)? as usize;
            (bytes.get(header..header.checked_add(4)?) == Some(b"PE\0\0")
                || bytes.windows(11).take(256).any(|w| w == b"This progra"))
            .then_some(What::Pe)
        }
        [0xCF | 0xCE, 0xFA, 0xED, 0xFE, ..] | [0xFE, 0xED, 0xFA, 0xCE | 0xCF, ..] => Some(What::MachO),
        [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, count, ..] if *count < 20 => Some(What::MachO),
        [0xCA, 0xFE, 0xBA, 0xBE, _, _, 0, 45..=80, ..] => Some(What::Class),
        [0, b'a', b's', b'm', 1 | 2, 0, 0, 0, ..] => Some(What::Wasm),
        [b'P', b'K', 3, 4, ..] => Some(What::Zip),
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] | [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => Some(What::Archive),
        _ => None,
    }
}

/// Every second byte of a long start is zero.
fn is_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(200)];
    if start.len() < 16 {
        return false;
    }
    if matches!(start, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]) {
        return true;
    }
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let half = start.len() / 2;
    (zeros(1) * 10 >= half * 9 && zeros(0) == 0) || (zeros(0) * 10 >= half * 9 && zeros(1) == 0)
}
