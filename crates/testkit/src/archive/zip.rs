//! Zips whose two headers can say different things.

use std::io::Write;

use flate2::{Compression, Crc, write::DeflateEncoder};

/// One entry. The `local_...` fields make the local header say something else than the central one.
#[derive(Debug, Clone, Default)]
pub struct ZipEntry {
    /// The name in the central directory, and in the local header unless that has its own.
    pub name: Vec<u8>,
    /// The content before packing.
    pub data: Vec<u8>,
    /// The packed bytes, when they are not to be the packed content.
    pub packed: Option<Vec<u8>>,
    /// 0 stored, 8 deflated, or a lie.
    pub method: u16,
    /// The flags.
    pub flags: u16,
    /// The Unix mode.
    pub mode: u32,
    /// The extra field of both headers.
    pub extra: Vec<u8>,
    /// The unpacked size that both headers give.
    pub size: Option<u32>,
    /// The packed size that both headers give.
    pub packed_size: Option<u32>,
    /// The checksum that both headers give.
    pub crc: Option<u32>,
    /// The offset that the central directory gives.
    pub offset: Option<u32>,
    /// The local header's own name.
    pub local_name: Option<Vec<u8>>,
    /// The local header's own compression.
    pub local_method: Option<u16>,
    /// The local header's own flags.
    pub local_flags: Option<u16>,
    /// The local header's own unpacked size.
    pub local_size: Option<u32>,
    /// The local header's own packed size.
    pub local_packed_size: Option<u32>,
    /// Whether the central directory leaves it out.
    pub unlisted: bool,
    /// Whether the local header is left out, so that only the central directory knows the entry.
    pub ghost: bool,
    /// Bytes before the local header that belong to nothing.
    pub before: Vec<u8>,
    /// Whether the sizes stand in a descriptor behind the data.
    pub streamed: bool,
}

impl ZipEntry {
    /// An honest, deflated entry.
    pub fn new(name: &str, data: &[u8]) -> Self {
        Self { name: name.into(), data: data.into(), method: 8, mode: 0o100_644, ..Self::default() }
    }

    fn packed(&self) -> Vec<u8> {
        match (&self.packed, self.method) {
            (Some(packed), _) => packed.clone(),
            (None, 8) => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
                encoder.write_all(&self.data).and_then(|()| encoder.finish()).expect("memory takes every byte")
            }
            (None, 12) => super::bzip2(&self.data),
            (None, 93) => super::zstd(&self.data),
            (None, 95) => super::xz(&self.data),
            (None, _) => self.data.clone(),
        }
    }

    fn checksum(&self) -> u32 {
        let mut crc = Crc::new();
        crc.update(&self.data);
        self.crc.unwrap_or(crc.sum())
    }
}

/// A zip.
#[derive(Debug, Clone, Default)]
pub struct ZipFile {
    /// The entries.
    pub entries: Vec<ZipEntry>,
    /// The comment.
    pub comment: Vec<u8>,
    /// The number of entries that the end record gives.
    pub count: Option<u16>,
    /// The disk number that the end record gives.
    pub disk: u16,
    /// Whether the central directory and the end record are left out.
    pub headless: bool,
    /// A zip64 record with this number of entries is written too.
    pub zip64_count: Option<u64>,
    /// Bytes between the entries and the directory.
    pub before_directory: Vec<u8>,
}

impl ZipFile {
    /// The bytes.
    pub fn build(&self) -> Vec<u8> {
        let (mut out, mut directory, mut listed) = (Vec::new(), Vec::new(), 0u16);
        for entry in &self.entries {
            out.extend_from_slice(&entry.before);
            let offset = out.len() as u32;
            let packed = entry.packed();
            if !entry.ghost {
                out.extend(local(entry, &packed));
            }
            if !entry.unlisted {
                listed += 1;
                directory.extend(central(entry, &packed, offset));
            }
        }
        out.extend_from_slice(&self.before_directory);
        if self.headless {
            return out;
        }
        let start = out.len() as u32;
        out.extend_from_slice(&directory);
        if let Some(count) = self.zip64_count {
            let record = out.len() as u64;
            out.extend_from_slice(b"PK\x06\x06");
            out.extend_from_slice(&44u64.to_le_bytes());
            out.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            let (size, start) = (directory.len() as u64, u64::from(start));
            for value in [count, count, size, start] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            out.extend_from_slice(b"PK\x06\x07\0\0\0\0");
            out.extend_from_slice(&record.to_le_bytes());
            out.extend_from_slice(&1u32.to_le_bytes());
        }
        let count = self.count.unwrap_or(listed);
        out.extend_from_slice(b"PK\x05\x06");
        for value in [self.disk, self.disk, count, count] {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
        out.extend_from_slice(&start.to_le_bytes());
        out.extend_from_slice(&(self.comment.len() as u16).to_le_bytes());
        out.extend_from_slice(&self.comment);
        out
    }
}

fn local(entry: &ZipEntry, packed: &[u8]) -> Vec<u8> {
    let name = entry.local_name.as_ref().unwrap_or(&entry.name);
    let streamed = if entry.streamed { 8 } else { 0 };
    let size = entry.size.unwrap_or(entry.data.len() as u32);
    let packed_size = entry.packed_size.unwrap_or(packed.len() as u32);
    let crc = entry.checksum();
    let mut out = b"PK\x03\x04\x14\0".to_vec();
    out.extend_from_slice(&(entry.local_flags.unwrap_or(entry.flags) | streamed).to_le_bytes());
    out.extend_from_slice(&entry.local_method.unwrap_or(entry.method).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    let sizes = [crc, entry.local_packed_size.unwrap_or(packed_size), entry.local_size.unwrap_or(size)];
    for value in sizes {
        out.extend_from_slice(&if entry.streamed { 0 } else { value }.to_le_bytes());
    }
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.extend_from_slice(&(entry.extra.len() as u16).to_le_bytes());
    out.extend_from_slice(name);
    out.extend_from_slice(&entry.extra);
    out.extend_from_slice(packed);
    if entry.streamed {
        out.extend_from_slice(b"PK\x07\x08");
        for value in [crc, packed_size, size] {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
    out
}

fn central(entry: &ZipEntry, packed: &[u8], offset: u32) -> Vec<u8> {
    let streamed = if entry.streamed { 8 } else { 0 };
    let mut out = b"PK\x01\x02\x14\x03\x14\0".to_vec();
    out.extend_from_slice(&(entry.flags | streamed).to_le_bytes());
    out.extend_from_slice(&entry.method.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&entry.checksum().to_le_bytes());
    out.extend_from_slice(&entry.packed_size.unwrap_or(packed.len() as u32).to_le_bytes());
    out.extend_from_slice(&entry.size.unwrap_or(entry.data.len() as u32).to_le_bytes());
    out.extend_from_slice(&(entry.name.len() as u16).to_le_bytes());
    out.extend_from_slice(&(entry.extra.len() as u16).to_le_bytes());
    out.extend_from_slice(&[0; 6]);
    out.extend_from_slice(&(entry.mode << 16).to_le_bytes());
    out.extend_from_slice(&entry.offset.unwrap_or(offset).to_le_bytes());
    out.extend_from_slice(&entry.name);
    out.extend_from_slice(&entry.extra);
    out
}
