//! The evasion suite: every technique, hidden in every way we know. What is marked as missed stands in
//! `fixtures/evasion/missed.txt`; everything else must be found.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use analysis::{Analyser, Limits, UserRules};
use model::{Decision, Target};
use testkit::hide::{Variant, variants};

const MISSED: &str = include_str!("../../../../fixtures/evasion/missed.txt");

#[test]
fn no_way_of_hiding_gets_by() {
    let all = variants();
    let decisions = judge(&all);
    let score = Score::of(&all, &decisions);
    println!("{score}");
    let marks: Vec<Mark> = MISSED.lines().filter(|line| !line.starts_with('#')).map(Mark).collect();
    let (mut lost, mut wrong) = (Vec::new(), Vec::new());
    for (variant, decision) in all.iter().zip(&decisions) {
        let marked = marks.iter().any(|mark| mark.means(variant));
        match is_found(*decision) {
            false if !marked => lost.push(variant.name()),
            true if marked => wrong.push(variant.name()),
            _ => {}
        }
    }
    let idle: Vec<_> = marks.iter().filter(|mark| !all.iter().any(|one| mark.means(one))).map(|mark| mark.0).collect();
    assert!(lost.is_empty(), "these must be found:\n{}", lost.join("\n"));
    assert!(wrong.is_empty(), "these are found now, take them out of missed.txt:\n{}", wrong.join("\n"));
    assert!(idle.is_empty(), "these marks mean nothing: {idle:?}");
    assert!(score.found * 100 >= score.all * 95, "fewer than 95 of 100 are found: {score}");
    assert!(score.all >= 1000, "the suite has lost variants: {score}");
}

/// A line of the list of known misses: language, technique, hiding. A star means every one.
struct Mark(&'static str);

impl Mark {
    fn means(&self, variant: &Variant) -> bool {
        let own = [&variant.language, &variant.technique, &variant.hiding];
        self.0.split(' ').zip(own).all(|(word, own)| word == "*" || word == own)
    }
}

fn is_found(decision: Decision) -> bool {
    decision >= Decision::Suspicious
}

/// What each variant is judged to be.
fn judge(all: &[Variant]) -> Vec<Decision> {
    let analyser = Analyser::new(&UserRules::default()).expect("the built-in rules are right");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut own = Vec::new();
        while let Some(variant) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            let target = Target { file_name: "x-1.0.tar.gz".into(), ecosystem: None, name: None, version: None };
            let analysis = analyser.analyse(&target, &variant.archive(), &Limits::default(), false);
            own.push((variant.name(), analysis.verdict.decision));
        }
        own
    };
    let mut found = BTreeMap::new();
    std::thread::scope(|scope| {
        let spawn =
            |_| std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work).expect("a thread starts");
        let threads: Vec<_> = (0..2).map(spawn).collect();
        threads.into_iter().for_each(|thread| found.extend(thread.join().expect("no panic")));
    });
    assert_eq!(found.len(), all.len(), "every variant has a name of its own");
    all.iter().map(|variant| found[&variant.name()]).collect()
}

/// How many are found, by technique and by hiding.
struct Score {
    all: usize,
    found: usize,
    rows: BTreeMap<String, [usize; 3]>,
}

impl Score {
    fn of(all: &[Variant], decisions: &[Decision]) -> Self {
        let mut rows: BTreeMap<String, [usize; 3]> = BTreeMap::new();
        for (variant, decision) in all.iter().zip(decisions) {
            for row in [
                format!("{} technique {}", variant.language, variant.technique),
                format!("{} hiding {}", variant.language, variant.hiding),
            ] {
                let row = rows.entry(row).or_default();
                row[0] += usize::from(*decision == Decision::Malicious);
                row[1] += usize::from(is_found(*decision));
                row[2] += 1;
            }
        }
        let found = decisions.iter().filter(|decision| is_found(**decision)).count();
        Self { all: all.len(), found, rows }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "| variants | malicious | found | all |\n|---|---|---|---|")?;
        for (name, [malicious, found, all]) in &self.rows {
            writeln!(f, "| {name} | {malicious} | {found} | {all} |")?;
        }
        let percent = self.found as f64 * 100.0 / self.all as f64;
        write!(f, "found: {} of {} ({percent:.1} %)", self.found, self.all)
    }
}
