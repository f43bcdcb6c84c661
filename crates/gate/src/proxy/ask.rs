//! A request of a client.

use bytes::Bytes;
use hyper::{HeaderMap, header::HeaderName};

/// A request, without the parts that prove who asks.
pub(super) struct Ask {
    /// `GET`, `HEAD`, ...
    pub(super) method: String,
    /// The word after the secret, which says whose protocol is spoken.
    pub(super) protocol: String,
    /// What follows, without a slash at its start, percent-encoded as it came.
    pub(super) path: String,
    /// The query, if there is one.
    pub(super) query: Option<String>,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Bytes,
    /// The address of this protocol here, without a slash at its end.
    pub(super) base: String,
}

impl Ask {
    /// A header, when it is text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether something is read and nothing changed.
    pub(super) fn is_reading(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// Undoes percent-encoding; what is no valid escape stays.
pub(super) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
