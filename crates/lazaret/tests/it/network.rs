//! `lazaret inspect` on packages of a registry on loopback.

use testkit::registry::{Fault, Published, Registry};

use crate::{User, clean, malicious};

/// A user whose registries are those of the loopback server.
pub fn user_of(registry: &Registry) -> User {
    let user = User::new();
    let tables =
        ["npm", "pypi", "cargo", "gem"].map(|one| format!("[registries.{one}]\nurl = \"{}\"\n", registry.url(one)));
    user.file("lazaret.toml", tables.concat());
    user
}

#[test]
fn packages_are_fetched_verified_and_named_with_their_version() {
    let registry = Registry::start();
    registry
        .publish(Published::new("npm", "plain", "1.0.0", clean()))
        .publish(Published::new("npm", "plain", "1.2.0", clean()))
        .publish(Published::new("pypi", "evil", "1.0", malicious()));
    let user = user_of(&registry);
    user.run(&["inspect", "pkg:npm/plain"]).ended(0, &["pkg:npm/plain@1.2.0"]);
    user.run(&["inspect", "npm:plain@1.0.0"]).ended(0, &["pkg:npm/plain@1.0.0"]);
    user.run(&["inspect", "npm:plain", "pypi:evil"]).ended(20, &["pkg:pypi/evil@1.0", "1 malicious, 1 benign"]);
}

#[test]
fn the_same_bytes_come_once() {
    let registry = Registry::start();
    registry.publish(Published::new("npm", "plain", "1.0.0", clean()));
    let user = user_of(&registry);
    let downloads = || registry.seen().iter().filter(|one| one.path.ends_with(".tgz")).count();
    user.run(&["inspect", "npm:plain@1.0.0"]).ended(0, &[]);
    user.run(&["inspect", "npm:plain@1.0.0"]).ended(0, &[]);
    assert_eq!(downloads(), 1);
    user.run(&["inspect", "--fresh", "npm:plain@1.0.0"]).ended(0, &[]);
    assert_eq!(downloads(), 2);
    user.run(&["cache", "status"]).ended(0, &["artifacts"]);
    user.run(&["cache", "clear"]).ended(0, &["deleted"]);
    user.run(&["inspect", "npm:plain@1.0.0"]).ended(0, &[]);
    assert_eq!(downloads(), 3);
}

#[test]
fn each_trouble_has_its_sentence_and_stops_no_other_target() {
    let registry = Registry::start();
    registry
        .publish(Published::new("npm", "plain", "1.0.0", clean()))
        .publish(Published::new("npm", "garbled", "1.0.0", clean()))
        .publish(Published::new("npm", "page", "1.0.0", clean()))
        .publish(Published::new("npm", "closed", "1.0.0", clean()))
        .fail("garbled-1.0.0.tgz", Fault::Garbled, 99)
        .fail("/page", Fault::Html, 99)
        .fail("/closed", Fault::Status(403), 99);
    let user = user_of(&registry);
    let troubles = [
        ("npm:no-such-package", "has no npm package named no-such-package", "unknown-package"),
        ("npm:plain@9.9.9", "has no version 9.9.9", "unknown-version"),
        ("npm:garbled", "not those that the registry", "hash-mismatch"),
        ("npm:page", "cannot be used", "unusable-answer"),
        ("npm:closed", "refuses access", "access-denied"),
    ];
    for (target, sentence, code) in troubles {
        user.run(&["inspect", target, "npm:plain"]).ended(3, &["COULD NOT BE GOT", sentence, code, "1 benign"]);
    }
}

#[test]
fn a_withdrawn_version_says_so() {
    let registry = Registry::start();
    registry.publish(Published::new("pypi", "plain", "1.0", clean()).yanked("broken on some systems"));
    let user = user_of(&registry);
    user.run(&["inspect", "pypi:plain@1.0"]).ended(0, &["note:", "broken on some systems"]);
}

#[test]
fn without_a_registry_the_advice_names_what_to_set() {
    let user = User::new();
    user.run(&["inspect", "npm:plain"]).ended(3, &["no registry for npm is known", "lazaret.toml"]);
}
