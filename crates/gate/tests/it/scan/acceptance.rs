//! The project of the acceptance: one planted package of every sort, in every format, with and without network.

use gate::scan::Request;
use model::{Algorithm, Answer, Basis, Decision};
use testkit::registry::Published;
use wire::Exit;

use super::{Entries, Project, Seen, npm_lock, tarball};

const POLICY: &str = "version: 1
extends: default
exceptions:
  - package: pkg:npm/odd-looking@1.0.0
    rules: [suspicious]
    owner: ana@team.example
    reason: looked at by hand
    expires: 2026-01-01
";

/// The lockfile's entries: name, and bytes.
const PACKAGES: [(&str, &[u8]); 6] = [
    ("planted-by-name", b"known by its name"),
    ("planted-by-hash", b"known by its hash"),
    ("inert-specimen", b"malicious"),
    ("odd-looking", b"suspicious"),
    ("poisoned", b"from elsewhere"),
    ("harmless", b"plain"),
];

fn project() -> Project {
    let digest = net::hash(Algorithm::Sha256, b"known by its hash").to_string();
    let database = Entries::default().with("npm/planted-by-name@1.0.0", Basis::Version, Decision::Malicious).with(
        digest,
        Basis::Digest,
        Decision::Malicious,
    );
    let project = Project { policy: POLICY.into(), ..Project::new().knowing(database) };
    let entry = |(name, bytes): (&'static str, &'static [u8])| {
        project.registry.publish(Published::new("npm", name, "1.0.0", bytes));
        let address = match name {
            "poisoned" => tarball(&project.registry, "another", "1.0.0"),
            _ => tarball(&project.registry, name, "1.0.0"),
        };
        (name, "1.0.0", address, Some(bytes))
    };
    let packages: Vec<_> = PACKAGES.into_iter().map(entry).collect();
    project.file("package-lock.json", npm_lock(&packages));
    project
}

fn assert_right(seen: &Seen) {
    let expected = [
        ("planted-by-name", Decision::Malicious, Answer::Block),
        ("planted-by-hash", Decision::Malicious, Answer::Block),
        ("inert-specimen", Decision::Malicious, Answer::Block),
        ("odd-looking", Decision::Suspicious, Answer::Warn),
        ("poisoned", Decision::Benign, Answer::Block),
        ("harmless", Decision::Benign, Answer::Allow),
    ];
    for (name, decision, answer) in expected {
        let package = seen.get(name);
        assert_eq!((package.decision, package.ruling.answer), (decision, answer), "{name} in {}", seen.terminal);
    }
    assert_eq!(seen.exit, Exit::Malicious);
    for (format, bytes) in &seen.formats {
        let text = String::from_utf8_lossy(bytes);
        for (name, ..) in expected.iter().filter(|(_, _, answer)| *answer == Answer::Block) {
            assert!(text.contains(name), "{name} is missing in {format}:\n{text}");
        }
    }
}

#[test]
fn every_sort_of_package_gets_its_result_in_every_format() {
    let project = project();
    let seen = project.scan(|_| {});
    assert_right(&seen);
    assert!(seen.terminal.starts_with("BLOCKED"), "{}", seen.terminal);
    assert!(
        seen.terminal.contains("the exception for pkg:npm/odd-looking@1.0.0 ended on 2026-01-01"),
        "{}",
        seen.terminal
    );
    assert!(seen.terminal.ends_with("\n0 not checked\n"), "{}", seen.terminal);
    let document: serde_json::Value = serde_json::from_slice(seen.format("json")).expect("JSON");
    assert_eq!(document["summary"]["exit_code"], 20);
    assert_eq!(document["summary"]["blocked"], 4);
}

#[test]
fn with_the_network_cut_the_database_the_files_and_the_cache_still_speak() {
    let offline = |request: &mut Request| request.offline = true;
    let project = project();
    let seen = project.scan(offline);
    for (name, decision, answer) in [
        ("planted-by-name", Decision::Malicious, Answer::Block),
        ("planted-by-hash", Decision::Unknown, Answer::Allow),
        ("inert-specimen", Decision::Unknown, Answer::Allow),
        ("poisoned", Decision::Unknown, Answer::Block),
    ] {
        let package = seen.get(name);
        assert_eq!((package.decision, package.ruling.answer), (decision, answer), "{name} in {}", seen.terminal);
    }
    assert_eq!(seen.exit, Exit::Malicious);
    assert!(seen.terminal.ends_with("\n5 not checked\n"), "{}", seen.terminal);
    assert!(project.registry.seen().is_empty(), "offline asks nobody");
    project.scan(|_| {});
    project.registry.forget();
    assert_right(&project.scan(offline));
    assert!(project.registry.seen().is_empty());
}
