//! `cargo xtask similarity`: whether near-duplicates of known malware are found, and nothing else is.
//!
//! ```text
//! cargo xtask similarity --malicious DIR [--honest LIST]... [--every N] [--list-all]
//! ```
//!
//! One archive of each family is known; the others are looked up. `DIR` holds `manifest.tsv`, as for `eval`. `LIST` names honest
//! archives, one path a line; every second is shown to the builder, the others are looked up and must not be found. `--every N`
//! takes only each Nth honest archive. Archives are only read by the engine's workers.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use engine::{
    Engine, Options,
    similarity::{Builder, Index, NEAR, Resemblance, SAME, Wanted, clusters, resemblances},
};
use futures_util::{StreamExt, stream};
use model::{Analysis, Target};

/// One archive of a family.
struct Archive {
    path: PathBuf,
    family: String,
    campaign: String,
}

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let (mut archives, mut honest, mut every, mut list_all) = (Vec::new(), Vec::new(), 1, false);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut next = || rest.next().map(String::as_str).with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--malicious" => archives = families(Path::new(next()?))?,
            "--honest" => honest.extend(fs::read_to_string(next()?)?.lines().map(PathBuf::from)),
            "--every" => every = next()?.parse()?,
            "--list-all" => list_all = true,
            other => bail!("there is no option {other}; see the head of xtask/src/similarity.rs"),
        }
    }
    let honest: Vec<PathBuf> = honest.into_iter().step_by(every).collect();
    let (shown, unseen): (Vec<_>, Vec<_>) = honest.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(archives, paths(shown), paths(unseen), list_all))
}

fn paths(numbered: Vec<(usize, PathBuf)>) -> Vec<PathBuf> {
    numbered.into_iter().map(|(_, path)| path).collect()
}

fn families(folder: &Path) -> anyhow::Result<Vec<Archive>> {
    let manifest = fs::read_to_string(folder.join("manifest.tsv")).context("there is no manifest.tsv")?;
    let rows = manifest.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, family, campaign, _, "-"] = fields[..] else { return None };
        Some(Archive { path: folder.join(file), family: family.into(), campaign: campaign.into() })
    });
    Ok(rows.collect())
}

async fn measure(
    archives: Vec<Archive>,
    shown: Vec<PathBuf>,
    unseen: Vec<PathBuf>,
    list_all: bool,
) -> anyhow::Result<()> {
    let running = engine(Wanted::Running)?;
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut others = Vec::new();
    let mut builder = Builder::default();
    let mut shapes = read(&running, archives.iter().map(|one| one.path.clone()).collect());
    for archive in &archives {
        let analysis = shapes.next().await.context("an answer")??;
        if known.contains_key(&archive.family) {
            others.push((archive, analysis));
            continue;
        }
        known.insert(archive.family.clone(), archive.campaign.clone());
        let name = name_of(&archive.path);
        if list_all {
            let sizes: Vec<String> = analysis
                .shapes
                .iter()
                .map(|shape| format!("{}{}", shape.shingles.len(), if shape.acts { "!" } else { "" }))
                .collect();
            println!("known {} {name} {}", archive.family, sizes.join(" "));
        }
        builder.add_known(&archive.family, &name, analysis.verdict.artifact.sha256, analysis.shapes);
    }
    let whole = engine(Wanted::Whole)?;
    let count = shown.len();
    let mut shapes = read(&whole, shown);
    while let Some(analysis) = shapes.next().await {
        builder.add_honest(&analysis?.shapes);
    }
    let started = Instant::now();
    let index = Index::open(builder.finish()?)?;
    let (samples, units, keys) = index.counts();
    println!("index of {samples} samples against {count} honest archives: {units} pieces, {keys} shingles");
    println!("  {} bytes, written in {} ms", index.size(), started.elapsed().as_millis());
    let sizes = [12, 16, 24, 40, 60];
    for size in sizes {
        let found =
            others.iter().filter(|(_, analysis)| look_up(&index, analysis).0.iter().any(|one| one.size >= size));
        println!("  pieces of {size} shingles and more: {} found", found.count());
    }
    print_found(&index, &known, &others, list_all);
    let groups = clusters(&index);
    let joined = groups.iter().filter(|group| group.len() > 1).count();
    println!("clusters: {} groups, {joined} of them of several families", groups.len());
    let mut times = Vec::new();
    let mut false_matches = Vec::new();
    let mut shapes = read(&running, unseen.clone());
    for path in &unseen {
        let analysis = shapes.next().await.context("an answer")??;
        let (found, took) = look_up(&index, &analysis);
        times.push(took);
        false_matches.extend(found.into_iter().next().map(|one| format!("  {} {}", name_of(path), line(&one))));
    }
    println!("honest: {} unseen archives, {} false matches", unseen.len(), false_matches.len());
    false_matches.iter().for_each(|one| println!("{one}"));
    print_times("honest", times);
    Ok(())
}

fn engine(shapes: Wanted) -> anyhow::Result<Engine> {
    let mut options = Options::default();
    options.user.shapes = shapes;
    Ok(Engine::start(options)?)
}

/// The analyses of files, in their order.
fn read(engine: &Engine, paths: Vec<PathBuf>) -> impl StreamExt<Item = anyhow::Result<Analysis>> + Unpin {
    let read = move |path: PathBuf| async move {
        let target = Target { file_name: name_of(&path), ecosystem: None, name: None, version: None };
        let bytes = tokio::fs::read(&path).await.with_context(|| path.display().to_string())?;
        Ok(engine.analyse(target, bytes).await)
    };
    Box::pin(stream::iter(paths).map(read).buffered(4))
}

/// The corpus tools put a digest before the name; nobody's package is called that.
fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is_digest = |start: &str| start.len() == 8 && start.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.split_once('-').filter(|(start, _)| is_digest(start)).map_or(name.clone(), |(_, rest)| rest.to_owned())
}

fn look_up(index: &Index<Vec<u8>>, analysis: &Analysis) -> (Vec<Resemblance>, Duration) {
    let started = Instant::now();
    let found = resemblances(index, &analysis.shapes);
    (found, started.elapsed())
}

fn print_found(
    index: &Index<Vec<u8>>,
    known: &BTreeMap<String, String>,
    others: &[(&Archive, Analysis)],
    list_all: bool,
) {
    let indexed: std::collections::BTreeSet<String> = (0..index.counts().1)
        .flat_map(|unit| index.owners(unit).map(|owner| owner.sample.label.to_owned()).collect::<Vec<_>>())
        .collect();
    let (mut near, mut same, mut right, mut indexed_others, mut near_indexed) = (0, 0, 0, 0, 0);
    let mut times = Vec::new();
    for (archive, analysis) in others {
        let (found, took) = look_up(index, analysis);
        times.push(took);
        let best = found.first();
        near += usize::from(best.is_some());
        same += usize::from(best.is_some_and(|one| one.share >= SAME));
        right += usize::from(best.is_some_and(|one| known.get(&one.label) == Some(&archive.campaign)));
        if indexed.contains(&archive.family) {
            indexed_others += 1;
            near_indexed += usize::from(best.is_some());
        }
        if list_all || best.is_none() && indexed.contains(&archive.family) {
            let sizes: Vec<usize> = analysis.shapes.iter().map(|shape| shape.shingles.len()).collect();
            let text = best.map_or_else(|| "not found".into(), line);
            println!("  {} {} {text} {sizes:?}", archive.family, name_of(&archive.path));
        }
    }
    let share = |part: usize, whole: usize| 100.0 * part as f64 / whole.max(1) as f64;
    println!("families: {} known, {} with distinctive code", known.len(), indexed.len());
    println!("other archives of known families: {}", others.len());
    println!(
        "  found from {NEAR}: {near} ({:.1} %), from {SAME}: {same} ({:.1} %)",
        share(near, others.len()),
        share(same, others.len())
    );
    println!("  with the right campaign: {right} of {near}");
    println!(
        "  of families with distinctive code: {near_indexed} of {indexed_others} ({:.1} %)",
        share(near_indexed, indexed_others)
    );
    print_times("malicious", times);
}

fn line(one: &Resemblance) -> String {
    format!("{:.2} of {} shingles of {} ({} in {})", one.share, one.size, one.label, one.path, one.name)
}

fn print_times(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len().saturating_sub(1) * share / 100).map_or(0, Duration::as_micros);
    println!("look-ups of {what}: median {} us, 90th {} us, longest {} us", at(50), at(90), at(100));
}
