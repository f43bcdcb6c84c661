//! The doors at which a policy is asked.

use std::fmt;

/// A place where packages are let through or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Door {
    /// The scan of a project.
    Scan,
    /// The guard around a package manager.
    Guard,
    /// The registry proxy of a whole organisation.
    Proxy,
    /// The questions of coding agents.
    Mcp,
}

impl Door {
    /// Every door.
    pub const ALL: [Self; 4] = [Self::Scan, Self::Guard, Self::Proxy, Self::Mcp];

    /// Its name, as policies write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Guard => "guard",
            Self::Proxy => "proxy",
            Self::Mcp => "mcp",
        }
    }

    /// The door of this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
