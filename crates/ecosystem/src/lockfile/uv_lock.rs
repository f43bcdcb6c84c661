//! `uv.lock`.
//!
//! Format: <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>.

use std::collections::HashSet;

use model::{Address, Checksum, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::named_hex, index::Index, python::foreign, shown};
use crate::{
    document::{Document, Node},
    pypi::normalise,
};

/// The lockfile of uv.
#[derive(Debug, Clone, Copy)]
pub struct UvLock;

impl Lockfile for UvLock {
    fn name(&self) -> &'static str {
        "uv.lock"
    }

    fn matches(&self, path: &str) -> bool {
        // A script has its lockfile beside it: tool.py.lock.
        base(path) == "uv.lock" || path.ends_with(".py.lock")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::toml(files.text());
        reading.syntax(&document);
        let root = document.root();
        let mut index = Index::default();
        let mut packages: Vec<(NodeId, Node<'_, '_>)> = Vec::new();
        for entry in root.inside("package") {
            let Some(name) = entry.str("name").map(normalise) else {
                reading.problem("malformed-entry", entry.line(), "a package has no name");
                continue;
            };
            let version = entry.str("version").unwrap_or_default();
            let (source, is_own) = source_of(entry);
            let files = entry.get("sdist").into_iter().chain(entry.inside("wheels"));
            let foreign = foreign(&name, version, files.filter_map(|file| file.str("url")));
            let source = match (source, foreign) {
                (Source::Registry(_), Some(address)) => Source::Url(address),
                (source, _) => source,
            };
            let package = Dependency::new(PackageType::PYPI, name.clone()).version(version).source(source);
            let package = package.checksums(hashes(entry)).line(entry.line());
            let id = if is_own { reading.graph.root(package) } else { reading.add(package) };
            let Some(id) = id else { break };
            index.insert(format!("{name} {version} {}", source_key(entry)), id);
            index.insert(format!("{name} {version}"), id);
            index.insert(name, id);
            packages.push((id, entry));
        }
        // A script has no package of its own: its requirements stand in the manifest.
        if let (Some(manifest), true) = (root.get("manifest"), base(files.path()) != "uv.lock") {
            let script = Dependency::new(PackageType::PYPI, base(files.path()).trim_end_matches(".lock")).line(1);
            if let Some(id) =
                reading.graph.root(script.source(Source::Path(files.path().trim_end_matches(".lock").into())))
            {
                connect(&mut reading, &index, id, manifest.inside("requirements"), Scope::Normal, None);
            }
        }
        let extras = extras_asked_for(&packages);
        for (id, entry) in packages {
            let name = entry.str("name").map(normalise).unwrap_or_default();
            connect(&mut reading, &index, id, entry.inside("dependencies"), Scope::Normal, None);
            for extra in entry.inside("optional-dependencies") {
                let is_asked = extras.contains(&(name.clone(), normalise(extra.key())));
                let scope = if is_asked { Scope::Normal } else { Scope::Optional };
                connect(&mut reading, &index, id, extra.children(), scope, Some(extra.key()));
            }
            for group in entry.inside("dev-dependencies") {
                connect(&mut reading, &index, id, group.children(), Scope::Dev, Some(group.key()));
            }
        }
        reading.finish()
    }
}

/// The extras that some package asks for: what they bring is not optional any more.
fn extras_asked_for(packages: &[(NodeId, Node<'_, '_>)]) -> HashSet<(String, String)> {
    let mut out = HashSet::new();
    for (_, entry) in packages {
        let optional = entry.inside("optional-dependencies").flat_map(Node::children);
        let dev = entry.inside("dev-dependencies").flat_map(Node::children);
        for asked in entry.inside("dependencies").chain(optional).chain(dev) {
            let name = asked.str("name").map(normalise).unwrap_or_default();
            for extra in asked.inside("extra").filter_map(Node::scalar) {
                out.insert((name.clone(), normalise(extra)));
            }
        }
    }
    out
}

fn connect<'d, 't: 'd>(
    reading: &mut Reading,
    index: &Index,
    from: NodeId,
    asked: impl Iterator<Item = Node<'d, 't>>,
    scope: Scope,
    group: Option<&str>,
) {
    for asked in asked {
        let name = asked.str("name").map(normalise).unwrap_or_default();
        let key = match (asked.str("version"), asked.get("source")) {
            (Some(version), Some(_)) => format!("{name} {version} {}", source_key(asked)),
            (Some(version), None) => format!("{name} {version}"),
            (None, _) => name.clone(),
        };
        let why = Why::new(scope).requirement(asked.str("specifier").unwrap_or_default());
        let why = group.map_or(why, |group| why.group(group));
        match index.first(&key).or_else(|| index.first(&name)) {
            // A project that asks for an extra of its own asks for itself.
            Some(found) if found == from => {}
            Some(found) => reading.graph.connect(from, found, why),
            None => {
                let detail = format!("{} is asked for, but the file has no such package", shown(&name));
                reading.problem("missing-package", asked.line(), detail);
            }
        }
    }
}

fn source_key<'d>(entry: Node<'d, '_>) -> &'d str {
    entry.inside("source").next().map_or("", Node::text)
}

/// The source, and whether it is the project itself or a member of its workspace.
fn source_of(entry: Node<'_, '_>) -> (Source, bool) {
    let Some(source) = entry.inside("source").next() else { return (Source::Unknown, false) };
    let text = source.text();
    match source.key() {
        "registry" if text.contains("://") => (Source::Registry(Some(Address::new(text))), false),
        "registry" => (Source::Path(text.to_owned()), false),
        "git" => {
            let revision = text.split_once('#').map(|(_, revision)| revision.to_owned());
            (Source::Git(Address::new(text), revision), false)
        }
        "url" => (Source::Url(Address::new(text)), false),
        "virtual" | "editable" => (Source::Path(text.to_owned()), true),
        "directory" | "path" => (Source::Path(text.to_owned()), false),
        _ => (Source::Unknown, false),
    }
}

fn hashes(entry: Node<'_, '_>) -> Vec<Checksum> {
    let files = entry.get("sdist").into_iter().chain(entry.inside("wheels"));
    files.filter_map(|file| named_hex(file.str("hash")?)).collect()
}
