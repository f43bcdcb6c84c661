//! `cargo xtask eval`: how well Lazaret judges, on folders of malicious and of benign archives.
//!
//! ```text
//! cargo xtask eval --malicious DIR [--benign NAME DIR LIST]... [--list-all] [--only WORD] [--json FILE]
//! ```
//!
//! `DIR` of `--malicious` holds `manifest.tsv` (file, family, campaign, sha256, noise). `LIST` is a table of name, version, file,
//! tag and sha256; its tags (`top`, `hard`, `random`, ...) are counted apart. Archives are only read by the engine's workers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail};
use engine::{Day, Engine, Options, UserRules};
use futures_util::{StreamExt, stream};
use model::{Analysis, Decision, Kind, Target};

/// One archive of a set.
struct Sample {
    path: PathBuf,
    /// The set: `malicious`, or the benign list's name.
    set: String,
    /// The family, or the tag of the list.
    family: String,
    /// Whether the label is doubtful.
    noise: bool,
}

struct Judged {
    sample: Sample,
    analysis: Analysis,
}

pub fn run(arguments: &[String]) -> anyhow::Result<()> {
    let mut samples = Vec::new();
    let (mut list_all, mut only, mut json) = (false, None, None);
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut next = || rest.next().map(String::as_str).with_context(|| format!("{argument} needs a value"));
        match argument.as_str() {
            "--malicious" => samples.extend(malicious(Path::new(next()?))?),
            "--benign" => samples.extend(benign(next()?, Path::new(next()?), Path::new(next()?))?),
            "--list-all" => list_all = true,
            "--only" => only = Some(next()?.to_owned()),
            "--json" => json = Some(PathBuf::from(next()?)),
            other => bail!("there is no option {other}; see the head of xtask/src/eval.rs"),
        }
    }
    if let Some(word) = &only {
        samples.retain(|sample| sample.path.to_string_lossy().contains(word.as_str()));
    }
    if samples.is_empty() {
        bail!("no samples: give --malicious DIR or --benign NAME DIR LIST");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let judged = runtime.block_on(judge_all(samples))?;
    print_recall(&judged, list_all);
    print_alarms(&judged);
    print_rules(&judged);
    if let Some(path) = json {
        fs::write(path, serde_json::to_vec(&rows(&judged))?)?;
    }
    Ok(())
}

fn malicious(folder: &Path) -> anyhow::Result<Vec<Sample>> {
    let manifest =
        fs::read_to_string(folder.join("manifest.tsv")).context("the folder of --malicious has no manifest.tsv")?;
    let rows = manifest.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, family, _, _, noise] = fields[..] else { return None };
        Some(Sample { path: folder.join(file), set: "malicious".into(), family: family.into(), noise: noise != "-" })
    });
    Ok(rows.collect())
}

fn benign(name: &str, folder: &Path, list: &Path) -> anyhow::Result<Vec<Sample>> {
    let list = fs::read_to_string(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let rows = list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [_, _, file, tag, _] = fields[..] else { return None };
        let path = folder.join(file.replace('/', "__"));
        path.exists().then(|| Sample { path, set: name.to_owned(), family: tag.into(), noise: false })
    });
    Ok(rows.collect())
}

async fn judge_all(samples: Vec<Sample>) -> anyhow::Result<Vec<Judged>> {
    // Exceptions count as they do for a user of today.
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let user = UserRules { today: Some(Day::of_seconds(since_1970.as_secs())), ..UserRules::default() };
    let engine = Arc::new(Engine::start(Options { user, ..Options::default() })?);
    let total = samples.len();
    let judged = stream::iter(samples.into_iter().enumerate()).map(|(at, sample)| {
        let engine = engine.clone();
        async move {
            let file_name = sample.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            // The corpus tools put a digest before the name; nobody's package is called that.
            let file_name =
                if sample.set == "malicious" { file_name.get(9..).unwrap_or_default().to_owned() } else { file_name };
            let target = Target { file_name, ecosystem: None, name: None, version: None };
            let bytes = tokio::fs::read(&sample.path).await?;
            let analysis = engine.analyse(target, bytes).await;
            if at % 200 == 199 {
                eprintln!("{} of {total}", at + 1);
            }
            Ok(Judged { sample, analysis })
        }
    });
    let judged: Vec<std::io::Result<Judged>> = judged.buffered(4).collect().await;
    Ok(judged.into_iter().collect::<Result<_, _>>()?)
}

fn print_recall(judged: &[Judged], list_all: bool) {
    let mut families: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.sample.set == "malicious" && !one.sample.noise) {
        families.entry(&one.sample.family).or_default().push(one);
    }
    if families.is_empty() {
        return;
    }
    let archives: usize = families.values().map(Vec::len).sum();
    let share = |test: &dyn Fn(Decision) -> bool| {
        // A family counts by the share of its archives, so that one lucky archive does not speak for all.
        let sum: f64 = families
            .values()
            .map(|all| all.iter().filter(|one| test(one.analysis.verdict.decision)).count() as f64 / all.len() as f64)
            .sum();
        let found: usize = families.values().flatten().filter(|one| test(one.analysis.verdict.decision)).count();
        (100.0 * sum / families.len() as f64, 100.0 * found as f64 / archives as f64)
    };
    let alarmed = share(&|decision| decision >= Decision::Suspicious);
    let blocked = share(&|decision| decision == Decision::Malicious);
    println!("recall without noise: {} families, {archives} archives", families.len());
    println!("  suspicious or malicious  {:5.1} % of families  {:5.1} % of archives", alarmed.0, alarmed.1);
    println!("  malicious                {:5.1} % of families  {:5.1} % of archives", blocked.0, blocked.1);
    let noise: Vec<&Judged> = judged.iter().filter(|one| one.sample.noise).collect();
    let found = noise.iter().filter(|one| one.analysis.verdict.decision >= Decision::Suspicious).count();
    println!("  with a noise mark: {found} of {} suspicious or malicious", noise.len());
    println!("misses:");
    for (family, all) in &families {
        for one in all.iter().filter(|one| list_all || one.analysis.verdict.decision < Decision::Suspicious) {
            println!("  {family} {}", line(one));
        }
    }
}

fn print_alarms(judged: &[Judged]) {
    let mut sets: BTreeMap<(&str, &str), Vec<&Judged>> = BTreeMap::new();
    for one in judged.iter().filter(|one| one.sample.set != "malicious") {
        sets.entry((&one.sample.set, &one.sample.family)).or_default().push(one);
    }
    for ((set, tag), all) in &sets {
        let count = |decision| all.iter().filter(|one| one.analysis.verdict.decision == decision).count();
        let (malicious, suspicious) = (count(Decision::Malicious), count(Decision::Suspicious));
        println!(
            "benign {set} {tag}: {} archives, {malicious} malicious, {suspicious} suspicious ({:.2} %), {} inconclusive",
            all.len(),
            100.0 * (malicious + suspicious) as f64 / all.len() as f64,
            count(Decision::Inconclusive),
        );
    }
    println!("false alarms:");
    for one in sets.values().flatten().filter(|one| one.analysis.verdict.decision >= Decision::Suspicious) {
        println!("  {} {} {}", one.sample.set, one.sample.family, line(one));
    }
}

fn line(one: &Judged) -> String {
    let name = one.sample.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let verdict = &one.analysis.verdict;
    let mut rules: Vec<String> = Vec::new();
    for finding in verdict.findings.iter().filter(|finding| finding.kind != Kind::Capability) {
        let place = finding.places.first().map(|place| format!("{}:{}", place.path, place.line)).unwrap_or_default();
        let text = format!("{}/{}/{} {place}", finding.rule, finding.kind, finding.phase);
        if rules.len() < 5 && !rules.iter().any(|old| old.starts_with(&format!("{}/", finding.rule))) {
            rules.push(text);
        }
    }
    let gaps = verdict.coverage.gaps.first().map(|gap| format!(" gap: {}", gap.detail)).unwrap_or_default();
    format!("{name} {} {} [{}]{gaps}", verdict.decision, verdict.score.0, rules.join("; "))
}

fn print_rules(judged: &[Judged]) {
    let mut rules: BTreeMap<(&str, Kind), BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for one in judged {
        for finding in &one.analysis.verdict.findings {
            let set = if one.sample.set == "malicious" { "malicious" } else { "benign" };
            // Malware counts by family, honest packages by file.
            let key = if set == "malicious" {
                one.sample.family.as_str()
            } else {
                one.sample.path.to_str().unwrap_or_default()
            };
            rules.entry((&finding.rule, finding.kind)).or_default().entry(set).or_default().insert(key);
        }
    }
    println!("{:48} {:>18} {:>14}", "rule", "malicious families", "benign files");
    for ((rule, kind), sets) in rules {
        let count = |set| sets.get(set).map_or(0, BTreeSet::len);
        println!("{:48} {:>18} {:>14}", format!("{rule} ({kind})"), count("malicious"), count("benign"));
    }
}

fn rows(judged: &[Judged]) -> Vec<serde_json::Value> {
    judged
        .iter()
        .map(|one| {
            serde_json::json!({
                "file": one.sample.path.file_name().map(|name| name.to_string_lossy().into_owned()),
                "set": one.sample.set,
                "family": one.sample.family,
                "decision": one.analysis.verdict.decision,
                "score": one.analysis.verdict.score,
                "findings": one.analysis.verdict.findings.iter().map(|finding| &finding.rule).collect::<Vec<_>>(),
            })
        })
        .collect()
}
