//! A package, run where it can do no harm: what it needs is brought along, drivers make it show what it does, and what was
//! seen joins what was read in one verdict.

mod closure;
mod plan;

use std::sync::Arc;

use artifact::Limits;
use model::{Action, Analysis, Ecosystem, Event, Gap, GapKind, Trace, TraceDeed};
use sandbox::{
    Budget, Detonation, Kept, Launcher, SandboxError, Wall,
    drivers::{DEVELOPER, MAC, OWN_HOST, Profile, RUNNER, WINDOWS},
};
use tokio::task::spawn_blocking;

use crate::inspect::{Analyst, Inspector, Loaded, Spec, TargetError};

/// How packages are run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The machines that are played; empty for the usual ones, and those that the package itself asks for.
    pub profiles: Vec<&'static Profile>,
    /// What one run may use.
    pub budget: Budget,
    /// The program that becomes the supervisor.
    pub launcher: Launcher,
    /// Whether what the package needs is brought along from the registries.
    pub closure: bool,
    /// Where secrets and names of a run come from. Two runs with the same seed plant the same secrets.
    pub seed: [u8; 32],
}

/// One artifact, read and run.
#[derive(Debug)]
pub struct Detonated {
    /// How the report calls it.
    pub label: String,
    /// The joint verdict.
    pub analysis: Analysis,
    /// What it did, on all machines that were played.
    pub trace: Trace,
    /// The contents that the trace names by digest.
    pub kept: Vec<Kept>,
    /// The layers that stood between the package and this machine.
    pub layers: Vec<Wall>,
    /// What the reader should know besides.
    pub notes: Vec<String>,
}

/// Why an artifact was not run.
#[derive(Debug, thiserror::Error)]
pub enum DetonateError {
    /// It could not be had.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It could not be opened.
    #[error("it cannot be opened, so there is nothing to run: {0}")]
    Unreadable(String),
    /// There is no driver for its ecosystem.
    #[error("Lazaret can run packages of npm and PyPI only; {0} was not run")]
    NoDriver(String),
    /// The sandbox refused.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// Runs every artifact of a target. One that cannot be run stops no other.
pub async fn detonate<A: Analyst>(
    inspector: &Arc<Inspector<A>>,
    target: &str,
    options: &Options,
) -> Vec<(String, Result<Detonated, DetonateError>)> {
    let loaded = match Spec::parse(target) {
        Ok(spec) => inspector.load(&spec).await,
        Err(error) => Err(error),
    };
    let parts = match loaded {
        Ok(parts) => parts,
        Err(error) => return vec![(target.to_owned(), Err(error.into()))],
    };
    let mut results = Vec::new();
    for part in parts {
        results.push(match part {
            Ok(loaded) => (loaded.label.clone(), one(inspector, loaded, options).await),
            Err((label, error)) => (label, Err(error.into())),
        });
    }
    results
}

async fn one<A: Analyst>(
    inspector: &Arc<Inspector<A>>,
    loaded: Loaded,
    options: &Options,
) -> Result<Detonated, DetonateError> {
    let (label, notes) = (loaded.label.clone(), loaded.notes.clone());
    let file_name = loaded.target.file_name.clone();
    let opened = artifact::open_named(&loaded.bytes, &file_name, &Limits::default());
    let tree = opened.map_err(|why| DetonateError::Unreadable(why.to_string()))?.value;
    let (mut analysis, _) = inspector.analyse(loaded).await;
    let identity = plan::Identity::of(&analysis, &file_name);
    let Some(identity) = identity.filter(|one| matches!(one.ecosystem, Ecosystem::Npm | Ecosystem::Pypi)) else {
        return Err(DetonateError::NoDriver(label));
    };
    let closure = match options.closure {
        true => closure::gather(inspector, identity.ecosystem, &identity.name, &tree, closure::Room::default()).await,
        false => closure::Closure::default(),
    };
    let mut trace = Trace::default();
    let (mut kept, mut layers): (Vec<Kept>, Vec<Wall>) = (Vec::new(), Vec::new());
    let mut queue: Vec<&'static Profile> = match options.profiles.as_slice() {
        [] => vec![&DEVELOPER, &RUNNER],
        chosen => chosen.to_vec(),
    };
    let mut played: Vec<&'static str> = Vec::new();
    while let Some(profile) = (!queue.is_empty()).then(|| queue.remove(0)) {
        played.push(profile.name);
        let plan = plan::plan(&identity, &tree, &closure, profile, options.seed);
        let seen = run(options, plan).await?;
        layers = seen.layers;
        keep(&mut kept, seen.kept);
        let mut ran = seen.trace;
        ran.retain(|event| !is_ours(event));
        trace.append(ran);
        if options.profiles.is_empty() && queue.is_empty() {
            queue.extend(asked_for(&analysis, &trace).into_iter().filter(|one| !played.contains(&one.name)));
        }
    }
    trace.gaps.extend(closure.gaps);
    if trace.steps.is_empty() {
        trace.gaps.push(Gap::new(GapKind::Unreadable, "", "The package offers nothing that could be run."));
    }
    engine::join_trace(&mut analysis, &trace);
    Ok(Detonated { label, analysis, trace, kept, layers, notes })
}

async fn run(options: &Options, plan: plan::Prepared) -> Result<Detonation, DetonateError> {
    let (launcher, budget) = (options.launcher.clone(), options.budget.clone());
    let running = spawn_blocking(move || sandbox::run(&launcher, &plan.guest, &plan.steps, &budget));
    match running.await {
        Ok(result) => Ok(result?),
        Err(error) => Err(SandboxError::Died(error.to_string()).into()),
    }
}

/// Whether the drivers did it, not the package.
fn is_ours(event: &Event) -> bool {
    match &event.deed {
        TraceDeed::Dns { name, .. } => name == OWN_HOST,
        TraceDeed::Connect { name, .. } => name.as_deref() == Some(OWN_HOST),
        TraceDeed::Http { url, .. } => url.starts_with(&format!("https://{OWN_HOST}/")),
        _ => false,
    }
}

/// Each content once.
fn keep(kept: &mut Vec<Kept>, more: Vec<Kept>) {
    for one in more {
        if !kept.iter().any(|known: &Kept| known.sha256 == one.sha256) {
            kept.push(one);
        }
    }
}

/// Other machines, when the package looks which one it is on.
fn asked_for(analysis: &Analysis, trace: &Trace) -> Vec<&'static Profile> {
    let reads = |word: &str| {
        analysis.capabilities.iter().any(|one| one.action == Action::HostInfo && one.objects.iter().any(|o| o == word))
    };
    let probes = trace.events.iter().any(|event| matches!(event.deed, TraceDeed::Probe { .. }));
    if reads("platform") || probes { vec![&WINDOWS, &MAC] } else { Vec::new() }
}
