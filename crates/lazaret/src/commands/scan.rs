//! `lazaret scan`: a project in, what is thought of everything it depends on out.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use clap::builder::PossibleValuesParser;
use engine::{Engine, Limits, Options};
use gate::{
    database::Database,
    inspect::{self, Inspector},
    policy::{self, Policy},
    scan::{FailOn, Progress, Request, Scanner},
};
use net::discover::discover_own;
use wire::{Exit, scan};

use super::{
    inspect::{missing_walls, moment},
    surroundings::environment,
};
use crate::{
    output::{Output, talk},
    progress,
};

/// The arguments of `scan`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folders, lockfiles, manifests, bills of materials, lists of purls, purls, or - for a list on stdin
    #[arg(default_value = ".", value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How the report is written
    #[arg(long, short, value_parser = scan_formats(), default_value = "terminal")]
    pub format: String,
    /// Write the report to this file instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// No progress; in the terminal format, only a line for each package that is blocked or warned of
    #[arg(long, short)]
    pub quiet: bool,
    /// Leave these files and folders out, as patterns of a .gitignore
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<String>,
    /// Walk node_modules, site-packages and their like too
    #[arg(long)]
    pub installed: bool,
    /// Do not analyse packages that the database does not know: they stay unknown
    #[arg(long)]
    pub no_analyze: bool,
    /// Download nothing: what neither the database nor the cache knows stays unknown
    #[arg(long)]
    pub offline: bool,
    /// Fail also when packages are unknown, were looked at in part only, or are suspicious
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = fail_on())]
    pub fail_on: Vec<String>,
    /// Accept what this report holds already (`lazaret scan --format json`); malware is never accepted so
    #[arg(long, value_name = "REPORT")]
    pub baseline: Option<PathBuf>,
    /// Look only at packages that are new or changed against this git revision
    #[arg(long, value_name = "BASE")]
    pub diff: Option<String>,
    /// A policy file, or default, strict or audit [default: lazaret-policy.yml of the project, else default]
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Download and analyse again what the cache holds
    #[arg(long)]
    pub fresh: bool,
    /// How many packages are analysed at a time [default: one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
}

fn scan_formats() -> PossibleValuesParser {
    scan::FORMATS.iter().map(|one| one.name()).into()
}

fn fail_on() -> PossibleValuesParser {
    FailOn::ALL.map(|(name, _)| name).into()
}

pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let ready = request(arguments, &mut io::stdin().lock()).and_then(|request| {
        let path = arguments.output.as_deref();
        let output = Output::open(path)
            .with_context(|| format!("{} cannot be written", path.unwrap_or(Path::new("stdout")).display()))?;
        let (database, notes) = Database::of_user(&environment())?;
        notes.iter().for_each(|note| talk(note));
        let doors = (Arc::new(database), Arc::new(policy(arguments)?));
        Ok((request, doors, Engine::start(options(arguments)?)?, output))
    });
    let (request, (database, policy), engine, output) = match ready {
        Ok(ready) => ready,
        Err(error) => return Ok(usage(&format!("{error:#}"))),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let inspector = Arc::new(Inspector::new(engine, source(arguments)));
    let scanner = Scanner::new(inspector.clone(), database, policy);
    let bar = Bar { bar: OnceLock::new(), quiet: arguments.quiet };
    let scan = runtime.block_on(scanner.scan(&request, &|step| bar.show(step)));
    bar.finish();
    let mut scan = match scan {
        Ok(scan) => scan,
        Err(error) => return Ok(usage(&error.to_string())),
    };
    if request.analyze {
        scan.notes.extend(missing_walls(inspector.analyst().walls()));
    }
    let brief = scan::Terminal { brief: true };
    let format: &dyn scan::Format = match scan::format(&arguments.format) {
        Some(format) if !(arguments.quiet && format.name() == "terminal") => format,
        _ => &brief,
    };
    output.write(|out| format.write(&scan, out))?;
    Ok(scan.exit())
}

fn usage(sentence: &str) -> Exit {
    talk(&format!("error: {sentence}"));
    Exit::Usage
}

fn request(arguments: &Arguments, stdin: &mut dyn Read) -> anyhow::Result<Request> {
    let list = if arguments.targets.iter().any(|one| one == "-") {
        let mut text = String::new();
        stdin.read_to_string(&mut text).context("the list on stdin could not be read as text")?;
        Some(text)
    } else {
        None
    };
    let wanted = |(name, one): (&str, FailOn)| arguments.fail_on.iter().any(|asked| asked == name).then_some(one);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Request {
        targets: arguments.targets.clone(),
        list,
        exclude: arguments.exclude.clone(),
        installed: arguments.installed,
        analyze: !arguments.no_analyze,
        offline: arguments.offline,
        fail_on: FailOn::ALL.into_iter().filter_map(wanted).collect(),
        baseline: arguments.baseline.as_deref().map(baseline).transpose()?,
        diff: arguments.diff.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        made: moment(),
        now: now.as_secs() as i64,
    })
}

fn baseline(path: &Path) -> anyhow::Result<scan::Baseline> {
    let why = || format!("the baseline {} cannot be used", path.display());
    let bytes = std::fs::read(path).with_context(why)?;
    scan::Baseline::read(&bytes).map_err(anyhow::Error::msg).with_context(why)
}

/// The policy that is named; else that of the project; else the one that comes with Lazaret. Who checks a change must not
/// let the change choose its own policy: with `--diff`, the project's is that of the revision.
fn policy(arguments: &Arguments) -> anyhow::Result<Policy> {
    let folder = match &arguments.targets[..] {
        [one] if Path::new(one).is_dir() => Path::new(one),
        _ => Path::new("."),
    };
    let at = folder.join(policy::FILE_NAME);
    match (&arguments.policy, &arguments.diff) {
        (Some(name), _) if policy::PRESETS.iter().any(|(preset, _)| preset == name) => Ok(Policy::preset(name)?),
        (Some(path), _) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("the policy {path} cannot be read"))?;
            Ok(Policy::load(&text, path)?)
        }
        (None, Some(base)) => match gate::scan::file_of(folder, base, policy::FILE_NAME)? {
            Some(text) => Ok(Policy::load(&String::from_utf8_lossy(&text), policy::FILE_NAME)?),
            None => Ok(Policy::preset("default")?),
        },
        (None, None) if at.is_file() => {
            let why = || format!("the policy {} cannot be read", at.display());
            Ok(Policy::load(&std::fs::read_to_string(&at).with_context(why)?, policy::FILE_NAME)?)
        }
        (None, None) => Ok(Policy::preset("default")?),
    }
}

fn options(arguments: &Arguments) -> anyhow::Result<Options> {
    let mut options = Options::new(Limits::default());
    if let Some(jobs) = arguments.jobs {
        options.workers = jobs.into();
    }
    let index = discover_own(&environment()).index;
    options.index = index.map(|path| super::index::open(&path)).transpose()?.map(Arc::new);
    Ok(options)
}

fn source(arguments: &Arguments) -> inspect::Options {
    let mut options = inspect::Options::new(environment());
    options.fresh = arguments.fresh;
    options.parallel = usize::from(arguments.jobs.unwrap_or(0)).max(options.parallel);
    options
}

/// The bar over the packages that are analysed; none before it is known how many.
struct Bar {
    bar: OnceLock<progress::Progress>,
    quiet: bool,
}

impl Bar {
    fn show(&self, step: Progress<'_>) {
        match step {
            Progress::Analysing(number) => _ = self.bar.set(progress::Progress::start(number, self.quiet)),
            Progress::Done(label) => self.bar.get().into_iter().for_each(|bar| bar.done(label)),
        }
    }

    fn finish(&self) {
        self.bar.get().into_iter().for_each(progress::Progress::finish);
    }
}
