//! The client: limits, retries, redirects, and credentials that stay with their host.

use std::{
    collections::HashMap,
    error::Error,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use futures_util::StreamExt;
use model::Checksum;
use reqwest::{Certificate, RequestBuilder, Response, StatusCode, header};
use tokio::sync::Semaphore;
use url::Url;

use crate::{Credentials, Hasher, NetError, Shown, retry};

/// How the client behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who we are.
    pub user_agent: String,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long nothing may come.
    pub idle_timeout: Duration,
    /// How long one attempt may take altogether.
    pub total_timeout: Duration,
    /// How often a passing trouble is tried again.
    pub retries: u32,
    /// The pause before the first of them.
    pub first_pause: Duration,
    /// The longest wait that a server may ask for before the request is given up.
    pub longest_wait: Duration,
    /// How many requests one host gets at once.
    pub per_host: usize,
    /// Files of further certificate authorities.
    pub authorities: Vec<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            user_agent: format!("lazaret/{}", env!("CARGO_PKG_VERSION")),
            connect_timeout: Duration::from_secs(15),
            idle_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(600),
            retries: 3,
            first_pause: Duration::from_millis(400),
            longest_wait: Duration::from_secs(30),
            per_host: 6,
            authorities: Vec::new(),
        }
    }
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// The address.
    pub url: &'a Url,
    /// The `Accept` header.
    pub accept: &'a str,
    /// How many bytes may come.
    pub limit: u64,
    /// The published hash. With it, the bytes are asked for as they are, without transport compression.
    pub checksum: Option<&'a Checksum>,
}

/// What came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The `Content-Type` header, or nothing.
    pub content_type: String,
    /// The whole body.
    pub bytes: Vec<u8>,
}

/// The client. It is shared by all tasks.
pub struct Client {
    pub(crate) http: reqwest::Client,
    options: Options,
    credentials: Credentials,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

const MAX_REDIRECTS: usize = 5;

impl Client {
    /// Sets a client up. Credentials go only where they belong, also across redirects.
    pub fn new(options: Options, credentials: Credentials) -> Result<Self, NetError> {
        // A second call finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authorities = authorities(&options.authorities);
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&options.user_agent)
                .connect_timeout(options.connect_timeout)
                .read_timeout(options.idle_timeout)
                .timeout(options.total_timeout)
                .redirect(reqwest::redirect::Policy::none())
        };
        // A machine without any authority can still reach a registry on its own network by plain HTTP.
        let merged = builder().tls_certs_merge(authorities.clone()).build();
        let http = merged.or_else(|_| builder().tls_certs_only(authorities).build());
        let http = http.map_err(|error| NetError::Setup(innermost(&error)))?;
        Ok(Self { http, options, credentials, hosts: Mutex::default() })
    }

    /// Gets a document or file, trying again when the trouble may pass.
    pub async fn get(&self, fetch: &Fetch<'_>) -> Result<Answer, NetError> {
        let mut attempt = 0;
        loop {
            let error = match self.attempt(fetch).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = error.wait().unwrap_or_else(|| retry::pause(self.options.first_pause, attempt));
            if !error.is_passing() || attempt >= self.options.retries || wait > self.options.longest_wait {
                return Err(error);
            }
            attempt += 1;
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, fetch: &Fetch<'_>) -> Result<Answer, NetError> {
        let mut url = fetch.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            let gate = self.gate(&url);
            let _permit = gate.acquire().await.expect("the semaphore is never closed");
            let response = self.send(fetch, &url).await?;
            if !response.status().is_redirection() || response.status() == StatusCode::NOT_MODIFIED {
                return self.read(fetch, url, response).await;
            }
            url = redirect(&url, &response)?;
        }
        Err(NetError::Redirect { url: fetch.url.into(), reason: "there are too many of them" })
    }

    pub(crate) fn gate(&self, url: &Url) -> Arc<Semaphore> {
        let host =
            format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(self.options.per_host.max(1)))).clone()
    }

    async fn send(&self, fetch: &Fetch<'_>, url: &Url) -> Result<Response, NetError> {
        let mut request = self.http.get(url.clone()).header(header::ACCEPT, fetch.accept);
        if fetch.checksum.is_some() {
            // The hash is that of the file, not of a stream which a server recompressed.
            request = request.header(header::ACCEPT_ENCODING, "identity");
        }
        self.authorised(request, url).send().await.map_err(|error| classify(&error, url, 0))
    }

    /// The request with the credentials that belong to the address, if there are any.
    pub(crate) fn authorised(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        let header = self.credentials.header(url);
        let value = header.and_then(|secret| header::HeaderValue::from_str(secret.expose()).ok());
        let Some(mut value) = value else { return request };
        value.set_sensitive(true);
        request.header(header::AUTHORIZATION, value)
    }

    async fn read(&self, fetch: &Fetch<'_>, url: Url, response: Response) -> Result<Answer, NetError> {
        let status = response.status();
        let wait = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = wait.and_then(|text| retry::retry_after(text, SystemTime::now()));
        let (shown, code) = (Shown::from(&url), status.as_u16());
        match code {
            404 | 410 => return Err(NetError::NotFound { url: shown, status: code }),
            401 | 403 => {
                let authorised = self.credentials.header(&url).is_some();
                return Err(NetError::Denied { url: shown, status: code, authorised });
            }
            429 => return Err(NetError::Limited { url: shown, wait }),
            500.. => return Err(NetError::Server { url: shown, status: code, wait }),
            _ if !status.is_success() => return Err(NetError::Status { url: shown, status: code }),
            _ => {}
        }
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let mut hasher = fetch.checksum.map(|checksum| Hasher::new(checksum.algorithm()));
        let bytes = body(&url, response, fetch.limit, hasher.as_mut()).await?;
        if let (Some(expected), Some(hasher)) = (fetch.checksum, hasher) {
            let found = Checksum::new(expected.algorithm(), hasher.finish());
            let found = found.expect("a hasher yields a digest of its own length");
            if found != *expected {
                return Err(NetError::Mismatch { url: Shown::from(&url), expected: expected.clone(), found });
            }
        }
        Ok(Answer { url, content_type, bytes })
    }
}

/// The whole body, if it keeps to the limit.
pub(crate) async fn body(
    url: &Url,
    response: Response,
    limit: u64,
    mut hasher: Option<&mut Hasher>,
) -> Result<Vec<u8>, NetError> {
    let too_large = || NetError::TooLarge { url: Shown::from(url), limit };
    let length = response.content_length();
    if length.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    // What the server promises is believed only up to a megabyte before it has come.
    let mut bytes = Vec::with_capacity(length.unwrap_or_default().min(1 << 20) as usize);
    let mut stream = response.bytes_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| classify(&error, url, bytes.len() as u64))?;
        if (bytes.len() + chunk.len()) as u64 > limit {
            return Err(too_large());
        }
        if let Some(hasher) = &mut hasher {
            hasher.update(&chunk);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Where a redirect leads. It may not leave encryption, and brings no credentials of its own.
fn redirect(from: &Url, response: &Response) -> Result<Url, NetError> {
    let wrong = |reason| NetError::Redirect { url: from.into(), reason };
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    let location = location.ok_or_else(|| wrong("it does not say where to"))?;
    let mut to = from.join(location).map_err(|_| wrong("where to is no address"))?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => {}
        ("https", "http") => return Err(wrong("from an encrypted to a plain connection")),
        _ => return Err(wrong("to something that is no web address")),
    }
    let _ = to.set_username("");
    let _ = to.set_password(None);
    Ok(to)
}

/// The authorities of some files; what is no certificate is passed over, as every client does.
fn authorities(files: &[PathBuf]) -> Vec<Certificate> {
    let read = |file: &PathBuf| std::fs::read(file).ok().and_then(|pem| Certificate::from_pem_bundle(&pem).ok());
    files.iter().filter_map(read).flatten().collect()
}

/// What a library error means. Its own text names the address unredacted, so only the innermost cause is shown.
pub(crate) fn classify(error: &reqwest::Error, url: &Url, received: u64) -> NetError {
    let (url, reason) = (Shown::from(url), innermost(error));
    if error.is_timeout() {
        NetError::TimedOut { url }
    } else if causes(error).iter().any(|inner| inner.is::<rustls::Error>()) || reason.contains("certificate") {
        NetError::Tls { url, reason }
    } else if causes(error).iter().any(|inner| inner.to_string().contains("dns error")) {
        NetError::Dns { url }
    } else if error.is_connect() {
        NetError::Connect { url, reason }
    } else if error.is_body() || error.is_decode() || received > 0 {
        NetError::Truncated { url, received }
    } else if error.is_request() {
        NetError::Connect { url, reason }
    } else {
        NetError::Protocol { url, reason }
    }
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "the cause is not known".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut out = Vec::new();
    let mut next = error.source();
    while let Some(inner) = next {
        out.push(inner);
        next = inner.source();
    }
    out
}
