//! Compressed streams.

use std::io::Read;

/// The most memory that a decompressor may want for its dictionary, in KiB.
const DICTIONARY: u32 = 64 << 10;

/// A zlib stream.
pub fn zlib(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let [method, flags, ..] = *input else { return None };
    if method & 15 != 8 || (u16::from(method) << 8 | u16::from(flags)) % 31 != 0 {
        return None;
    }
    drain(flate2::read::ZlibDecoder::new(input), limit, Torn::Kept)
}

/// One or more gzip members.
pub fn gzip(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    input.starts_with(&[0x1F, 0x8B, 8]).then_some(())?;
    drain(flate2::read::MultiGzDecoder::new(input), limit, Torn::Kept)
}

/// A raw deflate stream. It has no mark of its own, so it must come to a clean end.
pub fn deflate(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    drain(flate2::read::DeflateDecoder::new(input), limit, Torn::Refused)
}

/// Whichever of zlib, gzip and raw deflate it is.
pub fn inflate(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    gzip(input, limit).or_else(|| zlib(input, limit)).or_else(|| deflate(input, limit))
}

/// One or more bzip2 streams.
pub fn bz2(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    input.starts_with(b"BZh").then_some(())?;
    drain(bzip2::read::MultiBzDecoder::new(input), limit, Torn::Kept)
}

/// An xz container.
pub fn xz(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    input.starts_with(b"\xFD7zXZ\0").then_some(())?;
    drain(lzma_rust2::XzReader::new_mem_limit(input, true, DICTIONARY), limit, Torn::Kept)
}

/// What Python's `lzma.decompress` takes: an xz container, or the older `.lzma` file.
pub fn lzma(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    xz(input, limit).or_else(|| raw_lzma(input, limit))
}

/// An `.lzma` file: properties, dictionary size, length, stream.
pub fn raw_lzma(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    if input.len() < 14 || input[0] >= 225 {
        return None;
    }
    let reader = lzma_rust2::LzmaReader::new_mem_limit(input, DICTIONARY, None).ok()?;
    drain(reader, limit, Torn::Refused)
}

/// What becomes of a stream that breaks off.
#[derive(Clone, Copy, PartialEq)]
enum Torn {
    Kept,
    Refused,
}

fn drain(reader: impl Read, limit: usize, torn: Torn) -> Option<Vec<u8>> {
    let mut output = Vec::new();
    match reader.take(limit as u64).read_to_end(&mut output) {
        Ok(_) => Some(output),
        Err(_) if torn == Torn::Kept && !output.is_empty() => Some(output),
        Err(_) => None,
    }
}
