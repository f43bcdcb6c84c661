use super::*;

fn texts(binary: &Binary, kind: TextKind) -> Vec<&str> {
    binary.texts.iter().filter(|text| text.kind == kind).map(|text| text.text.as_str()).collect()
}

/// A PE file of 64 bits with one section, which holds an import table of one library with two functions and some texts.
fn pe(payload: &[u8], section: &[u8; 8]) -> Vec<u8> {
    const BASE: u32 = 0x1000;
    let mut content = Vec::new();
    // Descriptors at 0, lookup tables at 64 and 96, names from 128 on.
    let descriptor = [64u32, 0, 0, 160, 96].map(|at| if at == 0 { 0 } else { BASE + at });
    content.extend(descriptor.iter().flat_map(|word| word.to_le_bytes()));
    content.resize(64, 0);
    for _ in 0..2 {
        content.extend(u64::from(BASE + 128).to_le_bytes());
        content.extend(u64::from(BASE + 192).to_le_bytes());
        content.extend([0; 16]);
    }
    content.extend(b"\0\0WriteProcessMemory\0");
    content.resize(160, 0);
    content.extend(b"KERNEL32.dll\0");
    content.resize(192, 0);
    content.extend(b"\0\0SetWindowsHookExW\0");
    content.resize(256, 0);
    content.extend(payload);
    content.resize(content.len().next_multiple_of(512), 0);

    let mut file = b"MZ".to_vec();
    file.resize(60, 0);
    file.extend(64u32.to_le_bytes());
    file.extend(b"PE\0\0");
    file.extend([0x64, 0x86, 1, 0]);
    file.extend([0; 12]);
    file.extend(240u16.to_le_bytes());
    file.extend(0x22u16.to_le_bytes());
    let mut optional = vec![0u8; 240];
    let mut put = |at: usize, word: u32| optional[at..at + 4].copy_from_slice(&word.to_le_bytes());
    put(0, 0x020B);
    put(16, BASE);
    put(32, 0x1000);
    put(36, 512);
    put(56, 0x10000);
    put(60, 512);
    put(108, 16);
    put(120, BASE);
    put(124, 40);
    file.extend(optional);
    file.extend(section);
    for word in [content.len() as u32, BASE, content.len() as u32, 512, 0, 0, 0, 0x6000_0020] {
        file.extend(word.to_le_bytes());
    }
    file.resize(512, 0);
    file.extend(content);
    file
}

#[test]
fn a_pe_file_tells_its_imports_and_texts() {
    let wide: Vec<u8> = "cmd.exe /c echo inert".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let payload = [b"http://collector.example/a\0".as_slice(), b"198.51.100.7:4444\0", b"1.2.3.4\0\0", &wide].concat();
    let binary = look(&pe(&payload, b".text\0\0\0")).unwrap();
    assert_eq!((binary.kind, binary.role, binary.packer), (BinaryKind::Pe, Role::Executable, None));
    assert_eq!(binary.libraries, ["KERNEL32.dll"]);
    assert_eq!(binary.imports, ["WriteProcessMemory", "SetWindowsHookExW"]);
    let means: Vec<&str> = binary.suspicions.iter().map(|one| one.import).collect();
    assert_eq!(means, ["SetWindowsHook", "WriteProcessMemory"]);
    assert_eq!(texts(&binary, TextKind::Url), ["http://collector.example/a"]);
    assert_eq!(texts(&binary, TextKind::Ip), ["198.51.100.7:4444"]);
    assert_eq!(texts(&binary, TextKind::Command), ["cmd.exe /c echo inert"]);
    assert!(binary.whole);
}

#[test]
fn packers_are_named() {
    assert_eq!(look(&pe(b"x", b"UPX0\0\0\0\0")).unwrap().packer, Some("UPX"));
    let mut state = 7u64;
    let dense: Vec<u8> = (0..20_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u8
        })
        .collect();
    assert!(look(&pe(&dense, b".text\0\0\0")).unwrap().packer.is_some_and(|packer| packer.starts_with("unknown")));
    assert_eq!(look(&pe(b"MEI\x0c\x0b\x0a\x0b\x0e", b".text\0\0\0")).unwrap().packer, Some("PyInstaller"));
}

#[test]
fn this_test_is_an_executable() {
    let bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let binary = look(&bytes).unwrap();
    assert_eq!(binary.role, Role::Executable, "{:?}", binary.sections);
    assert!(!binary.imports.is_empty() && !binary.sections.is_empty());
    assert_eq!(binary.packer.filter(|packer| packer.starts_with("unknown")), None);
    assert_eq!(binary.whole, bytes.len() <= SCANNED);
}

#[test]
fn a_wasm_module_tells_its_imports() {
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(b"\x02\x0b\x01\x03env\x03run\0\0");
    module.extend(b"\x07\x08\x01\x04main\0\0");
    let binary = look(&module).unwrap();
    assert_eq!((binary.kind, binary.role), (BinaryKind::Wasm, Role::Bytecode));
    assert_eq!(
        (binary.libraries.as_slice(), binary.imports.as_slice()),
        (&["env".to_owned()][..], &["run".to_owned()][..])
    );
    assert_eq!(binary.exports, ["main"]);
    module.truncate(14);
    assert!(look(&module).is_some());
}

#[test]
fn bytecode_tells_its_constants() {
    let text = |text: &str| [b"z".as_slice(), &[text.len() as u8], text.as_bytes()].concat();
    let mut file = b"\x55\x0d\r\n".to_vec();
    file.extend([0; 12]);
    file.push(b'c');
    file.extend([0; 24]);
    file.extend(b"s\x02\0\0\0S\0");
    file.extend([b")\x01".to_vec(), text("http://collector.example/y")].concat());
    file.extend([b")\x01".to_vec(), text("environ")].concat());
    file.extend(b")\0)\0)\0");
    file.extend([text("file.py"), text("main")].concat());
    file.extend([1, 0, 0, 0]);
    file.extend(b"s\0\0\0\0");
    let binary = look(&file).unwrap();
    assert_eq!(binary.kind, BinaryKind::Pyc);
    let python = binary.python.as_ref().unwrap();
    assert_eq!(python.constants, ["http://collector.example/y"]);
    assert_eq!(python.names, ["environ", "main"]);
    assert_eq!(texts(&binary, TextKind::Url).len(), 1);
}

#[test]
fn other_files_are_not_binaries() {
    for bytes in [&b"import os\r\n"[..], b"ab\r\nc", b"", b"\x7fEL", b"MZ", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"] {
        assert_eq!(look(bytes), None);
    }
}

#[test]
fn torn_files_do_no_harm() {
    let whole = pe(b"http://collector.example/a", b".text\0\0\0");
    for end in (0..whole.len()).step_by(13) {
        let _ = look(&whole[..end]);
    }
    for at in (64..512).step_by(3) {
        let mut torn = whole.clone();
        torn[at] ^= 0xFF;
        let _ = look(&torn);
    }
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(64, 0xFF);
    assert_eq!(look(&elf).unwrap().role, Role::Unknown);
}

#[test]
fn a_large_file_is_looked_at_in_part() {
    let mut file = pe(b"http://collector.example/start", b".text\0\0\0");
    file.resize(9 << 20, 0);
    file.extend(b"\0http://collector.example/end\0");
    let binary = look(&file).unwrap();
    assert!(!binary.whole);
    assert_eq!(texts(&binary, TextKind::Url), ["http://collector.example/start", "http://collector.example/end"]);
}
