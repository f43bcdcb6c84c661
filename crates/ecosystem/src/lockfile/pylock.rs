//! `pylock.toml`, the lockfile that all of Python's tools share.
//!
//! Format: <https://packaging.python.org/en/latest/specifications/pylock-toml/>.

use std::collections::HashSet;

use model::{Address, Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::of_word, index::Index, python::foreign};
use crate::{
    document::{Document, Node},
    pypi::normalise,
};

/// The standard lockfile of Python.
#[derive(Debug, Clone, Copy)]
pub struct Pylock;

impl Lockfile for Pylock {
    fn name(&self) -> &'static str {
        "pylock.toml"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        name == "pylock.toml" || (name.starts_with("pylock.") && name.ends_with(".toml"))
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::toml(files.text());
        reading.syntax(&document);
        let root = document.root();
        if root.get("lock-version").is_none() {
            reading.problem("not-this-format", 0, "it has no lock-version");
        }
        let project = Dependency::new(PackageType::PYPI, base(files.path())).source(Source::Path(files.path().into()));
        let Some(project) = reading.graph.root(project.line(1)) else { return reading.finish() };
        let mut index = Index::default();
        let mut packages: Vec<(NodeId, Node<'_, '_>)> = Vec::new();
        for entry in root.inside("packages") {
            let Some(name) = entry.str("name").map(normalise) else {
                reading.problem("malformed-entry", entry.line(), "a package has no name");
                continue;
            };
            let version = entry.str("version").unwrap_or_default();
            let package = Dependency::new(PackageType::PYPI, name.clone()).version(version).source(source_of(entry));
            let Some(id) = reading.add(package.checksums(hashes(entry)).line(entry.line())) else { break };
            index.insert(format!("{name} {version}"), id);
            index.insert(name, id);
            packages.push((id, entry));
        }
        let mut required: HashSet<NodeId> = HashSet::new();
        for (id, entry) in &packages {
            for asked in entry.inside("dependencies") {
                let name = asked.str("name").map(normalise).unwrap_or_default();
                let exact = asked.str("version").and_then(|version| index.first(&format!("{name} {version}")));
                match exact.or_else(|| index.first(&name)) {
                    Some(found) => {
                        required.insert(found);
                        reading.graph.connect(*id, found, Why::new(Scope::Normal));
                    }
                    None => {
                        let detail = format!("{} is asked for, but the file has no such package", super::shown(&name));
                        reading.problem("missing-package", asked.line(), detail);
                    }
                }
            }
        }
        // The format does not say what the project itself asks for. Groups and extras stand in markers only.
        for (id, entry) in packages.iter().filter(|(id, _)| !required.contains(id)) {
            let marker = entry.str("marker").unwrap_or_default();
            let scope = match marker {
                marker if marker.contains("in dependency_groups") && !marker.contains(" or ") => Scope::Dev,
                marker if marker.contains("in extras") && !marker.contains(" or ") => Scope::Optional,
                _ => Scope::Normal,
            };
            reading.graph.connect(project, *id, Why::new(scope));
        }
        reading.finish()
    }
}

fn source_of(entry: Node<'_, '_>) -> Source {
    let place = |node: Node<'_, '_>| match (node.str("url"), node.str("path")) {
        (Some(address), _) => Source::Url(Address::new(address)),
        (_, Some(path)) => Source::Path(path.to_owned()),
        _ => Source::Unknown,
    };
    if let Some(vcs) = entry.get("vcs") {
        let address = vcs.str("url").or(vcs.str("path")).unwrap_or_default();
        return Source::Git(Address::new(address), vcs.str("commit-id").map(str::to_owned));
    }
    match (entry.get("directory"), entry.get("archive")) {
        (Some(folder), _) | (None, Some(folder)) => place(folder),
        _ => {
            let name = entry.str("name").map(normalise).unwrap_or_default();
            let files = entry.get("sdist").into_iter().chain(entry.inside("wheels"));
            let foreign =
                foreign(&name, entry.str("version").unwrap_or_default(), files.filter_map(|file| file.str("url")));
            foreign.map_or_else(|| Source::Registry(entry.str("index").map(Address::new)), Source::Url)
        }
    }
}

fn hashes(entry: Node<'_, '_>) -> Vec<Checksum> {
    let files = entry.get("sdist").into_iter().chain(entry.inside("wheels")).chain(entry.get("archive"));
    let hashes = files.flat_map(|file| file.inside("hashes"));
    hashes.filter_map(|hash| of_word(hash.key(), hash.text())).collect()
}
