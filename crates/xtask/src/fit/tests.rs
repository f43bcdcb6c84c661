use ::model::{Confidence, Finding, Group, Kind, Phase};
use analysis::judge::{Feature, Strength};

use super::*;
use crate::eval::row::{Content, MALICIOUS, Sample};

/// A row in which these rules state indicators of high confidence, at install.
fn row(set: &str, unit: &str, rules: &[&str]) -> Row {
    let sample = Sample {
        content: Content::default(),
        file: format!("{unit}.tar.gz"),
        set: set.into(),
        tag: unit.into(),
        kin: unit.into(),
        seen: String::new(),
        noise: false,
        rank: 0,
    };
    let finding = |rule: &&str| Finding {
        rule: (*rule).into(),
        kind: Kind::Indicator,
        confidence: Confidence::High,
        group: Group::Dropper,
        phase: Phase::Install,
        note: String::new(),
        places: Vec::new(),
        steps: Vec::new(),
        excerpt: None,
        decoded: None,
        excepted: None,
    };
    Row { sample, findings: rules.iter().map(finding).collect(), gaps: Vec::new(), bytes: (0, 0), cpu: None }
}

/// Thirty families and two hundred honest packages; `sharp` is in malware only, `blunt` in both alike.
fn rows() -> Vec<Row> {
    let malware = (0..30).map(|at| row(MALICIOUS, &format!("F{at}"), [&["sharp"][..], &["blunt"], &[]][at % 3]));
    let honest = (0..200).map(|at| row("list", &format!("p{at}"), if at % 2 == 0 { &[] } else { &["blunt"] }));
    malware.chain(honest).collect()
}

fn points(table: &Table, rule: &str) -> i32 {
    table.points(&Feature { rule: rule.into(), strength: Strength::High, automatic: true })
}

#[test]
fn rows_move_weights_away_from_the_prior_and_the_same_rows_alike() {
    let rows = rows();
    let rows: Vec<&Row> = rows.iter().collect();
    let table = calibrate(&rows);
    assert!(points(&table, "sharp") > 14, "{table}");
    assert!(points(&table, "blunt") < 7, "{table}");
    assert!(points(&table, "never-seen") >= 14, "{table}");
    assert_eq!(table, calibrate(&rows));
}

#[test]
fn a_family_counts_once_however_many_archives_it_has() {
    let mut rows = rows();
    let once = calibrate(&rows.iter().collect::<Vec<_>>());
    rows.extend((0..50).map(|_| row(MALICIOUS, "F0", &["sharp"])));
    let often = calibrate(&rows.iter().collect::<Vec<_>>());
    assert_eq!((once.base, points(&once, "sharp")), (often.base, points(&often, "sharp")));
}

#[test]
fn the_thresholds_spare_what_is_honest_and_proofs_reach_them() {
    let rows = rows();
    let rows: Vec<&Row> = rows.iter().collect();
    let table = calibrate(&rows);
    let alarms = rows.iter().filter(|row| row.is_honest() && row.judge(&table).decision >= Decision::Suspicious);
    assert_eq!(alarms.count(), 0, "{table}");
    let proof = Feature { rule: "never-seen".into(), strength: Strength::Proof, automatic: false };
    assert!(table.base + table.points(&proof) >= table.malicious, "{table}");
}
