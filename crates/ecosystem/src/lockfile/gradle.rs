//! `gradle.lockfile`, and `verification-metadata.xml`.
//!
//! Formats: <https://docs.gradle.org/current/userguide/dependency_locking.html>.

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::of_word, shown};
use crate::document::Document;

/// The lockfiles of Gradle. They have no edges: everything in them counts as asked for by the project.
#[derive(Debug, Clone, Copy)]
pub struct GradleLock;

/// The hashes that Gradle holds every artifact to.
#[derive(Debug, Clone, Copy)]
pub struct GradleVerification;

impl Lockfile for GradleLock {
    fn name(&self) -> &'static str {
        "gradle.lockfile"
    }

    fn matches(&self, path: &str) -> bool {
        // Up to Gradle 6, each configuration had a file of its own in gradle/dependency-locks.
        let is_old = path.contains("dependency-locks/") && path.ends_with(".lockfile");
        matches!(base(path), "gradle.lockfile" | "buildscript-gradle.lockfile") || is_old
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let project = Dependency::new(PackageType::MAVEN, base(files.path())).source(Source::Path(".".into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        let is_script = base(files.path()).starts_with("buildscript");
        for (line, content) in (1..).zip(files.text().lines()) {
            let content = content.trim();
            if content.is_empty() || content.starts_with('#') || content.starts_with("empty=") {
                continue;
            }
            let (coordinates, configurations) = content.split_once('=').unwrap_or((content, ""));
            let parts: Vec<&str> = coordinates.split(':').collect();
            let [group, artifact, version] = parts[..] else {
                reading.problem("syntax-error", line, format!("{} is no package", shown(coordinates)));
                continue;
            };
            let package = Dependency::new(PackageType::MAVEN, format!("{group}:{artifact}")).version(version);
            let Some(id) = reading.add(package.source(Source::Registry(None)).line(line)) else { break };
            let is_test = !configurations.is_empty() && configurations.split(',').all(|one| one.starts_with("test"));
            let scope = if is_script {
                Scope::Build
            } else if is_test {
                Scope::Dev
            } else {
                Scope::Normal
            };
            reading.graph.connect(
                project,
                id,
                Why::new(scope).group(configurations.split(',').next().unwrap_or_default()),
            );
        }
        reading.finish()
    }
}

impl Lockfile for GradleVerification {
    fn name(&self) -> &'static str {
        "verification-metadata.xml"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "verification-metadata.xml"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::xml(files.text());
        reading.syntax(&document);
        let project = Dependency::new(PackageType::MAVEN, base(files.path())).source(Source::Path(".".into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        for component in document.root().children().flat_map(|root| root.inside("components")) {
            let text = |key: &str| component.str(key).unwrap_or_default();
            let name = format!("{}:{}", text("@group"), text("@name"));
            let artifacts = component.named("artifact").flat_map(|artifact| artifact.children());
            let hashes = artifacts.filter_map(|hash| of_word(hash.key(), hash.str("@value")?)).collect();
            let package = Dependency::new(PackageType::MAVEN, name).version(text("@version")).checksums(hashes);
            let Some(id) = reading.add(package.source(Source::Registry(None)).line(component.line())) else { break };
            reading.graph.connect(project, id, Why::new(Scope::Normal));
        }
        reading.finish()
    }
}
