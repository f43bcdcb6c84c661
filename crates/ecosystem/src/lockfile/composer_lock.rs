//! `composer.lock`.
//!
//! Format: <https://getcomposer.org/doc/01-basic-usage.md>.

use std::collections::HashSet;

use model::{Address, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::bare_hex, index::Index, shown};
use crate::document::{Document, Node};

/// The lockfile of PHP's composer.
#[derive(Debug, Clone, Copy)]
pub struct ComposerLock;

impl Lockfile for ComposerLock {
    fn name(&self) -> &'static str {
        "composer.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "composer.lock"
    }

    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        vec![files.beside(files.path(), "composer.json")]
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let manifest = files.get(&files.beside(files.path(), "composer.json")).map(Document::json);
        let manifest = manifest.as_ref().map(Document::root);
        let name = manifest.and_then(|root| root.str("name")).unwrap_or(".");
        let project = Dependency::new(PackageType::COMPOSER, name).source(Source::Path(".".into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        let mut index = Index::default();
        let mut packages: Vec<(NodeId, Scope, Node<'_, '_>)> = Vec::new();
        for (section, scope) in [("packages", Scope::Normal), ("packages-dev", Scope::Dev)] {
            for entry in document.root().inside(section) {
                let Some(name) = entry.str("name").map(str::to_ascii_lowercase) else {
                    reading.problem("malformed-entry", entry.line(), "a package has no name");
                    continue;
                };
                let hash = entry.get("dist").and_then(|dist| dist.str("shasum")).and_then(bare_hex);
                let version = entry.str("version").unwrap_or_default();
                let package = Dependency::new(PackageType::COMPOSER, name.clone()).version(version);
                let package = package.source(source_of(entry)).checksums(hash.into_iter().collect());
                let Some(id) = reading.add(package.line(entry.line())) else { break };
                // Virtual packages stand for those that provide or replace them.
                for other in entry.inside("provide").chain(entry.inside("replace")) {
                    index.insert(other.key().to_ascii_lowercase(), id);
                }
                index.insert(name, id);
                packages.push((id, scope, entry));
            }
        }
        let mut required = HashSet::new();
        for (id, _, entry) in &packages {
            connect(&mut reading, &index, (*id, Scope::Normal), entry.inside("require"), &mut required);
        }
        match manifest {
            Some(root) => {
                for (key, scope) in [("require", Scope::Normal), ("require-dev", Scope::Dev)] {
                    connect(&mut reading, &index, (project, scope), root.inside(key), &mut required);
                }
            }
            None => {
                let detail = "composer.json is needed to tell what the project itself asks for; it was guessed";
                reading.problem("missing-file", 0, detail);
                for (id, scope, _) in packages.iter().filter(|(id, ..)| !required.contains(id)) {
                    reading.graph.connect(project, *id, Why::new(*scope));
                }
            }
        }
        reading.finish()
    }
}

fn connect<'d, 't: 'd>(
    reading: &mut Reading,
    index: &Index,
    (from, scope): (NodeId, Scope),
    asked: impl Iterator<Item = Node<'d, 't>>,
    required: &mut HashSet<NodeId>,
) {
    for asked in asked {
        let name = asked.key().to_ascii_lowercase();
        // PHP itself and its extensions come with the system.
        let is_platform = !name.contains('/');
        match index.first(&name) {
            Some(found) if found != from => {
                required.insert(found);
                reading.graph.connect(from, found, Why::new(scope).requirement(asked.text()));
            }
            Some(_) => {}
            None if is_platform => {}
            None => {
                let detail = format!("{} is asked for, but the file has no such package", shown(&name));
                reading.problem("missing-package", asked.line(), detail);
            }
        }
    }
}

fn source_of(entry: Node<'_, '_>) -> Source {
    // Packagist has no archives: everything comes from repositories, and the archive is made by their hosts.
    let source = entry.get("source").or(entry.get("dist"));
    let text = |key: &str| source.and_then(|one| one.str(key)).unwrap_or_default();
    match text("type") {
        "path" => Source::Path(text("url").to_owned()),
        "git" | "hg" | "svn" | "fossil" => Source::Git(Address::new(text("url")), Some(text("reference").to_owned())),
        "" => Source::Unknown,
        _ => Source::Url(Address::new(text("url"))),
    }
}
