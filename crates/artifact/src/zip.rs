//! Zip: the central directory, the local headers, and everything on which the two disagree.

use model::GapKind;

use crate::{
    Bytes, Format, Oddity,
    format::{Reader, Shape},
    session::{Level, Source},
    zip::{
        directory::{Directory, find_end},
        entry::{Claim, LOCAL},
    },
};

mod directory;
mod entry;
mod unpack;

pub(crate) const READER: Reader = Reader { sniff, shape: Shape::Container { format: Format::Zip, read } };

/// A zip from its first byte, or one with other data before it: it is read from its end.
fn sniff(bytes: &[u8]) -> bool {
    (bytes.starts_with(LOCAL) && bytes.len() >= 30) || find_end(bytes).is_some()
}

fn read(source: Source<'_>, level: &mut Level<'_, '_>) {
    let Some(directory) = Directory::read(source.bytes, level) else {
        level.broken(Oddity::NoCentralDirectory, "", "the zip has no central directory; its local entries were read");
        walk_local(source, 0, source.bytes.len(), false, level);
        return;
    };
    // Bytes that belong to something: entries, the directory, the end records.
    let mut owned = vec![(directory.start, directory.end)];
    let mut entries = Vec::new();
    for central in &directory.entries {
        if !level.session.count() {
            break;
        }
        if let Some(range) = listed(central, source, level) {
            entries.push(range);
        }
    }
    entries.sort_unstable();
    let mut reached = 0;
    let mut overlaps = 0u64;
    for (start, end) in &entries {
        overlaps += u64::from(*start < reached);
        reached = reached.max(*end);
    }
    if overlaps > 0 || reached > directory.start {
        let detail = format!("{} of the zip's entries share bytes with others", overlaps.max(1));
        level.note(Oddity::OverlappingEntries, "", detail);
    }
    if level.session.is_full() {
        return;
    }
    owned.extend(entries);
    owned.sort_unstable();
    unowned(source, &owned, level);
}

/// Reads an entry of the central directory, as each of its two headers describes it; the bytes that it takes.
fn listed(central: &Claim, source: Source<'_>, level: &mut Level<'_, '_>) -> Option<(usize, usize)> {
    let name = level.name(&central.name);
    if central.unicode_name.as_ref().is_some_and(|unicode| *unicode != central.name) {
        level.note(Oddity::NameConfusion, &name.path, "an extra field gives the entry another name");
    }
    let Some((local, start)) = Claim::local(source.bytes, central.offset) else {
        level.broken(Oddity::BadHeader, &name.path, "the zip has no entry where the central directory says");
        return None;
    };
    let local = local.completed(central);
    let path = name.path;
    let mut differs = false;
    if local.name != central.name {
        differs = true;
        let other = String::from_utf8_lossy(&local.name).escape_debug().to_string();
        level.note(Oddity::LocalNameMismatch, &path, format!("the entry's own header calls it \"{other}\""));
    }
    if local.method != central.method {
        differs = true;
        level.note(Oddity::LocalMethodMismatch, &path, "the entry's two headers name different compressions");
    }
    if (local.packed, local.size, local.crc) != (central.packed, central.size, central.crc) {
        differs = true;
        let detail = format!(
            "the entry's two headers differ: {} and {} bytes packed, {} and {} unpacked",
            central.packed, local.packed, central.size, local.size
        );
        level.note(Oddity::LocalSizeMismatch, &path, detail);
    }
    if central.multi_disk {
        level.note(Oddity::MultiDisk, &path, "the entry is said to lie on another disk");
    }
    add(central, &path, name.folder, source, start, level);
    if differs {
        let name = level.name(&local.name);
        add(&local, &name.path, name.folder, source, start, level);
    }
    let end = start.saturating_add(usize::try_from(central.packed).unwrap_or(usize::MAX)).min(source.bytes.len());
    Some((central.offset, entry::skip_descriptor(source.bytes, end, central)))
}

/// Adds what one header describes.
fn add(claim: &Claim, path: &str, folder: bool, source: Source<'_>, start: usize, level: &mut Level<'_, '_>) {
    if folder && claim.size == 0 && claim.packed <= 2 {
        return;
    }
    if folder {
        level.note(Oddity::DataOnNonFile, path, "the name is a folder's and the entry has data");
    }
    let Some(bytes) = content(claim, path, source, start, level) else { return };
    if claim.is_link() {
        let target: Vec<u8> = bytes.iter().copied().take(level.session.limits.name_bytes).collect();
        // Tools that know no links in zips write the target as a file's content: it is kept as that too.
        level.link(path, &target, false);
        return;
    }
    if claim.is_setuid() {
        level.note(Oddity::Setuid, path, "it would run with the rights of its owner or group");
    }
    level.file(path, bytes, claim.is_executable());
}

/// Unpacks an entry and compares it with what its header promises.
fn content(claim: &Claim, path: &str, source: Source<'_>, start: usize, level: &mut Level<'_, '_>) -> Option<Bytes> {
    let end = usize::try_from(claim.packed).ok().and_then(|packed| start.checked_add(packed));
    let end = end.filter(|end| *end <= source.bytes.len()).unwrap_or_else(|| {
        level.broken(Oddity::Truncated, path, "the archive ends before the entry does");
        source.bytes.len()
    });
    if claim.is_encrypted() {
        return encrypted(claim, path, source, start, end, level);
    }
    let unpacked = unpack::unpack(claim.method, path, source, start, end, claim.size, level)?;
    if unpacked.whole && unpacked.bytes.len() as u64 != claim.size {
        let detail = format!("{} bytes were promised and {} came out", claim.size, unpacked.bytes.len());
        level.note(Oddity::WrongSize, path, detail);
    } else if unpacked.whole && checksum(&unpacked.bytes) != claim.crc {
        level.note(Oddity::WrongChecksum, path, "the content does not match its checksum");
    }
    if unpacked.left > 0 {
        let detail = format!("{} bytes after the end of the packed data", unpacked.left);
        level.note(Oddity::HiddenData, path, detail);
    }
    Some(unpacked.bytes)
}

/// Some readers ignore the flag. Content that is plain in spite of it is told by its checksum.
fn encrypted(
    claim: &Claim,
    path: &str,
    source: Source<'_>,
    start: usize,
    end: usize,
    level: &mut Level<'_, '_>,
) -> Option<Bytes> {
    let plain = unpack::try_plain(claim, source, start, end, level);
    if plain.is_some() {
        level.note(Oddity::FalseEncryption, path, "the entry says that it is encrypted, and it is not");
        return plain;
    }
    level.note(Oddity::EncryptedEntry, path, "the entry is encrypted");
    level.gap(GapKind::Encrypted, path, "the entry is encrypted; its content was not read");
    None
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Looks at the bytes that belong to nothing.
fn unowned(source: Source<'_>, owned: &[(usize, usize)], level: &mut Level<'_, '_>) {
    let total = source.bytes.len();
    let mut reached = 0;
    for (start, end) in owned.iter().copied().chain([(total, total)]) {
        if start > reached {
            hidden(source, reached, start, level);
        }
        reached = reached.max(end);
    }
}

fn hidden(source: Source<'_>, start: usize, end: usize, level: &mut Level<'_, '_>) {
    let region = source.bytes.get(start..end).unwrap_or_default();
    if region.iter().all(|byte| *byte == 0) {
        return;
    }
    let (oddity, name) = match start {
        0 => (Oddity::PrefixData, "prefix".into()),
        _ if end == source.bytes.len() => (Oddity::TrailingData, "trailing".into()),
        _ => (Oddity::HiddenData, format!("hidden-{start}")),
    };
    if memchr::memmem::find(region, b"PK\x05\x06").is_some() {
        level.note(Oddity::ExtraEndRecord, "", "the zip has more than one end record; readers disagree which counts");
    }
    let found = walk_local(source, start, end, true, level);
    if found < region.len() {
        level.note(oddity, "", format!("{} bytes belong to no entry", region.len() - found));
        level.leftover(&name, source, start, end);
    }
}

/// Reads local entries that no directory lists; the bytes that they take.
fn walk_local(source: Source<'_>, start: usize, end: usize, unlisted: bool, level: &mut Level<'_, '_>) -> usize {
    let (mut pos, mut found) = (start, 0);
    while let Some(at) = source.bytes.get(pos..end).and_then(|rest| memchr::memmem::find(rest, LOCAL)) {
        let header = pos + at;
        pos = header + LOCAL.len();
        let Some((claim, data)) = Claim::local(source.bytes, header) else { continue };
        if claim.name.is_empty() || data > end {
            continue;
        }
        if !level.session.count() {
            break;
        }
        let name = level.name(&claim.name);
        if unlisted {
            level.note(Oddity::UnlistedEntry, &name.path, "the central directory does not list this entry");
        }
        let length = unpack::local_length(&claim, source, data, end, level);
        let mut claim = claim;
        claim.packed = length as u64;
        let streamed = claim.has_descriptor();
        if streamed && !claim.is_encrypted() {
            // Its size and checksum stand behind the data; what comes out is taken as it is.
            let unpacked = unpack::unpack(claim.method, &name.path, source, data, data + length, 0, level);
            if let Some(unpacked) = unpacked.filter(|_| !name.folder) {
                level.file(&name.path, unpacked.bytes, false);
            }
        } else {
            add(&claim, &name.path, name.folder, source, data, level);
        }
        pos = entry::skip_descriptor(source.bytes, data + length, &claim).max(pos);
        found += pos.min(end) - header;
    }
    found
}
