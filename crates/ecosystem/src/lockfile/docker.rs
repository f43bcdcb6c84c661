//! Dockerfiles: the images that they start from, and what their lines install.

use std::collections::HashSet;

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, commands::commands};

/// Dockerfiles, by whatever name.
#[derive(Debug, Clone, Copy)]
pub struct Dockerfile;

impl Lockfile for Dockerfile {
    fn name(&self) -> &'static str {
        "Dockerfile"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path).to_ascii_lowercase();
        let starts = ["dockerfile", "containerfile"];
        starts.iter().any(|start| name == *start || name.starts_with(&format!("{start}.")))
            || name.ends_with(".dockerfile")
            || name.ends_with(".containerfile")
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let project = Dependency::new(PackageType::DOCKER, base(files.path())).line(1);
        let Some(project) = reading.graph.root(project.source(Source::Path(files.path().into()))) else {
            return reading.finish();
        };
        let mut stages: HashSet<String> = HashSet::new();
        for (line, instruction, rest) in instructions(files.text()) {
            let mut add = |package: Dependency, requirement: &str, line: u32, scope: Scope| {
                if let Some(id) = reading.add(package.line(line)) {
                    reading.graph.connect(project, id, Why::new(scope).requirement(requirement));
                }
            };
            match &*instruction {
                "FROM" => {
                    let mut words = rest.split_ascii_whitespace().filter(|word| !word.starts_with("--"));
                    let name = words.next().unwrap_or_default();
                    // A stage of this file may be built upon.
                    if !stages.contains(&name.to_ascii_lowercase()) && name != "scratch" {
                        image(name).into_iter().for_each(|package| add(package, name, line, Scope::Normal));
                    }
                    stages.extend(words.nth(1).map(str::to_ascii_lowercase));
                }
                "COPY" | "ADD" => {
                    let from = rest.split_ascii_whitespace().find_map(|word| word.strip_prefix("--from="));
                    let from = from.filter(|name| !stages.contains(&name.to_ascii_lowercase()));
                    let from = from.filter(|name| name.parse::<u32>().is_err());
                    from.and_then(image)
                        .into_iter()
                        .for_each(|package| add(package, from.unwrap_or_default(), line, Scope::Normal));
                }
                "RUN" | "CMD" | "ENTRYPOINT" => {
                    // The form of a list: ["npm", "install", "x"].
                    let is_list = rest.trim_start().starts_with('[');
                    let text = if is_list { rest.replace(['[', ']', ','], " ").replace('"', " ") } else { rest };
                    for one in commands(&text).installed {
                        add(one.package, &one.requirement, line + one.line, Scope::Normal);
                    }
                }
                _ => {}
            }
        }
        reading.finish()
    }
}

/// Instructions with the line on which each starts. A backslash at the end goes on; a here-document is part of it.
fn instructions(text: &str) -> Vec<(u32, String, String)> {
    let mut out: Vec<(u32, String, String)> = Vec::new();
    let mut goes_on = false;
    let mut until: Option<String> = None;
    for (line, content) in (1..).zip(text.lines()) {
        if let (Some(mark), Some((.., rest))) = (&until, out.last_mut()) {
            rest.push('\n');
            if content.trim() == mark {
                until = None;
            } else {
                rest.push_str(content);
            }
            continue;
        }
        let trimmed = content.trim();
        if trimmed.starts_with('#') || (trimmed.is_empty() && !goes_on) {
            // A comment between continued lines ends nothing, but counts as a line.
            if let (true, Some((.., rest))) = (goes_on, out.last_mut()) {
                rest.push_str("\\\n");
            }
            continue;
        }
        match (goes_on, out.last_mut()) {
            (true, Some((.., rest))) => rest.push_str(content),
            _ => {
                let (word, rest) = trimmed.split_once(char::is_whitespace).unwrap_or((trimmed, ""));
                out.push((line, word.to_ascii_uppercase(), rest.to_owned()));
            }
        }
        goes_on = content.trim_end().ends_with('\\');
        if let (true, Some((.., rest))) = (goes_on, out.last_mut()) {
            rest.truncate(rest.trim_end().len());
            rest.push('\n');
        }
        let last = out.last().filter(|(_, word, _)| word == "RUN" && !goes_on);
        let mark = last.and_then(|(.., rest)| rest.split_once("<<"));
        until = mark.map(|(_, mark)| {
            let mark = mark.trim_start_matches('-').split_ascii_whitespace().next().unwrap_or_default();
            mark.trim_matches(['"', '\'']).to_owned()
        });
        until = until.filter(|mark| !mark.is_empty());
    }
    out
}

/// `registry/name:tag@sha256:digest`. Nothing, when the name is a variable.
pub(super) fn image(text: &str) -> Option<Dependency> {
    if text.is_empty() || text.contains('$') || text.contains("{{") {
        return None;
    }
    let (name, digest) = text.split_once('@').unwrap_or((text, ""));
    let tag = name.rfind(':').filter(|at| !name[*at..].contains('/'));
    let (name, tag) = tag.map_or((name, ""), |at| (&name[..at], &name[at + 1..]));
    let hash = super::checksums::named_hex(digest);
    let package = Dependency::new(PackageType::DOCKER, name).version(if digest.is_empty() { tag } else { digest });
    Some(package.source(Source::Registry(None)).checksums(hash.into_iter().collect()))
}
