//! What is known of tasks and processes, and what the kernel tells of them.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use model::TraceDeed;

use super::super::book::words;

/// Command lines are cut to this many words.
const MOST_WORDS: usize = 256;

/// One thread.
#[derive(Debug)]
pub(super) struct Task {
    /// Its process, as this machine numbers it.
    pub process: libc::pid_t,
    /// The call that it is in.
    pub pending: Pending,
}

impl Task {
    pub fn new(process: libc::pid_t) -> Self {
        Self { process, pending: Pending::None }
    }
}

/// A call of which the end is awaited.
#[derive(Debug, Default)]
pub(super) enum Pending {
    #[default]
    None,
    /// A file is opened; the kernel will say which.
    Open { asked: Vec<u8>, write: bool },
    /// A program is started.
    Exec { path: String, argv: Vec<String> },
    /// A connection is tried.
    Connect { descriptor: i32, address: String },
    /// Something is bound to an address, told when it is listened on.
    Bind { descriptor: u64, address: String },
    /// It is told when the outcome is known.
    Deed { deed: TraceDeed, once: bool },
}

/// One process.
#[derive(Debug, Clone, Default)]
pub(super) struct Process {
    /// Its number in the guest.
    pub number: u32,
    /// Its parent's number in the guest.
    pub parent: u32,
    pub threads: u32,
    /// A digest of the value of each variable.
    pub environment: Option<BTreeMap<String, u64>>,
    /// What its sockets are bound to.
    pub bound: HashMap<u64, String>,
}

/// The numbers of a task.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    /// The process, as this machine numbers it.
    pub process: libc::pid_t,
    /// The process, as the guest numbers it.
    pub number: u32,
}

/// Asks the kernel for a task's numbers.
pub(super) fn ids(task: libc::pid_t) -> Option<Ids> {
    let status = fs::read_to_string(format!("/proc/{task}/status")).ok()?;
    let last = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().last()
    };
    Some(Ids { process: last("Tgid:")?.parse().ok()?, number: last("NStgid:")?.parse().ok()? })
}

/// Where a link in the task's folder of `/proc` leads: the kernel's own word for a file.
pub(super) fn link(task: libc::pid_t, name: &str) -> String {
    use std::os::unix::ffi::OsStrExt;
    let target = fs::read_link(format!("/proc/{task}/{name}")).unwrap_or_default();
    words(target.as_os_str().as_bytes())
}

/// The program that a process runs, even when its file has no name any more.
pub(super) fn program(process: libc::pid_t) -> Option<fs::File> {
    fs::File::open(format!("/proc/{process}/exe")).ok()
}

/// The command line of a program that has just started.
pub(super) fn command_line(process: libc::pid_t) -> Vec<String> {
    let bytes = read_start(&format!("/proc/{process}/cmdline"), 1 << 18);
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
    if bytes.is_empty() {
        return Vec::new();
    }
    bytes.split(|byte| *byte == 0).take(MOST_WORDS).map(words).collect()
}

/// The environment of a program that has just started: names, and a digest of each value.
pub(super) fn environment(process: libc::pid_t) -> BTreeMap<String, u64> {
    let bytes = read_start(&format!("/proc/{process}/environ"), 1 << 18);
    let pairs = bytes.split(|byte| *byte == 0).filter(|pair| !pair.is_empty());
    let entry = |pair: &[u8]| {
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let mut hasher = DefaultHasher::new();
        pair[at..].hash(&mut hasher);
        (words(&pair[..at.min(128)]), hasher.finish())
    };
    pairs.take(1024).map(entry).collect()
}

fn read_start(path: &str, most: u64) -> Vec<u8> {
    use std::io::Read;
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(path) {
        // A part is better than nothing.
        let _ = file.take(most).read_to_end(&mut bytes);
    }
    bytes
}

/// The variables that differ; none when nothing is known of the parent's.
pub(super) fn differences(before: Option<&BTreeMap<String, u64>>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let Some(before) = before else { return Vec::new() };
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(*value)).map(|(name, _)| name);
    changed.chain(gone).take(64).cloned().collect()
}

/// A span of time as the kernel's structures say it.
pub(super) fn duration(seconds: i64, nanos: i64) -> Duration {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanos = u32::try_from(nanos).unwrap_or(0);
    Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos.into()))
}
