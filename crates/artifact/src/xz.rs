//! Xz, all its streams.

use lzma_rust2::XzReader;

use crate::{
    Format,
    format::{Reader, Shape},
    session::{Level, Source},
    sink::Sink,
    stream,
};

pub(crate) const READER: Reader =
    Reader { sniff, shape: Shape::Stream { alone: Format::Xz, with_tar: Format::TarXz, suffix: ".xz", read } };

fn sniff(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xfd7zXZ\0")
}

fn read(source: Source<'_>, sink: &mut Sink, level: &mut Level<'_, '_>) {
    let mut rest = source.bytes;
    let memory = u32::try_from(sink.window() >> 10).unwrap_or(u32::MAX);
    while sniff(rest) && sink.cut.is_none() {
        let result = sink.drain(&mut XzReader::new_mem_limit(&mut rest, false, memory));
        if stream::failed(result, "xz", level) {
            return;
        }
        // Streams may be padded with zeros in fours.
        while let Some(padded) = rest.strip_prefix(&[0; 4]) {
            rest = padded;
        }
    }
    stream::finish(source, rest, "xz", sink, level);
}
