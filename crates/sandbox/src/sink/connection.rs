//! What a connection speaks is told by its first bytes, never by its port alone.

use std::{future::Future, net::SocketAddr, os::fd::AsFd as _, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use model::TraceDeed;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::LazyConfigAcceptor;

use super::{
    book::Book,
    dialogue, http, raw,
    wire::{Metered, Resumed, Wire},
};

/// How many layers of TLS and tunnels are opened.
const DEPTH: u8 = 4;

/// How long a client is given to speak first where the server usually does.
const COURTESY: Duration = Duration::from_millis(300);

/// One connection, as far as it is known.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The package's end.
    pub(crate) peer: SocketAddr,
    /// Where it wanted to go.
    pub(crate) to: SocketAddr,
    /// The name that it means.
    pub(crate) name: Option<String>,
    /// Whether it is inside of TLS.
    pub(crate) secure: bool,
    /// Whether the server has said what it says first.
    pub(crate) greeted: bool,
    /// How many layers lie around it.
    depth: u8,
}

impl Call {
    /// The name or else the address.
    pub(crate) fn host(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.to.ip().to_canonical().to_string())
    }

    /// The name or address, and the port.
    pub(crate) fn place(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}:{}", self.to.port()),
            None => SocketAddr::new(self.to.ip().to_canonical(), self.to.port()).to_string(),
        }
    }

    /// The connection inside of a tunnel to another place.
    pub(crate) fn tunnel(&self, host: &str, port: u16) -> Self {
        let to = SocketAddr::new(host.parse().unwrap_or(self.to.ip()), port);
        let name = host.parse::<std::net::IpAddr>().is_err().then(|| host.to_owned());
        Self { peer: self.peer, to, name, secure: false, greeted: false, depth: self.depth + 1 }
    }
}

/// Serves a connection that was accepted.
pub(crate) async fn serve_stream(book: Arc<Book>, stream: TcpStream, peer: SocketAddr) {
    let local = stream.local_addr().unwrap_or(peer);
    let to = book.origin.destination(stream.as_fd(), local);
    let call = Call { peer, to, name: book.names.name_of(to.ip()), secure: false, greeted: false, depth: 0 };
    // Answers are short and must not wait for one another.
    let _ = stream.set_nodelay(true);
    let wire = Box::new(Metered::new(stream, Arc::clone(&book)));
    serve(book, wire, call).await;
}

/// Serves a connection, whatever it speaks. Layers lie in one another, so the future has a box.
pub(crate) fn serve(book: Arc<Book>, wire: Wire, call: Call) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let speaker = dialogue::of_port(call.to.port(), call.secure);
        let patience = if speaker.is_some() { COURTESY } else { book.limits.silence };
        let mut wire = wire;
        let mut first = vec![0; 4096];
        let read = timeout(patience, wire.read(&mut first)).await;
        match read {
            Err(_) => match speaker {
                Some(speaker) => {
                    if let Some(plain) = dialogue::speak(&book, wire, &call, speaker, Bytes::new()).await {
                        secure(book, plain, Call { greeted: true, ..call }).await;
                    }
                }
                None => raw::serve(&book, wire, &call, Bytes::new(), true).await,
            },
            Ok(Ok(count)) if count > 0 => {
                first.truncate(count);
                hear(book, wire, call, first).await;
            }
            // It ended without a word, or broke off: the tracer saw as much.
            Ok(_) => {}
        }
    })
}

/// Goes on by what was said first.
async fn hear(book: Arc<Book>, mut wire: Wire, call: Call, mut first: Vec<u8>) {
    // A few bytes may come alone; what they begin is known after the next ones.
    while first.len() < 4 && b"GPDHCOT\x16".contains(&first[0]) {
        let mut more = vec![0; 4096];
        match timeout(COURTESY, wire.read(&mut more)).await {
            Ok(Ok(count)) if count > 0 => first.extend(&more[..count]),
            _ => break,
        }
    }
    let first = Bytes::from(first);
    if first.starts_with(&[0x16, 3]) && call.depth < DEPTH {
        return secure(book, Box::new(Resumed::new(first, wire)), call).await;
    }
    if http::is_spoken(&first) {
        return http::serve(book, Box::new(Resumed::new(first.clone(), wire)), call, &first).await;
    }
    if first.starts_with(&[5]) && first.len() == 2 + usize::from(*first.get(1).unwrap_or(&255)) && call.depth < DEPTH {
        return socks(book, wire, call, first).await;
    }
    if let Some(speaker) = dialogue::of_port(call.to.port(), call.secure) {
        if let Some(plain) = dialogue::speak(&book, wire, &call, speaker, first).await {
            secure(book, plain, Call { greeted: true, ..call }).await;
        }
        return;
    }
    raw::serve(&book, wire, &call, first, false).await;
}

/// Is the server that TLS asks for, and listens inside. Inside may be TLS again, so the future has a box.
fn secure(book: Arc<Book>, wire: Wire, call: Call) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(be_server(book, wire, call))
}

async fn be_server(book: Arc<Book>, wire: Wire, mut call: Call) {
    let refused = |name: String, reason: String| {
        book.note(Some(call.peer), TraceDeed::TlsRefused { name, reason }, Vec::new(), Vec::new());
    };
    let hello = timeout(book.limits.idle, LazyConfigAcceptor::new(rustls::server::Acceptor::default(), wire));
    let start = match hello.await {
        Ok(Ok(start)) => start,
        Ok(Err(error)) => return refused(call.host(), error.to_string()),
        Err(_) => return refused(call.host(), "the greeting was never finished".to_owned()),
    };
    let asked = start.client_hello().server_name().map(str::to_owned);
    let name = asked.clone().unwrap_or_else(|| call.host());
    let Some(config) = book.authority.server(&name) else {
        return refused(name, "no certificate can bear this name".to_owned());
    };
    let mut stream = match timeout(book.limits.idle, start.into_stream(config)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return refused(name, error.to_string()),
        Err(_) => return refused(name, "the handshake was never finished".to_owned()),
    };
    let patience = if dialogue::of_port(call.to.port(), true).is_some() { COURTESY } else { book.limits.silence };
    let mut first = vec![0; 4096];
    // With TLS 1.3 a client says that it does not trust us only after the handshake.
    let read = timeout(patience, stream.read(&mut first)).await;
    if let Ok(Err(error)) = &read {
        return refused(name, error.to_string());
    }
    call.name = asked.or(call.name);
    call.secure = true;
    call.depth += 1;
    match read {
        Ok(Ok(count)) if count > 0 => {
            first.truncate(count);
            hear(book, Box::new(stream), call, first).await;
        }
        Ok(_) => {}
        // The wait is over: whoever speaks first here speaks now.
        Err(_) => serve(book, Box::new(stream), call).await,
    }
}

/// Lets a proxy of the kind SOCKS 5 be one.
async fn socks(book: Arc<Book>, mut wire: Wire, call: Call, first: Bytes) {
    let Some((host, port)) = socks_request(&mut wire).await else {
        return raw::serve(&book, wire, &call, first, false).await;
    };
    if wire.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.is_ok() {
        let inner = call.tunnel(&host, port);
        serve(book, wire, inner).await;
    }
}

async fn socks_request(wire: &mut Wire) -> Option<(String, u16)> {
    wire.write_all(&[5, 0]).await.ok()?;
    let mut request = [0; 4];
    wire.read_exact(&mut request).await.ok()?;
    let host = match request[3] {
        1 => {
            let mut address = [0; 4];
            wire.read_exact(&mut address).await.ok()?;
            std::net::Ipv4Addr::from(address).to_string()
        }
        3 => {
            let mut name = vec![0; usize::from(wire.read_u8().await.ok()?)];
            wire.read_exact(&mut name).await.ok()?;
            String::from_utf8_lossy(&name).into_owned()
        }
        4 => {
            let mut address = [0; 16];
            wire.read_exact(&mut address).await.ok()?;
            std::net::Ipv6Addr::from(address).to_string()
        }
        _ => return None,
    };
    Some((host, wire.read_u16().await.ok()?))
}
