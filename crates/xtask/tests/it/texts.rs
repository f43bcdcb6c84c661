//! Laws over texts: what users read, and what may stand nowhere.

use std::fs;

use wire::Exit;

use crate::{files, none, root, text};

#[test]
fn the_readme_names_every_exit_code() {
    let readme = text("README.md");
    let row = |exit: &Exit| format!("| {} | {} |", exit.code(), exit.meaning());
    let missing: Vec<String> = Exit::ALL.iter().map(row).filter(|row| !readme.contains(row)).collect();
    none(&missing, "exit codes that README.md does not explain as the program does");
}

#[test]
fn the_readme_starts_with_the_two_commands() {
    let readme = text("README.md");
    let start: String = readme.lines().take(16).collect();
    assert!(start.contains("./lazaret inspect") && start.contains("./test"), "{start}");
}

#[test]
fn the_papers_are_there() {
    let papers =
        ["ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE", "docs/report.schema.json"];
    let missing = papers.iter().filter(|paper| !root().join(paper).is_file()).map(|paper| (*paper).to_owned());
    none(&missing.collect::<Vec<_>>(), "papers that are missing");
}

#[test]
fn no_registry_host_is_written_anywhere() {
    let hosts = hosts();
    let mut offences = Vec::new();
    for path in files(&root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for (at, line) in text.lines().enumerate() {
            if let Some(host) = hosts.iter().find(|host| names(&line.to_ascii_lowercase(), host)) {
                offences.push(format!("{}:{}: {host}", path.display(), at + 1));
            }
        }
    }
    none(&offences, "hosts of public registries, which only the user's clients may name");
}

/// The hosts, put together here from parts, since they may not be written here either.
fn hosts() -> Vec<String> {
    let mut hosts = Vec::new();
    for stem in ["npmjs", "pypi", "pythonhosted", "rubygems", "yarnpkg"] {
        hosts.extend(["org", "com", "io", "net"].map(|end| [stem, end].join(".")));
    }
    hosts.extend(["index", "static"].map(|start| [start, "crates", "io"].join(".")));
    hosts
}

fn names(line: &str, host: &str) -> bool {
    line.match_indices(host).any(|(at, _)| {
        let outer = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
        let before = line[..at].chars().next_back().is_none_or(outer);
        let after = line[at + host.len()..].chars().next().is_none_or(outer);
        before && after
    })
}

#[test]
fn hosts_are_recognised() {
    let host = ["index", "crates", "io"].join(".");
    assert!(names(&format!("see https://{host}/x"), &host));
    assert!(!names(&format!("see my{host}"), &host));
}
