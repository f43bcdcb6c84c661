//! `pnpm-lock.yaml` of the versions 5 to 9.
//!
//! Format: <https://github.com/pnpm/spec/tree/master/lockfile>.

use std::collections::{HashMap, HashSet};

use model::{Dependency, DependencyGraph, Flags, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{
    Files, Lockfile, Reading, base, checksums::integrity, index::Index, npm_source, npm_source::split_name, shown,
};
use crate::document::{Document, Node};

/// The lockfile of pnpm.
#[derive(Debug, Clone, Copy)]
pub struct PnpmLock;

impl Lockfile for PnpmLock {
    fn name(&self) -> &'static str {
        "pnpm-lock.yaml"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        // With branches, each has its own: pnpm-lock.main.yaml.
        name.starts_with("pnpm-lock.") && name.ends_with(".yaml")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::yaml(files.text());
        reading.syntax(&document);
        let mut lock =
            Lock { reading, index: Index::default(), projects: HashMap::new(), packages: Vec::new(), old: false };
        // Newer files have what pnpm itself needs in a document of its own, before that of the project.
        let is_lock = |root: &Node<'_, '_>| root.get("lockfileVersion").is_some() || root.get("importers").is_some();
        for root in document.root().children().filter(is_lock) {
            lock.document(root);
        }
        if lock.projects.is_empty() {
            lock.reading.problem("not-this-format", 0, "it has no project in it");
        }
        lock.reading.finish()
    }
}

const SCOPES: [(&str, Scope); 3] =
    [("dependencies", Scope::Normal), ("devDependencies", Scope::Dev), ("optionalDependencies", Scope::Optional)];

struct Lock<'d, 't> {
    reading: Reading,
    index: Index,
    /// The project's own packages by their folders.
    projects: HashMap<String, NodeId>,
    packages: Vec<(NodeId, Node<'d, 't>, HashSet<&'d str>)>,
    /// Whether names and versions are separated by a slash, as up to version 5.
    old: bool,
}

impl<'d, 't> Lock<'d, 't> {
    fn document(&mut self, root: Node<'d, 't>) {
        let version = root.str("lockfileVersion").unwrap_or_default();
        self.old = version.starts_with('5') || version.starts_with('4') || version.starts_with('3');
        // Up to version 8, a file of one project has its dependencies at the top.
        let importers: Vec<(&str, Node<'d, 't>)> = match root.get("importers") {
            Some(importers) => importers.children().map(|importer| (importer.key(), importer)).collect(),
            None => vec![(".", root)],
        };
        for (folder, importer) in &importers {
            let known = self.projects.get(*folder).copied();
            let id = known.or_else(|| {
                let project = Dependency::new(PackageType::NPM, *folder).source(Source::Path((*folder).into()));
                self.reading.graph.root(project.line(importer.line()))
            });
            id.map(|id| self.projects.insert((*folder).to_owned(), id));
        }
        self.packages(root);
        for (folder, importer) in importers {
            if let Some(id) = self.projects.get(folder).copied() {
                self.asked(id, folder, importer, &HashSet::new());
            }
        }
        for (id, entry, peers) in std::mem::take(&mut self.packages) {
            self.asked(id, "", entry, &peers);
        }
    }

    /// From version 9 on, `snapshots` has one entry for each set of peers, and `packages` what they share.
    fn packages(&mut self, root: Node<'d, 't>) {
        let shared: HashMap<&str, Node<'d, 't>> = root.inside("packages").map(|entry| (entry.key(), entry)).collect();
        let snapshots = root.get("snapshots").or(root.get("packages"));
        for entry in snapshots.into_iter().flat_map(Node::children) {
            let key = entry.key();
            let details = shared.get(key).or_else(|| shared.get(without_peers(key))).copied().unwrap_or(entry);
            let (name, version) = self.identity(key, details);
            let resolution = details.get("resolution");
            let text = |key: &str| resolution.and_then(|one| one.str(key)).unwrap_or_default();
            let checksums = integrity(text("integrity"));
            let package = Dependency::new(PackageType::NPM, name).version(version);
            let source = match (text("tarball"), text("repo"), text("directory")) {
                ("", "", "") => Source::Registry(None),
                ("", "", folder) => Source::Path(folder.to_owned()),
                ("", repository, _) => npm_source(name, version, &format!("git+{repository}#{}", text("commit"))),
                (tarball, ..) => npm_source(name, version, tarball),
            };
            let is = |key: &str| entry.get(key).is_some_and(Node::is_true);
            let mut package = package.source(source).checksums(checksums).line(entry.line());
            package.flags = Flags { dev: is("dev"), optional: is("optional"), peer: false };
            let Some(id) = self.reading.add(package) else { return };
            self.index.insert(key, id);
            let peers = details.inside("peerDependencies").map(Node::key).collect();
            self.packages.push((id, entry, peers));
        }
    }

    /// The name and version in a key. Keys of what comes from no registry have neither: then the entry says them.
    fn identity(&self, key: &'d str, details: Node<'d, 't>) -> (&'d str, &'d str) {
        let plain = without_peers(key).trim_start_matches('/');
        let cut = if self.old { plain.rsplit_once('/') } else { split_name(plain) };
        let (name, version) = cut.unwrap_or((plain, ""));
        let version = if self.old { version.split('_').next().unwrap_or_default() } else { version };
        // An address or a path in the place of a version says none.
        let version = if version.contains([':', '/']) { "" } else { version };
        // pnpm believes the entry only when it says the name.
        match details.str("name") {
            Some(name) => (name, details.str("version").unwrap_or_default()),
            None => (name, version),
        }
    }

    fn asked(&mut self, from: NodeId, folder: &str, entry: Node<'d, 't>, peers: &HashSet<&str>) {
        let specifiers: HashMap<&str, &str> = entry.inside("specifiers").map(|one| (one.key(), one.text())).collect();
        for (key, scope) in SCOPES {
            for asked in entry.inside(key) {
                let (name, version) = (asked.key(), asked.scalar().or(asked.str("version")).unwrap_or_default());
                let requirement = asked.str("specifier").or(specifiers.get(name).copied()).unwrap_or_default();
                let scope = if peers.contains(name) { Scope::Peer } else { scope };
                let why = Why::new(scope).requirement(requirement);
                match self.resolve(folder, name, version) {
                    Some(found) => self.reading.graph.connect(from, found, why),
                    // A link to a folder outside of the workspace.
                    None if version.starts_with("link:") => {
                        let link = Dependency::new(PackageType::NPM, name).source(super::folder(version));
                        let id = self.reading.add(link.line(asked.line()));
                        if let Some(id) = id {
                            self.reading.graph.connect(from, id, why);
                        }
                    }
                    None => {
                        let detail = format!("{} is asked for, but the file has no such package", shown(name));
                        self.reading.problem("missing-package", asked.line(), detail);
                    }
                }
            }
        }
    }

    fn resolve(&self, folder: &str, name: &str, version: &str) -> Option<NodeId> {
        if let Some(link) = version.strip_prefix("link:") {
            let parts = format!("{folder}/{link}");
            return self.projects.get(&flat(&parts)).copied();
        }
        let own = match self.old {
            true => format!("/{name}/{version}"),
            false => format!("{name}@{version}"),
        };
        // The key itself stands there for aliases and for what comes from no registry.
        let ways = [own.clone(), format!("/{own}"), version.to_owned(), format!("/{version}")];
        ways.iter().find_map(|key| self.index.first(key))
    }
}

/// `name@1.0.0(peer@2.0.0)` without what is in brackets.
fn without_peers(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

/// A path without `.` and `..`; the project itself is `.`.
fn flat(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop(),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".into() } else { parts.join("/") }
}
