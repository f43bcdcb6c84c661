//! Pipelines and hooks beside those of GitHub: `.gitlab-ci.yml` and `.pre-commit-config.yaml`.

use model::{Address, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, base, commands::commands, docker::image, flat::Flat, python::Requirement};
use crate::document::{Document, Kind, Node};

/// Pipelines of GitLab: the images they run in, what they include, what their lines install.
#[derive(Debug, Clone, Copy)]
pub struct GitlabCi;

/// The hooks of pre-commit: repositories whose code runs at every commit.
#[derive(Debug, Clone, Copy)]
pub struct PreCommit;

impl Lockfile for GitlabCi {
    fn name(&self) -> &'static str {
        "GitLab CI"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path);
        name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::DOCKER);
        let document = Document::yaml(files.text());
        flat.reading.syntax(&document);
        for root in document.root().children() {
            let include = root.get("include");
            let one = include.filter(|one| one.kind() != Kind::List);
            let includes = include.filter(|one| one.kind() == Kind::List).into_iter().flat_map(Node::children);
            includes.chain(one).for_each(|one| included(&mut flat, one));
            // Every map at the top may be a job; keywords at the top hold for all.
            for job in [root].into_iter().chain(root.children().filter(|one| one.kind() == Kind::Map)) {
                images(&mut flat, job);
                for script in ["script", "before_script", "after_script"].iter().filter_map(|key| job.get(key)) {
                    let single = Some(script).filter(|one| one.scalar().is_some());
                    for line in script.children().chain(single).filter(|line| line.scalar().is_some()) {
                        for found in commands(line.text()).installed {
                            let why = Why::new(Scope::Build).group(job.key()).requirement(&found.requirement);
                            flat.add(found.package.line(line.line() + found.line), why);
                        }
                    }
                }
            }
        }
        flat.reading.finish()
    }
}

fn images(flat: &mut Flat, job: Node<'_, '_>) {
    let services = job.inside("services");
    for one in job.get("image").into_iter().chain(services) {
        let name = one.get("name").unwrap_or(one);
        if let Some(package) = name.scalar().and_then(image) {
            flat.add(package.line(name.line()), Why::new(Scope::Build).group(job.key()).requirement(name.text()));
        }
    }
}

/// `project`, `component` and `remote` bring other people's jobs; `local` and `template` do not.
fn included(flat: &mut Flat, one: Node<'_, '_>) {
    let why = Why::new(Scope::Build).group("include");
    let package = if let Some(project) = one.str("project") {
        let source = Source::Git(Address::new(project), None);
        Dependency::new(PackageType::new("gitlab"), project).version(one.str("ref").unwrap_or_default()).source(source)
    } else if let Some(component) = one.str("component") {
        let (path, version) = component.split_once('@').unwrap_or((component, ""));
        let source = Source::Git(Address::new(path), None);
        Dependency::new(PackageType::new("gitlab"), path).version(version).source(source)
    } else if let Some(address) = one.str("remote").or(one.scalar()).filter(|text| text.contains("://")) {
        let address = Address::new(address);
        Dependency::new(PackageType::GENERIC, address.as_str().to_owned()).source(Source::Url(address))
    } else {
        return;
    };
    flat.add(package.line(one.line()), why);
}

impl Lockfile for PreCommit {
    fn name(&self) -> &'static str {
        "pre-commit"
    }

    fn matches(&self, path: &str) -> bool {
        matches!(base(path), ".pre-commit-config.yaml" | ".pre-commit-config.yml")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut flat = Flat::new(files.path(), PackageType::GENERIC);
        let document = Document::yaml(files.text());
        flat.reading.syntax(&document);
        for repository in document.root().children().flat_map(|root| root.inside("repos")) {
            let address = repository.str("repo").unwrap_or_default();
            if address.contains("://") || address.contains('@') {
                let revision = repository.str("rev").unwrap_or_default();
                let is_commit = revision.len() >= 40 && revision.chars().all(|c| c.is_ascii_hexdigit());
                let name = address.trim_end_matches(".git").rsplit("://").next().unwrap_or(address);
                let source = Source::Git(Address::new(address), is_commit.then(|| revision.to_owned()));
                let package = Dependency::new(PackageType::GENERIC, name).version(revision).source(source);
                flat.add(package.line(repository.line()), Why::new(Scope::Dev));
            }
            for hook in repository.inside("hooks") {
                let is_node = hook.str("language") == Some("node");
                for asked in hook.inside("additional_dependencies") {
                    let package = match is_node {
                        true => super::commands::command("npm", &["add", asked.text()]).pop().map(|one| one.package),
                        false => Requirement::parse(asked.text()).map(|one| one.package()),
                    };
                    let why = Why::new(Scope::Dev).group(hook.str("id").unwrap_or_default()).requirement(asked.text());
                    package.into_iter().for_each(|package| _ = flat.add(package.line(asked.line()), why));
                }
            }
        }
        flat.reading.finish()
    }
}
