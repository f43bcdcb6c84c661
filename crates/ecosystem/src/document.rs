//! One tree for JSON, TOML, YAML and XML, in which every value knows its line.
//!
//! Lockfiles come from anybody. The four parsers never recurse, stop at a ceiling of values, go on after an error where
//! the syntax lets them, and say in which line it was, so that a broken place never hides the rest of the file.

use std::borrow::Cow;

use model::Problem;

mod json;
mod toml;
mod xml;
mod yaml;

/// Above this many bytes nothing is read. No project's lockfile comes near.
const MAX_BYTES: usize = 256 << 20;
/// Above this many values the rest of a file is left out: a lockfile of 100,000 packages has about 2,000,000.
const MAX_VALUES: usize = 5_000_000;
/// Aliases of YAML repeat no more values than this, all together.
const MAX_REPEATED: usize = 50_000;
/// Above this depth values are left out. Nested npm lockfiles reach about 60.
const MAX_DEPTH: usize = 500;
/// After so many errors the rest of a file is not read: it is no file of this syntax.
const MAX_ERRORS: usize = 50;

/// A text as a tree of values.
#[derive(Debug)]
pub struct Document<'t> {
    /// In the order of the file, a container before what it contains.
    values: Vec<Value<'t>>,
    /// What was wrong with the text: a line and a sentence.
    pub errors: Vec<(u32, String)>,
}

#[derive(Debug, Clone)]
struct Value<'t> {
    key: Cow<'t, str>,
    text: Cow<'t, str>,
    kind: Kind,
    line: u32,
    /// The index behind the last value inside of this one.
    end: u32,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Null,
    /// A truth value, a number or a date: a text without quotes.
    Plain,
    /// A text.
    Text,
    /// A list.
    List,
    /// A map. In XML, an element: attributes have keys with `@`, and `text` is what stands between its tags.
    Map,
}

impl<'t> Document<'t> {
    /// Reads JSON, also with comments and trailing commas.
    pub fn json(text: &'t str) -> Self {
        read(text, json::read)
    }

    /// Reads TOML.
    pub fn toml(text: &'t str) -> Self {
        read(text, toml::read)
    }

    /// Reads YAML; the documents of a stream are the items of the root.
    pub fn yaml(text: &'t str) -> Self {
        read(text, yaml::read)
    }

    /// Reads XML; the root holds the outermost element.
    pub fn xml(text: &'t str) -> Self {
        read(text, xml::read)
    }

    /// The outermost value.
    pub fn root(&self) -> Node<'_, 't> {
        Node { document: self, at: 0 }
    }

    /// The errors as problems of the file at this path.
    pub fn problems(&self, path: &str) -> impl Iterator<Item = Problem> {
        let path = path.to_owned();
        let problem = move |(line, detail): &(u32, String)| {
            Problem::new("syntax-error", path.clone(), format!("line {line}: {detail}"))
        };
        self.errors.iter().map(problem)
    }
}

fn read<'t>(text: &'t str, parse: fn(&'t str, &mut Tree<'t>)) -> Document<'t> {
    let mut tree = Tree::default();
    if text.len() > MAX_BYTES {
        tree.error(0, format!("the file has more than {} MiB", MAX_BYTES >> 20));
    } else {
        parse(text.strip_prefix('\u{feff}').unwrap_or(text), &mut tree);
    }
    tree.finish()
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'d, 't> {
    document: &'d Document<'t>,
    at: u32,
}

impl<'d, 't> Node<'d, 't> {
    fn value(self) -> &'d Value<'t> {
        &self.document.values[self.at as usize]
    }

    /// Its name in the map around it; empty in lists.
    pub fn key(self) -> &'d str {
        &self.value().key
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.value().kind
    }

    /// The line on which it starts.
    pub fn line(self) -> u32 {
        self.value().line
    }

    /// The text of a scalar, or of an element; empty for other values.
    pub fn text(self) -> &'d str {
        &self.value().text
    }

    /// The text, when it is a scalar.
    pub fn scalar(self) -> Option<&'d str> {
        matches!(self.kind(), Kind::Text | Kind::Plain).then(|| self.text())
    }

    /// Whether it is the plain `true`.
    pub fn is_true(self) -> bool {
        self.kind() == Kind::Plain && self.text() == "true"
    }

    /// What is inside, in order.
    pub fn children(self) -> Children<'d, 't> {
        Children { document: self.document, next: self.at + 1, end: self.value().end }
    }

    /// The value under this key. Of several the last counts, as everywhere in JSON's world.
    pub fn get(self, key: &str) -> Option<Node<'d, 't>> {
        if self.kind() != Kind::Map {
            return None;
        }
        self.children().filter(|child| child.key() == key).last()
    }

    /// The scalar under this key.
    pub fn str(self, key: &str) -> Option<&'d str> {
        self.get(key)?.scalar()
    }

    /// What is inside of the value under this key: nothing when there is none.
    pub fn inside(self, key: &str) -> Children<'d, 't> {
        self.get(key).map_or(Children { document: self.document, next: 0, end: 0 }, Node::children)
    }

    /// The first value under this key, and all others of this name: elements of XML.
    pub fn named(self, key: &str) -> impl Iterator<Item = Node<'d, 't>> {
        self.children().filter(move |child| child.key() == key)
    }
}

/// What is inside of a value.
#[derive(Debug, Clone)]
pub struct Children<'d, 't> {
    document: &'d Document<'t>,
    next: u32,
    end: u32,
}

impl<'d, 't> Iterator for Children<'d, 't> {
    type Item = Node<'d, 't>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { document: self.document, at: self.next };
        self.next = node.value().end;
        Some(node)
    }
}

/// A document that is being read.
#[derive(Debug, Default)]
struct Tree<'t> {
    values: Vec<Value<'t>>,
    errors: Vec<(u32, String)>,
    /// The containers that are open, outermost first.
    open: Vec<u32>,
    /// How many containers were not opened since they lie too deep.
    too_deep: usize,
    is_full: bool,
    /// How many values aliases have repeated.
    repeated: usize,
}

impl<'t> Tree<'t> {
    /// Something is wrong in this line.
    fn error(&mut self, line: u32, detail: impl Into<String>) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push((line, detail.into()));
        }
    }

    /// Whether reading on makes no sense.
    fn is_over(&self) -> bool {
        self.is_full || self.errors.len() >= MAX_ERRORS
    }

    fn scalar(&mut self, key: Cow<'t, str>, text: Cow<'t, str>, kind: Kind, line: u32) {
        if self.too_deep == 0 {
            self.push(key, text, kind, line);
        }
    }

    fn open(&mut self, key: Cow<'t, str>, kind: Kind, line: u32) {
        if self.too_deep > 0 || self.open.len() >= MAX_DEPTH {
            if self.too_deep == 0 {
                self.error(
                    line,
                    format!("values are nested more than {MAX_DEPTH} levels deep; the inner ones are left out"),
                );
            }
            self.too_deep += 1;
            return;
        }
        self.open.push(self.values.len() as u32);
        self.push(key, Cow::Borrowed(""), kind, line);
    }

    fn close(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
        } else if let Some(at) = self.open.pop() {
            let end = self.values.len() as u32;
            if let Some(value) = self.values.get_mut(at as usize) {
                value.end = end;
            }
        }
    }

    /// The kind of the innermost open container.
    fn inside(&self) -> Option<Kind> {
        self.open.last().and_then(|at| self.values.get(*at as usize)).map(|value| value.kind)
    }

    fn push(&mut self, key: Cow<'t, str>, text: Cow<'t, str>, kind: Kind, line: u32) {
        if self.values.len() >= MAX_VALUES {
            if !self.is_full {
                self.error(line, format!("there are more than {MAX_VALUES} values; the rest is left out"));
            }
            self.is_full = true;
            return;
        }
        let end = self.values.len() as u32 + 1;
        self.values.push(Value { key, text, kind, line, end });
    }

    /// Repeats what is inside of a value that was read before: an alias of YAML. The ceiling holds here too.
    fn repeat(&mut self, key: Cow<'t, str>, at: u32, line: u32) {
        let Some(end) = self.values.get(at as usize).map(|value| value.end) else { return };
        let shift = self.values.len() as u32 - at;
        let before = self.repeated;
        self.repeated += (end - at) as usize;
        if self.repeated > MAX_REPEATED {
            if before <= MAX_REPEATED {
                self.error(line, "aliases repeat too much; the rest of them is left out");
            }
            return;
        }
        if self.too_deep > 0 || self.open.contains(&at) {
            return;
        }
        for from in at..end {
            let Value { key, text, kind, line, .. } = self.values[from as usize].clone();
            self.push(key, text, kind, line);
            if self.is_full {
                return;
            }
            let end = self.values[from as usize].end + shift;
            if let Some(value) = self.values.last_mut() {
                value.end = end;
            }
        }
        if let Some(value) = self.values.get_mut((at + shift) as usize) {
            value.key = key;
            value.line = line;
        }
    }

    fn finish(mut self) -> Document<'t> {
        while !self.open.is_empty() {
            self.too_deep = 0;
            self.close();
        }
        if self.values.is_empty() {
            self.values.push(Value { key: "".into(), text: "".into(), kind: Kind::Null, line: 1, end: 1 });
        }
        Document { values: self.values, errors: self.errors }
    }
}

/// Turns offsets into lines. Offsets are asked for in rising order mostly, so it counts on from the last one.
#[derive(Debug)]
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self::starting(text, 1)
    }

    /// Of a piece of a text that starts on this line.
    fn starting(text: &'t str, line: u32) -> Self {
        Self { text: text.as_bytes(), at: 0, line }
    }

    fn of(&mut self, offset: usize) -> u32 {
        let offset = offset.min(self.text.len());
        let breaks = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count() as u32;
        if offset >= self.at {
            self.line += breaks(&self.text[self.at..offset]);
        } else {
            self.line -= breaks(&self.text[offset..self.at]);
        }
        self.at = offset;
        self.line
    }
}
