//! Who decides what a version may do: be listed, be handed out.

use std::{collections::HashMap, fmt, sync::Arc};

use model::{Analysis, Answer, Checksum, Decision, Digest, GapKind, PackageType, Phase, ReleaseId, Target};
use net::{Cache, Space};
use serde::{Deserialize, Serialize};

use super::{
    file::Handed,
    ledger::{Ledger, Outcome},
};
use crate::{
    inspect::{Analyst, Inspector, Loaded},
    policy::{Day, Door, MALWARE, Policy, Subject},
    verdicts::{self, Known, Question, Verdicts},
};

/// What is done where nobody knows enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// It may be used, and the summary says so.
    #[default]
    Open,
    /// The user is asked; without one, it may not be used.
    Ask,
    /// It may not be used.
    Closed,
}

/// What holds for one run.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The policy; its answers for the door of the guard count.
    pub policy: Arc<Policy>,
    /// Whether somebody is asked about what could not be analysed to its end, instead of the policy.
    pub unknown: Option<Mode>,
    /// What is done while the database is missing or too old, instead of what the policy says of its age.
    pub stale: Option<Mode>,
    /// Releases that may be used all the same: purls with a version, for which somebody gave a reason and a last day.
    pub allowed: Vec<String>,
}

impl Rules {
    /// What a policy says, and nothing else.
    pub fn of(policy: Policy) -> Self {
        Self { policy: Arc::new(policy), unknown: None, stale: None, allowed: Vec::new() }
    }

    /// How many hours a new version waits.
    fn cooldown(&self) -> f64 {
        self.policy.cooldown_hours(Door::Guard).unwrap_or_default()
    }
}

/// Somebody who can be asked.
pub trait Asker: Send + Sync {
    /// Whether a package may be used. None when nobody is there.
    fn ask(&self, name: &str, why: &str) -> Option<bool>;
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Asker for Nobody {
    fn ask(&self, _: &str, _: &str) -> Option<bool> {
        None
    }
}

/// The cause of a refusal, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// It is known as malware, or was found to be.
    Malicious,
    /// A person should look at it first.
    Suspicious,
    /// It was published too short a time ago.
    Young,
    /// It could not be analysed to its end.
    Unknown,
    /// The database is missing or too old.
    Stale,
    /// Its bytes are not those that the registry or the lockfile publishes.
    Bytes,
    /// A rule of the policy.
    Policy,
}

/// Why a version may not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The cause.
    pub cause: Cause,
    /// One sentence, without the name.
    pub text: String,
}

impl Why {
    pub(super) fn new(cause: Cause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into() }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One version as a listing shows it.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    /// The type.
    pub kind: &'a PackageType,
    /// The normalised name.
    pub name: &'a str,
    /// The version.
    pub version: &'a str,
    /// When it was published, in seconds since 1970, as far as the listing says it.
    pub published: Option<i64>,
    /// What its file hashes to.
    pub checksums: &'a [Checksum],
}

/// What was decided about bytes, in short: what is remembered under their published hash.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Brief {
    sha256: Digest,
    decision: Decision,
    score: u8,
    reason: String,
    complete: bool,
    /// The rules that found something.
    #[serde(default)]
    findings: Vec<String>,
    /// Whether anything runs at its installation.
    #[serde(default)]
    installs: bool,
    /// When the version was published, since listings are not always read.
    #[serde(default)]
    published: Option<i64>,
}

impl Brief {
    fn of(analysis: &Analysis, published: Option<i64>) -> Self {
        let verdict = &analysis.verdict;
        Self {
            sha256: verdict.artifact.sha256,
            decision: verdict.decision,
            score: verdict.score.0,
            reason: verdict.reason.clone(),
            complete: verdict.coverage.is_complete(),
            findings: verdict.findings.iter().map(|one| one.rule.to_string()).collect(),
            installs: analysis.capabilities.iter().any(|one| one.phase == Phase::Install),
            published,
        }
    }
}

/// The one who decides.
pub struct Desk<A> {
    /// What happened.
    pub ledger: Ledger,
    inspector: Arc<Inspector<A>>,
    cache: Option<Cache>,
    verdicts: Arc<dyn Verdicts>,
    asker: Arc<dyn Asker>,
    rules: Rules,
    now: i64,
    /// One question at a time, and each only once.
    answers: tokio::sync::Mutex<HashMap<String, bool>>,
}

impl<A: Analyst> Desk<A> {
    /// A desk at this moment, in seconds since 1970.
    pub fn new(
        inspector: Arc<Inspector<A>>,
        cache: Option<Cache>,
        verdicts: Arc<dyn Verdicts>,
        asker: Arc<dyn Asker>,
        rules: Rules,
        now: i64,
    ) -> Self {
        let (ledger, answers) = (Ledger::default(), tokio::sync::Mutex::default());
        Self { ledger, inspector, cache, verdicts, asker, rules, now, answers }
    }

    /// What holds.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The moment before which a version must have been published; none when age does not matter.
    pub(super) fn youngest(&self) -> Option<i64> {
        let hours = self.rules.cooldown();
        (hours > 0.0).then_some(self.now - (hours * 3600.0) as i64)
    }

    /// Whether a version may be listed. It never waits: only what is known already counts.
    pub fn list(&self, release: &Release<'_>) -> Result<(), Why> {
        self.known(release).map(drop)?;
        self.aged(release)
    }

    /// Whether the database speaks against it; what it says otherwise.
    fn known(&self, release: &Release<'_>) -> Result<Vec<Known>, Why> {
        let Release { kind, name, version, checksums, .. } = *release;
        let known = self.verdicts.lookup(&Question { kind, name, version: Some(version), checksums });
        match verdicts::decision(&known) {
            Decision::Malicious if !self.is_allowed(kind, name, version) && self.forbids_malware(release, &known) => {
                Err(Why::new(Cause::Malicious, told(&known, "it is known as malware")))
            }
            _ => Ok(known),
        }
    }

    /// Policies may only tell of malware, and exceptions may accept it.
    fn forbids_malware(&self, release: &Release<'_>, known: &[Known]) -> bool {
        let mut subject = self.subject(release);
        subject.state = Decision::Malicious;
        subject.records = known.iter().map(|one| one.record.id.clone()).collect();
        self.rules.policy.decide(&subject, Door::Guard, self.today()).answer == Answer::Block
    }

    fn subject(&self, release: &Release<'_>) -> Subject {
        let Release { kind, name, version, published, checksums } = *release;
        let mut subject = Subject::new(&purl(kind, name, version), kind.as_str(), name, version);
        subject.age_hours = published.map(|published| (self.now - published).max(0) as f64 / 3600.0);
        subject.hash = if checksums.is_empty() { "missing" } else { "verified" };
        subject.origin = "registry";
        subject.digests = checksums.iter().map(ToString::to_string).collect();
        subject
    }

    fn today(&self) -> Day {
        let now = jiff::Timestamp::from_second(self.now).unwrap_or_default();
        now.to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    /// Whether it is old enough. What nobody dates is taken: not every registry does.
    pub(super) fn aged(&self, release: &Release<'_>) -> Result<(), Why> {
        let (Some(youngest), Some(published)) = (self.youngest(), release.published) else { return Ok(()) };
        if published <= youngest || self.is_allowed(release.kind, release.name, release.version) {
            return Ok(());
        }
        let mut subject = self.subject(release);
        // Nothing else is known yet, and the policy must not take that for a finding.
        (subject.state, subject.complete) = (Decision::Benign, true);
        let ruling = self.rules.policy.decide(&subject, Door::Guard, self.today());
        if ruling.answer != Answer::Block {
            return Ok(());
        }
        let hours = (self.now - published).max(0) / 3600;
        let wait = hours_text(self.rules.cooldown().ceil() as i64);
        Err(Why::new(Cause::Young, format!("{} old; new versions wait {wait}", hours_text(hours))))
    }

    fn is_allowed(&self, kind: &PackageType, name: &str, version: &str) -> bool {
        if self.rules.allowed.is_empty() {
            return false;
        }
        let purl = purl(kind, name, version);
        self.rules.allowed.contains(&purl)
    }

    /// When a version was published, as far as it was remembered with its hash.
    pub(super) fn remembered_date(&self, checksum: &Checksum) -> Option<i64> {
        self.recall(checksum)?.published
    }

    /// Whether it is known what is to be thought of a file with one of these hashes.
    pub(super) fn remembers(&self, checksums: &[Checksum]) -> bool {
        checksums.iter().any(|checksum| self.recall(checksum).is_some())
    }

    /// Whether a file may be had, before its bytes are there: false when only they can tell.
    pub(super) async fn announce(&self, file: &Handed) -> Result<bool, Why> {
        let brief = file.checksum.as_ref().and_then(|checksum| self.recall(checksum));
        let remembered = brief.as_ref().and_then(|one| Checksum::new(model::Algorithm::Sha256, one.sha256.0.to_vec()));
        let checksums: Vec<Checksum> = file.checksum.iter().cloned().chain(remembered).collect();
        let mut release = file.release(&checksums);
        release.published = release.published.or(brief.as_ref().and_then(|one| one.published));
        let known = self.known(&release)?;
        self.aged(&release)?;
        self.fresh().await?;
        let Some(brief) = brief else { return Ok(false) };
        self.judge(file, &brief, &known, true).await?;
        Ok(true)
    }

    /// Where its bytes are kept, when they were had before.
    pub(super) fn held(&self, file: &Handed) -> Option<Vec<u8>> {
        let (cache, checksum) = (self.cache.as_ref()?, file.checksum.as_ref()?);
        let digest = match <[u8; 32]>::try_from(checksum.bytes()) {
            Ok(bytes) if checksum.algorithm() == model::Algorithm::Sha256 => Digest(bytes),
            _ => self.recall(checksum)?.sha256,
        };
        cache.artifact(digest).filter(|bytes| net::hash(checksum.algorithm(), bytes) == *checksum)
    }

    /// Whether these bytes may be released.
    pub(super) async fn examine(&self, file: &Handed, bytes: Vec<u8>) -> Result<Vec<u8>, Why> {
        let sha256 = net::sha256(&bytes);
        let own = Checksum::new(model::Algorithm::Sha256, sha256.0.to_vec());
        let checksums: Vec<Checksum> = file.checksum.iter().cloned().chain(own).collect();
        let known = self.known(&file.release(&checksums))?;
        let target = Target {
            file_name: file.file_name.clone(),
            ecosystem: file.kind.ecosystem(),
            name: Some(file.name.clone()),
            version: Some(file.version.clone()),
        };
        let release = file.kind.ecosystem().map(|ecosystem| ReleaseId {
            ecosystem,
            name: model::PackageName::from_normalised(file.name.clone()),
            version: model::Version(file.version.clone()),
        });
        let loaded = Loaded {
            target,
            label: file.purl(),
            release,
            bytes: bytes.clone(),
            sha256,
            notes: Vec::new(),
            gaps: Vec::new(),
        };
        let (analysis, cached) = self.inspector.analyse(loaded).await;
        let brief = Brief::of(&analysis, file.published);
        let passing = |kind| matches!(kind, GapKind::Budget | GapKind::WorkerDied | GapKind::RuleFailed);
        let keeps = !analysis.verdict.coverage.gaps.iter().any(|gap| passing(gap.kind));
        if let Some(cache) = self.cache.as_ref().filter(|_| keeps) {
            let key = file.checksum.as_ref().or(checksums.last());
            if let (Some(key), Ok(json)) = (key, serde_json::to_vec(&brief)) {
                // Failing to remember costs time only.
                let _ = cache.keep(Space::Verdicts, &self.key(key), &json);
            }
            let _ = cache.keep_artifact(&bytes);
        }
        self.judge(file, &brief, &known, cached).await?;
        Ok(bytes)
    }

    /// The database and the analysis together, as the policy sees them.
    async fn judge(&self, file: &Handed, brief: &Brief, known: &[Known], cached: bool) -> Result<(), Why> {
        self.ledger.note(file, if cached { Outcome::Remembered } else { Outcome::Analysed });
        if self.is_allowed(&file.kind, &file.name, &file.version) {
            return Ok(());
        }
        let own = Checksum::new(model::Algorithm::Sha256, brief.sha256.0.to_vec());
        let checksums: Vec<Checksum> = file.checksum.iter().cloned().chain(own).collect();
        let release = file.release(&checksums);
        let mut subject = self.subject(&Release { published: file.published.or(brief.published), ..release });
        subject.hash = if file.checksum.is_some() { "verified" } else { "missing" };
        // That no entry speaks of it is no opinion, and takes nothing from what its analysis has found.
        subject.state = if known.is_empty() { brief.decision } else { brief.decision.max(verdicts::decision(known)) };
        subject.score = Some(brief.score);
        subject.complete = brief.complete;
        subject.findings = brief.findings.clone();
        subject.install_scripts = Some(brief.installs);
        subject.records = known.iter().map(|one| one.record.id.clone()).collect();
        let is_ours = brief.decision >= subject.state;
        let source = known.first().filter(|_| !is_ours).map(|one| one.record.source.clone());
        subject.source = source.unwrap_or_else(|| "analysis".into());
        let text = match (is_ours, subject.state) {
            (true, Decision::Malicious) => evidence(brief, "its code is malware"),
            (true, Decision::Suspicious) => evidence(brief, "its code is suspicious"),
            (false, Decision::Suspicious) => told(known, "it is held to be suspicious"),
            _ => format!("it could not be analysed to its end: {}", brief.reason),
        };
        self.obey(file, &subject, text).await
    }

    async fn obey(&self, file: &Handed, subject: &Subject, text: String) -> Result<(), Why> {
        let ruling = self.rules.policy.decide(subject, Door::Guard, self.today());
        let decisive = ruling.decisive();
        let rule = decisive.map(|one| one.rule.as_str()).unwrap_or_default();
        let reason = decisive.map(|one| one.reason.clone()).unwrap_or_default();
        let mode = self.rules.unknown.filter(|_| subject.state == Decision::Inconclusive);
        match (ruling.answer, rule) {
            (_, "incomplete" | "unknown") if mode == Some(Mode::Closed) => Err(Why::new(Cause::Unknown, text)),
            (_, "incomplete" | "unknown") if mode == Some(Mode::Ask) => self.ask(file, Cause::Unknown, text).await,
            (_, "incomplete" | "unknown") if mode == Some(Mode::Open) => {
                self.ledger.unchecked(&file.purl(), &text);
                Ok(())
            }
            (Answer::Allow, _) => Ok(()),
            (Answer::Warn, "incomplete" | "unknown") => {
                self.ledger.unchecked(&file.purl(), &text);
                Ok(())
            }
            // That nobody dates a version is no news about it.
            (Answer::Warn, "cooldown") => Ok(()),
            (Answer::Warn, "suspicious" | MALWARE) => {
                self.ledger.warned(&file.purl(), &text);
                Ok(())
            }
            (Answer::Warn, rule) => {
                self.ledger.warned(&file.purl(), &format!("{reason} (rule {rule})"));
                Ok(())
            }
            (Answer::Block, MALWARE) => Err(Why::new(Cause::Malicious, text)),
            (Answer::Block, "suspicious") => self.ask(file, Cause::Suspicious, text).await,
            (Answer::Block, "incomplete" | "unknown") => Err(Why::new(Cause::Unknown, text)),
            (Answer::Block, "cooldown") => Err(Why::new(Cause::Young, reason)),
            (Answer::Block, rule) => Err(Why::new(Cause::Policy, format!("{reason} (rule {rule})"))),
        }
    }

    /// Whether the database may be relied upon.
    async fn fresh(&self) -> Result<(), Why> {
        let (answer, text) = match self.verdicts.freshness() {
            None => (Answer::Warn, "there is no database of known malware".to_owned()),
            Some(fresh) if fresh.expires < self.now => {
                let hours = hours_text((self.now - fresh.expires) / 3600);
                (Answer::Warn, format!("the database of known malware is {hours} past its last day"))
            }
            Some(fresh) => match self.rules.policy.database((self.now - fresh.made) as f64 / 3600.0) {
                (Answer::Allow, _) => return Ok(()),
                (answer, why) => (answer, why.unwrap_or_else(|| "the database of known malware is too old".into())),
            },
        };
        self.ledger.stale(&text);
        match (self.rules.stale, answer) {
            (Some(Mode::Open), _) | (None, Answer::Allow | Answer::Warn) => Ok(()),
            (Some(Mode::Closed), _) | (None, Answer::Block) => Err(Why::new(Cause::Stale, text)),
            // One question for the whole run.
            (Some(Mode::Ask), _) => self.asked("the whole installation", "stale", Why::new(Cause::Stale, text)).await,
        }
    }

    async fn ask(&self, file: &Handed, cause: Cause, text: String) -> Result<(), Why> {
        let key = file.checksum.as_ref().map_or_else(|| file.purl(), ToString::to_string);
        self.asked(&file.purl(), &key, Why::new(cause, text)).await
    }

    /// Asks whoever is there, one question at a time. No answer is no.
    async fn asked(&self, name: &str, key: &str, why: Why) -> Result<(), Why> {
        let mut answers = self.answers.lock().await;
        let answer = match answers.get(key) {
            Some(answer) => *answer,
            // Who is asked takes time, and this thread serves others.
            None => {
                let (asker, name, text) = (self.asker.clone(), name.to_owned(), why.text.clone());
                let answer = tokio::task::spawn_blocking(move || asker.ask(&name, &text)).await;
                answer.ok().flatten().unwrap_or(false)
            }
        };
        answers.insert(key.to_owned(), answer);
        if answer { Ok(()) } else { Err(why) }
    }

    fn key(&self, checksum: &Checksum) -> String {
        format!("{checksum} by {}", self.inspector.analyst().ruleset())
    }

    fn recall(&self, checksum: &Checksum) -> Option<Brief> {
        // Weak hashes name bytes that anybody can make.
        if checksum.algorithm() < model::Algorithm::Sha256 {
            return None;
        }
        serde_json::from_slice(&self.cache.as_ref()?.read(Space::Verdicts, &self.key(checksum))?).ok()
    }
}

/// The purl of a release.
pub(super) fn purl(kind: &PackageType, name: &str, version: &str) -> String {
    model::Dependency::new(kind.clone(), name).version(version).purl()
}

fn evidence(brief: &Brief, what: &str) -> String {
    format!("{what} ({}% likely malware): {}", brief.score, brief.reason)
}

/// What the database says, by its weightiest entry.
fn told(known: &[Known], what: &str) -> String {
    match known.first() {
        Some(Known { record, .. }) => format!("{what} ({}, {}): {}", record.id, record.source, record.reason),
        None => what.to_owned(),
    }
}

fn hours_text(hours: i64) -> String {
    match hours {
        0 => "less than an hour".into(),
        1 => "1 hour".into(),
        2..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}
