//! Honest archives of every format, and the tree's own questions.

use artifact::{Format, Limits, Tree, open, open_named};
use testkit::archive::{Entry, TarEntry, bzip2, gem, gzip, tar, tar_end, tgz, xz, zip, zstd};

const FILES: &[Entry<'_>] = &[("package/package.json", b"{}"), ("package/lib/index.js", b"module.exports = 1\n")];

fn tree(bytes: &[u8]) -> Tree {
    let parsed = open(bytes, &Limits::default()).expect("opens");
    assert_eq!(parsed.problems, []);
    assert_eq!(parsed.value.gaps, []);
    parsed.value
}

#[test]
fn every_format_gives_the_same_files() {
    let stream = tar(FILES);
    let all = [
        (Format::Tar, stream.clone()),
        (Format::TarGz, gzip(&stream)),
        (Format::TarBz2, bzip2(&stream)),
        (Format::TarXz, xz(&stream)),
        (Format::TarZst, zstd(&stream)),
        (Format::Zip, zip(FILES)),
    ];
    for (format, bytes) in all {
        let tree = tree(&bytes);
        assert_eq!(tree.format, format);
        let files: Vec<Entry<'_>> = tree.files.iter().map(|file| (file.path.as_str(), &*file.bytes)).collect();
        assert_eq!(files, FILES, "{format}");
    }
}

#[test]
fn a_single_packed_file_is_one_file() {
    for (name, bytes) in [("a.txt.gz", gzip(b"hi")), ("a.txt.bz2", bzip2(b"hi")), ("a.txt.xz", xz(b"hi"))] {
        let parsed = open_named(&bytes, name, &Limits::default()).expect("opens");
        assert_eq!(parsed.problems, []);
        assert_eq!(parsed.value.file("a.txt").map(|file| &*file.bytes), Some(&b"hi"[..]));
    }
}

#[test]
fn what_is_no_archive_is_one_file_of_its_own_name() {
    let parsed = open_named(b"print(1)\n", "some/folder/setup.py", &Limits::default()).expect("opens");
    assert_eq!(parsed.problems, []);
    assert_eq!(parsed.value.format, Format::RawFile);
    assert_eq!(parsed.value.files.len(), 1);
    assert_eq!(parsed.value.files[0].path, "setup.py");
}

#[test]
fn a_gem_shows_its_payload() {
    let tree = tree(&gem("--- !ruby/object:Gem::Specification\nname: x\n", &[("lib/x.rb", b"puts 1\n")]));
    assert_eq!(tree.format, Format::Gem);
    let code = tree.file("data.tar.gz!lib/x.rb").expect("the payload is open");
    assert_eq!((code.depth, code.nested, code.name()), (1, false, "x.rb"));
    assert!(tree.file("data.tar.gz").expect("the payload is there").nested);
    assert!(tree.file("metadata.gz!metadata").is_some());
}

#[test]
fn the_common_top_folder_is_found() {
    let tree = tree(&tgz(FILES));
    assert_eq!(tree.root(), Some("package"));
    assert_eq!(tree.inside("package.json").map(|file| &*file.bytes), Some(&b"{}"[..]));
    let flat = self::tree(&tgz(&[("a/x", b"1"), ("b/y", b"2")]));
    assert_eq!(flat.root(), None);
    assert!(flat.inside("a/x").is_some());
}

#[test]
fn the_root_is_that_of_the_artifact_and_not_of_what_is_nested() {
    let inner = tgz(&[("other/x.py", b"x")]);
    let tree = tree(&tgz(&[("package/package.json", b"{}"), ("package/inner.tgz", &inner)]));
    assert_eq!(tree.root(), Some("package"));
    assert!(tree.file("package/inner.tgz!other/x.py").is_some());
}

#[test]
fn executables_are_known() {
    let tool = TarEntry { mode: 0o755, ..TarEntry::file("bin/tool", b"#!/bin/sh\n") };
    let bytes = [tool.build(), TarEntry::file("lib/x", b"x").build(), tar_end()].concat();
    let marks: Vec<bool> = tree(&bytes).files.iter().map(|file| file.executable).collect();
    assert_eq!(marks, [true, false]);
}

#[test]
fn a_shadowed_file_says_so() {
    let parsed = open(&tgz(&[("a", b"1"), ("a", b"2")]), &Limits::default()).expect("opens");
    let shadowed: Vec<bool> = parsed.value.files.iter().map(|file| file.shadowed).collect();
    assert_eq!(shadowed, [true, false]);
    assert_eq!(parsed.value.file("a").map(|file| &*file.bytes), Some(&b"2"[..]));
}

#[test]
fn problems_of_one_kind_are_counted_when_they_are_many() {
    let names: Vec<String> = (0..200).map(|at| format!("../{at}")).collect();
    let files: Vec<Entry<'_>> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let parsed = open(&tgz(&files), &Limits::default()).expect("opens");
    assert_eq!(parsed.value.files.len(), 200);
    assert_eq!(parsed.problems.len(), 51);
    assert_eq!(parsed.problems[50].detail, "150 more of this kind");
}
