//! A picture goes on behind its end.

use model::{Action, Confidence, Phase, Place};

use crate::{
    rules::{Report, Sink},
    source::is_aside,
    subject::Subject,
};

/// A few bytes are what careless tools leave.
const LEAST: usize = 128;

pub(super) fn check(subject: &Subject, sink: &mut Sink) {
    for file in subject.tree.files.iter().filter(|file| !file.nested && !is_aside(&file.path)) {
        let Some(rest) = behind_the_end(&file.bytes).filter(|rest| rest.len() >= LEAST) else { continue };
        let Some(what) = payload(rest) else { continue };
        let name = file.path.rsplit('/').next().unwrap_or(&file.path);
        let reader = subject.sources.iter().filter(|source| !source.is_aside).find(|source| {
            source.behaviours(&[Action::FileRead]).any(|seen| seen.text().ends_with(name))
        });
        let place = Place { path: file.path.clone(), line: 1, column: 1, layer: None };
        let note = format!("Behind the end of the picture {name} stand {} bytes more: {what}.", rest.len());
        let (sure, phase) = match reader {
            Some(source) => (Confidence::High, source.phase),
            None => (Confidence::Medium, Phase::Runtime),
        };
        sink.report(Report::indicator(sure, note).phase(phase).at(place));
    }
}

/// What stands behind a picture that ends before its file does.
fn behind_the_end(bytes: &[u8]) -> Option<&[u8]> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let mut at = 8;
        loop {
            let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
            let last = bytes.get(at + 4..at + 8)? == b"IEND";
            at = at.checked_add(length)?.checked_add(12)?;
            if last {
                return bytes.get(at..);
            }
        }
    }
    if bytes.starts_with(b"\xff\xd8\xff") {
        let end = memchr::memmem::rfind(bytes, b"\xff\xd9")?;
        return bytes.get(end + 2..);
    }
    None
}

/// What sort of payload it is; other remains (thumbnails, films of cameras) are none.
fn payload(rest: &[u8]) -> Option<&'static str> {
    let start = &rest[..rest.len().min(4096)];
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\n' | b'\r');
    if start.starts_with(b"PK\x03\x04") {
        Some("an archive")
    } else if start.starts_with(b"MZ") || start.starts_with(b"\x7fELF") {
        Some("a program")
    } else if start.iter().all(is_base64) {
        Some("text in base64")
    } else if std::str::from_utf8(start).is_ok_and(|text| syntax::decode::looks_like_code(text).is_some()) {
        Some("code")
    } else {
        None
    }
}
