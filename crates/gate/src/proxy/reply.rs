//! What clients are answered.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode, ext::ReasonPhrase, header};
use net::NetError;

use super::Why;

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    status: u16,
    phrase: Option<String>,
    content_type: String,
    body: Bytes,
}

impl Reply {
    /// A document or file.
    pub(super) fn new(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status: 200, phrase: None, content_type: content_type.to_owned(), body: body.into() }
    }

    /// What the registry answered.
    pub(super) fn relayed(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self { status, ..Self::new(content_type, body) }
    }

    /// There is no such thing.
    pub(super) fn missing(sentence: &str) -> Self {
        Self::error(404, sentence)
    }

    /// The registry could not be had.
    pub(super) fn failed(error: &NetError) -> Self {
        let status = match error {
            NetError::NotFound { status, .. } | NetError::Denied { status, .. } | NetError::Status { status, .. } => {
                *status
            }
            NetError::Limited { .. } => 429,
            NetError::TimedOut { .. } => 504,
            _ => 502,
        };
        Self::error(status, &error.to_string())
    }

    /// It may not be had. Of all statuses this one ends every client at its first try; the reason stands where any of them
    /// looks: in the phrase, in the JSON and in the body.
    pub(super) fn blocked(name: &str, why: &Why) -> Self {
        Self::error(403, &format!("blocked by Lazaret: {name}: {}", why.text))
    }

    /// An error with a sentence.
    pub(super) fn error(status: u16, sentence: &str) -> Self {
        let body = serde_json::json!({ "error": sentence, "message": sentence }).to_string();
        Self { status, phrase: Some(phrase(sentence)), content_type: "application/json".into(), body: body.into() }
    }

    /// The same as plain text, for the clients that print the body as it is.
    pub(super) fn plain(self) -> Self {
        match &self.phrase {
            Some(phrase) => Self { body: phrase.clone().into(), content_type: "text/plain".into(), ..self },
            None => self,
        }
    }

    /// As it goes out. Nothing of it may be kept by the client under an address that is gone tomorrow.
    pub(super) fn response(self, head: bool) -> Response<Full<Bytes>> {
        let length = self.body.len();
        let mut response = Response::new(Full::new(if head { Bytes::new() } else { self.body }));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_GATEWAY);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, length.into());
        headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
        if let Ok(value) = header::HeaderValue::from_str(&self.content_type) {
            headers.insert(header::CONTENT_TYPE, value);
        }
        if let Some(phrase) = self.phrase.and_then(|phrase| ReasonPhrase::try_from(phrase.into_bytes()).ok()) {
            response.extensions_mut().insert(phrase);
        }
        response
    }
}

/// One line of printable ASCII, which is all that a phrase may be.
fn phrase(sentence: &str) -> String {
    let plain = sentence.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' });
    plain.take(300).collect()
}
