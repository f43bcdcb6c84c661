//! What comes of a run, and how it comes back from the supervisor: one line of JSON, and after it the bytes that were kept.

use std::io;

use model::{Digest, Trace};
use serde::{Deserialize, Serialize};

use crate::Wall;

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct Detonation {
    /// The layers that stood between the package and this machine.
    pub layers: Vec<Wall>,
    /// What happened.
    pub trace: Trace,
    /// The contents that the events name by digest, as far as the budget allowed.
    pub kept: Vec<Kept>,
    /// Milliseconds until the guest was ready for its first step.
    pub ready_millis: f64,
}

/// Bytes that a package wrote, ran or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Their digest.
    pub sha256: Digest,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Why nothing was run, or why it is not known what came of it.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No sandbox is built for this system.
    #[error("packages can be run on Linux on x86-64 only; on other systems, run Lazaret in a virtual machine with it")]
    Platform,
    /// A layer without which nothing may run cannot be raised.
    #[error(
        "nothing was run: the layer `{layer}` is missing on this machine ({why}); `lazaret doctor` shows every layer"
    )]
    Missing {
        /// The layer.
        layer: String,
        /// What the system said.
        why: String,
    },
    /// The supervisor could not be started or reached.
    #[error("the supervisor of the sandbox could not be started: {0}")]
    Start(#[source] io::Error),
    /// The supervisor ended without an answer, or did not end.
    #[error("the supervisor of the sandbox ended without an answer: {0}")]
    Died(String),
    /// The order names a path that cannot be in a guest.
    #[error("`{0}` is no path that a file of the guest can have")]
    Path(String),
}

/// The supervisor's answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    /// It ran.
    Ran {
        layers: Vec<Wall>,
        trace: Trace,
        /// Digest and length of each kept content.
        kept: Vec<(Digest, u64)>,
        ready_millis: f64,
    },
    /// A needed layer is missing.
    Missing { layer: String, why: String },
}

/// Writes the answer of a run.
pub(super) fn send(to: &mut impl io::Write, detonation: Detonation) -> io::Result<()> {
    let Detonation { layers, trace, kept, ready_millis } = detonation;
    let lengths = kept.iter().map(|one| (one.sha256, one.bytes.len() as u64)).collect();
    send_answer(to, &Answer::Ran { layers, trace, kept: lengths, ready_millis })?;
    kept.iter().try_for_each(|one| to.write_all(&one.bytes))?;
    to.flush()
}

/// Writes an answer without bytes.
pub(super) fn send_answer(to: &mut impl io::Write, answer: &Answer) -> io::Result<()> {
    serde_json::to_writer(&mut *to, answer)?;
    to.write_all(b"\n")?;
    to.flush()
}

/// Reads an answer.
pub(super) fn receive(bytes: &[u8]) -> Result<Detonation, SandboxError> {
    let garbled = |why: &str| SandboxError::Died(why.into());
    let at = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(|| garbled("it said nothing"))?;
    let (line, mut rest) = (&bytes[..at], &bytes[at + 1..]);
    match serde_json::from_slice(line).map_err(|error| garbled(&error.to_string()))? {
        Answer::Missing { layer, why } => Err(SandboxError::Missing { layer, why }),
        Answer::Ran { layers, trace, kept: lengths, ready_millis } => {
            let mut kept = Vec::with_capacity(lengths.len());
            for (sha256, length) in lengths {
                let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
                let (bytes, after) = rest.split_at(length.ok_or_else(|| garbled("contents are missing"))?);
                kept.push(Kept { sha256, bytes: bytes.to_vec() });
                rest = after;
            }
            Ok(Detonation { layers, trace, kept, ready_millis })
        }
    }
}
