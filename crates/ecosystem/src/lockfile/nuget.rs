//! `packages.lock.json`, `packages.config`, `*.deps.json` and project files of .NET.
//!
//! Formats: <https://learn.microsoft.com/en-us/nuget/>.

use std::collections::HashMap;

use model::{Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, index::Index};
use crate::document::{Document, Node};

/// The lockfile of NuGet.
#[derive(Debug, Clone, Copy)]
pub struct NugetLock;

/// What a built program of .NET is made of.
#[derive(Debug, Clone, Copy)]
pub struct NugetDeps;

/// The old list of packages, and the project files of today. Neither names what is not asked for directly.
#[derive(Debug, Clone, Copy)]
pub struct NugetProject;

impl Lockfile for NugetLock {
    fn name(&self) -> &'static str {
        "packages.lock.json"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        // With several projects in one folder, each has its own: packages.<project>.lock.json.
        name.starts_with("packages.") && name.ends_with("lock.json")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let Some(project) = project(&mut reading) else { return reading.finish() };
        // A package may have other versions for other frameworks.
        let mut known: HashMap<String, NodeId> = HashMap::new();
        for framework in document.root().inside("dependencies") {
            let mut index = Index::default();
            let mut entries = Vec::new();
            for entry in framework.children() {
                let version = entry.str("resolved").unwrap_or_default();
                let key = format!("{} {version}", entry.key().to_ascii_lowercase());
                let kind = entry.str("type").unwrap_or_default();
                let id = known.get(&key).copied().or_else(|| {
                    // The content hash leaves out the signature: it compares with no archive's.
                    let package = Dependency::new(PackageType::NUGET, entry.key()).version(version);
                    let is_project = kind == "Project";
                    let source = if is_project { Source::Path(entry.key().into()) } else { Source::Registry(None) };
                    reading.add(package.source(source).line(entry.line()))
                });
                let Some(id) = id else { return reading.finish() };
                known.insert(key, id);
                index.insert(entry.key().to_ascii_lowercase(), id);
                entries.push((id, kind, entry));
            }
            for (id, kind, entry) in entries {
                if matches!(kind, "Direct" | "Project") {
                    let why = Why::new(Scope::Normal).group(framework.key());
                    reading.graph.connect(project, id, why.requirement(entry.str("requested").unwrap_or_default()));
                }
                connect(&mut reading, &index, id, entry);
            }
        }
        reading.finish()
    }
}

impl Lockfile for NugetDeps {
    fn name(&self) -> &'static str {
        "deps.json"
    }

    fn matches(&self, path: &str) -> bool {
        path.ends_with(".deps.json")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let root = document.root();
        let libraries: HashMap<&str, Node<'_, '_>> = root.inside("libraries").map(|one| (one.key(), one)).collect();
        let mut known: HashMap<&str, NodeId> = HashMap::new();
        for target in root.inside("targets") {
            let mut index = Index::default();
            let mut entries = Vec::new();
            for entry in target.children() {
                let (name, version) = entry.key().split_once('/').unwrap_or((entry.key(), ""));
                let kind = libraries.get(entry.key()).and_then(|one| one.str("type"));
                let id = known.get(entry.key()).copied().or_else(|| {
                    let package = Dependency::new(PackageType::NUGET, name).version(version).line(entry.line());
                    match kind {
                        Some("project") => reading.graph.root(package.source(Source::Path(".".into()))),
                        _ => reading.add(package.source(Source::Registry(None))),
                    }
                });
                let Some(id) = id else { return reading.finish() };
                known.insert(entry.key(), id);
                index.insert(name.to_ascii_lowercase(), id);
                entries.push((id, entry));
            }
            for (id, entry) in entries {
                connect(&mut reading, &index, id, entry);
            }
        }
        reading.finish()
    }
}

impl Lockfile for NugetProject {
    fn name(&self) -> &'static str {
        "csproj"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path).to_ascii_lowercase();
        let ends = [".csproj", ".fsproj", ".vbproj"];
        matches!(&*name, "packages.config" | "directory.packages.props") || ends.iter().any(|end| name.ends_with(end))
    }

    /// With versions managed in one place, that place is a folder further up.
    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        let depth = files.path().matches('/').count().min(8);
        let ways = (0..=depth).map(|up| format!("{}Directory.Packages.props", "../".repeat(up)));
        ways.map(|name| files.beside(files.path(), &name)).collect()
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::xml(files.text());
        reading.syntax(&document);
        let mut central: HashMap<String, String> = HashMap::new();
        for text in self.wants(files).iter().rev().flat_map(|path| files.matching(path)) {
            let document = Document::xml(text);
            let groups = document.root().children().flat_map(|root| root.named("ItemGroup").collect::<Vec<_>>());
            for item in groups.flat_map(|group| group.named("PackageVersion").collect::<Vec<_>>()) {
                let name = item.str("@Include").unwrap_or_default().to_ascii_lowercase();
                central.insert(name, item.str("@Version").unwrap_or_default().to_owned());
            }
        }
        let Some(project) = project(&mut reading) else { return reading.finish() };
        for root in document.root().children() {
            let groups = root.named("ItemGroup").flat_map(Node::children);
            for item in groups.chain(root.named("package")) {
                let is_item = matches!(item.key(), "PackageReference" | "PackageVersion" | "GlobalPackageReference");
                let name = match item.key() {
                    "package" => item.str("@id"),
                    _ if is_item => item.str("@Include"),
                    _ => None,
                };
                let Some(name) = name else { continue };
                let own = ["@Version", "@version", "@VersionOverride"].iter().find_map(|key| item.str(key));
                let own = own.or(item.get("Version").map(Node::text));
                let wanted = own.or(central.get(&name.to_ascii_lowercase()).map(String::as_str)).unwrap_or_default();
                let exact = wanted.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(wanted);
                let is_exact = !exact.is_empty() && !exact.contains(['*', ',', '(', ')', '[', ']', '$']);
                let package = Dependency::new(PackageType::NUGET, name).version(if is_exact { exact } else { "" });
                let Some(id) = reading.add(package.source(Source::Registry(None)).line(item.line())) else { break };
                let is_dev =
                    item.str("@developmentDependency") == Some("true") || item.str("@PrivateAssets") == Some("all");
                let scope = if is_dev { Scope::Dev } else { Scope::Normal };
                reading.graph.connect(project, id, Why::new(scope).requirement(wanted));
            }
        }
        reading.finish()
    }
}

fn project(reading: &mut Reading) -> Option<NodeId> {
    let name = base(&reading.path).to_owned();
    reading.graph.root(Dependency::new(PackageType::NUGET, name).source(Source::Path(".".into())).line(1))
}

/// What lies on the system is named too, but is no package: an unknown name is no problem here.
fn connect(reading: &mut Reading, index: &Index, from: NodeId, entry: Node<'_, '_>) {
    for asked in entry.inside("dependencies") {
        if let Some(to) = index.first(&asked.key().to_ascii_lowercase()) {
            reading.graph.connect(from, to, Why::new(Scope::Normal).requirement(asked.text()));
        }
    }
}
