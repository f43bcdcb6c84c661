//! The figures: recall, alarms, precision, what each rule contributes, whether scores are true.

use std::collections::{BTreeMap, BTreeSet};

use analysis::judge::Table;
use model::Decision;

use super::{
    Judged,
    row::{EVASION, Row},
};
use crate::fit::{self, is_fitted};

/// How many were found. A family counts by the share of its archives, so that one lucky archive does not speak for all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Recall {
    pub families: usize,
    pub archives: usize,
    /// Shares of families and of archives that are suspicious or malicious.
    pub alarmed: (f64, f64),
    /// Shares that are malicious.
    pub blocked: (f64, f64),
}

pub fn families<'a>(judged: impl Iterator<Item = &'a Judged>) -> BTreeMap<&'a str, Vec<&'a Judged>> {
    let mut families: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for one in judged.filter(|one| one.row.is_malware() && !one.row.sample.noise) {
        families.entry(&one.row.sample.tag).or_default().push(one);
    }
    families
}

pub fn recall<'a>(judged: impl Iterator<Item = &'a Judged>) -> Recall {
    let families = families(judged);
    let archives: usize = families.values().map(Vec::len).sum();
    let share = |test: fn(&Judged) -> bool| {
        let found = |all: &Vec<&Judged>| all.iter().filter(|one| test(one)).count();
        let sum: f64 = families.values().map(|all| found(all) as f64 / all.len() as f64).sum();
        let total: usize = families.values().map(found).sum();
        (sum / families.len().max(1) as f64, total as f64 / archives.max(1) as f64)
    };
    let (alarmed, blocked) = (share(Judged::is_alarm), share(Judged::is_blocked));
    Recall { families: families.len(), archives, alarmed, blocked }
}

/// How honest archives were judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alarms {
    pub archives: usize,
    pub malicious: usize,
    pub suspicious: usize,
    pub inconclusive: usize,
}

impl Alarms {
    fn add(&mut self, decision: Decision) {
        self.archives += 1;
        match decision {
            Decision::Malicious => self.malicious += 1,
            Decision::Suspicious => self.suspicious += 1,
            Decision::Inconclusive => self.inconclusive += 1,
            Decision::Benign | Decision::Unknown => {}
        }
    }

    /// The share of archives with any alarm.
    pub fn share(self) -> f64 {
        (self.malicious + self.suspicious) as f64 / self.archives.max(1) as f64
    }
}

/// The honest archives by list and band, and all of them.
pub fn alarms(judged: &[Judged]) -> (BTreeMap<(&str, String), Alarms>, Alarms) {
    let (mut bands, mut all): (BTreeMap<_, Alarms>, _) = (BTreeMap::new(), Alarms::default());
    for one in judged.iter().filter(|one| one.row.is_honest()) {
        let sample = &one.row.sample;
        let band = match sample.rank {
            _ if !sample.tag.starts_with("top") => sample.tag.clone(),
            ..=100 => format!("{} 1-100", sample.tag),
            101..=300 => format!("{} 101-300", sample.tag),
            _ => format!("{} from 301", sample.tag),
        };
        bands.entry((sample.set.as_str(), band)).or_default().add(one.judgement.decision);
        all.add(one.judgement.decision);
    }
    (bands, all)
}

/// What a rule is worth.
#[derive(Debug, Clone, Default)]
pub struct Worth {
    /// Families and honest archives in which it fires.
    pub fires: (usize, usize),
    /// Families in which an archive is found only with it, and honest archives that only it alarms.
    pub alone: (usize, usize),
    /// Families in which an archive is malicious only with it.
    pub blocks_alone: usize,
}

/// Each rule, by judging every archive again without it.
pub fn worth(judged: &[Judged]) -> BTreeMap<&str, Worth> {
    let mut sets: BTreeMap<&str, [BTreeSet<&str>; 5]> = BTreeMap::new();
    for one in judged.iter().filter(|one| (one.row.is_malware() || one.row.is_honest()) && !one.row.sample.noise) {
        let malware = one.row.is_malware();
        let key = if malware { one.row.sample.tag.as_str() } else { one.row.sample.file.as_str() };
        for share in &one.judgement.balance.shares {
            let Some(rule) = one.row.findings.iter().find(|finding| finding.rule == share.rule) else { continue };
            let rule = rule.rule.as_str();
            let sets = sets.entry(rule).or_default();
            sets[usize::from(!malware)].insert(key);
            if !one.is_alarm() {
                continue;
            }
            let mut without: Row = one.row.clone();
            without.findings.retain(|finding| finding.rule != rule);
            let decision = without.judge(Table::committed()).decision;
            if decision < Decision::Suspicious {
                sets[2 + usize::from(!malware)].insert(key);
            }
            if malware && one.is_blocked() && decision != Decision::Malicious {
                sets[4].insert(key);
            }
        }
    }
    let worth = |sets: [BTreeSet<&str>; 5]| {
        let [families, honest, alone, alarms, blocks] = sets.map(|set| set.len());
        Worth { fires: (families, honest), alone: (alone, alarms), blocks_alone: blocks }
    };
    sets.into_iter().map(|(rule, sets)| (rule, worth(sets))).collect()
}

/// One step of the calibration curve: packages with about the same stated probability.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    /// From these points on, up to the next bin's.
    pub from: i32,
    /// Families and honest packages, by the weight of their archives.
    pub malware: f64,
    pub honest: f64,
    /// The mean of the stated probabilities.
    pub stated: f64,
}

impl Bin {
    pub fn total(self) -> f64 {
        self.malware + self.honest
    }

    /// The share that is malware.
    pub fn observed(self) -> f64 {
        self.malware / self.total()
    }

    /// Between what the share lies with a probability of 95 % (Wilson).
    pub fn bounds(self) -> (f64, f64) {
        let (share, total, z) = (self.observed(), self.total(), 1.96_f64);
        let centre = (share + z * z / (2.0 * total)) / (1.0 + z * z / total);
        let half = z / (1.0 + z * z / total) * (share * (1.0 - share) / total + z * z / (4.0 * total * total)).sqrt();
        ((centre - half).max(0.0), (centre + half).min(1.0))
    }
}

/// The lower ends of the bins, in points: 1, 3, 9, 24, 50, 76, 91, 97, 99 percent.
const BINS: [i32; 9] = [i32::MIN, -15, -10, -5, 0, 5, 10, 15, 20];

/// Stated against observed, for packages that the weights were not fitted on. Empty bins are left out.
pub fn calibration(judged: &[Judged]) -> Vec<Bin> {
    let rows: Vec<&Row> = judged.iter().map(|one| &one.row).filter(|row| is_fitted(row)).collect();
    let mut archives: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    rows.iter().for_each(|row| *archives.entry(row.unit()).or_default() += 1.0);
    let mut bins = BINS.map(|from| Bin { from, ..Bin::default() });
    for (row, table) in rows.iter().zip(fit::left_out(&rows)) {
        let points = row.judge(&table).balance.points;
        let weight = 1.0 / archives[&row.unit()];
        let Some(bin) = bins.iter_mut().rev().find(|bin| points >= bin.from) else { continue };
        *if row.is_malware() { &mut bin.malware } else { &mut bin.honest } += weight;
        bin.stated += weight / (1.0 + 10_f64.powf(f64::from(-points) / 10.0));
    }
    bins.iter_mut().for_each(|bin| bin.stated /= bin.total());
    bins.into_iter().filter(|bin| bin.total() > 0.0).collect()
}

/// How many of our own variants are found: all, suspicious or malicious, malicious.
pub type Found = [usize; 3];

/// The variants, by technique and by way of hiding.
pub fn evasion(judged: &[Judged]) -> (Found, BTreeMap<&str, Found>, BTreeMap<&str, Found>) {
    let (mut all, mut techniques, mut hidings) = (Found::default(), BTreeMap::new(), BTreeMap::new());
    for one in judged.iter().filter(|one| one.row.sample.set == EVASION) {
        let (technique, hiding) = (one.row.sample.tag.as_str(), one.row.sample.kin.as_str());
        let rows = [techniques.entry(technique).or_default(), hidings.entry(hiding).or_default(), &mut all];
        for row in rows {
            row[0] += 1;
            row[1] += usize::from(one.is_alarm());
            row[2] += usize::from(one.is_blocked());
        }
    }
    (all, techniques, hidings)
}

/// Of what is alarmed, how much is malware, when this share of all packages is.
pub fn precision(recall: f64, alarms: f64, base: f64) -> f64 {
    recall * base / (recall * base + alarms * (1.0 - base)).max(f64::MIN_POSITIVE)
}
