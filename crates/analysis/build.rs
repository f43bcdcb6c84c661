//! Takes the digest of every source that decides about a package, so that a cached analysis never outlives a change of them.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::Path,
};

fn main() {
    let mut hasher = DefaultHasher::new();
    for folder in
        ["src", "data", "../syntax/src", "../syntax/data", "../artifact/src", "../ecosystem/src", "../model/src"]
    {
        println!("cargo:rerun-if-changed={folder}");
        take(Path::new(folder), &mut hasher);
    }
    println!("cargo:rustc-env=LAZARET_SOURCES={:016x}", hasher.finish());
}

fn take(path: &Path, hasher: &mut DefaultHasher) {
    if path.is_dir() {
        let mut entries: Vec<_> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| take(entry, hasher));
    } else if let Ok(bytes) = fs::read(path) {
        path.file_name().hash(hasher);
        bytes.hash(hasher);
    }
}
