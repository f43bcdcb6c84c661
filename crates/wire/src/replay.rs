//! A JSON report read again, and what differs between what it says and what is found now.

use model::{Analysis, Author, Decision, Finding, Score};
use serde::Deserialize;
use serde_json::Value;

/// What is needed of a JSON report.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The version of Lazaret that wrote it.
    pub version: String,
    /// The digest of its ruleset.
    pub ruleset: String,
    /// The targets that were analysed: label and analysis.
    pub targets: Vec<(String, Analysis)>,
}

/// One thing that is not as the report says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `ruleset`, `artifact`, `decision`, ...
    pub what: String,
    /// As the report says.
    pub recorded: String,
    /// As it is found now.
    pub now: String,
    /// Whether the verdict was not derived again. Another version or ruleset that finds the same does not break it.
    pub breaks: bool,
}

impl Difference {
    fn new(what: &str, recorded: impl ToString, now: impl ToString, breaks: bool) -> Self {
        Self { what: what.into(), recorded: recorded.to_string(), now: now.to_string(), breaks }
    }
}

/// Reads a report.
///
/// # Errors
/// A sentence: why it is none.
pub fn read(bytes: &[u8]) -> Result<Recorded, String> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| format!("it is no JSON: {error}"))?;
    if document["tool"]["name"] != "lazaret" || document["shape"] != 1 || !document["targets"].is_array() {
        return Err("it is no report that `lazaret inspect --format json` wrote".into());
    }
    let word = |key: &str| document["tool"][key].as_str().unwrap_or_default().to_owned();
    let mut targets = Vec::new();
    for target in document["targets"].as_array().into_iter().flatten() {
        let label = target["label"].as_str().unwrap_or_default().to_owned();
        let Some(analysis) = target.get("analysis") else { continue };
        let analysis = Analysis::deserialize(analysis).map_err(|error| format!("{label}: {error}"))?;
        targets.push((label, analysis));
    }
    Ok(Recorded { version: word("version"), ruleset: word("ruleset"), targets })
}

/// What differs when the findings and coverage of a report are judged again.
pub fn judged(recorded: &Analysis, decision: Decision, score: Score) -> Vec<Difference> {
    let verdict = &recorded.verdict;
    let mut found = Vec::new();
    if verdict.decision != decision {
        found.push(Difference::new("decision", verdict.decision, decision, true));
    }
    if verdict.score != score {
        found.push(Difference::new("score", verdict.score.0, score.0, true));
    }
    found
}

/// What differs between the analysis of a report and a new one of the same artifact.
pub fn compared(recorded: &Analysis, now: &Analysis) -> Vec<Difference> {
    let (before, after) = (&recorded.verdict, &now.verdict);
    let mut found = Vec::new();
    if before.artifact.sha256 != after.artifact.sha256 {
        found.push(Difference::new("artifact bytes", before.artifact.sha256, after.artifact.sha256, true));
    }
    let author = |analysis: &Analysis| match &analysis.verdict.author {
        Author::Engine { version, ruleset } => (version.clone(), ruleset.clone()),
        Author::Person { name, .. } => (name.clone(), String::new()),
    };
    let ((version, ruleset), (new_version, new_ruleset)) = (author(recorded), author(now));
    if version != new_version {
        found.push(Difference::new("version", version, new_version, false));
    }
    if ruleset != new_ruleset {
        found.push(Difference::new("ruleset", ruleset, new_ruleset, false));
    }
    found.extend(judged(recorded, after.decision, after.score));
    found.extend(
        lost(&before.findings, &after.findings).map(|one| Difference::new("finding", words(one), "gone", true)),
    );
    found.extend(
        lost(&after.findings, &before.findings).map(|one| Difference::new("finding", "not there", words(one), true)),
    );
    if before.coverage != after.coverage {
        let words = |one: &model::Coverage| {
            format!("{} files, {} read, {} bytes, {} gaps", one.files, one.parsed, one.bytes, one.gaps.len())
        };
        found.push(Difference::new("coverage", words(&before.coverage), words(&after.coverage), true));
    }
    if recorded.indicators != now.indicators {
        let (old, new) = (recorded.indicators.len(), now.indicators.len());
        found.push(Difference::new("indicators", old, new, true));
    }
    if recorded.capabilities != now.capabilities {
        let (old, new) = (recorded.capabilities.len(), now.capabilities.len());
        found.push(Difference::new("capabilities", old, new, true));
    }
    found
}

/// The findings of one list that the other has not.
fn lost<'a>(of: &'a [Finding], in_other: &'a [Finding]) -> impl Iterator<Item = &'a Finding> {
    of.iter().filter(|one| !in_other.contains(one))
}

fn words(finding: &Finding) -> String {
    let place = finding.places.first().map(crate::report::spot).unwrap_or_default();
    format!("{} ({}, {}) {} {place}", finding.rule, finding.kind, finding.phase, finding.note)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_report_is_refused_with_a_sentence() {
        for text in ["", "[]", "{}", r#"{"shape":1,"tool":{"name":"other"},"targets":[]}"#] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        let report =
            r#"{"shape":1,"tool":{"name":"lazaret","version":"1","ruleset":"x"},"targets":[{"label":"a","error":{}}]}"#;
        let recorded = read(report.as_bytes()).expect("a report");
        assert_eq!((recorded.ruleset.as_str(), recorded.targets.len()), ("x", 0));
    }
}
