//! Projects on disk, scanned against a registry on loopback and a database in memory.

mod acceptance;
mod bounds;
mod changes;
mod files;
mod unknown;

use std::{fs, path::PathBuf, sync::Arc};

use gate::{
    inspect::{Analyst, Inspector},
    policy::Policy,
    scan::{Request, ScanError, Scanner},
    verdicts::{Freshness, Known, Question, Verdicts},
};
use model::{Algorithm, Analysis, Basis, Decision, Record, Target};
use testkit::registry::Registry;
use wire::{
    Exit,
    scan::{FORMATS, Package, Scan},
};

use crate::fake::{Counter, User};

/// An analyst that believes what the bytes say of themselves.
#[derive(Default)]
struct Believer(Counter);

impl Analyst for Believer {
    fn ruleset(&self) -> &str {
        "believer"
    }

    async fn analyse(&self, target: Target, bytes: Vec<u8>) -> Analysis {
        let decision = match &bytes[..] {
            b"malicious" => Decision::Malicious,
            b"suspicious" => Decision::Suspicious,
            _ => Decision::Benign,
        };
        let mut analysis = self.0.analyse(target, bytes).await;
        analysis.verdict.decision = decision;
        analysis
    }
}

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
        Some(Freshness { sequence: 7, made: 1_769_990_000, expires: 1_900_000_000, entries: self.0.len() as u64 })
    }
}

/// A project, and the user who scans it.
struct Project {
    user: User,
    registry: Registry,
    database: Arc<Entries>,
    policy: String,
}

impl Project {
    fn new() -> Self {
        let registry = Registry::start();
        Self {
            user: User::of(&registry),
            registry,
            database: Arc::default(),
            policy: "version: 1\nextends: default\n".into(),
        }
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
            baseline: None,
            diff: None,
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
        let inspector = Arc::new(Inspector::new(Believer::default(), self.user.options()));
        let policy = Policy::load(&self.policy, "lazaret-policy.yml").expect("a policy");
        let scanner = Scanner::new(inspector, self.database.clone(), Arc::new(policy));
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
    /// The report in every format.
    formats: Vec<(&'static str, Vec<u8>)>,
}

impl Seen {
    fn of(scan: &Scan<'_>) -> Self {
        let written = |format: &&dyn wire::scan::Format| {
            let mut out = Vec::new();
            format.write(scan, &mut out).expect("written");
            (format.name(), out)
        };
        // Machines read the others; of a huge project, one is enough.
        let number = if scan.packages.len() > 1000 { 1 } else { FORMATS.len() };
        let formats: Vec<_> = FORMATS[..number].iter().map(written).collect();
        Self {
            packages: scan.packages.clone(),
            exit: scan.exit(),
            terminal: plain(&String::from_utf8_lossy(&formats[0].1)),
            incomplete: scan.incomplete.clone(),
            formats,
        }
    }

    fn format(&self, name: &str) -> &[u8] {
        &self.formats.iter().find(|(one, _)| *one == name).expect("a format").1
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
