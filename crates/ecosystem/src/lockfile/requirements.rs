//! pip's requirements files, with their includes, constraints and hashes.
//!
//! Format: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{Address, Checksum, Dependency, DependencyGraph, PackageType, Parsed, Scope, Source, Version, Why};

use super::{
    Files, Lockfile, Reading, base,
    checksums::named_hex,
    python::{Requirement, source},
    shown,
};
use crate::pypi::normalise;

/// pip's requirements files.
#[derive(Debug, Clone, Copy)]
pub struct Requirements;

impl Lockfile for Requirements {
    fn name(&self) -> &'static str {
        "requirements.txt"
    }

    fn matches(&self, path: &str) -> bool {
        let name = base(path).to_ascii_lowercase();
        let is_text = name.ends_with(".txt") || name.ends_with(".in") || name.ends_with(".pip");
        let folder = path.rsplit('/').nth(1).unwrap_or_default();
        is_text && (name.contains("requirements") || folder == "requirements" || name.starts_with("constraints"))
    }

    fn wants(&self, files: &Files<'_>) -> Vec<String> {
        walk(files).into_iter().map(|(path, _)| path).collect()
    }

    fn read(&self, files: &Files<'_>) -> Parsed<DependencyGraph> {
        let mut reading = Reading::new(files.path());
        let project = Dependency::new(PackageType::PYPI, base(files.path())).source(Source::Path(files.path().into()));
        let Some(root) = reading.graph.root(project.line(1)) else { return reading.finish() };
        let mut constraints: BTreeMap<String, Requirement> = BTreeMap::new();
        let mut found = Vec::new();
        for (path, is_constraint) in walk(files) {
            reading.file(&path);
            let Some(text) = files.get(&path) else {
                reading.problem("missing-file", 0, "a requirements file includes it, but it is not at hand");
                continue;
            };
            for line in lines(text) {
                match read_line(&line, &mut reading) {
                    Some((requirement, _)) if is_constraint => {
                        _ = constraints.insert(requirement.name.clone(), requirement)
                    }
                    Some((requirement, checksums)) => {
                        let package = described(&requirement).checksums(checksums).line(line.number);
                        found.extend(reading.add(package).map(|id| (id, requirement)));
                    }
                    None => {}
                }
            }
        }
        for (id, requirement) in found {
            let constraint = constraints.get(&requirement.name).and_then(Requirement::exact);
            let package = reading.graph.package_mut(id);
            if let (None, Some(version)) = (&package.version, constraint) {
                package.version = Some(Version(version.to_owned()));
            }
            reading.graph.connect(root, id, Why::new(Scope::Normal).requirement(requirement.wanted()));
        }
        reading.finish()
    }
}

/// A file and whether it only constrains. Each is read once, as what it is first included as.
fn walk(files: &Files<'_>) -> Vec<(String, bool)> {
    let mut seen = BTreeSet::from([files.path().to_owned()]);
    let mut next = VecDeque::from([(files.path().to_owned(), false)]);
    let mut out = Vec::new();
    while let Some((path, is_constraint)) = next.pop_front() {
        for line in files.get(&path).map(lines).unwrap_or_default() {
            let Some((is_include, name)) = include(&line.text) else { continue };
            if name.contains("://") {
                continue;
            }
            let included = files.beside(&path, name);
            if seen.len() < 200 && seen.insert(included.clone()) {
                next.push_back((included, is_constraint || !is_include));
            }
        }
        out.push((path, is_constraint));
    }
    out
}

/// A logical line, and where it starts.
struct Line {
    text: String,
    number: u32,
}

/// Joins continued lines and drops comments.
fn lines(text: &str) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut open: Option<Line> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let is_comment = line.trim_start().starts_with('#');
        let (part, goes_on) = match line.strip_suffix('\\') {
            Some(part) if !is_comment => (part, true),
            _ => (line, false),
        };
        let current = open.get_or_insert(Line { text: String::new(), number });
        if !is_comment {
            current.text.push_str(part);
        }
        if !goes_on {
            out.extend(open.take());
        }
    }
    out.extend(open);
    for line in &mut out {
        let mut signs = line.text.match_indices('#').map(|(at, _)| at);
        let comment = signs.find(|at| *at == 0 || line.text[..*at].ends_with([' ', '\t']));
        line.text.truncate(comment.unwrap_or(line.text.len()));
    }
    out.retain(|line| !line.text.trim().is_empty());
    out
}

/// `-r file`, `--requirement=file`, `-c file`: whether it includes (or only constrains), and which file.
fn include(line: &str) -> Option<(bool, &str)> {
    let line = line.trim();
    let options = [("--requirement", true), ("--constraint", false), ("-r", true), ("-c", false)];
    let (rest, is_include) = options.into_iter().find_map(|(option, is)| Some((line.strip_prefix(option)?, is)))?;
    let name = rest.trim_start_matches([' ', '\t', '=']).trim().trim_matches(['"', '\'']);
    (!name.is_empty()).then_some((is_include, name))
}

fn read_line(line: &Line, reading: &mut Reading) -> Option<(Requirement, Vec<Checksum>)> {
    let text = line.text.trim();
    if let Some((_, name)) = include(text) {
        if name.contains("://") {
            reading.problem(
                "remote-include",
                line.number,
                format!("{} is included from the net and was not read", shown(name)),
            );
        }
        return None;
    }
    let editable = text.strip_prefix("--editable").or_else(|| text.strip_prefix("-e"));
    if text.starts_with('-') && editable.is_none() {
        // Options for the whole file: formats, features, and where packages come from.
        if let Some(place) =
            ["--extra-index-url", "--find-links", "-f "].iter().find_map(|option| text.strip_prefix(option))
        {
            let place = Address::new(place.trim_start_matches([' ', '=']).trim());
            let detail = format!("every package may come from {} as well", shown(place.as_str()));
            reading.problem("extra-index", line.number, detail);
        }
        return None;
    }
    let text = editable.map_or(text, |rest| rest.trim_start_matches([' ', '\t', '=']));
    let (text, options) = text.split_once(" --").map_or((text, ""), |(text, options)| (text, options));
    let hashes = options
        .split_ascii_whitespace()
        .filter_map(|word| named_hex(word.trim_start_matches("--").trim_start_matches("hash").trim_start_matches('=')));
    let hashes: Vec<Checksum> = hashes.collect();
    let text = text.trim();
    let is_place =
        text.contains("://") || text.starts_with(['.', '/', '~']) || text.ends_with(".whl") || text.contains('/');
    let parsed = Requirement::parse(text).filter(|one| one.address.is_some() || !is_place);
    match parsed {
        Some(requirement) => Some((requirement, hashes)),
        None if is_place => bare(text).map(|requirement| (requirement, hashes)),
        None => {
            reading.problem("malformed-requirement", line.number, format!("{} is no requirement", shown(text)));
            None
        }
    }
}

/// A requirement that is an address or a path only.
pub(super) fn bare(text: &str) -> Option<Requirement> {
    if !text.contains(['/', '.', ':']) {
        return None;
    }
    let (text, marker) = text.split_once(" ;").unwrap_or((text, ""));
    let egg = text.split_once("#egg=").or_else(|| text.split_once("&egg="));
    let egg = egg.map(|(_, egg)| egg.split(['&', '[']).next().unwrap_or_default());
    let file = base(text.split(['#', '?']).next().unwrap_or_default());
    // Wheels and source archives start with their name.
    let is_archive = file.ends_with(".whl") || file.ends_with(".tar.gz") || file.ends_with(".zip");
    let name = egg.or_else(|| file.split('-').next().filter(|_| is_archive)).unwrap_or(file);
    Some(Requirement {
        name: normalise(name),
        address: Some(text.trim().to_owned()),
        marker: marker.trim().to_owned(),
        ..Requirement::default()
    })
}

fn described(requirement: &Requirement) -> Dependency {
    let package = requirement.package();
    match &requirement.address {
        Some(address) => package.source(source(address)),
        None => package,
    }
}
