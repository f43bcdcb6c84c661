//! `lazaret inspect`: many targets in, one report out.

pub(super) mod failure;

use std::{
    io::{self, Read},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use engine::{Day, Engine, Limits, Options, State, UserRules, Wall};
use gate::inspect::{self, Event, Inspected, Inspector};
use model::{Analysis, Gap, GapKind};
use net::discover::discover_own;
use wire::{Exit, FORMATS, Format, Outcome, Report, TargetReport, report};

use self::failure::failure;
use super::surroundings::environment;
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
    let progress = Progress::start(targets.len(), arguments.quiet);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let inspector = Inspector::new(engine, source(arguments));
    let (inspector, reports) = runtime.block_on(all(inspector, targets, &progress));
    progress.finish();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        ruleset: inspector.analyst().ruleset(),
        made: &moment(),
        targets: reports,
        rules: engine::rules(),
        notes: missing_walls(inspector.analyst().walls()),
    };
    let brief = report::Terminal { brief: true };
    let format = match FORMATS[arguments.format.0] {
        format if arguments.quiet && format.name() == brief.name() => &brief,
        format => format,
    };
    output.write(|out| format.write(&report, out))?;
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

pub(super) fn options(arguments: &Inspect) -> anyhow::Result<Options> {
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
    options.user = user_rules(arguments)?;
    let index = arguments.index.clone().or_else(|| discover_own(&environment()).index);
    options.index = index.map(|path| super::index::open(&path)).transpose()?.map(Arc::new);
    Ok(options)
}

/// What the user adds to the built-in rules. Exceptions end, so the rules are told what day it is.
fn user_rules(arguments: &Inspect) -> anyhow::Result<UserRules> {
    Ok(UserRules {
        yara: arguments.yara.as_deref().map(yara).transpose()?.unwrap_or_default(),
        exceptions: arguments.exceptions.as_deref().map(exceptions).transpose()?.unwrap_or_default(),
        today: Some(today()),
        ..UserRules::default()
    })
}

/// The day on which is judged.
pub(super) fn today() -> Day {
    Day::of_seconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}

/// The time of the report, `2026-01-31T23:59:59.000Z`.
pub(super) fn moment() -> String {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, day) = (since_1970.as_secs(), String::from(Day::of_seconds(since_1970.as_secs())));
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since_1970.subsec_millis())
}

fn exceptions(path: &Path) -> anyhow::Result<Vec<engine::Exception>> {
    let text = std::fs::read_to_string(path);
    let text = text.with_context(|| format!("the exceptions in {} cannot be read", path.display()))?;
    engine::read_exceptions(&text)
        .map_err(|wrong| anyhow::anyhow!("the exceptions in {} are wrong: {wrong}", path.display()))
}

/// How targets are had.
pub(super) fn source(arguments: &Inspect) -> inspect::Options {
    let mut options = inspect::Options::new(environment());
    options.fresh = arguments.fresh;
    // Most of the waiting is for the network, so more targets are on their way than are analysed.
    options.parallel = usize::from(arguments.jobs.unwrap_or(0)).max(options.parallel);
    options.limit = u64::from(arguments.limit_unpacked) << 20;
    options
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

/// Every artifact of every target, in the order in which they were asked for.
async fn all(
    inspector: Inspector<Engine>,
    targets: Vec<String>,
    progress: &Progress,
) -> (Arc<Inspector<Engine>>, Vec<TargetReport>) {
    let inspector = Arc::new(inspector);
    let mut events = inspector.inspect(targets);
    let mut reports = Vec::new();
    while let Some(event) = events.recv().await {
        match event {
            Event::Loaded { parts, .. } => progress.grow(parts.saturating_sub(1)),
            Event::Inspected(one) => {
                progress.done(&one.label);
                reports.push(((one.index, one.part), target(*one)));
            }
        }
    }
    reports.sort_by_key(|(order, _)| *order);
    (inspector, reports.into_iter().map(|(_, report)| report).collect())
}

fn target(one: Inspected) -> TargetReport {
    let outcome = match one.result {
        Ok(analysis) if is_empty(&analysis) => Outcome::Failed(failure::empty()),
        Ok(analysis) => Outcome::Analysed(Box::new(analysis)),
        Err(error) => Outcome::Failed(failure(&error)),
    };
    TargetReport { label: one.label, outcome, warnings: one.notes }
}

/// Whether there was nothing to look at: that is no verdict.
pub(super) fn is_empty(analysis: &Analysis) -> bool {
    let verdict = &analysis.verdict;
    let unread = |gap: &Gap| gap.kind == GapKind::Unreadable && gap.path.is_empty();
    verdict.coverage.files == 0 && verdict.findings.is_empty() && verdict.coverage.gaps.iter().all(unread)
}

/// Which walls around the analysis do not stand.
pub(super) fn missing_walls(walls: &[Wall]) -> Vec<String> {
    let missing = |wall: &Wall| match &wall.state {
        State::Standing => None,
        State::Partial(why) => Some(format!("the wall {} around the analysis stands only in part: {why}", wall.name)),
        State::Missing(why) => Some(format!("the wall {} around the analysis is missing: {why}", wall.name)),
    };
    walls.iter().filter_map(missing).collect()
}
