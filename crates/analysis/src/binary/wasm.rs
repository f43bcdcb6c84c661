//! WebAssembly modules: what they take from their host and what they give.

use super::{Binary, Role};

const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
const MOST: usize = 4_096;

pub(super) fn read(binary: &mut Binary, bytes: &[u8]) {
    binary.role = Role::Bytecode;
    "wasm32".clone_into(&mut binary.architecture);
    let mut reader = Reader { bytes: bytes.get(8..).unwrap_or_default() };
    while let Some((id, content)) = reader.section() {
        let mut content = Reader { bytes: content };
        match id {
            IMPORTS => imports(binary, &mut content),
            EXPORTS => exports(binary, &mut content),
            _ => {}
        }
    }
}

fn imports(binary: &mut Binary, reader: &mut Reader<'_>) {
    let count = reader.number().unwrap_or(0);
    for _ in 0..count.min(MOST) {
        let (Some(module), Some(name)) = (reader.name(), reader.name()) else { return };
        if !binary.libraries.contains(&module) && binary.libraries.len() < 64 {
            binary.libraries.push(module);
        }
        binary.imports.push(name);
        if reader.skip_description().is_none() {
            return;
        }
    }
}

fn exports(binary: &mut Binary, reader: &mut Reader<'_>) {
    let count = reader.number().unwrap_or(0);
    for _ in 0..count.min(MOST) {
        let Some(name) = reader.name() else { return };
        binary.exports.push(name);
        if reader.byte().and_then(|_| reader.number()).is_none() {
            return;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(first)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(count)?;
        self.bytes = rest;
        Some(taken)
    }

    /// A LEB128 number of at most 64 bits.
    fn number(&mut self) -> Option<usize> {
        let mut value = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value).ok();
            }
        }
        None
    }

    fn name(&mut self) -> Option<String> {
        let length = self.number()?;
        let name = self.take(length)?;
        Some(String::from_utf8_lossy(&name[..name.len().min(256)]).into_owned())
    }

    fn section(&mut self) -> Option<(u8, &'a [u8])> {
        let id = self.byte()?;
        let size = self.number()?;
        Some((id, self.take(size)?))
    }

    /// What kind of thing is imported: function, table, memory, global or tag.
    fn skip_description(&mut self) -> Option<()> {
        match self.byte()? {
            0 => self.number().map(|_| ()),
            1 => {
                self.byte()?;
                self.limits()
            }
            2 => self.limits(),
            3 => self.take(2).map(|_| ()),
            4 => {
                self.byte()?;
                self.number().map(|_| ())
            }
            _ => None,
        }
    }

    fn limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 != 0 {
            self.number()?;
        }
        Some(())
    }
}
