//! Rules and judgement: the bytes of one artifact in, findings and a decision out. Pure.
//!
//! [`subject`] opens the artifact and reads all that is in it, `phase` finds out what runs when, the rules in [`mod@rules`]
//! state findings, and [`judge`] decides.
#![warn(missing_docs)]

pub mod binary;
mod capabilities;
pub mod change;
mod evidence;
mod exceptions;
mod indicators;
mod joint;
pub mod judge;
pub mod package;
mod phase;
pub mod rules;
pub mod similarity;
pub mod source;
pub mod subject;
mod summary;
#[cfg(feature = "yara")]
mod yara;

pub use artifact::Limits;
pub use exceptions::{Day, Exception, read as read_exceptions};
pub use joint::{analyse_trace, join_trace};
use model::{Analysis, ArtifactId, Author, Coverage, Decision, Digest, Gap, GapKind, RuleMeta, Target, Verdict};
use sha2::Digest as _;

use crate::{rules::Sink, subject::Subject};

/// Rules of the user, beside the built-in ones.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct UserRules {
    /// YARA sources: file name and text.
    pub yara: Vec<(String, String)>,
    /// Findings that weigh nothing, beside those of Lazaret itself.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// The day on which is judged: exceptions end. Without it none applies.
    #[serde(default)]
    pub today: Option<Day>,
    /// Which shapes of code an analysis hands over, to be compared or gathered.
    #[serde(default)]
    pub shapes: similarity::Wanted,
    /// The index of known malware with which they are compared.
    #[serde(default)]
    pub index: Option<Digest>,
}

/// Everything that can be prepared once and used for many packages.
pub struct Analyser {
    ruleset: String,
    exceptions: Vec<Exception>,
    shapes: similarity::Wanted,
    #[cfg(feature = "yara")]
    yara: Option<yara::Rules>,
}

impl Analyser {
    /// Prepares the rules.
    ///
    /// # Errors
    /// A sentence for the user: which of their rules is wrong, and where.
    pub fn new(user: &UserRules) -> Result<Self, String> {
        #[cfg(not(feature = "yara"))]
        if !user.yara.is_empty() {
            return Err("this build of Lazaret was made without YARA; build it with the feature `yara`".into());
        }
        Ok(Self {
            ruleset: ruleset(user),
            exceptions: exceptions::in_force(&user.exceptions, user.today.as_ref()),
            shapes: user.shapes,
            #[cfg(feature = "yara")]
            yara: yara::Rules::compile(&user.yara)?,
        })
    }

    /// The digest of everything that decides: built-in rules, the user's rules, version. It is a part of each cache key.
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }

    /// Opens, reads and judges one artifact. It never fails: what cannot be read is a gap.
    ///
    /// With `careful`, only parsers that cannot be made to abort are used.
    pub fn analyse(&self, target: &Target, bytes: &[u8], limits: &Limits, careful: bool) -> Analysis {
        match artifact::open_named(bytes, &target.file_name, limits) {
            Ok(parsed) => self.judged(target, bytes, parsed, careful).0,
            Err(refused) => self.refused(target, bytes, &refused.to_string()),
        }
    }

    /// The same with the summary by which two versions are compared.
    pub fn summarise(&self, target: &Target, bytes: &[u8], limits: &Limits, careful: bool) -> Analysis {
        match artifact::open_named(bytes, &target.file_name, limits) {
            Ok(parsed) => {
                let (mut analysis, subject) = self.judged(target, bytes, parsed, careful);
                analysis.summary = Some(Box::new(summary::of(&subject)));
                analysis
            }
            Err(refused) => self.refused(target, bytes, &refused.to_string()),
        }
    }

    fn judged(
        &self,
        target: &Target,
        bytes: &[u8],
        parsed: model::Parsed<artifact::Tree>,
        careful: bool,
    ) -> (Analysis, Subject) {
        let mut subject = Subject::read(target, parsed, careful);
        let mut sink = Sink::default();
        rules::run(&subject, &mut sink);
        #[cfg(feature = "yara")]
        if let Some(yara) = &self.yara {
            yara.scan(&subject, &mut sink);
        }
        let mut coverage = subject.coverage();
        coverage.gaps.append(&mut sink.gaps);
        coverage.gaps.sort();
        coverage.gaps.dedup();
        let mut findings = evidence::complete(&subject, sink.findings);
        exceptions::apply(&self.exceptions, &subject, &mut findings);
        let judgement = judge::judge(&findings, &coverage);
        let worth_a_look = judgement.decision >= Decision::Suspicious;
        let indicators = if worth_a_look { indicators::list(&subject, &findings) } else { Vec::new() };
        let analysis = Analysis {
            verdict: Verdict {
                artifact: self.artifact(target, bytes),
                decision: judgement.decision,
                score: judgement.score,
                balance: judgement.balance,
                reason: judgement.reason,
                findings,
                coverage,
                author: self.author(),
            },
            capabilities: capabilities::list(&subject),
            facts: subject.facts.clone(),
            shapes: similarity::shapes(&subject, self.shapes, careful, &self.exceptions),
            problems: std::mem::take(&mut subject.problems),
            indicators,
            summary: None,
        };
        (analysis, subject)
    }

    fn refused(&self, target: &Target, bytes: &[u8], why: &str) -> Analysis {
        let coverage = Coverage { gaps: vec![Gap::new(GapKind::Unreadable, "", why)], ..Coverage::default() };
        Analysis::of(Verdict {
            artifact: self.artifact(target, bytes),
            decision: Decision::Inconclusive,
            score: model::Score(0),
            balance: model::Balance::default(),
            reason: format!("Nothing could be looked at: {why}."),
            findings: Vec::new(),
            coverage,
            author: self.author(),
        })
    }

    fn artifact(&self, target: &Target, bytes: &[u8]) -> ArtifactId {
        ArtifactId {
            release: None,
            file_name: target.file_name.clone(),
            sha256: Digest(sha2::Sha256::digest(bytes).into()),
        }
    }

    fn author(&self) -> Author {
        Author::Engine { version: env!("CARGO_PKG_VERSION").into(), ruleset: self.ruleset.clone() }
    }
}

/// What is known of each built-in rule, in the order of the catalogue.
pub fn rules() -> &'static [RuleMeta] {
    rules::metas()
}

/// The digest of everything that decides, without preparing the rules.
pub fn ruleset(user: &UserRules) -> String {
    let mut hash = sha2::Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    // The rules' code has no text of its own at run time; the digest of the sources is taken when they are compiled.
    hash.update(env!("LAZARET_SOURCES"));
    for meta in rules() {
        hash.update(&meta.page);
    }
    hash.update(judge::WEIGHTS);
    for (name, text) in &user.yara {
        hash.update(name);
        hash.update([0]);
        hash.update(text);
    }
    // The day itself decides nothing, but which exceptions are still in force.
    for one in exceptions::in_force(&user.exceptions, user.today.as_ref()) {
        for part in [&one.purl, &one.rule, &one.sha256, &one.reason] {
            hash.update(part);
            hash.update([0]);
        }
    }
    hash.update([user.shapes as u8]);
    if let Some(index) = &user.index {
        hash.update(index.0);
    }
    Digest(hash.finalize().into()).to_string().split_at(16).0.to_owned()
}
