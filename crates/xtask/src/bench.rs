//! `cargo xtask bench FILE...`: what reading an archive costs, warm and cold.
//!
//! Warm: the archive is read again and again by the engine's workers; the CPU time is that of the workers, the clock's a median.
//! Cold: the program is started anew for it (give its path with `--program PATH`, else only the warm figures are printed).
//! With GuardDog on the path its time for the same file is taken, too. Timings of shared machines are noisy: compare within one run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use engine::{Engine, Options};
use model::Target;

const ROUNDS: u32 = 40;
const COLD_ROUNDS: usize = 9;

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut program = None;
    let mut files = Vec::new();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--program" => program = Some(PathBuf::from(rest.next().context("--program needs a path")?)),
            file => files.push(PathBuf::from(file)),
        }
    }
    if files.is_empty() {
        bail!("give one archive or more");
    }
    println!(
        "{:44} {:>9} {:>10} {:>11} {:>11} {:>9} {:>10} {:>11}",
        "archive", "packed", "unpacked", "warm cpu", "warm clock", "MB/s", "cold", "guarddog"
    );
    for file in &files {
        measure(file, program.as_deref())?;
    }
    Ok(())
}

fn measure(file: &Path, program: Option<&Path>) -> anyhow::Result<()> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let (cpu, clock, unpacked) = warm(&name, &bytes)?;
    let cold = program.map(|program| cold(program, file));
    let guarddog = guarddog(file);
    let speed = unpacked as f64 / 1e6 / cpu.as_secs_f64().max(1e-6);
    let show = |time: Option<Duration>| {
        time.map_or_else(|| "-".to_owned(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3))
    };
    println!(
        "{:44} {:>9} {:>10} {:>11} {:>11} {:>9.1} {:>10} {:>11}",
        name,
        bytes.len(),
        unpacked,
        show(Some(cpu)),
        show(Some(clock)),
        speed,
        show(cold),
        show(guarddog),
    );
    Ok(())
}

fn warm(name: &str, bytes: &[u8]) -> anyhow::Result<(Duration, Duration, u64)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let before = children_cpu();
    let (clock, unpacked, first) = runtime.block_on(async {
        let engine = Engine::start(Options { workers: 1, ..Options::default() })?;
        let target = Target { file_name: name.to_owned(), ecosystem: None, name: None, version: None };
        let first = engine.analyse(target.clone(), bytes.to_vec()).await;
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            engine.analyse(target.clone(), bytes.to_vec()).await;
            times.push(start.elapsed());
        }
        times.sort();
        let end = Instant::now();
        drop(engine);
        anyhow::Ok((times[times.len() / 2], first.verdict.coverage.bytes, end))
    })?;
    // The workers' time is known when they have ended.
    while children_cpu() == before && first.elapsed() < Duration::from_secs(6) {
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(((children_cpu().saturating_sub(before)) / (ROUNDS + 1), clock, unpacked))
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

/// CPU time of ended children, from the kernel's ticks of 10 ms; zero where it does not tell.
fn children_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [13, 14].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
