//! A folder as an archive in memory, since only `artifact` reads packages.

use std::{
    fs::{self, File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
};

use model::{Gap, GapKind};

use super::TargetError;

/// A folder that was packed.
pub(super) struct Packed {
    /// A tar archive.
    pub(super) bytes: Vec<u8>,
    /// What is left out on purpose.
    pub(super) notes: Vec<String>,
    /// What could not be read or did not fit.
    pub(super) gaps: Vec<Gap>,
}

const MAX_ENTRIES: usize = 100_000;
const MAX_DEPTH: usize = 200;

/// Packs a folder, sorted by name. Links are recorded and never followed; what `.git` holds is left out.
pub(super) fn pack(root: &Path, limit: u64) -> Result<Packed, TargetError> {
    let list = fs::read_dir(root).map_err(|cause| TargetError::Unreadable { path: root.to_owned(), cause })?;
    let mut packer =
        Packer { limit, entries: 0, out: Packed { bytes: Vec::new(), notes: Vec::new(), gaps: Vec::new() } };
    packer.folder(list, "", 0);
    packer.out.bytes.resize(packer.out.bytes.len() + 1024, 0);
    Ok(packer.out)
}

struct Packer {
    limit: u64,
    entries: usize,
    out: Packed,
}

impl Packer {
    fn folder(&mut self, list: fs::ReadDir, inside: &str, depth: usize) {
        let mut entries: Vec<_> = list.filter_map(Result::ok).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if inside.is_empty() { name.clone() } else { format!("{inside}/{name}") };
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                self.gap(GapKind::Limit, "", format!("the folder has more than {MAX_ENTRIES} entries"));
                return;
            }
            if let Err(error) = self.entry(&entry.path(), &name, &path, depth) {
                self.gap(GapKind::Unreadable, &path, format!("it cannot be read: {error}"));
            }
        }
    }

    fn entry(&mut self, full: &Path, name: &str, path: &str, depth: usize) -> io::Result<()> {
        let meta = fs::symlink_metadata(full)?;
        if meta.is_symlink() {
            let target = fs::read_link(full)?.to_string_lossy().into_owned();
            self.header(path, b'2', 0, 0o777, &target);
        } else if meta.is_file() {
            return self.file(full, path, &meta);
        } else if meta.is_dir() && name == ".git" {
            self.out.notes.push(format!("{path} is left out: it holds what git knows, not what a package ships"));
        } else if meta.is_dir() && depth >= MAX_DEPTH {
            self.gap(GapKind::Limit, path, format!("folders are nested more than {MAX_DEPTH} deep"));
        } else if meta.is_dir() {
            let list = fs::read_dir(full)?;
            self.header(&format!("{path}/"), b'5', 0, 0o755, "");
            self.folder(list, path, depth + 1);
        } else {
            self.out.notes.push(format!("{path} is left out: it is a device, socket or pipe"));
        }
        Ok(())
    }

    fn file(&mut self, full: &Path, path: &str, meta: &Metadata) -> io::Result<()> {
        let room = self.limit.saturating_sub(self.out.bytes.len() as u64 + 4096);
        if meta.len() > room {
            self.gap(GapKind::Limit, path, format!("the folder has more than {} bytes", self.limit));
            return Ok(());
        }
        // It may grow or shrink while it is read: what was read counts.
        let mut content = Vec::with_capacity(meta.len() as usize);
        File::open(full)?.take(room).read_to_end(&mut content)?;
        self.header(path, b'0', content.len() as u64, mode(meta), "");
        self.out.bytes.extend_from_slice(&content);
        self.pad();
        Ok(())
    }

    /// A header of the ustar format; long names and links go into a pax header before it (POSIX.1-2001).
    fn header(&mut self, path: &str, kind: u8, size: u64, mode: u32, link: &str) {
        let mut records = Vec::new();
        for (key, value) in [("path", path), ("linkpath", link)] {
            if value.len() > 100 || !value.is_ascii() {
                records.extend(record(key, value));
            }
        }
        if !records.is_empty() {
            self.block("pax", b'x', records.len() as u64, 0o644, "");
            self.out.bytes.extend_from_slice(&records);
            self.pad();
        }
        self.block(path, kind, size, mode, link);
    }

    fn block(&mut self, path: &str, kind: u8, size: u64, mode: u32, link: &str) {
        let mut block = [0_u8; 512];
        put(&mut block[..100], path.as_bytes());
        put(&mut block[100..108], format!("{mode:07o}").as_bytes());
        put(&mut block[108..116], b"0000000");
        put(&mut block[116..124], b"0000000");
        put(&mut block[124..136], format!("{size:011o}").as_bytes());
        put(&mut block[136..148], b"00000000000");
        block[156] = kind;
        put(&mut block[157..257], link.as_bytes());
        put(&mut block[257..265], b"ustar\x0000");
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        put(&mut block[148..156], format!("{sum:06o}\0 ").as_bytes());
        self.out.bytes.extend_from_slice(&block);
    }

    fn pad(&mut self) {
        let length = self.out.bytes.len().next_multiple_of(512);
        self.out.bytes.resize(length, 0);
    }

    fn gap(&mut self, kind: GapKind, path: &str, detail: String) {
        // A hundred of a kind say as much as a hundred thousand.
        if self.out.gaps.len() < 100 {
            self.out.gaps.push(Gap::new(kind, path, detail));
        }
    }
}

fn put(field: &mut [u8], bytes: &[u8]) {
    let length = bytes.len().min(field.len());
    field[..length].copy_from_slice(&bytes[..length]);
}

/// A pax record: its own length, which counts its own digits, then `key=value`.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n").into_bytes()
}

#[cfg(unix)]
fn mode(meta: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    0o644
}

/// Reads a file under a limit.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, TargetError> {
    let path_of = || PathBuf::from(path);
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => TargetError::NoFile(path_of()),
        _ => TargetError::Unreadable { path: path_of(), cause },
    };
    let meta = fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(TargetError::NoRegularFile(path_of()));
    }
    let too_large = |size| TargetError::TooLarge { path: path_of(), size, limit };
    if meta.len() > limit {
        return Err(too_large(meta.len()));
    }
    let mut bytes = Vec::with_capacity(meta.len() as usize);
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > limit { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
}
