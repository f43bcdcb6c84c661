//! Every way to write a secret is a line of a table.

use std::io::Write as _;

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use data_encoding::{BASE32, HEXLOWER, HEXUPPER};
use flate2::{Compression, write};

use testkit::archive;

use super::{Gathering, Tokens, alphabets};

fn tokens() -> Tokens {
    Tokens::new([42; 32])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = write::GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = write::ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = write::DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn each(bytes: &[u8], between: &str, one: impl Fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|byte| one(*byte)).collect::<Vec<_>>().join(between).into_bytes()
}

fn letters(bytes: &[u8], by: u8) -> Vec<u8> {
    let turn = |byte: &u8| match byte {
        b'a'..=b'z' => (byte - b'a' + by) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + by) % 26 + b'A',
        other => *other,
    };
    bytes.iter().map(turn).collect()
}

fn wrapped(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(20).collect::<Vec<_>>().join(&b"\r\n"[..])
}

/// A line of the table: a name, and what it does to a text.
type Encoding = (&'static str, fn(&[u8]) -> Vec<u8>);

/// The table of the research page, and more.
const ENCODINGS: &[Encoding] = &[
    ("raw", |b| b.to_vec()),
    ("json", |b| format!("{{\"a\":\"x\\n{}\\\"\"}}", String::from_utf8_lossy(b)).into_bytes()),
    ("json in json", |b| format!("\"{{\\\"a\\\":\\\"{}\\\"}}\"", String::from_utf8_lossy(b)).into_bytes()),
    ("base64", |b| STANDARD.encode(b).into_bytes()),
    ("base64, one byte before", |b| STANDARD.encode([b"x", b].concat()).into_bytes()),
    ("base64, two bytes before", |b| STANDARD.encode([b"xy", b].concat()).into_bytes()),
    ("base64, url-safe", |b| URL_SAFE_NO_PAD.encode(b).into_bytes()),
    ("base64, wrapped", |b| wrapped(&STANDARD.encode(b))),
    ("base64 twice", |b| STANDARD.encode(STANDARD.encode([b"a", b].concat())).into_bytes()),
    ("base64 three times", |b| STANDARD.encode(STANDARD.encode(STANDARD.encode([b"ab", b].concat()))).into_bytes()),
    ("base64, reversed", |b| STANDARD.encode(b).bytes().rev().collect()),
    ("reversed, base64", |b| STANDARD.encode(b.iter().rev().copied().collect::<Vec<_>>()).into_bytes()),
    ("base64, percent", |b| STANDARD.encode(b).replace('=', "%3D").replace('+', "%2B").into_bytes()),
    ("hex", |b| HEXLOWER.encode(b).into_bytes()),
    ("hex, upper", |b| HEXUPPER.encode(b).into_bytes()),
    ("hex, colons", |b| each(b, ":", |x| format!("{x:02x}"))),
    ("hex, spaces", |b| each(b, " ", |x| format!("{x:02X}"))),
    ("hex, 0x", |b| each(b, ", ", |x| format!("0x{x:02x}"))),
    ("hex of base64", |b| HEXLOWER.encode(STANDARD.encode(b).as_bytes()).into_bytes()),
    ("base64 of hex", |b| STANDARD.encode(HEXLOWER.encode(b)).into_bytes()),
    ("base32", |b| BASE32.encode(b).into_bytes()),
    ("base32, shifted, lower", |b| BASE32.encode(&[b"abc", b].concat()).to_lowercase().into_bytes()),
    ("base58", |b| format!("key:{}", alphabets::base58(b)).into_bytes()),
    ("base85", |b| alphabets::base85(&[b, &[0; 3]].concat(), |d| alphabets::BASE85[usize::from(d)])),
    ("ascii85", |b| alphabets::base85(&[b"ab", b, &[0; 3]].concat(), |d| d + b'!')),
    ("percent", |b| each(b, "", |x| format!("%{x:02X}"))),
    ("percent, here and there", |b| {
        each(b, "", |x| if x % 3 == 0 { format!("%{x:02x}") } else { char::from(x).into() })
    }),
    ("utf-16, little", |b| b.iter().flat_map(|x| [*x, 0]).collect()),
    ("utf-16, big", |b| b.iter().flat_map(|x| [0, *x]).collect()),
    ("base64 of utf-16", |b| STANDARD.encode(b.iter().flat_map(|x| [*x, 0]).collect::<Vec<_>>()).into_bytes()),
    ("\\u", |b| each(b, "", |x| format!("\\u{x:04x}"))),
    ("\\u, here and there", |b| each(b, "", |x| if x % 2 == 0 { format!("\\u{x:04X}") } else { char::from(x).into() })),
    ("\\x", |b| each(b, "", |x| format!("\\x{x:02x}"))),
    ("octal", |b| each(b, "", |x| format!("\\{x:03o}"))),
    ("entities", |b| each(b, "", |x| format!("&#{x};"))),
    ("quoted-printable", |b| each(b, "", |x| format!("={x:02X}"))),
    ("char codes", |b| [&b"["[..], &each(b, ",", |x| x.to_string()), b"]"].concat()),
    ("char codes, odd separators", |b| each(b, " ; ", |x| x.to_string())),
    ("bits", |b| each(b, " ", |x| format!("{x:08b}"))),
    ("rot13", |b| letters(b, 13)),
    ("caesar", |b| letters(b, 5)),
    ("rot47", |b| b.iter().map(|x| if (33..127).contains(x) { (x - 33 + 47) % 94 + 33 } else { *x }).collect()),
    ("reversed", |b| b.iter().rev().copied().collect()),
    ("xor", |b| b.iter().map(|x| x ^ 0x5a).collect()),
    ("xor, in base64", |b| STANDARD.encode(b.iter().map(|x| x ^ 0x21).collect::<Vec<_>>()).into_bytes()),
    ("xor, in hex", |b| HEXLOWER.encode(&b.iter().map(|x| x ^ 0xee).collect::<Vec<_>>()).into_bytes()),
    ("xor, key of five", |b| b.iter().zip(b"k3Y!z".iter().cycle()).map(|(x, k)| x ^ k).collect()),
    ("added", |b| b.iter().map(|x| x.wrapping_add(77)).collect()),
    ("gzip", |b| gzip(b)),
    ("zlib", |b| zlib(b)),
    ("deflate", |b| deflate(&b.repeat(3))),
    ("gzip, in base64", |b| STANDARD.encode(gzip(b)).into_bytes()),
    ("zlib, in base64, in json", |b| format!("{{\"d\":\"{}\"}}", URL_SAFE_NO_PAD.encode(zlib(b))).into_bytes()),
    ("gzip, in hex", |b| HEXLOWER.encode(&gzip(b)).into_bytes()),
    ("base64, in gzip", |b| gzip(STANDARD.encode(b).as_bytes())),
    ("gzip twice", |b| gzip(&gzip(b))),
    ("bzip2", |b| archive::bzip2(b)),
    ("xz", |b| archive::xz(b)),
    ("zstd", |b| archive::zstd(b)),
    ("zip", |b| archive::zip(&[("loot.txt", b)])),
];

#[test]
fn secrets_are_found_in_every_encoding_of_the_table() {
    let tokens = tokens();
    let mut missed = Vec::new();
    for name in ["npm-token", "aws-secret", "github-token", "ethereum-key"] {
        let text = format!("before {} after", tokens.value(name));
        for (encoding, encode) in ENCODINGS {
            // Some encodings see the neighbours, and some only the secret itself.
            for body in [encode(text.as_bytes()), encode(tokens.value(name).as_bytes())] {
                let found = tokens.find(&body);
                if !found.iter().any(|hit| hit.starts_with(&format!("{name}:"))) {
                    missed.push(format!("{name}: {encoding}: {found:?}"));
                }
            }
        }
    }
    missed.dedup();
    assert!(missed.is_empty(), "{} of {} encodings: {missed:#?}", missed.len(), ENCODINGS.len());
}

#[test]
fn the_encoding_is_told_from_the_outside_in() {
    let tokens = tokens();
    let body = STANDARD.encode(gzip(tokens.value("npm-token").as_bytes()));
    assert_eq!(tokens.find(body.as_bytes()), ["npm-token:base64>gzip"]);
    assert_eq!(tokens.find(tokens.value("stripe-key").as_bytes()), ["stripe-key:raw"]);
}

#[test]
fn every_planted_secret_is_found_where_it_is_planted() {
    let tokens = tokens();
    let home = tokens.home("/home/annika");
    let files = home.files.iter().map(|file| file.content.clone());
    let variables = home.variables.iter().map(|(_, value)| value.clone().into_bytes());
    let names = [home.host.clone().into_bytes()];
    let found: Vec<String> = files.chain(variables).chain(names).flat_map(|bytes| tokens.find(&bytes)).collect();
    // Those of a cloud's metadata service are handed out by the sinkhole.
    let elsewhere = ["aws-role-", "metadata-session", "google-access", "azure-access"];
    let unplanted: Vec<_> = tokens
        .all()
        .iter()
        .map(|token| token.name)
        .filter(|name| {
            !elsewhere.iter().any(|one| name.starts_with(one))
                && !found.iter().any(|hit| hit.starts_with(&format!("{name}:")))
        })
        .collect();
    assert!(unplanted.is_empty(), "{unplanted:?}");
    let unmarked: Vec<_> =
        home.files.iter().filter(|file| !file.secret && !tokens.find(&file.content).is_empty()).collect();
    assert!(unmarked.is_empty(), "{unmarked:?}");
}

#[test]
fn keys_and_databases_are_what_they_pretend_to_be() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let tokens = tokens();
    let home = tokens.home("/home/annika");
    let place = |name: &str| {
        let file = home.files.iter().find(|file| file.path.ends_with(name)).expect("planted");
        let path = folder.path().join(name.rsplit('/').next().expect("a name"));
        std::fs::write(&path, &file.content).expect("written");
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
        (path, String::from_utf8_lossy(&file.content).into_owned())
    };
    let run = |program: &str, arguments: &[&str]| {
        let output = std::process::Command::new(program).args(arguments).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).ok()
    };
    let ((private, _), (_, public)) = (place("id_ed25519"), place("id_ed25519.pub"));
    match run("ssh-keygen", &["-y", "-f", &private.to_string_lossy()]) {
        Some(read) => assert_eq!(read.split_whitespace().nth(1), public.split_whitespace().nth(1)),
        None => eprintln!("skipped: there is no ssh-keygen"),
    }
    let (logins, _) = place("Login Data");
    let script = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('select password_value from logins').fetchone()[0])";
    match run("python3", &["-c", script, &logins.to_string_lossy()]) {
        Some(read) => assert_eq!(read.trim(), tokens.value("browser-password")),
        None => eprintln!("skipped: there is no python3"),
    }
}

#[test]
fn runs_share_no_secret() {
    let (one, other) = (Tokens::new([1; 32]), Tokens::new([2; 32]));
    for token in one.all() {
        assert_ne!(token.value, other.value(token.name), "{}", token.name);
        assert!(other.find(token.value.as_bytes()).is_empty(), "{}", token.name);
        assert!(!token.needles.is_empty(), "{}", token.name);
    }
    assert_eq!(one.all(), Tokens::new([1; 32]).all());
}

#[test]
fn secrets_in_pieces_are_put_together() {
    let tokens = tokens();
    let secret = tokens.value("npm-token");
    let mut bodies = Gathering::default();
    let (head, tail) = secret.split_at(15);
    assert!(bodies.add(&tokens, "c2.example", head.as_bytes()).is_empty());
    assert!(!bodies.add(&tokens, "c2.example", tail.as_bytes()).is_empty());

    type Naming = fn(usize, &str) -> String;
    let shapes: &[(&str, Naming)] = &[
        ("number first", |at, piece| format!("{at}.{piece}.evil.example")),
        ("number last", |at, piece| format!("{piece}.{at}.evil.example")),
        ("number inside", |at, piece| format!("{at}-{piece}.evil.example")),
        ("session", |at, piece| format!("{piece}.{at}.s9f3ab.evil.example")),
        ("no number", |_, piece| format!("{piece}.evil.example")),
        ("two labels", |at, piece| {
            format!("{}.{}.{at}.evil.example", &piece[..piece.len() / 2], &piece[piece.len() / 2..])
        }),
    ];
    let encoded = [
        HEXLOWER.encode(secret.as_bytes()),
        BASE32.encode(secret.as_bytes()).to_lowercase().replace('=', ""),
        URL_SAFE_NO_PAD.encode(secret),
    ];
    for (shape, name) in shapes {
        for text in &encoded {
            let pieces: Vec<&str> = (0..text.len()).step_by(12).map(|at| &text[at..text.len().min(at + 12)]).collect();
            let mut order: Vec<usize> = (0..pieces.len()).collect();
            if *shape != "no number" {
                order.reverse();
            }
            let mut names = Gathering::default();
            let mut found = Vec::new();
            for at in order {
                found = names.add_name(&tokens, &name(at, pieces[at]));
            }
            assert!(!found.is_empty(), "{shape}: {text}");
        }
    }
}

#[test]
fn honest_text_holds_no_secret() {
    let tokens = tokens();
    let sources = [
        include_bytes!("../../../../Cargo.lock").as_slice(),
        include_bytes!("../../../../ARCHITECTURE.md"),
        include_bytes!("mod.rs"),
        include_bytes!("written.rs"),
        include_bytes!("home.rs"),
        include_bytes!("../../../analysis/data/weights.txt"),
    ];
    for source in sources {
        assert_eq!(tokens.find(source), Vec::<String>::new());
        assert_eq!(tokens.find(&gzip(source)), Vec::<String>::new());
    }
}

#[test]
fn bombs_are_bounded() {
    let tokens = tokens();
    let bomb = gzip(&gzip(&vec![0; 64 << 20]));
    assert!(tokens.find(&bomb).is_empty());
    let nested = (0..30).fold(b"x".repeat(1000), |inner, _| STANDARD.encode(inner).into_bytes()[..1000].to_vec());
    assert!(tokens.find(&nested).is_empty());
}
