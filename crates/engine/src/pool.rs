//! The pool of workers.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use analysis::{
    Analyser,
    similarity::{self, Wanted},
};
use model::{Analysis, Digest, Target};
use sandbox::Wall;
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    Death, EngineError, Options,
    evidence::{Known, add_death, only_death},
    message::{Hello, Job},
    process::Worker,
    spawner::Spawner,
};

/// Artifacts up to this size are hashed where they are; larger ones beside the reading.
const HASHED_IN_PLACE: usize = 256 << 10;

/// The door to analysis. It is shared by reference; dropping it ends the workers.
pub struct Engine {
    options: Options,
    ruleset: String,
    /// One for each artifact that is read at the same time.
    permits: Semaphore,
    idle: Mutex<Vec<Worker>>,
    spawner: Spawner,
    /// As a worker has reported them.
    reported: OnceLock<Vec<Wall>>,
    /// As this process has tried them.
    tried: OnceLock<Vec<Wall>>,
    jobs: AtomicU64,
    secret: RandomState,
}

impl Engine {
    /// Checks the options and the user's rules. No worker is started before there is work for one.
    pub fn start(mut options: Options) -> Result<Self, EngineError> {
        if let Some(index) = &options.index {
            options.user.index = Some(index.digest());
            options.user.shapes = Wanted::Running;
        }
        let ruleset = Analyser::new(&options.user).map_err(EngineError::Rules)?.ruleset().to_owned();
        Self::with_ruleset(options, ruleset)
    }

    /// The same for a program whose workers use other rules: see [`crate::worker_with`].
    pub fn with_ruleset(options: Options, ruleset: String) -> Result<Self, EngineError> {
        Ok(Self {
            ruleset,
            permits: Semaphore::new(options.workers.clamp(1, Semaphore::MAX_PERMITS)),
            idle: Mutex::default(),
            spawner: Spawner::start().map_err(EngineError::Thread)?,
            reported: OnceLock::new(),
            tried: OnceLock::new(),
            jobs: AtomicU64::new(0),
            secret: RandomState::new(),
            options,
        })
    }

    /// The digest of everything that decides. It is a part of each cache key.
    pub fn ruleset(&self) -> &str {
        &self.ruleset
    }

    /// Whether every analysis carries the summary by which versions are compared.
    pub fn summarises(&self) -> bool {
        self.options.summary
    }

    /// The walls around the workers: as the first worker reported them, or, before there is one, as this machine could
    /// raise them.
    pub fn walls(&self) -> &[Wall] {
        self.reported.get().unwrap_or_else(|| self.tried.get_or_init(sandbox::walls))
    }

    /// Starts one worker ahead of its first job, while something else is waited for. A failure shows with the job.
    pub async fn warm(&self) {
        let Ok(_permit) = self.permits.try_acquire() else { return };
        let needed = self.idle().is_empty();
        if needed && let Ok(worker) = self.fresh().await {
            self.idle().push(worker);
        }
    }

    /// Reads and judges one artifact. A name in the target must be normalised.
    ///
    /// It never fails: if the worker dies, the analysis says so, in a finding and a gap. When the future is dropped, the
    /// worker is ended.
    pub async fn analyse(&self, target: Target, bytes: Vec<u8>) -> Analysis {
        let _permit = self.permit().await;
        let bytes = Arc::new(bytes);
        let (sha256, outcome) = tokio::join!(hash(Arc::clone(&bytes)), self.read(&target, &bytes));
        let known = Known { target: &target, sha256, ruleset: &self.ruleset };
        let mut analysis = match outcome {
            Outcome::Read(analysis) => known.sign(analysis),
            Outcome::Careful(analysis, death) => {
                let mut analysis = known.sign(analysis);
                add_death(&mut analysis, death);
                analysis
            }
            Outcome::Dead(first, second) => only_death(&known, first, second),
            Outcome::NoWorker(why) => known.nothing(&why),
        };
        if let Some(index) = &self.options.index {
            similarity::compare(index, &mut analysis);
        }
        analysis
    }

    /// At most three readings: by a worker that lives already, by a fresh one, by a careful one.
    async fn read(&self, target: &Target, bytes: &[u8]) -> Outcome {
        let first = match self.attempt(target, bytes, false, Which::Any).await {
            Ok(analysis) => return Outcome::Read(analysis),
            Err(Failure::NoWorker(why)) => return Outcome::NoWorker(why),
            // Nothing that a worker read before makes it slow, and time is dear.
            Err(Failure::Death { death, used }) if used && death != Death::Time => {
                match self.attempt(target, bytes, false, Which::Fresh).await {
                    Ok(analysis) => return Outcome::Read(analysis),
                    Err(Failure::NoWorker(why)) => return Outcome::NoWorker(why),
                    Err(Failure::Death { death, .. }) => death,
                }
            }
            Err(Failure::Death { death, .. }) => death,
        };
        match self.attempt(target, bytes, true, Which::Fresh).await {
            Ok(analysis) => Outcome::Careful(analysis, first),
            Err(Failure::NoWorker(why)) => Outcome::NoWorker(why),
            Err(Failure::Death { death, .. }) => Outcome::Dead(first, death),
        }
    }

    async fn attempt(&self, target: &Target, bytes: &[u8], careful: bool, which: Which) -> Result<Analysis, Failure> {
        let idle = match which {
            Which::Any => self.pop(),
            Which::Fresh => None,
        };
        let mut worker = match idle {
            Some(worker) => worker,
            None => self.fresh().await.map_err(Failure::NoWorker)?,
        };
        let used = worker.is_used();
        let job = Job { id: self.job_id(), target: target.clone(), careful };
        let analysis =
            worker.read(&job, bytes, self.options.time).await.map_err(|death| Failure::Death { death, used })?;
        if worker.is_fit(&self.options) {
            self.idle().push(worker);
        }
        Ok(analysis)
    }

    /// The worker that was used last, so that the fewest are kept busy; those that have died meanwhile are dropped.
    fn pop(&self) -> Option<Worker> {
        let mut idle = self.idle();
        while let Some(mut worker) = idle.pop() {
            if worker.is_fit(&self.options) {
                return Some(worker);
            }
        }
        None
    }

    async fn fresh(&self) -> Result<Worker, String> {
        let (worker, Hello { ruleset, walls, .. }) = Worker::start(&self.spawner, &self.options).await?;
        if ruleset != self.ruleset {
            return Err("The worker has other rules: the program was replaced while it ran. Start it again.".into());
        }
        let _ = self.reported.set(walls);
        Ok(worker)
    }

    fn job_id(&self) -> u64 {
        self.secret.hash_one(self.jobs.fetch_add(1, Ordering::Relaxed))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // Only a closed semaphore gives an error, and nobody closes this one.
        self.permits.acquire().await.ok()
    }
}

enum Which {
    Any,
    Fresh,
}

enum Outcome {
    Read(Analysis),
    /// Read by the careful reader, after this death.
    Careful(Analysis, Death),
    Dead(Death, Death),
    NoWorker(String),
}

enum Failure {
    NoWorker(String),
    /// Whether the worker had read other artifacts before it died.
    Death {
        death: Death,
        used: bool,
    },
}

async fn hash(bytes: Arc<Vec<u8>>) -> Digest {
    let digest = |bytes: &[u8]| Digest(Sha256::digest(bytes).into());
    if bytes.len() <= HASHED_IN_PLACE {
        return digest(&bytes);
    }
    let shared = Arc::clone(&bytes);
    tokio::task::spawn_blocking(move || digest(&shared)).await.unwrap_or_else(|_| digest(&bytes))
}
