//! What was read, together with what was wrong with it.

use serde::{Deserialize, Serialize};

/// A value read from untrusted input, and everything odd that reading it met. Oddities never hide the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed<T> {
    /// What could be read.
    pub value: T,
    /// What was wrong, in the order in which it was met.
    pub problems: Vec<Problem>,
}

impl<T> Parsed<T> {
    /// A value without problems.
    pub fn clean(value: T) -> Self {
        Self { value, problems: Vec::new() }
    }

    /// The same problems with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Parsed<U> {
        Parsed { value: change(self.value), problems: self.problems }
    }
}

/// One oddity of untrusted input: evidence, not an error of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Problem {
    /// The kind, in kebab-case (`duplicate-entry`, `syntax-error`).
    pub code: String,
    /// The file inside the package, or empty when it is about the whole.
    pub path: String,
    /// One sentence.
    pub detail: String,
}

impl Problem {
    /// A problem at a path.
    pub fn new(code: &str, path: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), path: path.into(), detail: detail.into() }
    }
}
