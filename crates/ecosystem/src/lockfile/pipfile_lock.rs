//! `Pipfile.lock`.
//!
//! Format: <https://pipenv.pypa.io/en/latest/pipfile.html>.

use model::{Address, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, checksums::named_hex, python::Requirement};
use crate::{
    document::{Document, Node},
    pypi::normalise,
};

/// The lockfile of pipenv. It has no edges: everything in it counts as asked for by the project.
#[derive(Debug, Clone, Copy)]
pub struct PipfileLock;

impl Lockfile for PipfileLock {
    fn name(&self) -> &'static str {
        "Pipfile.lock"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Pipfile.lock"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::json(files.text());
        reading.syntax(&document);
        let project = Dependency::new(PackageType::PYPI, base(files.path())).source(Source::Path(".".into()));
        let Some(project) = reading.graph.root(project.line(1)) else { return reading.finish() };
        for section in document.root().children().filter(|section| section.key() != "_meta") {
            let scope = if section.key() == "default" { Scope::Normal } else { Scope::Dev };
            for entry in section.children() {
                let name = normalise(entry.key());
                let specifier = entry.str("version").unwrap_or_default().to_owned();
                let requirement = Requirement { name: name.clone(), specifier, ..Requirement::default() };
                let hashes = entry.inside("hashes").filter_map(|hash| named_hex(hash.text())).collect();
                let package = requirement.package().source(source_of(entry)).checksums(hashes).line(entry.line());
                let Some(id) = reading.add(package) else { return reading.finish() };
                let why = Why::new(scope).group(section.key()).requirement(&requirement.specifier);
                reading.graph.connect(project, id, why);
            }
        }
        reading.finish()
    }
}

fn source_of(entry: Node<'_, '_>) -> Source {
    match (entry.str("git"), entry.str("path"), entry.str("file")) {
        (Some(address), ..) => Source::Git(Address::new(address), entry.str("ref").map(str::to_owned)),
        (_, Some(path), _) => Source::Path(path.to_owned()),
        (_, _, Some(file)) => super::python::source(file),
        _ => Source::Registry(None),
    }
}
