//! Roughly where comments and text literals are, without parsing.

use std::ops::Range;

use crate::Language;

/// The comments and text literals of a text, in order. It is rough: a regular expression with a quote in it may start a
/// literal, which then ends at the line's end at the latest.
pub(super) fn quoted(text: &str, language: Option<Language>) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let hash = !matches!(language, Some(Language::JavaScript | Language::Rust));
    let slashes = matches!(language, Some(Language::JavaScript | Language::Rust) | None);
    let mut regions = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'#' if hash && starts_word(bytes, at) => line_end(bytes, at),
            b'/' if slashes && bytes[at..].starts_with(b"//") && !bytes[..at].ends_with(b":") => line_end(bytes, at),
            b'/' if slashes && bytes[at..].starts_with(b"/*") => block_end(bytes, at + 2, b"*/"),
            b'<' if language == Some(Language::PowerShell) && bytes[at..].starts_with(b"<#") => {
                block_end(bytes, at + 2, b"#>")
            }
            quote @ (b'"' | b'\'' | b'`') => match literal_end(bytes, at, quote, language) {
                Some(end) => end,
                None => {
                    at += 1;
                    continue;
                }
            },
            _ => {
                at += 1;
                continue;
            }
        };
        regions.push(at..end);
        at = end.max(at + 1);
    }
    regions
}

fn starts_word(bytes: &[u8], at: usize) -> bool {
    at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\n' | b'\r' | b';' | b')' | b'}' | b']' | b',' | b':')
}

fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end)
}

fn block_end(bytes: &[u8], from: usize, close: &[u8]) -> usize {
    memchr::memmem::find(&bytes[from..], close).map_or(bytes.len(), |end| from + end + close.len())
}

fn literal_end(bytes: &[u8], at: usize, quote: u8, language: Option<Language>) -> Option<usize> {
    if quote == b'\'' && language == Some(Language::Rust) {
        return None;
    }
    if quote == b'`' && !matches!(language, Some(Language::JavaScript) | None) {
        return None;
    }
    let triple = [quote; 3];
    let triple = matches!(language, Some(Language::Python) | None) && bytes[at..].starts_with(&triple);
    let many_lines = quote == b'`' || matches!(language, Some(Language::Shell | Language::Rust | Language::Ruby));
    let mut end = at + if triple { 3 } else { 1 };
    while end < bytes.len() {
        match bytes[end] {
            b'\\' => end += 1,
            b'\n' if !many_lines && !triple => return Some(end),
            byte if byte == quote && !triple => return Some(end + 1),
            byte if byte == quote && bytes[end..].starts_with(&[quote; 3]) => return Some(end + 3),
            _ => {}
        }
        end += 1;
    }
    Some(bytes.len())
}
