//! Manifests beside their lockfiles: the lockfile tells what is installed, and what the manifest asks for besides is a
//! disagreement.

use std::collections::HashSet;

use model::{Answer, Dependency, PackageType, Scope};

use super::{package::Listed, reading::Reading};

/// A manifest's format, and the formats of the lockfiles that stand for it.
const PAIRS: [(&str, &[&str]); 6] = [
    ("package.json", &["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "deno.lock"]),
    ("Cargo.toml", &["Cargo.lock"]),
    ("Pipfile", &["Pipfile.lock"]),
    ("composer.json", &["composer.lock"]),
    ("pyproject.toml", &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"]),
    ("csproj", &["packages.lock.json"]),
];

/// What a manifest asks for, and its lockfile lacks.
#[derive(Debug)]
pub(super) struct Disagreement {
    pub(super) dependency: Dependency,
    pub(super) manifest: String,
    pub(super) format: &'static str,
    pub(super) message: String,
}

/// Takes the manifests that a lockfile stands for out of the readings, and says where the two disagree.
pub(super) fn compare(readings: &mut Vec<Reading>) -> Vec<Disagreement> {
    let mut out = Vec::new();
    let mut covered: HashSet<usize> = HashSet::new();
    for (at, manifest) in readings.iter().enumerate() {
        let Some((_, locks)) = PAIRS.iter().find(|(format, _)| *format == manifest.format) else { continue };
        let Some(lock) = lock_of(readings, manifest, locks) else { continue };
        covered.insert(at);
        let is_beside = folder(&lock.path) == folder(&manifest.path);
        disagreements(manifest, lock, is_beside, &mut out);
    }
    let mut at = 0;
    readings.retain(|_| (at += 1, !covered.contains(&(at - 1))).1);
    out
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The lockfile in the folder of the manifest or, for members of a workspace, in the nearest folder above.
fn lock_of<'r>(readings: &'r [Reading], manifest: &Reading, formats: &[&str]) -> Option<&'r Reading> {
    let home = folder(&manifest.path);
    let covers = |lock: &&Reading| {
        let above = folder(&lock.path);
        let is_above = above.is_empty() || home == above || home.starts_with(&format!("{above}/"));
        lock.prefix == manifest.prefix && formats.contains(&lock.format) && is_above && lock.graph.packages().len() > 1
    };
    readings.iter().filter(covers).max_by_key(|lock| folder(&lock.path).len())
}

fn disagreements(manifest: &Reading, lock: &Reading, is_beside: bool, out: &mut Vec<Disagreement>) {
    let locked: HashSet<(&PackageType, &str)> =
        lock.graph.packages().iter().map(|one| (&one.kind, one.name.as_str())).collect();
    let versions: HashSet<(&str, &str)> = lock
        .graph
        .packages()
        .iter()
        .filter_map(|one| Some((one.name.as_str(), one.version.as_ref()?.as_str())))
        .collect();
    for edge in manifest.graph.edges() {
        let asked = manifest.graph.package(edge.to);
        if matches!(edge.scope, Scope::Optional | Scope::Peer) || edge.group.as_deref() == Some("packageManager") {
            continue;
        }
        let (path, requirement) = (&lock.path, edge.requirement.as_deref().unwrap_or("any version"));
        let message = if !locked.contains(&(&asked.kind, asked.name.as_str())) {
            // A member of a workspace may have a lockfile that is written by another tool elsewhere.
            if !is_beside {
                continue;
            }
            format!(
                "{} asks for it ({requirement}), but {path} does not have it: what is installed is open",
                manifest.path
            )
        } else if let Some(version) = &asked.version
            && asked.kind == PackageType::NPM
            && !versions.contains(&(asked.name.as_str(), version.as_str()))
        {
            format!("{} asks for exactly {version}, but {path} has another version", manifest.path)
        } else {
            continue;
        };
        let (dependency, manifest) = (asked.clone(), format!("{}{}", manifest.prefix, manifest.path));
        out.push(Disagreement { dependency, manifest, format: "manifest", message });
    }
}

/// Adds what the manifests ask for besides to the list.
pub(super) fn add(listed: &mut Listed, disagreements: Vec<Disagreement>) {
    for one in disagreements {
        let file = listed.file(&one.manifest, one.format);
        let at = listed.add(&one.dependency, file, folder(&one.manifest));
        let package = &mut listed.packages[at];
        package.direct = true;
        package.issue("manifest-disagrees", one.message, Answer::Warn);
    }
}
