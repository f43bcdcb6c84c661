//! How packed streams end, told alike for all of them.

use std::io;

use model::GapKind;

use crate::{
    Oddity,
    session::{Level, Source},
    sink::Sink,
};

/// Notes a failure of the unpacker; true when there was one.
pub(crate) fn failed(result: io::Result<()>, what: &str, level: &mut Level<'_, '_>) -> bool {
    let Err(error) = result else { return false };
    blame(&error, "", &format!("{what} stream"), level);
    true
}

/// Says why packed data could not be unpacked. What other readers could unpack is a gap at every depth.
pub(crate) fn blame(error: &io::Error, path: &str, what: &str, level: &mut Level<'_, '_>) {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => level.broken(Oddity::Truncated, path, &format!("the {what} ends too early")),
        io::ErrorKind::OutOfMemory => {
            level.gap(GapKind::Limit, path, format!("the {what} needs more memory than may be used"));
        }
        io::ErrorKind::Unsupported => {
            level.note(Oddity::UnsupportedMethod, path, format!("the {what} cannot be unpacked: {error}"));
            level.gap(GapKind::Unreadable, path, format!("the {what} cannot be unpacked: {error}"));
        }
        _ => level.broken(Oddity::CorruptData, path, &format!("the {what} is broken: {error}")),
    }
}

/// Notes what stands after the last stream.
pub(crate) fn finish(source: Source<'_>, rest: &[u8], what: &str, sink: &Sink, level: &mut Level<'_, '_>) {
    if sink.cut.is_none() && rest.iter().any(|byte| *byte != 0) {
        level.note(Oddity::TrailingData, "", format!("{} bytes after the end of the {what} stream", rest.len()));
        let end = source.bytes.len();
        level.leftover("trailing", source, end - rest.len(), end);
    }
}
