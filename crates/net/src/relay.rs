//! Requests that are passed on for somebody else: whatever the server answers is an answer.

use reqwest::{Method, header};
use url::Url;

use crate::{Client, NetError, client};

/// A request of somebody else.
#[derive(Debug, Clone)]
pub struct Relay<'a> {
    /// `GET`, `HEAD`, `POST`, `PUT` or `DELETE`.
    pub method: &'a str,
    /// The address.
    pub url: &'a Url,
    /// Headers to pass on. Credentials are added here, and none are taken from there.
    pub headers: Vec<(&'a str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How many bytes may come.
    pub limit: u64,
}

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relayed {
    /// The status.
    pub status: u16,
    /// The `Content-Type` header, or nothing.
    pub content_type: String,
    /// The whole body.
    pub bytes: Vec<u8>,
}

impl Client {
    /// Passes a request on, once, with the credentials that belong to its address. Redirects are not followed: a body may
    /// go only where it was sent.
    pub async fn relay(&self, relay: Relay<'_>) -> Result<Relayed, NetError> {
        let url = relay.url;
        let method = Method::from_bytes(relay.method.as_bytes()).unwrap_or(Method::GET);
        let gate = self.gate(url);
        let _permit = gate.acquire().await.expect("the semaphore is never closed");
        let mut request = self.authorised(self.http.request(method, url.clone()), url).body(relay.body);
        for (name, value) in relay.headers {
            if let Ok(value) = header::HeaderValue::from_str(&value) {
                request = request.header(name, value);
            }
        }
        let response = request.send().await.map_err(|error| client::classify(&error, url, 0))?;
        let status = response.status().as_u16();
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let bytes = client::body(url, response, relay.limit, None).await?;
        Ok(Relayed { status, content_type, bytes })
    }
}
