//! How many workers live, and when they end. A link under its own name makes the workers of one test countable.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use engine::Options;
use tempfile::TempDir;

use crate::{ask, assert_works, engine, options, program};

struct Named {
    _folder: TempDir,
    path: PathBuf,
}

impl Named {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("worker");
        symlink(program(), &path).expect("a link");
        Self { _folder: folder, path }
    }

    /// Workers that were started under this name and live.
    fn living(&self) -> usize {
        let entries = fs::read_dir("/proc").expect("/proc").flatten();
        entries.filter(|entry| is_worker(&entry.path(), &self.path)).count()
    }

    /// Waits until that many live. A process that was killed ends a moment later.
    fn settle(&self, expected: usize) {
        for _ in 0..400 {
            if self.living() == expected {
                return;
            }
            sleep(Duration::from_millis(25));
        }
        panic!("{} workers live instead of {expected}", self.living());
    }
}

/// A process that has ended and was not waited for has no command line.
fn is_worker(process: &Path, program: &Path) -> bool {
    let line = fs::read(process.join("cmdline")).unwrap_or_default();
    let mut words = line.split(|byte| *byte == 0);
    words.next() == Some(program.as_os_str().as_encoded_bytes())
        && words.next() == Some(engine::WORKER_ARGUMENT.as_bytes())
}

#[tokio::test]
async fn workers_are_started_for_jobs_only_and_end_with_the_engine() {
    let named = Named::new();
    let engine = engine(Options { workers: 3, program: named.path.clone(), ..options() });
    assert_eq!(named.living(), 0);
    assert_works(&engine).await;
    assert_works(&engine).await;
    assert_eq!(named.living(), 1);
    tokio::join!(ask(&engine, "sleep"), ask(&engine, "sleep"), ask(&engine, "sleep"), ask(&engine, "sleep"));
    assert_eq!(named.living(), 3);
    drop(engine);
    named.settle(0);
}

#[tokio::test]
async fn a_dead_worker_is_replaced_and_a_dropped_job_ends_its_worker() {
    let named = Named::new();
    let engine = engine(Options { workers: 1, program: named.path.clone(), ..options() });
    ask(&engine, "abort").await;
    named.settle(1);
    let dropped = tokio::time::timeout(Duration::from_millis(200), ask(&engine, "loop")).await;
    assert!(dropped.is_err());
    named.settle(0);
    assert_works(&engine).await;
}

#[test]
fn a_busy_worker_ends_when_its_parent_is_killed() {
    let named = Named::new();
    // This parent starts itself as worker, by the identity of its program, so its worker has another name.
    let mut parent = Command::new(&named.path).arg("loop").stdout(Stdio::null()).spawn().expect("a parent");
    let worker = loop {
        let list = fs::read_dir(format!("/proc/{}/task", parent.id())).expect("it lives").flatten();
        let children =
            list.filter_map(|task| fs::read_to_string(task.path().join("children")).ok()).collect::<String>();
        if let Some(child) = children.split_whitespace().next() {
            break PathBuf::from("/proc").join(child);
        }
        sleep(Duration::from_millis(10));
    };
    let identity = |process: &Path| is_worker(process, Path::new("/proc/self/exe"));
    while !identity(&worker) {
        sleep(Duration::from_millis(10));
    }
    // Let it raise its walls and begin to loop.
    sleep(Duration::from_millis(500));
    parent.kill().expect("killed");
    parent.wait().expect("gone");
    for _ in 0..400 {
        if !identity(&worker) {
            return;
        }
        sleep(Duration::from_millis(25));
    }
    panic!("the worker outlived its parent");
}
