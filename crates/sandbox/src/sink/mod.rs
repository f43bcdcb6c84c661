//! The sinkhole: the only machine that a package in the sandbox can reach. It answers as whoever is asked for, so that a
//! package goes on to its next stage, and writes down every byte that arrives. It opens no connection of its own: nothing
//! in it knows a way out, so there is nothing that could be passed through.
//!
//! ```no_run
//! # fn run(sockets: sandbox::sink::Sockets) -> Result<(), sandbox::sink::SinkError> {
//! use std::{sync::Arc, time::Instant};
//! use sandbox::{sink::{Closure, Limits, Redirected, Settings, Sink}, tokens::Tokens};
//!
//! let tokens = Arc::new(Tokens::new([7; 32]));
//! let settings = Settings { tokens, closure: Closure::default(), limits: Limits::default(), start: Instant::now() };
//! let mut sink = Sink::start(sockets, Redirected, settings)?;
//! let root = sink.authority().to_owned();   // the certificate to plant inside, with `sink::TRUST` naming it
//! sink.set_step(1);                         // what follows belongs to step 1 of the trace
//! while let Ok(seen) = sink.seen().try_recv() {
//!     // seen.event has no number and no process yet; seen.peer is the package's end of the connection.
//! }
//! let rest = sink.stop();                   // what was still under way, told as far as it came
//! # Ok(()) }
//! ```
//!
//! The sockets are handed over already bound, in whatever network namespace they were made. The server has one thread,
//! and that thread may be in any namespace.

mod authority;
mod book;
mod closure;
mod connection;
mod datagram;
mod dialogue;
mod dns;
mod http;
mod names;
mod origin;
mod personas;
mod raw;
mod stubs;
mod websocket;
mod wire;

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener, UdpSocket},
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use model::{Digest, Event};
use tokio::sync::{Semaphore, oneshot};

use crate::tokens::Tokens;
use authority::Authority;
use book::Book;

pub use authority::TRUST;
pub use closure::{Closure, Package};
pub use origin::{Local, Origin, Redirected};

/// The sockets of the sinkhole, bound by whoever made its network.
#[derive(Debug)]
pub struct Sockets {
    /// Port 53 of every address.
    pub dns_udp: UdpSocket,
    /// Port 53 of every address.
    pub dns_tcp: TcpListener,
    /// Every other port.
    pub tcp: TcpListener,
    /// Every other port.
    pub udp: UdpSocket,
}

/// What the sinkhole needs to know.
pub struct Settings {
    /// The planted secrets: it hands some out itself, and recognises all when they arrive.
    pub tokens: Arc<Tokens>,
    /// The packages that it serves as their registries would.
    pub closure: Closure,
    /// How much it takes.
    pub limits: Limits,
    /// When the run started: the times of events count from here.
    pub start: Instant,
}

/// How much the sinkhole takes. What lies beyond is dropped and becomes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all connections of the run.
    pub bytes: u64,
    /// Bytes that are kept of one body; the digest is of the whole.
    pub body: usize,
    /// Connections at a time.
    pub connections: usize,
    /// Events in all.
    pub events: u32,
    /// How long a connection may say nothing before the server speaks first.
    pub silence: Duration,
    /// How long a connection may say nothing later on.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 << 20,
            body: 1 << 20,
            connections: 512,
            events: 20_000,
            silence: Duration::from_secs(3),
            idle: Duration::from_secs(20),
        }
    }
}

/// Why there is no sinkhole.
#[derive(Debug, thiserror::Error)]
pub enum SinkError {
    /// A socket could not be used.
    #[error("the sinkhole cannot use its sockets: {0}")]
    Socket(#[from] io::Error),
    /// The certificate authority of the run could not be made.
    #[error("the sinkhole cannot make its certificate: {0}")]
    Certificate(#[from] rcgen::Error),
}

/// Something that reached the sinkhole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// What: the source is the sinkhole, the number and the process are still to be filled in.
    pub event: Event,
    /// The package's end of the connection, by which its process can be told.
    pub peer: Option<SocketAddr>,
    /// What it held and what was answered, by digest, each cut to [`Limits::body`].
    pub contents: Vec<Content>,
}

/// Bytes that went one way or the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The digest of the whole.
    pub sha256: Digest,
    /// The bytes that were kept.
    pub bytes: Vec<u8>,
    /// Whether the sinkhole sent them.
    pub answered: bool,
}

/// A running sinkhole. It stops when it is dropped.
pub struct Sink {
    book: Arc<Book>,
    seen: mpsc::Receiver<Observation>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    /// Starts the server in a thread of its own.
    pub fn start(sockets: Sockets, origin: impl Origin, settings: Settings) -> Result<Self, SinkError> {
        let (sender, seen) = mpsc::channel();
        let book = Arc::new(Book::new(settings, Authority::new()?, Box::new(origin), sender));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let doors = {
            let _inside = runtime.enter();
            Doors::open(sockets)?
        };
        let (stop, stopped) = oneshot::channel();
        let kept = Arc::clone(&book);
        let thread = std::thread::Builder::new().name("sink".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = doors.serve(&book) => {}
                    _ = stopped => {}
                }
            });
            // Connections that are under way tell what they have as they are dropped.
            drop(runtime);
        })?;
        Ok(Self { book: kept, seen, stop: Some(stop), thread: Some(thread) })
    }

    /// The certificate that must be trusted inside, as PEM.
    pub fn authority(&self) -> &str {
        self.book.authority.pem()
    }

    /// What arrived, in order.
    pub fn seen(&self) -> &mpsc::Receiver<Observation> {
        &self.seen
    }

    /// From now on, events belong to this step.
    pub fn set_step(&self, step: u32) {
        self.book.set_step(step);
    }

    /// The name that was asked for before an address was used, if it was.
    pub fn name_of(&self, address: IpAddr) -> Option<String> {
        self.book.names.name_of(address)
    }

    /// Ends the server and hands over what had not been taken.
    pub fn stop(mut self) -> Vec<Observation> {
        self.end();
        self.seen.try_iter().collect()
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed; what was seen until then is still worth telling.
            let _ = thread.join();
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.end();
    }
}

/// The sockets inside of the runtime.
struct Doors {
    dns_udp: datagram::Door,
    dns_tcp: tokio::net::TcpListener,
    tcp: tokio::net::TcpListener,
    udp: datagram::Door,
}

impl Doors {
    fn open(sockets: Sockets) -> io::Result<Self> {
        let listener = |socket: TcpListener| {
            socket.set_nonblocking(true)?;
            tokio::net::TcpListener::from_std(socket)
        };
        Ok(Self {
            dns_udp: datagram::Door::open(sockets.dns_udp)?,
            dns_tcp: listener(sockets.dns_tcp)?,
            tcp: listener(sockets.tcp)?,
            udp: datagram::Door::open(sockets.udp)?,
        })
    }

    async fn serve(&self, book: &Arc<Book>) {
        let slots = Arc::new(Semaphore::new(book.limits.connections));
        tokio::join!(
            datagram::serve_dns(book, &self.dns_udp),
            datagram::serve_all(book, &self.udp),
            accept(book, &slots, &self.dns_tcp, true),
            accept(book, &slots, &self.tcp, false),
        );
    }
}

async fn accept(book: &Arc<Book>, slots: &Arc<Semaphore>, listener: &tokio::net::TcpListener, dns: bool) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            // Out of descriptors: connections that end give some back.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(slot) = Arc::clone(slots).try_acquire_owned() else {
            book.limit("network");
            continue;
        };
        let book = Arc::clone(book);
        tokio::spawn(async move {
            if dns {
                dns::serve_stream(&book, stream, peer).await;
            } else {
                connection::serve_stream(book, stream, peer).await;
            }
            drop(slot);
        });
    }
}
