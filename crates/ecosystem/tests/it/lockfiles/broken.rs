//! Broken and hostile files: what is wrong is said with its line, and never hides the rest.

use std::fmt::Write as _;

use ecosystem::lockfile::{Files, LOCKFILES};
use model::{Address, DependencyGraph, Parsed, Source};

use super::{lines, read_texts};

fn names(parsed: &Parsed<DependencyGraph>) -> Vec<&str> {
    parsed.value.dependencies().map(|(_, package)| package.name.as_str()).collect()
}

/// The problems as `code line`.
fn located(parsed: &Parsed<DependencyGraph>) -> Vec<String> {
    let line = |detail: &str| {
        detail.strip_prefix("line ").and_then(|rest| rest.split_once(':')).map(|(line, _)| line.to_owned())
    };
    parsed.problems.iter().map(|one| format!("{} {}", one.code, line(&one.detail).unwrap_or_default())).collect()
}

#[test]
fn json_goes_on_after_errors() {
    let text = r#"{
  "name": "ship", "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"one": "^1", "two": "^2", "three": "^3"}},
    "node_modules/one": {"version": "1.0.0" "extra": ?},
    "node_modules/two": {"version": "2.0.0, "license": "x"},
    "node_modules/three": {"version": "3.0.0"}
  }
}"#;
    let parsed = read_texts(&[("package-lock.json", text)]);
    assert_eq!(names(&parsed), ["one", "two", "three"]);
    assert!(located(&parsed).contains(&"syntax-error 5".to_owned()), "{:?}", parsed.problems);
    assert!(located(&parsed).contains(&"syntax-error 6".to_owned()), "{:?}", parsed.problems);

    let cut = &text[..text.find("node_modules/three").expect("three")];
    let parsed = read_texts(&[("package-lock.json", cut)]);
    assert_eq!(names(&parsed), ["one", "two"]);
    assert!(located(&parsed).iter().any(|one| one == "missing-package 4"), "{:?}", parsed.problems);
}

#[test]
fn toml_and_yaml_and_lines_go_on_after_errors() {
    let toml = "version = 4\n\n[[package]]\nname = \"one\"\nversion = \"1\"\n\n[[package]\nname = two\n\n[[package]]\nname = \"three\"\nversion = \"3\"\n";
    let parsed = read_texts(&[("Cargo.lock", toml)]);
    let found: Vec<&str> = parsed.value.packages().iter().map(|one| one.name.as_str()).collect();
    assert!(found.contains(&"one") && found.contains(&"three"), "{found:?}");
    assert!(located(&parsed).iter().any(|one| one.starts_with("syntax-error 7")), "{:?}", parsed.problems);

    let yaml = "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      one:\n        specifier: ^1\n        version: 1.0.0\npackages:\n  one@1.0.0:\n    resolution: {integrity: x}\n  two@2.0.0: {a: [}\n  three@3.0.0:\n    resolution: {integrity: x}\n";
    let parsed = read_texts(&[("pnpm-lock.yaml", yaml)]);
    assert_eq!(names(&parsed), ["one", "three"]);
    assert_eq!(located(&parsed), ["syntax-error 11"]);

    let yarn = "one@^1:\n  version \"1.0.0\"\n   odd line of words\n\ntwo@^2:\n  version \"2.0.0\"\n";
    let parsed = read_texts(&[("yarn.lock", yarn), ("package.json", r#"{"name": "ship"}"#)]);
    assert_eq!(names(&parsed), ["one", "two"]);
    assert_eq!(located(&parsed), ["syntax-error 3"]);
}

#[test]
fn entries_of_wrong_types_are_left_out_alone() {
    let text = r#"{"packages": {"": [], "node_modules/a": 1, "node_modules/b": {"version": 2, "dependencies": "x"},
      "node_modules/c": {"version": "1.0.0", "dependencies": {"absent": "*"}, "optionalDependencies": {"other": "*"}}}}"#;
    let parsed = read_texts(&[("package-lock.json", text)]);
    assert_eq!(names(&parsed), ["b", "c"]);
    assert_eq!(located(&parsed), ["malformed-entry 1", "missing-package 2"]);
}

#[test]
fn poisoned_addresses_are_no_registry() {
    let entry = |resolved: &str| {
        let text =
            format!(r#"{{"packages": {{"node_modules/@a/left": {{"version": "1.0.0", "resolved": "{resolved}"}}}}}}"#);
        read_texts(&[("package-lock.json", &text)]).value.packages()[1].source.clone()
    };
    let good = "https://registry.example/npm/@a/left/-/left-1.0.0.tgz";
    assert_eq!(entry(good), Source::Registry(Some(Address::new(good))));
    assert!(matches!(entry("https://registry.example/@a%2fleft/-/left-1.0.0.tgz"), Source::Registry(_)));
    for bad in [
        "https://registry.example/@a/right/-/right-1.0.0.tgz",
        "https://registry.example/@a/left/-/left-6.6.6.tgz",
        "https://files.example/left-1.0.0.tgz",
        "https://user:secret@files.example/left.tgz?token=secret#secret",
    ] {
        assert!(matches!(entry(bad), Source::Url(_)), "{bad}");
        assert!(!format!("{:?}", entry(bad)).contains("secret"), "{bad}");
    }
    assert!(matches!(entry("git+ssh://git@code.example/a/left.git#abc"), Source::Git(_, Some(_))));
    assert!(matches!(entry("file:../left"), Source::Path(_)));
}

#[test]
fn poisoned_files_of_python_are_no_registry() {
    let entry = |address: &str| {
        let text = format!(
            "version = 1\n[[package]]\nname = \"my-thing\"\nversion = \"1.0.0\"\nsource = {{ registry = \"https://registry.example/simple\" }}\nwheels = [{{ url = \"{address}\" }}]\n"
        );
        read_texts(&[("uv.lock", &text)]).value.packages()[0].source.clone()
    };
    assert!(matches!(entry("https://registry.example/a/b/My_Thing-1.0-py3-none-any.whl"), Source::Registry(Some(_))));
    for bad in
        ["https://files.example/other-1.0.0-py3-none-any.whl", "https://files.example/my_thing-6.6.6-py3-none-any.whl"]
    {
        assert_eq!(entry(bad), Source::Url(Address::new(bad)));
    }
    let parsed =
        read_texts(&[("requirements.txt", "--extra-index-url https://me:secret@files.example/simple\none==1\n")]);
    assert_eq!(located(&parsed), ["extra-index 1"]);
    assert!(!parsed.problems[0].detail.contains("secret"));
}

#[test]
fn entries_that_stand_there_twice_are_both_read() {
    let text = r#"{"packages": {"": {"dependencies": {"a": "*"}},
      "node_modules/a": {"version": "1.0.0"}, "node_modules/a": {"version": "6.6.6"}}}"#;
    let parsed = read_texts(&[("package-lock.json", text)]);
    assert_eq!(parsed.value.packages().len(), 3);
    assert_eq!(located(&parsed), ["duplicate-entry 2"]);
    assert_eq!(lines(&parsed.value).into_iter().collect::<Vec<_>>(), [" -> a@6.6.6"]);
}

#[test]
fn what_only_the_old_npm_would_install_is_read_too() {
    let text = r#"{"lockfileVersion": 2, "packages": {"": {"dependencies": {"a": "*", "b": "*"}},
      "node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"version": "1.0.0"}},
      "dependencies": {"a": {"version": "1.0.0"}, "b": {"version": "6.6.6"}, "c": {"version": "npm:d@1.0.0"}}}"#;
    let parsed = read_texts(&[("package-lock.json", text)]);
    assert_eq!(located(&parsed), ["disagreeing-entry 3", "disagreeing-entry 3"]);
    let found: Vec<String> = lines(&parsed.value).into_iter().collect();
    assert_eq!(found, [" -> a@1.0.0", " -> b@1.0.0", " -> b@6.6.6", " -> d@1.0.0"]);
}

#[test]
fn circles_end() {
    let text = r#"{"packages": {"": {"dependencies": {"a": "*"}},
      "node_modules/a": {"version": "1", "dependencies": {"b": "*"}},
      "node_modules/b": {"version": "1", "dependencies": {"a": "*", "b": "*"}}}}"#;
    let parsed = read_texts(&[("package-lock.json", text)]);
    let paths = parsed.value.paths();
    let distances: Vec<_> = parsed.value.dependencies().map(|(id, _)| paths.distance(id)).collect();
    assert_eq!(distances, [Some(1), Some(2)]);
    let circle = [("requirements.txt", "-r a.txt\n"), ("a.txt", "-r requirements.txt\none==1\n")];
    assert_eq!(names(&read_texts(&circle)), ["one"]);
}

#[test]
fn many_packages_and_long_chains_are_read() {
    let mut text = String::from("{\"packages\": {\"\": {\"dependencies\": {\"p0\": \"*\"}}");
    for at in 0..20_000 {
        let next = at + 1;
        let _ = write!(
            text,
            ",\n\"node_modules/p{at}\": {{\"version\": \"1.0.0\", \"dependencies\": {{\"p{next}\": \"*\"}}}}"
        );
    }
    text.push_str(",\n\"node_modules/p20000\": {\"version\": \"1.0.0\"}}}");
    let parsed = read_texts(&[("package-lock.json", &text)]);
    assert_eq!((parsed.value.dependencies().count(), parsed.problems.len()), (20_001, 0));
    let last = parsed.value.dependencies().last().expect("a package").0;
    assert_eq!(parsed.value.paths().to(last).len(), 20_002);
}

#[test]
fn no_nesting_overflows() {
    let mut legacy = "{\"dependencies\": {\"a\": ".to_owned();
    legacy.push_str(&"{\"version\": \"1\", \"dependencies\": {\"a\": ".repeat(5_000));
    let texts = [
        legacy,
        "[".repeat(20_000),
        "{\"a\":".repeat(20_000),
        format!("a = {}", "[".repeat(20_000)),
        "a:\n ".repeat(2_000),
        "- ".repeat(20_000),
        "<a>".repeat(20_000),
        "(".repeat(20_000),
        "&a [*a, *a]\n".repeat(1_000),
    ];
    for text in &texts {
        for format in LOCKFILES {
            format.read(&Files::new("file", text.as_bytes()));
        }
    }
}

#[test]
fn aliases_of_yaml_do_not_multiply_without_end() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for at in 1..12 {
        let before = at - 1;
        let list = vec![format!("*a{before}"); 10].join(", ");
        let _ = writeln!(text, "a{at}: &a{at} [{list}]");
    }
    text.push_str("jobs: {x: {uses: a/b@c}}\n");
    let parsed = read_texts(&[(".github/workflows/x.yml", &text)]);
    assert_eq!(located(&parsed).len(), 1, "{:?}", parsed.problems);
}

#[test]
fn files_of_another_format_are_said_to_be() {
    for (path, text) in [
        ("package-lock.json", "{}"),
        ("package-lock.json", "<html>"),
        ("pnpm-lock.yaml", "[]"),
        ("Cargo.lock", "x = 1"),
        ("bun.lock", "{}"),
        ("go.mod", ""),
        ("pom.xml", "<html></html>"),
        ("bom.json", "{}"),
        ("pylock.toml", ""),
    ] {
        let parsed = read_texts(&[(path, text)]);
        assert!(parsed.problems.iter().any(|one| one.code == "not-this-format"), "{path}: {:?}", parsed.problems);
    }
}

#[test]
fn large_files_of_toml_are_read_in_pieces() {
    let padding = "x".repeat(200_000);
    let mut text = String::from("version = 4\n");
    for at in 0..50 {
        let _ = write!(
            text,
            "\n[[package]]\nname = \"p{at}\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/{padding}\"\n"
        );
        if at == 25 {
            text.push_str("\n[metadata]\n\"x\" = \"y\"\nbroken\n\n");
        }
    }
    let parsed = read_texts(&[("Cargo.lock", &text)]);
    let places: Vec<u32> = parsed.value.packages().iter().map(|one| one.place.line).collect();
    let wanted: Vec<u32> = (0..50).map(|at| 3 + 5 * at + if at > 25 { 5 } else { 0 }).collect();
    assert_eq!(places, wanted);
    assert_eq!(located(&parsed), ["syntax-error 135"]);
}
