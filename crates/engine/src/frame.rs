//! How messages travel over the pipes: two lengths, a header in JSON, a body in bytes.
//!
//! Each side says how much it takes before it reads: a length that a hostile worker invents allocates nothing.

use std::io::{self, ErrorKind, Read, Write};

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most that a reader takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    pub header: u64,
    pub body: u64,
}

const PREFIX: usize = 12;

/// A header with the lengths before it; the body follows it on the wire.
pub(crate) fn encode(header: &impl Serialize, body: &[u8], most: Most) -> io::Result<Vec<u8>> {
    let header = serde_json::to_vec(header)?;
    let lengths = (header.len() as u64, body.len() as u64);
    if lengths.0 > most.header || lengths.1 > most.body {
        return Err(wrong("the message is longer than the other side takes"));
    }
    let mut frame = Vec::with_capacity(PREFIX + header.len());
    frame.extend_from_slice(&(lengths.0 as u32).to_le_bytes());
    frame.extend_from_slice(&lengths.1.to_le_bytes());
    frame.extend_from_slice(&header);
    Ok(frame)
}

/// Writes one message.
pub(crate) fn write(to: &mut impl Write, header: &impl Serialize, body: &[u8], most: Most) -> io::Result<()> {
    to.write_all(&encode(header, body, most)?)?;
    to.write_all(body)?;
    to.flush()
}

/// Reads one message; `None` when the other side has closed the pipe between two messages.
pub(crate) fn read<H: DeserializeOwned>(from: &mut impl Read, most: Most) -> io::Result<Option<(H, Vec<u8>)>> {
    let mut prefix = Vec::with_capacity(PREFIX);
    if from.by_ref().take(PREFIX as u64).read_to_end(&mut prefix)? == 0 {
        return Ok(None);
    }
    let (header_length, body_length) = lengths(&prefix, most)?;
    let mut header = Vec::new();
    from.by_ref().take(header_length).read_to_end(&mut header)?;
    let mut body = Vec::new();
    from.by_ref().take(body_length).read_to_end(&mut body)?;
    Ok(Some((decode(&header, header_length, &body, body_length)?, body)))
}

/// Reads one message without blocking the thread.
pub(crate) async fn receive<H: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
    most: Most,
) -> io::Result<(H, Vec<u8>)> {
    let mut prefix = [0; PREFIX];
    from.read_exact(&mut prefix).await?;
    let (header_length, body_length) = lengths(&prefix, most)?;
    let mut header = Vec::new();
    from.take(header_length).read_to_end(&mut header).await?;
    let mut body = Vec::new();
    from.take(body_length).read_to_end(&mut body).await?;
    Ok((decode(&header, header_length, &body, body_length)?, body))
}

fn lengths(prefix: &[u8], most: Most) -> io::Result<(u64, u64)> {
    let ended = || io::Error::from(ErrorKind::UnexpectedEof);
    let (header, body) = prefix.split_first_chunk::<4>().ok_or_else(ended)?;
    let body: [u8; 8] = body.try_into().map_err(|_| ended())?;
    let lengths = (u64::from(u32::from_le_bytes(*header)), u64::from_le_bytes(body));
    if lengths.0 > most.header || lengths.1 > most.body {
        return Err(wrong("the message says that it is longer than allowed"));
    }
    Ok(lengths)
}

fn decode<H: DeserializeOwned>(header: &[u8], header_length: u64, body: &[u8], body_length: u64) -> io::Result<H> {
    if header.len() as u64 != header_length || body.len() as u64 != body_length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(header).map_err(|error| wrong(&error.to_string()))
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: Most = Most { header: 1 << 10, body: 1 << 16 };

    fn both(bytes: &[u8]) -> [io::Result<(u64, Vec<u8>)>; 2] {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let asynchronous = runtime.block_on(receive(&mut &bytes[..], MOST));
        let blocking = read(&mut &bytes[..], MOST).and_then(|frame| frame.ok_or(ErrorKind::UnexpectedEof.into()));
        [blocking, asynchronous]
    }

    #[test]
    fn lengths_beyond_the_ceiling_are_refused_before_anything_is_read() {
        for (header, body) in [(u32::MAX, 0), (0, u64::MAX), (1 << 10, (1 << 16) + 1)] {
            let mut frame = header.to_le_bytes().to_vec();
            frame.extend(body.to_le_bytes());
            for answer in both(&frame) {
                assert_eq!(answer.expect_err("refused").kind(), ErrorKind::InvalidData);
            }
        }
    }

    #[test]
    fn a_message_too_long_is_not_written() {
        let mut to = Vec::new();
        write(&mut to, &1, &[0; (1 << 16) + 1], MOST).expect_err("refused");
        assert!(to.is_empty());
    }

    #[test]
    fn the_end_between_two_messages_is_no_error_but_the_end_within_one_is() {
        assert!(read::<u64>(&mut &[][..], MOST).expect("no error").is_none());
        let mut frame = Vec::new();
        write(&mut frame, &7, b"body", MOST).expect("written");
        for cut in 1..frame.len() {
            for answer in both(&frame[..cut]) {
                assert_eq!(answer.expect_err("cut").kind(), ErrorKind::UnexpectedEof, "{cut}");
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(header: u64, body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let mut frame = Vec::new();
            write(&mut frame, &header, &body, MOST).expect("written");
            for answer in both(&frame) {
                prop_assert_eq!(answer.expect("read"), (header, body.clone()));
            }
        }

        #[test]
        fn garbage_never_panics_and_both_readers_agree(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let [blocking, asynchronous] = both(&bytes);
            prop_assert_eq!(blocking.map_err(|e| e.kind()).ok(), asynchronous.map_err(|e| e.kind()).ok());
        }
    }
}
