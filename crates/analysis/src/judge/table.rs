//! What each finding weighs: `data/weights.txt`, which `cargo xtask fit` writes from the evaluation sets.
//!
//! Weights are points, and points are evidence: ten points more make malware ten times as likely against an honest package,
//! three points twice as likely. They are added, starting from the base, and the sum says the probability.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use model::{Confidence, Finding, Kind, Score};

/// How sure a finding is, from a proof down to a low indicator. A capability weighs nothing and is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// An indicator of low confidence.
    Low,
    /// An indicator of medium confidence.
    Medium,
    /// An indicator of high confidence.
    High,
    /// A proof, however confident.
    Proof,
}

impl Strength {
    const ALL: [Self; 4] = [Self::Proof, Self::High, Self::Medium, Self::Low];

    /// The word for it in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Proof => "proof",
        }
    }
}

/// What of a finding decides its weight: the rule, how sure it is, and whether the code runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Feature {
    /// The rule; empty for any rule that the table does not know.
    pub rule: String,
    /// How sure.
    pub strength: Strength,
    /// Whether it runs by itself, or only when called.
    pub automatic: bool,
}

impl Feature {
    /// The feature of a finding. A capability has none, and neither has what an exception covers.
    pub fn of(finding: &Finding) -> Option<Self> {
        if finding.excepted.is_some() {
            return None;
        }
        let strength = match (finding.kind, finding.confidence) {
            (Kind::Capability, _) => return None,
            (Kind::Proof, _) => Strength::Proof,
            (Kind::Indicator, Confidence::High) => Strength::High,
            (Kind::Indicator, Confidence::Medium) => Strength::Medium,
            (Kind::Indicator, Confidence::Low) => Strength::Low,
        };
        Some(Self { rule: finding.rule.clone(), strength, automatic: finding.phase.is_automatic() })
    }

    fn any_rule(&self) -> Self {
        Self { rule: String::new(), ..self.clone() }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// How many points it adds.
    pub points: i32,
    /// In how many malware families of the evaluation sets it fired.
    pub families: u32,
    /// In how many honest packages of the evaluation sets it fired.
    pub honest: u32,
}

/// Everything that decides about findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Where every package starts: the points of one in which nothing was found.
    pub base: i32,
    /// From this sum on, a person should look.
    pub suspicious: i32,
    /// From this sum on, with witnesses of several groups, it is malware.
    pub malicious: i32,
    /// The weights. The rule of an empty name stands for all that are not listed.
    pub weights: BTreeMap<Feature, Weight>,
}

impl Table {
    /// The committed table.
    pub fn committed() -> &'static Self {
        static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(include_str!("../../data/weights.txt")));
        &TABLE
    }

    /// Reads a table. Lines that say nothing are passed over; the tests hold that none does.
    pub fn parse(text: &str) -> Self {
        let mut table = Self { base: 0, suspicious: 0, malicious: 0, weights: BTreeMap::new() };
        for line in text.lines() {
            table.read_line(line);
        }
        table
    }

    /// Whether the line says something.
    fn read_line(&mut self, line: &str) -> Option<()> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["base", points] => self.base = points.parse().ok()?,
            ["suspicious", points] => self.suspicious = points.parse().ok()?,
            ["malicious", points] => self.malicious = points.parse().ok()?,
            [rule, strength, runs, points, families, honest] => {
                let strength = Strength::ALL.into_iter().find(|one| one.as_str() == strength)?;
                let rule = if rule == "*" { String::new() } else { rule.to_owned() };
                let feature = Feature { rule, strength, automatic: runs == "itself" };
                let [families, honest] = [families, honest].map(|count| count.parse().unwrap_or(0));
                self.weights.insert(feature, Weight { points: points.parse().ok()?, families, honest });
            }
            _ => return None,
        }
        Some(())
    }

    /// What a feature weighs; a rule that the table does not know weighs what any rule of its strength does.
    pub fn points(&self, feature: &Feature) -> i32 {
        let known = self.weights.get(feature).or_else(|| self.weights.get(&feature.any_rule()));
        known.map_or(0, |weight| weight.points)
    }

    /// The probability, in percent, that a sum of points stands for among the packages of the evaluation sets.
    pub fn score(points: i32) -> Score {
        // 100 / (1 + 10^(-points / 10)), rounded; written out, so that no machine's arithmetic decides.
        const PERCENT: [u8; 24] =
            [50, 56, 61, 67, 72, 76, 80, 83, 86, 89, 91, 93, 94, 95, 96, 97, 98, 98, 98, 99, 99, 99, 99, 100];
        let likely = PERCENT[points.unsigned_abs().min(23) as usize];
        Score(if points < 0 { 100 - likely } else { likely })
    }
}

/// The head of the file.
const HEAD: &str = "\
# What each finding weighs. Written by `cargo xtask fit`. The lines of `*` are for rules that are not listed.
#
# Points are added, starting from the base. Ten points more: malware is ten times as likely; three points: twice.
# A sum of 0 means one in two, 10 means ten in eleven, -10 one in eleven, among the packages of the evaluation sets.
# A rule counts once, at its heaviest. A proof decides alone.
";

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        for (name, points) in [("base", self.base), ("suspicious", self.suspicious), ("malicious", self.malicious)] {
            writeln!(f, "{name:<12}{points:>4}")?;
        }
        writeln!(f, "\n# {:<44}{:<8}{:<8}{:>6}  {:>8}  {:>6}", "rule", "as", "runs", "points", "families", "honest")?;
        for (feature, weight) in self.in_order() {
            let rule = if feature.rule.is_empty() { "*" } else { &feature.rule };
            let runs = if feature.automatic { "itself" } else { "called" };
            let Weight { points, families, honest } = *weight;
            let strength = feature.strength.as_str();
            let counts = if feature.rule.is_empty() {
                ["-".to_owned(), "-".to_owned()]
            } else {
                [families.to_string(), honest.to_string()]
            };
            writeln!(f, "{rule:<46}{strength:<8}{runs:<8}{points:>6}  {:>8}  {:>6}", counts[0], counts[1])?;
        }
        Ok(())
    }
}

impl Table {
    /// The lines by rule, the heaviest strength first, what runs by itself before what must be called.
    fn in_order(&self) -> Vec<(&Feature, &Weight)> {
        let mut lines: Vec<_> = self.weights.iter().collect();
        lines.sort_by_key(|(feature, _)| {
            (feature.rule.as_str(), std::cmp::Reverse(feature.strength), !feature.automatic)
        });
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_is_what_it_writes() {
        let text = include_str!("../../data/weights.txt");
        assert_eq!(Table::parse(text).to_string(), text, "run cargo xtask fit");
    }

    #[test]
    fn a_rule_that_nobody_has_counted_weighs_what_its_strength_says() {
        let table = Table::committed();
        for strength in Strength::ALL {
            for automatic in [true, false] {
                let feature = Feature { rule: "was-written-today".into(), strength, automatic };
                assert!(table.points(&feature) > 0, "{feature:?}");
            }
        }
    }

    #[test]
    fn no_finding_speaks_for_a_package() {
        for (feature, weight) in &Table::committed().weights {
            assert!(weight.points >= 0, "{feature:?}");
        }
    }

    #[test]
    fn the_score_is_the_probability() {
        for points in -40..=40 {
            let exact = 100.0 / (1.0 + 10f64.powf(f64::from(-points) / 10.0));
            assert!((f64::from(Table::score(points).0) - exact).abs() < 0.51, "{points}: {exact}");
        }
    }
}
