//! ELF, PE and Mach-O files.

use object::{NameOrOrdinal, Object, ObjectKind, ObjectSection, ObjectSymbol, SectionKind};

use super::{Binary, BinaryKind, Role, Section};

/// How many symbols and sections are read.
const MOST_SYMBOLS: usize = 8_192;
const MOST_SECTIONS: usize = 256;
/// How much of a section is weighed.
const WEIGHED: usize = 1 << 20;

pub(super) fn read(binary: &mut Binary, bytes: &[u8]) {
    let bytes = if binary.kind == BinaryKind::MachO { first_of_fat(bytes) } else { bytes };
    let Ok(file) = object::File::parse(bytes) else { return };
    binary.architecture = format!("{:?}", file.architecture()).to_ascii_lowercase();
    read_symbols(binary, &file);
    read_sections(binary, &file);
    binary.role = role(binary, file.kind());
    binary.packer = packer(binary);
}

/// The first machine's part of a file for several machines.
fn first_of_fat(bytes: &[u8]) -> &[u8] {
    let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    if word(0) != Some(0xCAFE_BABE) {
        return bytes;
    }
    word(16).zip(word(20)).and_then(|(start, size)| bytes.get(start..start.checked_add(size)?)).unwrap_or(bytes)
}

fn text(name: &[u8]) -> String {
    String::from_utf8_lossy(&name[..name.len().min(256)]).into_owned()
}

fn read_symbols(binary: &mut Binary, file: &object::File<'_>) {
    for import in file.imports().into_iter().flatten().take(MOST_SYMBOLS).flatten() {
        if let NameOrOrdinal::Name(name) = import.name() {
            binary.imports.push(text(name));
        }
        let library = text(import.library());
        if !library.is_empty() && !binary.libraries.contains(&library) && binary.libraries.len() < MOST_SECTIONS {
            binary.libraries.push(library);
        }
    }
    for library in file.import_libraries().into_iter().flatten().take(MOST_SECTIONS).flatten() {
        let library = text(library.name());
        if !library.is_empty() && !binary.libraries.contains(&library) {
            binary.libraries.push(library);
        }
    }
    for export in file.exports().into_iter().flatten().take(MOST_SYMBOLS).flatten() {
        if let NameOrOrdinal::Name(name) = export.name() {
            binary.exports.push(text(name));
        }
    }
    // Objects and static executables have only a symbol table.
    if binary.imports.is_empty() && binary.exports.is_empty() {
        for symbol in file.symbols().take(MOST_SYMBOLS) {
            let Ok(name) = symbol.name_bytes() else { continue };
            if !name.is_empty() {
                let list = if symbol.is_undefined() { &mut binary.imports } else { &mut binary.exports };
                list.push(text(name));
            }
        }
    }
}

fn read_sections(binary: &mut Binary, file: &object::File<'_>) {
    let mut left = super::SCANNED;
    for section in file.sections().take(MOST_SECTIONS) {
        let data = section.data().unwrap_or_default();
        let weighed = &data[..data.len().min(WEIGHED).min(left)];
        left -= weighed.len();
        binary.sections.push(Section {
            name: section.name_bytes().map(text).unwrap_or_default(),
            size: data.len() as u64,
            entropy: entropy(weighed),
            code: section.kind() == SectionKind::Text,
        });
    }
}

fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let share = |count: &u32| f64::from(*count) / bytes.len() as f64;
    counts.iter().filter(|count| **count > 0).map(share).map(|share| -share * share.log2()).sum()
}

fn role(binary: &Binary, kind: ObjectKind) -> Role {
    let exports = |test: &dyn Fn(&str) -> bool| {
        binary.exports.iter().any(|name| test(name.strip_prefix('_').unwrap_or(name)) || test(name))
    };
    let imports = |test: &dyn Fn(&str) -> bool| {
        binary.imports.iter().any(|name| test(name.strip_prefix('_').unwrap_or(name)) || test(name))
    };
    if exports(&|name| name.starts_with("PyInit_")) {
        return Role::PythonExtension;
    }
    if exports(&|name| name.starts_with("napi_register_module") || name.starts_with("node_register_module"))
        || imports(&|name| matches!(name, "napi_module_register" | "node_module_register"))
    {
        return Role::NodeExtension;
    }
    if exports(&|name| name.starts_with("Init_")) && imports(&|name| name.starts_with("rb_")) {
        return Role::RubyExtension;
    }
    match kind {
        ObjectKind::Executable => Role::Executable,
        // A position-independent executable is a library that names its loader.
        ObjectKind::Dynamic if binary.sections.iter().any(|section| section.name == ".interp") => Role::Executable,
        ObjectKind::Dynamic => Role::Library,
        ObjectKind::Relocatable => Role::Object,
        _ => Role::Unknown,
    }
}

/// The packer that the sections betray.
fn packer(binary: &Binary) -> Option<&'static str> {
    const NAMES: &[(&str, &str)] = &[
        ("UPX", "UPX"),
        (".aspack", "ASPack"),
        (".adata", "ASPack"),
        (".MPRESS", "MPRESS"),
        (".themida", "Themida"),
        (".winlice", "Themida"),
        (".vmp", "VMProtect"),
        (".enigma", "Enigma"),
        (".petite", "Petite"),
        ("pyarmor", "PyArmor"),
    ];
    let named = binary
        .sections
        .iter()
        .find_map(|section| NAMES.iter().find(|(start, _)| section.name.starts_with(start)).map(|(_, name)| *name));
    let dense = binary.sections.iter().any(|section| section.code && section.size > 4096 && section.entropy > 7.3);
    named.or(dense.then_some("unknown packer: its code is as dense as packed data"))
}
