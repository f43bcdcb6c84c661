//! The compressions that zip entries use.

use std::io::{self, Read};

use lzma_rust2::LzmaReader;
use model::GapKind;

use crate::{
    Bytes, Oddity,
    session::{Level, Source},
    sink::Sink,
    stream,
    zip::{Claim, checksum},
    zstd,
};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// What came out of an entry.
pub(super) struct Unpacked {
    pub bytes: Bytes,
    /// Whether it is all of it.
    pub whole: bool,
    /// Bytes after the end of the packed stream.
    pub left: usize,
}

/// Unpacks the data between two places of the archive.
pub(super) fn unpack(
    method: u16,
    path: &str,
    source: Source<'_>,
    start: usize,
    end: usize,
    expected: u64,
    level: &mut Level<'_, '_>,
) -> Option<Unpacked> {
    let input = source.bytes.get(start..end)?;
    if method == STORED {
        // Entries may share bytes. They cost no memory then, but whoever reads the tree works through each of them.
        if source.shared.is_some() && !level.session.charge(input.len() as u64) {
            return None;
        }
        let bytes = level.take(path, source, start, end)?;
        let whole = bytes.len() == input.len();
        return Some(Unpacked { bytes, whole, left: 0 });
    }
    let mut sink = Sink::for_file(level.session, input.len());
    let mut rest = input;
    let result = match method {
        DEFLATED => {
            let inflated = sink.inflate(input, expected, &mut level.session.machine);
            rest = input.get(inflated.consumed..).unwrap_or_default();
            match () {
                () if inflated.broken => Err(io::ErrorKind::InvalidData.into()),
                () if !inflated.ended && sink.cut.is_none() => Err(io::ErrorKind::UnexpectedEof.into()),
                () => Ok(()),
            }
        }
        12 => sink.drain(&mut bzip2::bufread::BzDecoder::new(&mut rest)),
        14 => lzma(&mut rest, expected, &mut sink),
        93 => zstd::unpack(&mut rest, &mut sink),
        95 => {
            let memory = u32::try_from(sink.window() >> 10).unwrap_or(u32::MAX);
            sink.drain(&mut lzma_rust2::XzReader::new_mem_limit(&mut rest, false, memory))
        }
        _ => {
            level.note(Oddity::UnsupportedMethod, path, format!("compression method {method}"));
            level.gap(GapKind::Unreadable, path, format!("packed with method {method}, which Lazaret cannot unpack"));
            return None;
        }
    };
    let whole = result.is_ok() && sink.cut.is_none();
    if let Err(error) = result {
        stream::blame(&error, path, "entry's packed data", level);
    }
    let left = if whole { rest.len() } else { 0 };
    level.collect(path, sink).map(|bytes| Unpacked { bytes, whole, left })
}

/// Unpacks an entry that claims to be encrypted as if it were not; only content with the right checksum counts.
pub(super) fn try_plain(
    claim: &Claim,
    source: Source<'_>,
    start: usize,
    end: usize,
    level: &mut Level<'_, '_>,
) -> Option<Bytes> {
    let input = source.bytes.get(start..end)?;
    let fits = |bytes: &[u8]| bytes.len() as u64 == claim.size && checksum(bytes) == claim.crc;
    match claim.method {
        STORED if !level.session.charge(input.len() as u64) => None,
        STORED => fits(input).then(|| level.take("", source, start, end))?,
        DEFLATED => {
            let mut sink = Sink::for_file(level.session, input.len());
            sink.inflate(input, claim.size, &mut level.session.machine);
            if !fits(&sink.out) {
                // Entries may share bytes; the work is charged, so that they cannot ask for it without end.
                level.session.charge(sink.out.len() as u64);
                return None;
            }
            level.collect("", sink)
        }
        _ => None,
    }
}

/// How long the data of an entry is that only its local header describes. Deflate ends by itself; other data with a
/// descriptor is taken to reach up to the next signature or the end of the region.
pub(super) fn local_length(
    claim: &Claim,
    source: Source<'_>,
    start: usize,
    end: usize,
    level: &mut Level<'_, '_>,
) -> usize {
    let region = source.bytes.get(start..end).unwrap_or_default();
    let packed = usize::try_from(claim.packed).unwrap_or(usize::MAX);
    if packed <= region.len() && (packed > 0 || !claim.has_descriptor()) {
        return packed;
    }
    if claim.method == DEFLATED {
        let mut sink = Sink::for_file(level.session, region.len());
        let inflated = sink.inflate(region, 0, &mut level.session.machine);
        if inflated.ended {
            return inflated.consumed;
        }
    }
    // A length that lies, or data that does not end, must not swallow what follows.
    memchr::memmem::find_iter(region, b"PK").find(|at| is_signature(region, *at)).unwrap_or(region.len())
}

fn is_signature(region: &[u8], at: usize) -> bool {
    matches!(region.get(at + 2..at + 4), Some([7, 8] | [3, 4] | [1, 2]))
}

/// LZMA as zip holds it: a version, the length of the properties, the properties, the stream.
fn lzma(rest: &mut &[u8], expected: u64, sink: &mut Sink) -> io::Result<()> {
    let truncated = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let (&[_, _, 5, 0, properties, a, b, c, d], after) = rest.split_first_chunk().ok_or_else(truncated)? else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    *rest = after;
    let window = u32::from_le_bytes([a, b, c, d]);
    if u64::from(window) > sink.window() {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // Without a promised size the stream has its own end mark.
    let expected = if expected == 0 { u64::MAX } else { expected };
    let mut reader = LzmaReader::new_with_props(rest, expected, properties, window, None)?;
    sink.drain(&mut reader as &mut dyn Read)
}
