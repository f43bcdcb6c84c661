use ecosystem::{Page, Wanted, cargo, gem, npm, pypi, registry};
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
    let _ = Wanted::parse(&String::from_utf8_lossy(bytes));
}

#[test]
fn deep_nesting_is_refused_by_the_readers() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("a = [", "]"), ("<a ", ">"), ("%w[", "]"), ("'", "'")] {
        read_everything(format!("{}{}", open.repeat(100_000), close.repeat(100_000)).as_bytes());
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
