//! The whole way of a scan.

use std::{cmp::Reverse, sync::Arc};

use model::{Answer, Decision, PackageType, RuleMatch};
use wire::scan::{Checked, Database, Package, PolicyUsed, Scan};

use super::{
    FailOn, Progress, Request, ScanError,
    analysis::{self, Outcome},
    base::Base,
    decide::{self, Evidence},
    issues::Checks,
    manifest,
    package::{self, Listed, Named},
    target::Project,
};
use crate::{
    inspect::{Analyst, Inspector, TargetError},
    policy::{Day, Door, Policy},
    verdicts::{Question, Verdicts},
};

/// Scans projects.
pub struct Scanner<A> {
    inspector: Arc<Inspector<A>>,
    verdicts: Arc<dyn Verdicts>,
    policy: Arc<Policy>,
}

impl<A: Analyst> Scanner<A> {
    /// A scanner that asks this database, lets this inspector look at what nobody knows, and this policy decide.
    pub fn new(inspector: Arc<Inspector<A>>, verdicts: Arc<dyn Verdicts>, policy: Arc<Policy>) -> Self {
        Self { inspector, verdicts, policy }
    }

    /// Scans what the request names.
    pub async fn scan<'a>(
        &'a self,
        request: &'a Request,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan<'a>, ScanError> {
        let base = request.diff.as_deref().map(|base| Base::read(request, base)).transpose()?;
        let Project { name, mut readings, notes, failures } = Project::read(request)?;
        let disagreements = manifest::compare(&mut readings);
        let checks = Checks::prepare(&readings, &self.inspector).await;
        let mut listed = Listed::of(&readings, &checks);
        drop(readings);
        manifest::add(&mut listed, disagreements);
        let difference = base.map(|base| base.reduce(&mut listed));
        let mut evidence = self.look_up(&listed.packages);
        self.analyse(request, &mut listed.packages, &mut evidence, progress).await;
        let mut scan = Scan {
            version: &request.version,
            ruleset: self.inspector.analyst().ruleset(),
            made: &request.made,
            project: name,
            files: Vec::new(),
            packages: Vec::new(),
            edges: Vec::new(),
            database: None,
            policy: PolicyUsed::default(),
            incomplete: failures,
            notes: notes.into_iter().chain(difference).collect(),
        };
        self.database(request, &mut scan);
        self.assemble(request, listed, evidence, &mut scan);
        Ok(scan)
    }

    /// Tells of the database, and of its age as the policy sees it.
    fn database(&self, request: &Request, scan: &mut Scan<'_>) {
        let Some(freshness) = self.verdicts.freshness() else { return };
        let made = jiff::Timestamp::from_second(freshness.made).unwrap_or_default();
        let age_hours = (request.now - freshness.made).max(0) as f64 / 3600.0;
        let (mut answer, mut why) = self.policy.database(age_hours);
        if freshness.made == 0 {
            // Only the user's own entries.
            (answer, why) = (Answer::Allow, None);
        } else if freshness.expires < request.now {
            answer = Answer::Block;
            why.get_or_insert_with(|| "the database has expired; run `lazaret db update`".into());
        }
        match (answer, why) {
            (Answer::Block, Some(why)) => scan.incomplete.push(why),
            (_, Some(why)) => scan.notes.push(why),
            (_, None) => {}
        }
        scan.database = Some(Database {
            sequence: freshness.sequence,
            made: made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            entries: freshness.entries,
            stale: answer != Answer::Allow,
        });
    }

    fn look_up(&self, packages: &[Named]) -> Vec<Evidence> {
        let ask = |package: &Named| {
            let dependency = &package.dependency;
            let question = Question {
                kind: &dependency.kind,
                name: &dependency.name,
                version: dependency.version.as_ref().map(|one| one.as_str()),
                checksums: &package.checksums,
            };
            let vulnerabilities = question
                .version
                .map(|version| self.verdicts.vulnerabilities(&dependency.kind, &dependency.name, version))
                .unwrap_or_default();
            Evidence { known: self.verdicts.lookup(&question), vulnerabilities, ..Evidence::default() }
        };
        packages.iter().map(ask).collect()
    }

    /// Looks at what the database does not settle, and asks it again with the hashes of what came.
    async fn analyse(
        &self,
        request: &Request,
        packages: &mut [Named],
        evidence: &mut [Evidence],
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) {
        let mut jobs = Vec::new();
        for (at, package) in packages.iter().enumerate() {
            if evidence[at].decision() > Decision::Inconclusive || evidence[at].decision() == Decision::Benign {
                continue;
            }
            evidence[at].unchecked = match analysis::obstacle(package) {
                Some(why) => Some(why),
                None if !request.analyze => Some("nobody knows it, and analysis is switched off (--no-analyze)".into()),
                None => analysis::pinned(package).map(|pinned| jobs.push((at, pinned))).map_or_else(
                    || Some("it names no release that could be looked at".into()),
                    |()| Some("its analysis came to no end, by a fault of Lazaret; please report it".into()),
                ),
            };
        }
        if jobs.is_empty() {
            return;
        }
        for (at, outcome) in analysis::examine(&self.inspector, jobs, request.offline, progress).await {
            self.take(&mut packages[at], &mut evidence[at], outcome);
        }
    }

    fn take(&self, package: &mut Named, evidence: &mut Evidence, outcome: Outcome) {
        match outcome {
            Outcome::Examined(examined) => {
                for analysis in &examined.analyses {
                    self.ask_for_bytes(package, evidence, analysis.verdict.artifact.sha256);
                }
                if examined.verified {
                    soften(package);
                }
                evidence.unchecked = examined.analyses.is_empty().then(|| "it has no file".into());
                evidence.examined = Some(examined);
            }
            Outcome::Failed(error) => {
                evidence.unchecked = Some(error.to_string());
                if let TargetError::Pinned { .. } = &error {
                    evidence.mismatch = true;
                    evidence.unchecked = Some("its bytes are not those that are pinned".into());
                    package.issue("integrity-mismatch", error.to_string(), Answer::Block);
                }
            }
            Outcome::Unreachable(why) => evidence.unchecked = Some(why),
        }
    }

    /// The same bytes may be known under another name.
    fn ask_for_bytes(&self, package: &Named, evidence: &mut Evidence, sha256: model::Digest) {
        let Some(checksum) = model::Checksum::new(model::Algorithm::Sha256, sha256.0.to_vec()) else { return };
        let checksums = [checksum];
        let dependency = &package.dependency;
        let version = dependency.version.as_ref().map(|one| one.as_str());
        let question = Question { kind: &dependency.kind, name: &dependency.name, version, checksums: &checksums };
        for known in self.verdicts.lookup(&question) {
            if !evidence.known.contains(&known) {
                evidence.known.push(known);
            }
        }
        evidence.known.sort_by_key(|one| Reverse((one.record.effective(), one.basis)));
    }

    fn assemble(&self, request: &Request, listed: Listed, evidence: Vec<Evidence>, scan: &mut Scan<'_>) {
        scan.incomplete.extend(incomplete(request, &listed, &evidence));
        let Listed { files, packages, edges, .. } = listed;
        let ways: Vec<Vec<String>> = packages.iter().map(|one| one.purls(&packages)).collect();
        let today = day(request);
        let decided = packages.into_iter().zip(evidence).zip(ways).map(|((named, evidence), way)| {
            let path = files.get(named.places[0].0).map_or("", |file| file.path.as_str());
            self.decide(request, named, evidence, (way, path), today)
        });
        let mut order: Vec<(usize, Package)> = decided.enumerate().collect();
        order.sort_by(|(_, one), (_, other)| {
            let weight = |package: &Package| Reverse((package.ruling.answer, package.decision));
            weight(one).cmp(&weight(other)).then_with(|| one.purl.cmp(&other.purl))
        });
        let mut moved = vec![0; order.len()];
        for (new, (old, _)) in order.iter().enumerate() {
            moved[*old] = new;
        }
        scan.edges = edges.into_iter().map(|(from, to)| (moved[from], moved[to])).collect();
        scan.edges.sort_unstable();
        scan.packages = order.into_iter().map(|(_, package)| package).collect();
        scan.files = files;
        scan.policy = self.policy.used(today);
    }

    fn decide(
        &self,
        request: &Request,
        named: Named,
        evidence: Evidence,
        (way, path): (Vec<String>, &str),
        today: Day,
    ) -> Package {
        let subject = decide::subject(&named, &evidence, path);
        let decision = evidence.decision();
        let mut ruling = self.policy.decide(&subject, Door::Scan, today);
        if decision == Decision::Suspicious && request.fail_on.contains(&FailOn::Suspicious) {
            let (rule, reason) = ("fail-on".into(), "suspicious packages fail this scan (--fail-on suspicious)".into());
            ruling.matches.push(RuleMatch { rule, answer: Answer::Block, reason, waived: None });
            ruling.settle();
        }
        let remarks = decide::remarks(&evidence);
        let advice = decide::advice(&named, decision, &ruling);
        let checked = match (evidence.unchecked, &evidence.examined) {
            (_, Some(_)) if evidence.known.is_empty() => Checked::Analysis,
            _ if !evidence.known.is_empty() => Checked::Database,
            (Some(why), _) => Checked::Not(why),
            (None, _) => Checked::Analysis,
        };
        let Named { purl, dependency, places, checksums, direct, dev, optional, issues, .. } = named;
        let mut package = Package {
            kind: dependency.kind.to_string(),
            origin: package::origin(&dependency.source),
            address: package::address(&dependency.source),
            name: dependency.name,
            version: dependency.version.map(|one| one.0),
            purl,
            places,
            checksums,
            direct,
            dev,
            optional,
            path: way,
            decision,
            checked,
            records: evidence.known.into_iter().map(|one| (one.record, one.basis)).collect(),
            analyses: evidence.examined.map(|one| one.analyses).unwrap_or_default(),
            issues,
            remarks,
            vulnerabilities: evidence.vulnerabilities,
            license: None,
            ruling,
            advice,
        };
        request.baseline.iter().for_each(|baseline| baseline.waive(&mut package));
        package
    }
}

/// The user's own registry has the very bytes that are pinned: whoever serves them, they are the right ones.
fn soften(package: &mut Named) {
    for issue in package.issues.iter_mut().filter(|one| one.code == "foreign-address") {
        issue.severity = Answer::Allow;
        issue.message.push_str("; your own registry has the same bytes");
    }
}

/// The day of the request, in universal time.
fn day(request: &Request) -> Day {
    let moment = jiff::Timestamp::from_second(request.now).unwrap_or_default();
    moment.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// What the run set out to do and could not.
fn incomplete(request: &Request, listed: &Listed, evidence: &[Evidence]) -> Vec<String> {
    let mut out = Vec::new();
    for file in listed.files.iter().filter(|file| file.problems.iter().any(|one| one.hides)) {
        out.push(format!("{} could not be read as a whole; packages may be missing", file.path));
    }
    let analysable = |at: usize| PackageType::ecosystem(&listed.packages[at].dependency.kind).is_some();
    let obstacle = |at: usize| analysis::obstacle(&listed.packages[at]).is_some();
    let accepted = |at: usize| {
        let package = &listed.packages[at];
        let origin = package::origin(&package.dependency.source);
        request.baseline.as_ref().is_some_and(|baseline| baseline.was_unchecked(&package.purl, origin))
    };
    let unchecked = |at: &usize| evidence[*at].unchecked.is_some() && evidence[*at].known.is_empty() && !accepted(*at);
    let all: Vec<usize> = (0..evidence.len()).filter(unchecked).collect();
    let failed = all.iter().filter(|at| request.analyze && analysable(**at) && !obstacle(**at)).count();
    if failed > 0 {
        out.push(format!("{} should have been analysed and could not be", wire::text::count(failed as u64, "package")));
    }
    if request.fail_on.contains(&FailOn::Unknown) && all.len() > failed {
        let number = wire::text::count(all.len() as u64, "package");
        out.push(format!("nobody looked at {number} (--fail-on unknown)"));
    }
    let inconclusive = evidence.iter().filter(|one| one.decision() == Decision::Inconclusive).count();
    if request.fail_on.contains(&FailOn::Incomplete) && inconclusive > 0 {
        let number = wire::text::count(inconclusive as u64, "package");
        out.push(format!("{number} could not be looked at as a whole (--fail-on incomplete)"));
    }
    out
}
