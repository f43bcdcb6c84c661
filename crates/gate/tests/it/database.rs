//! The database of verdicts as doors ask it.

mod import;
mod update;

use gate::{
    database::Database,
    verdicts::{Question, Verdicts},
};
use model::{Algorithm, Basis, Checksum, Decision, PackageType, Record};
use wire::snapshot::{Edition, Event, Extent, Fingerprint, Named, Statement, build};

const EDITION: Edition = Edition { sequence: 3, made: 1_700_000_000, expires: 1_700_600_000 };

/// An entry of a source about an npm package.
fn statement(source: &str, id: &str, name: &str, extent: Extent) -> Statement {
    let record = Record {
        id: id.into(),
        decision: Decision::Malicious,
        reason: format!("Malicious code in {name}"),
        source: source.into(),
        reviewer: None,
        at: "2026-01-31T23:59:59Z".into(),
        held: None,
    };
    Statement { package: Some(Named { kind: PackageType::NPM, name: name.into() }), record, extent, rank: 0 }
}

fn versions(versions: &[&str]) -> Extent {
    Extent { versions: versions.iter().map(|one| (*one).to_owned()).collect(), ..Extent::default() }
}

fn every() -> Extent {
    Extent { every: true, ..Extent::default() }
}

/// A database in a file that lives as long as the folder.
fn database(statements: &[Statement]) -> (Database, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("verdicts");
    std::fs::write(&path, build(EDITION, statements).expect("it fits")).expect("written");
    (Database::open(&path).expect("a database"), folder)
}

fn asked(database: &Database, name: &str, version: Option<&str>) -> Vec<(String, Basis)> {
    let question = Question { kind: &PackageType::NPM, name, version, checksums: &[] };
    database.lookup(&question).into_iter().map(|known| (known.record.id, known.basis)).collect()
}

#[test]
fn versions_ranges_and_whole_packages_are_told_apart() {
    let range = vec![Event::Introduced("1.0.0".into()), Event::Fixed("1.10.0".into())];
    let (database, _folder) = database(&[
        statement("a", "exact", "one", versions(&["1.2.3"])),
        statement("a", "range", "two", Extent { ranges: vec![range], ..Extent::default() }),
        statement("a", "every", "three", every()),
    ]);
    assert_eq!(asked(&database, "one", Some("1.2.3")), [("exact".into(), Basis::Version)]);
    assert_eq!(asked(&database, "one", Some("1.2.4")), []);
    assert_eq!(asked(&database, "one", None), []);
    assert_eq!(asked(&database, "two", Some("1.9.0")), [("range".into(), Basis::Range)]);
    assert_eq!(asked(&database, "two", Some("1.10.0")), []);
    assert_eq!(asked(&database, "three", Some("9.9.9")), [("every".into(), Basis::Package)]);
    assert_eq!(asked(&database, "three", None), [("every".into(), Basis::Package)]);
    assert_eq!(asked(&database, "four", Some("1.0.0")), []);
}

#[test]
fn bytes_are_known_under_any_name() {
    let checksum = Checksum::new(Algorithm::Sha512, vec![7; 64]).expect("a digest");
    let digests = vec![Fingerprint::try_from(&checksum).expect("a strong hash")];
    let (database, _folder) = database(&[
        statement("a", "one", "one", Extent { digests: digests.clone(), ..versions(&["1.0.0"]) }),
        Statement { package: None, ..statement("b", "loose", "an archive", Extent { digests, ..Extent::default() }) },
    ]);
    let question = Question { kind: &PackageType::NPM, name: "other", version: Some("5.0.0"), checksums: &[checksum] };
    let known = database.lookup(&question);
    let ids: Vec<&str> = known.iter().map(|one| one.record.id.as_str()).collect();
    assert_eq!(known.len(), 2, "{known:?}");
    assert!(ids.contains(&"one") && ids.contains(&"loose"));
    assert!(known.iter().all(|one| one.basis == Basis::Digest));
    assert!(known.iter().any(|one| one.record.reason == "Malicious code in one"));
    // The same entry by name and by bytes is one.
    let question = Question { name: "one", version: Some("1.0.0"), ..question };
    assert_eq!(database.lookup(&question).len(), 2);
}

#[test]
fn the_weightiest_and_most_trusted_is_first() {
    let milder = |mut one: Statement| {
        one.record.decision = Decision::Suspicious;
        one
    };
    let held = |mut one: Statement| {
        one.record.held = Some("nobody else says so".into());
        one
    };
    let (database, _folder) = database(&[
        milder(statement("a", "suspicious", "p", versions(&["1.0.0"]))),
        held(statement("a", "held", "p", every())),
        statement("b", "every", "p", every()),
        statement("b", "exact", "p", versions(&["1.0.0"])),
        statement("c", "trusted", "p", every()),
    ]);
    let ids = |database: &Database| -> Vec<String> {
        asked(database, "p", Some("1.0.0")).into_iter().map(|(id, _)| id).collect()
    };
    assert_eq!(ids(&database)[0], "exact");
    let database = database.trusting(vec!["c".into()]);
    assert_eq!(ids(&database), ["trusted", "exact", "every", "suspicious", "held"]);
}

#[test]
fn the_users_own_entries_are_asked_as_well() {
    let (database, _folder) = database(&[]);
    let database = database.with_own(&[statement("own", "mine", "p", every())]).expect("it fits");
    assert_eq!(asked(&database, "p", Some("1.0.0")), [("mine".into(), Basis::Package)]);
    let freshness = database.freshness().expect("a database");
    assert_eq!((freshness.sequence, freshness.made, freshness.entries), (3, EDITION.made, 1));
    assert!(Database::default().freshness().is_none());
}
