//! The whole way of a scan.

use std::{cmp::Reverse, sync::Arc};

use model::{Answer, Decision, PackageType, RuleMatch, Ruling};
use wire::scan::{Checked, Database, Package, PolicyUsed, Scan};

use super::{
    FailOn, Progress, Request, ScanError,
    analysis::{self, Outcome},
    decide::{self, Evidence},
    issues::Checks,
    manifest,
    package::{self, Listed, Named},
    target::Project,
};
use crate::{
    inspect::{Analyst, Inspector, TargetError},
    verdicts::{Question, Verdicts},
};

/// Scans projects.
pub struct Scanner<A> {
    inspector: Arc<Inspector<A>>,
    verdicts: Arc<dyn Verdicts>,
}

impl<A: Analyst> Scanner<A> {
    /// A scanner that asks this database, and lets this inspector look at what nobody knows.
    pub fn new(inspector: Arc<Inspector<A>>, verdicts: Arc<dyn Verdicts>) -> Self {
        Self { inspector, verdicts }
    }

    /// Scans what the request names.
    pub async fn scan<'a>(
        &'a self,
        request: &'a Request,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan<'a>, ScanError> {
        let Project { name, mut readings, notes, failures } = Project::read(request)?;
        let disagreements = manifest::compare(&mut readings);
        let checks = Checks::prepare(&readings, &self.inspector).await;
        let mut listed = Listed::of(&readings, &checks);
        drop(readings);
        manifest::add(&mut listed, disagreements);
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
            database: self.database(),
            policy: PolicyUsed { name: "default".into(), stale_exceptions: Vec::new() },
            incomplete: failures,
            notes,
        };
        self.assemble(request, listed, evidence, &mut scan);
        Ok(scan)
    }

    fn database(&self) -> Option<Database> {
        let freshness = self.verdicts.freshness()?;
        let made = jiff::Timestamp::from_second(freshness.made).unwrap_or_default();
        Some(Database {
            sequence: freshness.sequence,
            made: made.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            entries: freshness.entries,
            stale: false,
        })
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
            Evidence { known: self.verdicts.lookup(&question), ..Evidence::default() }
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
        let ways: Vec<Vec<String>> = packages.iter().map(|one| one.way.purls(&packages)).collect();
        let decided = packages.into_iter().zip(evidence).zip(ways).map(|((named, evidence), way)| {
            let path = files.get(named.places[0].0).map_or("", |file| file.path.as_str());
            self.decide(request, named, evidence, way, path)
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
    }

    fn decide(&self, request: &Request, named: Named, evidence: Evidence, way: Vec<String>, path: &str) -> Package {
        let subject = decide::subject(&named, &evidence, path);
        let decision = evidence.decision();
        let mut ruling = built_in(subject.state);
        decide::add_issues(&mut ruling, &named.issues);
        if decision == Decision::Suspicious && request.fail_on.contains(&FailOn::Suspicious) {
            let (rule, reason) = ("fail-on".into(), "suspicious packages fail this scan (--fail-on suspicious)".into());
            ruling.matches.push(RuleMatch { rule, answer: Answer::Block, reason, waived: None });
            decide::settle(&mut ruling);
        }
        let advice = decide::advice(&named, decision, &ruling);
        let checked = match (evidence.unchecked, &evidence.examined) {
            (_, Some(_)) if evidence.known.is_empty() => Checked::Analysis,
            _ if !evidence.known.is_empty() => Checked::Database,
            (Some(why), _) => Checked::Not(why),
            (None, _) => Checked::Analysis,
        };
        let Named { purl, dependency, places, checksums, direct, dev, optional, issues, .. } = named;
        let version = dependency.version.as_ref();
        let vulnerabilities =
            version.map(|one| self.verdicts.vulnerabilities(&dependency.kind, &dependency.name, one.as_str()));
        Package {
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
            vulnerabilities: vulnerabilities.unwrap_or_default(),
            license: None,
            ruling,
            advice,
        }
    }
}

/// The user's own registry has the very bytes that are pinned: whoever serves them, they are the right ones.
fn soften(package: &mut Named) {
    for issue in package.issues.iter_mut().filter(|one| one.code == "foreign-address") {
        issue.severity = Answer::Warn;
        issue.message.push_str("; your own registry has the same bytes");
    }
}

fn built_in(decision: Decision) -> Ruling {
    let (rule, answer, reason) = match decision {
        Decision::Malicious => ("malware", Answer::Block, "it is malware"),
        Decision::Suspicious => ("suspicious", Answer::Warn, "somebody should look at it before it is used"),
        _ => return Ruling::default(),
    };
    let one = RuleMatch { rule: rule.into(), answer, reason: reason.into(), waived: None };
    Ruling { answer, matches: vec![one] }
}

/// What the run set out to do and could not.
fn incomplete(request: &Request, listed: &Listed, evidence: &[Evidence]) -> Vec<String> {
    let mut out = Vec::new();
    for file in listed.files.iter().filter(|file| file.problems.iter().any(|one| one.hides)) {
        out.push(format!("{} could not be read as a whole; packages may be missing", file.path));
    }
    let analysable = |at: usize| PackageType::ecosystem(&listed.packages[at].dependency.kind).is_some();
    let obstacle = |at: usize| analysis::obstacle(&listed.packages[at]).is_some();
    let unchecked = |at: &usize| evidence[*at].unchecked.is_some() && evidence[*at].known.is_empty();
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
