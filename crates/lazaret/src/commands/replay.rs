//! `lazaret inspect --replay`: whether a verdict can be derived again from its report.

use std::{fmt::Write as _, path::Path, sync::Arc};

use engine::Engine;
use gate::inspect::{Event, Inspector};
use model::Analysis;
use wire::{
    Exit,
    replay::{Difference, Recorded, compared, judged, read},
    text::cut,
};

use super::inspect;
use crate::{
    cli::Inspect,
    output::{escaped, print, talk},
};

/// The largest report that is read.
const LARGEST: u64 = 512 << 20;

pub fn run(report: &Path, arguments: &Inspect) -> anyhow::Result<Exit> {
    let recorded = match recorded(report) {
        Ok(recorded) => recorded,
        Err(why) => {
            talk(&format!("error: {} cannot be replayed: {why}", report.display()));
            return Ok(Exit::Usage);
        }
    };
    let anew = if arguments.targets.is_empty() { Vec::new() } else { analysed(arguments)? };
    let mut text = String::new();
    let mut exits = Vec::new();
    for (label, analysis) in &recorded.targets {
        let verdict = &analysis.verdict;
        let judgement = engine::judge(&verdict.findings, &verdict.coverage);
        let mut differences = judged(analysis, judgement.decision, judgement.score);
        // The same bytes, or the only ones that there are.
        let same = anew.iter().find(|(_, now)| now.verdict.artifact.sha256 == verdict.artifact.sha256);
        let only = (recorded.targets.len() == 1 && anew.len() == 1).then(|| anew.first()).flatten();
        let now = same.or(only);
        if let Some((_, now)) = now {
            differences.extend(compared(analysis, now));
            differences.dedup();
        }
        let breaks = differences.iter().any(|one| one.breaks);
        exits.push(if breaks { Exit::Differs } else { Exit::of(analysis) });
        tell(&mut text, label, analysis, now.is_some(), &differences)?;
    }
    for (label, now) in &anew {
        let sha256 = now.verdict.artifact.sha256;
        let known = recorded.targets.iter().any(|(_, one)| one.verdict.artifact.sha256 == sha256);
        if !known && recorded.targets.len() != 1 {
            writeln!(text, "NOT IN THE REPORT  {}  sha256 {sha256}", escaped(label))?;
            exits.push(Exit::Differs);
        }
    }
    if recorded.targets.is_empty() {
        text += "The report holds no verdict.\n";
        exits.push(Exit::Differs);
    }
    print(&text)?;
    Ok(exits.into_iter().max().unwrap_or(Exit::Clean))
}

fn recorded(report: &Path) -> Result<Recorded, String> {
    let size = report.metadata().map_err(|error| error.to_string())?.len();
    if size > LARGEST {
        return Err(format!("it has {size} bytes"));
    }
    read(&std::fs::read(report).map_err(|error| error.to_string())?)
}

/// The targets, analysed anew.
fn analysed(arguments: &Inspect) -> anyhow::Result<Vec<(String, Analysis)>> {
    let engine = Engine::start(inspect::options(arguments)?)?;
    let mut source = inspect::source(arguments);
    source.fresh = true;
    let inspector = Arc::new(Inspector::new(engine, source));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let targets = arguments.targets.clone();
    let mut done = runtime.block_on(async {
        let mut events = inspector.inspect(targets);
        let mut done = Vec::new();
        while let Some(event) = events.recv().await {
            if let Event::Inspected(one) = event {
                done.push(*one);
            }
        }
        done
    });
    done.sort_by_key(|one| (one.index, one.part));
    done.into_iter().map(|one| Ok((one.label, one.result?))).collect()
}

fn tell(
    text: &mut String,
    label: &str,
    analysis: &Analysis,
    analysed: bool,
    differences: &[Difference],
) -> std::fmt::Result {
    let verdict = &analysis.verdict;
    let from = if analysed {
        "its bytes were analysed anew".to_owned()
    } else {
        format!("judged anew from {} findings; name the artifact to analyse it, too", verdict.findings.len())
    };
    let word = if differences.iter().any(|one| one.breaks) { "DIFFERS" } else { "SAME" };
    let label = escaped(label);
    writeln!(text, "{word}  {label}  {}, score {} ({from})", verdict.decision, verdict.score.0)?;
    for one in differences {
        let part = |text: &str| cut(&escaped(text).replace('\n', " "), 160);
        writeln!(text, "  {}: the report says {}; now {}", one.what, part(&one.recorded), part(&one.now))?;
    }
    Ok(())
}
