//! How a verdict's points come together.

use serde::{Deserialize, Serialize};

/// What a rule adds to the points of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The rule's id.
    pub rule: String,
    /// Its points. Ten more make malware ten times as likely.
    pub points: i32,
}

/// The sum by which a package was judged. A person can check it by hand: `base` and every share make `points`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The points of a package in which nothing was found.
    pub base: i32,
    /// What each rule adds, the heaviest first. A rule counts once, at its heaviest finding.
    pub shares: Vec<Share>,
    /// The sum.
    pub points: i32,
}

impl Balance {
    /// What a rule adds; nothing when it weighs nothing.
    pub fn share(&self, rule: &str) -> Option<i32> {
        self.shares.iter().find(|one| one.rule == rule).map(|one| one.points)
    }
}
