//! What is wrong with how a lockfile names its packages: addresses that the user's configuration does not lead to, that
//! name another package, or that anybody on the way can change; and hashes that are not there.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Algorithm, Answer, Dependency, Ecosystem, NodeId, Source};
use url::{Host, Url};
use wire::scan::LockIssue;

use super::reading::Reading;
use crate::inspect::{Analyst, Inspector};

/// What is needed to judge the addresses of all files.
#[derive(Debug, Default)]
pub(super) struct Checks {
    /// Whether the user's configuration leads to a host; missing when nothing is known for the ecosystem.
    known: HashMap<(Ecosystem, String), bool>,
}

/// The same for one file.
pub(super) struct FileChecks<'c> {
    checks: &'c Checks,
    reading: &'c Reading,
    /// The hosts that most of the file's packages come from.
    usual: HashSet<String>,
    /// Whether the file pins hashes at all.
    pins: bool,
    /// Packages that somebody asks for by an address.
    asked_by_address: HashSet<NodeId>,
}

/// A host that serves at least so many packages of a file, and at least half of them, is the file's own registry.
const USUAL: usize = 3;

/// Formats that have a hash for every package of a registry.
const HASHED: [&str; 9] = [
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "Cargo.lock",
    "uv.lock",
    "poetry.lock",
    "pdm.lock",
    "Pipfile.lock",
];

impl Checks {
    /// Asks once for each host.
    pub(super) async fn prepare<A: Analyst>(readings: &[Reading], inspector: &Inspector<A>) -> Self {
        let mut hosts: BTreeMap<(Ecosystem, String), Url> = BTreeMap::new();
        for (_, dependency) in readings.iter().flat_map(|one| one.graph.dependencies()) {
            if let (Some(ecosystem), Some(url)) = (dependency.kind.ecosystem(), address(dependency)) {
                hosts.entry((ecosystem, host(&url))).or_insert(url);
            }
        }
        let mut known = HashMap::new();
        for (key, url) in hosts {
            if let Some(is) = inspector.knows(key.0, &url).await {
                known.insert(key, is);
            }
        }
        Self { known }
    }

    pub(super) fn of<'c>(&'c self, reading: &'c Reading) -> FileChecks<'c> {
        let mut hosts: HashMap<String, usize> = HashMap::new();
        let (mut all, mut pins) = (0, false);
        for (_, dependency) in reading.graph.dependencies() {
            pins |= !dependency.checksums.is_empty();
            if let Some(url) = address(dependency) {
                all += 1;
                *hosts.entry(host(&url)).or_default() += 1;
            }
        }
        let usual = hosts.into_iter().filter(|(_, count)| *count >= USUAL && *count * 2 >= all);
        let by_address = |text: &str| text.contains("://") || text.contains('/') || text.starts_with("file:");
        let edges = reading.graph.edges().iter();
        let asked = edges.filter(|edge| edge.requirement.as_deref().is_some_and(by_address)).map(|edge| edge.to);
        FileChecks {
            checks: self,
            reading,
            usual: usual.map(|(host, _)| host).collect(),
            pins,
            asked_by_address: asked.collect(),
        }
    }
}

impl FileChecks<'_> {
    /// What is wrong with how this package is named.
    pub(super) fn issues(&self, id: NodeId, dependency: &Dependency) -> Vec<LockIssue> {
        let mut out = Vec::new();
        let mut issue = |code, severity, message: String| out.push(LockIssue { code, message, severity });
        if let Some(url) = address(dependency) {
            let is_pinned = dependency.checksums.iter().any(|one| one.algorithm() >= Algorithm::Sha256);
            if url.scheme() == "http" && !is_local(&url) {
                let severity = if is_pinned { Answer::Warn } else { Answer::Block };
                issue(
                    "insecure-address",
                    severity,
                    format!("it comes from {} over an unencrypted connection", host(&url)),
                );
            }
            if let Some(other) = other_package(dependency, &url) {
                let message = format!("its address is that of another package: {other}");
                issue("address-names-other-package", Answer::Block, message);
            } else if self.is_foreign(id, dependency, &url) {
                let message = format!(
                    "{} comes from {}, which neither your configuration nor the rest of {} leads to",
                    dependency.name,
                    host(&url),
                    self.reading.path
                );
                issue("foreign-address", Answer::Block, message);
            }
        }
        if self.lacks_hash(dependency) {
            let message =
                format!("{} pins hashes, but none for it: nobody notices when its bytes change", self.reading.path);
            issue("missing-integrity", Answer::Warn, message);
        }
        out
    }

    fn is_foreign(&self, id: NodeId, dependency: &Dependency, url: &Url) -> bool {
        let Some(ecosystem) = dependency.kind.ecosystem() else { return false };
        let host = host(url);
        if self.usual.contains(&host) || self.asked_by_address.contains(&id) {
            return false;
        }
        match self.checks.known.get(&(ecosystem, host)) {
            Some(known) => !known,
            // Nothing is known of the user's registries: only who stands out is foreign.
            None => !self.usual.is_empty(),
        }
    }

    fn lacks_hash(&self, dependency: &Dependency) -> bool {
        let is_remote = matches!(dependency.source, Source::Registry(_) | Source::Url(_));
        let is_hashed = HASHED.contains(&self.reading.format) && self.pins;
        is_hashed && is_remote && dependency.version.is_some() && dependency.checksums.is_empty()
    }
}

/// The web address of the package's file or index. Cargo's lockfiles name an index that no cargo asks any more, and cargo
/// itself refuses registries that it is not set up with.
fn address(dependency: &Dependency) -> Option<Url> {
    let (Source::Registry(Some(address)) | Source::Url(address)) = &dependency.source else { return None };
    let url = Url::parse(address.as_str()).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && dependency.kind.ecosystem() != Some(Ecosystem::Cargo)).then_some(url)
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The other package that an address of a registry's shape (`/name/-/name-1.0.0.tgz`) names.
fn other_package(dependency: &Dependency, url: &Url) -> Option<String> {
    if dependency.kind.ecosystem() != Some(Ecosystem::Npm) || !matches!(dependency.source, Source::Url(_)) {
        return None;
    }
    let (folder, file) = url.path().rsplit_once("/-/")?;
    dependency.version.as_ref()?;
    let mut parts = folder.rsplit('/');
    let last = parts.next()?;
    let scope = parts.next().filter(|part| part.starts_with('@') || part.starts_with("%40"));
    let name = scope.map_or_else(|| last.to_owned(), |scope| format!("{scope}/{last}"));
    Some(format!("{name} ({file})"))
}
