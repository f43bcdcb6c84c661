//! Signed documents: what is forged, replayed or signed by the wrong key is refused.

use model::Digest;
use wire::trust::{FileInfo, Manifest, Refused, Role, Root, SigningKey};

fn key() -> SigningKey {
    SigningKey::generate().expect("a key")
}

fn manifest() -> Manifest {
    let file = FileInfo { name: "edition-1.verdicts".into(), size: 10, sha256: Digest([1; 32]) };
    Manifest::new(1, 1_900_000_000, 1, file)
}

#[test]
fn what_the_right_key_signed_is_read_again() {
    let (owner, publisher) = (key(), key());
    let root = Root::new(1_900_000_000, Role::of(owner.public()), Role::of(publisher.public()));
    let signed = root.sign(&[&owner]);
    assert_eq!(Root::trusted(&signed), Ok(root.clone()));
    assert_eq!(Root::pinned(&signed, &[owner.public()]), Ok(root.clone()));
    assert_eq!(root.manifest(&manifest().sign(&[&publisher])), Ok(manifest()));
}

#[test]
fn another_key_signs_nothing() {
    let (owner, publisher, other) = (key(), key(), key());
    let root = Root::new(0, Role::of(owner.public()), Role::of(publisher.public()));
    let refused = |what| Refused::Unsigned { what, valid: 0, needed: 1 };
    assert_eq!(root.manifest(&manifest().sign(&[&other, &owner])), Err(refused("the manifest")));
    assert_eq!(Root::trusted(&root.sign(&[&other])), Err(refused("the root")));
    assert_eq!(Root::pinned(&root.sign(&[&owner]), &[other.public()]), Err(refused("the root")));
}

#[test]
fn a_changed_document_is_refused_and_a_reordered_one_is_not() {
    let publisher = key();
    let root = Root::new(0, Role::of(publisher.public()), Role::of(publisher.public()));
    let signed = String::from_utf8(manifest().sign(&[&publisher])).expect("UTF-8");
    let changed = signed.replace("\"sequence\": 1", "\"sequence\": 2");
    assert_ne!(changed, signed);
    assert!(matches!(root.manifest(changed.as_bytes()), Err(Refused::Unsigned { .. })));
    let added = signed.replace("\"sequence\": 1", "\"more\": 1, \"sequence\": 1");
    assert!(matches!(root.manifest(added.as_bytes()), Err(Refused::Unsigned { .. })));
    let moved = signed.replace("\"sequence\": 1,", "").replace("\"version\": 1,", "\"sequence\": 1, \"version\": 1,");
    assert_eq!(root.manifest(moved.as_bytes()), Ok(manifest()));
    assert!(matches!(root.manifest(b"[]"), Err(Refused::Malformed(..))));
    assert!(matches!(root.manifest(&root.sign(&[&publisher])), Err(Refused::Malformed(..))), "a root is no manifest");
}

#[test]
fn one_key_cannot_sign_twice() {
    let (one, two) = (key(), key());
    let role = Role { threshold: 2, keys: vec![one.public(), two.public()] };
    let root = Root::new(0, role.clone(), role);
    let unsigned = Refused::Unsigned { what: "the root", valid: 1, needed: 2 };
    assert_eq!(Root::trusted(&root.sign(&[&one, &one])), Err(unsigned));
    assert!(Root::trusted(&root.sign(&[&one, &two])).is_ok());
    let twice = Role { threshold: 2, keys: vec![one.public(), one.public()] };
    let root = Root::new(0, twice.clone(), twice);
    assert_eq!(Root::trusted(&root.sign(&[&one, &one])), Err(Refused::Threshold { threshold: 2, keys: 1 }));
}

#[test]
fn keys_change_hands_only_with_both_signatures() {
    let (old, new, publisher) = (key(), key(), key());
    let first = Root::new(0, Role::of(old.public()), Role::of(publisher.public()));
    let second = Root { version: 2, root: Role::of(new.public()), ..first.clone() };
    assert_eq!(first.next(&second.sign(&[&old, &new])), Ok(second.clone()));
    assert!(matches!(first.next(&second.sign(&[&new])), Err(Refused::Unsigned { .. })));
    assert!(matches!(first.next(&second.sign(&[&old])), Err(Refused::Unsigned { .. })));
    let skipped = Root { version: 3, ..second };
    assert_eq!(first.next(&skipped.sign(&[&old, &new])), Err(Refused::NotNext { found: 3, wanted: 2 }));
}

#[test]
fn keys_are_read_again_and_never_shown() {
    let one = key();
    let again = SigningKey::from_text(&one.to_text()).expect("a key");
    assert_eq!(again.public(), one.public());
    assert_eq!(one.public().to_string().parse(), Ok(one.public()));
    assert!(!format!("{one:?}").contains(&one.to_text().lines().nth(1).expect("a line")[..32]));
    assert!(SigningKey::from_text("nothing").is_err());
}
