//! `lazaret diff`: two versions in, what changed out.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use engine::{Engine, Limits, Options, UserRules, compare};
use gate::{
    diff::{Pair, pair},
    inspect::{self, Event, Inspected, Inspector},
};
use wire::{
    Exit,
    diff::{Diff as Compared, DiffReport, Side, write},
};

use super::{
    inspect::{failure, is_empty, missing_walls, today},
    surroundings::environment,
};
use crate::{
    cli::Diff,
    output::{Output, talk},
    progress::Progress,
};

pub fn run(arguments: &Diff) -> anyhow::Result<Exit> {
    let mut options = Options::new(Limits::default());
    options.summary = true;
    options.user = UserRules { today: Some(today()), ..UserRules::default() };
    let path = arguments.output.as_deref();
    let ready = Output::open(path)
        .with_context(|| format!("{} cannot be written", path.unwrap_or(Path::new("stdout")).display()))
        .and_then(|output| Ok((output, Engine::start(options)?)));
    let (output, engine) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            talk(&format!("error: {error:#}"));
            return Ok(Exit::Usage);
        }
    };
    let mut source = inspect::Options::new(environment());
    source.fresh = arguments.fresh;
    let progress = Progress::start(2, arguments.quiet);
    let inspector = Arc::new(Inspector::new(engine, source));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let [old, new] = runtime.block_on(both(&inspector, arguments, &progress));
    progress.finish();
    let engine = inspector.analyst();
    let mut report = DiffReport {
        version: env!("CARGO_PKG_VERSION"),
        ruleset: engine.ruleset(),
        diffs: Vec::new(),
        failures: Vec::new(),
        notes: missing_walls(engine.walls()),
    };
    pair(old, new).into_iter().for_each(|pair| tell(pair, &mut report));
    output.write(|out| write(&arguments.format, &report, out))?;
    Ok(report.exit())
}

/// The artifacts of both versions, each side in its order.
async fn both(inspector: &Arc<Inspector<Engine>>, arguments: &Diff, progress: &Progress) -> [Vec<Inspected>; 2] {
    let mut events = inspector.inspect(vec![arguments.old.clone(), arguments.new.clone()]);
    let mut sides = [Vec::new(), Vec::new()];
    while let Some(event) = events.recv().await {
        match event {
            Event::Loaded { parts, .. } => progress.grow(parts.saturating_sub(1)),
            Event::Inspected(one) => {
                progress.done(&one.label);
                sides[one.index.min(1)].push(*one);
            }
        }
    }
    sides.iter_mut().for_each(|side| side.sort_by_key(|one| one.part));
    sides
}

/// Puts a pair into the report: compared, or why it could not be.
fn tell(pair: Pair, report: &mut DiffReport<'_>) {
    let (old, new) = match (pair.old, pair.new) {
        (Some(old), Some(new)) => (old, new),
        (one, other) => {
            let which = if one.is_some() { "before" } else { "in question" };
            if let Some(alone) = one.or(other) {
                match alone.result {
                    Err(error) => report.failures.push((alone.label, failure::failure(&error))),
                    Ok(_) => {
                        report.notes.push(format!("only the version {which} has {}: it is not compared", alone.label))
                    }
                }
            }
            return;
        }
    };
    report.notes.extend(old.notes.iter().map(|note| format!("{}: {note}", old.label)));
    report.notes.extend(new.notes.iter().map(|note| format!("{}: {note}", new.label)));
    let mut sides = Vec::new();
    for side in [old, new] {
        match side.result {
            Ok(analysis) if is_empty(&analysis) => report.failures.push((side.label, failure::empty())),
            Ok(analysis) => sides.push((side.label, analysis)),
            Err(error) => report.failures.push((side.label, failure::failure(&error))),
        }
    }
    if let [(old_label, old), (new_label, new)] = &sides[..] {
        report.diffs.push(Compared {
            old: Side::of(old_label.clone(), old),
            new: Side::of(new_label.clone(), new),
            change: compare(old, new),
        });
    }
}
