//! `lazaret inspect`: many targets in, one report out.

use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use engine::{Engine, Limits, Options, Target, UserRules};
use tokio::task::JoinSet;
use wire::{Exit, FORMATS, Failure, Format, Outcome, Report, TargetReport, report};

use crate::{
    cli::Inspect,
    output::{Output, talk},
    progress::Progress,
};

/// The largest YARA file that is read.
const YARA_FILE: u64 = 16 << 20;

pub fn run(arguments: &Inspect) -> anyhow::Result<Exit> {
    let ready = targets(&arguments.targets, &mut io::stdin().lock())
        .and_then(|targets| Ok((targets, options(arguments)?)))
        .and_then(|(targets, options)| {
            let path = arguments.output.as_deref();
            let output = Output::open(path)
                .with_context(|| format!("{} cannot be written", path.unwrap_or(Path::new("stdout")).display()))?;
            Ok((targets, Engine::start(options)?, output))
        });
    let (targets, engine, output) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            talk(&format!("error: {error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let engine = Arc::new(engine);
    let progress = Progress::start(targets.len(), arguments.quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let reports = runtime.block_on(all(&engine, targets, &progress));
    progress.finish();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        ruleset: engine.ruleset(),
        targets: reports,
        rules: engine::rules(),
    };
    let brief = report::Terminal { brief: true };
    let format = match FORMATS[arguments.format.0] {
        format if arguments.quiet && format.name() == brief.name() => &brief,
        format => format,
    };
    output.write(format, &report)?;
    Ok(report.exit())
}

/// The targets as the user means them: `-` stands for those on stdin, one a line.
fn targets(arguments: &[String], stdin: &mut dyn Read) -> anyhow::Result<Vec<String>> {
    let mut targets = Vec::new();
    for argument in arguments {
        if argument != "-" {
            targets.push(argument.clone());
            continue;
        }
        let mut text = String::new();
        stdin.read_to_string(&mut text).context("the list on stdin could not be read as text")?;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        targets.extend(lines.map(String::from));
    }
    anyhow::ensure!(!targets.is_empty(), "the list on stdin names no target");
    Ok(targets)
}

fn options(arguments: &Inspect) -> anyhow::Result<Options> {
    let limits = Limits {
        total_bytes: u64::from(arguments.limit_unpacked) << 20,
        file_bytes: u64::from(arguments.limit_file) << 20,
        ..Limits::default()
    };
    let mut options = Options::new(limits);
    options.time = Duration::from_secs(arguments.limit_time.into());
    if let Some(jobs) = arguments.jobs {
        options.workers = jobs.into();
    }
    if let Some(directory) = &arguments.yara {
        options.user = UserRules { yara: yara(directory)? };
    }
    Ok(options)
}

/// The user's YARA sources: every `.yar` and `.yara` file of the directory, in the order of their names.
fn yara(directory: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let unreadable = || format!("the YARA rules in {} cannot be read", directory.display());
    let mut files = Vec::new();
    for entry in directory.read_dir().with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.extension().is_some_and(|one| one == "yar" || one == "yara") {
            files.push(path);
        }
    }
    anyhow::ensure!(!files.is_empty(), "{} holds no .yar or .yara file", directory.display());
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let why = || format!("the YARA rules in {} cannot be read", path.display());
        let size = path.metadata().with_context(why)?.len();
        anyhow::ensure!(size <= YARA_FILE, "{} is too large for a file of YARA rules", path.display());
        let text = std::fs::read_to_string(path).with_context(why)?;
        Ok((path.file_name().unwrap_or_default().to_string_lossy().into_owned(), text))
    };
    files.iter().map(read).collect()
}

/// Every target, in the order in which they were asked for.
async fn all(engine: &Arc<Engine>, targets: Vec<String>, progress: &Progress) -> Vec<TargetReport> {
    let mut reports: Vec<Option<TargetReport>> = targets.iter().map(|_| None).collect();
    let mut tasks = JoinSet::new();
    for (at, target) in targets.into_iter().enumerate() {
        let engine = Arc::clone(engine);
        tasks.spawn(async move { (at, one(&engine, target).await) });
    }
    while let Some(done) = tasks.join_next().await {
        let Ok((at, report)) = done else { continue };
        progress.done(&report.label);
        reports[at] = Some(report);
    }
    reports.into_iter().flatten().collect()
}

async fn one(engine: &Engine, label: String) -> TargetReport {
    let outcome = match tokio::fs::read(&label).await {
        Ok(bytes) => {
            let file_name = Path::new(&label).file_name().unwrap_or_default().to_string_lossy().into_owned();
            let target = Target { file_name, ecosystem: None, name: None, version: None };
            Outcome::Analysed(Box::new(engine.analyse(target, bytes).await))
        }
        Err(error) => Outcome::Failed(Failure {
            code: "unreadable-file".into(),
            message: format!("The file cannot be read: {error}."),
            hint: None,
            exit: Exit::Unavailable,
        }),
    };
    TargetReport { label, outcome, warnings: Vec::new() }
}
