//! What a report says of one package, in the same words and with the same ids in every format.

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};

use model::{Answer, Decision, Ruling};

use super::{Checked, LockIssue, Package, Scan, ScannedFile, Vulnerability};
use crate::{identity::uuid, text::count};

/// The namespace of the ids that a scan gives.
const SCANS: [u8; 16] =
    [0x3c, 0x5e, 0x61, 0xd8, 0x42, 0x0b, 0x4f, 0x97, 0xa1, 0x6d, 0x2e, 0x84, 0xbc, 0x17, 0x5f, 0x09];

/// A reason to look at a package or not to use it, from one witness.
pub(super) struct Alarm {
    /// The entry's id at its source; for our own analysis, one that is made of the bytes.
    pub id: String,
    /// Who says it.
    pub source: String,
    /// What it says.
    pub decision: Decision,
    /// Why, in a sentence.
    pub reason: String,
    /// When, where the witness says so.
    pub at: Option<String>,
}

/// Everything that calls a package malicious or suspicious, the weightiest first.
pub(super) fn alarms(package: &Package) -> Vec<Alarm> {
    let records = package.records.iter().map(|(record, basis)| {
        let reviewer = record.reviewer.as_ref().map(|who| format!(", confirmed by {who}")).unwrap_or_default();
        let held = record.held.as_ref().map(|why| format!(" It only warns: {why}")).unwrap_or_default();
        Alarm {
            id: record.id.clone(),
            source: record.source.clone(),
            decision: record.effective(),
            reason: format!("{} (about {basis}{reviewer}){held}", record.reason),
            at: Some(record.at.clone()),
        }
    });
    let analyses = package.analyses.iter().map(|analysis| {
        let verdict = &analysis.verdict;
        let (digest, score) = (verdict.artifact.sha256.to_string(), verdict.score.0);
        Alarm {
            id: format!("LAZARET-{}", digest[..12].to_uppercase()),
            source: "Lazaret".into(),
            decision: verdict.decision,
            reason: format!("{} (score {score} of 100)", verdict.reason),
            at: None,
        }
    });
    let mut alarms: Vec<Alarm> = records.chain(analyses).filter(|one| one.decision >= Decision::Suspicious).collect();
    alarms.sort_by_key(|one| Reverse(one.decision));
    if alarms.is_empty() && package.decision >= Decision::Suspicious {
        alarms.push(Alarm {
            id: format!("LAZARET-{}", id(&["package", &package.purl])[..12].to_uppercase()),
            source: "Lazaret".into(),
            decision: package.decision,
            reason: format!("The package is {}.", package.decision),
            at: None,
        });
    }
    alarms
}

/// What a statement speaks of.
#[derive(Clone, Copy)]
pub(super) enum Subject<'a> {
    /// The package is malicious, suspicious or could not be looked at whole.
    Verdict(Decision),
    /// How a file names it.
    Lock(&'a LockIssue),
    /// A known vulnerability.
    Vulnerability(&'a Vulnerability),
    /// Only the policy minds.
    Policy,
}

/// One thing to say of a package. Its texts are not escaped.
pub(super) struct Statement<'a> {
    /// In kebab-case, an advisory's id, or `policy/` and the rule's name.
    pub code: String,
    /// What it speaks of.
    pub subject: Subject<'a>,
    /// How much it weighs.
    pub weight: Answer,
    /// A few words.
    pub title: String,
    /// Whole sentences.
    pub text: String,
}

impl Statement<'_> {
    /// What keeps it apart from the package's other statements: a file may name a package oddly in one way and twice.
    pub fn key(&self) -> String {
        match self.subject {
            Subject::Lock(issue) => format!("{}: {}", self.code, issue.message),
            _ => self.code.clone(),
        }
    }
}

/// Everything to say of a package, the weightiest first.
pub(super) fn statements(package: &Package) -> Vec<Statement<'_>> {
    let mut all: Vec<Statement<'_>> = Vec::new();
    all.extend(verdict(package));
    all.extend(package.issues.iter().map(|issue| Statement {
        code: issue.code.into(),
        subject: Subject::Lock(issue),
        weight: issue.severity,
        title: issue.code.replace('-', " "),
        text: issue.message.clone(),
    }));
    all.extend(package.vulnerabilities.iter().map(|one| Statement {
        code: one.id.clone(),
        subject: Subject::Vulnerability(one),
        weight: if matches!(one.severity.as_str(), "critical" | "high") { Answer::Warn } else { Answer::Allow },
        title: format!("{} ({})", one.id, one.severity),
        text: format!("{}{}", one.summary, fixed(one)),
    }));
    for rule in package.ruling.matches.iter().filter(|one| one.waived.is_none() && one.answer > Answer::Allow) {
        // What the policy says of a fact that is told anyway would only be told twice.
        if !all.iter().any(|one| one.weight >= rule.answer) {
            all.push(Statement {
                code: format!("policy/{}", rule.rule),
                subject: Subject::Policy,
                weight: rule.answer,
                title: format!("policy rule {}", rule.rule),
                text: rule.reason.clone(),
            });
        }
    }
    all.sort_by_key(|one| Reverse(one.weight));
    all
}

fn verdict(package: &Package) -> Option<Statement<'_>> {
    let (code, weight) = match package.decision {
        Decision::Malicious => ("malicious-package", Answer::Block),
        Decision::Suspicious => ("suspicious-package", Answer::Warn),
        Decision::Inconclusive => ("incompletely-read-package", Answer::Allow),
        Decision::Unknown | Decision::Benign => return None,
    };
    let mut sentences: Vec<String> =
        alarms(package).into_iter().map(|one| format!("{} {}: {}", one.source, one.id, one.reason)).collect();
    if package.decision == Decision::Inconclusive {
        sentences.extend(package.worst().map(|one| one.verdict.reason.clone()));
    }
    Some(Statement {
        code: code.into(),
        subject: Subject::Verdict(package.decision),
        weight,
        title: code.replace('-', " "),
        text: sentences.join(" "),
    })
}

fn fixed(one: &Vulnerability) -> String {
    one.fixed.as_ref().map(|version| format!(" Fixed in {version}.")).unwrap_or_default()
}

/// An id made of parts.
pub(super) fn id(parts: &[&str]) -> String {
    uuid(SCANS, &parts.join("\0"))
}

/// An id of the whole report: the same packages with the same answers at the same time have the same.
pub(super) fn document_id(kind: &str, scan: &Scan<'_>) -> String {
    let mut parts = vec![kind, scan.made, &scan.project, scan.version, scan.ruleset, &scan.policy.name];
    for package in &scan.packages {
        parts.extend([package.purl.as_str(), package.decision.as_str(), package.ruling.answer.as_str()]);
    }
    id(&parts)
}

/// The packages as people want to read them: blocked first, then warned of, then the others.
pub(super) fn ordered<'a>(scan: &'a Scan<'_>) -> Vec<(usize, &'a Package)> {
    let mut packages: Vec<(usize, &Package)> = scan.packages.iter().enumerate().collect();
    packages.sort_by_key(|(_, one)| (Reverse(one.ruling.answer), Reverse(one.is_notable())));
    packages
}

/// What the policy decided, in a word.
pub(super) const fn word(answer: Answer) -> &'static str {
    match answer {
        Answer::Block => "blocked",
        Answer::Warn => "warned of",
        Answer::Allow => "allowed",
    }
}

/// Why the policy answers as it does: the rule that decided, in a sentence.
pub(super) fn decisive(ruling: &Ruling) -> Option<String> {
    let one = ruling.decisive().filter(|one| one.answer > Answer::Allow)?;
    Some(format!("The policy's rule {}: {}", one.rule, one.reason))
}

/// Rules that would have answered otherwise, had no exception waived them.
pub(super) fn waived(ruling: &Ruling) -> impl Iterator<Item = String> {
    let waived = ruling.matches.iter().filter_map(|one| Some((one, one.waived.as_ref()?)));
    waived.map(|(one, why)| format!("The policy's rule {} is waived: {} ({why})", one.rule, one.reason))
}

/// How the decision is known, in a few words.
pub(super) fn checked(package: &Package) -> Cow<'static, str> {
    match &package.checked {
        Checked::Database => "in the database".into(),
        Checked::Analysis => "analysed".into(),
        Checked::Not(why) => format!("not checked: {why}").into(),
    }
}

/// Where a package is written down, the first place first.
pub(super) fn places<'a>(scan: &'a Scan<'_>, package: &Package) -> Vec<(&'a ScannedFile, u32)> {
    package.places.iter().filter_map(|(file, line)| Some((scan.files.get(*file)?, *line))).collect()
}

/// A place as text.
pub(super) fn place((file, line): (&ScannedFile, u32)) -> String {
    if line == 0 { file.path.clone() } else { format!("{}:{line}", file.path) }
}

/// What to do about a package, always with something to do where the policy minds.
pub(super) fn advice(package: &Package) -> Option<Cow<'_, str>> {
    if let Some(advice) = &package.advice {
        return Some(advice.into());
    }
    match package.ruling.answer {
        Answer::Block => Some("Do not install it: remove it, or pin another version.".into()),
        Answer::Warn => Some("Look at it before it is used.".into()),
        Answer::Allow => None,
    }
}

/// Why packages were not checked: each reason with the packages that it holds for, the most frequent first.
pub(super) fn unchecked<'a>(scan: &'a Scan<'_>) -> Vec<(&'a str, Vec<&'a Package>)> {
    let mut reasons: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in &scan.packages {
        if let Checked::Not(why) = &package.checked {
            reasons.entry(why).or_default().push(package);
        }
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, packages)| Reverse(packages.len()));
    reasons
}

/// What a report ends with: how much nobody looked at.
pub(super) fn last_line(scan: &Scan<'_>) -> String {
    format!("{} of {} not checked", scan.unchecked(), count(scan.packages.len() as u64, "package"))
}

/// The result of the whole scan in a sentence.
pub(super) fn conclusion(scan: &Scan<'_>) -> String {
    let (blocked, warned) = (scan.count(Answer::Block), scan.count(Answer::Warn));
    let packages = count(scan.packages.len() as u64, "package");
    match (blocked, warned) {
        (0, 0) => format!("Of {packages}, none is blocked or warned of."),
        (0, _) => format!("Of {packages}, none is blocked and {warned} should be looked at."),
        _ => format!("Of {packages}, {blocked} may not be used and {warned} should be looked at."),
    }
}

/// The database that was asked, in a few words.
pub(super) fn database(scan: &Scan<'_>) -> String {
    match &scan.database {
        None => "no database of verdicts".into(),
        Some(one) => {
            let stale = if one.stale { ", too old" } else { "" };
            format!("database {} of {}{stale} with {} records", one.sequence, one.made, one.entries)
        }
    }
}

/// What holds for the whole run, each with the word for it: what is incomplete, exceptions that ended, notes.
pub(super) fn remarks<'a>(scan: &'a Scan<'_>) -> Vec<(&'static str, &'a str)> {
    let lists = [("incomplete", &scan.incomplete), ("exception", &scan.policy.stale_exceptions), ("note", &scan.notes)];
    lists.into_iter().flat_map(|(word, list)| list.iter().map(move |one| (word, one.as_str()))).collect()
}
