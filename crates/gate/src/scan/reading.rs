//! One file of a project with all that belongs to it, read.

use std::collections::BTreeMap;

use ecosystem::lockfile::{Files, LOCKFILES, Lockfile, lockfile};
use model::{DependencyGraph, Problem};
use wire::scan::FileProblem;

use super::folder::{Folder, is_binary_lockfile};

/// What was read from one file and those that belong to it.
#[derive(Debug)]
pub(super) struct Reading {
    /// What stands before every path when it is shown.
    pub(super) prefix: String,
    pub(super) path: String,
    pub(super) format: &'static str,
    pub(super) graph: DependencyGraph,
    /// With the file that each is about.
    pub(super) problems: Vec<(String, FileProblem)>,
}

/// Includes of includes are followed so often.
const MAX_ROUNDS: usize = 40;
const MAX_INCLUDES: usize = 5_000;
const MAX_BYTES: usize = 512 << 20;

/// Reads a file of the folder in the format that its name tells.
pub(super) fn read_file(folder: &dyn Folder, path: &str) -> Option<Reading> {
    if is_binary_lockfile(path) {
        let message = "it is Bun's old binary lockfile, which only Bun itself can read; write a readable one with \
                       `bun install --save-text-lockfile --frozen-lockfile --lockfile-only` and commit that";
        return Some(Reading::failed(path, "bun.lockb", message.into()));
    }
    let format = lockfile(path)?;
    Some(read_as(folder, path, format))
}

/// Reads a file in this format.
pub(super) fn read_as(folder: &dyn Folder, path: &str, format: &'static dyn Lockfile) -> Reading {
    match folder.read(path) {
        Ok(Some(bytes)) => read_bytes(folder, path, format, bytes),
        Ok(None) => Reading::failed(path, format.name(), "it leads out of the project, or is no file".into()),
        Err(why) => Reading::failed(path, format.name(), why),
    }
}

/// The formats by their content, for files whose name tells none.
pub(super) fn format_of(bytes: &[u8]) -> Option<&'static dyn Lockfile> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 << 10)]);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let line = start.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    let name = match start.chars().next()? {
        '{' if text.contains("\"bomFormat\"") || text.contains("cyclonedx") => "CycloneDX",
        '{' if text.contains("spdxVersion") || text.contains("SPDXID") || text.contains("spdx.org") => "SPDX",
        '{' if text.contains("\"lockfileVersion\"") => "package-lock.json",
        '<' if text.contains("cyclonedx") => "CycloneDX",
        _ if start.starts_with("SPDXVersion:") => "SPDX",
        _ if line.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("pkg:")) => "purls",
        _ => return None,
    };
    format_named(name)
}

pub(super) fn format_named(name: &str) -> Option<&'static dyn Lockfile> {
    LOCKFILES.into_iter().find(|one| one.name() == name)
}

fn read_bytes(folder: &dyn Folder, path: &str, format: &'static dyn Lockfile, bytes: Vec<u8>) -> Reading {
    let mut loaded: BTreeMap<String, Option<Vec<u8>>> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut total = bytes.len();
    for _ in 0..MAX_ROUNDS {
        let wanted = format.wants(&files(path, &bytes, &loaded));
        let wanted: Vec<String> = wanted.iter().flat_map(|one| folder.expand(one)).collect();
        let new: Vec<String> = wanted.into_iter().filter(|one| one != path && !loaded.contains_key(one)).collect();
        if new.is_empty() {
            break;
        }
        for one in new {
            if loaded.len() >= MAX_INCLUDES || total > MAX_BYTES {
                failures.push((path.to_owned(), whole("it includes more than Lazaret reads".into(), true)));
                break;
            }
            let content = folder.read(&one).unwrap_or_else(|why| {
                failures.push((one.clone(), whole(why, true)));
                None
            });
            total += content.as_ref().map_or(0, Vec::len);
            loaded.insert(one, content);
        }
        if !failures.is_empty() && (loaded.len() >= MAX_INCLUDES || total > MAX_BYTES) {
            break;
        }
    }
    let parsed = format.read(&files(path, &bytes, &loaded));
    let mut problems: Vec<(String, FileProblem)> = parsed.problems.iter().map(located).collect();
    problems.extend(failures);
    Reading { prefix: String::new(), path: path.into(), format: format.name(), graph: parsed.value, problems }
}

fn files<'a>(path: &str, bytes: &'a [u8], loaded: &'a BTreeMap<String, Option<Vec<u8>>>) -> Files<'a> {
    let mut files = Files::new(path, bytes);
    for (path, content) in loaded {
        if let Some(content) = content {
            files.add(path, content);
        }
    }
    files
}

impl Reading {
    fn failed(path: &str, format: &'static str, why: String) -> Self {
        let problems = vec![(path.to_owned(), whole(why, true))];
        let (prefix, path, graph) = (String::new(), path.into(), DependencyGraph::default());
        Self { prefix, path, format, graph, problems }
    }
}

fn whole(message: String, hides: bool) -> FileProblem {
    FileProblem { line: 0, message, hides }
}

/// Problems that say something about the file, and leave no package out.
const HARMLESS: [&str; 6] =
    ["extra-index", "unknown-property", "duplicate-entry", "disagreeing-entry", "missing-integrity", "missing-package"];

/// Readers put the line before the sentence.
fn located(problem: &Problem) -> (String, FileProblem) {
    let rest = problem.detail.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    let (line, message) = match rest.and_then(|(line, rest)| Some((line.parse().ok()?, rest))) {
        Some((line, rest)) => (line, rest),
        None => (0, problem.detail.as_str()),
    };
    let is_guess = problem.code == "missing-file" && message.ends_with("guessed");
    let hides = !HARMLESS.contains(&problem.code.as_str()) && !is_guess;
    (problem.path.clone(), FileProblem { line, message: message.into(), hides })
}
