//! The trial of the walls. That they hold is shown from inside the workers of `engine`.
#![cfg(target_os = "linux")]

#[cfg(target_arch = "x86_64")]
mod guests;
mod sink;

use std::{collections::BTreeSet, fs, net::TcpListener, process::Command, thread};

use rustix::process::{DumpableBehavior, Resource, dumpable_behavior, getrlimit};

#[test]
fn the_trial_leaves_the_process_as_it_was() {
    let before = (getrlimit(Resource::As), dumpable_behavior());
    let capabilities = || rustix::thread::capabilities(None).expect("capabilities");
    let held = capabilities();
    let walls = sandbox::walls();
    assert!(!walls.is_empty());
    assert_eq!(before, (getrlimit(Resource::As), dumpable_behavior()));
    assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::Dumpable));
    assert_eq!(held, capabilities());
    assert!(!rustix::thread::no_new_privs().expect("asked"));
    fs::File::open("/proc/self/status").expect("files can be opened");
    TcpListener::bind("127.0.0.1:0").expect("ports can be bound");
    assert!(Command::new("true").status().expect("programs can be started").success());
    thread::spawn(|| ()).join().expect("threads can be started");
}

#[test]
fn each_wall_has_its_own_name_and_says_what_it_is_for() {
    let walls = sandbox::walls();
    let names: BTreeSet<_> = walls.iter().map(|wall| wall.name.as_str()).collect();
    assert_eq!(names.len(), walls.len());
    assert!(walls.iter().all(|wall| !wall.purpose.is_empty()));
    assert_eq!(walls, sandbox::walls());
}
