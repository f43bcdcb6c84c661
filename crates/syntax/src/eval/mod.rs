//! Follows values through lowered code without running it.

pub mod effects;
pub mod fold;
pub mod value;

mod assign;
mod call;
mod closure;
mod deferred;
mod emit;
mod expression;
mod fire;
mod layer;
mod machine;
mod member;
mod operate;
mod package;
mod sequence;
mod special;
mod statement;

use model::{Behaviour, Flow, Gap, Layer, Parsed, Place, Reach};

pub use machine::Machine;
pub use package::{Alone, Package};

use crate::Language;

/// How much may be spent on one file.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Steps for following calls and loops; every function is read once without them. A step is about one statement.
    pub steps: u64,
    /// How deep layers may nest.
    pub layers: u32,
    /// How many layers a file may have in all.
    pub layer_count: u32,
    /// Only parsers that cannot be made to abort.
    pub careful: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 20_000_000, layers: 8, layer_count: 64, careful: false }
    }
}

/// A module that a file imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The module as it is written: `./lib/x`, `.models`, `os`.
    pub module: String,
    /// The name out of it, when only that is imported.
    pub name: Option<String>,
    /// How the import is reached.
    pub reach: Reach,
    /// Where.
    pub place: Place,
}

/// A text literal that is worth a look: it names a host, path or command of interest. Filled for texts up to 4 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The text.
    pub text: String,
    /// Where.
    pub place: Place,
    /// Whether it was put together from parts or decoded, and so does not stand in the source as it is.
    pub folded: bool,
}

/// What a file's code can do.
#[derive(Debug, Default)]
pub struct Behaviours {
    /// What it can do, in the order of evaluation.
    pub behaviours: Vec<Behaviour>,
    /// How data goes between them.
    pub flows: Vec<Flow>,
    /// Hidden code that was decoded.
    pub layers: Vec<Layer>,
    /// Further functions by which behaviours are reached: the number of a behaviour, and the function's name.
    pub reaches: Vec<(u32, String)>,
    /// Outside functions that are called when the file is loaded, by resolved name: those of other modules of the package
    /// run then.
    pub calls: Vec<String>,
    /// Outside functions that functions of this file call: the caller's name, and the resolved name of what it calls.
    pub inner_calls: Vec<(String, String)>,
    /// Functions of this file that call others of this file: the caller's name, and the name of what it calls.
    pub links: Vec<(String, String)>,
    /// What it imports.
    pub imports: Vec<Import>,
    /// Its constant texts, folded ones included.
    pub literals: Vec<Literal>,
    /// What was not looked at.
    pub gaps: Vec<Gap>,
    /// The steps that calls and loops took, so that a package can share one budget among its files.
    pub steps: u64,
}

/// Reads a source text.
pub fn behaviours(language: Language, path: &str, text: &str, budget: Budget) -> Parsed<Behaviours> {
    machine::read(language, path, text, budget, &Alone)
}

/// Reads a source text that can reach the other files of its package.
pub fn behaviours_in(
    package: &dyn Package,
    language: Language,
    path: &str,
    text: &str,
    budget: Budget,
) -> Parsed<Behaviours> {
    machine::read(language, path, text, budget, package)
}
