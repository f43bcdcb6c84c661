//! The socket: loopback only, a secret in every address, and no other host's name accepted.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{Request, Response, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::{net::TcpListener, task::JoinHandle};

use super::{Proxy, ask::Ask, npm, reply::Reply};
use crate::inspect::Analyst;

/// The largest body that a client may send: reports and publications.
const LARGEST_BODY: usize = 256 << 20;

/// An open registry. Dropping it closes the door.
pub struct Running {
    address: SocketAddr,
    secret: String,
    task: JoinHandle<()>,
}

impl Running {
    /// The address of a protocol (`npm`, `pypi`, `cargo`), without a slash at its end.
    pub fn base(&self, protocol: &str) -> String {
        format!("http://{}/{}/{protocol}", self.address, self.secret)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What proves that a client may ask, where an address cannot carry it.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An address that stays the same from run to run: some clients keep what they have under the address of its registry, and
/// would build everything anew under another one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Lasting {
    port: u16,
    secret: String,
}

impl Lasting {
    /// The one of this file, which only its user can read; it is made when there is none.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        if let Some(kept) = std::fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            return Ok(kept);
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        // A free port is one that nobody is likely to take before the next run.
        let port = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let made = Self { port, secret: secret()? };
        // A temporary file is its user's alone, and stays so.
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, &made)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(made)
    }
}

pub(super) async fn open<A: Analyst>(proxy: Arc<Proxy<A>>, lasting: Option<Lasting>) -> io::Result<Running> {
    let wanted = lasting.as_ref().map_or(0, |one| one.port);
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
        Ok(listener) => listener,
        // Another run is at it.
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
    };
    let address = listener.local_addr()?;
    let secret = lasting.map_or_else(secret, |one| Ok(one.secret))?;
    let door = Arc::new(Door { proxy, address, secret: secret.clone() });
    let task = tokio::spawn(async move {
        loop {
            // A full table of files passes; the next client waits that long.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let door = door.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let door = door.clone();
                    async move { Ok::<_, Infallible>(door.serve(request).await) }
                });
                // A client that goes away early is its own affair.
                let _ = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    Ok(Running { address, secret, task })
}

fn secret() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

struct Door<A> {
    proxy: Arc<Proxy<A>>,
    address: SocketAddr,
    secret: String,
}

impl<A: Analyst> Door<A> {
    async fn serve(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let head = request.method() == hyper::Method::HEAD;
        match self.read(request).await {
            Ok(ask) => self.proxy.answer(ask).await.response(head),
            Err(reply) => reply.response(head),
        }
    }

    /// The request, if its sender may ask at all.
    async fn read(&self, request: Request<Incoming>) -> Result<Ask, Reply> {
        let (parts, body) = request.into_parts();
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        // A page in a browser that was led to this port brings another name along.
        if host != self.address.to_string() && host != format!("localhost:{}", self.address.port()) {
            return Err(Reply::error(421, "this registry answers under its own address only"));
        }
        let path = parts.uri.path().trim_start_matches('/');
        let (protocol, rest) = match path.split_once('/') {
            Some((first, rest)) if same(first, &self.secret) => rest.split_once('/').unwrap_or((rest, "")),
            // npm puts the host of its registry into the addresses of files and drops the path: its token tells who asks.
            _ if self.bears_secret(&parts.headers) => (npm::PROTOCOL, path),
            _ => return Err(Reply::error(404, "this registry answers to one run of a package manager only")),
        };
        let (protocol, rest) = (protocol.to_owned(), rest.to_owned());
        let body = Limited::new(body, LARGEST_BODY).collect().await;
        let body = body.map_err(|_| Reply::error(413, "the body broke off, or is too large"))?.to_bytes();
        let base = format!("http://{}/{}/{protocol}", self.address, self.secret);
        let query = parts.uri.query().map(str::to_owned);
        let method = parts.method.as_str().to_owned();
        Ok(Ask { method, protocol, path: rest, query, headers: parts.headers, body, base })
    }

    fn bears_secret(&self, headers: &hyper::HeaderMap) -> bool {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        value.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|token| same(token, &self.secret))
    }
}

/// Equality that takes as long wherever the difference is.
fn same(one: &str, other: &str) -> bool {
    let differences = one.bytes().zip(other.bytes()).fold(0, |found, (a, b)| found | (a ^ b));
    one.len() == other.len() && differences == 0
}
