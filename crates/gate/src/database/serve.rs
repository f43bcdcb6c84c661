//! `lazaret db serve`: the public folder of a workshop over HTTP, on loopback. For others, any web server does the same.

use std::{convert::Infallible, io, net::SocketAddr, path::PathBuf, sync::Arc};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// A server of files.
pub struct Server {
    listener: TcpListener,
    folder: Arc<PathBuf>,
}

impl Server {
    /// Listens on a port of loopback; 0 takes a free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn bind(folder: PathBuf, port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await?;
        Ok(Self { listener, folder: Arc::new(folder) })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves for ever.
    pub async fn run(self) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else { continue };
            let folder = self.folder.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(folder.clone(), request));
                // A client that hangs up has what it wanted.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }
}

async fn answer(folder: Arc<PathBuf>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let plain = |status: StatusCode| {
        let mut response = Response::new(Full::new(Bytes::from(format!("{status}\n"))));
        *response.status_mut() = status;
        response
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(plain(StatusCode::METHOD_NOT_ALLOWED));
    }
    let name = request.uri().path().trim_start_matches('/');
    // Files of the folder itself, and nothing else: no folders, no hidden files, no escapes.
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(allowed) {
        return Ok(plain(StatusCode::NOT_FOUND));
    }
    let Ok(bytes) = tokio::fs::read(folder.join(name)).await else { return Ok(plain(StatusCode::NOT_FOUND)) };
    let kind = if name.ends_with(".json") { "application/json" } else { "application/octet-stream" };
    let mut response = Response::new(Full::new(Bytes::from(bytes)));
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    Ok(response)
}
