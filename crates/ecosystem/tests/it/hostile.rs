use ecosystem::{
    Page, Wanted, cargo, gem,
    lockfile::{Files, LOCKFILES},
    npm, pypi, registry,
};
use model::Ecosystem;
use proptest::prelude::*;
use url::Url;

/// Whatever comes, reading ends without a panic.
fn read_everything(bytes: &[u8]) {
    let base = Url::parse("https://registry.example/").expect("an address");
    for ecosystem in Ecosystem::ALL {
        let registry = registry(ecosystem);
        let name = registry.name("thing").expect("a name");
        let page = Page { url: &base, base: &base, content_type: "", body: bytes, configuration: Some(bytes) };
        let _ = registry.read_metadata(&name, &page);
        let _ = registry.read_release(&name, &page);
        let config = Page { configuration: Some(br#"{"dl": "https://files.example"}"#), ..page };
        if let Ok(package) = registry.read_metadata(&name, &config) {
            let newest = package.value.newest(registry);
            newest.into_iter().for_each(|release| _ = registry.select(release));
        }
    }
    npm::manifest::read(bytes);
    pypi::manifest::read_metadata(bytes);
    pypi::manifest::read_pyproject(bytes);
    pypi::manifest::read_setup_cfg(bytes);
    pypi::manifest::read_entry_points(bytes);
    cargo::manifest::read(bytes);
    gem::manifest::read_yaml(bytes);
    gem::manifest::read_gemspec(bytes);
    // A seventh of the formats each time: over many inputs each meets all kinds.
    for format in LOCKFILES.iter().skip(bytes.len() % 7).step_by(7) {
        let mut files = Files::new("folder/file", bytes);
        for wanted in format.wants(&files) {
            files.add(&wanted, bytes);
        }
        let graph = format.read(&files).value;
        let paths = graph.paths();
        graph.dependencies().for_each(|(id, package)| _ = (paths.to(id), package.purl()));
    }
    let _ = Wanted::parse(&String::from_utf8_lossy(bytes));
}

#[test]
fn deep_nesting_is_refused_by_the_readers() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("a = [", "]"), ("<a ", ">"), ("%w[", "]"), ("'", "'")] {
        read_everything(format!("{}{}", open.repeat(100_000), close.repeat(100_000)).as_bytes());
    }
}

const SEEDS: &[&[u8]] = &[
    include_bytes!("../../../../fixtures/npm/packument.json"),
    include_bytes!("../../../../fixtures/npm/package.json"),
    include_bytes!("../../../../fixtures/pypi/simple.html"),
    include_bytes!("../../../../fixtures/pypi/simple.json"),
    include_bytes!("../../../../fixtures/pypi/PKG-INFO"),
    include_bytes!("../../../../fixtures/pypi/setup.cfg"),
    include_bytes!("../../../../fixtures/cargo/index.jsonl"),
    include_bytes!("../../../../fixtures/cargo/Cargo.toml"),
    include_bytes!("../../../../fixtures/gem/info.txt"),
    include_bytes!("../../../../fixtures/gem/metadata.yaml"),
    include_bytes!("../../../../fixtures/gem/thing.gemspec"),
    include_bytes!("../../../../fixtures/lockfiles/npm-v1/package-lock.json"),
    include_bytes!("../../../../fixtures/lockfiles/npm-v3/package-lock.json"),
    include_bytes!("../../../../fixtures/lockfiles/pnpm-7/pnpm-lock.yaml"),
    include_bytes!("../../../../fixtures/lockfiles/pnpm-9/pnpm-lock.yaml"),
    include_bytes!("../../../../fixtures/lockfiles/yarn1/yarn.lock"),
    include_bytes!("../../../../fixtures/lockfiles/berry/yarn.lock"),
    include_bytes!("../../../../fixtures/lockfiles/bun/bun.lock"),
    include_bytes!("../../../../fixtures/lockfiles/deno/deno.lock"),
    include_bytes!("../../../../fixtures/lockfiles/cargo-v4/Cargo.lock"),
    include_bytes!("../../../../fixtures/lockfiles/pipenv/Pipfile.lock"),
    include_bytes!("../../../../fixtures/lockfiles/cyclonedx-npm/bom.json"),
];

/// A cut out of a good document, put somewhere else in it, as often as the list is long.
fn mutated(seed: usize, cuts: &[(usize, usize, usize, u8)]) -> Vec<u8> {
    let mut bytes = SEEDS[seed % SEEDS.len()].to_vec();
    for (from, length, to, sign) in cuts {
        let from = from % bytes.len();
        let until = (from + length % 40).min(bytes.len());
        let mut piece: Vec<u8> =
            if sign % 3 == 0 { bytes.drain(from..until).collect() } else { bytes[from..until].to_vec() };
        if sign % 5 == 0 {
            piece.push(*sign);
        }
        let to = to % (bytes.len() + 1);
        bytes.splice(to..to, piece);
        if bytes.is_empty() {
            bytes.push(*sign);
        }
    }
    bytes
}

/// Mutates good documents for as long as `LAZARET_FUZZ_SECONDS` says; without it, a few hundred times.
#[test]
fn mutated_documents_never_panic() {
    let seconds = std::env::var("LAZARET_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(seconds);
    let cuts = prop::collection::vec((any::<usize>(), any::<usize>(), any::<usize>(), any::<u8>()), 1..12);
    let mut runner = proptest::test_runner::TestRunner::default();
    loop {
        let run = runner.run(&(any::<usize>(), &cuts), |(seed, cuts)| {
            read_everything(&mutated(seed, &cuts));
            Ok(())
        });
        run.expect("no panic");
        if std::time::Instant::now() >= until {
            return;
        }
    }
}

proptest! {
    #[test]
    fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_everything(&bytes);
    }

    #[test]
    fn nothing_panics_on_likely_texts(text in "(thing|-|\\.|<a |href=|'|\"|&#x?[0-9]{0,3};|&amp|é|%w\\[|\\[|\\{|\"versions\"|:|,|\\}|\\]|1\\.0|\\||checksum:|\n| |@|pkg:|npm|/|==|%4){0,60}") {
        read_everything(text.as_bytes());
    }
}
