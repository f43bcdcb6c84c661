//! Pipelines: workflows and composite actions of GitHub, and their like of Forgejo and Gitea.
//!
//! Format: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>.

use model::{Address, Dependency, DependencyGraph, NodeId, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, commands::commands, docker::image, shown};
use crate::document::{Document, Node};

/// Workflows and actions.
#[derive(Debug, Clone, Copy)]
pub struct Workflow;

impl Lockfile for Workflow {
    fn name(&self) -> &'static str {
        "GitHub Actions"
    }

    fn matches(&self, path: &str) -> bool {
        let is_yaml = path.ends_with(".yml") || path.ends_with(".yaml");
        let hosts = [".github/workflows/", ".github/actions/", ".forgejo/workflows/", ".gitea/workflows/"];
        let is_inside = hosts.iter().any(|folder| path.starts_with(folder) || path.contains(&format!("/{folder}")));
        is_yaml && (is_inside || matches!(base(path), "action.yml" | "action.yaml"))
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let document = Document::yaml(files.text());
        reading.syntax(&document);
        let project = Dependency::new(PackageType::GITHUB_ACTIONS, base(files.path()));
        let project = project.source(Source::Path(files.path().into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        let mut pipeline = Pipeline { reading, project };
        for root in document.root().children() {
            for job in root.inside("jobs") {
                pipeline.job(job);
            }
            // A composite action.
            if let Some(runs) = root.get("runs") {
                runs.inside("steps").for_each(|step| pipeline.step(step, "action"));
                if let Some(image) = runs.str("image") {
                    pipeline.uses(image, runs.line(), "action");
                }
            }
        }
        pipeline.reading.finish()
    }
}

struct Pipeline {
    reading: Reading,
    project: NodeId,
}

impl Pipeline {
    fn job(&mut self, job: Node<'_, '_>) {
        let name = job.key();
        if let Some(uses) = job.get("uses") {
            self.uses(uses.text(), uses.line(), name);
        }
        let services = job.inside("services").filter_map(|service| service.get("image").or(Some(service)));
        let container = job.get("container").map(|one| one.get("image").unwrap_or(one));
        for one in services.chain(container).filter(|one| one.scalar().is_some()) {
            let package = image(one.text());
            self.add(package, one.text(), one.line(), name);
        }
        job.inside("steps").for_each(|step| self.step(step, name));
    }

    fn step(&mut self, step: Node<'_, '_>, job: &str) {
        if let Some(uses) = step.get("uses") {
            self.uses(uses.text(), uses.line(), job);
        }
        if let Some(run) = step.get("run") {
            for one in commands(run.text()).installed {
                self.add(Some(one.package), &one.requirement, run.line() + one.line, job);
            }
        }
    }

    /// `owner/repository[/path]@ref`, `docker://image`, or a folder of this repository.
    fn uses(&mut self, text: &str, line: u32, job: &str) {
        if text.starts_with("./") || text.starts_with("../") || matches!(text, "Dockerfile" | "") {
            return;
        }
        if let Some(name) = text.strip_prefix("docker://") {
            self.add(image(name), text, line, job);
            return;
        }
        let (path, reference) = text.split_once('@').unwrap_or((text, ""));
        let mut parts = path.trim_start_matches("https://").split('/');
        // A whole address names another host first.
        let host = if text.contains("://") { parts.next() } else { None };
        let (Some(owner), Some(repository)) = (parts.next(), parts.next()) else {
            self.reading.problem("malformed-entry", line, format!("{} names no action", shown(text)));
            return;
        };
        // Names are the same in any case; a path inside leads to the same repository.
        let name = format!("{owner}/{repository}").to_ascii_lowercase();
        let is_commit = reference.len() >= 40 && reference.chars().all(|c| c.is_ascii_hexdigit());
        let address = host.map_or_else(|| name.clone(), |host| format!("https://{host}/{name}"));
        let source = Source::Git(Address::new(&address), is_commit.then(|| reference.to_owned()));
        let package = Dependency::new(PackageType::GITHUB_ACTIONS, name).version(reference).source(source);
        self.add(Some(package), text, line, job);
    }

    fn add(&mut self, package: Option<Dependency>, requirement: &str, line: u32, job: &str) {
        let Some(id) = package.and_then(|package| self.reading.add(package.line(line))) else { return };
        // Pipelines build the project: what they bring runs beside its secrets.
        self.reading.graph.connect(self.project, id, Why::new(Scope::Build).group(job).requirement(requirement));
    }
}
