//! What the pages cannot show: archives that lie, and compiled files.

use analysis::{Analyser, Limits, UserRules};
use model::{Confidence, Finding, Target};
use testkit::archive::{TarEntry, ZipEntry, ZipFile, gzip, tar_end, tgz, zip};

fn findings(name: &str, bytes: &[u8]) -> Vec<Finding> {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let target = Target { file_name: name.into(), ecosystem: None, name: None, version: None };
    analyser.analyse(&target, bytes, &Limits::default(), true).verdict.findings
}

fn found<'f>(findings: &'f [Finding], rule: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.rule == rule)
}

#[test]
fn an_archive_that_readers_see_differently_is_told() {
    let renamed = ZipEntry { local_name: Some(b"x/b.py".to_vec()), ..ZipEntry::new("x/a.py", b"a = 1\n") };
    let bytes = ZipFile { entries: vec![renamed], ..ZipFile::default() }.build();
    let all = findings("x-1.0-py3-none-any.whl", &bytes);
    assert_eq!(found(&all, "unpacks-differently").map(|one| one.confidence), Some(Confidence::High), "{all:?}");

    let mut tar = TarEntry::file("x-1/a.py", b"a = 1\n").build();
    tar.extend(tar_end());
    tar.extend(TarEntry::file("x-1/setup.py", b"b = 1\n").build());
    tar.extend(tar_end());
    let all = findings("x-1.tar.gz", &gzip(&tar));
    assert_eq!(found(&all, "unpacks-differently").map(|one| one.confidence), Some(Confidence::High), "{all:?}");
}

#[test]
fn oddities_of_archives_inside_are_not_the_package_s() {
    let renamed = ZipEntry { local_name: Some(b"b.py".to_vec()), ..ZipEntry::new("a.py", b"a = 1\n") };
    let inner = ZipFile { entries: vec![renamed], ..ZipFile::default() }.build();
    let all = findings("x-1.tar.gz", &tgz(&[("x-1/data/odd.zip", &inner), ("x-1/x.py", b"a = 1\n")]));
    assert!(found(&all, "unpacks-differently").is_none(), "{all:?}");
}

#[test]
fn an_honest_archive_is_silent() {
    let files: &[(&str, &[u8])] =
        &[("x/__init__.py", b"a = 1\n"), ("x-1.dist-info/METADATA", b"Name: x\nVersion: 1\n")];
    let all = findings("x-1-py3-none-any.whl", &zip(files));
    assert!(all.is_empty(), "{all:?}");
}

#[test]
fn a_wheel_that_is_called_an_sdist_is_told() {
    let all = findings("x-1-py3-none-any.tar.gz", &zip(&[("x/__init__.py", b"a = 1\n")]));
    assert_eq!(found(&all, "has-wrong-container").map(|one| one.confidence), Some(Confidence::Low), "{all:?}");
}

/// The head of a program: enough to be known as one.
fn elf(kind: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\0");
    bytes[16] = kind;
    bytes[18] = 0x3e;
    bytes[20] = 1;
    bytes[52] = 64;
    bytes
}

#[test]
fn a_program_is_told_where_no_platform_is_named() {
    let (program, starts) = (elf(2), b"import subprocess\nsubprocess.run([\"./x/tool\"])\n".as_slice());
    let all = findings("x-1.tar.gz", &tgz(&[("x-1/x/tool", &program), ("x-1/x/__init__.py", starts)]));
    assert_eq!(
        found(&all, "ships-standalone-executable").map(|one| one.confidence),
        Some(Confidence::Medium),
        "{all:?}"
    );
    let all =
        findings("x-1-py3-none-manylinux2014_x86_64.whl", &zip(&[("x/tool", &program), ("x/__init__.py", starts)]));
    assert!(found(&all, "ships-standalone-executable").is_none(), "{all:?}");
}

#[test]
fn brackets_without_end_are_told_and_leave_a_gap() {
    // The visitors of the tree recurse; a worker has room for that.
    let work = std::thread::Builder::new().stack_size(512 << 20).spawn(read_brackets);
    work.expect("a thread").join().expect("no panic");
}

fn read_brackets() {
    let code = format!("{}1{}", "(".repeat(200_000), ")".repeat(200_000));
    let manifest = br#"{"name": "x", "version": "1.0.0", "main": "index.js"}"#;
    let bytes = tgz(&[("package/package.json", manifest), ("package/index.js", code.as_bytes())]);
    let all = findings("x-1.0.0.tgz", &bytes);
    assert_eq!(found(&all, "kills-the-parser").map(|one| one.confidence), Some(Confidence::Medium), "{all:?}");
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let target = Target { file_name: "x-1.0.0.tgz".into(), ecosystem: None, name: None, version: None };
    let verdict = analyser.analyse(&target, &bytes, &Limits::default(), false).verdict;
    assert!(verdict.coverage.gaps.iter().any(|gap| gap.path == "package/index.js"), "{:?}", verdict.coverage);
    assert_ne!(verdict.decision, model::Decision::Benign);
}

/// A picture of one point.
const PICTURE: &[u8] =
    &[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

#[test]
fn what_stands_behind_a_picture_is_told() {
    let hiding = [PICTURE, "QUJD".repeat(60).as_bytes()].concat();
    let reads = b"import os\nopen(os.path.join(os.path.dirname(__file__), 'logo.png'), 'rb').read()\n".as_slice();
    let all = findings("x-1.tar.gz", &tgz(&[("x-1/x/logo.png", &hiding), ("x-1/x/__init__.py", reads)]));
    let rule = "hides-data-behind-pictures";
    assert_eq!(found(&all, rule).map(|one| one.confidence), Some(Confidence::High), "{all:?}");
    let all = findings("x-1.tar.gz", &tgz(&[("x-1/x/logo.png", &hiding), ("x-1/x/__init__.py", b"a = 1\n")]));
    assert_eq!(found(&all, rule).map(|one| one.confidence), Some(Confidence::Medium), "{all:?}");
    let camera = [PICTURE, &[0x90; 400]].concat();
    for honest in [PICTURE, &camera] {
        let all = findings("x-1.tar.gz", &tgz(&[("x-1/x/logo.png", honest), ("x-1/x/__init__.py", reads)]));
        assert!(found(&all, rule).is_none(), "{all:?}");
    }
}

#[test]
fn an_archive_of_sources_without_sources_is_told() {
    let head: &[(&str, &[u8])] =
        &[("x-1/PKG-INFO", b"Name: x\nVersion: 1\n"), ("x-1/setup.py", b"import setuptools\n")];
    let built: &[(&str, &[u8])] = &[("x-1/x/core.so", b"\x7fELF"), ("x-1/x/core.pyd", b"MZ")];
    let rule = "ships-binaries-as-source";
    let all = findings("x-1.tar.gz", &tgz(&[head, built].concat()));
    assert_eq!(found(&all, rule).map(|one| one.confidence), Some(Confidence::High), "{all:?}");
    let all = findings("x-1.tar.gz", &tgz(&[head, built, &[("x-1/x/core.pyx", b"a = 1\n".as_slice())]].concat()));
    assert!(found(&all, rule).is_none(), "{all:?}");
}
