//! `bun.lock`: JSON with trailing commas.
//!
//! Format: <https://bun.com/docs/pm/lockfile>.

use std::collections::{HashMap, HashSet};

use model::{Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::integrity, folder, npm_source, npm_source::split_name, shown};
use crate::document::{Document, Kind, Node};

/// The lockfile of bun.
#[derive(Debug, Clone, Copy)]
pub struct BunLock;

impl Lockfile for BunLock {
    fn name(&self) -> &'static str {
        "bun.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "bun.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let root = document.root();
        if root.get("workspaces").is_none() {
            reading.problem("not-this-format", 0, "it has no project in it");
        }
        let mut lock = Lock { reading, at: HashMap::new(), asking: Vec::new() };
        lock.projects(root);
        lock.packages(root);
        lock.follow();
        lock.reading.finish()
    }
}

const SCOPES: [(&str, Scope); 4] = [
    ("dependencies", Scope::Normal),
    ("devDependencies", Scope::Dev),
    ("peerDependencies", Scope::Peer),
    ("optionalDependencies", Scope::Optional),
];

struct Lock<'d, 't> {
    reading: Reading,
    /// Packages by their place: names joined by slashes, as `node_modules` would nest them.
    at: HashMap<String, NodeId>,
    /// Who asks: place, id, what stands there.
    asking: Vec<(String, NodeId, Node<'d, 't>)>,
}

impl<'d, 't> Lock<'d, 't> {
    fn projects(&mut self, root: Node<'d, 't>) {
        let mut top = None;
        for entry in root.inside("workspaces") {
            let name = entry.str("name").unwrap_or(entry.key());
            let package = Dependency::new(PackageType::NPM, name).version(entry.str("version").unwrap_or_default());
            let path = if entry.key().is_empty() { "." } else { entry.key() };
            let Some(id) = self.reading.graph.root(package.source(folder(path)).line(entry.line())) else { return };
            match top {
                None if entry.key().is_empty() => top = Some(id),
                Some(top) => self.reading.graph.connect(top, id, Why::new(Scope::Normal).group("workspaces")),
                None => {}
            }
            let place = if entry.key().is_empty() { String::new() } else { name.to_owned() };
            self.at.insert(place.clone(), id);
            self.asking.push((place, id, entry));
        }
    }

    /// `"place": ["name@version", registry, { dependencies }, integrity]`; each kind of source leaves out some of them.
    fn packages(&mut self, root: Node<'d, 't>) {
        for entry in root.inside("packages") {
            let first = entry.children().next().and_then(Node::scalar).unwrap_or_default();
            let Some((name, version)) = split_name(first) else {
                self.reading.problem(
                    "malformed-entry",
                    entry.line(),
                    format!("{} names no package", shown(entry.key())),
                );
                continue;
            };
            if version.starts_with("workspace:") {
                continue;
            }
            let texts: Vec<&str> = entry.children().skip(1).filter_map(Node::scalar).collect();
            let hash = texts.iter().rev().map(|text| integrity(text)).find(|found| !found.is_empty());
            let is_registry = !version.contains([':', '/']);
            let address = texts.first().copied().filter(|text| text.contains("://"));
            let source = match (is_registry, address) {
                (true, None) => Source::Registry(None),
                // A registry's own address, or that of the file.
                (true, Some(address)) if !address.ends_with(".tgz") => {
                    Source::Registry(Some(model::Address::new(address)))
                }
                (true, Some(address)) => npm_source(name, version, address),
                (false, _) => npm_source(name, "", version),
            };
            let package = Dependency::new(PackageType::NPM, name).version(if is_registry { version } else { "" });
            let package = package.source(source).checksums(hash.unwrap_or_default()).line(entry.line());
            let Some(id) = self.reading.add(package) else { return };
            self.at.insert(entry.key().to_owned(), id);
            if let Some(info) = entry.children().find(|one| one.kind() == Kind::Map) {
                self.asking.push((entry.key().to_owned(), id, info));
            }
        }
    }

    fn follow(&mut self) {
        for (place, id, entry) in std::mem::take(&mut self.asking) {
            let may_miss: HashSet<&str> = entry.inside("optionalPeers").filter_map(Node::scalar).collect();
            for (key, scope) in SCOPES {
                for asked in entry.inside(key) {
                    let (name, range) = (asked.key(), asked.text());
                    // It is taken when it is there, but it brings nothing in.
                    let is_optional_peer = scope == Scope::Peer && may_miss.contains(name);
                    match self.resolve(&place, name) {
                        Some(_) if is_optional_peer => {}
                        Some(found) => self.reading.graph.connect(id, found, Why::new(scope).requirement(range)),
                        None if matches!(scope, Scope::Optional | Scope::Peer) => {}
                        None => {
                            let detail = format!("{} is asked for, but the file has no such package", shown(name));
                            self.reading.problem("missing-package", asked.line(), detail);
                        }
                    }
                }
            }
        }
    }

    /// The package of this name that lies nearest.
    fn resolve(&self, place: &str, name: &str) -> Option<NodeId> {
        // A place that is longer than any path is looked up at the top only.
        let mut place = if place.len() > 4096 { "" } else { place };
        while !place.is_empty() {
            if let Some(found) = self.at.get(&format!("{place}/{name}")) {
                return Some(*found);
            }
            let above = place.rsplit_once('/').map_or("", |(above, _)| above);
            // A scope alone is no place.
            place = match above.rsplit_once('/') {
                Some((before, last)) if last.starts_with('@') => before,
                None if above.starts_with('@') => "",
                _ => above,
            };
        }
        self.at.get(name).copied()
    }
}
