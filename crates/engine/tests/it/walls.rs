//! From inside a worker, nothing can be reached.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Output},
};

use engine::{Analysis, Death, State, Wall};

use crate::{ask, assert_works, engine, options, outcome, program, shows_death};

#[tokio::test]
async fn every_wall_stands_and_is_reported() {
    let engine = engine(options());
    assert_works(&engine).await;
    let walls = engine.walls();
    assert_eq!(walls.len(), 8, "{walls:?}");
    for wall in walls {
        assert_eq!(wall.state, State::Standing, "{}", wall.name);
    }
}

#[tokio::test]
async fn before_a_worker_lives_the_walls_are_tried() {
    let walls = engine(options()).walls().to_vec();
    assert!(walls.iter().all(|wall| wall.state == State::Standing), "{walls:?}");
    // The trial has left this process as it was.
    fs::File::open("/proc/self/status").expect("files can be opened");
    std::net::TcpListener::bind("127.0.0.1:0").expect("ports can be bound");
}

#[tokio::test]
async fn what_a_library_might_try_is_refused() {
    let engine = engine(options());
    for order in ["open", "list", "create", "delete", "thread", "spawn"] {
        let said = outcome(&engine, order).await;
        assert_eq!(said, "permission denied", "{order}");
    }
}

#[tokio::test]
async fn what_only_an_attacker_tries_ends_the_worker() {
    let engine = engine(options());
    for order in ["socket", "listen", "udp", "exec", "signal"] {
        let analysis = ask(&engine, order).await;
        assert!(shows_death(&analysis), "{order}: {analysis:?}");
        let note = &analysis.verdict.findings[0].note;
        assert_eq!(note, &format!("The reader {} on this package.", Death::Forbidden), "{order}");
    }
    assert_works(&engine).await;
}

/// Root's walls are no proof that others have them.
#[test]
fn the_walls_hold_for_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then every other test of this file has shown it.
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("others may enter");
    let copy = folder.path().join("worker");
    fs::copy(program(), &copy).expect("a copy that others may start");
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    for (order, outcome) in [("open", "permission denied"), ("thread", "permission denied"), ("socket", "careful")] {
        let Output { stdout, stderr, .. } =
            Command::new("setpriv").args(nobody).arg(&copy).arg(order).output().expect("setpriv is there");
        let said = serde_json::from_slice::<serde_json::Value>(&stdout);
        let said = said.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&stderr)));
        let walls: Vec<Wall> = serde_json::from_value(said["walls"].clone()).expect("walls");
        assert!(walls.len() == 8 && walls.iter().all(|wall| wall.state == State::Standing), "{walls:?}");
        let analysis: Analysis = serde_json::from_value(said["analysis"].clone()).expect("an analysis");
        assert_eq!(analysis.facts.format, outcome, "{order}");
    }
}
