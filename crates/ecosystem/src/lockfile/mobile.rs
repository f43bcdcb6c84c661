//! `pubspec.lock` of Dart, `Package.resolved` of Swift, `Podfile.lock` of CocoaPods.

use model::{Address, Algorithm, Checksum, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, base, flat::Flat, index::Index, shown};
use crate::document::{Document, Kind, Node};

/// The lockfile of Dart. It says which packages are direct, but has no edges.
#[derive(Debug, Clone, Copy)]
pub struct PubspecLock;

/// The lockfile of Swift's package manager, of the versions 1 to 3.
#[derive(Debug, Clone, Copy)]
pub struct PackageResolved;

/// The lockfile of CocoaPods.
#[derive(Debug, Clone, Copy)]
pub struct PodfileLock;

impl Lockfile for PubspecLock {
    fn name(&self) -> &'static str {
        "pubspec.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "pubspec.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::PUB);
        let document = Document::yaml(files.text());
        flat.reading.syntax(&document);
        for entry in document.root().children().flat_map(|root| root.inside("packages")) {
            let said = entry.get("description");
            let text = |key: &str| said.and_then(|one| one.str(key)).unwrap_or_default();
            let source = match entry.str("source").unwrap_or_default() {
                "hosted" => Source::Registry(Some(text("url")).filter(|text| !text.is_empty()).map(Address::new)),
                "git" => Source::Git(Address::new(text("url")), Some(text("resolved-ref").to_owned())),
                "path" => Source::Path(text("path").to_owned()),
                _ => Source::Unknown,
            };
            let hash = Checksum::from_hex(Algorithm::Sha256, text("sha256"));
            let name = if text("name").is_empty() { entry.key() } else { text("name") };
            let package = Dependency::new(PackageType::PUB, name).version(entry.str("version").unwrap_or_default());
            let package = package.source(source).checksums(hash.into_iter().collect()).line(entry.line());
            let kind = entry.str("dependency").unwrap_or_default();
            let scope = if kind == "direct dev" { Scope::Dev } else { Scope::Normal };
            flat.add(package, Why::new(scope).group(if kind.is_empty() { "transitive" } else { kind }));
        }
        flat.reading.finish()
    }
}

impl Lockfile for PackageResolved {
    fn name(&self) -> &'static str {
        "Package.resolved"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Package.resolved"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::SWIFT);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        let root = document.root();
        // Version 1 has them one level deeper, and other names for the same.
        for pin in root.get("object").unwrap_or(root).inside("pins") {
            let address = pin.str("location").or(pin.str("repositoryURL")).unwrap_or_default();
            let state = pin.get("state");
            let text = |key: &str| state.and_then(|one| one.str(key));
            let version = text("version").or(text("branch")).or(text("revision")).unwrap_or_default();
            let name = address.trim_end_matches(".git").rsplit("://").next().unwrap_or(address);
            let name = name.rsplit_once('@').map_or(name, |(_, name)| name).replace(':', "/");
            let name = if name.is_empty() { pin.str("identity").unwrap_or_default().to_owned() } else { name };
            if name.is_empty() {
                flat.reading.problem("malformed-entry", pin.line(), "a pin names no package");
                continue;
            }
            let source = Source::Git(Address::new(address), text("revision").map(str::to_owned));
            flat.need(Dependency::new(PackageType::SWIFT, name).version(version).source(source).line(pin.line()));
        }
        flat.reading.finish()
    }
}

impl Lockfile for PodfileLock {
    fn name(&self) -> &'static str {
        "Podfile.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Podfile.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::COCOAPODS);
        let document = Document::yaml(files.text());
        flat.reading.syntax(&document);
        let mut index = Index::default();
        let mut asking = Vec::new();
        for root in document.root().children() {
            let external: Vec<&str> = root.inside("EXTERNAL SOURCES").map(Node::key).take(10_000).collect();
            let external: std::collections::HashSet<&str> = external.into_iter().collect();
            for pod in root.inside("PODS") {
                // With dependencies it is a map of one entry, without a text.
                let entry = if pod.kind() == Kind::Map { pod.children().next() } else { None };
                let (name, version) = named(entry.map_or(pod.text(), Node::key));
                let own =
                    root.get("EXTERNAL SOURCES").filter(|_| external.contains(name)).and_then(|all| all.get(name));
                let package = Dependency::new(PackageType::COCOAPODS, name).version(version);
                let source = own.map_or(Source::Registry(None), pod_source);
                let Some(id) = flat.reading.add(package.source(source).line(pod.line())) else { break };
                index.insert(name, id);
                asking.extend(entry.map(|entry| (id, entry)));
            }
            for (id, entry) in std::mem::take(&mut asking) {
                for asked in entry.children() {
                    let (name, range) = named(asked.text());
                    match index.first(name) {
                        Some(to) => flat.reading.graph.connect(id, to, Why::new(Scope::Normal).requirement(range)),
                        None => flat.reading.problem("missing-package", asked.line(), shown(name)),
                    }
                }
            }
            for asked in root.inside("DEPENDENCIES") {
                let (name, range) = named(asked.text());
                if let Some(to) = index.first(name) {
                    flat.ask(to, Why::new(Scope::Normal).requirement(range));
                }
            }
        }
        flat.reading.finish()
    }
}

fn pod_source(entry: Node<'_, '_>) -> Source {
    match (entry.str(":git"), entry.str(":path"), entry.str(":podspec")) {
        (Some(address), ..) => Source::Git(Address::new(address), entry.str(":commit").map(str::to_owned)),
        (_, Some(path), _) => Source::Path(path.to_owned()),
        (_, _, Some(address)) => Source::Url(Address::new(address)),
        _ => Source::Unknown,
    }
}

/// `Name/Part (1.0)`: the name and what stands in brackets.
fn named(text: &str) -> (&str, &str) {
    let (name, rest) = text.split_once(" (").unwrap_or((text, ""));
    (name.trim(), rest.trim_end_matches(')'))
}
