use model::{Confidence, Gap, GapKind, Phase};

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

/// A table whose numbers are easy to add.
fn table() -> Table {
    Table::parse(
        "base -20\nsuspicious -5\nmalicious 10\n\
         * proof itself 30 - -\n* proof called 30 - -\n* high itself 16 - -\n* high called 8 - -\n\
         * medium itself 8 - -\n* medium called 4 - -\n* low itself 4 - -\n* low called 2 - -\n\
         known high itself 3 1 9\n",
    )
}

#[test]
fn every_row_of_the_table_holds() {
    use Confidence::{High, Low, Medium};
    use Group::{Dropper, Obfuscation};
    use Kind::{Capability, Indicator, Proof};
    use Phase::{Install, Runtime};
    let rows = [
        (vec![], Decision::Benign, -20),
        (vec![("a", Capability, High, Dropper, Install)], Decision::Benign, -20),
        (vec![("a", Indicator, Low, Dropper, Runtime)], Decision::Benign, -18),
        (vec![("a", Indicator, Low, Dropper, Install)], Decision::Benign, -16),
        (vec![("a", Indicator, Medium, Dropper, Runtime)], Decision::Benign, -16),
        (vec![("a", Indicator, High, Dropper, Runtime)], Decision::Benign, -12),
        (vec![("a", Indicator, High, Dropper, Install)], Decision::Suspicious, -4),
        (vec![("known", Indicator, High, Dropper, Install)], Decision::Benign, -17),
        (vec![("a", Proof, High, Dropper, Runtime)], Decision::Malicious, 10),
        // One rule counts once, at its heaviest.
        (
            vec![("a", Indicator, Medium, Dropper, Install), ("a", Indicator, Low, Dropper, Install)],
            Decision::Benign,
            -12,
        ),
        // Rules of one group do not make malware.
        (
            vec![("a", Indicator, High, Dropper, Install), ("b", Indicator, High, Dropper, Install)],
            Decision::Suspicious,
            12,
        ),
        // Two groups do, when either rule alone would be suspicious.
        (
            vec![("a", Indicator, High, Dropper, Install), ("b", Indicator, High, Obfuscation, Install)],
            Decision::Malicious,
            12,
        ),
    ];
    for (findings, decision, points) in rows {
        let findings: Vec<Finding> = findings
            .into_iter()
            .map(|(rule, kind, sure, group, phase)| finding(rule, kind, sure, group, phase))
            .collect();
        let judgement = table().judge(&findings, &Coverage::default());
        assert_eq!((judgement.decision, judgement.balance.points), (decision, points), "{findings:?}");
        let sum: i32 = judgement.balance.shares.iter().map(|one| one.points).sum();
        assert_eq!(judgement.balance.base + sum, points, "the shares add up");
        assert_eq!(judgement.score, Table::score(points));
    }
}

#[test]
fn one_rule_cannot_be_the_weight_of_a_joint_verdict() {
    let mut table = table();
    let heavy = Feature { rule: "heavy".into(), strength: Strength::High, automatic: true };
    table.weights.insert(heavy, Weight { points: 40, families: 0, honest: 0 });
    let findings = [
        finding("heavy", Kind::Indicator, Confidence::High, Group::Dropper, Phase::Install),
        finding("light", Kind::Indicator, Confidence::Low, Group::Impact, Phase::Install),
    ];
    let judgement = table.judge(&findings, &Coverage::default());
    assert_eq!((judgement.decision, judgement.balance.points), (Decision::Suspicious, 24));
}

#[test]
fn what_an_exception_covers_weighs_nothing() {
    let mut covered = finding("a", Kind::Proof, Confidence::High, Group::Dropper, Phase::Install);
    covered.excepted = Some("It was read.".into());
    let judgement = table().judge(&[covered], &Coverage::default());
    assert_eq!((judgement.decision, judgement.balance.points), (Decision::Benign, -20));
}

#[test]
fn a_gap_is_never_benign() {
    let coverage = Coverage { gaps: vec![Gap::new(GapKind::Limit, "a", "too large")], ..Coverage::default() };
    assert_eq!(judge(&[], &coverage).decision, Decision::Inconclusive);
}

#[test]
fn a_proof_is_scored_as_what_it_decides() {
    for phase in [Phase::Install, Phase::Runtime] {
        for rule in crate::rules().iter().map(|meta| meta.id.as_str()).chain(["was-written-today"]) {
            let proof = finding(rule, Kind::Proof, Confidence::High, Group::Dropper, phase);
            let judgement = judge(&[proof], &Coverage::default());
            let least = Table::committed().malicious;
            assert!(judgement.balance.points >= least, "{rule} {phase}: {}", judgement.balance.points);
        }
    }
}
