//! Of what a worker died.

use std::{fmt, process::ExitStatus};

use model::Confidence;

/// Of what a worker died, as far as it can be told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// It took longer than allowed, and was ended.
    Time,
    /// It used up the processor time of its whole life.
    Processor,
    /// It asked for more memory than allowed.
    Memory,
    /// It was killed from outside, most often by a system that is short of memory.
    Killed,
    /// It used up its stack.
    Stack,
    /// Our own code found something impossible.
    Panic,
    /// It tried something that no reader does: to start a program, to open a connection.
    Forbidden,
    /// It said something that was no answer.
    Garbled,
    /// It crashed with this signal.
    Signal(i32),
    /// It ended itself with this exit code.
    Exit(i32),
}

const ABORT: i32 = 6;
const KILL: i32 = 9;
const SEGMENT: i32 = 11;
const PROCESSOR: i32 = 24;
const FORBIDDEN: i32 = 31;

/// The exit code of a worker whose own code panicked, as Rust's runtime uses it.
pub(crate) const PANIC: u8 = 101;

impl Death {
    /// Reads it from how the process ended and from its last words. The words are hostile: they are only searched for
    /// what Rust's and the parsers' runtimes say, and never shown.
    pub(crate) fn of(status: ExitStatus, last_words: &[u8]) -> Self {
        let said = |words: &str| last_words.windows(words.len()).any(|window| window == words.as_bytes());
        match (signal(status), status.code()) {
            (Some(ABORT | SEGMENT), _) if said("overflowed its stack") => Self::Stack,
            (Some(ABORT), _) if said("memory allocation of ") || said("failed to allocate") => Self::Memory,
            (Some(KILL), _) => Self::Killed,
            (Some(PROCESSOR), _) => Self::Processor,
            (Some(FORBIDDEN), _) => Self::Forbidden,
            (Some(signal), _) => Self::Signal(signal),
            (None, Some(code)) if code == i32::from(PANIC) => Self::Panic,
            (None, code) => Self::Exit(code.unwrap_or(-1)),
        }
    }

    /// How surely it speaks against the package. A package may be large, and our code may have a fault; but honest code
    /// does not overflow half a gigabyte of stack, and none makes a parser crash or call the system.
    pub(crate) fn confidence(self) -> Confidence {
        match self {
            Self::Time | Self::Processor | Self::Memory | Self::Killed | Self::Panic => Confidence::Low,
            Self::Stack | Self::Garbled | Self::Signal(_) | Self::Exit(_) | Self::Forbidden => Confidence::High,
        }
    }
}

impl fmt::Display for Death {
    /// Reads after "the reader".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("took longer than allowed"),
            Self::Processor => f.write_str("used more processor time than allowed"),
            Self::Memory => f.write_str("needed more memory than allowed"),
            Self::Killed => f.write_str("was killed by the system, perhaps for want of memory"),
            Self::Stack => f.write_str("used up its stack"),
            Self::Panic => f.write_str("failed in Lazaret's own code"),
            Self::Forbidden => f.write_str("tried a forbidden system call and was stopped"),
            Self::Garbled => f.write_str("gave an answer that makes no sense"),
            Self::Signal(signal) => write!(f, "crashed with signal {signal}"),
            Self::Exit(code) => write!(f, "ended early with exit code {code}"),
        }
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}
