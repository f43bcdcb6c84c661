//! A registry on loopback that speaks the documented formats of npm, PyPI, crates.io and RubyGems, and fails on command.
//!
//! One server serves all four, each under its own path. It remembers every request, so that tests can see what was asked
//! and which credentials came along.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

mod formats;

/// A registry of packages that tests publish.
pub struct Registry {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

/// What is published: one file of one release.
#[derive(Debug, Clone)]
pub struct Published {
    /// `npm`, `pypi`, `cargo` or `gem`.
    pub ecosystem: &'static str,
    /// The package's name.
    pub name: String,
    /// The version.
    pub version: String,
    /// The file's name.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Why it was withdrawn, if it was.
    pub yanked: Option<String>,
    /// When it was published, `2026-01-31T23:59:59Z`.
    pub date: Option<String>,
    /// What the registry says of the release besides: npm's manifest, or fields of cargo's index line.
    pub manifest: serde_json::Value,
}

impl Published {
    /// A file with the name that the ecosystem gives it.
    pub fn new(ecosystem: &'static str, name: &str, version: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let last = name.rsplit('/').next().unwrap_or_default();
        let file_name = match ecosystem {
            "npm" => format!("{last}-{version}.tgz"),
            "pypi" => format!("{}-{version}.tar.gz", name.replace('-', "_")),
            "cargo" => format!("{name}-{version}.crate"),
            "gem" => format!("{name}-{version}.gem"),
            other => panic!("there is no ecosystem {other}"),
        };
        let (name, version) = (name.to_owned(), version.to_owned());
        Self {
            ecosystem,
            name,
            version,
            file_name,
            bytes: bytes.into(),
            yanked: None,
            date: None,
            manifest: serde_json::Value::Null,
        }
    }

    /// The same under another file name.
    pub fn named(self, file_name: &str) -> Self {
        Self { file_name: file_name.to_owned(), ..self }
    }

    /// The same, published at this time.
    pub fn dated(self, date: &str) -> Self {
        Self { date: Some(date.to_owned()), ..self }
    }

    /// The same, of which the registry says this besides.
    pub fn with(self, manifest: serde_json::Value) -> Self {
        Self { manifest, ..self }
    }

    /// The same, withdrawn.
    pub fn yanked(self, reason: &str) -> Self {
        Self { yanked: Some(reason.to_owned()), ..self }
    }
}

/// How an answer goes wrong.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Only this status.
    Status(u16),
    /// This status, with a `Retry-After` header.
    RetryAfter(u16, String),
    /// A web page with status 200.
    Html,
    /// Half of the body, and then the end of the connection.
    Truncated,
    /// Other bytes of the same length.
    Garbled,
    /// The right answer, late.
    Slow(Duration),
    /// A redirect to this address.
    Redirect(String),
    /// The connection ends before any answer.
    Reset,
    /// This body in place of the right one.
    Body(String),
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The path with its query.
    pub path: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Seen {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// How the registry differs from the plain one.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    /// PyPI's page is HTML whatever is accepted.
    pub html_only: bool,
    /// npm has no document of one release, as some mirrors.
    pub lists_only: bool,
    /// cargo's download template, in place of the plain folder. `{base}` is the server's address.
    pub download: Option<String>,
    /// The `Authorization` header without which every request is refused.
    pub authorization: Option<String>,
}

#[derive(Default)]
struct State {
    published: Vec<Published>,
    faults: Vec<(String, Fault, u32)>,
    seen: Vec<Seen>,
    manners: Manners,
    closed: bool,
}

struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    promised: usize,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self { status, headers: vec![("Content-Type", content_type.to_owned())], promised: body.len(), body }
    }
}

impl Registry {
    /// Starts an empty registry on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if lock(&shared).closed {
                    return;
                }
                let shared = shared.clone();
                thread::spawn(move || serve(stream, address, &shared));
            }
        });
        Self { address, state }
    }

    /// The base address for an ecosystem, as its clients are configured.
    pub fn url(&self, ecosystem: &str) -> String {
        match ecosystem {
            "pypi" => format!("http://{}/pypi/simple/", self.address),
            other => format!("http://{}/{other}/", self.address),
        }
    }

    /// Publishes a file.
    pub fn publish(&self, published: Published) -> &Self {
        lock(&self.state).published.push(published);
        self
    }

    /// Lets the next `times` answers whose path contains a text go wrong.
    pub fn fail(&self, path: &str, fault: Fault, times: u32) -> &Self {
        lock(&self.state).faults.push((path.to_owned(), fault, times));
        self
    }

    /// Changes the manners.
    pub fn behave(&self, manners: Manners) -> &Self {
        lock(&self.state).manners = manners;
        self
    }

    /// Every request so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.state).seen.clone()
    }

    /// Forgets the requests so far.
    pub fn forget(&self) {
        lock(&self.state).seen.clear();
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        lock(&self.state).closed = true;
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client that goes away early is its own affair.
fn serve(mut stream: TcpStream, address: SocketAddr, state: &Mutex<State>) {
    let Some(seen) = read_request(&stream) else { return };
    let (fault, mut answer) = {
        let mut state = lock(state);
        state.seen.push(seen.clone());
        let refused =
            state.manners.authorization.as_deref().is_some_and(|wanted| seen.header("authorization") != Some(wanted));
        let answer = if refused {
            Answer::new(401, "text/plain", "who are you?")
        } else {
            formats::answer(&state, address, &seen)
        };
        let fault = state.faults.iter_mut().find(|(path, _, times)| *times > 0 && seen.path.contains(path));
        (fault.map(|(_, fault, times)| (*times -= 1, fault.clone()).1), answer)
    };
    match fault {
        None => {}
        Some(Fault::Reset) => return,
        Some(Fault::Slow(time)) => thread::sleep(time),
        Some(Fault::Status(status)) => answer = Answer::new(status, "text/plain", "no"),
        Some(Fault::RetryAfter(status, wait)) => {
            answer = Answer::new(status, "text/plain", "later");
            answer.headers.push(("Retry-After", wait));
        }
        Some(Fault::Html) => {
            answer = Answer::new(200, "text/html", "<!DOCTYPE html><html><body>Please log in</body></html>")
        }
        Some(Fault::Truncated) => answer.body.truncate(answer.promised / 2),
        Some(Fault::Garbled) => answer.body.iter_mut().for_each(|byte| *byte ^= 0x55),
        Some(Fault::Redirect(to)) => {
            answer = Answer::new(302, "text/plain", "");
            answer.headers.push(("Location", to));
        }
        Some(Fault::Body(body)) => answer = Answer::new(200, "application/json", body),
    }
    let mut head =
        format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n", answer.status, answer.promised);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(b"\r\n"))
        .and_then(|()| stream.write_all(&answer.body));
}

fn read_request(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream.take(1 << 16));
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => return Some(Seen { path, headers }),
        }
    }
}
