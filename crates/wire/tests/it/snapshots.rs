//! Snapshots and deltas: what is written is found again, the same input gives the same bytes, damage never panics.

mod mutation;

use model::{Algorithm, Checksum, Decision, PackageType, Record};
use wire::snapshot::{
    Advisories, Advisory, Delta, Edition, Event, Extent, Fingerprint, Inapplicable, Named, Snapshot, Statement,
    Unusable, build, build_advisories, delta,
};

const EDITION: Edition = Edition { sequence: 7, made: 1_700_000_000, expires: 1_700_600_000 };

fn checksum(algorithm: Algorithm, seed: u32) -> Checksum {
    let bytes = (0..algorithm.size() as u32).map(|at| (seed.wrapping_mul(2_654_435_761) >> (at % 24)) as u8 ^ at as u8);
    Checksum::new(algorithm, bytes.collect()).expect("the right length")
}

fn fingerprint(checksum: &Checksum) -> Fingerprint {
    Fingerprint::try_from(checksum).expect("a strong hash")
}

/// One of many entries that differ in everything.
fn statement(number: u32) -> Statement {
    let name = format!("package-{}-of-{}", number.wrapping_mul(2_654_435_761) % 100_003, number);
    let extent = match number % 4 {
        0 => Extent { every: true, ..Extent::default() },
        1 => Extent { versions: vec!["1.0.1".into(), "1.0.0".into()], ..Extent::default() },
        2 => Extent {
            ranges: vec![vec![Event::Introduced("0".into()), Event::LastAffected("2.0.0".into())]],
            ..Extent::default()
        },
        _ => Extent { digests: vec![fingerprint(&checksum(Algorithm::Sha256, number))], ..Extent::default() },
    };
    let package = (number % 8 != 7).then_some(Named { kind: PackageType::NPM, name: name.clone() });
    let record = Record {
        id: if number.is_multiple_of(10) { format!("GHSA-ab{number:x}-cdef") } else { format!("MAL-2026-{number:06}") },
        decision: if number.is_multiple_of(5) { Decision::Suspicious } else { Decision::Malicious },
        reason: format!("Malicious code in {} (npm)", if package.is_some() { &name } else { "an archive" }),
        source: ["first", "second"][number as usize % 2].into(),
        reviewer: number.is_multiple_of(2).then(|| "Somebody".into()),
        at: "2026-01-31T23:59:59Z".into(),
        held: number.is_multiple_of(7).then(|| "popular".into()),
    };
    Statement { package, record, extent, rank: number % 2 }
}

fn many(count: u32) -> Vec<Statement> {
    (0..count).map(statement).collect()
}

fn built(statements: &[Statement]) -> Snapshot<Vec<u8>> {
    let snapshot = Snapshot::open(build(EDITION, statements).expect("it fits")).expect("a snapshot");
    snapshot.verify().expect("whole");
    snapshot
}

#[test]
fn every_entry_is_found_again_whole() {
    let statements = many(2_000);
    let snapshot = built(&statements);
    assert_eq!((snapshot.edition(), snapshot.records()), (EDITION, 2_000));
    for statement in &statements {
        let mut extent = statement.extent.clone();
        extent.versions.sort();
        match &statement.package {
            Some(Named { kind, name }) => {
                let found: Vec<_> = snapshot.package(kind.as_str(), name).collect();
                assert_eq!(found.len(), 1, "{name}");
                assert_eq!(found[0].record(name), statement.record);
                let cut = |digest: &Fingerprint| digest.to_string()[..7 + 32].to_owned();
                let digests: Vec<String> = extent.digests.iter().map(cut).collect();
                let kept = found[0].extent();
                assert_eq!(kept.digests.iter().map(Fingerprint::to_string).collect::<Vec<_>>(), digests);
                assert_eq!((kept.every, kept.versions, kept.ranges), (extent.every, extent.versions, extent.ranges));
            }
            None => assert!(!extent.digests.is_empty()),
        }
    }
}

#[test]
fn bytes_are_known_with_and_without_a_package() {
    let snapshot = built(&many(64));
    for number in (0..64).filter(|number| number % 4 == 3) {
        let found = snapshot.artifact(&checksum(Algorithm::Sha256, number));
        assert_eq!(found.len(), 1, "{number}");
        let (package, entry) = &found[0];
        assert_eq!(package, &statement(number).package);
        let name = package.as_ref().map_or("", |package| package.name.as_str());
        assert_eq!(entry.record(name).id, statement(number).record.id);
    }
}

#[test]
fn a_long_digest_is_known_as_well_and_a_broken_hash_never() {
    let long = checksum(Algorithm::Sha512, 9);
    let mut one = statement(3);
    one.extent.digests = vec![fingerprint(&long), fingerprint(&checksum(Algorithm::Sha256, 9))];
    let snapshot = built(&[one]);
    assert_eq!(snapshot.artifact(&long).len(), 1);
    assert_eq!(snapshot.artifact(&checksum(Algorithm::Sha256, 9)).len(), 1);
    assert!(snapshot.artifact(&checksum(Algorithm::Sha1, 9)).is_empty());
    assert!(Fingerprint::try_from(&checksum(Algorithm::Md5, 9)).is_err());
}

#[test]
fn what_is_absent_is_not_found() {
    let snapshot = built(&many(5_000));
    for number in 0..5_000 {
        assert!(snapshot.package("npm", &format!("honest-{number}")).next().is_none());
        assert!(snapshot.artifact(&checksum(Algorithm::Sha256, 10_000 + number)).is_empty());
    }
    let name = statement(0).package.expect("a package").name;
    assert!(snapshot.package("npm", &name).next().is_some());
    assert!(snapshot.package("pypi", &name).next().is_none());
    assert!(snapshot.package("npm", &name[..name.len() - 1]).next().is_none());
    assert!(snapshot.package("npm", &format!("{name}x")).next().is_none());
}

#[test]
fn the_order_of_the_input_does_not_matter() {
    let mut statements = many(500);
    let first = build(EDITION, &statements).expect("it fits");
    statements.reverse();
    statements.extend(many(20));
    assert_eq!(build(EDITION, &statements).expect("it fits"), first);
}

#[test]
fn nothing_is_a_snapshot_too() {
    let snapshot = built(&[]);
    assert!(snapshot.package("npm", "a").next().is_none());
    assert!(snapshot.artifact(&checksum(Algorithm::Sha256, 1)).is_empty());
    assert_eq!(snapshot.statements().count(), 0);
}

#[test]
fn what_is_read_builds_the_same_again() {
    let snapshot = built(&many(700));
    let again: Vec<Statement> = snapshot.statements().collect();
    assert_eq!(build(EDITION, &again).expect("it fits"), snapshot.bytes());
}

#[test]
fn a_delta_leads_to_the_bytes_of_a_new_build() {
    let old = built(&many(3_000));
    // Some go, some come, one says something else.
    let mut now: Vec<Statement> = many(3_500).into_iter().filter(|one| one.record.id != "MAL-2026-000010").collect();
    now[100].record.decision = Decision::Benign;
    now[100].record.reason = "It was looked at again.".into();
    let edition = Edition { sequence: 8, made: EDITION.made + 1, ..EDITION };
    let new = Snapshot::open(build(edition, &now).expect("it fits")).expect("a snapshot");
    let packed = delta(&old, &new).expect("it fits");
    let read = Delta::open(&packed, 1 << 30).expect("a delta");
    assert_eq!((read.base(), read.edition()), (7, edition));
    assert!(read.apply(&old).expect("it applies") == new.bytes(), "the bytes differ");
}

#[test]
fn a_delta_of_a_thousand_entries_is_small() {
    let old = built(&many(2_000));
    let new = built(&many(3_000));
    let packed = delta(&old, &new).expect("it fits");
    assert!(packed.len() < 100_000, "{} bytes", packed.len());
}

#[test]
fn a_delta_is_for_its_base_only() {
    let (old, other, new) = (built(&many(10)), built(&many(11)), built(&many(12)));
    let packed = delta(&old, &new).expect("it fits");
    let read = Delta::open(&packed, 1 << 30).expect("a delta");
    assert_eq!(read.apply(&other), Err(Inapplicable::OtherBase { wanted: 7, has: 7 }));
    assert!(Delta::open(&packed, 100).is_err(), "larger than allowed");
}

#[test]
fn damage_is_named() {
    let whole = build(EDITION, &many(50)).expect("it fits");
    let open = |bytes: &[u8]| Snapshot::open(bytes.to_vec()).and_then(|snapshot| snapshot.verify());
    assert_eq!(open(&whole), Ok(()));
    assert_eq!(open(b"something else"), Err(Unusable::Foreign));
    let should = whole.len() as u64;
    assert_eq!(open(&whole[..whole.len() - 1]), Err(Unusable::Length { has: should - 1, should }));
    for at in [30, 120, 200, whole.len() - 1] {
        let mut broken = whole.clone();
        broken[at] ^= 1;
        assert_eq!(open(&broken), Err(Unusable::Content), "byte {at}");
    }
    let mut other = whole;
    other[8] = 9;
    assert_eq!(open(&other), Err(Unusable::Version(9)));
}

#[test]
fn a_million_entries_would_fit_into_forty_megabytes() {
    let snapshot = built(&many(20_000));
    let each = snapshot.bytes().len() as f64 / 20_000.0;
    assert!(each < 40.0, "{each:.1} bytes an entry");
}

#[test]
fn vulnerabilities_have_a_file_of_their_own() {
    let of = |name: &str| Named { kind: PackageType::PYPI, name: name.into() };
    let advisory = |id: &str| Advisory {
        id: id.into(),
        aliases: vec!["CVE-2026-1".into()],
        summary: "It reads beyond the end.".into(),
        severity: "high".into(),
        cvss: Some(7.5),
        extent: Extent { ranges: vec![vec![Event::Introduced("0".into())]], ..Extent::default() },
    };
    let all = [(of("b"), advisory("X-2")), (of("a"), advisory("X-1")), (of("b"), advisory("X-1"))];
    let bytes = build_advisories(EDITION, &all).expect("it fits");
    assert_eq!(Snapshot::open(bytes.clone()).err(), Some(Unusable::Foreign));
    let file = Advisories::open(bytes).expect("a file");
    file.verify().expect("whole");
    assert_eq!((file.records(), file.edition()), (3, EDITION));
    assert_eq!(file.package("pypi", "b"), [advisory("X-1"), advisory("X-2")]);
    assert!(file.package("npm", "b").is_empty());
}
