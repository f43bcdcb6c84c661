//! What a policy answers about one package.

use std::{cmp::Reverse, fmt};

use serde::{Deserialize, Serialize};

/// What is to be done with a package, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// It may be used.
    #[default]
    Allow,
    /// It may be used, and somebody should know.
    Warn,
    /// It may not be used.
    Block,
}

impl Answer {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ruling {
    /// The answer after exceptions.
    pub answer: Answer,
    /// Every rule of the policy that matched, the one that decided first. Empty when none did.
    pub matches: Vec<RuleMatch>,
}

impl Ruling {
    /// Puts what decided first, and takes the answer from it: that of the weightiest match that nothing waives.
    pub fn settle(&mut self) {
        self.matches.sort_by_key(|one| (one.waived.is_some(), Reverse(one.answer)));
        self.answer = self.matches.first().filter(|one| one.waived.is_none()).map(|one| one.answer).unwrap_or_default();
    }

    /// The match that decided: the weightiest that no exception waives.
    pub fn decisive(&self) -> Option<&RuleMatch> {
        self.matches.iter().find(|one| one.waived.is_none() && one.answer == self.answer)
    }
}

/// One rule of a policy that matched a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatch {
    /// The rule's name.
    pub rule: String,
    /// What it asks for.
    pub answer: Answer,
    /// Why, in one sentence.
    pub reason: String,
    /// The exception that waives it: its reason, owner and last day, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<String>,
}
