use std::sync::{Arc, atomic::Ordering};

use gate::inspect::{Inspector, Options};
use testkit::registry::{Manners, Published, Registry};

use crate::fake::{Counter, User, inspect};

fn full() -> Registry {
    let registry = Registry::start();
    for version in ["1.9.0", "1.10.0"] {
        registry.publish(Published::new("npm", "thing", version, format!("npm {version}")));
        registry.publish(
            Published::new("npm", "@scope/thing", version, format!("scoped {version}"))
                .named(&format!("s-{version}.tgz")),
        );
        registry.publish(Published::new("cargo", "Some-Crate", version, format!("crate {version}")));
        registry.publish(Published::new("gem", "thing", version, format!("gem {version}")));
        registry.publish(
            Published::new("pypi", "Some.Thing", version, format!("sdist {version}"))
                .named(&format!("some_thing-{version}.tar.gz")),
        );
    }
    let wheel = |tags: &str| {
        Published::new("pypi", "Some.Thing", "1.10.0", tags).named(&format!("some_thing-1.10.0-{tags}.whl"))
    };
    registry.publish(wheel("cp312-cp312-win_amd64"));
    registry.publish(wheel("py3-none-any"));
    registry.publish(Published::new("gem", "thing", "1.10.0", "java").named("thing-1.10.0-java.gem"));
    registry
}

async fn loaded(user: &User, text: &str) -> Vec<(String, String)> {
    let loaded = user.load(text).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    loaded.into_iter().map(|one| (one.label, String::from_utf8(one.bytes).expect("a text"))).collect()
}

#[tokio::test]
async fn every_registry_gives_what_it_published() {
    let registry = full();
    let table = [
        ("pkg:npm/thing@1.9.0", vec![("pkg:npm/thing@1.9.0", "npm 1.9.0")]),
        ("npm:thing", vec![("pkg:npm/thing@1.10.0", "npm 1.10.0")]),
        ("npm:thing@latest", vec![("pkg:npm/thing@1.10.0", "npm 1.10.0")]),
        ("pkg:npm/%40scope/thing@1.9.0", vec![("pkg:npm/%40scope/thing@1.9.0", "scoped 1.9.0")]),
        ("cargo:some_crate", vec![("pkg:cargo/Some-Crate@1.10.0", "crate 1.10.0")]),
        ("pkg:cargo/some-crate@1.9.0", vec![("pkg:cargo/Some-Crate@1.9.0", "crate 1.9.0")]),
        ("gem:thing", vec![("pkg:gem/thing@1.10.0", "gem 1.10.0")]),
        ("pkg:gem/thing@1.10?platform=java", vec![("pkg:gem/thing@1.10.0", "java")]),
        ("pypi:some_thing@1.9", vec![("pkg:pypi/some-thing@1.9.0", "sdist 1.9.0")]),
        (
            "pkg:pypi/some.thing?file_name=some_thing-1.10.0-cp312-cp312-win_amd64.whl",
            vec![("pkg:pypi/some-thing@1.10.0", "cp312-cp312-win_amd64")],
        ),
        (
            "pypi:some_thing",
            vec![
                ("pkg:pypi/some-thing@1.10.0 (some_thing-1.10.0.tar.gz)", "sdist 1.10.0"),
                ("pkg:pypi/some-thing@1.10.0 (some_thing-1.10.0-py3-none-any.whl)", "py3-none-any"),
            ],
        ),
    ];
    let manners = [
        Manners::default(),
        Manners {
            html_only: true,
            lists_only: true,
            download: Some("{base}/cargo/files/{crate}-{version}.crate".into()),
            ..Manners::default()
        },
    ];
    for manners in manners {
        registry.behave(manners);
        let user = User::of(&registry);
        for (text, expected) in &table {
            let expected: Vec<_> =
                expected.iter().map(|(label, bytes)| ((*label).to_owned(), (*bytes).to_owned())).collect();
            assert_eq!(loaded(&user, text).await, expected, "{text}");
        }
    }
}

#[tokio::test]
async fn what_was_had_once_needs_no_network_again() {
    let registry = full();
    let user = User::of(&registry);
    let targets = ["npm:thing@1.9.0", "cargo:some-crate@1.9.0", "gem:thing@1.9", "pypi:some-thing@1.10"];
    let first = inspect(&user.inspector(), &targets).await;
    assert_eq!(first.len(), 5);
    assert!(first.iter().all(|one| one.result.is_ok() && !one.cached), "{first:?}");
    drop(registry);
    let inspector = user.inspector();
    let second = inspect(&inspector, &targets).await;
    assert!(second.iter().all(|one| one.cached));
    let labels = |all: &[gate::inspect::Inspected]| all.iter().map(|one| one.label.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&first), labels(&second));
    assert_eq!(inspector.analyst().count.load(Ordering::Relaxed), 0);
    let verdict = &second[0].result.as_ref().expect("an analysis").verdict;
    assert_eq!(verdict.artifact.release.as_ref().expect("a release").to_string(), "pkg:npm/thing@1.9.0");

    // Other rules see the same bytes anew, without the network.
    let analyst = Counter { ruleset: "other".into(), ..Counter::default() };
    let other = Arc::new(Inspector::new(analyst, user.options()));
    assert!(inspect(&other, &targets).await.iter().all(|one| one.result.is_ok() && !one.cached));
    assert_eq!(other.analyst().count.load(Ordering::Relaxed), 5);

    // Asked for fresh, the network is missed.
    let fresh = Arc::new(Inspector::new(Counter::default(), Options { fresh: true, ..user.options() }));
    assert!(inspect(&fresh, &targets).await.iter().all(|one| one.result.is_err()));
}

#[tokio::test]
async fn known_bytes_are_not_downloaded_again_for_the_newest() {
    let registry = full();
    let user = User::of(&registry);
    let targets = ["npm:thing", "cargo:some-crate", "gem:thing", "pypi:some-thing"];
    inspect(&user.inspector(), &targets).await;
    registry.forget();
    assert!(inspect(&user.inspector(), &targets).await.iter().all(|one| one.cached));
    let seen = registry.seen();
    assert_eq!(seen.len(), 5, "lists and one configuration: {seen:?}");
    let is_file = |path: &str| ["/files/", "/dl/", "/gems/"].iter().any(|part| path.contains(part));
    assert!(!seen.iter().any(|one| is_file(&one.path)), "{seen:?}");
}

#[tokio::test]
async fn the_same_target_twice_is_work_once() {
    let registry = full();
    let inspector = User::of(&registry).inspector();
    let results = inspect(&inspector, &["npm:thing@1.9.0"; 6]).await;
    assert_eq!(results.iter().filter(|one| one.result.is_ok()).count(), 6);
    assert_eq!(registry.seen().iter().filter(|one| one.path.contains("/files/")).count(), 1);
    assert_eq!(inspector.analyst().count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn tokens_open_a_private_registry_and_go_nowhere_else() {
    let (private, public) = (full(), full());
    private.behave(Manners { authorization: Some("Bearer hunter2".into()), ..Manners::default() });
    let mut user = User::of(&public);
    user.vars.insert("npm_config_@scope:registry".into(), private.url("npm"));
    assert!(user.trouble("npm:@scope/thing").await.to_string().contains("none are configured for this host"));
    let place = private.url("npm").replace("http:", "");
    user.vars.insert(format!("npm_config_{place}:_authToken"), "hunter2".into());
    assert_eq!(loaded(&user, "npm:@scope/thing").await[0].1, "scoped 1.10.0");
    assert_eq!(loaded(&user, "npm:thing").await[0].1, "npm 1.10.0");
    assert!(public.seen().iter().all(|one| one.header("authorization").is_none()));
    assert!(!public.seen().iter().any(|one| one.path.contains("scope")), "a scope is asked of its own registry only");
    user.vars.insert(format!("npm_config_{place}:_authToken"), "wrong".into());
    let text = user.trouble("npm:@scope/thing@1.9.0").await.to_string();
    assert!(text.contains("are not accepted") && !text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn further_indexes_are_asked_for_what_the_first_lacks() {
    let (first, second) = (full(), Registry::start());
    second.publish(Published::new("pypi", "rare", "1.0", "rare"));
    let mut user = User::of(&first);
    user.vars.insert("PIP_EXTRA_INDEX_URL".into(), second.url("pypi"));
    assert_eq!(loaded(&user, "pypi:rare").await, [("pkg:pypi/rare@1.0".to_owned(), "rare".to_owned())]);
    let text = user.trouble("pypi:nowhere").await.to_string();
    assert!(text.contains(&first.url("pypi")), "{text}");
}
