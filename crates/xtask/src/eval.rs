//! `cargo xtask eval`: how well Lazaret judges, on folders of malicious and of honest archives.
//!
//! ```text
//! cargo xtask eval [--malicious DIR] [--dates LIST] [--benign NAME DIR LIST]... [--evasion] [--only WORD] [--every N]
//!                  [--rows FILE] [--from FILE]... [--since DAY] [--list-all] [--quality FOLDER]
//! ```
//!
//! `DIR` of `--malicious` holds `manifest.tsv` (file, family, campaign, sha256, noise); `LIST` of `--dates` tells when each family
//! was seen (path, family, campaign, sha256, day, noise). `LIST` of `--benign` is a table of name, version, file, tag and sha256;
//! its tags (`top`, `hard`, `random`, ...) are counted apart. Archives are only read by the engine's workers. `--evasion`
//! adds our own variants: every technique, hidden in every way.
//!
//! `--rows` keeps what was seen, and `--from` judges that again without reading any archive: after `cargo xtask fit`, in a second.
//! `--quality` writes `quality.md` and `quality.svg`, which are committed: a change that lowers a figure shows as a diff.

mod figures;
mod measure;
mod plot;
mod print;
mod quality;
pub mod row;
mod sample;

use std::{collections::HashMap, path::PathBuf};

use analysis::judge::{Judgement, Table};
use anyhow::{Context, bail};
use model::Decision;
use row::Row;

/// A row, judged by the committed table.
pub struct Judged {
    pub row: Row,
    pub judgement: Judgement,
}

impl Judged {
    fn new(row: Row) -> Self {
        let judgement = row.judge(Table::committed());
        Self { row, judgement }
    }

    pub fn is_alarm(&self) -> bool {
        self.judgement.decision >= Decision::Suspicious
    }

    pub fn is_blocked(&self) -> bool {
        self.judgement.decision == Decision::Malicious
    }
}

/// Families that were first seen from this day on are counted apart.
const SINCE: &str = "2025-01-01";

#[derive(Default)]
struct Wish {
    malicious: Vec<PathBuf>,
    dates: Option<PathBuf>,
    benign: Vec<(String, PathBuf, PathBuf)>,
    evasion: bool,
    only: Option<String>,
    every: usize,
    rows: Option<PathBuf>,
    from: Vec<PathBuf>,
    since: Option<String>,
    list_all: bool,
    quality: Option<PathBuf>,
}

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let wish = wish(arguments)?;
    let seen = wish.dates.as_deref().map_or_else(|| Ok(HashMap::new()), sample::first_seen)?;
    let mut samples = Vec::new();
    for folder in &wish.malicious {
        samples.extend(sample::malicious(folder, &seen)?);
    }
    for (name, folder, list) in &wish.benign {
        samples.extend(sample::benign(name, folder, list)?);
    }
    if wish.evasion {
        samples.extend(sample::evasion());
    }
    samples.retain(|sample| wish.only.as_ref().is_none_or(|word| sample.file.contains(word.as_str())));
    let samples = samples.into_iter().step_by(wish.every).collect();
    let mut rows = measure::measure(samples, wish.rows.as_deref())?;
    for file in &wish.from {
        rows.extend(row::read(file)?);
    }
    if rows.is_empty() {
        bail!("no samples: give --malicious DIR, --benign NAME DIR LIST or --from FILE");
    }
    if let Some(path) = &wish.rows {
        row::write(path, &rows)?;
    }
    let judged: Vec<Judged> = rows.into_iter().map(Judged::new).collect();
    let since = wish.since.as_deref().unwrap_or(SINCE);
    print::print(&judged, since, wish.list_all);
    if let Some(folder) = &wish.quality {
        quality::write(folder, &judged, since)?;
    }
    Ok(())
}

fn wish(arguments: &[String]) -> anyhow::Result<Wish> {
    let mut wish = Wish { every: 1, ..Wish::default() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut next = || rest.next().cloned().with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--malicious" => wish.malicious.push(next()?.into()),
            "--dates" => wish.dates = Some(next()?.into()),
            "--benign" => wish.benign.push((next()?, next()?.into(), next()?.into())),
            "--evasion" => wish.evasion = true,
            "--every" => wish.every = next()?.parse::<usize>()?.max(1),
            "--only" => wish.only = Some(next()?),
            "--rows" => wish.rows = Some(next()?.into()),
            "--from" => wish.from.push(next()?.into()),
            "--since" => wish.since = Some(next()?),
            "--list-all" => wish.list_all = true,
            "--quality" => wish.quality = Some(next()?.into()),
            other => bail!("there is no option {other}; see the head of xtask/src/eval.rs"),
        }
    }
    Ok(wish)
}
