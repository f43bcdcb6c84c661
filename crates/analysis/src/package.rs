//! The package as one of its files sees it: the files beside it, and the modules it imports.

use std::cell::Cell;

use artifact::Tree;
use rustc_hash::FxHashMap;
use syntax::Language;

/// So much text of modules is read again for the files that import them, in a whole package.
const MOST_AGAIN: usize = 512 << 10;

/// In larger packages only modules with long texts are read again: what hides by being spread over files is small, or a
/// text that stands apart from the code that opens it.
const MOST_SOURCES: usize = 12;
const LONG_TEXT: usize = 200;

/// The files of a tree by their path below the top folder.
pub struct Package<'t> {
    tree: &'t Tree,
    root: Option<&'t str>,
    by_path: FxHashMap<&'t str, usize>,
    left: Cell<usize>,
    is_small: bool,
}

impl<'t> Package<'t> {
    /// The files of a tree with this top folder.
    pub fn new(tree: &'t Tree, root: Option<&'t str>) -> Self {
        let files = tree.files.iter().enumerate().filter(|(_, file)| !file.nested);
        let sources = tree.files.iter().filter(|file| Language::of(&file.path, b"").is_some()).count();
        let is_small = sources <= MOST_SOURCES;
        let by_path = files.map(|(at, file)| (inner(root, &file.path), at)).collect();
        Self { tree, root, by_path, left: Cell::new(MOST_AGAIN), is_small }
    }

    fn at(&self, path: &str) -> Option<(&'t str, &'t [u8])> {
        let file = &self.tree.files[*self.by_path.get(path)?];
        Some((&file.path, &file.bytes))
    }

    fn folder<'p>(&self, from: &'p str) -> &'p str {
        inner(self.root, from).rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The candidates for a module, best first.
    fn candidates(&self, from: &str, module: &str, language: Language) -> Vec<String> {
        let folder = self.folder(from);
        if language == Language::JavaScript {
            if !module.starts_with('.') {
                return Vec::new();
            }
            let Some(path) = clean(&format!("{folder}/{module}")) else { return Vec::new() };
            return ["", ".js", ".cjs", ".mjs", ".ts", ".json", "/index.js"]
                .iter()
                .map(|end| format!("{path}{end}"))
                .collect();
        }
        let dots = module.bytes().take_while(|byte| *byte == b'.').count();
        let rest = module[dots..].replace('.', "/");
        let bases: Vec<String> = if dots > 0 {
            let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
            parts.truncate(parts.len().saturating_sub(dots - 1));
            vec![parts.join("/")]
        } else {
            vec![String::new(), folder.to_owned(), "src".into()]
        };
        let paths = bases.into_iter().filter_map(|base| clean(&format!("{base}/{rest}")));
        paths.flat_map(|path| [format!("{path}.py"), format!("{path}/__init__.py")]).collect()
    }
}

impl syntax::Package for Package<'_> {
    fn file(&self, from: &str, path: &str) -> Option<&[u8]> {
        let path = path.trim_start_matches("file://").replace('\\', "/");
        let relative = clean(path.trim_start_matches('/'))?;
        let beside = clean(&format!("{}/{relative}", self.folder(from)));
        let found = beside.and_then(|path| self.at(&path)).or_else(|| self.at(&relative));
        found.map(|(_, bytes)| bytes)
    }

    fn module(&self, from: &str, module: &str, language: Language) -> Option<(&str, &[u8])> {
        if !matches!(language, Language::JavaScript | Language::Python) {
            return None;
        }
        let found = self.candidates(from, module, language).iter().find_map(|path| self.at(path))?;
        if !self.is_small && !holds_long_text(found.1) {
            return None;
        }
        let left = self.left.get().checked_sub(found.1.len())?;
        self.left.set(left);
        Some(found)
    }
}

/// Whether a word of this text is too long for anything but data.
fn holds_long_text(text: &[u8]) -> bool {
    text.split(u8::is_ascii_whitespace).any(|word| word.len() >= LONG_TEXT)
}

/// A path below the top folder.
pub(crate) fn inner<'p>(root: Option<&str>, path: &'p str) -> &'p str {
    match root {
        Some(root) => path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')).unwrap_or(path),
        None => path,
    }
}

/// A path without `.` and `..`; the empty one is the package itself. None when it leaves the package or says nothing.
pub(crate) fn clean(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    let whole = parts.join("/");
    (!whole.is_empty() || path.starts_with('.')).then_some(whole)
}
