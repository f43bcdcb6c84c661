//! `go.mod`, with `go.sum` beside it.
//!
//! Format: <https://go.dev/ref/mod>.

use std::collections::{HashMap, HashSet};

use model::{Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Why};

use super::{Files, Lockfile, Reading, base, shown};

/// The manifest of Go's modules: since Go 1.17 it names all that is built, direct or not.
#[derive(Debug, Clone, Copy)]
pub struct GoMod;

impl Lockfile for GoMod {
    fn name(&self) -> &'static str {
        "go.mod"
    }

    fn matches(&self, path: &str) -> bool {
        base(path) == "go.mod"
    }

    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        vec![files.beside(files.path(), "go.sum")]
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let statements = statements(files.text(), &mut reading);
        let module = statements.iter().find(|one| one.verb == "module");
        let name = module.and_then(|one| one.words.first()).copied().unwrap_or_default();
        if module.is_none() {
            reading.problem("not-this-format", 0, "it names no module");
        }
        let project = Dependency::new(PackageType::GOLANG, name).source(Source::Path(".".into())).line(1);
        let Some(project) = reading.graph.root(project) else { return reading.finish() };
        let replaced: HashMap<(&str, &str), &[&str]> = statements.iter().filter_map(replacement).collect();
        let sums = files.get(&files.beside(files.path(), "go.sum")).map(sums);
        for one in &statements {
            let (scope, [path, version]) = match (&*one.verb, one.words[..].first_chunk::<2>()) {
                ("require", Some(words)) => (Scope::Normal, *words),
                // Tools are packages of modules that are required as well.
                _ => continue,
            };
            let other = replaced.get(&(path, version)).or_else(|| replaced.get(&(path, "")));
            let package = match other.map(|words| (words.first().copied(), words.get(1).copied())) {
                Some((Some(folder), None)) => {
                    Dependency::new(PackageType::GOLANG, path).version(version).source(Source::Path(folder.into()))
                }
                Some((Some(other), Some(version))) => module_of(other, version),
                _ => module_of(path, version),
            };
            let (path, version) = (package.name.clone(), package.version.clone());
            let is_local = matches!(package.source, Source::Path(_));
            let Some(id) = reading.add(package.line(one.line)) else { break };
            let why = Why::new(scope).requirement(one.words[1]);
            reading.graph.connect(project, id, if one.is_indirect { why.group("indirect") } else { why });
            let version = version.map(|one| one.0).unwrap_or_default();
            if sums.as_ref().is_some_and(|sums| !is_local && !sums.contains(&(path.as_str(), version.as_str()))) {
                let detail = format!("go.sum has no hash of {} {version}", shown(&path));
                reading.problem("missing-integrity", one.line, detail);
            }
        }
        reading.finish()
    }
}

fn module_of(path: &str, version: &str) -> Dependency {
    Dependency::new(PackageType::GOLANG, path).version(version).source(Source::Registry(None))
}

/// One line of the file, freed of its block.
struct Statement<'t> {
    verb: String,
    words: Vec<&'t str>,
    is_indirect: bool,
    line: u32,
}

fn statements<'t>(text: &'t str, reading: &mut Reading) -> Vec<Statement<'t>> {
    let mut out = Vec::new();
    let mut block: Option<String> = None;
    for (line, content) in (1..).zip(text.lines()) {
        let (code, comment) = content.split_once("//").unwrap_or((content, ""));
        let mut words: Vec<&str> = code.split_ascii_whitespace().map(|word| word.trim_matches(['"', '`'])).collect();
        match (block.take(), words.first().copied()) {
            (open, None) => block = open,
            (Some(_), Some(")")) => {}
            (open, Some(first)) => {
                let verb = open.clone().unwrap_or_else(|| first.to_owned());
                if open.is_none() {
                    words.remove(0);
                }
                if open.is_none() && words == ["("] {
                    block = Some(verb);
                    continue;
                }
                block = open;
                if verb == "require" && words.len() < 2 {
                    reading.problem("syntax-error", line, "a module without a version");
                }
                let is_indirect = comment.trim_start().starts_with("indirect");
                out.push(Statement { verb, words, is_indirect, line });
            }
        }
    }
    out
}

/// `replace old [v] => new [v]`: what is replaced, and by which words.
fn replacement<'a, 't>(one: &'a Statement<'t>) -> Option<((&'t str, &'t str), &'a [&'t str])> {
    let arrow = one.words.iter().position(|word| *word == "=>").filter(|_| one.verb == "replace")?;
    Some(((one.words.first()?, if arrow > 1 { one.words[1] } else { "" }), &one.words[arrow + 1..]))
}

/// The modules whose content has a hash. It is one over the list of their files, and compares with no archive's.
fn sums(text: &str) -> HashSet<(&str, &str)> {
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        Some((words.next()?, words.next()?))
    });
    lines.filter(|(_, version)| !version.ends_with("/go.mod")).collect()
}
