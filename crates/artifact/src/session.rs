//! The state of opening one artifact: what was found, what it cost, what was odd.

use std::collections::{BTreeMap, HashMap};

use flate2::Decompress;
use model::{Gap, GapKind, Problem};

use crate::{
    Bytes, File, Limits, Link, Oddity,
    name::{self, Name},
    sink::{Cut, Sink},
};

/// So many problems of one kind are told one by one; the rest is counted.
const TOLD: u32 = 50;
/// So many gaps are told one by one; the rest is counted.
const GAPS_TOLD: usize = 1_000;
/// What an entry costs besides its name and bytes.
const ENTRY_COST: u64 = 256;
/// How many times an entry's name is held while a level is read.
const NAME_COST: u64 = 3;

/// One artifact being opened.
pub(crate) struct Session<'a> {
    pub limits: &'a Limits,
    pub files: Vec<File>,
    pub links: Vec<Link>,
    pub problems: Vec<Problem>,
    pub gaps: Vec<Gap>,
    /// One inflater for all streams: making one costs more than most files.
    pub machine: Decompress,
    told: BTreeMap<Oddity, u32>,
    more_gaps: BTreeMap<GapKind, u32>,
    spent: u64,
    entries: u64,
    full: bool,
}

impl<'a> Session<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            files: Vec::new(),
            links: Vec::new(),
            problems: Vec::new(),
            gaps: Vec::new(),
            machine: Decompress::new(false),
            told: BTreeMap::new(),
            more_gaps: BTreeMap::new(),
            spent: 0,
            entries: 0,
            full: false,
        }
    }

    /// Bytes that may still be unpacked.
    pub fn room(&self) -> u64 {
        self.limits.total_bytes.saturating_sub(self.spent)
    }

    /// Whether a ceiling of the whole artifact was hit, so that nothing more is read.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Takes bytes off the room. When there is not enough of it, the reading ends with a gap.
    pub fn charge(&mut self, bytes: u64) -> bool {
        if bytes > self.room() {
            let limit = self.limits.total_bytes;
            self.fill(format!("the artifact unpacks to more than {limit} bytes; the rest was not read"));
            return false;
        }
        self.spent += bytes;
        true
    }

    /// Counts an entry. At the ceiling the reading ends with a gap.
    pub fn count(&mut self) -> bool {
        if self.full {
            return false;
        }
        if self.entries >= self.limits.entries {
            let limit = self.limits.entries;
            self.note(Oddity::TooManyEntries, String::new(), format!("the artifact has more than {limit} entries"));
            self.fill(format!("only the first {limit} entries were read"));
            return false;
        }
        self.entries += 1;
        true
    }

    pub fn note(&mut self, oddity: Oddity, path: String, detail: impl Into<String>) {
        let told = self.told.entry(oddity).or_default();
        *told += 1;
        if *told <= TOLD {
            self.problems.push(Problem::new(oddity.code(), path, detail));
        }
    }

    pub fn gap(&mut self, kind: GapKind, path: String, detail: impl Into<String>) {
        if self.gaps.len() < GAPS_TOLD {
            self.gaps.push(Gap::new(kind, path, detail));
        } else {
            *self.more_gaps.entry(kind).or_default() += 1;
        }
    }

    /// The problems and gaps that were only counted, one line for each kind.
    pub fn close(&mut self) {
        for (kind, more) in std::mem::take(&mut self.more_gaps) {
            self.gaps.push(Gap::new(kind, "", format!("{more} more gaps of this kind")));
        }
        for (oddity, count) in std::mem::take(&mut self.told) {
            if let Some(more) = count.checked_sub(TOLD).filter(|more| *more > 0) {
                self.problems.push(Problem::new(oddity.code(), "", format!("{more} more of this kind")));
            }
        }
    }

    fn fill(&mut self, detail: String) {
        if !self.full {
            self.full = true;
            self.gap(GapKind::Limit, String::new(), detail);
        }
    }
}

/// The bytes of a container, with their shared buffer when they have one.
#[derive(Clone, Copy)]
pub(crate) struct Source<'b> {
    pub bytes: &'b [u8],
    pub shared: Option<&'b Bytes>,
}

/// One container inside the artifact, or the artifact itself, being read.
pub(crate) struct Level<'s, 'a> {
    pub session: &'s mut Session<'a>,
    /// What stands before every path of this level: empty, or the nested archive's path and `!`.
    pub prefix: String,
    pub depth: u32,
    /// Whether the container is only a cut piece, so that its end says nothing.
    pub cut: bool,
    /// Whether bytes outside the entries are put into the tree as files of their own.
    pub keep_leftovers: bool,
    pub first_file: usize,
    pub first_link: usize,
    paths: HashMap<String, usize>,
    leftovers: Vec<(String, Bytes)>,
}

impl<'s, 'a> Level<'s, 'a> {
    pub fn new(session: &'s mut Session<'a>, prefix: String, depth: u32) -> Self {
        let (first_file, first_link) = (session.files.len(), session.links.len());
        let keep_leftovers = depth == 0;
        Self {
            session,
            prefix,
            depth,
            cut: false,
            keep_leftovers,
            first_file,
            first_link,
            paths: HashMap::new(),
            leftovers: Vec::new(),
        }
    }

    /// Notes an oddity of an entry; an empty path means the container.
    pub fn note(&mut self, oddity: Oddity, path: &str, detail: impl Into<String>) {
        let path = self.full_path(path);
        self.session.note(oddity, path, detail);
    }

    pub fn gap(&mut self, kind: GapKind, path: &str, detail: impl Into<String>) {
        let path = self.full_path(path);
        self.session.gap(kind, path, detail);
    }

    /// Notes that the container is broken. What is missing from the artifact itself is a gap. What a nested archive lacks
    /// nobody else can read either, so that there nothing is left unseen.
    pub fn broken(&mut self, oddity: Oddity, path: &str, detail: &str) {
        if self.cut {
            return;
        }
        self.note(oddity, path, detail);
        if self.depth == 0 {
            self.gap(GapKind::Unreadable, path, detail);
        }
    }

    /// A name made harmless, its oddities noted. `None` when nothing of it is left, as for the folder `./`.
    pub fn name(&mut self, raw: &[u8]) -> Name {
        let mut name = name::normalise(raw, self.session.limits);
        for oddity in std::mem::take(&mut name.oddities) {
            self.note(oddity, &name.path, format!("the entry's own name is \"{}\"", shorten(raw)));
        }
        name
    }

    /// Adds a file of this level. Bytes must be charged already.
    pub fn file(&mut self, path: &str, bytes: Bytes, executable: bool) {
        let path = if path.is_empty() {
            self.note(Oddity::EmptyName, "", "a file has no name; it is shown as \"unnamed\"");
            "unnamed"
        } else {
            path
        };
        if let Some(earlier) = self.paths.get(path).and_then(|index| self.session.files.get_mut(*index)) {
            if earlier.bytes == bytes {
                return;
            }
            earlier.shadowed = true;
            self.note(Oddity::DuplicateEntry, path, "two entries have this name and different bytes");
        }
        let full = self.full_path(path);
        if !self.session.charge(NAME_COST * full.len() as u64 + ENTRY_COST) {
            return;
        }
        self.paths.insert(path.into(), self.session.files.len());
        let depth = self.depth;
        self.session.files.push(File { path: full, bytes, executable, nested: false, depth, shadowed: false });
    }

    /// Adds a link of this level. Whether it escapes is seen when the level is closed.
    pub fn link(&mut self, path: &str, target: &[u8], hard: bool) {
        let target = target.get(..self.session.limits.name_bytes).unwrap_or(target);
        let target = String::from_utf8_lossy(target).into_owned();
        let path = self.full_path(path);
        if self.session.charge(NAME_COST * (path.len() + target.len()) as u64 + ENTRY_COST) {
            self.session.links.push(Link { path, target, hard, escapes: false });
        }
    }

    /// The file of this level that a hard link may point to.
    pub fn earlier(&self, path: &str) -> Option<&File> {
        self.session.files.get(*self.paths.get(path)?)
    }

    /// Keeps bytes outside the entries as a file, so that they are looked at like all others.
    pub fn leftover(&mut self, name: &str, source: Source<'_>, start: usize, end: usize) {
        if self.keep_leftovers
            && let Some(bytes) = self.take(name, source, start, end)
        {
            self.leftovers.push((name.to_owned(), bytes));
        }
    }

    /// Adds what stood outside the entries as files, after the entries.
    pub fn add_leftovers(&mut self) {
        for (name, bytes) in std::mem::take(&mut self.leftovers) {
            if self.session.count() {
                // No entry can have this name: a `!` in an entry's own name is written `%21`.
                self.file(&format!("!{name}"), bytes, false);
            }
        }
    }

    /// A stored file's bytes: a window of the shared buffer, or a charged copy. Cut at the ceiling of one file.
    pub fn take(&mut self, path: &str, source: Source<'_>, start: usize, end: usize) -> Option<Bytes> {
        let bytes = source.bytes.get(start..end)?;
        let cap = usize::try_from(self.session.limits.file_bytes).unwrap_or(usize::MAX);
        let kept = bytes.get(..cap).unwrap_or(bytes);
        if kept.len() < bytes.len() {
            let detail = format!("only the first {} of {} bytes were read", kept.len(), bytes.len());
            self.gap(GapKind::Limit, path, detail);
        }
        match source.shared {
            Some(shared) => Some(shared.slice(start..start + kept.len())),
            None => self.session.charge(kept.len() as u64).then(|| kept.into()),
        }
    }

    /// Takes what a sink holds into the tree's account, and says why it was cut if it was.
    pub fn collect(&mut self, path: &str, sink: Sink) -> Option<Bytes> {
        let grown = sink.grown();
        let len = sink.out.len();
        if let Some(cut) = sink.cut {
            if cut == Cut::Ratio || grown > 100 {
                let detail = format!("the packed data unpacks to more than {grown} times its size");
                self.note(Oddity::CompressionBomb, path, detail);
            }
            self.gap(GapKind::Limit, path, format!("only the first {len} unpacked bytes were read"));
        }
        let mut out = sink.out;
        if out.capacity() - len > len / 4 {
            out.shrink_to_fit();
        }
        self.session.charge(len as u64).then(|| out.into())
    }

    pub fn full_path(&self, path: &str) -> String {
        match self.prefix.strip_suffix('!') {
            Some(outer) if path.is_empty() => outer.into(),
            _ => format!("{}{path}", self.prefix),
        }
    }
}

/// A raw name for a sentence.
fn shorten(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw.get(..200).unwrap_or(raw));
    text.escape_debug().to_string()
}
