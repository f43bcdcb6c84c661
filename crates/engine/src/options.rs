//! What the asker may choose.

use std::{io, num::NonZero, path::PathBuf, sync::Arc, thread, time::Duration};

use analysis::{Limits, UserRules};

use crate::Index;

/// How the workers are started and bounded.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many artifacts are read at a time. Workers are started when there is work for them.
    pub workers: usize,
    /// How much of an artifact is unpacked.
    pub limits: Limits,
    /// Whether every analysis carries the summary by which versions are compared.
    pub summary: bool,
    /// The user's own rules.
    pub user: UserRules,
    /// Known malware with which every artifact is compared. What the user's rules say of shapes gives way to it.
    pub index: Option<Arc<Index>>,
    /// How long one reading of one artifact may take, by the clock on the wall.
    pub time: Duration,
    /// Address space of a worker, in bytes. Half a gigabyte of it is the stack of the parsers.
    pub memory: u64,
    /// A worker is replaced after this many artifacts.
    pub artifacts: u32,
    /// A worker is replaced when it holds more memory than this after an artifact, in bytes.
    pub resident: u64,
    /// The program that becomes a worker when it gets [`crate::WORKER_ARGUMENT`]; usually this one.
    pub program: PathBuf,
}

impl Options {
    /// The usual choice: as many workers as cores, a minute and 3 GiB each.
    pub fn new(limits: Limits) -> Self {
        Self {
            workers: thread::available_parallelism().map_or(1, NonZero::get),
            limits,
            summary: false,
            user: UserRules::default(),
            index: None,
            time: Duration::from_secs(60),
            memory: 3 << 30,
            artifacts: 500,
            resident: 512 << 20,
            program: this_program(),
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// On Linux the running program by its identity: an upgrade on disk while we run does not change what the workers are.
fn this_program() -> PathBuf {
    let itself = PathBuf::from("/proc/self/exe");
    if cfg!(target_os = "linux") && itself.exists() {
        return itself;
    }
    std::env::current_exe().unwrap_or(itself)
}

/// Why the engine could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The user's rules are wrong; the sentence says which, and where.
    #[error("{0}")]
    Rules(String),
    /// The system gave no thread.
    #[error("the thread that starts the analysis workers could not be started: {0}")]
    Thread(#[source] io::Error),
}
