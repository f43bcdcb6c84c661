//! Tar: v7, ustar, PAX (POSIX.1-2001) and GNU headers, with every disagreement between them named.

use model::GapKind;

use crate::{
    Format, Oddity,
    format::{Reader, Shape},
    session::{Level, Source},
    tar::{
        header::{Header, checksum_holds},
        pax::Pax,
    },
};

mod header;
mod pax;

pub(crate) const READER: Reader = Reader { sniff, shape: Shape::Container { format: Format::Tar, read } };

const BLOCK: usize = 512;

/// A tar without entries has nothing but zeros, and writers pad it to no more than this.
const EMPTY_MAX: usize = 20 * BLOCK;

/// A first block whose checksum holds, or a few blocks of zeros.
pub(crate) fn sniff(bytes: &[u8]) -> bool {
    let blank = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    let empty = || (2 * BLOCK..=EMPTY_MAX).contains(&bytes.len()) && bytes.len().is_multiple_of(BLOCK) && blank(bytes);
    bytes.get(..BLOCK).is_some_and(checksum_holds) || empty()
}

fn read(source: Source<'_>, level: &mut Level<'_, '_>) {
    let mut walk = Walk { source, pos: 0, ended: false, pending: Pending::default(), global: Pax::default() };
    while walk.step(level) {}
    if walk.pending.is_some() && !level.cut && !level.session.is_full() {
        level.note(Oddity::DanglingHeader, "", "the last header speaks of an entry that does not follow");
    }
}

/// What headers before an entry say of it.
#[derive(Default)]
struct Pending {
    pax: Option<Pax>,
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
}

impl Pending {
    fn is_some(&self) -> bool {
        self.pax.is_some() || self.long_name.is_some() || self.long_link.is_some()
    }
}

/// The place in the stream.
struct Walk<'b> {
    source: Source<'b>,
    pos: usize,
    ended: bool,
    pending: Pending,
    global: Pax,
}

impl Walk<'_> {
    /// Reads one block and what belongs to it. False at the end.
    fn step(&mut self, level: &mut Level<'_, '_>) -> bool {
        let rest = self.source.bytes.get(self.pos..).unwrap_or_default();
        let Some(block) = rest.get(..BLOCK) else {
            if rest.iter().any(|byte| *byte != 0) {
                self.stop_at_garbage(level, "the archive ends in the middle of a header");
            }
            return false;
        };
        if block.iter().all(|byte| *byte == 0) {
            self.ended = true;
            self.pos += BLOCK;
            return true;
        }
        if !checksum_holds(block) {
            if self.ended {
                self.stop_at_garbage(level, "");
                return false;
            }
            // Readers differ here: some stop, some look for the next header. Looking on sees what either of them sees.
            let bad = self.pos;
            level.note(Oddity::BadHeader, "", format!("no valid header at byte {bad}"));
            self.pos += BLOCK;
            while let Some(block) = self.source.bytes.get(self.pos..self.pos + BLOCK)
                && !checksum_holds(block)
                && block.iter().any(|byte| *byte != 0)
            {
                self.pos += BLOCK;
            }
            level.leftover(&format!("skipped-{bad}"), self.source, bad, self.pos);
            return true;
        }
        let header = Header::new(block);
        self.entry(&header, level)
    }

    fn stop_at_garbage(&self, level: &mut Level<'_, '_>, detail: &str) {
        if self.ended {
            let count = self.source.bytes.len().saturating_sub(self.pos);
            level.note(Oddity::TrailingData, "", format!("{count} bytes after the end of the tar stream"));
            level.leftover("trailing", self.source, self.pos, self.source.bytes.len());
        } else {
            level.broken(Oddity::Truncated, "", detail);
        }
    }

    fn entry(&mut self, header: &Header<'_>, level: &mut Level<'_, '_>) -> bool {
        let kind = header.kind();
        let own_size = header.size(level);
        let is_meta = matches!(kind, b'x' | b'g' | b'X' | b'L' | b'K');
        let size = if is_meta { own_size } else { self.size(own_size, header, level) };
        let has_data = !matches!(kind, b'1'..=b'6');
        let start = self.data_start(header);
        let data = if has_data { size } else { 0 };
        let end = usize::try_from(data).ok().and_then(|data| start.checked_add(data));
        let whole = end.filter(|end| *end <= self.source.bytes.len());
        let end = whole.unwrap_or(self.source.bytes.len()).max(start);
        self.pos = end.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
        let payload = self.source.bytes.get(start..end).unwrap_or_default();
        match kind {
            b'x' | b'X' => self.pax(payload, level),
            b'g' => self.global(payload, level),
            b'L' => self.long(payload, false, level),
            b'K' => self.long(payload, true, level),
            _ => {
                if !level.session.count() {
                    return false;
                }
                self.real_entry(header, size, start, end, whole.is_some(), level);
            }
        }
        if is_meta && whole.is_none() {
            level.broken(Oddity::Truncated, "", "the archive ends in the middle of a header");
        }
        whole.is_some()
    }

    /// Where an entry's data starts: after its header, and after the further maps of an old GNU file with many holes.
    fn data_start(&self, header: &Header<'_>) -> usize {
        let mut start = self.pos.saturating_add(BLOCK);
        let mut more = header.has_more_maps();
        while more && let Some(map) = self.source.bytes.get(start..start + BLOCK) {
            more = map.get(504) == Some(&1);
            start += BLOCK;
        }
        start
    }

    /// The size that counts: the PAX one when there is one, as POSIX says.
    fn size(&mut self, own: u64, header: &Header<'_>, level: &mut Level<'_, '_>) -> u64 {
        let pax = self.pending.pax.as_ref().and_then(|pax| pax.size).or(self.global.size);
        let Some(pax) = pax else { return own };
        if pax != own && pax <= Header::OCTAL_MAX {
            let name = level.name(&header.path()).path;
            let detail = format!("PAX gives {pax} bytes and the header {own}; readers disagree which counts");
            level.note(Oddity::SizeConfusion, &name, detail);
        }
        pax
    }

    fn pax(&mut self, payload: &[u8], level: &mut Level<'_, '_>) {
        let (pax, sane) = Pax::parse(payload);
        if !sane {
            level.note(Oddity::BadPaxRecord, "", "a PAX header has a record that breaks the format");
        }
        if pax.ambiguous {
            level.note(Oddity::NameConfusion, "", "a PAX header gives an entry two different names");
        }
        if self.pending.pax.replace(pax).is_some() {
            level.note(Oddity::DanglingHeader, "", "two PAX headers follow one another");
        }
    }

    fn global(&mut self, payload: &[u8], level: &mut Level<'_, '_>) {
        let (pax, sane) = Pax::parse(payload);
        if !sane {
            level.note(Oddity::BadPaxRecord, "", "a global PAX header has a record that breaks the format");
        }
        if pax.path.is_some() || pax.link.is_some() || pax.size.is_some() {
            level.note(Oddity::GlobalOverride, "", "a global PAX header gives names, links or sizes to all entries");
        }
        self.global.merge(pax);
    }

    fn long(&mut self, payload: &[u8], link: bool, level: &mut Level<'_, '_>) {
        let text = payload.split(|byte| *byte == 0).next().unwrap_or_default();
        // One byte over the ceiling is kept, so that the name is seen to be too long.
        let kept = text.get(..level.session.limits.name_bytes.saturating_add(1)).unwrap_or(text).to_vec();
        let slot = if link { &mut self.pending.long_link } else { &mut self.pending.long_name };
        if slot.replace(kept).is_some() {
            level.note(Oddity::DanglingHeader, "", "two GNU long names follow one another");
        }
    }

    fn real_entry(
        &mut self,
        header: &Header<'_>,
        size: u64,
        start: usize,
        end: usize,
        whole: bool,
        level: &mut Level<'_, '_>,
    ) {
        let pending = std::mem::take(&mut self.pending);
        let raw = self.raw_name(header, &pending, level);
        let name = level.name(&raw);
        let (path, kind) = (name.path, header.kind());
        if self.ended {
            let detail = "the entry stands after the mark that ends the archive; most readers do not see it";
            level.note(Oddity::EntriesAfterEnd, &path, detail);
        }
        if matches!(kind, b'2'..=b'6') && size > 0 {
            level.note(Oddity::DataOnNonFile, &path, format!("it claims {size} bytes of data and is no file"));
        }
        let target = || {
            let pax = pending.pax.as_ref().and_then(|pax| pax.link.clone()).or(self.global.link.clone());
            pax.or(pending.long_link.clone()).unwrap_or_else(|| header.link().to_vec())
        };
        match kind {
            b'5' | b'D' => return,
            b'2' => return level.link(&path, &target(), false),
            b'1' => return hard_link(&path, &target(), header.executable(), level),
            b'3' | b'4' => return level.note(Oddity::Device, &path, "a device node"),
            b'6' => return level.note(Oddity::Fifo, &path, "a named pipe"),
            // A volume label is no file.
            b'V' if size == 0 => return,
            0 | b'0' | b'7' | b'S' => {}
            kind => {
                let kind = char::from(kind).escape_debug().to_string();
                level.note(Oddity::UnknownEntryType, &path, format!("entry type \"{kind}\"; it is read as a file"));
            }
        }
        if name.folder {
            if size == 0 {
                return;
            }
            level.note(Oddity::DataOnNonFile, &path, "the name is a folder's and the entry has data");
        }
        if kind == b'S' || pending.pax.as_ref().is_some_and(|pax| pax.sparse) {
            level.note(Oddity::SparseFile, &path, "a file with holes");
            level.gap(GapKind::Unreadable, &path, "the file is sparse; its parts were read without the holes");
        }
        if header.setuid() {
            level.note(Oddity::Setuid, &path, "it would run with the rights of its owner or group");
        }
        if !whole {
            level.broken(Oddity::Truncated, &path, "the archive ends before the file does");
        }
        if let Some(bytes) = level.take(&path, self.source, start, end) {
            level.file(&path, bytes, header.executable());
        }
    }

    /// The name that counts: PAX, then GNU, then the header. Two that differ are a trick.
    fn raw_name(&self, header: &Header<'_>, pending: &Pending, level: &mut Level<'_, '_>) -> Vec<u8> {
        let pax = pending.pax.as_ref().and_then(|pax| pax.path.as_ref()).or(self.global.path.as_ref());
        if let (Some(pax), Some(gnu)) = (pax, &pending.long_name)
            && pax.strip_suffix(b"/").unwrap_or(pax) != gnu.strip_suffix(b"/").unwrap_or(gnu)
        {
            let path = level.name(pax).path;
            level.note(Oddity::NameConfusion, &path, "PAX and GNU headers give the entry different names");
        }
        pax.or(pending.long_name.as_ref()).cloned().unwrap_or_else(|| header.path())
    }
}

/// A hard link to a file of the archive is that file under another name.
fn hard_link(path: &str, target: &[u8], executable: bool, level: &mut Level<'_, '_>) {
    level.link(path, target, true);
    let limits = level.session.limits;
    let target = crate::name::normalise(target, limits).path;
    let Some(bytes) = level.earlier(&target).map(|file| file.bytes.clone()) else { return };
    // It costs no memory, but whoever reads the tree works through it again.
    if level.session.charge(bytes.len() as u64) {
        level.file(path, bytes, executable);
    }
}
