//! A file in memory without being read: the system brings the pages that are looked at.

use std::{fs::File, io, path::Path};

/// A file that is mapped into memory, to be read only.
#[derive(Debug)]
pub struct Mapping(memmap2::Mmap);

impl Mapping {
    /// Maps a file of the user. It must not be shortened while it is mapped: a new one takes its place under its name.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        // SAFETY: The mapping is private and read only, and lives as long as the value that lends it. What cannot be kept from
        // happening is that another program of the user changes or shortens the file meanwhile. Readers of a mapping take every
        // number in it for hostile, so changed bytes give wrong answers only; a shortened file ends this process, as it would
        // end any program whose own file is shortened.
        unsafe { memmap2::Mmap::map(&file) }.map(Self)
    }
}

impl AsRef<[u8]> for Mapping {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
