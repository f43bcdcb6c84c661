//! `pom.xml`.
//!
//! Format: <https://maven.apache.org/pom.html>. What a parent or an imported bill says is not at hand: such versions stay
//! open.

use std::collections::HashMap;

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, shown};
use crate::document::{Document, Node};

/// The manifest of Maven.
#[derive(Debug, Clone, Copy)]
pub struct Pom;

impl Lockfile for Pom {
    fn name(&self) -> &'static str {
        "pom.xml"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "pom.xml" || path.ends_with(".pom")
    }

    /// The parent's manifest, where it lies beside the project.
    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        let mut out = Vec::new();
        let mut path = files.path().to_owned();
        // Parents have parents; a circle ends with the count.
        while let Some(text) = files.get(&path).filter(|_| out.len() < 16) {
            let document = Document::xml(text);
            let Some(parent) = project(&document).and_then(|root| root.get("parent")) else { break };
            let relative = parent.get("relativePath").map_or("../pom.xml", Node::text);
            if relative.is_empty() {
                break;
            }
            let relative = if relative.ends_with(".xml") { relative.to_owned() } else { format!("{relative}/pom.xml") };
            path = files.beside(&path, &relative);
            out.push(path.clone());
        }
        out
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::xml(files.text());
        reading.syntax(&document);
        let Some(root) = project(&document) else {
            reading.problem("not-this-format", 0, "it has no project");
            return reading.finish();
        };
        let parents: Vec<Document<'_>> =
            self.wants(files).iter().filter_map(|path| files.get(path)).map(Document::xml).collect();
        let mut known = Known::default();
        parents.iter().rev().filter_map(|parent| project(parent)).chain([root]).for_each(|one| known.learn(one));
        let name = format!("{}:{}", known.text(root, "groupId"), known.text(root, "artifactId"));
        let package = Dependency::new(PackageType::MAVEN, name).version(&known.text(root, "version"));
        let Some(id) = reading.graph.root(package.source(Source::Path(".".into())).line(root.line())) else {
            return reading.finish();
        };
        let mut add = |entry: Node<'_, '_>, kind: Option<Scope>, group: &str| {
            let fallback = if kind == Some(Scope::Build) { "org.apache.maven.plugins" } else { "" };
            let own = known.text(entry, "groupId");
            let name = format!("{}:{}", if own.is_empty() { fallback } else { &own }, known.text(entry, "artifactId"));
            let wanted = match known.text(entry, "version") {
                version if version.is_empty() => known.versions.get(&name).cloned().unwrap_or_default(),
                version => version,
            };
            let exact = wanted.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&wanted);
            let is_exact = !exact.contains(['$', ',', '(', ')', '[', ']']) && !matches!(exact, "LATEST" | "RELEASE");
            if exact.contains("${") {
                reading.problem("unknown-property", entry.line(), format!("{} is told elsewhere", shown(exact)));
            }
            let scope = kind.unwrap_or(match &*known.text(entry, "scope") {
                "test" => Scope::Dev,
                _ if known.text(entry, "optional") == "true" => Scope::Optional,
                "provided" => Scope::Peer,
                _ => Scope::Normal,
            });
            let package = Dependency::new(PackageType::MAVEN, name).version(if is_exact { exact } else { "" });
            if let Some(to) = reading.add(package.source(Source::Registry(None)).line(entry.line())) {
                let why = Why::new(scope).requirement(&wanted);
                reading.graph.connect(id, to, if group.is_empty() { why } else { why.group(group) });
            }
        };
        for holder in [root].into_iter().chain(root.inside("profiles")) {
            let profile = holder.get("id").map_or("", Node::text);
            let profile = if holder.key() == "profile" { profile } else { "" };
            holder.inside("dependencies").for_each(|entry| add(entry, None, profile));
            // Plugins run while the project is built, with all that they ask for.
            for plugin in holder.get("build").into_iter().flat_map(|build| build.inside("plugins")) {
                add(plugin, Some(Scope::Build), "plugins");
                plugin.inside("dependencies").for_each(|entry| add(entry, Some(Scope::Build), "plugins"));
            }
            for extension in holder.get("build").into_iter().flat_map(|build| build.inside("extensions")) {
                add(extension, Some(Scope::Build), "extensions");
            }
        }
        if let Some(parent) = root.get("parent") {
            add(parent, None, "parent");
        }
        reading.finish()
    }
}

fn project<'d, 't>(document: &'d Document<'t>) -> Option<Node<'d, 't>> {
    document.root().children().find(|one| one.key() == "project")
}

/// What manifests say that others use: properties, and versions under `dependencyManagement`.
#[derive(Default)]
struct Known {
    properties: HashMap<String, String>,
    versions: HashMap<String, String>,
}

impl Known {
    fn learn(&mut self, root: Node<'_, '_>) {
        for property in root.inside("properties") {
            self.properties.insert(property.key().to_owned(), property.text().to_owned());
        }
        for key in ["groupId", "artifactId", "version"] {
            let own = root.get(key).or(root.get("parent").and_then(|parent| parent.get(key)));
            if let Some(own) = own.map(Node::text) {
                self.properties.insert(format!("project.{key}"), own.to_owned());
                self.properties.insert(key.to_owned(), own.to_owned());
            }
        }
        let managed = root.get("dependencyManagement").into_iter().flat_map(|one| one.inside("dependencies"));
        let plugins = root.get("build").and_then(|build| build.get("pluginManagement"));
        for entry in managed.chain(plugins.into_iter().flat_map(|one| one.inside("plugins"))) {
            let group = self.text(entry, "groupId");
            let group = if group.is_empty() { "org.apache.maven.plugins".to_owned() } else { group };
            let name = format!("{group}:{}", self.text(entry, "artifactId"));
            let version = self.text(entry, "version");
            self.versions.insert(name, version);
        }
    }

    /// The text of a field with its `${properties}` filled in; what the project itself lacks its parent has.
    fn text(&self, node: Node<'_, '_>, key: &str) -> String {
        let own = node.get(key).map(Node::text).filter(|text| !text.is_empty());
        let inherited = || (node.key() == "project").then(|| node.get("parent")?.get(key).map(Node::text)).flatten();
        let mut text = own.or_else(inherited).unwrap_or_default().to_owned();
        // Properties may stand for properties.
        for _ in 0..8 {
            let Some((before, rest)) = text.split_once("${") else { break };
            let Some((name, after)) = rest.split_once('}') else { break };
            let Some(value) = self.properties.get(name).filter(|value| value.len() < 1000) else { break };
            text = format!("{before}{value}{after}");
        }
        text
    }
}
