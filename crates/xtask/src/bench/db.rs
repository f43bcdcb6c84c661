//! `cargo xtask bench db [ENTRIES]`: the size of a snapshot of made-up entries (a million by default), what a look-up in it
//! costs, and the size of a delta of a thousand.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use anyhow::Context;
use model::{Algorithm, Checksum, Decision, PackageType, Record};
use sandbox::Mapping;
use wire::snapshot::{Delta, Edition, Event, Extent, Fingerprint, Named, Snapshot, Statement, build, delta};

const LOOKUPS: u32 = 200_000;
const SYLLABLES: [&str; 32] = [
    "ab", "bar", "con", "dev", "el", "form", "graph", "http", "in", "json", "kit", "log", "map", "net", "ob", "parse",
    "query", "re", "sys", "test", "ui", "vue", "web", "xml", "yaml", "zip", "auth", "cli", "data", "env", "fs", "go",
];

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let count: u32 = arguments.first().map_or(Ok(1_000_000), |text| text.parse()).context("it is no number")?;
    let edition = |sequence| Edition { sequence, made: 1_790_000_000, expires: 1_790_600_000 };
    let statements: Vec<Statement> = (0..count).map(statement).collect();
    let digests: usize = statements.iter().map(|one| one.extent.digests.len()).sum();
    let start = Instant::now();
    let bytes = build(edition(1), &statements)?;
    println!(
        "{count} entries, {digests} digests: {:.2} MB ({:.1} bytes an entry), built in {:.1?}",
        bytes.len() as f64 / 1e6,
        bytes.len() as f64 / f64::from(count),
        start.elapsed()
    );
    drop(statements);
    let path = std::env::temp_dir().join(format!("lazaret-bench-{}.verdicts", std::process::id()));
    std::fs::write(&path, &bytes)?;
    let start = Instant::now();
    let snapshot = Snapshot::open(Mapping::open(&path)?)?;
    println!("opened in {:.1?}", start.elapsed());
    let start = Instant::now();
    snapshot.verify()?;
    println!("verified in {:.1?}", start.elapsed());
    look_up(&snapshot, count);
    changes(&snapshot, edition(2), count)?;
    drop(snapshot);
    std::fs::remove_file(&path)?;
    Ok(())
}

fn look_up(snapshot: &Snapshot<Mapping>, count: u32) {
    let known: Vec<String> = (0..LOOKUPS).map(|at| name(spread(at) % count)).collect();
    let unknown: Vec<String> = known.iter().map(|name| format!("{name}-x")).collect();
    let digests: Vec<Checksum> = (0..LOOKUPS).map(|at| digest(spread(at) % count / 10 * 10 + 3)).collect();
    let others: Vec<Checksum> = (0..LOOKUPS).map(|at| digest(count + at)).collect();
    let mut hits = 0_u64;
    let kind = PackageType::NPM;
    print_time("known purl, to its whole entry", || {
        for name in &known {
            for entry in snapshot.package(kind.as_str(), name) {
                hits += 1;
                black_box(entry.record(name));
            }
        }
    });
    print_time("unknown purl", || {
        for name in &unknown {
            hits += black_box(snapshot.package(kind.as_str(), name)).count() as u64;
        }
    });
    print_time("known digest, to its whole entry", || {
        for digest in &digests {
            for (package, entry) in snapshot.artifact(digest) {
                hits += 1;
                black_box(entry.record(package.as_ref().map_or("", |package| &package.name)));
            }
        }
    });
    print_time("unknown digest", || {
        for digest in &others {
            hits += black_box(snapshot.artifact(digest)).len() as u64;
        }
    });
    println!("{hits} hits in {} look-ups", 4 * LOOKUPS);
}

/// The best of five rounds: the machine is shared, and the first one brings the pages into memory.
fn print_time(what: &str, mut round: impl FnMut()) {
    let times: Vec<Duration> = (0..5)
        .map(|_| {
            let start = Instant::now();
            round();
            start.elapsed()
        })
        .collect();
    let best = times.iter().min().copied().unwrap_or_default();
    let each = |time: Duration| time.as_nanos() as f64 / f64::from(LOOKUPS);
    println!("{what}: {:.0} ns (first round {:.0} ns)", each(best), each(times[0]));
}

fn changes(old: &Snapshot<Mapping>, edition: Edition, count: u32) -> anyhow::Result<()> {
    let statements: Vec<Statement> = (0..count + 1_000).map(statement).collect();
    let new = Snapshot::open(build(edition, &statements)?)?;
    let packed = delta(old, &new)?;
    println!("a delta of 1000 entries: {:.1} kB", packed.len() as f64 / 1e3);
    let start = Instant::now();
    let applied = Delta::open(&packed, 1 << 30)?.apply(old)?;
    println!("applied in {:.1?}; byte for byte the new build: {}", start.elapsed(), applied == new.bytes());
    Ok(())
}

/// A number that looks like chance.
fn spread(number: u32) -> u32 {
    (number ^ number >> 15).wrapping_mul(0x2c1b_3c6d) ^ number.wrapping_mul(0x85eb_ca6b) >> 7
}

/// A name of two to four syllables, some under a scope; no two are the same.
fn name(number: u32) -> String {
    let mut rest = number;
    let mut name = if spread(number).is_multiple_of(6) { "@team-".to_owned() } else { String::new() };
    let mut at = 0;
    while rest > 0 || at < 2 {
        name += SYLLABLES[(rest % 32) as usize];
        if at == 1 {
            name.push(if name.starts_with('@') && !name.contains('/') { '/' } else { '-' });
        }
        rest /= 32;
        at += 1;
    }
    name
}

fn digest(number: u32) -> Checksum {
    let parts = (0..8).flat_map(|part: u32| spread(number.wrapping_mul(8).wrapping_add(part)).to_le_bytes());
    Checksum::new(Algorithm::Sha256, parts.collect()).expect("32 bytes")
}

/// Seven of ten name versions, two every version, one a range; three of ten name bytes as well.
fn statement(number: u32) -> Statement {
    let name = name(number);
    let mut extent = Extent::default();
    match number % 10 {
        0..7 => extent.versions = vec![format!("{}.{}.{}", spread(number) % 10, number % 7, number % 3)],
        7 | 8 => extent.every = true,
        _ => {
            let ends = [Event::Introduced("1.2.0".into()), Event::Fixed(format!("1.{}.0", 3 + number % 20))];
            extent.ranges = vec![ends.to_vec()];
        }
    }
    if matches!(number % 10, 1 | 3 | 5) {
        extent.digests.extend(Fingerprint::try_from(&digest(number)));
    }
    let at = 1_600_000_000 + i64::from(spread(number) % 180_000_000);
    let record = Record {
        id: format!("MAL-{}-{}", 2022 + number % 5, number / 5),
        decision: if number.is_multiple_of(20) { Decision::Suspicious } else { Decision::Malicious },
        reason: format!("Malicious code in {name} (npm)"),
        source: ["openssf", "own", "partner"][number as usize % 3].into(),
        reviewer: number.is_multiple_of(4).then(|| "reviewer".into()),
        at: wire::trust::moment(at),
        held: None,
    };
    Statement { package: Some(Named { kind: PackageType::NPM, name }), record, extent, rank: number % 3 }
}
