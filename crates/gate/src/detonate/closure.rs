//! What a package needs to run: chosen as its client would choose, downloaded and verified before anything runs.
//!
//! The guest has no way out, so whatever shall be there must be brought along. A plain choice is enough for that: the
//! newest version that fits, one of each name, the first that asked wins. What could not be had is a gap of the trace.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use artifact::{Limits, Tree};
use ecosystem::{Artifact, ArtifactKind, Need, Package, Release, needs};
use futures_util::future::join_all;
use model::{Ecosystem, Gap, GapKind};

use crate::inspect::{Analyst, Inspector, TargetError};

/// One package that is brought along.
pub(super) struct Brought {
    /// The name under which it is imported.
    pub alias: String,
    pub version: String,
    pub file_name: String,
    pub bytes: Vec<u8>,
    pub tree: Tree,
}

/// Everything that is brought along.
#[derive(Default)]
pub(super) struct Closure {
    pub brought: Vec<Brought>,
    pub gaps: Vec<Gap>,
}

/// How much is brought along for one package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Packages.
    pub packages: usize,
    /// Bytes of their artifacts.
    pub bytes: u64,
    /// Time by the clock.
    pub time: Duration,
}

impl Default for Room {
    fn default() -> Self {
        Self { packages: 150, bytes: 96 << 20, time: Duration::from_secs(60) }
    }
}

/// How many packages are asked for at once.
const AT_ONCE: usize = 8;

/// Brings along what a package needs.
pub(super) async fn gather<A: Analyst>(
    inspector: &Inspector<A>,
    ecosystem: Ecosystem,
    own_name: &str,
    tree: &Tree,
    room: Room,
) -> Closure {
    let started = Instant::now();
    let mut closure = Closure::default();
    let mut known: BTreeSet<String> = [own_name.to_owned()].into();
    let mut queue: VecDeque<Need> = fresh(needs(ecosystem, tree), &mut known);
    let mut bytes = 0;
    while !queue.is_empty() {
        let is_full = closure.brought.len() >= room.packages || bytes > room.bytes || started.elapsed() > room.time;
        if is_full {
            let detail =
                format!("{} of the packages that it needs were not brought along: there are too many", queue.len());
            closure.gaps.push(Gap::new(GapKind::Limit, "", detail));
            break;
        }
        let batch: Vec<Need> = queue.drain(..queue.len().min(AT_ONCE)).collect();
        let brought = join_all(batch.iter().map(|need| bring(inspector, ecosystem, need))).await;
        for (need, result) in batch.iter().zip(brought) {
            match result {
                Ok(one) => {
                    bytes += one.bytes.len() as u64;
                    queue.extend(fresh(needs(ecosystem, &one.tree), &mut known));
                    closure.brought.push(one);
                }
                Err(_) if need.optional => {}
                Err(why) => {
                    let detail = format!("{} {}, which it needs, is not there: {why}", need.name, need.requirement);
                    closure.gaps.push(Gap::new(GapKind::Unreadable, "", detail));
                }
            }
        }
    }
    closure
}

/// Those whose name nobody asked for yet.
fn fresh(needs: Vec<Need>, known: &mut BTreeSet<String>) -> VecDeque<Need> {
    needs.into_iter().filter(|need| known.insert(need.alias.clone())).collect()
}

async fn bring<A: Analyst>(
    inspector: &Inspector<A>,
    ecosystem: Ecosystem,
    need: &Need,
) -> Result<Brought, TargetError> {
    let package = inspector.list(ecosystem, &need.name).await?;
    let (release, artifact) = choose(ecosystem, &package, &need.requirement).ok_or_else(|| {
        let newest = package.newest(ecosystem::registry(ecosystem)).map(|one| one.version.to_string());
        TargetError::UnknownVersion { name: need.name.clone(), version: need.requirement.clone(), newest }
    })?;
    let bytes = inspector.bytes_of(ecosystem, artifact).await?;
    let opened = artifact::open_named(&bytes, &artifact.file_name, &Limits::default());
    let tree =
        opened.map_err(|why| TargetError::Fault(format!("{} cannot be opened: {why}", artifact.file_name)))?.value;
    let (version, file_name) = (release.version.to_string(), artifact.file_name.clone());
    Ok(Brought { alias: need.alias.clone(), version, file_name, bytes, tree })
}

/// The file that can be laid out without running anything. Of Python packages that is a wheel for this machine.
fn choose<'a>(ecosystem: Ecosystem, package: &'a Package, wanted: &str) -> Option<(&'a Release, &'a Artifact)> {
    let release = package.fitting(ecosystem::registry(ecosystem), wanted)?;
    let artifact = match ecosystem {
        Ecosystem::Pypi => {
            let wheels = release.artifacts.iter().filter(|one| fits_here(one));
            wheels.min_by_key(|one| !matches!(one.kind, ArtifactKind::Wheel { pure: true }))
        }
        _ => release.artifacts.first(),
    };
    Some((release, artifact?))
}

/// Whether a wheel is for every machine, or for Linux of this kind and any CPython that takes it.
fn fits_here(artifact: &Artifact) -> bool {
    match artifact.kind {
        ArtifactKind::Wheel { pure: true } => true,
        ArtifactKind::Wheel { pure: false } => {
            let name = &artifact.file_name;
            let is_here = name.contains("manylinux") && name.contains(std::env::consts::ARCH);
            is_here && (name.contains("abi3") || name.contains(&interpreter()))
        }
        _ => false,
    }
}

/// The tag of the Python that the guest sees: the newest below `/usr/lib`.
fn interpreter() -> String {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let minor = folders.filter_map(|one| one.file_name().to_str()?.strip_prefix("python3.")?.parse::<u32>().ok()).max();
    format!("cp3{}", minor.unwrap_or(11))
}
