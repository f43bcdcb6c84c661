//! From a language's own syntax tree to [`crate::ir`]. One file (or folder) a language; nobody else sees a syntax tree.

use model::Problem;

use crate::{
    Language,
    ir::{Bump, Stmt},
};

mod javascript;
mod powershell;
mod python;
mod ruby;
mod rust;
mod shell;
mod tree;

pub(crate) use powershell::format_text;
pub(crate) use shell::unescape_ansi;

/// A lowered file.
pub struct Lowered<'a> {
    /// Its statements.
    pub body: &'a [Stmt<'a>],
    /// What was wrong with the source: `syntax-error` (one for the whole file, with the first place), `fallback-parser`.
    pub problems: Vec<Problem>,
}

/// Lowers a text. It never fails: what cannot be read is left out, and a problem says so.
///
/// With `careful`, only the parsers that cannot be made to abort are used (the fallback route).
pub fn lower<'a>(arena: &'a Bump, language: Language, text: &'a str, careful: bool) -> Lowered<'a> {
    match language {
        Language::JavaScript => javascript::lower(arena, text, careful),
        Language::Python => python::lower(arena, text, careful),
        Language::Shell => shell::lower(arena, text),
        Language::Ruby => ruby::lower(arena, text),
        Language::Rust => rust::lower(arena, text),
        Language::PowerShell => powershell::lower(arena, text),
    }
}
