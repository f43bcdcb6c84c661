use std::fs;

use model::{Decision, GapKind};
use testkit::registry::Registry;

use crate::fake::{User, inspect};

fn user() -> User {
    let user = User::of(&Registry::start());
    fs::create_dir_all(user.folder.path().join("package/.git/objects")).expect("a folder");
    fs::create_dir_all(user.folder.path().join("package/lib/deep")).expect("a folder");
    user
}

/// The entries of a tar archive: name, kind, link, content.
fn entries(bytes: &[u8]) -> Vec<(String, char, String, Vec<u8>)> {
    let text =
        |field: &[u8]| String::from_utf8_lossy(field.split(|byte| *byte == 0).next().unwrap_or_default()).into_owned();
    let (mut at, mut out, mut long) = (0, Vec::new(), None);
    while bytes[at..at + 512].iter().any(|byte| *byte != 0) {
        let block = &bytes[at..at + 512];
        let size = usize::from_str_radix(&text(&block[124..136]), 8).expect("a size");
        let sum: u32 =
            block.iter().enumerate().map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u32::from(*byte) }).sum();
        assert_eq!(u32::from_str_radix(text(&block[148..156]).trim(), 8), Ok(sum));
        let content = bytes[at + 512..at + 512 + size].to_vec();
        at += 512 + size.next_multiple_of(512);
        if block[156] == b'x' {
            let record = String::from_utf8(content).expect("a text");
            let length: usize = record.split(' ').next().and_then(|digits| digits.parse().ok()).expect("a length");
            assert_eq!(length, record.len());
            long = record.trim_end().split_once("path=").map(|(_, path)| path.to_owned());
            continue;
        }
        let name = long.take().unwrap_or_else(|| text(&block[..100]));
        out.push((name, char::from(block[156]), text(&block[157..257]), content));
    }
    out
}

#[tokio::test]
async fn a_folder_is_packed_whole_and_in_order() {
    let user = user();
    let package = user.folder.path().join("package");
    let long = format!("lib/deep/{}.js", "x".repeat(150));
    fs::write(package.join("b.js"), "b").expect("a file");
    fs::write(package.join("a.js"), vec![b'a'; 700]).expect("a file");
    fs::write(package.join("lib/ü.js"), "").expect("a file");
    fs::write(package.join(&long), "long").expect("a file");
    fs::write(package.join(".git/config"), "secret").expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", package.join("link")).expect("a link");
    let text = package.to_str().expect("a text");
    let loaded = user.load(text).await.expect("a folder").remove(0);
    let entries = entries(&loaded.bytes);
    let names: Vec<_> = entries.iter().map(|(name, kind, _, _)| format!("{kind} {name}")).collect();
    let mut expected = vec![
        "0 a.js".to_owned(),
        "0 b.js".into(),
        "5 lib/".into(),
        "5 lib/deep/".into(),
        format!("0 {long}"),
        "0 lib/ü.js".into(),
    ];
    if cfg!(unix) {
        expected.push("2 link".into());
        assert_eq!(entries.last().expect("the link").2, "/etc/passwd");
    }
    assert_eq!(names, expected);
    assert_eq!(entries[0].3, vec![b'a'; 700]);
    assert_eq!(loaded.target.file_name, "package");
    assert_eq!(loaded.notes, [".git is left out: it holds what git knows, not what a package ships"]);
    assert!(loaded.gaps.is_empty());
    let again = user.load(text).await.expect("a folder").remove(0);
    assert_eq!(again.sha256, loaded.sha256);
}

#[tokio::test]
async fn what_does_not_fit_is_a_gap_and_no_benign_verdict() {
    let user = user();
    let package = user.folder.path().join("package");
    fs::write(package.join("huge.bin"), vec![0; 1 << 17]).expect("a file");
    fs::write(package.join("small.js"), "x").expect("a file");
    let results = inspect(&user.inspector(), &[package.to_str().expect("a text")]).await;
    let verdict = &results[0].result.as_ref().expect("an analysis").verdict;
    assert_eq!(verdict.decision, Decision::Inconclusive);
    assert_eq!((verdict.coverage.gaps[0].kind, verdict.coverage.gaps[0].path.as_str()), (GapKind::Limit, "huge.bin"));
}

#[cfg(unix)]
#[tokio::test]
async fn sockets_are_left_out_and_not_read() {
    let user = user();
    let package = user.folder.path().join("package");
    let _socket = std::os::unix::net::UnixListener::bind(package.join("socket")).expect("a socket");
    let loaded = user.load(package.to_str().expect("a text")).await.expect("a folder").remove(0);
    assert!(loaded.notes.iter().any(|note| note.starts_with("socket is left out")), "{:?}", loaded.notes);
    let error = user.trouble(package.join("socket").to_str().expect("a text")).await.to_string();
    assert!(error.contains("neither a file nor a folder"), "{error}");
}

#[tokio::test]
async fn files_come_as_they_are() {
    let user = user();
    let file = user.folder.path().join("thing.tgz");
    fs::write(&file, "anything").expect("a file");
    let text = file.to_str().expect("a text");
    let loaded = user.load(text).await.expect("a file").remove(0);
    assert_eq!((loaded.bytes.as_slice(), loaded.label.as_str()), (&b"anything"[..], text));
    assert_eq!((loaded.target.file_name.as_str(), loaded.target.ecosystem), ("thing.tgz", None));
    fs::write(&file, vec![0; 1 << 17]).expect("a file");
    let error = user.trouble(text).await.to_string();
    assert!(error.contains("has 131072 bytes; Lazaret reads at most 65536"), "{error}");
}
