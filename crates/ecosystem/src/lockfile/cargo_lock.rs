//! `Cargo.lock`, of every version.
//!
//! Format: <https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html>.

use std::collections::HashMap;

use model::{
    Address, Algorithm, Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why,
};

use super::{Files, Lockfile, Reading, base, index::Index, shown};
use crate::document::{Document, Kind, Node};

/// The lockfile of cargo.
#[derive(Debug, Clone, Copy)]
pub struct CargoLock;

impl Lockfile for CargoLock {
    fn name(&self) -> &'static str {
        "Cargo.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Cargo.lock"
    }

    /// The manifests tell which dependencies are for development and for the build.
    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        let root = files.beside(files.path(), "Cargo.toml");
        let document = Document::toml(files.get(&root).unwrap_or_default());
        let members = document.root().get("workspace").map(|workspace| {
            let members = workspace.inside("members").filter_map(Node::scalar);
            members.map(|member| files.beside(&root, &format!("{member}/Cargo.toml"))).collect::<Vec<_>>()
        });
        [root].into_iter().chain(members.into_iter().flatten()).collect()
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::toml(files.text());
        reading.syntax(&document);
        let root = document.root();
        if root.get("package").is_none() && root.get("root").is_none() {
            reading.problem("not-this-format", 0, "it lists no packages");
        }
        let checksums = old_checksums(root);
        let mut index = Index::default();
        let mut asking: Vec<(NodeId, Node<'_, '_>)> = Vec::new();
        for entry in root.inside("package").chain(root.get("root")) {
            let Some(name) = entry.str("name") else {
                reading.problem("malformed-entry", entry.line(), "a package has no name");
                continue;
            };
            let (version, source) = (entry.str("version").unwrap_or_default(), entry.str("source"));
            let whole = source.map(|source| format!("{name} {version} ({source})"));
            let hash = entry.str("checksum").or_else(|| checksums.get(whole.as_deref()?).copied());
            let hash = hash.and_then(|hex| Checksum::from_hex(Algorithm::Sha256, hex));
            let package = Dependency::new(PackageType::CARGO, name).version(version).line(entry.line());
            let package = package.checksums(hash.into_iter().collect()).source(source.map_or_else(own, source_of));
            // What has no source lies in the project's own folders.
            let id = if source.is_none() { reading.graph.root(package) } else { reading.add(package) };
            let Some(id) = id else { break };
            index.insert(name, id);
            index.insert(format!("{name} {version}"), id);
            whole.into_iter().for_each(|whole| index.insert(whole, id));
            asking.push((id, entry));
        }
        let scopes = Scopes::read(self, files);
        for (id, entry) in asking {
            let own = entry.get("source").is_none().then(|| entry.str("name")).flatten();
            for asked in entry.inside("dependencies") {
                let text = asked.scalar().unwrap_or_default();
                match index.first(text) {
                    Some(found) => {
                        let name = text.split(' ').next().unwrap_or(text);
                        reading.graph.connect(id, found, Why::new(scopes.of(own, name)));
                    }
                    None => {
                        let detail = format!("{} is asked for, but the file has no such package", shown(text));
                        reading.problem("missing-package", asked.line(), detail);
                    }
                }
            }
        }
        reading.finish()
    }
}

fn own() -> Source {
    Source::Path(".".into())
}

fn source_of(text: &str) -> Source {
    match text.split_once('+') {
        Some(("registry" | "sparse" | "local-registry", address)) => Source::Registry(Some(Address::new(address))),
        Some(("git", address)) => {
            let revision = address.split_once('#').map(|(_, revision)| revision.to_owned());
            Source::Git(Address::new(address), revision)
        }
        Some(("path" | "directory", path)) => Source::Path(path.trim_start_matches("file://").to_owned()),
        _ => Source::Unknown,
    }
}

/// The first version of the format has all hashes in one table.
fn old_checksums<'d>(root: Node<'d, '_>) -> HashMap<&'d str, &'d str> {
    let entries = root.inside("metadata");
    entries.filter_map(|entry| Some((entry.key().strip_prefix("checksum ")?, entry.scalar()?))).collect()
}

/// What the manifests at hand say about the reasons of the project's own packages.
struct Scopes(HashMap<(String, String), Scope>);

impl Scopes {
    fn read(format: &CargoLock, files: &Files<'_>) -> Self {
        let mut scopes = HashMap::new();
        for text in format.wants(files).iter().flat_map(|path| files.matching(path)) {
            let document = Document::toml(text);
            let manifest = document.root();
            let Some(package) = manifest.get("package").and_then(|package| package.str("name")) else { continue };
            let targets = manifest.inside("target");
            for holder in [manifest].into_iter().chain(targets.filter(|one| one.kind() == Kind::Map)) {
                for (section, scope) in SECTIONS {
                    for entry in holder.inside(section) {
                        let name = entry.str("package").unwrap_or(entry.key());
                        let is_optional = scope == Scope::Normal && entry.get("optional").is_some_and(Node::is_true);
                        let scope = if is_optional { Scope::Optional } else { scope };
                        let known = scopes.entry((package.to_owned(), name.to_owned())).or_insert(scope);
                        // Asked for in several ways: the weightiest counts.
                        *known = scope.min(*known);
                    }
                }
            }
        }
        Self(scopes)
    }

    fn of(&self, package: Option<&str>, name: &str) -> Scope {
        let known = package.and_then(|package| self.0.get(&(package.to_owned(), name.to_owned())));
        known.copied().unwrap_or(Scope::Normal)
    }
}

const SECTIONS: [(&str, Scope); 3] =
    [("dependencies", Scope::Normal), ("build-dependencies", Scope::Build), ("dev-dependencies", Scope::Dev)];
