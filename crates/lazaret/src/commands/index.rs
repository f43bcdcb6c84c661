//! `lazaret index`: known malware in a file, and what resembles it.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use clap::Subcommand;
use engine::{
    Engine, Index, Options,
    similarity::{self, Builder, Resemblance, Wanted},
};
use gate::inspect::{self, Inspector, Spec};
use model::{Analysis, Digest, GapKind};
use wire::{
    Exit,
    text::{count, size},
};

use super::surroundings::environment;
use crate::output::{escaped, print, talk};

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Build an index out of known malware
    Build {
        /// The index to write
        out: PathBuf,
        /// Archives, folders or purls, or lists of them: - for stdin, or a file that ends in .txt, .tsv or .list, with one
        /// target a line, and after a tab what it is called
        #[arg(required = true, value_name = "LIST|TARGET")]
        known: Vec<String>,
        /// A list of honest packages: what they share is no sign of malware
        #[arg(long, value_name = "LIST")]
        honest: Vec<PathBuf>,
    },
    /// Say what an index holds, and whether it is whole
    Info {
        /// The index
        file: PathBuf,
    },
    /// Find the known samples that packages, archives or folders resemble
    Find {
        /// The index
        index: PathBuf,
        /// What is looked up
        #[arg(required = true, value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// List the known samples that share their code, group by group
    Cluster {
        /// The index
        index: PathBuf,
    },
}

pub fn run(action: &Action) -> Exit {
    let done = match action {
        Action::Build { out, known, honest } => build(out, known, honest),
        Action::Info { file } => open(file).and_then(|index| info(file, &index)),
        Action::Find { index, targets } => open(index).and_then(|index| find(&index, targets)),
        Action::Cluster { index } => open(index).and_then(|index| cluster(&index)),
    };
    done.unwrap_or_else(|error| {
        talk(&format!("error: {error:#}"));
        Exit::Usage
    })
}

/// Maps an index, and makes sure that it is whole.
pub fn open(path: &Path) -> anyhow::Result<Index> {
    let why = || format!("the index {} cannot be used", path.display());
    let index = Index::open(sandbox::Mapping::open(path).with_context(why)?).with_context(why)?;
    index.verify().with_context(why)?;
    Ok(index)
}

fn info(file: &Path, index: &Index) -> anyhow::Result<Exit> {
    let (_, _, shingles) = index.counts();
    let lines = [
        format!("{}, {}", escaped(&file.display().to_string()), size(index.size() as u64)),
        format!("sha256 {}", index.digest()),
        format!("{}, {}", contents(index), count(shingles.into(), "distinctive shingle")),
    ];
    print(&(lines.join("\n") + "\n")).map(|()| Exit::Clean)
}

fn contents(index: &Index) -> String {
    let (samples, pieces, _) = index.counts();
    let pieces = if pieces == 1 { "1 piece of code".into() } else { format!("{pieces} pieces of code") };
    format!("{}, {pieces}", count(samples.into(), "sample"))
}

/// One thing of a list, and what it is called.
struct Entry {
    target: String,
    label: Option<String>,
}

fn build(out: &Path, known: &[String], honest: &[PathBuf]) -> anyhow::Result<Exit> {
    let mut entries = Vec::new();
    for one in known {
        match Path::new(one).extension().and_then(|extension| extension.to_str()) {
            Some("txt" | "tsv" | "list") => entries.extend(list(Path::new(one))?),
            _ if one == "-" => entries.extend(list(Path::new(one))?),
            _ => entries.push(Entry { target: one.clone(), label: None }),
        }
    }
    let mut shown = Vec::new();
    for one in honest {
        shown.extend(list(one)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut builder, mut left_out, mut taken) = (Builder::default(), 0, 0);
    runtime.block_on(read_all(entries, Wanted::Running, |entry, read| match read {
        Ok((name, analysis)) => {
            let label = entry.label.as_deref().unwrap_or(&name);
            builder.add_known(label, &name, analysis.verdict.artifact.sha256, analysis.shapes);
            taken += 1;
        }
        Err(why) => {
            talk(&format!("left out: {}: {why}", entry.target));
            left_out += 1;
        }
    }))?;
    anyhow::ensure!(taken > 0, "none of the known samples could be read");
    runtime.block_on(read_all(shown, Wanted::Whole, |entry, read| match read {
        Ok((_, analysis)) => builder.add_honest(&analysis.shapes),
        Err(why) => {
            talk(&format!("left out: {}: {why}", entry.target));
            left_out += 1;
        }
    }))?;
    let bytes = builder.finish()?;
    replace(out, &bytes).with_context(|| format!("the index {} cannot be written", out.display()))?;
    print(&format!("{}, {}\n", contents(&open(out)?), size(bytes.len() as u64)))?;
    Ok(if left_out > 0 { Exit::Unavailable } else { Exit::Clean })
}

/// The entries of a list: one a line, and after a tab its label. Further columns are for others.
fn list(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => io::stdin().lock().read_to_string(&mut text),
        _ => File::open(path).and_then(|mut file| file.read_to_string(&mut text)),
    };
    read.with_context(|| format!("the list {} cannot be read", path.display()))?;
    let entry = |line: &str| {
        let mut columns = line.split('\t').map(str::trim);
        let target = columns.next().filter(|target| !target.is_empty() && !target.starts_with('#'))?.to_owned();
        Some(Entry { target, label: columns.next().filter(|label| !label.is_empty()).map(str::to_owned) })
    };
    Ok(text.lines().filter_map(entry).collect())
}

/// A new file takes the place of an old one, which others may have mapped.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = path.with_file_name(name);
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&new, path)).inspect_err(|_| drop(fs::remove_file(&new)))
}

/// Has every entry read by the workers, a few at a time, and hands them on in their order.
async fn read_all(
    entries: Vec<Entry>,
    shapes: Wanted,
    mut each: impl FnMut(&Entry, Result<(String, Analysis), String>),
) -> anyhow::Result<()> {
    let mut options = Options::default();
    options.user.shapes = shapes;
    let at_a_time = 2 * options.workers;
    let inspector = Arc::new(Inspector::new(Engine::start(options)?, inspect::Options::new(environment())));
    let mut open = VecDeque::new();
    let mut entries = entries.into_iter();
    loop {
        while open.len() < at_a_time
            && let Some(entry) = entries.next()
        {
            let (inspector, target) = (inspector.clone(), entry.target.clone());
            open.push_back((entry, tokio::spawn(async move { read(&inspector, &target).await })));
        }
        let Some((entry, task)) = open.pop_front() else { return Ok(()) };
        let answers = task.await.unwrap_or_else(|error| vec![Err(error.to_string())]);
        answers.into_iter().for_each(|answer| each(&entry, answer));
    }
}

/// Every artifact of a target, with its name.
async fn read(inspector: &Inspector<Engine>, target: &str) -> Vec<Result<(String, Analysis), String>> {
    let loaded = match Spec::parse(target) {
        Ok(spec) => inspector.load(&spec).await,
        Err(error) => Err(error),
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return vec![Err(error.to_string())],
    };
    let mut answers = Vec::new();
    for one in loaded {
        answers.push(match one {
            Ok(one) => {
                let name = one.target.file_name.clone();
                let analysis = inspector.analyst().analyse(one.target, one.bytes).await;
                let unread = |kind| matches!(kind, GapKind::Unreadable | GapKind::WorkerDied);
                let gap = analysis.verdict.coverage.gaps.iter().find(|gap| gap.path.is_empty() && unread(gap.kind));
                match gap.filter(|_| analysis.shapes.is_empty()) {
                    Some(gap) => Err(gap.detail.clone()),
                    None => Ok((name, analysis)),
                }
            }
            Err((_, error)) => Err(error.to_string()),
        });
    }
    answers
}

fn find(index: &Index, targets: &[String]) -> anyhow::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let entries = targets.iter().map(|target| Entry { target: target.clone(), label: None }).collect();
    let (mut text, mut missing) = (String::new(), false);
    runtime.block_on(read_all(entries, Wanted::Running, |entry, read| match read {
        Ok((_, analysis)) => text += &found(index, &entry.target, &analysis),
        Err(why) => {
            talk(&format!("error: {}: {why}", entry.target));
            missing = true;
        }
    }))?;
    print(&text)?;
    Ok(if missing { Exit::Unavailable } else { Exit::Clean })
}

fn found(index: &Index, target: &str, analysis: &Analysis) -> String {
    let found = similarity::resemblances(index, &analysis.shapes);
    if found.is_empty() {
        return format!("{}  resembles no known sample\n", escaped(target));
    }
    let line = |one: &Resemblance| {
        let here = analysis.shapes.get(one.shape).map_or("", |shape| shape.place.path.as_str());
        let there = format!("{}  {} in {}, sha256 {}", one.label, one.path, one.name, short(&one.sha256));
        let share = format!("{:.3}  {} of {}", one.share, one.shared, one.size);
        format!("{}  {share}  {}  {}\n", escaped(target), escaped(here), escaped(&there))
    };
    found.iter().map(line).collect()
}

fn cluster(index: &Index) -> anyhow::Result<Exit> {
    let mut text = String::new();
    for (at, group) in similarity::clusters(index).iter().enumerate() {
        text += &format!("group {}, {}\n", at + 1, count(group.len() as u64, "sample"));
        for sample in group.iter().filter_map(|number| index.sample(*number)) {
            text += &format!("  {}  {}  {}\n", short(&sample.sha256), escaped(sample.label), escaped(sample.name));
        }
    }
    print(&text).map(|()| Exit::Clean)
}

fn short(digest: &Digest) -> String {
    digest.to_string()[..16].to_owned()
}
