//! The weights as the most probable ones: a logistic model whose prior is the hand-set table.
//!
//! Every family and every honest package counts as one, however many archives it has. No weight is negative, so that no
//! code that is added to a package can speak for it. The same rows give the same weights: the steps are counted, and
//! nothing is random.

use std::collections::{BTreeMap, BTreeSet};

use analysis::judge::{Feature, Strength, Table, Weight};

use crate::eval::row::Row;

/// How far the rows may move a weight from the prior: one standard deviation, in points. What a rule is worth beyond
/// that, many families or packages must say.
const SPREAD: f64 = 5.0;
/// The fit has settled long before.
const ROUNDS: usize = 200;
/// Points in a step of the natural logarithm.
const POINTS: f64 = 10.0 / std::f64::consts::LN_10;

/// What a finding weighs before anything is counted, set by hand: that of a rule which the rows hardly know, too.
const PRIOR: &str = "
* proof  itself 30 - -
* proof  called 27 - -
* high   itself 14 - -
* high   called  9 - -
* medium itself  8 - -
* medium called  5 - -
* low    itself  4 - -
* low    called  2 - -
";

/// What the model sees of a row.
struct Case {
    features: Vec<usize>,
    malware: bool,
    weight: f64,
}

/// The weights that these rows and the prior make most probable. The thresholds are left open.
pub fn fit(rows: &[&Row]) -> Table {
    let prior = Table::parse(PRIOR);
    let features: Vec<Feature> =
        rows.iter().flat_map(|row| features(row, &prior)).collect::<BTreeSet<_>>().into_iter().collect();
    let numbers: BTreeMap<&Feature, usize> = features.iter().enumerate().map(|(at, one)| (one, at)).collect();
    let mut archives: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    rows.iter().for_each(|row| *archives.entry(row.unit()).or_default() += 1.0);
    let cases: Vec<Case> = rows
        .iter()
        .map(|row| Case {
            features: self::features(row, &prior).iter().map(|one| numbers[one]).collect(),
            malware: row.is_malware(),
            weight: 1.0 / archives[&row.unit()],
        })
        .collect();
    let means: Vec<f64> = features.iter().map(|one| f64::from(prior.points(one)) / POINTS).collect();
    let (base, weights) = settle(&cases, &means);
    let counts = counts(rows, &prior);
    let mut table = prior;
    table.base = (base * POINTS).round() as i32;
    for (feature, weight) in features.into_iter().zip(weights) {
        let (families, honest) = counts[&feature];
        table.weights.insert(feature, Weight { points: (weight * POINTS).round() as i32, families, honest });
    }
    table
}

/// The features of a row: each rule once, as it weighs most by the prior.
pub fn features(row: &Row, prior: &Table) -> Vec<Feature> {
    let mut rules: BTreeMap<String, Feature> = BTreeMap::new();
    for feature in row.findings.iter().filter_map(Feature::of) {
        let heavier = |old: &Feature| prior.points(old) < prior.points(&feature);
        if rules.get(&feature.rule).is_none_or(heavier) {
            rules.insert(feature.rule.clone(), feature);
        }
    }
    rules.into_values().collect()
}

/// In how many families and honest packages each feature is seen.
fn counts(rows: &[&Row], prior: &Table) -> BTreeMap<Feature, (u32, u32)> {
    let mut units: BTreeMap<Feature, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for row in rows {
        for feature in features(row, prior) {
            units.entry(feature).or_default().insert(row.unit());
        }
    }
    let count = |units: BTreeSet<(&str, &str)>| {
        let families = units.iter().filter(|(set, _)| *set == crate::eval::row::MALICIOUS).count();
        (families as u32, (units.len() - families) as u32)
    };
    units.into_iter().map(|(feature, units)| (feature, count(units))).collect()
}

/// Newton's steps along one weight after the other. Returns the base and the weights, in natural logarithms.
fn settle(cases: &[Case], means: &[f64]) -> (f64, Vec<f64>) {
    let variance = (SPREAD / POINTS).powi(2);
    let mut base = -3.0;
    let mut weights = means.to_vec();
    let mut sums: Vec<f64> =
        cases.iter().map(|case| base + case.features.iter().map(|at| weights[*at]).sum::<f64>()).collect();
    let mut seen: Vec<Vec<usize>> = vec![Vec::new(); means.len()];
    for (at, case) in cases.iter().enumerate() {
        case.features.iter().for_each(|feature| seen[*feature].push(at));
    }
    let all: Vec<usize> = (0..cases.len()).collect();
    for _ in 0..ROUNDS {
        let (slope, bend) = slope(cases, &sums, &all);
        let step = (slope / bend.max(1e-9)).clamp(-1.0, 1.0);
        base += step;
        sums.iter_mut().for_each(|sum| *sum += step);
        for (at, weight) in weights.iter_mut().enumerate() {
            let (slope, bend) = self::slope(cases, &sums, &seen[at]);
            let slope = slope - (*weight - means[at]) / variance;
            let new = (*weight + (slope / (bend + 1.0 / variance)).clamp(-1.0, 1.0)).max(0.0);
            let step = new - *weight;
            *weight = new;
            seen[at].iter().for_each(|case| sums[*case] += step);
        }
    }
    (base, weights)
}

/// How the likelihood rises with a weight that these cases share, and how that slope bends.
fn slope(cases: &[Case], sums: &[f64], which: &[usize]) -> (f64, f64) {
    which.iter().fold((0.0, 0.0), |(slope, bend), at| {
        let case = &cases[*at];
        let likely = 1.0 / (1.0 + (-sums[*at]).exp());
        let miss = f64::from(u8::from(case.malware)) - likely;
        (slope + case.weight * miss, bend + case.weight * likely * (1.0 - likely))
    })
}

/// Raises what must be heard whatever the rows say: a proof reaches the malicious points by itself, and a rule that is sure of
/// what runs by itself the suspicious ones, as long as it has never alarmed on an honest package.
pub fn raise(table: &mut Table) {
    let (malicious, suspicious) = (table.malicious - table.base, table.suspicious - table.base);
    for (feature, weight) in &mut table.weights {
        let least = match feature.strength {
            Strength::Proof => malicious,
            Strength::High if feature.automatic && weight.honest == 0 => suspicious,
            _ => 0,
        };
        weight.points = weight.points.max(least);
    }
}
