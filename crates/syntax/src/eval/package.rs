//! The other files of the package: what is read from them, and what they export.

use std::rc::Rc;

use super::{
    Machine, fold,
    fold::Arguments,
    machine::Source,
    value::{HOLE, Map, Shape, Value},
};
use crate::{
    Language, lower, nesting,
    text::{self, Lines},
};

/// Larger files are not read as values, nor larger modules as code.
const LARGEST_FILE: usize = 1 << 20;
const LARGEST_MODULE: usize = 16 << 10;
/// More modules than this, or more of their text, are not read for one file.
const MOST_MODULES: usize = 8;
const MOST_TEXT: usize = 48 << 10;
const DEEPEST: u32 = 3;

/// The package around a file.
pub trait Package {
    /// The bytes of the file that code at `from` means by this path; unknown parts at its start are left out.
    fn file(&self, from: &str, path: &str) -> Option<&[u8]>;

    /// The path and bytes of the module that code at `from` imports by this name, when it is small enough to be read again.
    fn module(&self, from: &str, module: &str, language: Language) -> Option<(&str, &[u8])>;
}

/// A file on its own.
pub struct Alone;

impl Package for Alone {
    fn file(&self, _: &str, _: &str) -> Option<&[u8]> {
        None
    }

    fn module(&self, _: &str, _: &str, _: Language) -> Option<(&str, &[u8])> {
        None
    }
}

impl<'a> Machine<'a> {
    /// What a call reads from a file of the package.
    pub(super) fn content(
        &mut self,
        api: &str,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
    ) -> Option<Value<'a>> {
        match self.language() {
            Language::Python => self.python_content(api, receiver, arguments),
            Language::JavaScript => match api {
                "fs.readFileSync" | "fs.readFile" => {
                    let bytes = self.packaged(arguments.positional.first()?)?;
                    let encoding = arguments
                        .positional
                        .get(1)
                        .is_some_and(|one| matches!(one.shape, Shape::Text(_) | Shape::Map(_)));
                    if encoding { std::str::from_utf8(bytes).ok().map(Value::text) } else { Some(Value::bytes(bytes)) }
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn python_content(
        &mut self,
        api: &str,
        receiver: Option<&Value<'a>>,
        arguments: &Arguments<'a>,
    ) -> Option<Value<'a>> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(Value::text);
        match api {
            "pkgutil.get_data" => self.packaged(arguments.get(1, "resource")?).map(Value::bytes),
            "importlib.resources.read_text" => text(self.packaged(arguments.get(1, "resource")?)?),
            "importlib.resources.read_binary" => self.packaged(arguments.get(1, "resource")?).map(Value::bytes),
            "builtins.open().read" | "io.open().read" | "codecs.open().read" => {
                let made = receiver?.made_with()?.clone();
                let bytes = self.packaged(made.get(0, "file")?)?;
                let binary = made.get(1, "mode").and_then(Value::as_text).is_some_and(|mode| mode.contains('b'));
                if binary { Some(Value::bytes(bytes)) } else { text(bytes) }
            }
            "json.load" => {
                let made = arguments.positional.first()?.made_with()?.clone();
                let bytes = self.packaged(made.get(0, "file")?)?;
                fold::plain_json(std::str::from_utf8(bytes).ok()?)
            }
            "wave.open().readframes" => {
                let made = receiver?.made_with()?.clone();
                let bytes = self.packaged(made.get(0, "f")?)?;
                let at = memchr::memmem::find(bytes, b"data")? + 4;
                let size = u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize;
                Some(Value::bytes(bytes.get(at + 4..)?.get(..size).unwrap_or(&bytes[at + 4..])))
            }
            _ if api.ends_with("read_text") => text(self.packaged(receiver?)?),
            _ if api.ends_with("read_bytes") => self.packaged(receiver?).map(Value::bytes),
            _ => None,
        }
    }

    /// The bytes of a file of the package whose path is known, or known behind an unknown folder.
    fn packaged(&mut self, path: &Value<'a>) -> Option<&'a [u8]> {
        let path = self.line_of(path);
        let path = path.rsplit(HOLE).next().unwrap_or(&path);
        let bytes = self.package.file(self.recorder.path(), path)?;
        (bytes.len() <= LARGEST_FILE && self.spend(bytes.len() as u64 / 16)).then_some(bytes)
    }

    /// What a module of the package exports: its names, as far as reading it tells.
    pub(super) fn module(&mut self, module: &str, api: &Rc<str>) -> Option<Value<'a>> {
        let language = self.language();
        let from = self.sources[self.source as usize].path.clone();
        let (path, bytes) = self.package.module(&from, module, language)?;
        if path.ends_with(".json") {
            return fold::plain_json(std::str::from_utf8(bytes).ok()?);
        }
        if let Some((_, known)) = self.modules.iter().find(|(own, _)| *own == path) {
            return known.clone();
        }
        let depth = self.sources[self.source as usize].depth + 1;
        let read: usize = self.modules_read;
        if self.modules.len() >= MOST_MODULES
            || bytes.len() > LARGEST_MODULE
            || read + bytes.len() > MOST_TEXT
            || depth > DEEPEST
            || path == self.recorder.path()
        {
            return None;
        }
        self.modules_read += bytes.len();
        let at = self.modules.len();
        self.modules.push((path.to_owned(), None));
        let value = self.read_module(language, path, bytes, depth, api);
        self.modules[at].1 = Some(value.clone());
        Some(value)
    }

    fn read_module(&mut self, language: Language, path: &str, bytes: &[u8], depth: u32, api: &Rc<str>) -> Value<'a> {
        let (decoded, _) = text::decode(bytes);
        let text: &'a str = self.arena.alloc_str(&decoded);
        let careful = self.budget.careful || nesting::depth(text, language) > nesting::MOST;
        let lowered = lower::lower(self.arena, language, text, careful);
        let source = self.sources.len() as u32;
        let lines = Lines::new(text);
        self.sources.push(Source {
            language,
            path: path.into(),
            lines,
            layer: None,
            depth,
            foreign: true,
            module: Some(api.clone()),
        });
        let scope = self.new_scope(None);
        let exports: Value<'a> = Value::map(Map::default());
        if language == Language::JavaScript {
            let module = Map::from_iter([(Rc::from("exports"), exports.clone())]);
            let names = &mut self.scopes[scope as usize].names;
            names.insert("exports", exports);
            names.insert("module", Value::map(module));
        }
        let before = (self.source, self.scope, std::mem::take(&mut self.uncertain));
        (self.source, self.scope) = (source, scope);
        self.run_block(lowered.body);
        (self.source, self.scope, self.uncertain) = before;
        self.closures_made += 1;
        self.exported(language, scope, api)
    }

    fn exported(&mut self, language: Language, scope: u32, api: &Rc<str>) -> Value<'a> {
        let names = &self.scopes[scope as usize].names;
        if language == Language::JavaScript {
            let module = names.get("module").map(|module| module.shape.clone());
            let exports = match module {
                Some(Shape::Map(module)) => module.borrow().get("exports").cloned(),
                _ => None,
            };
            return match exports {
                Some(exports) if !exports.is_unknown() => exports,
                _ => Value::api(api.clone()),
            };
        }
        let mut map: Map<'a> = names.iter().map(|(name, value)| (Rc::from(*name), value.clone())).collect();
        map.insert("__api__".into(), Value::text(api.clone()));
        Value::map(map)
    }
}
