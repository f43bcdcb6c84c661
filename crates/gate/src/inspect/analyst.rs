//! Who analyses.

use std::future::Future;

use model::{Analysis, Target};

/// The engine, or something in its place.
pub trait Analyst: Send + Sync + 'static {
    /// The digest of everything that decides.
    fn ruleset(&self) -> &str;

    /// Whether every analysis carries the summary by which versions are compared.
    fn summarises(&self) -> bool {
        false
    }

    /// Analyses one artifact. It never fails.
    fn analyse(&self, target: Target, bytes: Vec<u8>) -> impl Future<Output = Analysis> + Send;
}

impl Analyst for engine::Engine {
    fn ruleset(&self) -> &str {
        self.ruleset()
    }

    fn summarises(&self) -> bool {
        self.summarises()
    }

    fn analyse(&self, target: Target, bytes: Vec<u8>) -> impl Future<Output = Analysis> + Send {
        self.analyse(target, bytes)
    }
}
