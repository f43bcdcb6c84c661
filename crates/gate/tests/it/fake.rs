//! An analyst that only counts, and a user with nothing but a registry.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use gate::inspect::{Analyst, Event, Inspected, Inspector, Loaded, Options, Spec, TargetError};
use model::{Analysis, ArtifactId, Author, Balance, Coverage, Decision, Score, Target, Verdict};
use net::{Cache, Environment, discover::System};
use testkit::registry::Registry;

#[derive(Default)]
pub struct Counter {
    pub count: AtomicUsize,
    pub ruleset: String,
}

impl Analyst for Counter {
    fn ruleset(&self) -> &str {
        &self.ruleset
    }

    async fn analyse(&self, target: Target, bytes: Vec<u8>) -> Analysis {
        assert_ne!(bytes, b"panic", "this target brings the analyst down");
        self.count.fetch_add(1, Ordering::Relaxed);
        let artifact = ArtifactId { release: None, file_name: target.file_name, sha256: net::sha256(&bytes) };
        let (findings, coverage) = (Vec::new(), Coverage::default());
        let author = Author::Engine { version: String::new(), ruleset: String::new() };
        let (decision, reason) = (Decision::Benign, String::new());
        let verdict = Verdict {
            artifact,
            decision,
            score: Score(0),
            balance: Balance::default(),
            reason,
            findings,
            coverage,
            author,
        };
        Analysis::of(verdict)
    }
}

pub struct User {
    pub folder: tempfile::TempDir,
    pub vars: BTreeMap<String, String>,
}

impl User {
    pub fn of(registry: &Registry) -> Self {
        let set = |name: &str, value: String| (name.to_owned(), value);
        let vars = [
            set("npm_config_registry", registry.url("npm")),
            set("PIP_INDEX_URL", registry.url("pypi")),
            set("CARGO_REGISTRIES_LOCAL_INDEX", format!("sparse+{}", registry.url("cargo"))),
            set("BUNDLE_MIRROR__ALL", registry.url("gem")),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        let config = "[source.crates-io]\nreplace-with = \"local\"\n";
        std::fs::create_dir_all(folder.path().join("home/.cargo")).expect("a folder");
        std::fs::write(folder.path().join("home/.cargo/config.toml"), config).expect("a file");
        Self { folder, vars: vars.into() }
    }

    pub fn options(&self) -> Options {
        let at = |path: &str| self.folder.path().join(path);
        let environment = Environment {
            cwd: at("home"),
            home: Some(at("home")),
            root: at("root"),
            vars: self.vars.clone(),
            programs: Arc::new(System { path: String::new() }),
            memory: None,
            fresh: false,
        };
        let net = net::Options { first_pause: Duration::from_millis(1), retries: 1, ..net::Options::default() };
        let cache = Some(Cache::new(self.cache(), 1 << 20));
        Options { net, cache, limit: 1 << 16, ..Options::new(environment) }
    }

    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub fn inspector(&self) -> Arc<Inspector<Counter>> {
        Arc::new(Inspector::new(Counter::default(), self.options()))
    }

    pub async fn load(&self, text: &str) -> Result<Vec<Loaded>, TargetError> {
        let parts = self.inspector().load(&Spec::parse(text)?).await?;
        parts.into_iter().map(|part| part.map_err(|(_, error)| error)).collect()
    }

    pub async fn trouble(&self, text: &str) -> TargetError {
        match self.load(text).await {
            Ok(loaded) => panic!("{text} could be had: {} artifacts", loaded.len()),
            Err(error) => error,
        }
    }
}

/// Everything that came, in order.
pub async fn inspect(inspector: &Arc<Inspector<Counter>>, targets: &[&str]) -> Vec<Inspected> {
    let mut events = inspector.inspect(targets.iter().map(|text| (*text).to_owned()).collect());
    let (mut promised, mut out) = (0, Vec::new());
    while let Some(event) = events.recv().await {
        match event {
            Event::Loaded { parts, .. } => promised += parts,
            Event::Inspected(inspected) => out.push(*inspected),
        }
    }
    assert_eq!(promised, out.len());
    out.sort_by_key(|one| (one.index, one.part));
    out
}
