//! `deno.lock` of the versions 2 to 5.
//!
//! Format: <https://docs.deno.com/runtime/fundamentals/modules/>.

use std::collections::HashSet;

use model::{
    Address, Algorithm, Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why,
};

use super::{Files, Lockfile, Reading, base, checksums::integrity, index::Index, npm_source::split_name, shown};
use crate::document::{Document, Kind, Node};

/// The lockfile of deno.
#[derive(Debug, Clone, Copy)]
pub struct DenoLock;

impl Lockfile for DenoLock {
    fn name(&self) -> &'static str {
        "deno.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "deno.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let mut lock = Lock { reading, index: Index::default(), required: HashSet::new() };
        lock.read(document.root());
        lock.reading.finish()
    }
}

struct Lock {
    reading: Reading,
    /// Packages by `npm:name@version`, and by specifier.
    index: Index,
    required: HashSet<NodeId>,
}

impl Lock {
    fn read<'d>(&mut self, root: Node<'d, '_>) {
        // Version 3 has all packages one level deeper.
        let holder = root.get("packages").unwrap_or(root);
        let project = Dependency::new(PackageType::NPM, ".").source(Source::Path(".".into())).line(1);
        let Some(project) = self.reading.graph.root(project) else { return };
        let mut asking: Vec<(NodeId, &str, Node<'d, '_>)> = Vec::new();
        for (world, kind) in [("npm", PackageType::NPM), ("jsr", PackageType::JSR)] {
            let section = holder.get(world);
            // Version 2 knows npm only, and has two tables there.
            let section =
                section.map(|one| one.get("packages").filter(|_| one.get("specifiers").is_some()).unwrap_or(one));
            for entry in section.into_iter().flat_map(Node::children) {
                if let Some(id) = self.package(entry, world, &kind) {
                    asking.push((id, world, entry));
                }
            }
        }
        let specifiers = holder.get("specifiers").or(holder.get("npm").and_then(|npm| npm.get("specifiers")));
        for entry in specifiers.into_iter().flat_map(Node::children) {
            self.specifier(entry);
        }
        for (id, world, entry) in asking {
            for (key, scope) in [("dependencies", Scope::Normal), ("optionalDependencies", Scope::Optional)] {
                for asked in entry.inside(key) {
                    self.asked(id, world, asked, scope);
                }
            }
        }
        self.project(project, root);
        for entry in root.inside("remote") {
            let hash = entry.scalar().and_then(|hex| Checksum::from_hex(Algorithm::Sha256, hex));
            let module = Dependency::new(PackageType::GENERIC, Address::new(entry.key()).as_str().to_owned());
            let module = module.source(Source::Url(Address::new(entry.key()))).checksums(hash.into_iter().collect());
            let Some(id) = self.reading.add(module.line(entry.line())) else { return };
            self.reading.graph.connect(project, id, Why::new(Scope::Normal).group("remote"));
        }
    }

    fn package(&mut self, entry: Node<'_, '_>, world: &str, kind: &PackageType) -> Option<NodeId> {
        let Some((name, version)) = split_name(entry.key()) else {
            self.reading.problem("malformed-entry", entry.line(), format!("{} names no package", shown(entry.key())));
            return None;
        };
        // Peers stand behind the version.
        let version = version.split('_').next().unwrap_or(version);
        let text = entry.str("integrity").unwrap_or_default();
        let mut checksums = integrity(text);
        // JSR has plain digits: the hash of the package's list of files.
        if kind == &PackageType::JSR {
            checksums = super::checksums::bare_hex(text).into_iter().collect();
        }
        let package = Dependency::new(kind.clone(), name).version(version).source(Source::Registry(None));
        let id = self.reading.add(package.checksums(checksums).line(entry.line()))?;
        self.index.insert(format!("{world}:{}", entry.key()), id);
        self.index.insert(format!("{world}:{name}"), id);
        Some(id)
    }

    /// `"npm:chalk@^4": "4.1.2"`, or up to version 3 `"npm:chalk@4.1.2"`.
    fn specifier(&mut self, entry: Node<'_, '_>) {
        let value = entry.text();
        let (world, rest) = entry.key().split_once(':').unwrap_or(("npm", entry.key()));
        let name = split_name(rest).map_or(rest, |(name, _)| name);
        let ways = [format!("{world}:{name}@{value}"), value.to_owned(), format!("npm:{value}")];
        if let Some(found) = ways.iter().find_map(|key| self.index.first(key)) {
            self.index.insert(format!("specifier {world}:{rest}"), found);
        }
    }

    /// A name, `name@version`, a whole specifier, or a name with the key of its package.
    fn asked(&mut self, from: NodeId, world: &str, asked: Node<'_, '_>, scope: Scope) {
        let text = asked.scalar().unwrap_or_default();
        let whole = if text.starts_with("npm:") || text.starts_with("jsr:") {
            text.to_owned()
        } else {
            format!("{world}:{text}")
        };
        // An alias stands before its package: name@npm:other@version.
        let alias = text.split_once("@npm:").map(|(_, real)| format!("npm:{real}"));
        let found = alias.and_then(|alias| self.index.first(&alias));
        let found =
            found.or_else(|| self.index.first(&format!("specifier {whole}"))).or_else(|| self.index.first(&whole));
        match found {
            Some(found) => {
                self.required.insert(found);
                self.reading.graph.connect(from, found, Why::new(scope));
            }
            None if scope == Scope::Optional => {}
            None => {
                let detail = format!("{} is asked for, but the file has no such package", shown(text));
                self.reading.problem("missing-package", asked.line(), detail);
            }
        }
    }

    /// What the project asks for: its configuration, its `package.json`, and those of its members.
    fn project(&mut self, project: NodeId, root: Node<'_, '_>) {
        let mut has_said = false;
        let workspace = root.get("workspace");
        let members = workspace.iter().flat_map(|one| one.inside("members")).collect::<Vec<_>>();
        for holder in workspace.into_iter().chain(members) {
            let lists = [holder.get("dependencies"), holder.get("packageJson").and_then(|one| one.get("dependencies"))];
            for asked in lists.into_iter().flatten().filter(|one| one.kind() == Kind::List).flat_map(Node::children) {
                has_said = true;
                let text = asked.text();
                let found = self.index.first(&format!("specifier {text}")).or_else(|| self.index.first(text));
                let range = text.split_once(':').and_then(|(_, rest)| split_name(rest)).map_or("", |(_, range)| range);
                if let Some(found) = found {
                    self.required.insert(found);
                    self.reading.graph.connect(project, found, Why::new(Scope::Normal).requirement(range));
                }
            }
        }
        // What only sources ask for stands in no list.
        let count = self.reading.graph.packages().len() as u32;
        for id in (1..count).map(NodeId).filter(|id| !self.required.contains(id)) {
            let why = Why::new(Scope::Normal);
            self.reading.graph.connect(project, id, if has_said { why.group("sources") } else { why });
        }
    }
}
