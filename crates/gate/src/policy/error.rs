//! What is wrong with a policy.

use std::fmt;

/// A policy that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file, as the user named it, or the preset.
    pub name: String,
    /// Each fault: its line (0 when it is about the whole file), and a sentence.
    pub faults: Vec<(u32, String)>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (line, sentence)) in self.faults.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            match line {
                0 => write!(f, "{}: {sentence}", self.name)?,
                _ => write!(f, "{}:{line}: {sentence}", self.name)?,
            }
        }
        Ok(())
    }
}
