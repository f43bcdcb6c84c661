//! The packages of many files as one list: one entry for each release and origin, with all places that name it.

use std::collections::{HashMap, HashSet};

use model::{Checksum, Dependency, DependencyGraph, Ecosystem, NodeId, Source};
use wire::scan::{LockIssue, ScannedFile};

use super::{
    issues::{Checks, FileChecks},
    reading::Reading,
};

/// One package of the project, before anybody has looked at it.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) purl: String,
    /// As the first file that names it has it.
    pub(super) dependency: Dependency,
    /// Index of the file, and line.
    pub(super) places: Vec<(usize, u32)>,
    /// Everything that any file pins, each once.
    pub(super) checksums: Vec<Checksum>,
    pub(super) direct: bool,
    pub(super) dev: bool,
    pub(super) optional: bool,
    /// Groups and extras that lead to it from the project.
    pub(super) groups: Vec<String>,
    way: Way,
    /// The purls of the way, once they are written down.
    told: Option<Vec<String>>,
    pub(super) issues: Vec<LockIssue>,
}

/// The shortest way to a package, with its middle left out where it is long.
#[derive(Debug, Clone, Default)]
struct Way {
    steps: Vec<u32>,
    left_out: usize,
    length: usize,
}

/// All packages of a project.
#[derive(Debug, Default)]
pub(super) struct Listed {
    pub(super) files: Vec<ScannedFile>,
    pub(super) packages: Vec<Named>,
    /// Who asks for whom.
    pub(super) edges: Vec<(usize, usize)>,
    known: HashMap<Key, usize>,
    /// Where each file of the list is.
    at: HashMap<String, usize>,
}

/// What makes two entries the same package.
type Key = (String, &'static str, String);

/// Half of the steps of a long way that are kept.
const KEPT: usize = 12;

impl Way {
    fn next(&self, step: usize) -> Self {
        let mut way = self.clone();
        way.length += 1;
        way.steps.push(step as u32);
        if way.steps.len() > 2 * KEPT {
            way.steps.remove(KEPT);
            way.left_out += 1;
        }
        way
    }

    fn purls(&self, packages: &[Named]) -> Vec<String> {
        let mut out: Vec<String> = self.steps.iter().map(|step| packages[*step as usize].purl.clone()).collect();
        if self.left_out > 0 {
            out.insert(KEPT, format!("... {} more ...", self.left_out));
        }
        out
    }
}

/// The word for where a package comes from.
pub(super) fn origin(source: &Source) -> &'static str {
    match source {
        Source::Registry(_) => "registry",
        Source::Git(..) => "git",
        Source::Url(_) => "url",
        Source::Path(_) => "path",
        Source::Bundled => "bundled",
        Source::Unknown => "unknown",
    }
}

/// The address that a file names.
pub(super) fn address(source: &Source) -> Option<String> {
    match source {
        Source::Registry(address) => address.as_ref().map(ToString::to_string),
        Source::Git(address, Some(commit)) => Some(format!("{address}#{commit}")),
        Source::Git(address, None) | Source::Url(address) => Some(address.to_string()),
        Source::Path(path) => Some(path.clone()),
        Source::Bundled | Source::Unknown => None,
    }
}

impl Listed {
    /// The packages of these files, with what is wrong with how they are named.
    pub(super) fn of(readings: &[Reading], checks: &Checks) -> Self {
        let mut out = Self::default();
        for reading in readings {
            out.take(reading, &checks.of(reading));
        }
        out.edges.sort_unstable();
        out.edges.dedup();
        for package in &mut out.packages {
            package.places.sort_unstable();
            package.places.dedup();
        }
        out
    }

    /// The index of a file in the list.
    pub(super) fn file(&mut self, path: &str, format: &str) -> usize {
        if let Some(at) = self.at.get(path) {
            return *at;
        }
        let (path_of, format) = (path.to_owned(), format.to_owned());
        self.files.push(ScannedFile { path: path_of.clone(), format, packages: 0, problems: Vec::new() });
        self.at.insert(path_of, self.files.len() - 1);
        self.files.len() - 1
    }

    /// Leaves only some of the packages. Ways keep their purls, so they are written down first.
    pub(super) fn keep(&mut self, kept: &[bool]) {
        let ways: Vec<Vec<String>> = self.packages.iter().map(|one| one.purls(&self.packages)).collect();
        let mut moved: Vec<Option<usize>> = Vec::with_capacity(kept.len());
        let mut next = 0;
        for is_kept in kept {
            moved.push(is_kept.then_some(next));
            next += usize::from(*is_kept);
        }
        let packages = std::mem::take(&mut self.packages).into_iter().zip(ways).zip(kept);
        let packages = packages.filter(|(_, is_kept)| **is_kept);
        self.packages = packages.map(|((package, way), _)| Named { told: Some(way), ..package }).collect();
        self.edges = self.edges.iter().filter_map(|(from, to)| Some((moved[*from]?, moved[*to]?))).collect();
        self.known.clear();
    }

    fn take(&mut self, reading: &Reading, checks: &FileChecks<'_>) {
        let graph = &reading.graph;
        let shown = |path: &str| format!("{}{path}", reading.prefix);
        let main = self.file(&shown(&reading.path), reading.format);
        let mut files: Vec<usize> = graph.files().iter().map(|path| self.file(&shown(path), reading.format)).collect();
        if files.is_empty() {
            files.push(main);
        }
        for (path, problem) in &reading.problems {
            let at = self.file(&shown(path), reading.format);
            self.files[at].problems.push(problem.clone());
        }
        let whole = shown(&reading.path);
        let folder = whole.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut ids: Vec<Option<usize>> = vec![None; graph.packages().len()];
        for (id, dependency) in graph.dependencies() {
            let file = files.get(dependency.place.file as usize).copied().unwrap_or(main);
            let at = self.add(dependency, file, folder);
            for LockIssue { code, message, severity } in checks.issues(id, dependency) {
                self.packages[at].issue(code, message, severity);
            }
            ids[id.0 as usize] = Some(at);
        }
        self.connect(graph, &ids);
    }

    /// One more mention of a package.
    pub(super) fn add(&mut self, dependency: &Dependency, file: usize, folder: &str) -> usize {
        let purl = dependency.purl();
        let origin = origin(&dependency.source);
        let exact = match &dependency.source {
            Source::Registry(_) | Source::Bundled | Source::Unknown => String::new(),
            Source::Path(path) => format!("{folder}/{path}"),
            source => address(source).unwrap_or_default(),
        };
        self.files[file].packages += 1;
        let place = (file, dependency.place.line);
        let key = (purl, origin, exact);
        if let Some(at) = self.known.get(&key) {
            self.packages[*at].mention(dependency, place);
            return *at;
        }
        let at = self.packages.len();
        self.packages.push(Named {
            purl: key.0.clone(),
            dependency: dependency.clone(),
            places: vec![place],
            checksums: dependency.checksums.clone(),
            direct: false,
            dev: dependency.flags.dev,
            optional: dependency.flags.optional,
            groups: Vec::new(),
            way: Way::default(),
            told: None,
            issues: Vec::new(),
        });
        self.known.insert(key, at);
        at
    }

    /// Edges, and the ways from the project: parents come before their children, so that each way is one step longer
    /// than one that is known already.
    fn connect(&mut self, graph: &DependencyGraph, ids: &[Option<usize>]) {
        let roots: HashSet<NodeId> = graph.roots().iter().copied().collect();
        for edge in graph.edges() {
            let (from, to) = (ids[edge.from.0 as usize], ids[edge.to.0 as usize]);
            match (from, to) {
                (Some(from), Some(to)) if from != to => self.edges.push((from, to)),
                (None, Some(to)) if roots.contains(&edge.from) => {
                    let package = &mut self.packages[to];
                    package.direct = true;
                    if let Some(group) = &edge.group
                        && !package.groups.iter().any(|one| **one == **group)
                    {
                        package.groups.push(group.to_string());
                    }
                }
                _ => {}
            }
        }
        let paths = graph.paths();
        let mut order: Vec<(u32, usize)> =
            (0..ids.len()).filter_map(|at| Some((paths.distance(NodeId(at as u32))?, at))).collect();
        order.sort_unstable();
        let mut ways: Vec<Way> = vec![Way::default(); ids.len()];
        for (_, at) in order {
            let Some(package) = ids[at] else { continue };
            let parent = paths.parent(NodeId(at as u32)).map(|id| &ways[id.0 as usize]);
            let way = parent.cloned().unwrap_or_default().next(package);
            let known = &mut self.packages[package].way;
            if known.length == 0 || way.length < known.length {
                *known = way.clone();
            }
            ways[at] = way;
        }
    }
}

impl Named {
    /// The purls of a shortest way from what the project names to the package itself.
    pub(super) fn purls(&self, packages: &[Self]) -> Vec<String> {
        self.told.clone().unwrap_or_else(|| self.way.purls(packages))
    }

    fn mention(&mut self, other: &Dependency, place: (usize, u32)) {
        self.places.push(place);
        if self.disagrees(other) {
            let message = format!(
                "the files pin different hashes for it ({} and {}); no two of them can be right",
                self.checksums[0], other.checksums[0]
            );
            self.issue("integrity-mismatch", message, model::Answer::Block);
        }
        for one in &other.checksums {
            if !self.checksums.contains(one) {
                self.checksums.push(one.clone());
            }
        }
        self.dev &= other.flags.dev;
        self.optional &= other.flags.optional;
        if matches!(self.dependency.source, Source::Registry(None)) {
            self.dependency.source = other.source.clone();
        }
    }

    /// Whether the hashes of one algorithm have nothing in common, where a release has one file only.
    fn disagrees(&self, other: &Dependency) -> bool {
        if !matches!(self.dependency.kind.ecosystem(), Some(Ecosystem::Npm | Ecosystem::Cargo)) {
            return false;
        }
        let same = |one: &Checksum| other.checksums.iter().any(|two| two.algorithm() == one.algorithm());
        let comparable = self.checksums.iter().any(same);
        comparable && !self.checksums.iter().any(|one| other.checksums.contains(one))
    }

    /// Adds an issue, each code once.
    pub(super) fn issue(&mut self, code: &'static str, message: String, severity: model::Answer) {
        if !self.issues.iter().any(|one| one.code == code) {
            self.issues.push(LockIssue { code, message, severity });
        }
    }
}
