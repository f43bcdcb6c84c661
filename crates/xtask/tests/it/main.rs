//! Tests over the whole house: what no single crate can hold by itself.

mod edges;
mod pipelines;
mod rules;
mod sources;
mod texts;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/xtask has a root above it").into()
}

/// The text of a file, by its path from the root.
fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file below a folder, sorted; nothing when there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.expect("a readable folder");
            let name = entry.file_name();
            // Build output and hidden folders are no part of the house, but for CI.
            if name == "target" || (name.to_string_lossy().starts_with('.') && name != ".ci" && name != ".cargo") {
                continue;
            }
            match entry.file_type().expect("a file type") {
                kind if kind.is_dir() => folders.push(entry.path()),
                kind if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The Rust files below a folder of the house, with their paths from the root.
fn rust(folder: &str) -> Vec<(String, String)> {
    let root = root();
    files(&root.join(folder))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below the root").display().to_string();
            (name, fs::read_to_string(&path).expect("UTF-8"))
        })
        .collect()
}

/// The code of a line: without its comment.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// The crates of the house.
fn crates() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .expect("crates/")
        .map(|entry| entry.expect("a readable folder").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Fails with every offence, one a line.
#[track_caller]
fn none(offences: &[String], law: &str) {
    assert!(offences.is_empty(), "{law}:\n  {}", offences.join("\n  "));
}
