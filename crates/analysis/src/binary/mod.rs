//! What a compiled file is and what it could do: its kind, what it imports, how it is packed, and what texts are in it.

mod native;
mod strings;
mod suspects;
mod wasm;

use syntax::decode;

pub use strings::{Text, TextKind};
pub use suspects::{Suspicion, suspicion};

/// What is known of a compiled file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Binary {
    /// Which format it has.
    pub kind: BinaryKind,
    /// What it is for.
    pub role: Role,
    /// The machine for which it is made, when the format says so.
    pub architecture: String,
    /// The symbols that it takes from elsewhere, bounded.
    pub imports: Vec<String>,
    /// The libraries from which it takes them.
    pub libraries: Vec<String>,
    /// The symbols that it gives, bounded.
    pub exports: Vec<String>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// The packer or bundler whose print it bears.
    pub packer: Option<&'static str>,
    /// Imports that malware needs and few others do.
    pub suspicions: Vec<Suspicion>,
    /// Texts of interest in it: addresses, commands, places of secrets. Bounded.
    pub texts: Vec<Text>,
    /// The constants and names of Python bytecode.
    pub python: Option<decode::Marshalled>,
    /// How many of its bytes were looked at for texts.
    pub scanned: usize,
    /// Whether these were all.
    pub whole: bool,
}

/// A section of a compiled file.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// Its size in the file.
    pub size: u64,
    /// The entropy of its start, in bits a byte.
    pub entropy: f64,
    /// Whether it holds code.
    pub code: bool,
}

/// The format of a compiled file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum BinaryKind {
    #[default]
    Elf,
    Pe,
    MachO,
    Wasm,
    Pyc,
    JavaClass,
    Dex,
    /// An archive of object files (`.a`, `.lib`).
    StaticLibrary,
}

impl BinaryKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elf => "elf",
            Self::Pe => "pe",
            Self::MachO => "mach-o",
            Self::Wasm => "wasm",
            Self::Pyc => "pyc",
            Self::JavaClass => "java-class",
            Self::Dex => "dex",
            Self::StaticLibrary => "static-library",
        }
    }
}

/// What a compiled file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Started as a process.
    Executable,
    /// Loaded by Python as a module.
    PythonExtension,
    /// Loaded by Node as an add-on.
    NodeExtension,
    /// Loaded by Ruby as an extension.
    RubyExtension,
    /// Any other shared library.
    Library,
    /// An object file or an archive of them: needs a linker first.
    Object,
    /// Run by a virtual machine.
    Bytecode,
    /// The headers do not say.
    #[default]
    Unknown,
}

impl Role {
    /// The words for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Executable => "executable",
            Self::PythonExtension => "Python extension",
            Self::NodeExtension => "Node add-on",
            Self::RubyExtension => "Ruby extension",
            Self::Library => "shared library",
            Self::Object => "object file",
            Self::Bytecode => "bytecode",
            Self::Unknown => "unknown",
        }
    }
}

/// How many bytes are looked at for texts and entropy: a start and an end.
const SCANNED: usize = 8 << 20;
/// How many of them at the end, where bundlers put what they carry.
const SCANNED_END: usize = 1 << 20;

/// Looks at a file. None when it is no compiled file.
pub fn look(bytes: &[u8]) -> Option<Binary> {
    let kind = kind_of(bytes)?;
    let mut binary = Binary { kind, ..Binary::default() };
    match kind {
        BinaryKind::Elf | BinaryKind::Pe | BinaryKind::MachO => native::read(&mut binary, bytes),
        BinaryKind::Wasm => wasm::read(&mut binary, bytes),
        BinaryKind::Pyc => {
            binary.role = Role::Bytecode;
            binary.python = decode::pyc(bytes);
        }
        BinaryKind::JavaClass | BinaryKind::Dex => binary.role = Role::Bytecode,
        BinaryKind::StaticLibrary => binary.role = Role::Object,
    }
    binary.suspicions = binary.imports.iter().filter_map(|name| suspicion(name)).collect();
    binary.suspicions.sort_unstable_by_key(|one| one.import);
    binary.suspicions.dedup();
    scan(&mut binary, bytes);
    Some(binary)
}

fn kind_of(bytes: &[u8]) -> Option<BinaryKind> {
    use decode::What;
    Some(match decode::magic(bytes) {
        Some(What::Elf) => BinaryKind::Elf,
        Some(What::Pe) => BinaryKind::Pe,
        Some(What::MachO) => BinaryKind::MachO,
        Some(What::Wasm) => BinaryKind::Wasm,
        Some(What::Class) => BinaryKind::JavaClass,
        Some(_) => return None,
        None => match bytes {
            [b'd', b'e', b'x', b'\n', b'0', ..] => BinaryKind::Dex,
            [b'!', b'<', b'a', b'r', b'c', b'h', b'>', b'\n', ..] => BinaryKind::StaticLibrary,
            // The marshalled code object itself tells a `.pyc` from a text that begins alike.
            [_, _, b'\r', b'\n', ..] if decode::pyc(bytes).is_some() => BinaryKind::Pyc,
            _ => return None,
        },
    })
}

fn scan(binary: &mut Binary, bytes: &[u8]) {
    let mut finder = strings::Finder::default();
    if bytes.len() <= SCANNED {
        binary.whole = true;
        binary.scanned = bytes.len();
        finder.scan(bytes, 0);
    } else {
        binary.scanned = SCANNED;
        finder.scan(&bytes[..SCANNED - SCANNED_END], 0);
        let end = bytes.len() - SCANNED_END;
        finder.scan(&bytes[end..], end);
    }
    binary.packer = binary.packer.or(finder.packer);
    binary.texts = finder.finish();
}

#[cfg(test)]
mod tests;
