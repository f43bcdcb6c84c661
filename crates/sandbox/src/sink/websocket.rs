//! WebSocket: frames are unmasked and written down; pings are answered, and messages are acknowledged.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{book::Book, connection::Call, raw::Spoken, wire::Wire};

/// What the protocol adds to a key before it is hashed.
const SALT: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The largest frame that is read.
const FRAME: u64 = 16 << 20;

/// What proves to the client that its key was read.
pub(crate) fn accept(key: &str) -> String {
    STANDARD.encode(Sha1::digest(format!("{key}{SALT}")))
}

/// Takes messages until the client leaves.
pub(crate) async fn serve(book: &Arc<Book>, mut wire: Wire, call: &Call) {
    let mut spoken = Spoken::new(book, call, "websocket", false);
    // A client that waits for orders is given something to answer to.
    while let Ok(frame) = timeout(book.limits.idle * 3, read(&mut wire, &mut spoken)).await {
        let answer: Bytes = match frame {
            // Text or binary.
            Some((1 | 2, _)) => Bytes::from_static(b"\x81\x0b{\"ok\":true}"),
            Some((8, _)) | None => break,
            Some((9, payload)) if payload.len() < 126 => [&[0x8a, payload.len() as u8][..], &payload].concat().into(),
            Some(_) => continue,
        };
        if wire.write_all(&answer).await.is_err() || wire.flush().await.is_err() {
            break;
        }
    }
    let _ = wire.write_all(&[0x88, 0]).await;
}

/// The kind of the next frame, and its payload as far as it is a short one.
async fn read(wire: &mut Wire, spoken: &mut Spoken) -> Option<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    wire.read_exact(&mut head).await.ok()?;
    let length = match head[1] & 0x7f {
        126 => u64::from(wire.read_u16().await.ok()?),
        127 => wire.read_u64().await.ok()?,
        short => u64::from(short),
    };
    if length > FRAME {
        return None;
    }
    let mut mask = [0; 4];
    if head[1] & 0x80 != 0 {
        wire.read_exact(&mut mask).await.ok()?;
    }
    let kind = head[0] & 0x0f;
    let mut short = Vec::new();
    let (mut done, mut chunk) = (0, vec![0; 16 << 10]);
    while done < length {
        let most = usize::try_from(length - done).unwrap_or(usize::MAX).min(chunk.len());
        let count = wire.read(&mut chunk[..most]).await.ok().filter(|count| *count > 0)?;
        for (at, byte) in chunk[..count].iter_mut().enumerate() {
            *byte ^= mask[(done as usize + at) % 4];
        }
        if kind < 8 {
            spoken.add(&chunk[..count]);
        } else {
            short.extend(&chunk[..count]);
        }
        done += count as u64;
    }
    Some((kind, short))
}
