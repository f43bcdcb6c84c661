use std::cmp::Ordering;

use ecosystem::registry;
use model::{Ecosystem, Version};
use proptest::prelude::*;

fn version(text: &str) -> Version {
    Version(text.to_owned())
}

fn ascends(ecosystem: Ecosystem, versions: &[&str]) {
    for (at, one) in versions.iter().enumerate() {
        for other in &versions[at + 1..] {
            assert_eq!(registry(ecosystem).order(&version(one), &version(other)), Ordering::Less, "{one} {other}");
            assert_eq!(registry(ecosystem).order(&version(other), &version(one)), Ordering::Greater, "{other} {one}");
        }
    }
}

#[test]
fn versions_are_ordered_as_their_ecosystem_orders_them() {
    ascends(Ecosystem::Npm, &["nonsense", "0.9.0", "1.0.0-alpha.2", "1.0.0-alpha.10", "1.0.0", "1.9.0", "1.10.0"]);
    ascends(Ecosystem::Cargo, &["nonsense", "0.9.0", "1.0.0-rc.1", "1.0.0", "1.10.0"]);
    ascends(
        Ecosystem::Pypi,
        &["2004d", "0.9", "1.0.dev1", "1.0a1", "1.0rc1", "1.0", "1.0.post1", "1.9", "1.10", "1!0.1"],
    );
    ascends(
        Ecosystem::Gem,
        &["0.9", "1.0.a", "1.0.a.2", "1.0.b1", "1.0.rc1", "1.0", "1.0.1", "1.9", "1.10", "1.99999999999999999999999"],
    );
}

#[test]
fn spellings_of_one_version_are_the_same() {
    let same = |ecosystem, one: &str, other: &str| registry(ecosystem).same_version(&version(one), &version(other));
    assert!(same(Ecosystem::Pypi, "1.0", "1.0.0"));
    assert!(same(Ecosystem::Pypi, "1.0-RC.1", "1.0rc1"));
    assert!(!same(Ecosystem::Pypi, "1.0", "1.0.1"));
    assert!(same(Ecosystem::Gem, "1.0", "1"));
    assert!(same(Ecosystem::Gem, "1.0.0.a", "1.a"));
    assert!(same(Ecosystem::Npm, "v1.0.0", "1.0.0"));
    assert!(!same(Ecosystem::Cargo, "1.0", "1.0.0"));
}

#[test]
fn pre_releases_are_known() {
    let table = [
        (Ecosystem::Npm, "1.0.0", "1.0.0-beta"),
        (Ecosystem::Cargo, "1.0.0+b", "1.0.0-beta"),
        (Ecosystem::Pypi, "1.0.post1", "1.0.dev2"),
        (Ecosystem::Gem, "1.0.0", "1.0.0.pre"),
    ];
    for (ecosystem, plain, pre) in table {
        assert!(!registry(ecosystem).is_prerelease(&version(plain)), "{plain}");
        assert!(registry(ecosystem).is_prerelease(&version(pre)), "{pre}");
    }
}

proptest! {
    #[test]
    fn orders_are_total(texts in prop::collection::vec("[0-9]{0,2}(\\.[0-9a-z]{0,3}){0,3}(-[a-z0-9.]{0,4})?", 3)) {
        let [a, b, c] = [0, 1, 2].map(|at| version(&texts[at]));
        for ecosystem in Ecosystem::ALL {
            let order = |one: &Version, other: &Version| registry(ecosystem).order(one, other);
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &b) == Ordering::Equal, a == b);
            if order(&a, &b) != Ordering::Greater && order(&b, &c) != Ordering::Greater {
                prop_assert_ne!(order(&a, &c), Ordering::Greater);
            }
        }
    }
}
