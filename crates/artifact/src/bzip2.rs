//! Bzip2, stream by stream.

use std::io::Read;

use bzip2::bufread::BzDecoder;

use crate::{
    Format,
    format::{Reader, Shape},
    session::{Level, Source},
    sink::Sink,
    stream,
};

pub(crate) const READER: Reader =
    Reader { sniff, shape: Shape::Stream { alone: Format::Bzip2, with_tar: Format::TarBz2, suffix: ".bz2", read } };

fn sniff(bytes: &[u8]) -> bool {
    // The block magic is the number pi; an empty stream has the square root of pi instead.
    matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..])
        || matches!(bytes, [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..])
}

fn read(source: Source<'_>, sink: &mut Sink, level: &mut Level<'_, '_>) {
    let mut rest = source.bytes;
    while sniff(rest) && sink.cut.is_none() {
        let result = sink.drain(&mut BzDecoder::new(&mut rest) as &mut dyn Read);
        if stream::failed(result, "bzip2", level) {
            return;
        }
    }
    stream::finish(source, rest, "bzip2", sink, level);
}
