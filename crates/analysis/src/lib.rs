//! Rules, similarity and judgement: bytes of one artifact in, findings and a decision out. Pure.
#![warn(missing_docs)]

pub use artifact::Limits;
use model::{Analysis, RuleMeta, Target};

/// Rules of the user, beside the built-in ones.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct UserRules {
    /// YARA sources: file name and text.
    pub yara: Vec<(String, String)>,
}

/// Everything that can be prepared once and used for many packages.
pub struct Analyser {}

impl Analyser {
    /// Prepares the rules. The error is a sentence for the user: which of their rules is wrong, and where.
    pub fn new(_user: &UserRules) -> Result<Self, String> {
        Ok(Self {})
    }

    /// Opens, reads and judges one artifact. It never fails: what cannot be read is a gap.
    pub fn analyse(&self, _target: &Target, _bytes: &[u8], _limits: &artifact::Limits) -> Analysis {
        unimplemented!("filled by the next commits")
    }

    /// The digest of everything that decides: built-in rules, the user's rules, version. It is a part of each cache key.
    pub fn ruleset(&self) -> &str {
        ""
    }
}

/// What is known of each built-in rule, in the order of the catalogue.
pub fn rules() -> &'static [RuleMeta] {
    &[]
}
