//! `cargo xtask bench [--worst] [FILE...]`: what reading an archive costs, warm and cold.
//!
//! Warm: the archive is read again and again by a worker of the engine; the CPU time is that of the worker, the clock's a
//! median, and the peak is the most memory that the worker ever held.
//! Cold: the program is started anew for it (give its path with `--program PATH`, else only the warm figures are printed).
//! With GuardDog on the path its time for the same file is taken, too. `--worst` adds the inputs of [`worst`], which are made
//! to cost as much as they can. Timings of shared machines are noisy: compare within one run.

mod db;
mod worst;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use engine::{Engine, Options};
use model::{Analysis, Target};

const ROUNDS: u32 = 40;
const COLD_ROUNDS: usize = 9;
/// Dear archives are read fewer times.
const LONGEST: Duration = Duration::from_secs(5);

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    if let Some((_, rest)) = arguments.split_first().filter(|(first, _)| *first == "db") {
        return db::run(rest);
    }
    let (mut program, mut files, mut with_worst) = (None, Vec::new(), false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--program" => program = Some(PathBuf::from(rest.next().context("--program needs a path")?)),
            "--worst" => with_worst = true,
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() && !with_worst {
        bail!("give one archive or more, or --worst");
    }
    println!(
        "{:44} {:>9} {:>10} {:>11} {:>11} {:>9} {:>9} {:>10} {:>11}  decision",
        "archive", "packed", "unpacked", "warm cpu", "warm clock", "MB/s", "peak MB", "cold", "guarddog"
    );
    for file in &files {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let cold = program.as_deref().map(|program| cold(program, file));
        print(&name, bytes.len(), &warm(&name, &bytes)?, cold, guarddog(file));
    }
    for (title, name, bytes) in if with_worst { worst::cases() } else { Vec::new() } {
        print(title, bytes.len(), &warm(name, &bytes)?, None, None);
    }
    Ok(())
}

/// What the warm readings of an archive cost.
struct Cost {
    /// The CPU time of one reading; none where the system does not tell, or when a worker died on the way.
    cpu: Option<Duration>,
    clock: Duration,
    /// The most memory that a worker held, in bytes.
    peak: u64,
    analysis: Analysis,
}

fn print(name: &str, packed: usize, cost: &Cost, cold: Option<Duration>, guarddog: Option<Duration>) {
    let unpacked = cost.analysis.verdict.coverage.bytes;
    let show = |time: Option<Duration>| {
        time.map_or_else(|| "-".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
    };
    let speed = |cpu: Duration| format!("{:.1}", unpacked as f64 / 1e6 / cpu.as_secs_f64().max(1e-6));
    println!(
        "{name:44} {packed:>9} {unpacked:>10} {:>11} {:>11} {:>9} {:>9.1} {:>10} {:>11}  {}",
        show(cost.cpu),
        show(Some(cost.clock)),
        cost.cpu.map_or_else(|| "-".to_owned(), speed),
        cost.peak as f64 / 1e6,
        show(cold),
        show(guarddog),
        cost.analysis.verdict.decision,
    );
}

fn warm(name: &str, bytes: &[u8]) -> anyhow::Result<Cost> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = Engine::start(Options { workers: 1, ..Options::default() })?;
        let target = Target { file_name: name.to_owned(), ecosystem: None, name: None, version: None };
        // The first reading starts the worker and fills its tables.
        let analysis = engine.analyse(target.clone(), bytes.to_vec()).await;
        let (mut clocks, mut before, start) = (Vec::new(), Workers::look(), Instant::now());
        let mut cpu = Some(Duration::ZERO);
        while clocks.len() < ROUNDS as usize && (clocks.is_empty() || start.elapsed() < LONGEST) {
            let round = Instant::now();
            engine.analyse(target.clone(), bytes.to_vec()).await;
            clocks.push(round.elapsed());
            let after = Workers::look();
            cpu = cpu.zip(after.since(&before)).map(|(sum, more)| sum + more);
            before = after;
        }
        clocks.sort();
        let cpu = cpu.map(|cpu| cpu / clocks.len() as u32);
        anyhow::Ok(Cost { cpu, clock: clocks[clocks.len() / 2], peak: before.peak, analysis })
    })
}

/// What the kernel of Linux knows of the workers that live. It is read while they live: a worker that has ended is told of
/// only when somebody has waited for it.
struct Workers {
    /// The CPU time of each.
    cpu: BTreeMap<String, Duration>,
    peak: u64,
}

impl Workers {
    fn look() -> Self {
        let mut workers = Self { cpu: BTreeMap::new(), peak: 0 };
        // The list of children may leave one out while another process comes or goes.
        for thread in (0..3).flat_map(|_| names("/proc/self/task")) {
            let children = fs::read_to_string(format!("/proc/self/task/{thread}/children")).unwrap_or_default();
            for child in children.split_whitespace() {
                let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
                let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
                let peak = peak.and_then(|peak| peak.trim().parse::<u64>().ok()).unwrap_or_default() << 10;
                workers.peak = workers.peak.max(peak);
                // The first number of `schedstat` is the time on a processor, in nanoseconds.
                let threads = names(&format!("/proc/{child}/task"));
                let spent = threads.iter().filter_map(|thread| {
                    let stat = fs::read_to_string(format!("/proc/{child}/task/{thread}/schedstat")).ok()?;
                    stat.split_whitespace().next()?.parse::<u64>().ok()
                });
                workers.cpu.insert(child.to_owned(), Duration::from_nanos(spent.sum()));
            }
        }
        workers
    }

    /// The CPU time since an earlier look. None when there is no telling: no worker was left, or one ended since.
    fn since(&self, before: &Self) -> Option<Duration> {
        let lost = before.cpu.keys().any(|worker| !self.cpu.contains_key(worker));
        let spent = |(worker, cpu): (&String, &Duration)| {
            cpu.saturating_sub(before.cpu.get(worker).copied().unwrap_or_default())
        };
        (!lost && !self.cpu.is_empty()).then(|| self.cpu.iter().map(spent).sum())
    }
}

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn cold(program: &Path, file: &Path) -> Duration {
    let mut times: Vec<Duration> = (0..COLD_ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let _ = Command::new(program)
                .args(["inspect", "--fresh", "--quiet"])
                .arg(file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn guarddog(file: &Path) -> Option<Duration> {
    let ecosystem = if file.extension().is_some_and(|end| end == "tgz") { "npm" } else { "pypi" };
    let start = Instant::now();
    let status = Command::new("guarddog")
        .args([ecosystem, "scan"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok().then(|| start.elapsed())
}
