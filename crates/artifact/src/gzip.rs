//! Gzip (RFC 1952), member by member, since readers disagree on how many there are.

use flate2::Crc;

use crate::{
    Format, Oddity,
    format::{Reader, Shape},
    session::{Level, Source},
    sink::Sink,
};

pub(crate) const READER: Reader =
    Reader { sniff, shape: Shape::Stream { alone: Format::Gzip, with_tar: Format::TarGz, suffix: ".gz", read } };

fn sniff(bytes: &[u8]) -> bool {
    // The upper three flags are reserved and zero: a check that keeps random bytes out.
    matches!(bytes, [0x1f, 0x8b, 8, flags, ..] if flags & 0xe0 == 0) && bytes.len() >= 18
}

fn read(source: Source<'_>, sink: &mut Sink, level: &mut Level<'_, '_>) {
    let bytes = source.bytes;
    let (mut pos, mut members) = (0, 0u64);
    while let Some(rest) = bytes.get(pos..).filter(|rest| sniff(rest)) {
        if members >= level.session.limits.entries {
            level.note(Oddity::TooManyEntries, "", format!("more than {members} gzip members"));
            level.gap(model::GapKind::Limit, "", format!("only the first {members} gzip members were read"));
            return;
        }
        members += 1;
        match member(rest, sink, level) {
            Some(length) => pos += length,
            None => return,
        }
        if sink.cut.is_some() {
            return;
        }
    }
    if members > 1 {
        let detail = format!("the gzip stream has {members} members; some readers see only the first");
        level.note(Oddity::ExtraGzipMember, "", detail);
    }
    let rest = bytes.get(pos..).unwrap_or_default();
    // Tapes and some servers pad with zeros, which all readers pass over.
    if rest.iter().any(|byte| *byte != 0) {
        level.note(Oddity::TrailingData, "", format!("{} bytes after the end of the gzip stream", rest.len()));
        level.leftover("trailing", source, pos, bytes.len());
    }
}

/// Unpacks one member; its packed length when it is whole.
fn member(bytes: &[u8], sink: &mut Sink, level: &mut Level<'_, '_>) -> Option<usize> {
    let Some(start) = header_length(bytes) else {
        level.broken(Oddity::Truncated, "", "the gzip header ends too early");
        return None;
    };
    let packed = bytes.get(start..).unwrap_or_default();
    let before = sink.out.len();
    // The last four bytes say how large the content is, if there is only one member: a hint for the buffer.
    let hint = bytes.last_chunk().map_or(0, |last| u64::from(u32::from_le_bytes(*last)));
    let inflated = sink.inflate(packed, hint, &mut level.session.machine);
    if sink.cut.is_some() {
        return None;
    }
    if inflated.broken {
        level.broken(Oddity::CorruptData, "", "the gzip stream is broken");
        return None;
    }
    let trailer = packed.get(inflated.consumed..).and_then(|rest| rest.first_chunk::<8>());
    let (true, Some([a, b, c, d, e, f, g, h])) = (inflated.ended, trailer) else {
        level.broken(Oddity::Truncated, "", "the gzip stream ends too early");
        return None;
    };
    let content = sink.out.get(before..).unwrap_or_default();
    let mut crc = Crc::new();
    crc.update(content);
    if crc.sum() != u32::from_le_bytes([*a, *b, *c, *d]) {
        level.note(Oddity::WrongChecksum, "", "the gzip stream does not match its checksum");
    } else if content.len() as u32 != u32::from_le_bytes([*e, *f, *g, *h]) {
        level.note(Oddity::WrongSize, "", "the gzip stream does not have the size that it promises");
    }
    Some(start + inflated.consumed + 8)
}

fn header_length(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut pos = 10usize;
    if flags & 4 != 0 {
        let [low, high] = *bytes.get(pos..)?.first_chunk()?;
        pos = pos.checked_add(2 + usize::from(u16::from_le_bytes([low, high])))?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            pos += memchr::memchr(0, bytes.get(pos..)?)? + 1;
        }
    }
    if flags & 2 != 0 {
        pos += 2;
    }
    (pos <= bytes.len()).then_some(pos)
}
