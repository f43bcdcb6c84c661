//! `yarn.lock`: the format of yarn 1, and the YAML of its successors.
//!
//! Formats: yarn's own documentation, and <https://github.com/yarnpkg/berry>.

use std::collections::HashSet;

use model::{Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Version, Why};

use super::{
    Files, Lockfile, Reading, base, checksums::integrity, index::Index, npm_source, npm_source::split_name, shown,
};
use crate::document::{Document, Kind, Node};

mod classic;

/// The lockfiles of yarn.
#[derive(Debug, Clone, Copy)]
pub struct YarnLock;

impl Lockfile for YarnLock {
    fn name(&self) -> &'static str {
        "yarn.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "yarn.lock"
    }

    /// The lockfile does not say what the project asks for, or (since yarn 2) not what of it is for development.
    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        let root = files.beside(files.path(), "package.json");
        let manifest = Document::json(files.get(&root).unwrap_or("{}"));
        // A list, or a map with a list.
        let workspaces = manifest.root().get("workspaces");
        let patterns = workspaces.map(|one| one.get("packages").unwrap_or(one)).filter(|one| one.kind() == Kind::List);
        let patterns = patterns.into_iter().flat_map(Node::children).filter_map(Node::scalar);
        let members = patterns.map(|pattern| {
            let pattern = pattern.trim_end_matches('/').trim_end_matches("/**");
            files.beside(&root, &format!("{pattern}/package.json"))
        });
        [root.clone()].into_iter().chain(members).collect()
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut lock = Lock { reading: Reading::new(files.path()), index: Index::default(), required: HashSet::new() };
        let is_berry = files.text().lines().any(|line| line.starts_with("__metadata:"));
        let wanted = self.wants(files);
        let manifests: Vec<Document<'_>> =
            wanted.iter().flat_map(|path| files.matching(path)).map(Document::json).collect();
        if is_berry {
            let document = Document::yaml(files.text());
            lock.reading.syntax(&document);
            document.root().children().for_each(|root| lock.berry(root, &manifests));
        } else {
            let entries = classic::read(files.text(), &mut lock.reading);
            lock.classic(&entries, &manifests);
        }
        lock.reading.finish()
    }
}

struct Lock {
    reading: Reading,
    /// Packages by descriptor: `name@range`.
    index: Index,
    required: HashSet<NodeId>,
}

impl Lock {
    fn classic(&mut self, entries: &[classic::Entry<'_>], manifests: &[Document<'_>]) {
        let projects: Vec<(NodeId, Node<'_, '_>)> =
            manifests.iter().filter_map(|one| self.project(one.root())).collect();
        let mut ids = Vec::new();
        for entry in entries {
            let Some((name, _)) = entry.descriptors.first().and_then(|one| real(one)) else {
                self.reading.problem("malformed-entry", entry.line, "it names no package");
                continue;
            };
            let resolved = entry.field("resolved").unwrap_or_default();
            let version = entry.field("version").unwrap_or_default();
            let (address, sha1) = resolved.split_once('#').unwrap_or((resolved, ""));
            let mut checksums = integrity(entry.field("integrity").unwrap_or_default());
            let source = npm_source(name, version, resolved);
            if checksums.is_empty() && !matches!(source, Source::Git(..)) {
                checksums.extend(super::checksums::bare_hex(sha1));
            }
            let source = match source {
                Source::Git(..) => source,
                _ => npm_source(name, version, address),
            };
            let package = Dependency::new(PackageType::NPM, name).version(version);
            let Some(id) = self.reading.add(package.source(source).checksums(checksums).line(entry.line)) else {
                break;
            };
            entry.descriptors.iter().for_each(|descriptor| self.index.insert(&**descriptor, id));
            ids.push((id, entry));
        }
        for (id, entry) in ids {
            for (scope, name, range, line) in &entry.asked {
                let found = self.index.first(&format!("{name}@{range}"));
                self.connect(id, found, name, Why::new(*scope).requirement(range), *line);
            }
        }
        let members: Vec<(String, NodeId)> =
            projects.iter().map(|(id, one)| (one.str("name").unwrap_or_default().to_owned(), *id)).collect();
        for (id, manifest) in &projects {
            self.manifest(*id, *manifest, &members);
        }
        match projects.first() {
            Some((root, _)) => {
                for (_, member) in members.iter().skip(1) {
                    self.reading.graph.connect(*root, *member, Why::new(Scope::Normal).group("workspaces"));
                }
            }
            None => self.guess_direct(),
        }
    }

    fn project<'d, 't>(&mut self, manifest: Node<'d, 't>) -> Option<(NodeId, Node<'d, 't>)> {
        let name = manifest.str("name").unwrap_or_default();
        let package = Dependency::new(PackageType::NPM, name).version(manifest.str("version").unwrap_or_default());
        let id = self.reading.graph.root(package.source(Source::Path(".".into())).line(1))?;
        Some((id, manifest))
    }

    /// What a manifest asks for.
    fn manifest(&mut self, from: NodeId, manifest: Node<'_, '_>, members: &[(String, NodeId)]) {
        let optional: HashSet<&str> = manifest.inside("optionalDependencies").map(Node::key).collect();
        for (key, scope) in MANIFEST {
            for asked in manifest.inside(key) {
                let (name, range) = (asked.key(), asked.text());
                if scope == Scope::Normal && optional.contains(name) {
                    continue;
                }
                let found = self.index.first(&format!("{name}@{range}"));
                let member = || members.iter().find(|(member, _)| member == name).map(|(_, id)| *id);
                let why = Why::new(scope).requirement(range);
                self.connect(from, found.or_else(member), name, why, 0);
            }
        }
    }

    fn connect(&mut self, from: NodeId, to: Option<NodeId>, name: &str, why: Why<'_>, line: u32) {
        match to {
            Some(to) => {
                self.required.insert(to);
                self.reading.graph.connect(from, to, why);
            }
            None => {
                let detail = format!("{} is asked for, but the file has no such package", shown(name));
                self.reading.problem("missing-package", line, detail);
            }
        }
    }

    /// Without the manifest, what nobody asks for was asked for by the project.
    fn guess_direct(&mut self) {
        let detail = "package.json is needed to tell what the project itself asks for; it was guessed";
        self.reading.problem("missing-file", 0, detail);
        let count = self.reading.graph.packages().len() as u32;
        let project = Dependency::new(PackageType::NPM, "").source(Source::Path(".".into())).line(1);
        let Some(root) = self.reading.graph.root(project) else { return };
        for id in (0..count).map(NodeId).filter(|id| !self.required.contains(id)) {
            self.reading.graph.connect(root, id, Why::new(Scope::Normal));
        }
    }

    fn berry(&mut self, root: Node<'_, '_>, manifests: &[Document<'_>]) {
        let mut packages: Vec<(NodeId, Node<'_, '_>, bool)> = Vec::new();
        for entry in root.children().filter(|entry| entry.key() != "__metadata") {
            let resolution = entry.str("resolution").unwrap_or(entry.key());
            let Some((name, reference)) = split_name(resolution) else {
                self.reading.problem(
                    "malformed-entry",
                    entry.line(),
                    format!("{} names no package", shown(resolution)),
                );
                continue;
            };
            let workspace = reference.strip_prefix("workspace:");
            // The project's own packages have a made-up version here.
            let version = entry.str("version").filter(|_| workspace.is_none()).unwrap_or_default();
            let package = Dependency::new(PackageType::NPM, name).version(version).line(entry.line());
            // The checksum is that of yarn's own archive, made from the registry's: it compares with nothing else.
            let package = package.source(match workspace {
                Some(path) => Source::Path(path.to_owned()),
                None => berry_source(name, version, reference),
            });
            let id = if workspace.is_some() { self.reading.graph.root(package) } else { self.reading.add(package) };
            let Some(id) = id else { return };
            entry.key().split(", ").for_each(|descriptor| self.index.insert(descriptor.trim(), id));
            // The original beside its patched copy: whoever asks for it gets the copy.
            if let Some((_, inner)) = entry.key().split_once("@patch:") {
                let inner = inner.split('#').next().unwrap_or(inner);
                self.index.insert(format!("patched {}", decoded(inner)), id);
            }
            packages.push((id, entry, workspace.is_some()));
        }
        for (id, entry, is_own) in packages {
            let name = &self.reading.graph.package(id).name;
            let manifest = manifests.iter().find(|one| is_own && one.root().str("name") == Some(name));
            if let Some(version) = manifest.and_then(|one| one.root().str("version")) {
                self.reading.graph.package_mut(id).version = Some(Version(version.to_owned()));
            }
            self.berry_asked(id, entry, manifest.map(Document::root));
        }
    }

    fn berry_asked(&mut self, id: NodeId, entry: Node<'_, '_>, manifest: Option<Node<'_, '_>>) {
        let keys =
            |key: &str| -> HashSet<&str> { manifest.iter().flat_map(|one| one.inside(key)).map(Node::key).collect() };
        let (dev, optional) = (keys("devDependencies"), keys("optionalDependencies"));
        let metas = entry.inside("dependenciesMeta").filter(|meta| meta.get("optional").is_some_and(Node::is_true));
        let metas: HashSet<&str> = metas.map(Node::key).collect();
        for asked in entry.inside("dependencies").chain(entry.inside("optionalDependencies")) {
            let (name, range) = (asked.key(), asked.text());
            let scope = match name {
                name if optional.contains(name) || metas.contains(name) => Scope::Optional,
                name if dev.contains(name) => Scope::Dev,
                _ => Scope::Normal,
            };
            let found = self.descriptor(name, range);
            self.connect(id, found, name, Why::new(scope).requirement(range), asked.line());
        }
        // A patched copy stands upon its original.
        if let Some((_, rest)) = entry.key().split_once("@patch:") {
            let inner = decoded(rest.split('#').next().unwrap_or(rest));
            // Up to yarn 3 the inner descriptor has no protocol.
            let with_protocol = || split_name(&inner).map(|(name, range)| format!("{name}@npm:{range}"));
            let original = self.index.first(&inner).or_else(|| self.index.first(&with_protocol()?));
            if let Some(original) = original.filter(|original| *original != id) {
                self.reading.graph.connect(id, original, Why::new(Scope::Normal).group("patch"));
            }
        }
    }

    fn descriptor(&self, name: &str, range: &str) -> Option<NodeId> {
        let plain = format!("{name}@{range}");
        let with_protocol = format!("{name}@npm:{range}");
        let patched = |key: &str| self.index.first(&format!("patched {key}"));
        let found = patched(&plain).or_else(|| patched(&with_protocol));
        found.or_else(|| self.index.first(&plain)).or_else(|| self.index.first(&with_protocol))
    }
}

const MANIFEST: [(&str, Scope); 3] =
    [("dependencies", Scope::Normal), ("devDependencies", Scope::Dev), ("optionalDependencies", Scope::Optional)];

/// The name and range of a descriptor; an alias is the package that it stands for.
fn real(descriptor: &str) -> Option<(&str, &str)> {
    let (name, range) = split_name(descriptor)?;
    match range.strip_prefix("npm:") {
        Some(alias) if !alias.is_empty() => split_name(alias).or(Some((name, alias))),
        _ => Some((name, range)),
    }
}

fn decoded(text: &str) -> String {
    crate::package::decode_percent(text)
}

fn berry_source(name: &str, version: &str, reference: &str) -> Source {
    match reference.split_once(':') {
        Some(("npm", _)) => Source::Registry(None),
        // The patch is applied to what the registry has.
        Some(("patch", _)) => Source::Path("patch".into()),
        Some(("link" | "portal" | "file", path)) => Source::Path(path.split("::").next().unwrap_or(path).to_owned()),
        _ => npm_source(name, version, reference),
    }
}
