//! The shape of code: what stays of it when names, texts and numbers are taken away.
//!
//! The lowered form is written as sequences of tokens, one for each function body and one for the top level, and every run of
//! `SPAN` tokens is a *shingle*, kept as a number. Names that the file makes itself, and all literals, are masked; names that
//! come from outside stay, aliases undone. So a copy under new names, hosts and keys, with its functions in another order, has
//! the same shingles, and a part of it has a part of them.
//!
//! What runs by itself is told from what waits to be called: see [`Extent`].

mod hash;
mod names;
mod parts;
mod tokens;

use crate::{Language, ir::Bump, lower, nesting};

/// The version of the shingles. It grows whenever the same source gets other shingles than before: a test holds some of them.
pub const VERSION: u32 = 1;

/// So many tokens make a shingle.
const SPAN: usize = 6;

/// More tokens than this in one text tell nothing more.
const MOST_TOKENS: usize = 1 << 20;

/// Which code of a text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What runs when the text is loaded: the top level, and every function and class that it names, directly or through others.
    /// What a `setup(...)` says of a package does not count, nor do imports.
    Running {
        /// Whether the text is run as a program, so that `__main__` blocks run too.
        program: bool,
    },
    /// All of it.
    Whole,
}

/// The shingles of a text, sorted, each once. `own_module` says whether a module's first name belongs to the package itself: such
/// names are masked like all that the package makes.
pub fn shingles(
    language: Language,
    text: &str,
    extent: Extent,
    careful: bool,
    own_module: &dyn Fn(&str) -> bool,
) -> Vec<u64> {
    let careful = careful || nesting::depth(text, language) > nesting::MOST;
    let arena = Bump::new();
    let text: &str = arena.alloc_str(text);
    let lowered = lower::lower(&arena, language, text, careful);
    let names = names::Names::collect(lowered.body, own_module);
    let mut shingles = tokens::Writer::new(&names, extent).write(lowered.body);
    shingles.sort_unstable();
    shingles.dedup();
    shingles
}

#[cfg(test)]
mod tests;
