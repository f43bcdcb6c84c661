//! Which room may lean on which. A new edge is a decision (`docs/decisions/`), and a line here and in ARCHITECTURE.md.

use toml::{Table, Value};

use crate::{crates, none, text};

/// Each room with the rooms that it may see.
const EDGES: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("artifact", &["model"]),
    ("ecosystem", &["model", "artifact"]),
    ("syntax", &["model"]),
    ("analysis", &["model", "artifact", "ecosystem", "syntax"]),
    ("wire", &["model"]),
    ("net", &["model"]),
    ("sandbox", &["model", "artifact"]),
    ("engine", &["model", "analysis", "sandbox"]),
    ("gate", &["model", "artifact", "ecosystem", "engine", "net", "wire", "sandbox"]),
    ("lazaret", &["model", "gate", "engine", "net", "wire", "sandbox"]),
    // Only other rooms' tests may see it, so it can lead no room to another.
    ("testkit", &["model"]),
];

/// Foreign crates that stay in few rooms.
const FOREIGN: &[(&str, &[&str])] = &[
    ("tokio", &["net", "engine", "gate", "lazaret", "sandbox"]),
    ("reqwest", &["net"]),
    ("rustls", &["net", "sandbox"]),
    ("cel", &["gate"]),
    ("nix", &["sandbox"]),
    ("oxc_", &["syntax"]),
    ("ruff_", &["syntax"]),
    ("tree-sitter", &["syntax"]),
    ("boreal", &["analysis"]),
    ("landlock", &["sandbox"]),
    ("seccompiler", &["sandbox"]),
    ("clap", &["lazaret"]),
];

/// The rooms that may see any other: they are no part of the product.
const TASKS: &str = "xtask";

fn dependencies(room: &str, section: &str) -> Vec<String> {
    let manifest: Table = text(&format!("crates/{room}/Cargo.toml")).parse().expect("TOML");
    let table = |table: &Table| -> Vec<String> {
        table.get(section).and_then(Value::as_table).into_iter().flat_map(|one| one.keys().cloned()).collect()
    };
    let mut found = table(&manifest);
    // Dependencies of one system only: [target.'cfg(...)'.dependencies].
    for target in manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values) {
        found.extend(target.as_table().map(table).unwrap_or_default());
    }
    found
}

#[test]
fn rooms_see_only_the_rooms_that_they_may() {
    let rooms = crates();
    let mut offences = Vec::new();
    for room in rooms.iter().filter(|room| *room != TASKS) {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| name == room) else {
            offences.push(format!("{room} is missing in the table"));
            continue;
        };
        for (section, also) in [("dependencies", ""), ("build-dependencies", ""), ("dev-dependencies", "testkit")] {
            for seen in dependencies(room, section).iter().filter(|one| rooms.contains(one)) {
                if !allowed.contains(&seen.as_str()) && seen != also {
                    offences.push(format!("{room} -> {seen} ({section})"));
                }
            }
        }
    }
    none(&offences, "edges that ARCHITECTURE.md does not allow");
}

#[test]
fn the_table_names_only_rooms_that_exist() {
    let rooms = crates();
    let unknown: Vec<String> = EDGES
        .iter()
        .flat_map(|(room, allowed)| allowed.iter().chain([room]))
        .filter(|room| !rooms.iter().any(|one| one == *room))
        .map(|room| (*room).to_owned())
        .collect();
    none(&unknown, "rooms that do not exist");
}

#[test]
fn foreign_crates_stay_in_their_rooms() {
    let mut offences = Vec::new();
    for room in crates().iter().filter(|room| *room != TASKS && *room != "testkit") {
        for seen in dependencies(room, "dependencies") {
            for (foreign, allowed) in FOREIGN {
                if seen.starts_with(foreign) && !allowed.contains(&room.as_str()) {
                    offences.push(format!("{room} -> {seen}"));
                }
            }
        }
    }
    none(&offences, "foreign crates outside of their rooms");
}

#[test]
fn the_architecture_page_shows_every_room() {
    let page = text("ARCHITECTURE.md");
    let missing: Vec<String> = crates()
        .into_iter()
        .filter(|room| !page.lines().any(|line| line.trim().starts_with(&format!("{room}/"))))
        .collect();
    none(&missing, "rooms that ARCHITECTURE.md does not show");
}
