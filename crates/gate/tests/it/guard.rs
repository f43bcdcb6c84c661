//! Real package managers against a registry on loopback, under the guard.

mod cargo;
mod kin;
mod npm;
mod pip;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use gate::{
    guard::{Ended, Guard},
    inspect::{Analyst, Inspector, Options},
    policy::{Door, Policy},
    proxy::{Asker, Rules},
    verdicts::{Freshness, Known, Question, Verdicts},
};
use model::{
    Analysis, ArtifactId, Author, Balance, Basis, Checksum, Coverage, Decision, Digest, Record, Score, Target, Verdict,
};
use net::{Cache, Environment, discover::System};
use testkit::registry::Registry;

/// The moment at which every run is: 2026-06-01, noon.
const NOW: i64 = 1_780_315_200;
const OLD: &str = "2026-01-01T00:00:00Z";
/// Six hours before.
const YOUNG: &str = "2026-06-01T06:00:00Z";

/// An analyst that knows some bytes, and counts.
#[derive(Default, Clone)]
struct Reader {
    thoughts: Arc<Mutex<BTreeMap<Digest, Decision>>>,
    count: Arc<AtomicUsize>,
}

impl Analyst for Reader {
    fn ruleset(&self) -> &str {
        "reader"
    }

    async fn analyse(&self, target: Target, bytes: Vec<u8>) -> Analysis {
        self.count.fetch_add(1, Ordering::Relaxed);
        let sha256 = net::sha256(&bytes);
        let decision = self.thoughts.lock().expect("no panic").get(&sha256).copied().unwrap_or(Decision::Benign);
        Analysis::of(Verdict {
            artifact: ArtifactId { release: None, file_name: target.file_name, sha256 },
            decision,
            score: Score(if decision > Decision::Inconclusive { 97 } else { 0 }),
            balance: Balance::default(),
            reason: "as the test wants it".into(),
            findings: Vec::new(),
            coverage: Coverage::default(),
            author: Author::Engine { version: String::new(), ruleset: String::new() },
        })
    }
}

/// A database with few entries.
#[derive(Default, Clone)]
struct Database {
    releases: BTreeSet<(String, String)>,
    digests: BTreeSet<Checksum2>,
    missing: bool,
    expires: Option<i64>,
}

type Checksum2 = String;

impl Verdicts for Database {
    fn lookup(&self, question: &Question<'_>) -> Vec<Known> {
        let version = question.version.unwrap_or_default().to_owned();
        let by_name = self.releases.contains(&(format!("{}:{}", question.kind, question.name), version));
        let by_digest = question.checksums.iter().any(|one: &Checksum| self.digests.contains(&one.to_string()));
        let basis = if by_digest { Basis::Digest } else { Basis::Version };
        let record = Record {
            id: "MAL-2026-1".into(),
            decision: Decision::Malicious,
            reason: "it steals what it finds".into(),
            source: "the test".into(),
            reviewer: None,
            at: OLD.into(),
            held: None,
        };
        if by_name || by_digest { vec![Known { record, basis }] } else { Vec::new() }
    }

    fn freshness(&self) -> Option<Freshness> {
        let expires = self.expires.unwrap_or(NOW + 3600);
        (!self.missing).then_some(Freshness { sequence: 1, made: NOW - 3600, expires, entries: 1 })
    }
}

/// Somebody who always says the same.
struct Says(bool);

impl Asker for Says {
    fn ask(&self, _: &str, _: &str) -> Option<bool> {
        Some(self.0)
    }
}

/// The policy that holds for everybody, with this many hours to wait.
fn rules(cooldown: f64) -> Rules {
    let mut policy = Policy::preset("default").expect("a preset");
    policy.settings.cooldown = (cooldown > 0.0).then(|| (cooldown, vec![Door::Guard]));
    Rules::of(policy)
}

/// A user with a project, a registry, and the managers of this machine.
struct Shop {
    registry: Registry,
    folder: tempfile::TempDir,
    vars: BTreeMap<String, String>,
    reader: Reader,
    database: Database,
    rules: Rules,
    asker: Arc<dyn Asker>,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let registry = Registry::start();
        let at = |path: &str| folder.path().join(path).display().to_string();
        for path in ["home", "project", "empty"] {
            fs::create_dir_all(folder.path().join(path)).expect("a folder");
        }
        let set = |name: &str, value: String| (name.to_owned(), value);
        let mut vars: BTreeMap<String, String> = [
            set("PATH", std::env::var("PATH").expect("a search path")),
            set("HOME", at("home")),
            set("npm_config_registry", registry.url("npm")),
            set("npm_config_cache", at("npm-cache")),
            set("npm_config_audit", "false".into()),
            set("npm_config_fund", "false".into()),
            set("npm_config_update_notifier", "false".into()),
            set("npm_config_globalconfig", at("empty/npmrc")),
            set("npm_config_fetch_retries", "0".into()),
        ]
        .into();
        vars.extend([
            set("PIP_CONFIG_FILE", "/dev/null".into()),
            set("PIP_INDEX_URL", registry.url("pypi")),
            set("PIP_DISABLE_PIP_VERSION_CHECK", "1".into()),
            set("PIP_RETRIES", "0".into()),
            set("PIP_ROOT_USER_ACTION", "ignore".into()),
            set("CARGO_HOME", at("home/.cargo")),
            set("CARGO_NET_RETRY", "0".into()),
            set("YARN_CACHE_FOLDER", at("yarn-cache")),
        ]);
        let cargo = format!(
            "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\nregistry = \"sparse+{}\"\n",
            registry.url("cargo")
        );
        fs::create_dir_all(folder.path().join("home/.cargo")).expect("a folder");
        fs::write(folder.path().join("home/.cargo/config.toml"), cargo).expect("a file");
        let rustup = std::env::home_dir().map(|home| home.join(".rustup")).filter(|path| path.is_dir());
        vars.extend(rustup.map(|path| set("RUSTUP_HOME", path.display().to_string())));
        // The programs of some machines are found with these.
        for name in ["PYENV_ROOT", "PYENV_VERSION", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
            vars.extend(std::env::var(name).ok().map(|value| (name.to_owned(), value)));
        }
        let (reader, database, rules) = (Reader::default(), Database::default(), rules(0.0));
        Self { registry, folder, vars, reader, database, rules, asker: Arc::new(gate::proxy::Nobody) }
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn has(&self, path: &str) -> bool {
        self.project().join(path).exists()
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.project().join(path)).unwrap_or_default()
    }

    fn thinks(&self, bytes: &[u8], decision: Decision) {
        self.reader.thoughts.lock().expect("no panic").insert(net::sha256(bytes), decision);
    }

    fn environment(&self) -> Environment {
        Environment {
            cwd: self.project(),
            home: Some(self.folder.path().join("home")),
            root: self.folder.path().join("root"),
            vars: self.vars.clone(),
            programs: Arc::new(System { path: String::new() }),
            memory: None,
            fresh: false,
        }
    }

    fn guard(&self) -> Guard<Reader> {
        let net =
            net::Options { first_pause: std::time::Duration::from_millis(1), retries: 1, ..net::Options::default() };
        let cache = self.folder.path().join("cache");
        let options =
            Options { net: net.clone(), cache: Some(Cache::new(&cache, 1 << 26)), ..Options::new(self.environment()) };
        Guard {
            environment: self.environment(),
            inspector: Arc::new(Inspector::new(self.reader.clone(), options)),
            cache: Some(cache),
            state: self.folder.path().join("state"),
            net,
            verdicts: Arc::new(self.database.clone()),
            asker: self.asker.clone(),
            rules: self.rules.clone(),
            now: NOW,
        }
    }

    /// Runs a command under the guard.
    async fn run(&self, command: &str) -> Ended {
        let command: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let ended = self.guard().run(&command).await.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        println!("{command:?}: {ended:#?}");
        ended
    }

    /// Forgets what the manager has cached, and what it has installed.
    fn clear(&self, paths: &[&str]) {
        for path in paths {
            let path = self.folder.path().join(path);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }

    fn bypassed(&self, what: &str) -> usize {
        self.registry.seen().iter().filter(|one| one.path.contains(what)).count()
    }
}

/// Whether a program is on this machine; a line tells when it is not.
fn here(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder: PathBuf| Path::new(&folder).join(program).is_file());
    if !found {
        println!("SKIPPED: {program} is not on this machine");
    }
    found
}
