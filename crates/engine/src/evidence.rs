//! What is said of a package when its reader died, and what of a worker's answer is believed.

use analysis::judge;
use model::{
    Analysis, ArtifactId, Author, Balance, Confidence, Coverage, Decision, Digest, Finding, Gap, GapKind, Group, Kind,
    PackageName, Phase, ReleaseId, Score, Target, Verdict, Version,
};

use crate::Death;

/// The rule under which a death is reported.
pub(crate) const RULE: &str = "kills-the-parser";

/// What the parent knows by itself and takes from no worker.
pub(crate) struct Known<'a> {
    pub target: &'a Target,
    pub sha256: Digest,
    pub ruleset: &'a str,
}

impl Known<'_> {
    /// Makes an answer ours: whom it is about, who judged, and the two laws of decisions are not the worker's to say.
    pub fn sign(&self, mut analysis: Analysis) -> Analysis {
        let verdict = &mut analysis.verdict;
        verdict.artifact = self.artifact();
        verdict.author = self.author();
        verdict.score.0 = verdict.score.0.min(100);
        let unlawful = match verdict.decision {
            Decision::Unknown => true,
            Decision::Benign => !verdict.coverage.is_complete(),
            _ => false,
        };
        if unlawful {
            verdict.decision = Decision::Inconclusive;
        }
        analysis
    }

    /// The analysis of a package of which nothing could be read.
    pub fn nothing(&self, why: &str) -> Analysis {
        Analysis::of(Verdict {
            artifact: self.artifact(),
            decision: Decision::Inconclusive,
            score: Score(0),
            balance: Balance::default(),
            reason: why.into(),
            findings: Vec::new(),
            coverage: Coverage { gaps: vec![Gap::new(GapKind::WorkerDied, "", why)], ..Coverage::default() },
            author: self.author(),
        })
    }

    fn artifact(&self) -> ArtifactId {
        let Target { file_name, ecosystem, name, version } = self.target;
        let release = match (ecosystem, name, version) {
            (Some(ecosystem), Some(name), Some(version)) => Some(ReleaseId {
                ecosystem: *ecosystem,
                name: PackageName::from_normalised(name.clone()),
                version: Version(version.clone()),
            }),
            _ => None,
        };
        ArtifactId { release, file_name: file_name.clone(), sha256: self.sha256 }
    }

    fn author(&self) -> Author {
        Author::Engine { version: env!("CARGO_PKG_VERSION").into(), ruleset: self.ruleset.into() }
    }
}

/// Adds a reader's death to what could still be read of the package, and judges again.
pub(crate) fn add_death(analysis: &mut Analysis, death: Death) {
    let gap = format!("The reader {death}. The package was read again without the parsers that can be killed.");
    add(analysis, death, gap);
}

/// The analysis of a package that killed even the careful reader.
pub(crate) fn only_death(known: &Known<'_>, first: Death, second: Death) -> Analysis {
    let gap = format!("The reader {first}, and the careful one that came after it {second}. Nothing was read.");
    let mut analysis = known.nothing("");
    analysis.verdict.coverage.gaps.clear();
    add(&mut analysis, first, gap);
    analysis
}

fn add(analysis: &mut Analysis, death: Death, gap: String) {
    let verdict = &mut analysis.verdict;
    verdict.coverage.gaps.insert(0, Gap::new(GapKind::WorkerDied, "", gap));
    judge::add(verdict, finding(death));
}

fn finding(death: Death) -> Finding {
    let confidence = death.confidence();
    Finding {
        rule: RULE.into(),
        kind: Kind::Indicator,
        confidence,
        group: Group::Obfuscation,
        // Nobody could read when the deadly file runs. If it was made to kill, it has something to hide at once.
        phase: if confidence == Confidence::High { Phase::Install } else { Phase::Runtime },
        note: format!("The reader {death} on this package."),
        places: Vec::new(),
        steps: Vec::new(),
        excerpt: None,
        decoded: None,
        excepted: None,
    }
}
