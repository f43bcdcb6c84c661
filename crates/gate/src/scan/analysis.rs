//! Packages that nobody knows, looked at on the spot.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use model::Source;
use net::NetError;
use tokio::{sync::Semaphore, task::JoinSet};
use url::Url;

use super::{Progress, package::Named};
use crate::inspect::{Analyst, Examined, Inspector, Pinned, TargetError};

/// What came of one package.
pub(super) enum Outcome {
    /// It was looked at.
    Examined(Box<Examined>),
    /// It was not, and this is why.
    Failed(TargetError),
    /// The registries do not answer: nobody was asked for this one any more.
    Unreachable(String),
}

/// After so many failures of the connection in a row, no further package is asked for.
const PATIENCE: usize = 8;

/// Why a package cannot be looked at here at all; nothing when it can.
pub(super) fn obstacle(package: &Named) -> Option<String> {
    let dependency = &package.dependency;
    let kind = &dependency.kind;
    if kind.ecosystem().is_none() {
        return Some(format!("Lazaret has no analysis for packages of the type {kind}"));
    }
    match &dependency.source {
        Source::Git(..) => Some("it comes from a repository, which Lazaret does not fetch".into()),
        Source::Path(_) => Some("it is a folder or file of the project's own; `lazaret inspect` looks at it".into()),
        Source::Bundled => Some("it comes inside the package that bundles it, and is looked at there".into()),
        _ if dependency.version.is_none() => Some("no version is pinned, so what is installed is open".into()),
        Source::Url(_) if dependency.checksums.is_empty() => {
            Some("it comes from an address without a hash, which Lazaret does not fetch".into())
        }
        Source::Registry(_) | Source::Url(_) | Source::Unknown => None,
    }
}

/// The release as the files pin it.
pub(super) fn pinned(package: &Named) -> Option<Pinned> {
    let dependency = &package.dependency;
    let address = match &dependency.source {
        Source::Registry(Some(address)) | Source::Url(address) => Url::parse(address.as_str()).ok(),
        _ => None,
    };
    // An address that something is wrong with is asked for nothing.
    let is_sound = package.issues.iter().all(|one| !one.code.contains("address"));
    let address =
        address.filter(|_| is_sound).filter(|url| Path::new(url.path()).extension().is_some_and(|one| one == "tgz"));
    Some(Pinned { release: dependency.release()?, checksums: package.checksums.clone(), address })
}

/// Looks at many packages at once. One that fails stops no other.
pub(super) async fn examine<A: Analyst>(
    inspector: &Arc<Inspector<A>>,
    jobs: Vec<(usize, Pinned)>,
    offline: bool,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Vec<(usize, Outcome)> {
    progress(Progress::Analysing(jobs.len()));
    let room = Arc::new(Semaphore::new(inspector.parallel()));
    let failures = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    let mut out = Vec::new();
    let mut unreachable: Option<String> = None;
    for (index, job) in jobs {
        let permit = room.clone().acquire_owned().await;
        while let Some(done) = tasks.try_join_next() {
            collect(done, &mut out, &mut unreachable, progress);
        }
        if let Some(why) = unreachable.clone().filter(|_| failures.load(Ordering::Relaxed) >= PATIENCE) {
            out.push((index, Outcome::Unreachable(why)));
            continue;
        }
        let (inspector, failures) = (inspector.clone(), failures.clone());
        tasks.spawn(async move {
            let result = inspector.examine(&job, offline).await;
            match &result {
                Err(TargetError::Net(error)) if is_cut(error) => _ = failures.fetch_add(1, Ordering::Relaxed),
                _ => failures.store(0, Ordering::Relaxed),
            }
            drop(permit);
            (index, job.release.to_string(), result)
        });
    }
    while let Some(done) = tasks.join_next().await {
        collect(done, &mut out, &mut unreachable, progress);
    }
    out
}

type Done = Result<(usize, String, Result<Examined, TargetError>), tokio::task::JoinError>;

fn collect(
    done: Done,
    out: &mut Vec<(usize, Outcome)>,
    unreachable: &mut Option<String>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) {
    // A panic has no package to be told of; whoever has no outcome in the end is told so.
    let Ok((index, label, result)) = done else { return };
    progress(Progress::Done(&label));
    let outcome = match result {
        Ok(examined) => Outcome::Examined(Box::new(examined)),
        Err(TargetError::Net(error)) if is_cut(&error) => {
            let why = unreachable.get_or_insert_with(|| format!("the registry cannot be reached: {error}")).clone();
            Outcome::Unreachable(why)
        }
        Err(error) => Outcome::Failed(error),
    };
    out.push((index, outcome));
}

/// Whether it is the way to the registry that is broken.
fn is_cut(error: &NetError) -> bool {
    matches!(error, NetError::Dns { .. } | NetError::Connect { .. } | NetError::TimedOut { .. })
}
