//! Python scripts that name their own dependencies in a comment (PEP 723), and `pyproject.toml`.

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{
    Files, Lockfile, Reading, base,
    python::{Asked, Requirement, asked},
    shown,
};
use crate::{
    document::{Document, Node},
    pypi::normalise,
};

/// Python scripts. Most have no such comment: then there is nothing in the graph but the script.
#[derive(Debug, Clone, Copy)]
pub struct Script;

/// The manifest of Python projects. Its ranges name no versions; a lockfile beside it tells more.
#[derive(Debug, Clone, Copy)]
pub struct Pyproject;

impl Lockfile for Script {
    fn name(&self) -> &'static str {
        "PEP 723"
    }

    fn matches(&self, path: &str) -> bool {
        path.ends_with(".py") && base(path) != "setup.py"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let project = Dependency::new(PackageType::PYPI, base(files.path())).source(Source::Path(files.path().into()));
        let Some(project) = reading.graph.root(project.line(1)) else { return reading.finish() };
        let Some((first, block)) = block(files.text()) else { return reading.finish() };
        let document = Document::toml(&block);
        for (line, detail) in &document.errors {
            reading.problem("syntax-error", first + line, detail);
        }
        for entry in document.root().inside("dependencies") {
            let line = first + entry.line();
            match Requirement::parse(entry.text()) {
                Some(requirement) => {
                    let Some(id) = reading.add(requirement.package().line(line)) else { break };
                    reading.graph.connect(project, id, Why::new(Scope::Normal).requirement(requirement.wanted()));
                }
                None => reading.problem("malformed-requirement", line, shown(entry.text())),
            }
        }
        reading.finish()
    }
}

/// The text of the block `# /// script`, and the line on which it starts.
fn block(text: &str) -> Option<(u32, String)> {
    let mut lines = (1..).zip(text.lines()).skip_while(|(_, line)| line.trim_end() != "# /// script");
    let (first, _) = lines.next()?;
    let comment = |line: &str| line.strip_prefix("# ").or((line.trim_end() == "#").then_some("")).map(str::to_owned);
    let inside: Vec<String> = lines.map_while(|(_, line)| comment(line)).collect();
    // The block ends with the last such line before other code.
    let end = inside.iter().rposition(|line| line.trim_end() == "///")?;
    Some((first, inside[..end].join("\n")))
}

impl Lockfile for Pyproject {
    fn name(&self) -> &'static str {
        "pyproject.toml"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "pyproject.toml"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::toml(files.text());
        reading.syntax(&document);
        let root = document.root();
        let standard = root.get("project");
        let poetry = root.get("tool").and_then(|tool| tool.get("poetry"));
        let said = |key: &str| standard.and_then(|one| one.str(key)).or(poetry.and_then(|one| one.str(key)));
        let project = Dependency::new(PackageType::PYPI, normalise(said("name").unwrap_or_default()));
        let project = project.version(said("version").unwrap_or_default()).source(Source::Path(".".into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        let mut all = asked(root, &mut reading);
        // What builds the project runs on the machine that builds it.
        let build = root.get("build-system").into_iter().flat_map(|build| build.inside("requires"));
        all.extend(build.filter_map(|entry: Node<'_, '_>| {
            let requirement = Requirement::parse(entry.text())?;
            Some(Asked { requirement, scope: Scope::Build, group: None, line: entry.line() })
        }));
        for one in all {
            let Some(id) = reading.add(one.requirement.package().line(one.line)) else { break };
            reading.graph.connect(project, id, one.why());
        }
        reading.finish()
    }
}
