//! Only what is new counts: against an earlier report, and against a revision.

use std::{fs, process::Command};

use gate::scan::{FailOn, ScanError};
use model::{Answer, Decision};
use testkit::registry::Published;
use wire::{Exit, scan::Baseline};

use super::{Project, npm_lock, tarball};

fn lock(project: &Project, packages: &[(&'static str, &'static [u8])]) {
    let entry = |(name, bytes): &(&'static str, &'static [u8])| {
        project.registry.publish(Published::new("npm", name, "1.0.0", *bytes));
        (*name, "1.0.0", tarball(&project.registry, name, "1.0.0"), Some(*bytes))
    };
    let packages: Vec<_> = packages.iter().map(entry).collect();
    project.file("package-lock.json", npm_lock(&packages));
}

#[test]
fn a_baseline_accepts_what_it_holds_but_no_malware() {
    let project = Project::new();
    lock(&project, &[("odd", b"suspicious"), ("evil", b"malicious")]);
    let before = project.scan(|_| {});
    let baseline = Baseline::read(before.format("json")).expect("a baseline");
    lock(&project, &[("odd", b"suspicious"), ("evil", b"malicious"), ("new", b"suspicious")]);
    let seen = project.scan(|request| request.baseline = Some(baseline.clone()));
    let answers = ["odd", "evil", "new"].map(|name| seen.get(name).ruling.answer);
    assert_eq!(answers, [Answer::Allow, Answer::Block, Answer::Warn], "{}", seen.terminal);
    assert_eq!(seen.get("odd").decision, Decision::Suspicious, "what it is stays visible");
    assert!(seen.terminal.contains("holds it already"), "{}", seen.terminal);
    lock(&project, &[("odd", b"suspicious")]);
    let seen = project.scan(|request| request.baseline = Some(baseline));
    assert_eq!(seen.exit, Exit::Clean);
}

#[test]
fn a_baseline_accepts_what_was_unknown_then() {
    let project = Project::new();
    project.file("purls.txt", "pkg:golang/example.org/one@v1.0.0\n");
    let before = project.scan(|_| {});
    let baseline = Baseline::read(before.format("json")).expect("a baseline");
    let with = |text: &str| {
        project.file("purls.txt", text);
        project.scan(|request| {
            request.fail_on = vec![FailOn::Unknown];
            request.baseline = Some(baseline.clone());
        })
    };
    assert_eq!(with("pkg:golang/example.org/one@v1.0.0\n").exit, Exit::Clean);
    assert_eq!(with("pkg:golang/example.org/one@v1.0.0\npkg:golang/example.org/two@v1.0.0\n").exit, Exit::Incomplete);
    assert!(Baseline::read(b"{}").is_err());
}

#[test]
fn against_a_revision_only_what_is_new_or_changed_is_looked_at() {
    let project = Project::new();
    let git = |arguments: &[&str]| {
        let names = ["-c", "user.name=ana", "-c", "user.email=ana@team.example", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").arg("-C").arg(project.at()).args(names).args(arguments).output();
        assert!(done.expect("git runs").status.success(), "git {arguments:?}");
    };
    lock(&project, &[("old", b"malicious"), ("moved", b"plain")]);
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "first"]);
    let against = |base: &str| {
        let base = base.to_owned();
        project.try_scan(|request| {
            request.diff = Some(base);
            request.analyze = false;
        })
    };
    let seen = against("main").expect("a scan");
    assert_eq!((seen.packages.len(), seen.exit), (0, Exit::NoPackages), "{}", seen.terminal);
    lock(&project, &[("old", b"malicious"), ("moved", b"other bytes"), ("new", b"suspicious")]);
    let seen = against("HEAD").expect("a scan");
    let mut names: Vec<&str> = seen.packages.iter().map(|one| one.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["moved", "new"]);
    assert_eq!(seen.exit, Exit::Clean, "{}", seen.terminal);
    assert!(seen.terminal.contains("2 of 3 packages"), "{}", seen.terminal);
    assert!(matches!(against("no-such-branch"), Err(ScanError::Base(_))));
    assert!(matches!(against("--help"), Err(ScanError::Base(_))));
    fs::remove_dir_all(project.at().join(".git")).expect("removed");
    assert!(matches!(against("main"), Err(ScanError::Base(_))));
}
