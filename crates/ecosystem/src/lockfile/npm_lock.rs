//! `package-lock.json` of the versions 1 to 3, `npm-shrinkwrap.json`, and what npm leaves in `node_modules`.
//!
//! Format: npm's own documentation, page `package-lock.json`.

use std::collections::{HashMap, HashSet};

use model::{Dependency, DependencyGraph, Flags, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::integrity, folder, npm_source, shown};
use crate::document::{Document, Kind, Node};

/// The lockfiles of npm.
#[derive(Debug, Clone, Copy)]
pub struct NpmLock;

impl Lockfile for NpmLock {
    fn name(&self) -> &'static str {
        "package-lock.json"
    }

    fn matches(&self, path: &str) -> bool {
        matches!(base(path), "package-lock.json" | "npm-shrinkwrap.json" | ".package-lock.json")
    }

    /// Version 1 and the file in `node_modules` do not say what the project itself asks for.
    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        vec![manifest_path(files)]
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let path = manifest_path(files);
        let manifest = Document::json(files.get(&path).unwrap_or("{}"));
        let mut tree =
            Tree { reading, at: HashMap::new(), entries: Vec::new(), links: HashMap::new(), required: HashSet::new() };
        tree.read(document.root(), manifest.root());
        tree.reading.finish()
    }
}

fn manifest_path(files: &Files<'_>) -> String {
    let up = if base(files.path()) == ".package-lock.json" { "../package.json" } else { "package.json" };
    files.beside(files.path(), up)
}

/// The keys under which dependencies stand. What is optional stands under `dependencies` as well in some files: the
/// later key counts.
const SCOPES: [(&str, Scope); 4] = [
    ("dependencies", Scope::Normal),
    ("devDependencies", Scope::Dev),
    ("peerDependencies", Scope::Peer),
    ("optionalDependencies", Scope::Optional),
];

/// Deeper folders are not looked into when a name is resolved.
const MAX_LEVELS: usize = 200;
const MAX_PATH: usize = 4096;

struct Tree<'d, 't> {
    reading: Reading,
    /// Where each folder's package is.
    at: HashMap<String, NodeId>,
    /// The packages whose dependencies are to be followed: folder, id, entry.
    entries: Vec<(String, NodeId, Node<'d, 't>)>,
    /// The folders to which others are linked.
    links: HashMap<String, String>,
    /// The packages that some package of the file asks for.
    required: HashSet<NodeId>,
}

impl<'d, 't> Tree<'d, 't> {
    fn read(&mut self, root: Node<'d, 't>, manifest: Node<'d, 't>) {
        if root.kind() != Kind::Map || (root.get("packages").is_none() && root.get("dependencies").is_none()) {
            self.reading.problem("not-this-format", 0, "it has neither packages nor dependencies");
        }
        let own = root.get("packages").and_then(|packages| packages.get(""));
        let is_told = own.is_some();
        let own = own.unwrap_or(if manifest.str("name").is_some() { manifest } else { root });
        let name = own.str("name").or(root.str("name")).unwrap_or_default();
        let package = Dependency::new(PackageType::NPM, name).version(own.str("version").unwrap_or_default());
        let Some(id) = self.reading.graph.root(package.source(folder(".")).line(if is_told { own.line() } else { 1 }))
        else {
            return;
        };
        self.at.insert(String::new(), id);
        match root.get("packages") {
            Some(packages) => {
                self.packages(packages, id);
                self.compare(root, id);
            }
            None => self.legacy(root),
        }
        if is_told {
            self.entries.push((String::new(), id, own));
            self.follow();
            return;
        }
        let has_manifest = manifest.children().next().is_some();
        if has_manifest {
            self.entries.push((String::new(), id, manifest));
        } else {
            let detail = "package.json is needed to tell what the project itself asks for; it was guessed";
            self.reading.problem("missing-file", 0, detail);
        }
        self.follow();
        self.adopt(id);
    }

    /// Version 2 and 3: one entry for each folder.
    fn packages(&mut self, packages: Node<'d, 't>, root: NodeId) {
        let mut links: Vec<(&str, &str, u32)> = Vec::new();
        for entry in packages.children().filter(|entry| !entry.key().is_empty()) {
            let path = entry.key().trim_end_matches('/');
            if entry.kind() != Kind::Map {
                self.reading.problem("malformed-entry", entry.line(), format!("{} is no object", shown(path)));
                continue;
            }
            let resolved = entry.str("resolved").unwrap_or_default();
            if entry.get("link").is_some_and(Node::is_true) {
                links.push((path, resolved, entry.line()));
                continue;
            }
            let installed = path.rsplit_once("node_modules/").map(|(_, name)| name);
            let name = entry.str("name").or(installed).unwrap_or(path);
            let package = described(entry, name, entry.str("version").unwrap_or_default(), resolved);
            let id = match installed {
                Some(_) => self.reading.add(package),
                // A member of the workspace, or another folder that the project links to.
                None => self.reading.graph.root(package.source(folder(path))),
            };
            self.insert(path, id, entry);
        }
        for (path, target, line) in links {
            let target = target.trim_start_matches("file:").trim_start_matches("./");
            let known = self.at.get(target).copied();
            let id = known.or_else(|| {
                let name = path.rsplit_once("node_modules/").map_or(path, |(_, name)| name);
                self.reading.add(Dependency::new(PackageType::NPM, name).source(folder(target)).line(line))
            });
            if let Some(id) = id {
                self.at.insert(path.to_owned(), id);
                self.links.insert(path.to_owned(), target.to_owned());
                // A member whose folder is called as the package is has no name of its own in the file.
                let package = self.reading.graph.package_mut(id);
                if package.name == target {
                    package.name = base_name(path).to_owned();
                }
                let is_member = known.is_some() && path == format!("node_modules/{}", base_name(path));
                if is_member && id != root {
                    self.reading.graph.connect(root, id, Why::new(Scope::Normal).group("workspaces"));
                    self.required.insert(id);
                }
            }
        }
    }

    /// Version 1: packages nested as they are on disk.
    fn legacy(&mut self, root: Node<'d, 't>) {
        for (path, entry) in nested(root) {
            let id = self.reading.add(described_by_old(entry));
            self.insert(&path, id, entry);
        }
    }

    /// Version 2 says everything twice, for npm 6 in the old form. Where the two differ, each may be what is installed.
    fn compare(&mut self, root: Node<'d, 't>, project: NodeId) {
        for (path, entry) in nested(root) {
            let old = described_by_old(entry);
            // The new form has what lies in a linked folder under that folder's own path.
            let linked = path
                .match_indices("/node_modules/")
                .find_map(|(at, _)| Some(format!("{}{}", self.links.get(&path[..at])?, &path[at..])));
            let new = self.at.get(&path).or_else(|| self.at.get(&linked?)).map(|id| self.reading.graph.package(*id));
            let is_same = new.is_some_and(|new| {
                let has_same_hash = old.checksums.is_empty() || old.checksums == new.checksums;
                old.version.is_none() || (old.version == new.version && old.name == new.name && has_same_hash)
            });
            if !is_same {
                let detail = format!("{} is another package for npm 6 than for its successors", shown(&path));
                self.reading.problem("disagreeing-entry", entry.line(), detail);
                let Some(id) = self.reading.add(old) else { return };
                self.reading.graph.connect(project, id, Why::new(Scope::Normal).group("npm 6"));
            }
        }
    }

    fn insert(&mut self, path: &str, id: Option<NodeId>, entry: Node<'d, 't>) {
        let Some(id) = id else { return };
        if self.at.insert(path.to_owned(), id).is_some() {
            let detail = format!("{} stands there twice; npm takes the last", shown(path));
            self.reading.problem("duplicate-entry", entry.line(), detail);
        }
        self.entries.push((path.to_owned(), id, entry));
    }

    /// Finds what each package asks for, as Node.js would.
    fn follow(&mut self) {
        for (path, id, entry) in std::mem::take(&mut self.entries) {
            let is_project = !path.contains("node_modules/");
            // Version 1 has objects under `dependencies`, which are packages in its folder and nothing that it asks for.
            let is_legacy = entry.get("requires").is_some_and(|one| one.kind() == Kind::Map);
            let keys: &[(&str, Scope)] = if is_legacy { &[("requires", Scope::Normal)] } else { &SCOPES };
            let mut wanted: HashMap<&str, (Scope, &str, u32)> = HashMap::new();
            for (key, scope) in keys.iter().filter(|(_, scope)| is_project || *scope != Scope::Dev) {
                for asked in entry.inside(key).filter(|asked| asked.kind() != Kind::Map) {
                    wanted.insert(asked.key(), (*scope, asked.text(), asked.line()));
                }
            }
            let mut wanted: Vec<_> = wanted.into_iter().collect();
            wanted.sort_unstable_by_key(|(name, (_, _, line))| (*line, *name));
            for (name, (scope, requirement, line)) in wanted {
                let found = resolve(&self.at, &path, name);
                match found {
                    Some(found) => {
                        self.required.insert(found);
                        self.reading.graph.connect(id, found, Why::new(scope).requirement(requirement));
                    }
                    // npm installs neither optional ones that do not fit this machine nor peers when it is told so.
                    None if matches!(scope, Scope::Optional | Scope::Peer) => {}
                    None => {
                        let detail = format!("{} is asked for, but the file has no such package", shown(name));
                        self.reading.problem("missing-package", line, detail);
                    }
                }
            }
        }
    }

    /// What lies at the top and nobody asks for is there for the project: because its manifest is not at hand, or since
    /// the file does not say which peers and which members of the workspace it has.
    fn adopt(&mut self, root: NodeId) {
        let mut top: Vec<NodeId> =
            self.at.iter().filter(|(path, _)| path.matches("node_modules/").count() == 1).map(|(_, id)| *id).collect();
        top.sort_unstable();
        for id in top.into_iter().filter(|id| !self.required.contains(id)) {
            let Flags { dev, optional, peer } = self.reading.graph.packages()[id.0 as usize].flags;
            let scope = match (dev, optional, peer) {
                (true, ..) => Scope::Dev,
                (_, true, _) => Scope::Optional,
                (_, _, true) => Scope::Peer,
                _ => Scope::Normal,
            };
            self.reading.graph.connect(root, id, Why::new(scope));
        }
    }
}

/// The entries of version 1 with their folders.
fn nested<'d, 't>(root: Node<'d, 't>) -> Vec<(String, Node<'d, 't>)> {
    let mut out = Vec::new();
    let mut open: Vec<(String, Node<'d, 't>)> = vec![(String::new(), root)];
    while let Some((folder, holder)) = open.pop() {
        // In the manifests of version 2 and 3, texts stand under the same key.
        for entry in holder.inside("dependencies").filter(|entry| entry.kind() == Kind::Map) {
            let slash = if folder.is_empty() { "" } else { "/" };
            let path = format!("{folder}{slash}node_modules/{}", entry.key());
            if path.len() < MAX_PATH {
                open.push((path.clone(), entry));
            }
            out.push((path, entry));
        }
    }
    out
}

/// What an entry of version 1 says: an alias and an address stand in the place of the version.
fn described_by_old(entry: Node<'_, '_>) -> Dependency {
    let (version, resolved) = (entry.str("version").unwrap_or_default(), entry.str("resolved").unwrap_or_default());
    match version.strip_prefix("npm:").and_then(|one| one.rsplit_once('@')) {
        Some((name, version)) => described(entry, name, version, resolved),
        None if version.contains(':') => described(entry, entry.key(), "", version),
        None => described(entry, entry.key(), version, resolved),
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit_once("node_modules/").map_or(path, |(_, name)| name)
}

/// What an entry of any version says about its package.
fn described(entry: Node<'_, '_>, name: &str, version: &str, resolved: &str) -> Dependency {
    let is = |key: &str| entry.get(key).is_some_and(Node::is_true);
    let is_bundled = is("inBundle") || is("bundled");
    let source = match resolved {
        "" if is_bundled => Source::Bundled,
        // npm asks the registry that it is set up with: `omit-lockfile-registry-resolved` writes such files.
        "" if !version.is_empty() => Source::Registry(None),
        resolved => npm_source(name, version, resolved),
    };
    let checksums = entry.str("integrity").map(integrity).unwrap_or_default();
    let mut package = Dependency::new(PackageType::NPM, name).version(version).source(source).checksums(checksums);
    package.flags = Flags { dev: is("dev"), optional: is("optional") || is("devOptional"), peer: is("peer") };
    package.line(entry.line())
}

/// The folder of a package as Node.js finds it: in `node_modules` of this folder or of one above.
fn resolve(at: &HashMap<String, NodeId>, from: &str, name: &str) -> Option<NodeId> {
    // A path that is longer than any file system allows is looked up at the top only.
    let mut folder = if from.len() > MAX_PATH { "" } else { from };
    for _ in 0..MAX_LEVELS {
        if folder.is_empty() {
            break;
        }
        if !folder.ends_with("node_modules")
            && let Some(found) = at.get(&format!("{folder}/node_modules/{name}"))
        {
            return Some(*found);
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
    at.get(&format!("node_modules/{name}")).copied()
}
