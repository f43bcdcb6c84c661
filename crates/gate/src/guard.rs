//! A package manager's command, made safe: what it would install is checked before, during and after it.
//!
//! The manager runs as it would without, but is told by variables and arguments to ask the registry on loopback
//! ([`crate::proxy`]). Its lockfile is checked before it starts, and what lies on the disk afterwards is compared with what
//! was handed out, so that what it took from its own cache is no hole.

mod after;
pub mod allowed;
mod before;
mod journal;
mod locked;
pub mod log;
mod managers;
mod run;

use std::{io, path::PathBuf, sync::Arc};

use net::Environment;

pub use self::managers::{Call, Installed, MANAGERS, Manager, Passage, Rewriting, Route, manager};

use crate::{
    inspect::{Analyst, Inspector},
    proxy::{Asker, Rules, Summary},
    verdicts::Verdicts,
};

/// The variable by which a guarded command knows which ecosystems are guarded already.
pub const GUARDED: &str = "LAZARET_GUARDED";

/// Where the guard keeps what must last for this user: its log, lockfiles to be put back, an address.
pub fn state(environment: &Environment) -> Option<PathBuf> {
    let var = |name: &str| environment.var(name).map(PathBuf::from);
    let home = || environment.home.as_ref().map(|home| home.join(".local/state"));
    let of_system = if cfg!(windows) { var("LOCALAPPDATA") } else { var("XDG_STATE_HOME").or_else(home) };
    var("LAZARET_STATE_DIR").or_else(|| of_system.map(|folder| folder.join("lazaret")))
}

/// What stands in every shim, so that none of them is taken for the program itself.
pub const SHIM_MARK: &str = "made by lazaret setup";

/// Everything that a guarded run needs.
pub struct Guard<A> {
    /// The user's surroundings: the command gets its variables from here.
    pub environment: Environment,
    /// Who analyses.
    pub inspector: Arc<Inspector<A>>,
    /// Where what is known is kept.
    pub cache: Option<PathBuf>,
    /// Where what must last is kept: the lockfiles that are led here, and an address.
    pub state: PathBuf,
    /// How the network is used.
    pub net: net::Options,
    /// The database.
    pub verdicts: Arc<dyn Verdicts>,
    /// Who can be asked.
    pub asker: Arc<dyn Asker>,
    /// What holds.
    pub rules: Rules,
    /// The moment, in seconds since 1970.
    pub now: i64,
}

/// How a guarded command ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// The command's own exit code; none when it was not started.
    pub code: Option<u8>,
    /// What happened.
    pub summary: Summary,
    /// What the user should know besides.
    pub notes: Vec<String>,
}

impl Ended {
    /// Whether something was refused that the command needed.
    pub fn is_blocked(&self) -> bool {
        let failed = self.code != Some(0);
        !self.summary.blocked.is_empty() || (failed && self.summary.withheld.iter().any(|one| !one.replaced))
    }
}

/// Why a command could not be guarded.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// There is no command.
    #[error("there is no command to guard; write it behind: lazaret guard npm install express")]
    NoCommand,
    /// No such program.
    #[error("{0} is not in your PATH; install it, or check its spelling")]
    NoProgram(String),
    /// A program that nobody knows how to guard.
    #[error("Lazaret does not know how to guard {program}; it guards {known}")]
    UnknownProgram {
        /// The program.
        program: String,
        /// Those that are known.
        known: String,
    },
    /// The registry on loopback cannot be opened.
    #[error("no port can be opened on this machine: {0}")]
    NoPort(io::Error),
    /// The program does not start.
    #[error("{program} cannot be started: {cause}")]
    NoStart {
        /// The program.
        program: String,
        /// What the system says.
        cause: io::Error,
    },
    /// A lockfile cannot be read or put back.
    #[error("{} cannot be {what}: {cause}", .path.display())]
    Lockfile {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system says.
        cause: io::Error,
    },
}

impl<A: Analyst> Guard<A> {
    /// Runs a command: the program and its arguments.
    pub async fn run(&self, command: &[String]) -> Result<Ended, GuardError> {
        let ended = run::run(self, command).await?;
        let log = log::Log::new(&self.state);
        let run = format!("{}-{}", self.now, std::process::id());
        let events = log::events(command, &self.environment.cwd, &ended);
        // What is guarded is not undone by a full disk; but it must be known.
        match log.append(&run, self.now, &events) {
            Ok(()) => Ok(ended),
            Err(error) => {
                let mut notes = ended.notes;
                notes.push(format!("{} cannot be written: {error}", log.path().display()));
                Ok(Ended { notes, ..ended })
            }
        }
    }
}
