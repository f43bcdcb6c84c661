use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use net::{Cache, Environment, Space, discover::System};

fn cache(limit: u64) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = Cache::new(folder.path().join("deep/cache"), limit);
    (folder, cache)
}

fn files(cache: &Cache, space: &str) -> Vec<PathBuf> {
    let folders = fs::read_dir(cache.root().join(space)).into_iter().flatten().flatten();
    folders
        .flat_map(|folder| fs::read_dir(folder.path()).expect("a folder").flatten())
        .map(|file| file.path())
        .collect()
}

#[test]
fn artifacts_come_back_unless_somebody_changed_them() {
    let (_folder, cache) = cache(1 << 20);
    assert_eq!(cache.status().bytes(), 0);
    let digest = cache.keep_artifact(b"bytes").expect("a place to write");
    assert_eq!(digest.to_string(), "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9");
    assert_eq!(cache.artifact(digest).as_deref(), Some(&b"bytes"[..]));
    let file = files(&cache, "artifacts").pop().expect("one file");
    fs::write(&file, "other").expect("a file");
    assert_eq!(cache.artifact(digest), None);
    assert!(!file.exists());
}

#[test]
fn keys_are_no_paths() {
    let (_folder, cache) = cache(1 << 20);
    cache.keep(Space::Analyses, "../../../outside", b"{}").expect("a place to write");
    assert_eq!(cache.read(Space::Analyses, "../../../outside").as_deref(), Some(&b"{}"[..]));
    assert_eq!(cache.read(Space::Releases, "../../../outside"), None);
    assert_eq!(files(&cache, "analyses").len(), 1);
}

#[test]
fn the_least_recently_used_goes_first() {
    let (_folder, cache) = cache(10_000);
    let keep = |name: &str, age: u64| {
        cache.keep(Space::Analyses, name, &[b'x'; 3000]).expect("a place to write");
        // The newest file is the one just written, whatever the clock's grain.
        let newest = |file: &PathBuf| fs::metadata(file).and_then(|meta| meta.modified()).expect("a time");
        let file = files(&cache, "analyses").into_iter().max_by_key(newest).expect("a file");
        let time = SystemTime::now() - Duration::from_secs(age);
        fs::File::options().append(true).open(file).and_then(|file| file.set_modified(time)).expect("a file");
    };
    keep("oldest", 300);
    keep("middle", 200);
    keep("newest", 100);
    assert!(cache.read(Space::Analyses, "oldest").is_some(), "reading it makes it the newest");
    cache.keep(Space::Analyses, "more", &[b'x'; 3000]).expect("a place to write");
    assert!(cache.read(Space::Analyses, "middle").is_none());
    assert!(cache.read(Space::Analyses, "oldest").is_some());
    assert!(cache.status().bytes() <= 10_000);
    cache.keep(Space::Artifacts, "huge", &[b'x'; 20_000]).expect("it is passed over");
    assert!(cache.read(Space::Artifacts, "huge").is_none());
}

#[test]
fn clearing_removes_only_what_is_ours() {
    let (_folder, cache) = cache(1 << 20);
    cache.keep_artifact(b"bytes").expect("a place to write");
    fs::write(cache.root().join("mine.txt"), "").expect("a file");
    assert_eq!(cache.clear().expect("it can be cleared").bytes(), 5);
    assert_eq!(cache.status().bytes(), 0);
    assert!(cache.root().join("mine.txt").exists());
    cache.clear().expect("an empty cache can be cleared");
}

#[test]
fn the_folder_follows_the_system_and_the_variable() {
    let environment = |vars: &[(&str, &str)]| Environment {
        cwd: PathBuf::new(),
        home: Some(PathBuf::from("/home/user")),
        root: PathBuf::from("/nowhere"),
        vars: vars.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>(),
        programs: Arc::new(System { path: String::new() }),
        memory: None,
        fresh: false,
    };
    let folder = |vars: &[(&str, &str)]| Cache::folder(&environment(vars));
    if cfg!(target_os = "linux") {
        assert_eq!(folder(&[]), Some(PathBuf::from("/home/user/.cache/lazaret")));
    }
    assert_eq!(folder(&[("LAZARET_CACHE_DIR", "/own"), ("XDG_CACHE_HOME", "/x")]), Some(PathBuf::from("/own")));
    assert!(Cache::of_user(&Environment { home: None, ..environment(&[]) }, None).is_err());
}
