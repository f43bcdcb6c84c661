//! Manifests of projects without a lockfile: `package.json`, `Cargo.toml`, `Pipfile`, `composer.json`.
//!
//! They tell what is asked for, not what is installed: a version stands in the graph only where exactly one fits.

use model::{Address, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{
    Files, Lockfile, base, commands,
    flat::Flat,
    npm_source::{npm_source, split_name},
    python::Requirement,
};
use crate::{
    document::{Document, Kind, Node},
    pypi::normalise,
};

/// `package.json`.
#[derive(Debug, Clone, Copy)]
pub struct PackageJson;

/// `Cargo.toml`.
#[derive(Debug, Clone, Copy)]
pub struct CargoToml;

/// `Pipfile`.
#[derive(Debug, Clone, Copy)]
pub struct Pipfile;

/// `composer.json`.
#[derive(Debug, Clone, Copy)]
pub struct ComposerJson;

impl Lockfile for PackageJson {
    fn name(&self) -> &'static str {
        "package.json"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "package.json"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::NPM);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        let root = document.root();
        let sections = [
            ("dependencies", Scope::Normal),
            ("optionalDependencies", Scope::Optional),
            ("peerDependencies", Scope::Peer),
            ("devDependencies", Scope::Dev),
        ];
        for (section, scope) in sections {
            for asked in root.inside(section).filter(|asked| asked.scalar().is_some()) {
                if let Some(package) = of_npm(asked.key(), asked.text()) {
                    flat.add(package.line(asked.line()), Why::new(scope).requirement(asked.text()));
                }
            }
        }
        // Corepack gets the package manager itself under this name.
        if let Some(manager) = root.get("packageManager") {
            let (name, version) = split_name(manager.text()).unwrap_or((manager.text(), ""));
            let package =
                Dependency::new(PackageType::NPM, name).version(version.split('+').next().unwrap_or_default());
            let why = Why::new(Scope::Dev).group("packageManager").requirement(manager.text());
            flat.add(package.source(Source::Registry(None)).line(manager.line()), why);
        }
        flat.reading.finish()
    }
}

/// A range, an alias, an address, or a folder of the workspace, which is no dependency.
fn of_npm(name: &str, range: &str) -> Option<Dependency> {
    let (name, range) = match range.strip_prefix("npm:") {
        Some(alias) => split_name(alias).unwrap_or((alias, "")),
        None => (name, range),
    };
    if range.starts_with("workspace:") || range.starts_with("catalog:") {
        return None;
    }
    let package = Dependency::new(PackageType::NPM, name);
    // user/repository is GitHub's.
    let is_hosted = range.contains('/') && !range.contains(':') && !range.starts_with(['.', '/', '~']);
    Some(if is_hosted {
        package.source(npm_source(name, "", &format!("github:{range}")))
    } else if range.contains([':', '/']) {
        package.source(npm_source(name, "", range))
    } else {
        let version = range.trim().trim_start_matches(['=', 'v']);
        package.version(exact(version)).source(Source::Registry(None))
    })
}

impl Lockfile for CargoToml {
    fn name(&self) -> &'static str {
        "Cargo.toml"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Cargo.toml"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::CARGO);
        let document = Document::toml(files.text());
        flat.reading.syntax(&document);
        let root = document.root();
        let sections =
            [("dependencies", Scope::Normal), ("build-dependencies", Scope::Build), ("dev-dependencies", Scope::Dev)];
        let targets = root.inside("target").filter(|target| target.kind() == Kind::Map);
        for holder in [Some(root), root.get("workspace")].into_iter().flatten().chain(targets) {
            for (section, scope) in sections {
                for asked in holder.inside(section) {
                    of_cargo(&mut flat, asked, scope);
                }
            }
        }
        flat.reading.finish()
    }
}

fn of_cargo(flat: &mut Flat, asked: Node<'_, '_>, scope: Scope) {
    let is_inherited = asked.get("workspace").is_some_and(Node::is_true);
    let range = asked.scalar().or(asked.str("version")).unwrap_or_default();
    let source = match (asked.str("git"), asked.str("path")) {
        (Some(address), _) => Source::Git(Address::new(address), asked.str("rev").map(str::to_owned)),
        (_, Some(path)) => Source::Path(path.to_owned()),
        _ => Source::Registry(None),
    };
    // What is inherited stands under `workspace`; a folder beside the project is no foreign package.
    if is_inherited || matches!(source, Source::Path(_)) {
        return;
    }
    let version = range.trim().strip_prefix('=').map_or("", |version| exact(version.trim()));
    let package = Dependency::new(PackageType::CARGO, asked.str("package").unwrap_or(asked.key())).version(version);
    let is_optional = asked.get("optional").is_some_and(Node::is_true);
    let scope = if is_optional { Scope::Optional } else { scope };
    flat.add(package.source(source).line(asked.line()), Why::new(scope).requirement(range));
}

impl Lockfile for Pipfile {
    fn name(&self) -> &'static str {
        "Pipfile"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "Pipfile"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::PYPI);
        let document = Document::toml(files.text());
        flat.reading.syntax(&document);
        let is_setting = |key: &str| matches!(key, "source" | "requires" | "scripts" | "pipenv");
        for section in document.root().children().filter(|section| !is_setting(section.key())) {
            let scope = if section.key() == "packages" { Scope::Normal } else { Scope::Dev };
            for asked in section.children() {
                let requirement = Requirement {
                    name: normalise(asked.key()),
                    specifier: asked.scalar().or(asked.str("version")).unwrap_or_default().to_owned(),
                    address: ["git", "file", "path"].iter().find_map(|key| asked.str(key)).map(str::to_owned),
                    ..Requirement::default()
                };
                let package = match asked.str("git") {
                    Some(address) => {
                        let source = Source::Git(Address::new(address), asked.str("ref").map(str::to_owned));
                        requirement.package().source(source)
                    }
                    None => requirement.package(),
                };
                let why = Why::new(scope).group(section.key()).requirement(requirement.wanted());
                flat.add(package.line(asked.line()), why);
            }
        }
        flat.reading.finish()
    }
}

impl Lockfile for ComposerJson {
    fn name(&self) -> &'static str {
        "composer.json"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "composer.json"
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::COMPOSER);
        let document = Document::json(files.text());
        flat.reading.syntax(&document);
        for (section, scope) in [("require", Scope::Normal), ("require-dev", Scope::Dev)] {
            // PHP itself and its extensions have no slash in their names.
            for asked in document.root().inside(section).filter(|asked| asked.key().contains('/')) {
                let package = Dependency::new(PackageType::COMPOSER, asked.key().to_ascii_lowercase());
                let package = package.version(exact(asked.text())).source(Source::Registry(None));
                flat.add(package.line(asked.line()), Why::new(scope).requirement(asked.text()));
            }
        }
        flat.reading.finish()
    }
}

/// The text when it is one whole version of three parts, else nothing.
fn exact(version: &str) -> &str {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    if commands::is_exact(version) && core.matches('.').count() >= 2 { version } else { "" }
}
