//! `cargo xtask fit`: what each rule weighs, from the rows of `cargo xtask eval --rows`.
//!
//! ```text
//! cargo xtask fit ROWS... [--table FILE]
//! ```
//!
//! The table is `crates/analysis/data/weights.txt` unless another is named; its lines of `*` are for rules that no row knows. The
//! thresholds are chosen on packages that the weights were not fitted on: ten times, a tenth of the campaigns and of the honest
//! packages is left out, and judged by what the others say.

mod model;

use std::{collections::BTreeMap, fs, path::PathBuf};

use ::model::{Coverage, Decision, Kind};
use analysis::judge::Table;
use anyhow::{Context, bail};
use model::{fit, raise};

use crate::eval::row::{self, Row};

/// Into how many parts the rows are divided.
const FOLDS: u64 = 10;
/// At most this share of popular and hard honest archives may be suspicious when they are left out. Less than the one in two hundred that is
/// promised: other packages than ours are judged, too.
const ALARMS: f64 = 0.004;
/// From these points on something can be malware without a proof: ten in eleven.
const LEAST_MALICIOUS: i32 = 10;
/// And this far above every honest package that was left out: half as likely again.
const MARGIN: i32 = 3;

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut path = PathBuf::from("crates/analysis/data/weights.txt");
    let mut rows: Vec<Row> = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--table" => path = rest.next().context("--table needs a path")?.into(),
            file => rows.extend(row::read(file.as_ref())?),
        }
    }
    let rows: Vec<&Row> = rows.iter().filter(|row| is_fitted(row)).collect();
    if !rows.iter().any(|row| row.is_malware()) || rows.iter().all(|row| row.is_malware()) {
        bail!("rows of malware and of honest packages are needed: cargo xtask eval --rows FILE writes them");
    }
    let table = calibrate(&rows);
    fs::write(&path, table.to_string())?;
    let weights = table.weights.len();
    println!(
        "{weights} weights; base {}, suspicious from {}, malicious from {} points: {}",
        table.base,
        table.suspicious,
        table.malicious,
        path.display()
    );
    Ok(())
}

/// Whether a row counts: our own variants do not, and neither does a doubtful label.
pub fn is_fitted(row: &Row) -> bool {
    (row.is_malware() || row.is_honest()) && !row.sample.noise
}

/// Weights from all rows, thresholds from rows that were left out.
fn calibrate(rows: &[&Row]) -> Table {
    let mut table = fit(rows);
    let left_out = left_out(rows);
    let honest: Vec<(&Row, &Table)> =
        rows.iter().zip(&left_out).filter(|(row, _)| !row.is_malware()).map(|(row, table)| (*row, table)).collect();
    // A proof decides whatever the thresholds are.
    let open: Vec<(&Row, &Table)> = honest
        .iter()
        .filter(|(row, _)| row.findings.iter().all(|one| one.kind != Kind::Proof || one.excepted.is_some()))
        .copied()
        .collect();
    // What nobody has labelled (the random long tail) may be grey: the promise is for the others.
    let labelled = |row: &Row| !row.sample.tag.starts_with("random");
    let mut sums: Vec<i32> =
        open.iter().filter(|(row, _)| labelled(row)).map(|(row, table)| row.judge(table).balance.points).collect();
    sums.sort_unstable_by(|left, right| right.cmp(left));
    let allowed = (ALARMS * honest.iter().filter(|(row, _)| labelled(row)).count() as f64) as usize;
    table.suspicious = sums.get(allowed).map_or(0, |first_below| first_below + 1).min(LEAST_MALICIOUS);
    table.malicious = LEAST_MALICIOUS;
    for (row, without) in &open {
        let thresholds = Table { suspicious: table.suspicious, malicious: table.malicious, ..(*without).clone() };
        let judgement = thresholds.judge(&row.findings, &Coverage::default());
        if judgement.decision == Decision::Malicious {
            table.malicious = judgement.balance.points + 1;
        }
    }
    if table.malicious > LEAST_MALICIOUS {
        table.malicious += MARGIN;
    }
    raise(&mut table);
    table
}

/// For each row the table that knows nothing of its campaign or package.
pub fn left_out(rows: &[&Row]) -> Vec<Table> {
    let tables: BTreeMap<u64, Table> = (0..FOLDS)
        .map(|part| {
            let others: Vec<&Row> = rows.iter().filter(|row| fold(row) != part).copied().collect();
            let mut table = fit(&others);
            raise(&mut table);
            (part, table)
        })
        .collect();
    rows.iter().map(|row| tables[&fold(row)].clone()).collect()
}

/// The part of a row, from the name of its kin alone (FNV-1a).
fn fold(row: &Row) -> u64 {
    let hash =
        row.sample.kin.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    hash % FOLDS
}

#[cfg(test)]
mod tests;
