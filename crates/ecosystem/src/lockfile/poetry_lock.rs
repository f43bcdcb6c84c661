//! `poetry.lock` and `pdm.lock`: lists of packages whose requirements are to be resolved by name.
//!
//! Formats: <https://python-poetry.org/docs/basic-usage/>, <https://pdm-project.org/latest/usage/lockfile/>.

use std::collections::{HashMap, HashSet};

use model::{Address, Checksum, Dependency, DependencyGraph, Flags, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{
    Files, Lockfile, Reading, base,
    checksums::named_hex,
    index::Index,
    python::{Requirement, asked},
    shown,
};
use crate::{
    document::{Document, Kind, Node},
    pypi::normalise,
};

/// The lockfile of poetry.
#[derive(Debug, Clone, Copy)]
pub struct PoetryLock;

/// The lockfile of pdm.
#[derive(Debug, Clone, Copy)]
pub struct PdmLock;

impl Lockfile for PoetryLock {
    fn name(&self) -> &'static str {
        "poetry.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "poetry.lock"
    }

    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        vec![files.beside(files.path(), "pyproject.toml")]
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        read(files)
    }
}

impl Lockfile for PdmLock {
    fn name(&self) -> &'static str {
        "pdm.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "pdm.lock"
    }

    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        PoetryLock.wants(files)
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        read(files)
    }
}

struct Lock<'d, 't> {
    reading: Reading,
    index: Index,
    packages: Vec<(NodeId, Node<'d, 't>)>,
    /// What the extras of a package bring, and which extra it is: by the package's name.
    extras: HashMap<String, HashMap<String, String>>,
    required: HashSet<NodeId>,
}

fn read(files: &Files<'_>) -> Parsed<DependencyGraph> {
    let reading = Reading::new(files.path());
    let document = Document::toml(files.text());
    let mut lock = Lock {
        reading,
        index: Index::default(),
        packages: Vec::new(),
        extras: HashMap::new(),
        required: HashSet::new(),
    };
    lock.reading.syntax(&document);
    let path = files.beside(files.path(), "pyproject.toml");
    let manifest = files.get(&path).map(Document::toml);
    let project = manifest.as_ref().map(Document::root);
    let standard = project.and_then(|root| root.get("project"));
    let poetry = project.and_then(|root| root.get("tool")).and_then(|tool| tool.get("poetry"));
    let said = |key: &str| standard.and_then(|one| one.str(key)).or(poetry.and_then(|one| one.str(key)));
    let package = Dependency::new(PackageType::PYPI, normalise(said("name").unwrap_or_default())).line(1);
    let package = package.version(said("version").unwrap_or_default()).source(Source::Path(".".into()));
    let Some(root) = lock.reading.graph.root(package) else { return lock.reading.finish() };
    lock.packages(document.root());
    lock.follow();
    match project {
        Some(project) => lock.direct(root, project, &path),
        None => lock.guess_direct(root, files),
    }
    lock.reading.finish()
}

impl<'d, 't> Lock<'d, 't> {
    fn packages(&mut self, root: Node<'d, 't>) {
        let old = root.get("metadata").and_then(|metadata| metadata.get("files"));
        // Old files have all hashes in one table.
        let mut old_hashes: HashMap<String, Vec<Checksum>> = HashMap::new();
        for entry in old.into_iter().flat_map(Node::children) {
            old_hashes.insert(normalise(entry.key()), hashes(entry.children()));
        }
        let mut known: HashMap<String, NodeId> = HashMap::new();
        for entry in root.inside("package") {
            let Some(name) = entry.str("name").map(normalise) else {
                self.reading.problem("malformed-entry", entry.line(), "a package has no name");
                continue;
            };
            for extra in entry.inside("extras").filter(|extra| extra.kind() == Kind::List) {
                let brought = extra.children().filter_map(|one| Requirement::parse(one.scalar()?)).map(|one| one.name);
                let of_package = self.extras.entry(name.clone()).or_default();
                of_package.extend(brought.map(|brought| (brought, normalise(extra.key()))));
            }
            let version = entry.str("version").unwrap_or_default();
            let mut checksums = hashes(entry.inside("files"));
            if checksums.is_empty() {
                checksums = old_hashes.remove(&name).unwrap_or_default();
            }
            // pdm has an entry for a package and one more for each set of its extras.
            let key = format!("{name} {version}");
            let id = known.get(&key).copied().or_else(|| {
                let package = Dependency::new(PackageType::PYPI, name.clone()).version(version);
                let mut package = package.source(source_of(entry)).checksums(checksums).line(entry.line());
                package.flags = flags(entry);
                self.reading.add(package)
            });
            let Some(id) = id else { return };
            known.insert(key, id);
            self.index.insert(name, id);
            self.packages.push((id, entry));
        }
    }

    fn follow(&mut self) {
        for (id, entry) in std::mem::take(&mut self.packages) {
            let name = entry.str("name").map(normalise).unwrap_or_default();
            for asked in entry.inside("dependencies") {
                if entry.get("dependencies").is_some_and(|all| all.kind() == Kind::List) {
                    match Requirement::parse(asked.text()) {
                        Some(requirement) => {
                            self.connect(id, &name, &requirement, Why::new(Scope::Normal), asked.line())
                        }
                        None => self.reading.problem("malformed-requirement", asked.line(), shown(asked.text())),
                    }
                    continue;
                }
                // One table, or several for several environments.
                let ways: Vec<_> = if asked.kind() == Kind::List { asked.children().collect() } else { vec![asked] };
                for way in ways {
                    let requirement = Requirement {
                        name: normalise(asked.key()),
                        specifier: way.scalar().or(way.str("version")).unwrap_or_default().to_owned(),
                        ..Requirement::default()
                    };
                    let is_optional = way.get("optional").is_some_and(Node::is_true);
                    let scope = if is_optional { Scope::Optional } else { Scope::Normal };
                    self.connect(id, &name, &requirement, Why::new(scope), way.line());
                }
            }
        }
    }

    /// Connects with every version that fits: which of them is installed, the environment decides.
    fn connect(&mut self, from: NodeId, name: &str, requirement: &Requirement, why: Why<'_>, line: u32) {
        let packages = self.reading.graph.packages();
        let fits = |id: &NodeId| {
            let version = packages[id.0 as usize].version.as_ref();
            version.is_none_or(|version| requirement.allows(version.as_str()))
        };
        let all = self.index.all(&requirement.name);
        let mut found: Vec<NodeId> = all.iter().copied().filter(fits).collect();
        if found.is_empty() {
            found = all.to_vec();
        }
        let extra = self.extras.get(name).and_then(|extras| extras.get(&requirement.name));
        let why = extra.map_or(why, |extra| why.group(extra)).requirement(requirement.wanted());
        // Extras that nobody asks for are not locked.
        if found.is_empty() && extra.is_none() && requirement.marker.is_empty() {
            let detail = format!("{} is asked for, but the file has no such package", shown(&requirement.name));
            self.reading.problem("missing-package", line, detail);
        }
        for id in found.into_iter().filter(|id| *id != from) {
            self.required.insert(id);
            self.reading.graph.connect(from, id, why);
        }
    }

    fn direct(&mut self, root: NodeId, project: Node<'_, '_>, path: &str) {
        self.reading.path = path.to_owned();
        for asked in asked(project, &mut self.reading) {
            let own = String::new();
            self.connect(root, &own, &asked.requirement, asked.why(), asked.line);
        }
    }

    fn guess_direct(&mut self, root: NodeId, files: &Files<'_>) {
        self.reading.path = files.path().to_owned();
        let detail = "pyproject.toml is needed to tell what the project itself asks for; it was guessed";
        self.reading.problem("missing-file", 0, detail);
        let count = self.reading.graph.packages().len() as u32;
        for id in (1..count).map(NodeId).filter(|id| !self.required.contains(id)) {
            let Flags { dev, optional, .. } = self.reading.graph.packages()[id.0 as usize].flags;
            let scope = match (dev, optional) {
                (true, _) => Scope::Dev,
                (_, true) => Scope::Optional,
                _ => Scope::Normal,
            };
            self.reading.graph.connect(root, id, Why::new(scope));
        }
    }
}

fn hashes<'d, 't: 'd>(files: impl Iterator<Item = Node<'d, 't>>) -> Vec<Checksum> {
    files.filter_map(|file| named_hex(file.str("hash")?)).collect()
}

fn flags(entry: Node<'_, '_>) -> Flags {
    let groups: Vec<&str> = entry.inside("groups").filter_map(Node::scalar).chain(entry.str("category")).collect();
    let is_main = |group: &&str| matches!(*group, "main" | "default");
    Flags {
        dev: !groups.is_empty() && !groups.iter().any(is_main),
        optional: entry.get("optional").is_some_and(Node::is_true),
        peer: false,
    }
}

fn source_of(entry: Node<'_, '_>) -> Source {
    // pdm writes it flat, poetry as a table.
    if let Some(address) = entry.str("git") {
        return Source::Git(Address::new(address), entry.str("revision").map(str::to_owned));
    }
    if let Some(path) = entry.str("path") {
        return Source::Path(path.to_owned());
    }
    if let Some(address) = entry.str("url") {
        return Source::Url(Address::new(address));
    }
    let Some(source) = entry.get("source") else { return Source::Registry(None) };
    let address = source.str("url").unwrap_or_default();
    match source.str("type").unwrap_or_default() {
        "git" => Source::Git(Address::new(address), source.str("resolved_reference").map(str::to_owned)),
        "url" => Source::Url(Address::new(address)),
        "directory" | "file" => Source::Path(address.to_owned()),
        "legacy" => Source::Registry(Some(Address::new(address))),
        _ => Source::Unknown,
    }
}
