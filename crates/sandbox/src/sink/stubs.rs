//! What is answered to a download that is not known: a file of the right type that does nothing.
//!
//! Each is a little different, by the address that was asked for, so that the file is recognised wherever it turns up.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

use super::personas::Answer;

/// The answer to a download of this address.
pub(crate) fn answer(url: &str, accept: &str) -> Answer {
    let mark = Sha256::digest(url.as_bytes());
    let mark = &mark[..8];
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (kind, body) = by_name(&name, accept, mark);
    Answer { status: 200, kind: kind.to_owned(), headers: Vec::new(), body: body.into(), file: true }
}

fn by_name(name: &str, accept: &str, mark: &[u8]) -> (&'static str, Vec<u8>) {
    let hex = data_encoding::HEXLOWER.encode(mark);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "sh" | "bash" => ("text/x-shellscript", format!("#!/bin/sh\n# {hex}\nexit 0\n").into_bytes()),
        "js" | "cjs" | "mjs" => ("text/javascript", format!("// {hex}\n").into_bytes()),
        "py" => ("text/x-python", format!("# {hex}\n").into_bytes()),
        "rb" | "pl" => ("text/plain", format!("# {hex}\n").into_bytes()),
        "ps1" | "psm1" => ("text/plain", format!("# {hex}\r\nexit 0\r\n").into_bytes()),
        "bat" | "cmd" => ("text/plain", format!("@rem {hex}\r\n@exit /b 0\r\n").into_bytes()),
        "vbs" => ("text/plain", format!("' {hex}\r\n").into_bytes()),
        "exe" | "dll" | "scr" | "msi" => ("application/octet-stream", windows_program(mark)),
        "json" => ("application/json", b"{}\n".to_vec()),
        "html" | "htm" | "php" | "asp" => ("text/html", format!("<!DOCTYPE html><title>{hex}</title>\n").into_bytes()),
        "txt" | "md" | "csv" => ("text/plain", neutral(mark)),
        "gz" | "tgz" => ("application/gzip", packed_archive(mark)),
        "zip" | "whl" | "jar" => ("application/zip", empty_zip(mark)),
        "png" | "jpg" | "jpeg" | "gif" | "ico" => ("image/png", picture(mark)),
        "elf" | "bin" | "so" | "run" | "node" => ("application/octet-stream", linux_program(mark)),
        _ if ["linux", "x86_64", "amd64", "xmrig"].iter().any(|word| name.contains(word)) => {
            ("application/octet-stream", linux_program(mark))
        }
        _ if accept.contains("application/json") => ("application/json", b"{}\n".to_vec()),
        _ if accept.contains("text/html") => {
            ("text/html", format!("<!DOCTYPE html><title>{hex}</title>\n").into_bytes())
        }
        _ => ("text/plain", neutral(mark)),
    }
}

/// A text that shells, JavaScript and Python all run without doing anything: its first line is a comment to each of
/// them, and the mark is written in blanks.
fn neutral(mark: &[u8]) -> Vec<u8> {
    let mut text = b"#!/bin/sh\n".to_vec();
    let bits = mark.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
    text.extend(bits.map(|bit| if bit == 0 { b' ' } else { b'\t' }));
    text.push(b'\n');
    text
}

/// A program that ends at once.
fn linux_program(mark: &[u8]) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const START: u64 = 64 + 56;
    // exit(0)
    let code: &[u8] = &[0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];
    let size = START + (code.len() + mark.len()) as u64;
    let mut file = vec![0x7f, b'E', b'L', b'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // An executable for x86-64.
    file.extend([2, 0, 62, 0, 1, 0, 0, 0]);
    file.extend((BASE + START).to_le_bytes());
    file.extend(64u64.to_le_bytes());
    file.extend([0; 12]);
    file.extend([64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
    // One segment, to be read and executed.
    file.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    for value in [0, BASE, BASE, size, size, 0x1000] {
        file.extend(value.to_le_bytes());
    }
    file.extend(code);
    file.extend(mark);
    file
}

/// What is left of a program of Windows when everything but its name is gone.
fn windows_program(mark: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 64];
    file[..2].copy_from_slice(b"MZ");
    file[60] = 64;
    file.extend(b"PE\0\0");
    file.extend(mark);
    file.resize(512, 0);
    file
}

fn packed_archive(mark: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Two blocks of zeros end an archive without files; what follows is the mark.
    let written = encoder.write_all(&[0; 1024]).and_then(|()| encoder.write_all(mark));
    written.and_then(|()| encoder.finish()).unwrap_or_default()
}

fn empty_zip(mark: &[u8]) -> Vec<u8> {
    let mut file = b"PK\x05\x06".to_vec();
    file.extend([0; 16]);
    file.extend((mark.len() as u16).to_le_bytes());
    file.extend(mark);
    file
}

/// A picture of one point.
fn picture(mark: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &crc.sum().to_be_bytes()].concat()
    };
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::fast());
    let pixels = encoder.write_all(&[0, 0]).and_then(|()| encoder.finish()).unwrap_or_default();
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    file.extend(chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]));
    file.extend(chunk(b"IDAT", &pixels));
    file.extend(chunk(b"IEND", b""));
    file.extend(mark);
    file
}
