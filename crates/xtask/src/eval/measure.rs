//! Reads archives with the engine's workers and takes the time of each.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use engine::{Day, Engine, Options, UserRules};
use model::Target;

use super::row::{self, EVASION, MALICIOUS, Row, Sample};

/// Judges every sample: one lane for each core, each with one worker of its own. The rows come back in the order of the
/// samples; each is written to `kept` as soon as it is known, so that a run that is ended early has not been for nothing.
pub fn measure(samples: Vec<Sample>, kept: Option<&Path>) -> anyhow::Result<Vec<Row>> {
    let lanes = thread::available_parallelism().map_or(1, usize::from);
    let total = samples.len();
    let queue = Mutex::new(samples.into_iter().enumerate());
    let done = AtomicUsize::new(0);
    let kept = kept.map(|path| fs::File::create(path).map(Mutex::new)).transpose()?;
    let mut rows = thread::scope(|scope| {
        let work = |lane| -> anyhow::Result<Vec<(usize, Row)>> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let lane = Lane::new(lane)?;
            let mut rows = Vec::new();
            let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            while let Some((at, sample)) = next() {
                let row = runtime.block_on(lane.judge(sample))?;
                if let Some(kept) = &kept {
                    row::write_one(&mut *kept.lock().unwrap_or_else(PoisonError::into_inner), &row)?;
                }
                rows.push((at, row));
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(200) {
                    eprintln!("{done} of {total}");
                }
            }
            Ok(rows)
        };
        let threads: Vec<_> = (0..lanes).map(|lane| scope.spawn(move || work(lane))).collect();
        let mut rows = Vec::new();
        for thread in threads {
            rows.extend(thread.join().map_err(|_| anyhow::anyhow!("a lane panicked"))??);
        }
        anyhow::Ok(rows)
    })?;
    rows.sort_by_key(|(at, _)| *at);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// One engine with one worker, whose processor time is its own.
struct Lane {
    engine: Engine,
    /// The program as the lane's workers are called: this very program, by a path that no other lane uses.
    program: PathBuf,
}

impl Lane {
    fn new(number: usize) -> anyhow::Result<Self> {
        let program = PathBuf::from(format!("/proc/self/{}exe", "./".repeat(number)));
        // Exceptions count as they do for a user of today.
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let user = UserRules { today: Some(Day::of_seconds(since_1970.as_secs())), ..UserRules::default() };
        let mut options = Options { workers: 1, user, ..Options::default() };
        if program.exists() {
            options.program = program.clone();
        }
        Ok(Self { engine: Engine::start(options)?, program })
    }

    async fn judge(&self, sample: Sample) -> anyhow::Result<Row> {
        // The corpus tools put a digest before the name; nobody's package is called that.
        let name = match sample.set.as_str() {
            MALICIOUS => sample.file.get(9..).unwrap_or_default(),
            // The name of a variant says what it hides.
            EVASION => "x-1.0.tar.gz",
            _ => &sample.file,
        };
        let target = Target { file_name: name.to_owned(), ecosystem: None, name: None, version: None };
        let bytes = sample.content.read()?;
        let packed = bytes.len() as u64;
        // A worker that has to be started first would count its own start.
        self.engine.warm().await;
        let before = self.processor();
        let analysis = self.engine.analyse(target, bytes).await;
        let cpu = self.processor().zip(before).and_then(|(after, before)| after.checked_sub(before));
        Ok(Row::new(sample, packed, analysis, cpu))
    }

    /// Processor time of the lane's living workers, in microseconds.
    fn processor(&self) -> Option<u64> {
        let workers = fs::read_dir("/proc").ok()?.flatten().filter(|entry| {
            let called = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let program = called.split(|byte| *byte == 0).next().unwrap_or_default();
            program == self.program.as_os_str().as_encoded_bytes() && is_child(&entry.path().join("stat"))
        });
        let threads =
            workers.flat_map(|worker| fs::read_dir(worker.path().join("task")).into_iter().flatten().flatten());
        let times: Vec<u64> = threads
            .filter_map(|thread| {
                let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
                text.split_whitespace().next()?.parse::<u64>().ok()
            })
            .collect();
        (!times.is_empty()).then(|| times.iter().sum::<u64>() / 1000)
    }
}

/// Whether the process of this `stat` is a child of ours.
fn is_child(stat: &Path) -> bool {
    let text = fs::read_to_string(stat).unwrap_or_default();
    let parent = text.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
    parent == Some(std::process::id().to_string().as_str())
}
