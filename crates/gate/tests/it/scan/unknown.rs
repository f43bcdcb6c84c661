//! Packages that nobody knows, and what the database knows of them.

use gate::scan::{FailOn, Request};
use model::{Algorithm, Answer, Basis, Decision};
use testkit::registry::{Fault, Published};
use wire::{Exit, scan::Checked};

use super::{Entries, Project, npm_lock, tarball};
use crate::fake::User;

#[test]
fn unknown_packages_are_analysed_by_the_hash_of_the_lockfile() {
    let project = Project::new();
    project.registry.publish(Published::new("npm", "one", "1.0.0", "one"));
    project.registry.publish(Published::new("npm", "two", "2.0.0", "two"));
    let at = |name, version| tarball(&project.registry, name, version);
    let lock = npm_lock(&[
        ("one", "1.0.0", at("one", "1.0.0"), Some(b"one")),
        ("two", "2.0.0", at("two", "2.0.0"), Some(b"other")),
    ]);
    project.file("package-lock.json", lock);
    let seen = project.scan(|_| {});
    assert_eq!((seen.get("one").decision, &seen.get("one").checked), (Decision::Benign, &Checked::Analysis));
    let two = seen.get("two");
    assert_eq!((two.decision, two.ruling.answer), (Decision::Unknown, Answer::Block), "{}", seen.terminal);
    assert_eq!(seen.codes("two"), ["integrity-mismatch"]);
    assert!(two.analyses.is_empty(), "bytes with another hash are not analysed");
    assert_eq!(seen.exit, Exit::Malicious);
    assert!(seen.terminal.ends_with("1 not checked\n"), "{}", seen.terminal);
}

#[test]
fn what_was_analysed_once_needs_no_network() {
    let project = Project::new();
    project.registry.publish(Published::new("npm", "one", "1.0.0", "one"));
    project.file(
        "package-lock.json",
        npm_lock(&[("one", "1.0.0", tarball(&project.registry, "one", "1.0.0"), Some(b"one"))]),
    );
    let offline = |request: &mut Request| request.offline = true;
    let seen = project.scan(offline);
    assert_eq!((seen.exit, seen.get("one").decision), (Exit::Incomplete, Decision::Unknown), "{}", seen.terminal);
    assert_eq!(project.scan(|_| {}).exit, Exit::Clean);
    project.registry.forget();
    let seen = project.scan(offline);
    assert_eq!((seen.exit, seen.get("one").decision), (Exit::Clean, Decision::Benign));
    assert!(project.registry.seen().is_empty());
}

#[test]
fn the_database_speaks_first_and_again_of_the_bytes() {
    let digest = net::hash(Algorithm::Sha256, b"two").to_string();
    let database = Entries::default().with("npm/one@1.0.0", Basis::Version, Decision::Malicious).with(
        digest,
        Basis::Digest,
        Decision::Malicious,
    );
    let project = Project::new().knowing(database);
    project.registry.publish(Published::new("npm", "two", "2.0.0", "two"));
    let at = |name, version| tarball(&project.registry, name, version);
    let lock = npm_lock(&[
        ("one", "1.0.0", at("one", "1.0.0"), Some(b"one")),
        ("two", "2.0.0", at("two", "2.0.0"), Some(b"two")),
    ]);
    project.file("package-lock.json", lock);
    let seen = project.scan(|_| {});
    for name in ["one", "two"] {
        let package = seen.get(name);
        assert_eq!(
            (package.decision, package.ruling.answer),
            (Decision::Malicious, Answer::Block),
            "{}",
            seen.terminal
        );
        assert_eq!(package.checked, Checked::Database);
    }
    assert!(!project.registry.seen().iter().any(|one| one.path.contains("/one")), "what is known is not downloaded");
    assert!(seen.terminal.contains("database 7 of 2026-02-01T23:53:20Z"), "{}", seen.terminal);
}

#[test]
fn without_analysis_the_unknown_stay_unknown_and_fail_only_when_asked() {
    let project = Project::new();
    project.file("purls.txt", "pkg:npm/one@1.0.0\npkg:golang/example.org/thing@v1.0.0\n");
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.exit, Exit::Clean);
    assert!(seen.terminal.ends_with("2 not checked\n"), "{}", seen.terminal);
    let seen = project.scan(|request| {
        request.analyze = false;
        request.fail_on = vec![FailOn::Unknown];
    });
    assert_eq!((seen.exit, seen.incomplete.len()), (Exit::Incomplete, 1));
}

#[test]
fn a_cut_network_is_said_once_and_ends_in_time() {
    let project = Project::new();
    let list: String = (0..200).map(|at| format!("pkg:npm/p{at}@1.0.0\n")).collect();
    project.file("purls.txt", list);
    project.registry.fail("/npm/", Fault::Reset, 0);
    let mut vars = project.user.vars.clone();
    vars.insert("npm_config_registry".into(), "http://127.0.0.1:9/".into());
    let project = Project { user: User { vars, ..project.user }, ..project };
    let seen = project.scan(|_| {});
    assert_eq!((seen.exit, seen.packages.len()), (Exit::Incomplete, 200));
    assert!(seen.terminal.contains("cannot be reached"), "{}", seen.terminal);
    assert!(seen.terminal.ends_with("200 not checked\n"), "{}", seen.terminal);
}
