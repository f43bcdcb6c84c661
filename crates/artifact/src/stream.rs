//! How packed streams end, told alike for all of them.

use std::io;

use crate::{
    Oddity,
    session::{Level, Source},
    sink::Sink,
};

/// Notes a failure of the unpacker; true when there was one.
pub(crate) fn failed(result: io::Result<()>, what: &str, level: &mut Level<'_, '_>) -> bool {
    let Err(error) = result else { return false };
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            level.broken(Oddity::Truncated, "", &format!("the {what} stream ends too early"));
        }
        _ => level.broken(Oddity::CorruptData, "", &format!("the {what} stream is broken: {error}")),
    }
    true
}

/// Notes what stands after the last stream.
pub(crate) fn finish(source: Source<'_>, rest: &[u8], what: &str, sink: &Sink, level: &mut Level<'_, '_>) {
    if sink.cut.is_none() && rest.iter().any(|byte| *byte != 0) {
        level.note(Oddity::TrailingData, "", format!("{} bytes after the end of the {what} stream", rest.len()));
        let end = source.bytes.len();
        level.leftover("trailing", source, end - rest.len(), end);
    }
}
