//! The sinkhole with real clients, on loopback. A client that this machine does not have is told and left out.

mod clients;
mod hostile;
mod registry;

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    os::fd::BorrowedFd,
    process::{Command, Output},
    sync::Arc,
    time::{Duration, Instant},
};

use model::{Event, EventSource, TraceDeed};
use sandbox::{
    sink::{Closure, Limits, Observation, Settings, Sink, Sockets},
    tokens::Tokens,
};
use tempfile::TempDir;

/// A sinkhole on loopback that believes that every connection went to one address and port.
struct Trap {
    sink: Option<Sink>,
    tokens: Arc<Tokens>,
    tcp: u16,
    dns: u16,
    dns_tcp: u16,
    udp: u16,
    folder: TempDir,
}

impl Trap {
    fn new(port: u16) -> Self {
        Self::with(port, Limits { silence: Duration::from_millis(400), ..Limits::default() }, Closure::default())
    }

    fn with(port: u16, limits: Limits, closure: Closure) -> Self {
        let sockets = Sockets {
            dns_udp: UdpSocket::bind("127.0.0.1:0").expect("a port"),
            dns_tcp: TcpListener::bind("127.0.0.1:0").expect("a port"),
            tcp: TcpListener::bind("127.0.0.1:0").expect("a port"),
            udp: UdpSocket::bind("127.0.0.1:0").expect("a port"),
        };
        let own = |address: std::io::Result<SocketAddr>| address.expect("bound").port();
        let (tcp, dns_tcp) = (own(sockets.tcp.local_addr()), own(sockets.dns_tcp.local_addr()));
        let (dns, udp) = (own(sockets.dns_udp.local_addr()), own(sockets.udp.local_addr()));
        let tokens = Arc::new(Tokens::new([9; 32]));
        let settings = Settings { tokens: Arc::clone(&tokens), closure, limits, start: Instant::now() };
        let origin = move |_: BorrowedFd<'_>, _: SocketAddr| SocketAddr::from(([203, 0, 113, 9], port));
        let sink = Sink::start(sockets, origin, settings).expect("a sinkhole");
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("ca.pem"), sink.authority()).expect("written");
        Self { sink: Some(sink), tokens, tcp, dns, dns_tcp, udp, folder }
    }

    fn sink(&self) -> &Sink {
        self.sink.as_ref().expect("running")
    }

    fn certificate(&self) -> String {
        self.folder.path().join("ca.pem").to_string_lossy().into_owned()
    }

    /// Stops, and tells what was seen.
    fn observations(mut self) -> Vec<Observation> {
        self.sink.take().expect("running").stop()
    }

    fn events(self) -> Vec<Event> {
        let seen = self.observations();
        assert!(seen.iter().all(|one| one.event.source == EventSource::Sink));
        seen.into_iter().map(|one| one.event).collect()
    }

    /// The first thing of a kind that is seen, while the sinkhole runs on.
    fn wait_for<T>(&self, wanted: impl Fn(&Observation) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let seen = self.sink().seen().recv_timeout(left).expect("it is seen");
            if let Some(found) = wanted(&seen) {
                return found;
            }
        }
    }
}

/// Runs a client. None when there is none on this machine.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    // No variable of the surroundings leads a client elsewhere.
    let mut command = Command::new(program);
    for name in
        ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY"]
    {
        command.env_remove(name);
    }
    match command.args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            eprintln!("skipped: there is no {program}");
            None
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The requests among events: method, address, body, status.
fn requests(events: &[Event]) -> Vec<(String, String, String, u16)> {
    let request = |event: &Event| match &event.deed {
        TraceDeed::Http { method, url, head, status, .. } => Some((method.clone(), url.clone(), head.clone(), *status)),
        _ => None,
    };
    events.iter().filter_map(request).collect()
}

/// What was said without HTTP: protocol, text, whether the client waited.
fn spoken(events: &[Event]) -> Vec<(String, String, bool)> {
    let raw = |event: &Event| match &event.deed {
        TraceDeed::Raw { protocol, head, waited, .. } => Some((protocol.clone(), head.clone(), *waited)),
        _ => None,
    };
    events.iter().filter_map(raw).collect()
}
