use gate::inspect::TargetError;
use testkit::registry::{Fault, Manners, Published, Registry};

use crate::fake::{User, inspect};

const TARGETS: [&str; 4] = ["npm:thing@1.0.0", "pypi:thing@1.0.0", "cargo:thing@1.0.0", "gem:thing@1.0.0"];

fn registry() -> Registry {
    let registry = Registry::start();
    for ecosystem in ["npm", "pypi", "cargo", "gem"] {
        registry.publish(Published::new(ecosystem, "thing", "1.0.0", format!("{ecosystem}, and some more bytes")));
    }
    registry
}

/// The part of a path that only a download has.
fn file_of(target: &str) -> &'static str {
    match target.split(':').next() {
        Some("cargo") => "/dl/",
        Some("gem") => "/gems/",
        _ => "/files/",
    }
}

#[tokio::test]
async fn unknown_names_and_versions_say_what_there_is() {
    let registry = registry();
    let user = User::of(&registry);
    for ecosystem in ["npm", "pypi", "cargo", "gem"] {
        let error = user.trouble(&format!("{ecosystem}:nowhere")).await;
        assert!(matches!(error, TargetError::UnknownPackage { .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("has no {ecosystem} package named nowhere; check the spelling")),
            "{error}"
        );
        let error = user.trouble(&format!("{ecosystem}:thing@9.9.9")).await;
        assert_eq!(error.to_string(), "thing has no version 9.9.9; the newest is 1.0.0");
        assert!(!error.is_usage());
    }
    let error = user.trouble("pkg:gem/thing@1.0.0?platform=java").await;
    assert_eq!(error.to_string(), "thing 1.0.0 has no gem for java; it has thing-1.0.0.gem");
}

#[tokio::test]
async fn mistakes_of_the_user_are_told_from_misfortune() {
    let user = User::of(&registry());
    for text in ["pkg:npm", "pkg:maven/a", "express", "npm:a b", "npm:x@"] {
        assert!(user.trouble(text).await.is_usage(), "{text}");
    }
    for text in ["./nowhere", "/nowhere/at/all", "some/where", "nowhere.tgz"] {
        let error = user.trouble(text).await;
        assert!(matches!(error, TargetError::NoFile(_)) && !error.is_usage(), "{text}: {error}");
    }
}

#[tokio::test]
async fn every_fault_of_a_registry_has_its_sentence() {
    let table = [
        (Fault::Status(500), "is out of order (HTTP 500)"),
        (Fault::RetryAfter(429, "7200".into()), "asks to slow down (HTTP 429) for 7200 seconds"),
        (Fault::Html, "answered with a web page instead of package data; check the registry's address"),
        (Fault::Body("{\"half\":".into()), "the registry's answer is malformed"),
        (Fault::Truncated, "broke off after"),
    ];
    for (fault, sentence) in table {
        for target in TARGETS {
            let registry = registry();
            registry.fail("thing", fault.clone(), 99);
            let error = User::of(&registry).trouble(target).await.to_string();
            assert!(error.contains(sentence), "{target} {fault:?}: {error}");
        }
    }
}

#[tokio::test]
async fn every_fault_of_a_download_has_its_sentence() {
    let table = [
        (Fault::Garbled, "are not those that the registry published: expected sha"),
        (Fault::Truncated, "broke off after"),
        (Fault::Html, "are not those that the registry published"),
        (Fault::Status(404), "does not exist (HTTP 404)"),
    ];
    for (fault, sentence) in table {
        for target in TARGETS {
            let registry = registry();
            registry.fail(file_of(target), fault.clone(), 99);
            let user = User::of(&registry);
            let error = user.trouble(target).await.to_string();
            assert!(error.contains(sentence), "{target} {fault:?}: {error}");
            // Nothing of it is kept.
            registry.fail(file_of(target), Fault::Status(404), 0);
            assert!(!user.cache().join("artifacts").exists());
        }
    }
}

#[tokio::test]
async fn a_passing_fault_is_no_fault() {
    for target in TARGETS {
        let registry = registry();
        registry.fail("thing", Fault::Status(502), 1).fail(file_of(target), Fault::Truncated, 1);
        assert_eq!(User::of(&registry).load(target).await.map(|parts| parts.len()).ok(), Some(1), "{target}");
    }
}

#[tokio::test]
async fn an_index_without_its_configuration_is_told() {
    let registry = registry();
    registry.fail("config.json", Fault::Html, 99);
    let error = User::of(&registry).trouble("cargo:thing").await.to_string();
    assert!(error.contains("web page instead of package data"), "{error}");
}

#[tokio::test]
async fn quarantine_is_told() {
    let registry = registry();
    registry.fail(
        "simple/thing",
        Fault::Body("{\"files\": [], \"project-status\": {\"status\": \"quarantined\"}}".into()),
        9,
    );
    let error = User::of(&registry).trouble("pypi:thing").await.to_string();
    assert!(error.contains("has put thing in quarantine: it is suspected to be malware"), "{error}");
}

#[tokio::test]
async fn withdrawn_releases_come_with_a_note() {
    let registry = registry();
    for ecosystem in ["npm", "pypi", "cargo"] {
        registry.publish(Published::new(ecosystem, "bad", "1.0.0", "bad").yanked("it steals"));
    }
    let user = User::of(&registry);
    for (target, note) in [
        ("npm:bad@1.0.0", "the registry marks this release: deprecated: it steals"),
        ("pypi:bad@1.0.0", "the registry marks this release: yanked: it steals"),
        ("cargo:bad@1.0.0", "the registry marks this release: yanked"),
    ] {
        // The second time it comes from the cache.
        for _ in 0..2 {
            let loaded = user.load(target).await.unwrap_or_else(|error| panic!("{target}: {error}"));
            assert_eq!(loaded[0].notes, [note], "{target}");
        }
    }
}

#[tokio::test]
async fn one_bad_target_stops_no_other() {
    let registry = registry();
    registry.publish(Published::new("npm", "deadly", "1.0.0", "panic"));
    registry.fail("pypi/files", Fault::Garbled, 99);
    let user = User::of(&registry);
    let targets = ["npm:deadly", "pypi:thing", "nonsense", "gem:nowhere", "cargo:thing", "npm:thing", "./no/file"];
    let results = inspect(&user.inspector(), &targets).await;
    let fine: Vec<_> = results.iter().map(|one| one.result.is_ok()).collect();
    assert_eq!(fine, [false, false, false, false, true, true, false]);
    let labels: Vec<_> = results.iter().skip(1).map(|one| one.label.as_str()).collect();
    assert_eq!(labels[..3], ["pkg:pypi/thing@1.0.0", "nonsense", "gem:nowhere"]);
    assert!(matches!(results[0].result, Err(TargetError::Fault(_))));
    assert_eq!(results[0].label, "pkg:npm/deadly@1.0.0");
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_other() {
    let registry = registry();
    registry
        .publish(Published::new("pypi", "two", "1.0", "sdist"))
        .publish(Published::new("pypi", "two", "1.0", "wheel").named("two-1.0-py3-none-any.whl"));
    registry.fail("two-1.0.tar.gz", Fault::Garbled, 99);
    let user = User::of(&registry);
    let results = inspect(&user.inspector(), &["pypi:two"]).await;
    assert_eq!(results.iter().map(|one| one.result.is_ok()).collect::<Vec<_>>(), [false, true]);
    // A release of which a part is missing is asked for again.
    registry.behave(Manners::default());
    registry.forget();
    inspect(&user.inspector(), &["pypi:two@1.0"]).await;
    assert!(registry.seen().iter().any(|one| one.path.contains("simple/two")));
}

#[tokio::test]
async fn without_a_registry_the_sentence_says_what_to_set() {
    let registry = registry();
    let mut user = User::of(&registry);
    user.vars.remove("BUNDLE_MIRROR__ALL");
    let error = user.trouble("gem:thing").await.to_string();
    assert!(error.contains("install RubyGems") && error.contains("lazaret.toml"), "{error}");
}
