//! Projects on disk, scanned against a registry on loopback and a database in memory.

use std::{fs, path::PathBuf, sync::Arc};

use gate::{
    inspect::Inspector,
    scan::{FailOn, Request, ScanError, Scanner},
    verdicts::{Freshness, Known, Question, Verdicts},
};
use model::{Algorithm, Answer, Basis, Decision, Record};
use testkit::registry::{Fault, Published, Registry};
use wire::{
    Exit,
    scan::{Checked, Package, Scan},
};

use crate::fake::{Counter, User};

/// A database of a few entries.
#[derive(Default)]
struct Entries(Vec<(String, Basis, Decision)>);

impl Entries {
    fn with(mut self, key: impl Into<String>, basis: Basis, decision: Decision) -> Self {
        self.0.push((key.into(), basis, decision));
        self
    }
}

impl Verdicts for Entries {
    fn lookup(&self, question: &Question<'_>) -> Vec<Known> {
        let hashes: Vec<String> = question.checksums.iter().map(ToString::to_string).collect();
        let whole = format!("{}/{}@{}", question.kind, question.name, question.version.unwrap_or_default());
        let fits = |(key, basis, _): &&(String, Basis, Decision)| match basis {
            Basis::Digest => hashes.contains(key),
            _ => *key == whole,
        };
        let known = |(_, basis, decision): &(String, Basis, Decision)| Known {
            record: Record {
                id: "TEST-1".into(),
                decision: *decision,
                reason: "it was planted".into(),
                source: "test".into(),
                reviewer: None,
                at: "2026-01-31T23:59:59Z".into(),
                held: None,
            },
            basis: *basis,
        };
        self.0.iter().filter(fits).map(known).collect()
    }

    fn freshness(&self) -> Option<Freshness> {
        Some(Freshness { sequence: 7, made: 1_700_000_000, expires: 1_900_000_000, entries: self.0.len() as u64 })
    }
}

/// A project, and the user who scans it.
struct Project {
    user: User,
    registry: Registry,
    database: Arc<Entries>,
}

impl Project {
    fn new() -> Self {
        let registry = Registry::start();
        Self { user: User::of(&registry), registry, database: Arc::default() }
    }

    fn knowing(self, database: Entries) -> Self {
        Self { database: Arc::new(database), ..self }
    }

    fn at(&self) -> PathBuf {
        self.user.folder.path().join("project")
    }

    fn file(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.at().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    fn request(&self) -> Request {
        Request {
            targets: vec![self.at().display().to_string()],
            list: None,
            exclude: Vec::new(),
            installed: false,
            analyze: true,
            offline: false,
            fail_on: Vec::new(),
            version: "0".into(),
            made: "2026-01-31T23:59:59.000Z".into(),
            now: 1_770_000_000,
        }
    }

    fn scan(&self, change: impl FnOnce(&mut Request)) -> Seen {
        self.try_scan(change).expect("a scan")
    }

    fn try_scan(&self, change: impl FnOnce(&mut Request)) -> Result<Seen, ScanError> {
        let mut request = self.request();
        change(&mut request);
        let inspector = Arc::new(Inspector::new(Counter::default(), self.user.options()));
        let scanner = Scanner::new(inspector, self.database.clone());
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let scan = runtime.block_on(scanner.scan(&request, &|_| {}))?;
        Ok(Seen::of(&scan))
    }
}

/// What a scan came to.
struct Seen {
    packages: Vec<Package>,
    exit: Exit,
    terminal: String,
    incomplete: Vec<String>,
}

impl Seen {
    fn of(scan: &Scan<'_>) -> Self {
        let mut out = Vec::new();
        wire::scan::format("terminal").expect("a format").write(scan, &mut out).expect("written");
        Self {
            packages: scan.packages.clone(),
            exit: scan.exit(),
            terminal: plain(&String::from_utf8(out).expect("text")),
            incomplete: scan.incomplete.clone(),
        }
    }

    fn get(&self, name: &str) -> &Package {
        self.packages.iter().find(|one| one.name == name).unwrap_or_else(|| panic!("{name} in {}", self.terminal))
    }

    fn codes(&self, name: &str) -> Vec<&str> {
        self.get(name).issues.iter().map(|one| one.code).collect()
    }
}

/// The text without styles.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// A lockfile of npm: name, version, address, bytes that it pins.
fn npm_lock(packages: &[(&str, &str, String, Option<&[u8]>)]) -> String {
    let asked: Vec<String> = packages.iter().map(|(name, ..)| format!("\"{name}\": \"*\"")).collect();
    let entry = |(name, version, resolved, bytes): &(&str, &str, String, Option<&[u8]>)| {
        let hash = bytes.map(|bytes| format!(", \"integrity\": \"{}\"", integrity(bytes))).unwrap_or_default();
        format!("\"node_modules/{name}\": {{\"version\": \"{version}\", \"resolved\": \"{resolved}\"{hash}}}")
    };
    let entries: Vec<String> = packages.iter().map(entry).collect();
    format!(
        "{{\"name\": \"app\", \"lockfileVersion\": 3, \"packages\": {{\n\"\": {{\"dependencies\": {{{}}}}},\n{}\n}}}}",
        asked.join(", "),
        entries.join(",\n")
    )
}

fn integrity(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::from("sha512-");
    for three in net::hash(Algorithm::Sha512, bytes).bytes().chunks(3) {
        let word = (0..3).fold(0_u32, |word, at| word << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS[(word >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn tarball(registry: &Registry, name: &str, version: &str) -> String {
    format!("{}{name}/-/{name}-{version}.tgz", registry.url("npm"))
}

#[test]
fn unknown_packages_are_analysed_by_the_hash_of_the_lockfile() {
    let project = Project::new();
    project.registry.publish(Published::new("npm", "one", "1.0.0", "one"));
    project.registry.publish(Published::new("npm", "two", "2.0.0", "two"));
    let at = |name, version| tarball(&project.registry, name, version);
    let lock = npm_lock(&[
        ("one", "1.0.0", at("one", "1.0.0"), Some(b"one")),
        ("two", "2.0.0", at("two", "2.0.0"), Some(b"other")),
    ]);
    project.file("package-lock.json", lock);
    let seen = project.scan(|_| {});
    assert_eq!((seen.get("one").decision, &seen.get("one").checked), (Decision::Benign, &Checked::Analysis));
    let two = seen.get("two");
    assert_eq!((two.decision, two.ruling.answer), (Decision::Unknown, Answer::Block), "{}", seen.terminal);
    assert_eq!(seen.codes("two"), ["integrity-mismatch"]);
    assert!(two.analyses.is_empty(), "bytes with another hash are not analysed");
    assert_eq!(seen.exit, Exit::Malicious);
    assert!(seen.terminal.ends_with("1 not checked\n"), "{}", seen.terminal);
}

#[test]
fn what_was_analysed_once_needs_no_network() {
    let project = Project::new();
    project.registry.publish(Published::new("npm", "one", "1.0.0", "one"));
    project.file(
        "package-lock.json",
        npm_lock(&[("one", "1.0.0", tarball(&project.registry, "one", "1.0.0"), Some(b"one"))]),
    );
    let offline = |request: &mut Request| request.offline = true;
    let seen = project.scan(offline);
    assert_eq!((seen.exit, seen.get("one").decision), (Exit::Incomplete, Decision::Unknown), "{}", seen.terminal);
    assert_eq!(project.scan(|_| {}).exit, Exit::Clean);
    project.registry.forget();
    let seen = project.scan(offline);
    assert_eq!((seen.exit, seen.get("one").decision), (Exit::Clean, Decision::Benign));
    assert!(project.registry.seen().is_empty());
}

#[test]
fn the_database_speaks_first_and_again_of_the_bytes() {
    let digest = net::hash(Algorithm::Sha256, b"two").to_string();
    let database = Entries::default().with("npm/one@1.0.0", Basis::Version, Decision::Malicious).with(
        digest,
        Basis::Digest,
        Decision::Malicious,
    );
    let project = Project::new().knowing(database);
    project.registry.publish(Published::new("npm", "two", "2.0.0", "two"));
    let at = |name, version| tarball(&project.registry, name, version);
    let lock = npm_lock(&[
        ("one", "1.0.0", at("one", "1.0.0"), Some(b"one")),
        ("two", "2.0.0", at("two", "2.0.0"), Some(b"two")),
    ]);
    project.file("package-lock.json", lock);
    let seen = project.scan(|_| {});
    for name in ["one", "two"] {
        let package = seen.get(name);
        assert_eq!(
            (package.decision, package.ruling.answer),
            (Decision::Malicious, Answer::Block),
            "{}",
            seen.terminal
        );
        assert_eq!(package.checked, Checked::Database);
    }
    assert!(!project.registry.seen().iter().any(|one| one.path.contains("/one")), "what is known is not downloaded");
    assert!(seen.terminal.contains("database 7 of 2023-11-14T22:13:20Z"), "{}", seen.terminal);
}

#[test]
fn without_analysis_the_unknown_stay_unknown_and_fail_only_when_asked() {
    let project = Project::new();
    project.file("purls.txt", "pkg:npm/one@1.0.0\npkg:golang/example.org/thing@v1.0.0\n");
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.exit, Exit::Clean);
    assert!(seen.terminal.ends_with("2 not checked\n"), "{}", seen.terminal);
    let seen = project.scan(|request| {
        request.analyze = false;
        request.fail_on = vec![FailOn::Unknown];
    });
    assert_eq!((seen.exit, seen.incomplete.len()), (Exit::Incomplete, 1));
}

#[test]
fn poisoned_addresses_are_seen() {
    let project = Project::new();
    let (mut packages, names): (Vec<_>, _) = (Vec::new(), ["one", "two", "three", "four"]);
    for name in names {
        project.registry.publish(Published::new("npm", name, "1.0.0", name));
        packages.push((name, "1.0.0", tarball(&project.registry, name, "1.0.0"), Some(name.as_bytes())));
    }
    packages[0].2 = "https://evil.example/one/-/one-1.0.0.tgz".into();
    packages[1].2 = tarball(&project.registry, "other", "1.0.0");
    packages[2].2 = "http://evil.example/three/-/three-1.0.0.tgz".into();
    packages[3].3 = None;
    project.file("package-lock.json", npm_lock(&packages));
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.codes("one"), ["foreign-address"]);
    assert_eq!(seen.codes("two"), ["address-names-other-package"]);
    assert_eq!(seen.codes("three"), ["insecure-address", "foreign-address"]);
    assert_eq!(seen.codes("four"), ["missing-integrity"]);
    assert_eq!((seen.exit, seen.get("four").ruling.answer), (Exit::Malicious, Answer::Warn), "{}", seen.terminal);
    let seen = project.scan(|_| {});
    assert_eq!(seen.get("one").ruling.answer, Answer::Warn, "the user's own registry has the same bytes");
    let asked = project.registry.seen();
    assert!(!asked.iter().any(|one| one.path.contains("/other")), "{asked:?}");
}

#[test]
fn what_the_manifest_asks_for_besides_is_seen() {
    let project = Project::new();
    project.file(
        "package-lock.json",
        npm_lock(&[("one", "1.0.0", tarball(&project.registry, "one", "1.0.0"), Some(b"one"))]),
    );
    project.file("package.json", r#"{"dependencies": {"one": "2.0.0", "two": "^2"}}"#);
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.codes("two"), ["manifest-disagrees"], "{}", seen.terminal);
    assert!(seen.packages.iter().any(|one| one.name == "one" && one.version.as_deref() == Some("2.0.0")));
    assert_eq!(seen.exit, Exit::Suspicious);
}

#[test]
fn a_cut_network_is_said_once_and_ends_in_time() {
    let project = Project::new();
    let list: String = (0..200).map(|at| format!("pkg:npm/p{at}@1.0.0\n")).collect();
    project.file("purls.txt", list);
    project.registry.fail("/npm/", Fault::Reset, 0);
    let mut vars = project.user.vars.clone();
    vars.insert("npm_config_registry".into(), "http://127.0.0.1:9/".into());
    let project = Project { user: User { vars, ..project.user }, ..project };
    let seen = project.scan(|_| {});
    assert_eq!((seen.exit, seen.packages.len()), (Exit::Incomplete, 200));
    assert!(seen.terminal.contains("cannot be reached"), "{}", seen.terminal);
    assert!(seen.terminal.ends_with("200 not checked\n"), "{}", seen.terminal);
}

#[test]
fn files_lead_nowhere_else() {
    let project = Project::new();
    fs::write(project.user.folder.path().join("secret.txt"), "not-for-you==1.0\n").expect("a file");
    project.file("requirements.txt", "-r ../secret.txt\none==1.0\n").file("node_modules/x/package-lock.json", "{}");
    let seen = project.scan(|request| request.analyze = false);
    assert_eq!(seen.packages.len(), 1, "{}", seen.terminal);
    assert_eq!(seen.exit, Exit::Incomplete, "a file that is missing may hide packages");
    assert!(seen.terminal.contains("--installed"), "{}", seen.terminal);
}

#[test]
fn targets_of_every_sort_are_read() {
    let project = Project::new();
    project.file("list", "pkg:npm/one@1.0.0\n").file("empty.bin", [0, 1, 2]);
    let at = |name: &str| project.at().join(name).display().to_string();
    let scan = |targets: Vec<String>, list: Option<&str>| {
        project.try_scan(|request| {
            request.analyze = false;
            request.targets = targets;
            request.list = list.map(str::to_owned);
        })
    };
    let names = |seen: Result<Seen, ScanError>| {
        seen.expect("a scan").packages.iter().map(|one| one.purl.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(scan(vec![at("list")], None)), ["pkg:npm/one@1.0.0"]);
    assert_eq!(
        names(scan(vec!["pkg:cargo/two@2.0.0".into(), at("list")], None)),
        ["pkg:cargo/two@2.0.0", "pkg:npm/one@1.0.0"]
    );
    assert_eq!(names(scan(vec!["-".into()], Some("pkg:gem/three@3\n"))), ["pkg:gem/three@3"]);
    let bom = r#"{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{"type": "library", "name": "four", "version": "4", "purl": "pkg:pypi/four@4"}]}"#;
    assert_eq!(names(scan(vec!["-".into()], Some(bom))), ["pkg:pypi/four@4"]);
    assert!(matches!(scan(vec![at("empty.bin")], None), Err(ScanError::NoFormat(_))));
    assert!(matches!(scan(vec![at("nothing")], None), Err(ScanError::NoFile(_))));
    assert!(matches!(scan(vec!["pkg:npm".into()], None), Err(ScanError::NoPurl(_))));
    fs::remove_file(project.at().join("list")).expect("removed");
    assert_eq!(scan(vec![project.at().display().to_string()], None).expect("a scan").exit, Exit::NoPackages);
}
