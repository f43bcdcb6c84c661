//! Every format's graph against the list of the tool that wrote the file.

use std::{collections::BTreeSet, fs, path::PathBuf};

use ecosystem::lockfile::{Files, lockfile};
use model::{Dependency, DependencyGraph, Parsed, Source};

mod broken;
mod hand;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/lockfiles")
}

/// Reads a file of a fixture, with every file that its reader wants.
fn read(path: &str) -> Parsed<DependencyGraph> {
    let main = fs::read(fixtures().join(path)).expect("a fixture");
    let format = lockfile(path).expect("a format");
    let mut files = Files::new(path, &main);
    let mut asked = BTreeSet::new();
    loop {
        let new: Vec<String> = format.wants(&files).into_iter().filter(|one| asked.insert(one.clone())).collect();
        if new.is_empty() {
            return format.read(&files);
        }
        for wanted in new {
            for path in expand(&wanted) {
                if let Ok(bytes) = fs::read(fixtures().join(&path)) {
                    files.add(&path, bytes.leak());
                }
            }
        }
    }
}

/// A `*` stands for every folder of that place.
fn expand(path: &str) -> Vec<String> {
    let Some((before, after)) = path.split_once("/*") else { return vec![path.to_owned()] };
    let folders = fs::read_dir(fixtures().join(before)).into_iter().flatten().flatten();
    folders.map(|entry| format!("{before}/{}{after}", entry.file_name().to_string_lossy())).collect()
}

/// Reads texts by the names under which they lie; the first is the one that was found.
fn read_texts(texts: &[(&str, &str)]) -> Parsed<DependencyGraph> {
    let (path, main) = texts[0];
    let mut files = Files::new(path, main.as_bytes());
    texts.iter().for_each(|(path, text)| files.add(path, text.as_bytes()));
    lockfile(path).expect("a format").read(&files)
}

fn label(package: &Dependency) -> String {
    match &package.version {
        Some(version) => format!("{}@{version}", package.name),
        None => package.name.clone(),
    }
}

fn lines(graph: &DependencyGraph) -> BTreeSet<String> {
    let line = |edge: &model::Edge| format!("{} -> {}", label(graph.package(edge.from)), label(graph.package(edge.to)));
    let lines = graph.edges().iter().map(line);
    // yarn keeps a patched copy beside its original, and does not list that the one is made from the other.
    lines.filter(|line| line.split_once(" -> ").is_none_or(|(from, to)| from != to)).collect()
}

/// The folders of fixtures and the file in each that is read.
const CASES: &[(&str, &str)] = &[
    ("npm-v1", "package-lock.json"),
    ("npm-v2", "package-lock.json"),
    ("npm-v3", "package-lock.json"),
    ("npm-installed", "node_modules/.package-lock.json"),
    ("pnpm-7", "pnpm-lock.yaml"),
    ("pnpm-8", "pnpm-lock.yaml"),
    ("pnpm-9", "pnpm-lock.yaml"),
    ("pnpm-10", "pnpm-lock.yaml"),
    ("yarn1", "yarn.lock"),
    ("berry", "yarn.lock"),
    ("bun", "bun.lock"),
    ("cargo-v2", "Cargo.lock"),
    ("cargo-v3", "Cargo.lock"),
    ("cargo-v4", "Cargo.lock"),
    ("uv", "uv.lock"),
    ("requirements-hashes", "requirements.txt"),
    ("poetry-2", "poetry.lock"),
    ("poetry-1.8.5", "poetry.lock"),
    ("poetry-1.1.15", "poetry.lock"),
    ("pdm", "pdm.lock"),
    ("pipenv", "Pipfile.lock"),
    ("pylock", "pylock.toml"),
    ("deno", "deno.lock"),
    ("deno-2.0", "deno.lock"),
    ("yarn3", "yarn.lock"),
    ("bun-1.2", "bun.lock"),
    ("uv-0.5", "uv.lock"),
    ("requirements-compiled", "requirements.txt"),
    ("requirements-piptools", "requirements.txt"),
    ("cyclonedx-npm", "bom.json"),
    ("cyclonedx-uv", "bom.cdx.json"),
    ("spdx-npm", "bom.spdx.json"),
];

#[test]
fn graphs_equal_what_the_tools_list() {
    let mut wrong = Vec::new();
    for (folder, file) in CASES {
        let parsed = read(&format!("{folder}/{file}"));
        let expected = fs::read_to_string(fixtures().join(folder).join("expected.txt")).expect("a list");
        let expected: BTreeSet<String> =
            expected.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
        let found = lines(&parsed.value);
        assert!(!expected.is_empty(), "{folder}");
        wrong.extend(parsed.problems.iter().map(|problem| format!("{folder}: {}: {}", problem.code, problem.detail)));
        wrong.extend(expected.difference(&found).map(|line| format!("{folder}: missing {line}")));
        wrong.extend(found.difference(&expected).map(|line| format!("{folder}: too much {line}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files whose tool writes no hash of what the registry holds.
const WITHOUT_HASHES: &[&str] = &["berry", "yarn3", "requirements-compiled"];

#[test]
fn every_dependency_can_be_reached() {
    for (folder, file) in CASES {
        let graph = read(&format!("{folder}/{file}")).value;
        let paths = graph.paths();
        for (id, package) in graph.dependencies() {
            let way = paths.to(id);
            assert!(way.len() > 1 && way.last() == Some(&id), "{folder}: no way leads to {}", package.name);
            assert!(package.place.line > 0, "{folder}: {} stands nowhere", package.name);
            let is_odd = matches!(package.source, Source::Url(_) | Source::Unknown | Source::Git(..));
            assert!(!is_odd, "{folder}: {} comes from {:?}", package.name, package.source);
            // `tool` is the member of a workspace, which bills of materials list like any other.
            let is_own = package.name == "tool" || matches!(package.source, Source::Path(_));
            let is_hashed = !package.checksums.is_empty() || is_own;
            assert!(is_hashed || WITHOUT_HASHES.contains(folder), "{folder}: {} has no hash", package.name);
        }
    }
}

#[test]
fn flags_that_edges_tell_equal_those_that_npm_writes() {
    let path = "npm-v3/package-lock.json";
    let graph = read(path).value;
    let text = fs::read_to_string(fixtures().join(path)).expect("a fixture");
    let raw: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut seen = [0; 3];
    for (_, package) in graph.dependencies() {
        let version = package.version.as_ref().map(|version| version.as_str());
        let place = format!("node_modules/{}", package.name.replace("left-pad", "left"));
        let entry = &raw["packages"][&place];
        if entry["version"].as_str() != version {
            continue;
        }
        let is = |key: &str| entry[key].as_bool().unwrap_or(false);
        let (dev, optional, peer) = (package.flags.dev, package.flags.optional, package.flags.peer);
        assert_eq!((dev, peer), (is("dev"), is("peer")), "{}", package.name);
        assert_eq!(optional, is("optional") || is("devOptional"), "{}", package.name);
        seen[0] += u32::from(dev);
        seen[1] += u32::from(optional);
        seen[2] += u32::from(peer);
    }
    assert!(seen.iter().all(|count| *count > 0), "{seen:?}");
}
