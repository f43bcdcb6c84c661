//! The levels: the artifact, the archives in it, the archives in those.

use std::collections::VecDeque;

use model::{GapKind, Parsed};

use crate::{
    Bytes, File, Format, Limits, Oddity, Tree,
    format::{FORMATS, Reader, Shape},
    gem,
    session::{Level, Session, Source},
    sink::Sink,
    tar,
};

/// Opens everything. Levels are read breadth first, so that ceilings cut the deepest and not the first.
pub(crate) fn open(bytes: &[u8], file_name: &str, limits: &Limits) -> Parsed<Tree> {
    let mut session = Session::new(limits);
    let base = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let base = crate::name::normalise(base.as_bytes(), limits).path;
    let source = Source { bytes, shared: None };
    let format = unpack(source, Place { prefix: "", name: &base, depth: 0 }, &mut session);
    if format != Format::RawFile || is_archive_name(&base) {
        session.problems.extend(format.check_name(&base));
    }
    open_nested(bytes, &mut session);
    if session.files.is_empty() && (format == Format::RawFile || !session.gaps.is_empty()) {
        // Nothing came out of it: the bytes themselves are looked at.
        let mut level = Level::new(&mut session, String::new(), 0);
        if let Some(bytes) = level.take("", source, 0, bytes.len()) {
            level.file(if base.is_empty() { "content" } else { &base }, bytes, false);
        }
    }
    session.close();
    let Session { files, links, gaps, problems, .. } = session;
    Parsed { value: Tree { format, files, links, gaps }, problems }
}

/// Where a container lies.
struct Place<'p> {
    prefix: &'p str,
    name: &'p str,
    depth: u32,
}

/// An archive that waits for being opened: its file, and the files that it lies in.
struct Waiting {
    file: usize,
    outer: Vec<usize>,
}

fn open_nested(artifact: &[u8], session: &mut Session<'_>) {
    let mut queue = VecDeque::new();
    enqueue(0, &[], session, &mut queue);
    while let Some(Waiting { file: index, outer }) = queue.pop_front() {
        let Some(file) = session.files.get(index) else { continue };
        let (path, bytes, depth) = (file.path.clone(), file.bytes.clone(), file.depth.saturating_add(1));
        let mut ancestors = outer.iter().filter_map(|index| session.files.get(*index)).map(|file| &*file.bytes);
        if &*bytes == artifact || ancestors.any(|ancestor| ancestor == &*bytes) {
            session.note(Oddity::Quine, path, "the archive contains itself; it was not opened again");
            continue;
        }
        if depth > session.limits.depth {
            let limit = session.limits.depth;
            session.note(Oddity::TooDeep, path.clone(), format!("archives lie deeper inside one another than {limit}"));
            session.gap(GapKind::Limit, path, "the archive lies too deep inside others and was not opened");
            continue;
        }
        if session.is_full() {
            session.gap(GapKind::Limit, path, "the archive was not opened: a limit of the whole artifact was reached");
            continue;
        }
        let first = session.files.len();
        let (prefix, name) = (format!("{path}!"), path.rsplit(['/', '!']).next().unwrap_or_default());
        let source = Source { bytes: &bytes, shared: Some(&bytes) };
        let format = unpack(source, Place { prefix: &prefix, name, depth }, session);
        session.problems.extend(format.check_name(&path));
        if let Some(file) = session.files.get_mut(index) {
            file.nested = true;
        }
        let outer = [&*outer, &[index]].concat();
        enqueue(first, &outer, session, &mut queue);
    }
}

/// Lists the archives among the files from `first` on, and says which files only pretend to be archives.
fn enqueue(first: usize, outer: &[usize], session: &mut Session<'_>, queue: &mut VecDeque<Waiting>) {
    for index in first..session.files.len() {
        let Some(File { bytes, path, .. }) = session.files.get(index) else { return };
        if FORMATS.iter().any(|reader| (reader.sniff)(bytes)) {
            queue.push_back(Waiting { file: index, outer: outer.to_vec() });
        } else if let Some(kind) = foreign(bytes) {
            let path = path.clone();
            session.gap(GapKind::Unreadable, path, format!("a {kind} archive, which Lazaret cannot open"));
        } else if is_archive_name(path) && !bytes.is_empty() {
            session.problems.extend(Format::RawFile.check_name(path));
        }
    }
}

/// Archives that are recognised and not opened. Silence about them would be a blind spot.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some("7z"),
        [b'R', b'a', b'r', b'!', 0x1a, 0x07, ..] => Some("rar"),
        [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Some("cab"),
        _ => None,
    }
}

fn is_archive_name(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".gz", ".tgz", ".crate", ".bz2", ".xz", ".zst", ".tar", ".gem", ".whl", ".zip", ".jar", ".nupkg", ".vsix", ".egg"]
        .iter()
        .any(|suffix| path.ends_with(suffix))
}

/// Reads one container, and again as everything else that it also is.
fn unpack(source: Source<'_>, place: Place<'_>, session: &mut Session<'_>) -> Format {
    let mut readers = FORMATS.iter().filter(|reader| (reader.sniff)(source.bytes));
    let Some(reader) = readers.next() else { return Format::RawFile };
    let others: Vec<&Reader> = readers.collect();
    let format = unpack_as(reader, source, &place, others.is_empty(), session);
    for other in others {
        let word = other.word();
        let prefix = format!("{}!{word}!", place.prefix);
        let path = place.prefix.strip_suffix('!').unwrap_or_default().to_owned();
        let detail = format!("the bytes are a {format} and a {word} at once; readers disagree which");
        session.note(Oddity::Polyglot, path, detail);
        unpack_as(other, source, &Place { prefix: &prefix, ..place }, false, session);
    }
    format
}

fn unpack_as(reader: &Reader, source: Source<'_>, place: &Place<'_>, alone: bool, session: &mut Session<'_>) -> Format {
    let said = session.problems.len() + session.gaps.len();
    let mut level = Level::new(session, place.prefix.into(), place.depth);
    level.keep_leftovers &= alone;
    let format = match &reader.shape {
        Shape::Container { format, read } => {
            read(source, &mut level);
            gem::refine(*format, &mut level)
        }
        Shape::Stream { alone, with_tar, suffix, read } => {
            let mut sink = Sink::for_stream(level.session, source.bytes.len());
            read(source, &mut sink, &mut level);
            level.cut = sink.cut.is_some();
            // A stream that broke off holds a tar that breaks off: said once is enough.
            level.cut |= level.session.problems.iter().any(|problem| {
                matches!(problem.code.as_str(), "truncated" | "corrupt-data") && problem.path == level.full_path("")
            });
            let unpacked = level.collect("", sink);
            single_or_tar(unpacked, place, suffix, &mut level).map_or(*alone, |()| *with_tar)
        }
    };
    let silent = level.session.problems.len() + level.session.gaps.len() == said;
    if silent && level.own_files().next().is_none() && level.own_links().next().is_none() {
        level.note(Oddity::EmptyArchive, "", "the archive has no files");
    }
    level.close();
    format
}

/// Reads what came out of a stream: a tar's entries, or one file.
fn single_or_tar(unpacked: Option<Bytes>, place: &Place<'_>, suffix: &str, level: &mut Level<'_, '_>) -> Option<()> {
    let bytes = unpacked?;
    if tar::sniff(&bytes) {
        let Shape::Container { read, .. } = tar::READER.shape else { return None };
        read(Source { bytes: &bytes, shared: Some(&bytes) }, level);
        return Some(());
    }
    let stem = place.name.len().checked_sub(suffix.len());
    let name = stem.and_then(|at| place.name.split_at_checked(at));
    let name = name.filter(|(stem, end)| !stem.is_empty() && end.eq_ignore_ascii_case(suffix)).map(|(stem, _)| stem);
    if (!bytes.is_empty() || !level.cut) && level.session.count() {
        level.file(name.unwrap_or("content"), bytes, false);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_that_contains_itself_is_not_opened_again() {
        let inner = testkit::archive::tgz(&[("x.py", b"x")]);
        let limits = Limits::default();
        let mut session = Session::new(&limits);
        Level::new(&mut session, String::new(), 0).file("self.tgz", inner.as_slice().into(), false);
        open_nested(&inner, &mut session);
        assert_eq!(session.files.len(), 1);
        assert_eq!(session.problems.iter().map(|problem| problem.code.as_str()).collect::<Vec<_>>(), ["quine"]);
    }
}
