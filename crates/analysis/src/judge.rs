//! From findings and coverage to a decision. The table is small on purpose: a person must be able to check it by hand.

use std::collections::BTreeMap;

use model::{Confidence, Coverage, Decision, Finding, Group, Kind, Score};

/// From this score on, a person should look.
pub const SUSPICIOUS: u32 = 40;
/// From this score on, with indicators of several groups, it is malware.
pub const MALICIOUS: u32 = 100;

/// A decision with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The decision.
    pub decision: Decision,
    /// The sum of the weights, at most 100.
    pub score: Score,
    /// One sentence that names the findings which decided.
    pub reason: String,
}

/// The weight of a finding. What runs by itself weighs double; a rule counts once however often it fires.
///
/// | kind       | confidence | runs by itself | only when called |
/// |------------|------------|----------------|------------------|
/// | proof      | any        | 100            | 100              |
/// | indicator  | high       | 40             | 20               |
/// | indicator  | medium     | 20             | 10               |
/// | indicator  | low        | 10             | 5                |
/// | capability | any        | 0              | 0                |
///
/// What an exception covers weighs nothing.
pub fn weight(finding: &Finding) -> u32 {
    let automatic = finding.phase.is_automatic();
    if finding.excepted.is_some() {
        return 0;
    }
    match (finding.kind, finding.confidence) {
        (Kind::Proof, _) => 100,
        (Kind::Capability, _) => 0,
        (Kind::Indicator, Confidence::High) => {
            if automatic {
                40
            } else {
                20
            }
        }
        (Kind::Indicator, Confidence::Medium) => {
            if automatic {
                20
            } else {
                10
            }
        }
        (Kind::Indicator, Confidence::Low) => {
            if automatic {
                10
            } else {
                5
            }
        }
    }
}

/// Decides.
///
/// * A proof makes it malicious.
/// * A score of [`MALICIOUS`] out of at least three rules in at least two groups, two of them suspicious alone, makes it malicious.
/// * A score of [`SUSPICIOUS`] makes it suspicious.
/// * Otherwise it is benign if all of it was looked at, and inconclusive if not.
pub fn judge(findings: &[Finding], coverage: &Coverage) -> Judgement {
    let mut rules: BTreeMap<&str, (u32, Group)> = BTreeMap::new();
    for finding in findings {
        let weight = weight(finding);
        let entry = rules.entry(&finding.rule).or_insert((0, finding.group));
        entry.0 = entry.0.max(weight);
    }
    rules.retain(|_, (weight, _)| *weight > 0);
    let score: u32 = rules.values().map(|(weight, _)| weight).sum();
    let mut groups: Vec<Group> = rules.values().map(|(_, group)| *group).collect();
    groups.sort();
    groups.dedup();
    let heavy = rules.values().filter(|(weight, _)| *weight >= SUSPICIOUS).count();
    let proof = findings.iter().find(|finding| finding.kind == Kind::Proof && finding.excepted.is_none());
    let decision = if proof.is_some() || score >= MALICIOUS && rules.len() >= 3 && groups.len() >= 2 && heavy >= 2 {
        Decision::Malicious
    } else if score >= SUSPICIOUS {
        Decision::Suspicious
    } else if coverage.is_complete() {
        Decision::Benign
    } else {
        Decision::Inconclusive
    };
    let mut names: Vec<(&str, u32)> = rules.iter().map(|(rule, (weight, _))| (*rule, *weight)).collect();
    names.sort_by_key(|(rule, weight)| (std::cmp::Reverse(*weight), *rule));
    let names: Vec<&str> = names.into_iter().map(|(rule, _)| rule).collect();
    Judgement { decision, score: Score(score.min(100) as u8), reason: reason(decision, proof, &names, coverage) }
}

fn reason(decision: Decision, proof: Option<&Finding>, rules: &[&str], coverage: &Coverage) -> String {
    let listed = |most: usize| {
        let more = rules.len().saturating_sub(most);
        let shown = rules.iter().take(most).copied().collect::<Vec<_>>().join(", ");
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
        _ if rules.is_empty() => "Nothing suspicious was seen, and all of it was looked at.".into(),
        _ => format!("Only weak signs were seen: {}.", listed(4)),
    }
}

#[cfg(test)]
mod tests {
    use model::{Gap, GapKind, Phase};

    use super::*;

    fn finding(rule: &str, kind: Kind, confidence: Confidence, group: Group, phase: Phase) -> Finding {
        Finding {
            rule: rule.into(),
            kind,
            confidence,
            group,
            phase,
            note: "It was seen.".into(),
            places: Vec::new(),
            steps: Vec::new(),
            excerpt: None,
            decoded: None,
            excepted: None,
        }
    }

    #[test]
    fn every_row_of_the_table_holds() {
        use Confidence::{High, Low, Medium};
        use Group::{Dropper, Obfuscation};
        use Kind::{Capability, Indicator, Proof};
        let rows = [
            (vec![], Decision::Benign, 0),
            (vec![("a", Capability, High, Dropper, Phase::Install)], Decision::Benign, 0),
            (vec![("a", Indicator, Low, Dropper, Phase::Runtime)], Decision::Benign, 5),
            (vec![("a", Indicator, Low, Dropper, Phase::Install)], Decision::Benign, 10),
            (vec![("a", Indicator, Medium, Dropper, Phase::Runtime)], Decision::Benign, 10),
            (vec![("a", Indicator, Medium, Dropper, Phase::Install)], Decision::Benign, 20),
            (vec![("a", Indicator, High, Dropper, Phase::Runtime)], Decision::Benign, 20),
            (vec![("a", Indicator, High, Dropper, Phase::Install)], Decision::Suspicious, 40),
            (vec![("a", Proof, High, Dropper, Phase::Runtime)], Decision::Malicious, 100),
            // One rule counts once, at its heaviest.
            (
                vec![
                    ("a", Indicator, Medium, Dropper, Phase::Install),
                    ("a", Indicator, Medium, Dropper, Phase::Install),
                    ("a", Indicator, Low, Dropper, Phase::Install),
                ],
                Decision::Benign,
                20,
            ),
            // Three rules of one group do not make malware.
            (
                vec![
                    ("a", Indicator, High, Dropper, Phase::Install),
                    ("b", Indicator, High, Dropper, Phase::Install),
                    ("c", Indicator, High, Dropper, Phase::Install),
                ],
                Decision::Suspicious,
                100,
            ),
            // Two rules do not, either.
            (
                vec![
                    ("a", Indicator, High, Dropper, Phase::Install),
                    ("b", Indicator, High, Obfuscation, Phase::Install),
                ],
                Decision::Suspicious,
                80,
            ),
            (
                vec![
                    ("a", Indicator, High, Dropper, Phase::Install),
                    ("b", Indicator, High, Obfuscation, Phase::Install),
                    ("c", Indicator, Medium, Obfuscation, Phase::Install),
                ],
                Decision::Malicious,
                100,
            ),
        ];
        for (findings, decision, score) in rows {
            let findings: Vec<Finding> = findings
                .into_iter()
                .map(|(rule, kind, sure, group, phase)| finding(rule, kind, sure, group, phase))
                .collect();
            let judgement = judge(&findings, &Coverage::default());
            assert_eq!((judgement.decision, judgement.score), (decision, Score(score)), "{findings:?}");
        }
    }

    #[test]
    fn what_an_exception_covers_weighs_nothing() {
        let mut covered = finding("a", Kind::Proof, Confidence::High, Group::Dropper, Phase::Install);
        covered.excepted = Some("It was read.".into());
        let judgement = judge(&[covered], &Coverage::default());
        assert_eq!((judgement.decision, judgement.score), (Decision::Benign, Score(0)));
    }

    #[test]
    fn a_gap_is_never_benign() {
        let coverage = Coverage { gaps: vec![Gap::new(GapKind::Limit, "a", "too large")], ..Coverage::default() };
        assert_eq!(judge(&[], &coverage).decision, Decision::Inconclusive);
    }
}
