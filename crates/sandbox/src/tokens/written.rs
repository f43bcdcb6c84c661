//! Every way to write a token that can be told beforehand.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use data_encoding::{BASE32, BASE32HEX, HEXLOWER, HEXUPPER};

use super::alphabets::{BASE85, Z85, base85};

/// The encodings of a needle: the name of each and its bytes. An encoding that depends on what stands before the needle
/// is here once for each possibility, without the digits that the neighbours share.
pub(crate) fn encodings(needle: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = vec![("raw", needle.to_vec())];
    let reversed: Vec<u8> = needle.iter().rev().copied().collect();
    let once = base64(needle);
    for pattern in &once {
        let backwards = pattern.iter().rev().copied().collect();
        all.push(("base64-reversed", backwards));
        all.push(("base64-rot13", pattern.iter().map(|byte| rotate(*byte, 13)).collect()));
        all.push(("base64-hex", HEXLOWER.encode(pattern).into_bytes()));
    }
    let twice: Vec<Vec<u8>> = once.iter().flat_map(|pattern| base64(pattern)).collect();
    let thrice: Vec<Vec<u8>> = twice.iter().flat_map(|pattern| base64(pattern)).collect();
    all.extend(once.into_iter().map(|pattern| ("base64", pattern)));
    all.extend(twice.into_iter().map(|pattern| ("base64>base64", pattern)));
    all.extend(thrice.into_iter().map(|pattern| ("base64>base64>base64", pattern)));
    all.extend(base64(&reversed).into_iter().map(|pattern| ("base64>reversed", pattern)));
    let hex = HEXLOWER.encode(needle).into_bytes();
    all.extend(base64(&hex).into_iter().map(|pattern| ("base64>hex", pattern)));
    all.push(("hex", HEXUPPER.encode(needle).into_bytes()));
    all.push(("hex-reversed", hex.iter().rev().copied().collect()));
    all.push(("hex>hex", HEXLOWER.encode(&hex).into_bytes()));
    all.push(("hex", hex));
    all.push(("reversed", reversed));
    all.extend(base32(needle).into_iter().map(|pattern| ("base32", pattern)));
    all.extend(eighty_five(needle));
    all.extend((1..26).map(|by| {
        let name = if by == 13 { "rot13" } else { "caesar" };
        (name, needle.iter().map(|byte| rotate(*byte, by)).collect())
    }));
    all.push(("rot47", needle.iter().map(|byte| rotate_printable(*byte)).collect()));
    all.push(("atbash", needle.iter().map(|byte| mirror(*byte)).collect()));
    all.push((
        "swapped-case",
        needle.iter().map(|byte| byte ^ if byte.is_ascii_alphabetic() { 32 } else { 0 }).collect(),
    ));
    all.push(("utf-16", wide(needle)));
    all.extend(wide_base64(needle).into_iter().map(|pattern| ("base64>utf-16", pattern)));
    all.extend(escaped(needle));
    all.push(("complement", needle.iter().map(|byte| !byte).collect()));
    all
}

/// The three alignments in both alphabets.
fn base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for skip in 0..3usize {
        let mut padded = vec![0; skip];
        padded.extend(bytes);
        let whole = padded.len() / 3 * 3;
        // The digits that hold bits of the unknown bytes before, and of those after.
        let from = [0, 2, 3][skip];
        for engine in [&STANDARD, &URL_SAFE] {
            let text = engine.encode(&padded[..whole]).into_bytes();
            all.push(text[from..].to_vec());
        }
    }
    all.sort();
    all.dedup();
    all
}

fn wide(bytes: &[u8]) -> Vec<u8> {
    // Ends with the last letter, so that both byte orders have it.
    let pairs = bytes.iter().flat_map(|byte| [*byte, 0]);
    pairs.take(bytes.len() * 2 - 1).collect()
}

fn wide_base64(bytes: &[u8]) -> Vec<Vec<u8>> {
    base64(&wide(bytes))
}

/// The five alignments, with both alphabets, in both cases.
fn base32(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for skip in 0..5usize {
        let mut padded = vec![0; skip];
        padded.extend(bytes);
        let whole = padded.len() / 5 * 5;
        let from = (skip * 8).div_ceil(5);
        for text in [BASE32.encode(&padded[..whole]), BASE32HEX.encode(&padded[..whole])] {
            all.push(text[from..].to_ascii_lowercase().into_bytes());
            all.push(text.as_bytes()[from..].to_vec());
        }
    }
    all
}

fn eighty_five(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    for skip in 0..4usize.min(bytes.len()) {
        let inner = &bytes[skip..];
        all.push(("base85", base85(inner, |digit| BASE85[usize::from(digit)])));
        all.push(("ascii85", base85(inner, |digit| digit + b'!')));
        all.push(("z85", base85(inner, |digit| Z85[usize::from(digit)])));
    }
    all
}

/// One escape sequence or number after the other.
fn escaped(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let joined = |between: &str, one: &dyn Fn(u8) -> String| -> Vec<u8> {
        bytes.iter().map(|byte| one(*byte)).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut all = vec![
        ("percent", joined("", &|byte| format!("%{byte:02x}"))),
        ("percent", joined("", &|byte| format!("%{byte:02X}"))),
        ("unicode-escapes", joined("", &|byte| format!("\\u{byte:04x}"))),
        ("unicode-escapes", joined("", &|byte| format!("\\u{{{byte:x}}}"))),
        ("hex-escapes", joined("", &|byte| format!("\\x{byte:02x}"))),
        ("hex-escapes", joined("", &|byte| format!("\\x{byte:02X}"))),
        ("octal-escapes", joined("", &|byte| format!("\\{byte:o}"))),
        ("octal-escapes", joined("", &|byte| format!("\\{byte:03o}"))),
        ("entities", joined("", &|byte| format!("&#{byte};"))),
        ("entities", joined("", &|byte| format!("&#x{byte:x};"))),
        ("quoted-printable", joined("", &|byte| format!("={byte:02X}"))),
        ("bits", joined("", &|byte| format!("{byte:08b}"))),
        ("bits", joined(" ", &|byte| format!("{byte:08b}"))),
    ];
    for between in [",", ", ", " ", "-", "|", "."] {
        all.push(("char-codes", joined(between, &|byte| byte.to_string())));
    }
    for between in [":", " ", "-", ", ", ","] {
        all.push(("hex", joined(between, &|byte| format!("{byte:02x}"))));
        all.push(("hex", joined(between, &|byte| format!("{byte:02X}"))));
    }
    for between in [", ", ",", " "] {
        all.push(("hex", joined(between, &|byte| format!("0x{byte:02x}"))));
    }
    all
}

fn rotate(byte: u8, by: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + by) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + by) % 26 + b'A',
        other => other,
    }
}

fn rotate_printable(byte: u8) -> u8 {
    if (33..=126).contains(&byte) { (byte - 33 + 47) % 94 + 33 } else { byte }
}

fn mirror(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => b'z' - (byte - b'a'),
        b'A'..=b'Z' => b'Z' - (byte - b'A'),
        other => other,
    }
}
