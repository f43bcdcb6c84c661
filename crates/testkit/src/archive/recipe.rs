//! Recipes: hostile archives as text. A recipe says how the bytes are made; nothing in the repository opens as an archive.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use super::{TarEntry, ZipEntry, ZipFile, bzip2, gzip, tar_end, xz, zstd};

/// One hostile fixture.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The file's path below `fixtures/hostile`, without its ending.
    #[serde(skip)]
    pub name: String,
    /// What the archive tries.
    pub why: String,
    /// How it is made.
    pub build: Recipe,
    /// The file name under which it comes; empty when there is none.
    #[serde(default)]
    pub file_name: String,
    /// Ceilings that differ from the default ones, by their field's name.
    #[serde(default)]
    pub limits: BTreeMap<String, u64>,
    /// What a reader must say.
    pub expect: Expected,
}

/// What a reader must say of a hostile archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expected {
    /// The codes of all problems, each once, sorted.
    pub problems: Vec<String>,
    /// The kinds of all gaps, each once, sorted.
    pub gaps: Vec<String>,
    /// The paths of all files, in the order of the tree; not looked at when left out.
    pub files: Option<Vec<String>>,
    /// The format.
    pub format: Option<String>,
    /// Whether opening is refused.
    pub refused: bool,
}

/// How bytes are made.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recipe {
    /// These characters.
    Text(String),
    /// These bytes, as hexadecimal digits; blanks do not count.
    Hex(String),
    /// So many zeros.
    Zeros(usize),
    /// One after the other.
    Concat(Vec<Self>),
    /// The same bytes many times.
    Repeat(Box<Self>, usize),
    /// The first bytes only; a negative number drops so many from the end.
    Cut(Box<Self>, isize),
    /// Other bytes (hexadecimal) at a place; a negative place counts from the end.
    Patch(Box<Self>, isize, String),
    /// Packed in gzip.
    Gzip(Box<Self>),
    /// Packed in bzip2.
    Bzip2(Box<Self>),
    /// Packed in xz.
    Xz(Box<Self>),
    /// Packed in zstandard.
    Zstd(Box<Self>),
    /// Packed into itself so many times: each time in gzip as the only entry `inner.tar.gz` of a tar.
    Nested(Box<Self>, usize),
    /// A tar stream and its end.
    Tar(Vec<TarItem>),
    /// A tar stream without an end.
    TarPart(Vec<TarItem>),
    /// A zip.
    Zip(Box<ZipRecipe>),
}

/// One thing in a tar stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TarItem {
    /// An entry.
    Entry(Box<TarFields>),
    /// So many empty files.
    Many(usize),
    /// A PAX header for the next entry.
    Pax(BTreeMap<String, String>),
    /// A PAX header for all entries that follow.
    Global(BTreeMap<String, String>),
    /// A GNU long name.
    LongName(String),
    /// A GNU long link.
    LongLink(String),
    /// Bytes as they are.
    Raw(Recipe),
}

/// An entry's fields; those left out are honest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TarFields {
    name: String,
    name_hex: Option<String>,
    kind: Option<char>,
    data: Option<Recipe>,
    size: Option<String>,
    size_hex: Option<String>,
    link: String,
    mode: Option<u32>,
    magic: Option<String>,
    prefix: String,
    unsound: bool,
}

/// A zip's fields; those left out are honest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZipRecipe {
    entries: Vec<ZipFields>,
    comment: Option<Recipe>,
    count: Option<u16>,
    disk: u16,
    headless: bool,
    zip64_count: Option<u64>,
    before_directory: Option<Recipe>,
}

/// A zip entry's fields; those left out are honest.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZipFields {
    name: String,
    data: Option<Recipe>,
    packed: Option<Recipe>,
    method: Option<u16>,
    flags: u16,
    mode: Option<u32>,
    extra: Option<Recipe>,
    size: Option<u32>,
    packed_size: Option<u32>,
    crc: Option<u32>,
    offset: Option<u32>,
    local_name: Option<String>,
    local_method: Option<u16>,
    local_flags: Option<u16>,
    local_size: Option<u32>,
    local_packed_size: Option<u32>,
    unlisted: bool,
    ghost: bool,
    before: Option<Recipe>,
    streamed: bool,
}

impl Recipe {
    /// Makes the bytes.
    pub fn build(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Hex(digits) => hex(digits),
            Self::Zeros(count) => vec![0; *count],
            Self::Concat(parts) => parts.iter().flat_map(Self::build).collect(),
            Self::Repeat(part, times) => part.build().repeat(*times),
            Self::Cut(of, keep) => {
                let mut bytes = of.build();
                bytes.truncate(place(*keep, bytes.len()));
                bytes
            }
            Self::Patch(of, at, digits) => {
                let (mut bytes, patch) = (of.build(), hex(digits));
                let at = place(*at, bytes.len());
                bytes[at..at + patch.len()].copy_from_slice(&patch);
                bytes
            }
            Self::Gzip(of) => gzip(&of.build()),
            Self::Bzip2(of) => bzip2(&of.build()),
            Self::Xz(of) => xz(&of.build()),
            Self::Zstd(of) => zstd(&of.build()),
            Self::Nested(of, times) => {
                (0..*times).fold(of.build(), |inner, _| super::tgz(&[("inner.tar.gz", inner.as_slice())]))
            }
            Self::Tar(items) => [items.iter().flat_map(TarItem::build).collect(), tar_end()].concat(),
            Self::TarPart(items) => items.iter().flat_map(TarItem::build).collect(),
            Self::Zip(zip) => zip.build(),
        }
    }
}

impl TarItem {
    fn build(&self) -> Vec<u8> {
        let pairs = |records: &BTreeMap<String, String>, kind| {
            TarEntry::pax(kind, records.iter().map(|(key, value)| (key.as_str(), value.as_str()))).build()
        };
        match self {
            Self::Entry(fields) => fields.build(),
            Self::Many(count) => (0..*count).flat_map(|at| TarEntry::file(&format!("{at}"), b"").build()).collect(),
            Self::Pax(records) => pairs(records, b'x'),
            Self::Global(records) => pairs(records, b'g'),
            Self::LongName(text) => TarEntry::long(b'L', text).build(),
            Self::LongLink(text) => TarEntry::long(b'K', text).build(),
            Self::Raw(recipe) => recipe.build(),
        }
    }
}

impl TarFields {
    fn build(&self) -> Vec<u8> {
        let mut entry = TarEntry::file(&self.name, &build(&self.data));
        if let Some(digits) = &self.name_hex {
            entry.name = hex(digits);
        }
        if let Some(kind) = self.kind {
            entry.kind = u8::try_from(kind).expect("a type is one byte");
        }
        entry.size = self.size.clone().map(String::into_bytes).or(self.size_hex.as_deref().map(hex));
        entry.link = self.link.clone().into_bytes();
        entry.mode = self.mode.unwrap_or(entry.mode);
        entry.magic = self.magic.clone().map_or(entry.magic, String::into_bytes);
        entry.prefix = self.prefix.clone().into_bytes();
        entry.sound = !self.unsound;
        entry.build()
    }
}

impl ZipRecipe {
    fn build(&self) -> Vec<u8> {
        let file = ZipFile {
            entries: self.entries.iter().map(ZipFields::entry).collect(),
            comment: build(&self.comment),
            count: self.count,
            disk: self.disk,
            headless: self.headless,
            zip64_count: self.zip64_count,
            before_directory: build(&self.before_directory),
        };
        file.build()
    }
}

impl ZipFields {
    fn entry(&self) -> ZipEntry {
        let honest = ZipEntry::new(&self.name, &build(&self.data));
        ZipEntry {
            packed: self.packed.as_ref().map(Recipe::build),
            method: self.method.unwrap_or(honest.method),
            flags: self.flags,
            mode: self.mode.unwrap_or(honest.mode),
            extra: build(&self.extra),
            size: self.size,
            packed_size: self.packed_size,
            crc: self.crc,
            offset: self.offset,
            local_name: self.local_name.clone().map(String::into_bytes),
            local_method: self.local_method,
            local_flags: self.local_flags,
            local_size: self.local_size,
            local_packed_size: self.local_packed_size,
            unlisted: self.unlisted,
            ghost: self.ghost,
            before: build(&self.before),
            streamed: self.streamed,
            ..honest
        }
    }
}

/// Every case of `fixtures/hostile`, sorted by name.
pub fn hostile() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hostile");
    let mut cases = Vec::new();
    for folder in fs::read_dir(&root).expect("fixtures/hostile is there").map(|entry| entry.expect("readable").path()) {
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").path()) {
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let text = fs::read_to_string(&file).expect("readable");
            let mut case: Case =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let name = file.strip_prefix(&root).expect("below the root").with_extension("");
            case.name = name.to_string_lossy().replace('\\', "/");
            cases.push(case);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn build(recipe: &Option<Recipe>) -> Vec<u8> {
    recipe.as_ref().map(Recipe::build).unwrap_or_default()
}

fn hex(digits: &str) -> Vec<u8> {
    let digits: String = digits.chars().filter(|digit| !digit.is_whitespace()).collect();
    data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).expect("hexadecimal digits")
}

fn place(at: isize, len: usize) -> usize {
    if at < 0 { len - at.unsigned_abs() } else { at.unsigned_abs().min(len) }
}
