//! `lazaret detonate`: targets in, what they did in the sandbox out.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use engine::{Engine, Limits, Options, UserRules};
use gate::{
    detonate::{self, DetonateError, Detonated, detonate},
    inspect::{self, Inspector},
};
use sandbox::{
    Budget, Kept, Launcher, State,
    drivers::{PROFILES, Profile},
};
use wire::{
    Exit, Failure,
    trace::{FORMATS, Run, TraceReport},
};

use super::{
    inspect::{failure, moment, today},
    surroundings::environment,
};
use crate::{
    output::{Output, talk},
    progress::Progress,
};

/// The arguments of `detonate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// A purl (pkg:npm/name@1.2.3), a short form (npm:name@1.2.3), an archive or a folder
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// How the report is written
    #[arg(long, short, default_value = FORMATS[0].name(), value_parser = clap::builder::PossibleValuesParser::new(FORMATS.iter().map(|one| one.name())))]
    format: String,
    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
    /// Play only these machines [default: developer and ci, and the others when the package looks where it is]
    #[arg(long, value_name = "MACHINE", value_parser = clap::builder::PossibleValuesParser::new(PROFILES.iter().map(|one| one.name)))]
    profile: Vec<String>,
    /// Do not bring along what the package depends on
    #[arg(long)]
    no_dependencies: bool,
    /// Keep what the package wrote, ran and was given in this folder, each under its digest, never executable
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Give each machine at most so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 180, value_parser = clap::value_parser!(u32).range(1..=3600))]
    time: u32,
    /// Download again what the cache holds
    #[arg(long)]
    fresh: bool,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let path = arguments.output.as_deref();
    let mut options = Options::new(Limits::default());
    options.user = UserRules { today: Some(today()), ..UserRules::default() };
    let ready = Output::open(path)
        .with_context(|| format!("{} cannot be written", path.unwrap_or(Path::new("stdout")).display()))
        .and_then(|output| {
            let keep = arguments.keep.as_deref();
            keep.map(std::fs::create_dir_all).transpose().context("the folder of --keep cannot be made")?;
            Ok((output, Engine::start(options)?))
        });
    let (output, engine) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            talk(&format!("error: {error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let mut source = inspect::Options::new(environment());
    source.fresh = arguments.fresh;
    let inspector = Arc::new(Inspector::new(engine, source));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let progress = Progress::start(arguments.targets.len(), arguments.quiet);
    let made = moment();
    let report = runtime.block_on(all(&inspector, arguments, &progress, &made))?;
    progress.finish();
    let format = wire::trace::format(&arguments.format).context("clap lets only known formats through")?;
    output.write(|out| format.write(&report, out))?;
    Ok(report.exit())
}

/// One target after the other: each may use the whole machine, and what it does shall not depend on its neighbour.
async fn all<'a>(
    inspector: &Arc<Inspector<Engine>>,
    arguments: &Arguments,
    progress: &Progress,
    made: &'a str,
) -> anyhow::Result<TraceReport<'a>> {
    let options = how(arguments)?;
    let mut report = TraceReport {
        version: env!("CARGO_PKG_VERSION"),
        made,
        runs: Vec::new(),
        failures: Vec::new(),
        notes: Vec::new(),
    };
    for target in &arguments.targets {
        for (label, result) in detonate(inspector, target, &options).await {
            match result {
                Ok(one) => {
                    if let Some(folder) = &arguments.keep {
                        store(folder, &one.kept)
                            .with_context(|| format!("{} cannot be written to", folder.display()))?;
                    }
                    tell(one, &mut report);
                }
                Err(error) => report.failures.push((label, not_run(&error))),
            }
        }
        progress.done(target);
    }
    Ok(report)
}

fn how(arguments: &Arguments) -> anyhow::Result<detonate::Options> {
    let profiles: Vec<&'static Profile> = arguments.profile.iter().filter_map(|name| Profile::named(name)).collect();
    let mut seed = [0; 32];
    io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut seed)?;
    Ok(detonate::Options {
        profiles,
        budget: Budget { time: Duration::from_secs(arguments.time.into()), ..Budget::default() },
        launcher: Launcher::default(),
        closure: !arguments.no_dependencies,
        seed,
    })
}

fn tell(one: Detonated, report: &mut TraceReport<'_>) {
    for wall in &one.layers {
        let note = match &wall.state {
            State::Standing => continue,
            State::Partial(why) => format!("the layer {} of the sandbox stands only in part: {why}", wall.name),
            State::Missing(why) => format!("the layer {} of the sandbox is missing: {why}", wall.name),
        };
        if !report.notes.contains(&note) {
            report.notes.push(note);
        }
    }
    let Detonated { label, analysis, trace, notes, .. } = one;
    report.runs.push(Run { label, trace, analysis, notes });
}

/// What the package left behind, each under its digest. It may be malware: nothing of it gets the right to run.
fn store(folder: &Path, kept: &[Kept]) -> io::Result<()> {
    for one in kept {
        let path = folder.join(format!("{}.kept", one.sha256));
        std::fs::write(path, &one.bytes)?;
    }
    Ok(())
}

fn not_run(error: &DetonateError) -> Failure {
    let (code, hint, exit) = match error {
        DetonateError::Target(error) => return failure::failure(error),
        DetonateError::Unreadable(_) => {
            ("unreadable", Some("`lazaret inspect` says what is odd about it"), Exit::Incomplete)
        }
        DetonateError::NoDriver(_) => ("no-driver", Some("`lazaret inspect` reads it all the same"), Exit::Incomplete),
        DetonateError::Sandbox(_) => {
            ("sandbox", Some("`lazaret doctor` shows which layers stand on this machine"), Exit::Incomplete)
        }
    };
    Failure { code: code.into(), message: error.to_string(), hint: hint.map(String::from), exit }
}
