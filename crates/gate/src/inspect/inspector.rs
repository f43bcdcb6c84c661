//! Many targets at once: each is loaded and analysed by itself, and none stops another.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use ecosystem::{Artifact, Package, Wanted, WantedError};
use futures_util::future::join_all;
use model::{Algorithm, Analysis, Decision, Digest, Ecosystem, Gap, ReleaseId, Target};
use net::{Cache, Environment};
use tokio::{
    sync::{OnceCell, OwnedMutexGuard, Semaphore, mpsc},
    task::{self, JoinSet},
};

use super::{
    Analyst, Spec, TargetError, folder,
    memory::{self, Known, Remembered},
    source::{Resolved, Source},
};

/// How targets are had.
pub struct Options {
    /// The user's surroundings, in which registries are found.
    pub environment: Environment,
    /// How the network is used.
    pub net: net::Options,
    /// What is kept; nothing when there is none.
    pub cache: Option<Cache>,
    /// Whether everything is fetched and analysed anew. What comes is kept all the same.
    pub fresh: bool,
    /// How many targets are worked on at once. Each may hold an artifact in memory.
    pub parallel: usize,
    /// The largest artifact, file or folder.
    pub limit: u64,
}

impl Options {
    /// The usual choice for a user: their cache, twice as many targets at once as there are cores, 512 MiB each.
    pub fn new(environment: Environment) -> Self {
        let own = net::discover::discover_own(&environment);
        let cache = Cache::of_user(&environment, own.cache_limit).ok();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            environment,
            net: net::Options::default(),
            cache,
            fresh: false,
            parallel: (2 * cores).clamp(2, 8),
            limit: 512 << 20,
        }
    }
}

/// An artifact with its bytes, which are what the registry published.
pub struct Loaded {
    /// What is known of it.
    pub target: Target,
    /// How the report calls it: a purl, with the file where a release has several; or the path.
    pub label: String,
    /// The release, when it comes from a registry.
    pub release: Option<ReleaseId>,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their digest.
    pub sha256: Digest,
    /// What the reader should know beside the analysis: withdrawn, left out, not verified.
    pub notes: Vec<String>,
    /// What is not in the bytes, though the target has it.
    pub gaps: Vec<Gap>,
}

/// One artifact, inspected.
#[derive(Debug)]
pub struct Inspected {
    /// Which of the targets it belongs to.
    pub index: usize,
    /// Which of the target's artifacts it is.
    pub part: usize,
    /// How the report calls it.
    pub label: String,
    /// What the reader should know beside the analysis.
    pub notes: Vec<String>,
    /// Whether the analysis was remembered.
    pub cached: bool,
    /// The analysis, or why there is none.
    pub result: Result<Analysis, TargetError>,
}

/// What happens while targets are inspected.
#[derive(Debug)]
pub enum Event {
    /// A target turned out to have this many artifacts.
    Loaded {
        /// Which of the targets.
        index: usize,
        /// How many artifacts.
        parts: usize,
    },
    /// An artifact is done.
    Inspected(Box<Inspected>),
}

/// Inspects targets.
pub struct Inspector<A> {
    pub(super) analyst: A,
    pub(super) options: Options,
    sources: BTreeMap<Ecosystem, OnceCell<Arc<Source>>>,
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl<A: Analyst> Inspector<A> {
    /// An inspector. Registries are looked for when the first target needs them.
    pub fn new(analyst: A, mut options: Options) -> Self {
        options.environment.fresh |= options.fresh;
        let sources = Ecosystem::ALL.into_iter().map(|ecosystem| (ecosystem, OnceCell::new()));
        Self { analyst, options, sources: sources.collect(), turns: Mutex::default() }
    }

    /// The one who analyses.
    pub fn analyst(&self) -> &A {
        &self.analyst
    }

    /// How many targets are worked on at once.
    pub fn parallel(&self) -> usize {
        self.options.parallel.max(1)
    }

    /// Inspects every target. Results come as they are ready; `index` and `part` tell their order. Dropping the receiver
    /// ends the work.
    pub fn inspect(self: &Arc<Self>, targets: Vec<String>) -> mpsc::Receiver<Event> {
        let (sender, receiver) = mpsc::channel(64);
        let this = self.clone();
        tokio::spawn(async move {
            let room = Arc::new(Semaphore::new(this.options.parallel.max(1)));
            let mut tasks = JoinSet::new();
            for (index, text) in targets.into_iter().enumerate() {
                let (this, sender) = (this.clone(), sender.clone());
                let permit = room.clone().acquire_owned().await;
                if sender.is_closed() {
                    break;
                }
                tasks.spawn(async move {
                    this.one(index, text, &sender).await;
                    drop(permit);
                });
            }
            while tasks.join_next().await.is_some() {}
        });
        receiver
    }

    /// A panic of one target is its error alone.
    async fn one(self: Arc<Self>, index: usize, text: String, sender: &mpsc::Sender<Event>) {
        let loading = {
            let (this, text) = (self.clone(), text.clone());
            task::spawn(async move { this.load(&Spec::parse(&text)?).await }).await
        };
        let parts = match loading.unwrap_or_else(|error| Err(TargetError::Fault(error.to_string()))) {
            Ok(parts) => parts,
            Err(error) => vec![Err((text, error))],
        };
        // Whoever listens may have gone; then the rest is for nobody.
        let _ = sender.send(Event::Loaded { index, parts: parts.len() }).await;
        let mut tasks = JoinSet::new();
        let mut labels = HashMap::new();
        for (part, loaded) in parts.into_iter().enumerate() {
            let label = loaded.as_ref().map_or_else(|(label, _)| label.clone(), |loaded| loaded.label.clone());
            let this = self.clone();
            let task = tasks.spawn(async move { this.finish(index, part, loaded).await });
            labels.insert(task.id(), (part, label));
        }
        while let Some(done) = tasks.join_next().await {
            let inspected = done.unwrap_or_else(|error| {
                let (part, label) = labels.remove(&error.id()).unwrap_or_default();
                let result = Err(TargetError::Fault(error.to_string()));
                Inspected { index, part, label, notes: Vec::new(), cached: false, result }
            });
            let _ = sender.send(Event::Inspected(Box::new(inspected))).await;
        }
    }

    async fn finish(&self, index: usize, part: usize, loaded: Result<Loaded, (String, TargetError)>) -> Inspected {
        match loaded {
            Ok(loaded) => {
                let (label, notes) = (loaded.label.clone(), loaded.notes.clone());
                let (analysis, cached) = self.analyse(loaded).await;
                Inspected { index, part, label, notes, cached, result: Ok(analysis) }
            }
            Err((label, error)) => {
                Inspected { index, part, label, notes: Vec::new(), cached: false, result: Err(error) }
            }
        }
    }

    /// The artifacts of a target, verified. An artifact that cannot be had is an error of its own beside the others.
    pub async fn load(&self, spec: &Spec) -> Result<Vec<Result<Loaded, (String, TargetError)>>, TargetError> {
        match spec {
            Spec::Package(wanted) => self.package(wanted).await,
            Spec::File(path) => {
                let (file, limit) = (path.clone(), self.options.limit);
                let bytes = blocking(move || folder::read(&file, limit)).await?;
                Ok(vec![Ok(local(path, bytes, Vec::new(), Vec::new()))])
            }
            Spec::Folder(path) => {
                let (folder, limit) = (path.clone(), self.options.limit);
                let packed = blocking(move || folder::pack(&folder, limit)).await?;
                Ok(vec![Ok(local(path, packed.bytes, packed.notes, packed.gaps))])
            }
        }
    }

    /// The analysis of an artifact, and whether it was remembered.
    pub async fn analyse(&self, loaded: Loaded) -> (Analysis, bool) {
        let Loaded { target, bytes, sha256, release, gaps, .. } = loaded;
        let mut key = memory::analysis_key(sha256, self.analyst.ruleset(), &target);
        if self.analyst.summarises() {
            key += " with summary";
        }
        let cache = self.options.cache.as_ref();
        let _turn = self.turn(&key).await;
        let remembered = cache.filter(|_| !self.options.fresh).and_then(|cache| memory::recall_analysis(cache, &key));
        let cached = remembered.is_some();
        let mut analysis = match remembered {
            Some(analysis) => analysis,
            None => {
                let analysis = self.analyst.analyse(target, bytes).await;
                cache.into_iter().for_each(|cache| memory::remember_analysis(cache, &key, &analysis));
                analysis
            }
        };
        analysis.verdict.artifact.release = release;
        admit(&mut analysis, gaps);
        (analysis, cached)
    }

    /// Whoever wants the same thing waits here for the first, and then finds it in the cache.
    pub(super) async fn turn(&self, key: &str) -> Option<OwnedMutexGuard<()>> {
        self.options.cache.as_ref().filter(|_| !self.options.fresh)?;
        let turn = self.turns.lock().unwrap_or_else(PoisonError::into_inner).entry(key.to_owned()).or_default().clone();
        Some(turn.lock_owned().await)
    }

    pub(super) async fn source(&self, ecosystem: Ecosystem) -> Result<Arc<Source>, TargetError> {
        let find = || async {
            let (environment, net) = (self.options.environment.clone(), self.options.net.clone());
            blocking(move || Ok(Arc::new(Source::find(&environment, ecosystem, net)))).await
        };
        self.sources[&ecosystem].get_or_try_init(find).await.cloned()
    }

    /// A package with all its releases.
    pub async fn list(&self, ecosystem: Ecosystem, name: &str) -> Result<Package, TargetError> {
        let name = ecosystem::registry(ecosystem).name(name).map_err(WantedError::from)?;
        self.source(ecosystem).await?.package(&name).await
    }

    /// The bytes of one file of a release, verified; kept for the next time.
    pub async fn bytes_of(&self, ecosystem: Ecosystem, artifact: &Artifact) -> Result<Vec<u8>, TargetError> {
        let cache = self.options.cache.as_ref();
        if let Some(bytes) = cache.filter(|_| !self.options.fresh).and_then(|cache| held(cache, artifact, None)) {
            return Ok(bytes);
        }
        let bytes = self.source(ecosystem).await?.download(artifact, self.options.limit).await?;
        cache.into_iter().for_each(|cache| _ = cache.keep_artifact(&bytes));
        Ok(bytes)
    }

    async fn package(&self, wanted: &Wanted) -> Result<Vec<Result<Loaded, (String, TargetError)>>, TargetError> {
        let source = self.source(wanted.ecosystem).await?;
        let endpoints = source.endpoints(wanted)?;
        let cache = self.options.cache.as_ref().filter(|_| !self.options.fresh);
        // What was asked for, qualifiers included: a tag or a missing version is never remembered.
        let asked = |version: &str| format!("{}:{}@{version} {:?}", wanted.ecosystem, wanted.name, wanted.qualifiers);
        let _turn = self.turn(&asked(wanted.version.as_ref().map_or("", |version| version.as_str()))).await;
        if let (Some(cache), Some(version)) = (cache, &wanted.version)
            && let Some(known) = memory::recall(cache, &endpoints, &asked(version.as_str()))
            && let Some(loaded) = recalled(cache, &known)
        {
            return Ok(loaded.into_iter().map(Ok).collect());
        }
        let resolved = source.resolve(wanted).await?;
        let exact = asked(resolved.release.version.as_str());
        let known = cache.and_then(|cache| memory::recall(cache, &endpoints, &exact));
        let fetch = async |artifact: &Artifact| {
            let label = label(&resolved.release, &artifact.file_name, resolved.artifacts.len());
            let bytes = match cache.and_then(|cache| held(cache, artifact, known.as_ref())) {
                Some(bytes) => Ok(bytes),
                None => source.download(artifact, self.options.limit).await,
            };
            bytes.map_err(|error| (label, error)).map(|bytes| from_registry(&resolved, artifact, bytes))
        };
        let loaded = join_all(resolved.artifacts.iter().map(fetch)).await;
        self.remember(&endpoints, &exact, &resolved, &loaded);
        let registry = ecosystem::registry(wanted.ecosystem);
        // The user's spelling of a version (`2.0` for `2.0.0`) is worth remembering too; a tag may move.
        let respelled =
            wanted.version.as_ref().filter(|version| registry.same_version(version, &resolved.release.version));
        if let Some(key) = respelled.map(|version| asked(version.as_str())).filter(|key| *key != exact) {
            self.remember(&endpoints, &key, &resolved, &loaded);
        }
        Ok(loaded)
    }

    /// Keeps what came. A cache that cannot be written is no reason to fail.
    fn remember(
        &self,
        endpoints: &[&net::Endpoint],
        exact: &str,
        resolved: &Resolved,
        loaded: &[Result<Loaded, (String, TargetError)>],
    ) {
        let Some(cache) = &self.options.cache else { return };
        let whole: Vec<_> = loaded.iter().flatten().collect();
        for one in &whole {
            if cache.keep_artifact(&one.bytes).is_err() {
                return;
            }
        }
        if whole.len() == loaded.len() {
            let known = whole.iter().map(|one| Known { file_name: one.target.file_name.clone(), sha256: one.sha256 });
            let (release, notes) = (resolved.release.clone(), resolved.notes.clone());
            memory::remember(cache, endpoints, exact, &Remembered { release, artifacts: known.collect(), notes });
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, TargetError> + Send + 'static,
) -> Result<T, TargetError> {
    task::spawn_blocking(work).await.unwrap_or_else(|error| Err(TargetError::Fault(error.to_string())))
}

/// The artifacts of a remembered release, when the cache still has all of them.
fn recalled(cache: &Cache, known: &Remembered) -> Option<Vec<Loaded>> {
    let load = |one: &Known| {
        let bytes = cache.artifact(one.sha256)?;
        let label = label(&known.release, &one.file_name, known.artifacts.len());
        let target = target(&known.release, &one.file_name);
        let (release, notes) = (Some(known.release.clone()), known.notes.clone());
        Some(Loaded { target, label, release, bytes, sha256: one.sha256, notes, gaps: Vec::new() })
    };
    known.artifacts.iter().map(load).collect()
}

/// The bytes of an artifact from the cache, if they are what the registry publishes today.
fn held(cache: &Cache, artifact: &Artifact, known: Option<&Remembered>) -> Option<Vec<u8>> {
    let published = artifact.checksum.as_ref()?;
    if published.algorithm() == Algorithm::Sha256 {
        return cache.artifact(Digest(published.bytes().try_into().ok()?));
    }
    let known = known?.artifacts.iter().find(|one| one.file_name == artifact.file_name)?;
    cache.artifact(known.sha256).filter(|bytes| net::hash(published.algorithm(), bytes) == *published)
}

fn from_registry(resolved: &Resolved, artifact: &Artifact, bytes: Vec<u8>) -> Loaded {
    Loaded {
        target: target(&resolved.release, &artifact.file_name),
        label: label(&resolved.release, &artifact.file_name, resolved.artifacts.len()),
        release: Some(resolved.release.clone()),
        sha256: net::sha256(&bytes),
        bytes,
        notes: resolved.notes.clone(),
        gaps: Vec::new(),
    }
}

pub(super) fn target(release: &ReleaseId, file_name: &str) -> Target {
    Target {
        file_name: file_name.to_owned(),
        ecosystem: Some(release.ecosystem),
        name: Some(release.name.to_string()),
        version: Some(release.version.to_string()),
    }
}

pub(super) fn label(release: &ReleaseId, file_name: &str, parts: usize) -> String {
    if parts == 1 { release.to_string() } else { format!("{release} ({file_name})") }
}

fn local(path: &Path, bytes: Vec<u8>, notes: Vec<String>, gaps: Vec<Gap>) -> Loaded {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_string_lossy().into_owned()));
    Loaded {
        target: Target { file_name: name.unwrap_or_default(), ecosystem: None, name: None, version: None },
        label: path.display().to_string(),
        release: None,
        sha256: net::sha256(&bytes),
        bytes,
        notes,
        gaps,
    }
}

/// Adds what the analyst could not see: a benign verdict needs complete coverage.
fn admit(analysis: &mut Analysis, gaps: Vec<Gap>) {
    if gaps.is_empty() {
        return;
    }
    let verdict = &mut analysis.verdict;
    verdict.coverage.gaps.extend(gaps);
    if verdict.decision == Decision::Benign {
        // By the same judgement as everywhere, so that the verdict can be derived from the report.
        let judgement = engine::judge(&verdict.findings, &verdict.coverage);
        verdict.decision = judgement.decision;
        verdict.score = judgement.score;
        verdict.balance = judgement.balance;
        verdict.reason = judgement.reason;
    }
}
