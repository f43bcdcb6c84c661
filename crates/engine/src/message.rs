//! What parent and worker say to each other.

use analysis::Limits;
use model::Target;
use sandbox::Wall;
use serde::{Deserialize, Serialize};

use crate::frame::Most;

/// The parent's first words. The body is the user's rules, in JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Setup {
    pub limits: Limits,
    /// Whether every analysis carries a summary.
    pub summary: bool,
    pub memory: u64,
    /// Seconds of processor time for the worker's whole life.
    pub processor: u64,
}

/// The worker's answer to it: it is ready, or says why not. No body.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub ruleset: String,
    pub walls: Vec<Wall>,
    pub refusal: Option<String>,
}

/// One artifact. The body is its bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// A number that the worker cannot know before: an answer written in advance fits no job.
    pub id: u64,
    pub target: Target,
    pub careful: bool,
}

/// The answer to one job. The body is the analysis, in JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub id: u64,
}

/// What a worker takes: its parent is trusted, so this only keeps mistakes small.
pub(crate) const TO_WORKER: Most = Most { header: 1 << 20, body: 4 << 30 };

/// What the parent takes from a worker that may have been taken over. Parsed JSON can be eight times as large as its text.
pub(crate) const TO_PARENT: Most = Most { header: 64 << 10, body: 16 << 20 };
