//! Zstandard (RFC 8878), all its frames.

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::{
    Format,
    format::{Reader, Shape},
    session::{Level, Source},
    sink::Sink,
    stream,
};

pub(crate) const READER: Reader =
    Reader { sniff, shape: Shape::Stream { alone: Format::Zstd, with_tar: Format::TarZst, suffix: ".zst", read } };

fn sniff(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

fn read(source: Source<'_>, sink: &mut Sink, level: &mut Level<'_, '_>) {
    let mut rest = source.bytes;
    loop {
        rest = skip(rest);
        if !sniff(rest) || sink.cut.is_some() {
            break;
        }
        let mut machine = FrameDecoder::new();
        machine.set_max_window_size(sink.window());
        let result = match StreamingDecoder::new_with_decoder(&mut rest, machine) {
            Ok(mut reader) => sink.drain(&mut reader),
            Err(error) => Err(std::io::Error::other(error)),
        };
        if stream::failed(result, "zstandard", level) {
            return;
        }
    }
    stream::finish(source, rest, "zstandard", sink, level);
}

/// What follows the frames that all readers skip.
fn skip(mut rest: &[u8]) -> &[u8] {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, after @ ..] = rest {
        let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        rest = after.get(length..).unwrap_or_default();
    }
    rest
}
