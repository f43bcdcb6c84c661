//! The exit codes. This is the one place that defines them: the help text, the README and the tests follow it.

use model::{Analysis, Decision};

macro_rules! exits {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $meaning:literal;)+) => {
        /// How a command ended. The order of the variants is their weight: of many targets, the weightiest decides.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Exit {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Exit {
            /// Every exit, the lightest first.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The number that the process returns.
            pub const fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }

            /// What it means, in a few words.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

exits! {
    /// Everything was looked at, and nothing is suspicious.
    Clean = 0, "nothing suspicious";
    /// There was nothing to scan: no file names a package.
    NoPackages = 4, "scan: no packages found";
    /// Nothing suspicious was seen, but something could not be looked at.
    Incomplete = 30, "incomplete: something could not be looked at";
    /// A target could not be got, so nothing is known about it.
    Unavailable = 3, "a target could not be got (not found, network, wrong hash)";
    /// The command line, or a target on it, is malformed. When the command line is, nothing runs.
    Usage = 2, "usage: the command line or a target is malformed";
    /// A verdict could not be derived again from its report.
    Differs = 40, "replay: the verdict could not be derived again";
    /// A person should look, or a policy warns.
    Suspicious = 10, "suspicious, or the policy warns";
    /// Malware, or a policy blocks.
    Malicious = 20, "malicious, or the policy blocks";
    /// Lazaret itself failed: it could not write its report, or has a bug.
    Broken = 1, "Lazaret itself failed, for example on a full disk";
}

impl Exit {
    /// The exit that this number stands for.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.code() == code)
    }

    /// What an analysis means for the exit. Coverage counts even where the decision does not speak of it.
    pub fn of(analysis: &Analysis) -> Self {
        match analysis.verdict.decision {
            Decision::Malicious => Self::Malicious,
            Decision::Suspicious => Self::Suspicious,
            Decision::Benign if analysis.verdict.coverage.is_complete() => Self::Clean,
            Decision::Benign | Decision::Inconclusive | Decision::Unknown => Self::Incomplete,
        }
    }

    /// The codes and their meanings, as help texts show them.
    pub fn table() -> String {
        let mut rows: Vec<Self> = Self::ALL.to_vec();
        rows.sort_by_key(|one| one.code());
        rows.iter().map(|one| format!("  {:>2}  {}\n", one.code(), one.meaning())).collect()
    }
}
