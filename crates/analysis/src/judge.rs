//! From findings and coverage to a decision. Points are added, so that a person can check every verdict by hand.

mod table;

use std::collections::BTreeMap;

use model::{Balance, Coverage, Decision, Finding, Group, Kind, Score, Share, Verdict};

pub use table::{Feature, Strength, Table, Weight};

/// The text of the committed table, for the digest of the ruleset.
pub(crate) const WEIGHTS: &str = include_str!("../data/weights.txt");

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The decision.
    pub decision: Decision,
    /// How probable it is that this is malware.
    pub score: Score,
    /// How the score comes about.
    pub balance: Balance,
    /// One sentence that names the findings which decided.
    pub reason: String,
}

/// Decides by the committed table.
///
/// * What an exception covers weighs nothing.
/// * A proof makes it malicious.
/// * A sum of the table's `malicious` points makes it malicious, if rules of two groups speak and what is left without the
///   heaviest rule would still be suspicious: no single rule's error can do it.
/// * A sum of the table's `suspicious` points makes it suspicious.
/// * Otherwise it is benign if all of it was looked at, and inconclusive if not.
pub fn judge(findings: &[Finding], coverage: &Coverage) -> Judgement {
    Table::committed().judge(findings, coverage)
}

/// Adds a finding that was made outside of the reading, at the place of its weight, and judges again.
pub fn add(verdict: &mut Verdict, finding: Finding) {
    let rank = |finding: &Finding| (finding.kind, finding.confidence);
    let place = verdict.findings.iter().position(|other| rank(other) < rank(&finding));
    verdict.findings.insert(place.unwrap_or(verdict.findings.len()), finding);
    again(verdict);
}

/// Judges again what a verdict holds.
pub fn again(verdict: &mut Verdict) {
    let judgement = judge(&verdict.findings, &verdict.coverage);
    verdict.decision = judgement.decision;
    verdict.score = judgement.score;
    verdict.balance = judgement.balance;
    verdict.reason = judgement.reason;
}

impl Table {
    /// Decides as [`judge`] does, by this table.
    pub fn judge(&self, findings: &[Finding], coverage: &Coverage) -> Judgement {
        let mut rules: BTreeMap<&str, (i32, Group)> = BTreeMap::new();
        for finding in findings {
            let points = Feature::of(finding).map_or(0, |feature| self.points(&feature));
            let entry = rules.entry(&finding.rule).or_insert((0, finding.group));
            entry.0 = entry.0.max(points);
        }
        rules.retain(|_, (points, _)| *points > 0);
        let sum: i32 = rules.values().map(|(points, _)| points).sum();
        let mut shares: Vec<Share> =
            rules.iter().map(|(rule, (points, _))| Share { rule: (*rule).to_owned(), points: *points }).collect();
        shares.sort_by(|left, right| right.points.cmp(&left.points).then_with(|| left.rule.cmp(&right.rule)));
        let balance = Balance { base: self.base, points: self.base + sum, shares };
        let proof = findings.iter().find(|finding| finding.kind == Kind::Proof && finding.excepted.is_none());
        let decision = if proof.is_some() || self.is_joint(&balance, rules.values().map(|(_, group)| *group)) {
            Decision::Malicious
        } else if balance.points >= self.suspicious {
            Decision::Suspicious
        } else if coverage.is_complete() {
            Decision::Benign
        } else {
            Decision::Inconclusive
        };
        let reason = reason(decision, proof, &balance.shares, coverage);
        Judgement { decision, score: Self::score(balance.points), balance, reason }
    }

    /// Whether several independent witnesses say together what none of them proves.
    fn is_joint(&self, balance: &Balance, groups: impl Iterator<Item = Group>) -> bool {
        let mut groups: Vec<Group> = groups.collect();
        groups.sort();
        groups.dedup();
        let heaviest = balance.shares.first().map_or(0, |one| one.points);
        balance.points >= self.malicious && groups.len() >= 2 && balance.points - heaviest >= self.suspicious
    }
}

fn reason(decision: Decision, proof: Option<&Finding>, shares: &[Share], coverage: &Coverage) -> String {
    let listed = |most: usize| {
        let more = shares.len().saturating_sub(most);
        let shown = shares.iter().take(most).map(|one| one.rule.as_str()).collect::<Vec<_>>().join(", ");
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    match (decision, proof) {
        (Decision::Malicious, Some(proof)) => format!("{} ({})", proof.note, listed(4)),
        (Decision::Malicious, None) => format!("Several signs of malware speak together: {}.", listed(4)),
        (Decision::Suspicious, _) => format!("A person should look at this: {}.", listed(4)),
        (Decision::Inconclusive, _) => {
            let gaps = coverage.gaps.len();
            format!(
                "Nothing suspicious was seen, but {gaps} thing{} could not be looked at.",
                if gaps == 1 { "" } else { "s" }
            )
        }
        _ if shares.is_empty() => "Nothing suspicious was seen, and all of it was looked at.".into(),
        _ => format!("Only weak signs were seen: {}.", listed(4)),
    }
}

#[cfg(test)]
mod tests;
