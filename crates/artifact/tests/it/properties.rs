//! Whatever the bytes are: no panic, no ceiling exceeded, no path outside the root, the same answer each time.

use artifact::{Limits, open};
use proptest::{collection::vec, prelude::*, sample::Index};
use testkit::archive::{self, Entry, hostile};

const SMALL: Limits =
    Limits { total_bytes: 256 << 10, file_bytes: 16 << 10, entries: 200, depth: 3, ratio: 500, name_bytes: 300 };

/// Opens bytes and checks everything that must always hold.
fn check(bytes: &[u8]) {
    let Ok(parsed) = open(bytes, &SMALL) else { return };
    let tree = &parsed.value;
    assert!(tree.files.len() as u64 <= SMALL.entries, "more files than entries may be");
    for file in &tree.files {
        assert!(file.bytes.len() as u64 <= SMALL.file_bytes, "{} is too large", file.path);
        assert!(file.depth <= SMALL.depth, "{} is too deep", file.path);
    }
    let paths = tree.files.iter().map(|file| &file.path).chain(tree.links.iter().map(|link| &link.path));
    for path in paths {
        for level in path.split('!') {
            assert!(!level.starts_with('/') && !level.contains('\\'), "{path:?} is not relative");
            assert!(level.split('/').all(|part| part != ".." && part != "."), "{path:?} may leave the root");
        }
    }
    let again = open(bytes, &SMALL).expect("it opened before");
    assert_eq!(again.problems, parsed.problems);
    assert_eq!(again.value.files, tree.files);
}

fn seeds() -> Vec<Vec<u8>> {
    let files: &[Entry<'_>] = &[("package/a.js", b"let a = 1\n"), ("package/b/c.py", b"b = 2\n"), ("package/e", b"")];
    let tar = archive::tar(files);
    vec![
        archive::gzip(&tar),
        archive::bzip2(&tar),
        archive::xz(&tar),
        archive::zstd(&tar),
        archive::zip(files),
        archive::gem("--- x\n", files),
        archive::tgz(&[("p/inner.zip", &archive::zip(files)), ("p/inner.tgz", &archive::tgz(files))]),
        tar,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn arbitrary_bytes(bytes in vec(any::<u8>(), 0..4096)) {
        check(&bytes);
    }

    #[test]
    fn mutated_archives(which in any::<Index>(), edits in vec((any::<Index>(), any::<u8>()), 1..12), cut in any::<Index>()) {
        let seeds = seeds();
        let mut bytes = which.get(&seeds).clone();
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        check(&bytes);
    }

    #[test]
    fn arbitrary_tar_fields(name in vec(any::<u8>(), 0..100), kind in any::<u8>(), size in vec(any::<u8>(), 12), link in vec(any::<u8>(), 0..100), data in vec(any::<u8>(), 0..1500)) {
        let entry = archive::TarEntry { name, kind, size: Some(size), link, data, ..archive::TarEntry::file("", b"") };
        check(&[entry.build(), archive::TarEntry::file("after.py", b"x").build(), archive::tar_end()].concat());
    }

    #[test]
    fn arbitrary_pax(payload in vec(any::<u8>(), 0..600), kind in prop_oneof![Just(b'x'), Just(b'g'), Just(b'L'), Just(b'K')]) {
        let meta = archive::TarEntry { kind, ..archive::TarEntry::file("meta", &payload) };
        check(&[meta.build(), archive::TarEntry::file("after.py", b"x").build(), archive::tar_end()].concat());
    }
}

#[test]
fn hostile_recipes_keep_small_limits_too() {
    for case in hostile() {
        check(&case.build.build());
    }
}

/// Mutates seeds and recipes for as long as `LAZARET_FUZZ_SECONDS` says; without it, a few hundred times.
#[test]
fn long_mutation_run() {
    let seconds = std::env::var("LAZARET_FUZZ_SECONDS").ok().and_then(|text| text.parse::<u64>().ok());
    let until = seconds.map(|seconds| std::time::Instant::now() + std::time::Duration::from_secs(seconds));
    let mut seeds = seeds();
    seeds.extend(hostile().iter().map(|case| case.build.build()).filter(|bytes| bytes.len() < 64 << 10));
    let (mut dice, mut rounds) = (Dice(0x1a2a_4e70), 0u64);
    while until.map_or(rounds < 400, |until| std::time::Instant::now() < until) {
        rounds += 1;
        let mut bytes = seeds[dice.below(seeds.len())].clone();
        mutate(&mut bytes, &seeds, &mut dice);
        check(&bytes);
    }
    println!("{rounds} mutations");
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    for _ in 0..=dice.below(6) {
        let at = dice.below(bytes.len().max(1));
        match dice.below(7) {
            _ if bytes.is_empty() => bytes.push(dice.byte()),
            0 => bytes[at] = dice.byte(),
            1 => bytes[at] ^= 1 << dice.below(8),
            2 => bytes.truncate(at),
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len().max(1)).min(other.len());
                bytes.splice(at..at, other[from..].iter().copied());
            }
            4 => {
                let end = (at + dice.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let end = (at + 4).min(bytes.len());
                let value: u8 = [0, 0xff, 0x80, 0x7f][dice.below(4)];
                bytes[at..end].fill(value);
            }
            _ => fix_checksums(bytes),
        }
        bytes.truncate(256 << 10);
    }
}

/// Gives every block that looks like a tar header a right checksum, so that mutations get behind that wall.
fn fix_checksums(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].copy_from_slice(b"        ");
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}

/// A small generator (xorshift) with a fixed seed: every run is the same.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 8) as usize % bound
    }

    fn byte(&mut self) -> u8 {
        (self.next() >> 16) as u8
    }
}
