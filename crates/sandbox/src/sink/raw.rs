//! Connections that speak nothing known: everything is taken and a little is answered, so that a client goes on.

use std::sync::Arc;

use bytes::Bytes;
use model::TraceDeed;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

use super::{
    book::{Body, Book},
    connection::Call,
    wire::Wire,
};

/// How often a client is answered.
const ANSWERS: usize = 64;

/// What is said to a client that connects and waits: a shell at the other end answers with who it runs as, and nothing
/// else does.
const PROMPT: &[u8] = b"id\n";

/// What a connection said, written down when it ends, however it ends.
pub(crate) struct Spoken {
    book: Arc<Book>,
    call: Call,
    protocol: &'static str,
    waited: bool,
    body: Body,
}

impl Spoken {
    pub(crate) fn new(book: &Arc<Book>, call: &Call, protocol: &'static str, waited: bool) -> Self {
        Self { book: Arc::clone(book), call: call.clone(), protocol, waited, body: Body::new(book.limits.body) }
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.body.add(bytes);
    }
}

impl Drop for Spoken {
    fn drop(&mut self) {
        // Whoever only looked whether the port is open is seen by the tracer.
        if self.body.size == 0 && !self.waited {
            return;
        }
        let address = self.call.place();
        let tokens = self.book.recognise(&address, &self.body.kept);
        let deed = TraceDeed::Raw {
            address,
            protocol: self.protocol.to_owned(),
            sent: self.body.size,
            head: self.body.head(),
            waited: self.waited,
        };
        self.book.note(Some(self.call.peer), deed, tokens, self.body.content().into_iter().collect());
    }
}

/// Takes what comes until the connection ends or falls silent.
pub(crate) async fn serve(book: &Arc<Book>, mut wire: Wire, call: &Call, first: Bytes, waited: bool) {
    let protocol = spoken_by(&first);
    let mut spoken = Spoken::new(book, call, protocol, waited);
    spoken.add(&first);
    let mut chunk = vec![0; 16 << 10];
    let mut last = first;
    for turn in 0.. {
        if turn < ANSWERS {
            let answer: &[u8] = if turn == 0 && waited { PROMPT } else { answer(protocol, &last) };
            if (waited || !last.is_empty()) && wire.write_all(answer).await.is_err() {
                return;
            }
            let _ = wire.flush().await;
        }
        match timeout(book.limits.idle, wire.read(&mut chunk)).await {
            Ok(Ok(count)) if count > 0 => last = Bytes::copy_from_slice(&chunk[..count]),
            _ => return,
        }
        spoken.add(&last);
    }
}

/// The protocol that begins like this, in a word.
fn spoken_by(first: &[u8]) -> &'static str {
    let has = |word: &str| first.windows(word.len()).any(|window| window == word.as_bytes());
    match first {
        [b'S', b'S', b'H', b'-', ..] => "ssh",
        [b'{', ..] if has("mining.") || has("\"login\"") || has("eth_submitLogin") => "stratum",
        [b'*', b'0'..=b'9', ..] if has("\r\n$") => "redis",
        [0x10, _, 0, 4, b'M', b'Q', b'T', b'T', ..] => "mqtt",
        [0x13, b'B', b'i', b't', b'T', ..] => "bittorrent",
        [b'0'..=b'9' | b'a'..=b'f', ..] if first.get(4..8).is_some_and(|word| word == b"git-") => "git",
        _ => "tcp",
    }
}

/// What lets a client believe that it was understood.
fn answer(protocol: &str, last: &[u8]) -> &'static [u8] {
    match protocol {
        "stratum" => b"{\"id\":1,\"jsonrpc\":\"2.0\",\"result\":{\"id\":\"1\",\"status\":\"OK\"},\"error\":null}\n",
        "redis" => b"+OK\r\n",
        "mqtt" => &[0x20, 2, 0, 0],
        "ssh" if last.starts_with(b"SSH-") => b"SSH-2.0-OpenSSH_9.2p1\r\n",
        "ssh" | "bittorrent" => b"",
        _ => b"ok\n",
    }
}
