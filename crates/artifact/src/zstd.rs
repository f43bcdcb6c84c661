//! Zstandard (RFC 8878), all its frames.

use std::io::{
    self,
    ErrorKind::{OutOfMemory, UnexpectedEof, Unsupported},
};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder, errors::FrameDecoderError};

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
    skip(bytes).starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

fn read(source: Source<'_>, sink: &mut Sink, level: &mut Level<'_, '_>) {
    let mut rest = source.bytes;
    loop {
        rest = skip(rest);
        if !sniff(rest) || sink.cut.is_some() {
            break;
        }
        let result = unpack(&mut rest, sink);
        if stream::failed(result, "zstandard", level) {
            return;
        }
    }
    stream::finish(source, rest, "zstandard", sink, level);
}

/// Unpacks one frame.
pub(crate) fn unpack(rest: &mut &[u8], sink: &mut Sink) -> io::Result<()> {
    let mut machine = FrameDecoder::new();
    machine.set_max_window_size(sink.window());
    let result = match StreamingDecoder::new_with_decoder(&mut *rest, machine) {
        Ok(mut reader) => sink.drain(&mut reader),
        Err(error @ FrameDecoderError::WindowSizeTooBig { .. }) => return Err(io::Error::new(OutOfMemory, error)),
        Err(error @ FrameDecoderError::DictNotProvided { .. }) => return Err(io::Error::new(Unsupported, error)),
        Err(error) => Err(io::Error::other(error)),
    };
    // The decoder hides why it failed; when it took all of the input, the input was too short.
    result.map_err(|error| if rest.is_empty() { UnexpectedEof.into() } else { error })
}

/// What follows the frames that all readers skip.
fn skip(mut rest: &[u8]) -> &[u8] {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, after @ ..] = rest {
        let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
        rest = after.get(length..).unwrap_or_default();
    }
    rest
}
