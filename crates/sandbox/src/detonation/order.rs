//! What is to be run, and how it reaches the supervisor: one line of JSON, and after it the bytes of the files.

use std::{collections::BTreeMap, io, path::PathBuf, time::Duration};

use artifact::Tree;
use model::{Ecosystem, Phase};
use serde::{Deserialize, Serialize};

use crate::tokens::Home;

/// The program that becomes the supervisor.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// The program; usually this one.
    pub program: PathBuf,
    /// The user as whom it is started. Only the system's owner can choose; it is for trying what others may.
    pub user: Option<u32>,
}

impl Default for Launcher {
    /// This program by its identity: an upgrade on disk while it runs does not change what the supervisor is.
    fn default() -> Self {
        Self { program: PathBuf::from("/proc/self/exe"), user: None }
    }
}

/// One file that is put into the guest before anything runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seed {
    /// Its path in the guest, from `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its mode, such as `0o644`.
    pub mode: u32,
    /// Whether to read it is to read credentials.
    pub secret: bool,
}

/// A package file that the guest's registries serve, resolved and verified by whoever fetched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The machine that a package finds itself on.
#[derive(Debug, Clone, Default)]
pub struct Guest {
    /// The files that are put into it, in order; of two with one path the later stays.
    pub seeds: Vec<Seed>,
    /// Symbolic links, each with its path and its target. They are made after all files, so none leads a file astray.
    pub links: Vec<(String, String)>,
    /// Folders of this machine that the guest sees under the same path, to be read only, besides `/usr`: an interpreter that
    /// is installed elsewhere.
    pub toolchains: Vec<PathBuf>,
    /// What the machine calls itself; empty for `laptop`.
    pub host_name: String,
    /// The seed of the planted secrets, by which they are recognised when they leave.
    pub tokens: Option<[u8; 32]>,
    /// The packages that can be installed.
    pub served: Vec<Served>,
}

impl Guest {
    /// The folder of the user `dev`, who runs everything.
    pub const HOME: &str = "/home/dev";
    /// The folder for packages and projects.
    pub const WORK: &str = "/work";
    /// The certificate of the sinkhole's authority.
    pub const CERTIFICATE: &str = "/etc/ssl/certs/global-trust-root.pem";

    /// Adds a file.
    pub fn seed(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>, mode: u32) {
        self.seeds.push(Seed { path: path.into(), bytes: bytes.into(), mode, secret: false });
    }

    /// Plants a home. Its variables belong into the environment of the steps.
    pub fn plant(&mut self, home: &Home) {
        self.host_name.clone_from(&home.host);
        let seed = |file: &crate::tokens::Planted| Seed {
            path: file.path.clone(),
            bytes: file.content.clone(),
            mode: file.mode,
            secret: file.secret,
        };
        self.seeds.extend(home.files.iter().map(seed));
    }

    /// Adds the artifact's own files below a folder, without the top folder that they share. Links that leave the artifact
    /// stay away.
    pub fn place(&mut self, tree: &Tree, folder: &str) {
        let root = tree.root();
        for file in tree.files.iter().filter(|file| file.depth == 0 && !file.shadowed) {
            let Some(inner) = file.inner(root) else { continue };
            let mode = if file.executable { 0o755 } else { 0o644 };
            self.seed(format!("{folder}/{inner}"), file.bytes.to_vec(), mode);
        }
        for link in tree.links.iter().filter(|link| !link.hard && !link.escapes && !link.path.contains('!')) {
            let inner = match root {
                Some(root) => link.path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')),
                None => Some(link.path.as_str()),
            };
            if let Some(inner) = inner {
                self.links.push((format!("{folder}/{inner}"), link.target.clone()));
            }
        }
    }
}

/// One command in its own process tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestStep {
    /// A short name: `postinstall`, `require`, `call`.
    pub name: String,
    /// The phase of an installation that it plays.
    pub phase: Phase,
    /// The profile of the machine that it plays.
    pub profile: String,
    /// The command line. The program is a path, or a name that is looked for in the `PATH` of `environment`.
    pub argv: Vec<String>,
    /// The whole environment; nothing of ours is added.
    pub environment: BTreeMap<String, String>,
    /// The folder in which it starts.
    pub folder: String,
    /// How long it may run.
    pub time: Duration,
    /// How long processes that it leaves behind may go on once it has ended.
    pub dwell: Duration,
}

/// What a whole run may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Time by the clock, all steps together.
    pub time: Duration,
    /// Memory of all processes together, in bytes.
    pub memory: u64,
    /// Processes and threads at a time.
    pub processes: u32,
    /// Bytes in each of the guest's writable folders.
    pub disk: u64,
    /// Files in each of the guest's writable folders.
    pub files: u64,
    /// Bytes that a step may print; the last 64 KiB of them are kept.
    pub output: u64,
    /// Events.
    pub events: u32,
    /// Bytes of files that are kept with the trace.
    pub kept: u64,
    /// Whether processes are watched. Without it only the sinkhole, the files and the limits tell something.
    pub traced: bool,
    /// Waits of this length and longer are cut short.
    pub longest_wait: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(180),
            memory: 2 << 30,
            processes: 256,
            disk: 512 << 20,
            files: 200_000,
            output: 16 << 20,
            events: 50_000,
            kept: 32 << 20,
            traced: true,
            longest_wait: Duration::from_secs(2),
        }
    }
}

/// The line in front of the bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    /// Path, mode, secrecy and length of each file.
    seeds: Vec<(String, u32, bool, u64)>,
    /// Ecosystem, name, version, file name and length of each package.
    served: Vec<(Ecosystem, String, String, String, u64)>,
    tokens: Option<[u8; 32]>,
    links: Vec<(String, String)>,
    toolchains: Vec<PathBuf>,
    host_name: String,
    steps: Vec<GuestStep>,
    budget: Budget,
}

/// Everything that the supervisor is told.
#[derive(Debug)]
pub(super) struct Order {
    pub guest: Guest,
    pub steps: Vec<GuestStep>,
    pub budget: Budget,
}

/// Writes an order.
pub(super) fn send(to: &mut impl io::Write, guest: &Guest, steps: &[GuestStep], budget: &Budget) -> io::Result<()> {
    let seed = |one: &Seed| (one.path.clone(), one.mode, one.secret, one.bytes.len() as u64);
    let served = |one: &Served| {
        (one.ecosystem, one.name.clone(), one.version.clone(), one.file_name.clone(), one.bytes.len() as u64)
    };
    let head = Head {
        seeds: guest.seeds.iter().map(seed).collect(),
        served: guest.served.iter().map(served).collect(),
        tokens: guest.tokens,
        links: guest.links.clone(),
        toolchains: guest.toolchains.clone(),
        host_name: guest.host_name.clone(),
        steps: steps.to_vec(),
        budget: budget.clone(),
    };
    serde_json::to_writer(&mut *to, &head)?;
    to.write_all(b"\n")?;
    guest.seeds.iter().try_for_each(|seed| to.write_all(&seed.bytes))?;
    guest.served.iter().try_for_each(|served| to.write_all(&served.bytes))?;
    to.flush()
}

/// Reads an order.
pub(super) fn receive(from: &mut impl io::BufRead) -> io::Result<Order> {
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line)?;
    let head: Head = serde_json::from_slice(&line)?;
    let mut guest = Guest {
        links: head.links,
        toolchains: head.toolchains,
        host_name: head.host_name,
        tokens: head.tokens,
        ..Guest::default()
    };
    for (path, mode, secret, length) in head.seeds {
        guest.seeds.push(Seed { path, bytes: exactly(from, length)?, mode, secret });
    }
    for (ecosystem, name, version, file_name, length) in head.served {
        guest.served.push(Served { ecosystem, name, version, file_name, bytes: exactly(from, length)? });
    }
    Ok(Order { guest, steps: head.steps, budget: head.budget })
}

fn exactly(from: &mut impl io::BufRead, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&mut *from, length), &mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
