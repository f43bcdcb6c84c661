//! Updates as clients and attackers make them. Whatever is refused, the edition before stays in force.

use std::{fs, path::Path};

use gate::database::{
    Batch, Database, Origin, Place, RoleName, Rotated, Server, Update, UpdateError, Updated, Workshop,
};
use gate::verdicts::Verdicts;
use net::{Client, Credentials, Options};
use tempfile::TempDir;
use wire::trust::PublicKey;

const DAY: i64 = 86_400;
const START: i64 = 1_800_000_000;

/// A publisher and a client, each in a folder.
struct World {
    folder: TempDir,
    workshop: Workshop,
    keys: Vec<PublicKey>,
    client: Client,
}

impl World {
    /// With a first edition that is built and signed.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let workshop = Workshop::new(folder.path().join("workshop"));
        let Rotated { root_keys, .. } = workshop.new_keys(START + 365 * DAY).expect("keys");
        let client =
            Client::new(Options { retries: 0, ..Options::default() }, Credentials::default()).expect("a client");
        let world = Self { folder, workshop, keys: root_keys, client };
        world.publish(200, START);
        world
    }

    /// Builds and signs an edition with so many entries.
    fn publish(&self, entries: usize, now: i64) {
        let mut batch = Batch::default();
        let lines: Vec<String> =
            (0..entries).map(|at| format!("pkg:npm/package-{at}@1.0.{at},malicious,It does harm.")).collect();
        batch.bytes("list.csv", lines.join("\n").as_bytes(), "test");
        assert_eq!(batch.troubles, []);
        self.workshop.keep("test", &batch, true).expect("kept");
        assert!(self.workshop.build(now).expect("built").changed);
        self.workshop.sign(now).expect("signed");
    }

    fn place(&self) -> Place {
        Place::new(self.folder.path().join("client"))
    }

    fn update_from(&self, origin: &Origin, now: i64) -> Result<Updated, UpdateError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let update = Update { client: &self.client, origin, root_keys: &self.keys, now };
        runtime.block_on(update.run(&self.place()))
    }

    fn update(&self, now: i64) -> Result<Updated, UpdateError> {
        self.update_from(&Origin::Folder(self.workshop.public()), now)
    }

    /// The number of the edition in force, which can be asked.
    fn sequence(&self) -> u64 {
        let database = Database::in_force(&self.place()).expect("a database");
        database.snapshot().expect("a snapshot").verify().expect("whole");
        database.freshness().expect("a database").sequence
    }

    fn public(&self, name: &str) -> std::path::PathBuf {
        self.workshop.public().join(name)
    }

    /// A copy of the public folder as it is now.
    fn copy(&self, name: &str) -> Origin {
        let to = self.folder.path().join(name);
        fs::create_dir_all(&to).expect("a folder");
        for entry in fs::read_dir(self.workshop.public()).expect("a folder") {
            let entry = entry.expect("a file");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
        Origin::Folder(to)
    }
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a text");
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).expect("written");
}

#[track_caller]
fn refused(result: Result<Updated, UpdateError>, said: &str) {
    let error = result.expect_err("it is refused").to_string();
    assert!(error.contains(said), "{error}");
}

#[test]
fn the_first_update_brings_all_and_the_next_a_delta() {
    let world = World::new();
    let first = world.update(START + 1).expect("updated");
    assert_eq!((first.before, first.now, first.deltas), (None, 1, 0));
    world.publish(210, START + DAY);
    world.publish(220, START + 2 * DAY);
    let second = world.update(START + 2 * DAY).expect("updated");
    assert_eq!((second.before, second.now, second.deltas), (Some(1), 3, 2));
    assert!(second.bytes < first.bytes, "{second:?} {first:?}");
    assert_eq!(second.notes, Vec::<String>::new());
    let bytes = |path| fs::read(path).expect("a file");
    assert!(bytes(world.place().file("edition-3.verdicts")) == bytes(world.public("edition-3.verdicts")));
    assert!(!world.place().file("edition-1.verdicts").exists(), "the old edition is gone");
    let third = world.update(START + 2 * DAY).expect("updated");
    assert_eq!((third.now, third.bytes), (3, 0));
}

#[test]
fn it_comes_over_http_as_well() {
    let world = World::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let server = runtime.block_on(Server::bind(world.workshop.public(), 0)).expect("a server");
    let origin = Origin::new(&format!("http://{}", server.address().expect("an address")));
    runtime.spawn(server.run());
    assert_eq!(world.update_from(&origin, START + 1).expect("updated").now, 1);
    assert_eq!(world.sequence(), 1);
}

#[test]
fn without_a_key_nobody_is_trusted() {
    let mut world = World::new();
    let keys = std::mem::take(&mut world.keys);
    refused(world.update(START), "no key is trusted");
    world.keys = World::new().keys;
    refused(world.update(START), "not signed");
    world.keys = keys;
    world.update(START).expect("updated");
}

#[test]
fn altered_files_are_refused() {
    let world = World::new();
    world.update(START).expect("updated");
    world.publish(20_000, START + 1);
    for name in ["edition-2.verdicts", "delta-1-2"] {
        let path = world.public(name);
        let mut bytes = fs::read(&path).expect("a file");
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        fs::write(&path, bytes).expect("written");
    }
    refused(world.update(START + 1), "not the file that was signed");
    assert_eq!(world.sequence(), 1);
}

#[test]
fn interrupted_files_are_refused() {
    let world = World::new();
    world.update(START).expect("updated");
    world.publish(10, START + 1);
    for name in ["edition-2.verdicts", "delta-1-2"] {
        let bytes = fs::read(world.public(name)).expect("a file");
        fs::write(world.public(name), &bytes[..bytes.len() / 2]).expect("written");
    }
    refused(world.update(START + 1), "bytes instead of");
    assert_eq!(world.sequence(), 1);
    // What an interrupted update of this client left is no trouble either.
    fs::write(world.place().file("edition-2.verdicts.1.new"), "half").expect("written");
    fs::remove_dir_all(world.workshop.public()).expect("removed");
    assert!(world.update(START + 1).is_err());
    assert_eq!(world.sequence(), 1);
}

#[test]
fn a_changed_manifest_is_refused() {
    let world = World::new();
    world.update(START).expect("updated");
    change(&world.public("manifest.json"), "\"sequence\": 1", "\"sequence\": 9");
    refused(world.update(START), "not signed");
    fs::write(world.public("manifest.json"), "{}").expect("written");
    refused(world.update(START), "malformed");
    assert_eq!(world.sequence(), 1);
}

#[test]
fn an_old_manifest_is_not_replayed() {
    let world = World::new();
    let old = world.copy("old");
    world.publish(10, START + 1);
    world.update(START + 1).expect("updated");
    refused(world.update_from(&old, START + 2), "older");
    assert_eq!(world.sequence(), 2);
}

#[test]
fn an_expired_manifest_freezes_nobody() {
    let world = World::new();
    world.update(START).expect("updated");
    refused(world.update(START + 8 * DAY), "expired");
    assert_eq!(world.sequence(), 1);
    // Signed again, the same edition holds longer.
    world.workshop.sign(START + 8 * DAY).expect("signed");
    assert_eq!(world.update(START + 8 * DAY).expect("updated").bytes, 0);
    let fresh = Database::in_force(&world.place()).expect("a database").freshness().expect("a database");
    assert_eq!(fresh.expires, START + 15 * DAY);
}

#[test]
fn an_expired_root_is_refused() {
    let world = World::new();
    world.workshop.sign(START + 365 * DAY).expect("signed");
    refused(world.update(START + 365 * DAY), "the root expired");
}

#[test]
fn another_publisher_is_refused() {
    let (world, other) = (World::new(), World::new());
    world.update(START).expect("updated");
    other.publish(10, START + 1);
    other.workshop.sign(START + 2).expect("signed");
    refused(world.update_from(&Origin::Folder(other.workshop.public()), START + 2), "not signed");
    assert_eq!(world.sequence(), 1);
}

#[test]
fn clients_follow_new_keys() {
    let world = World::new();
    world.update(START).expect("updated");
    let before = fs::read_to_string(world.workshop.folder().join("keys/snapshot.key")).expect("a key");
    world.workshop.rotate(RoleName::Snapshot, START + 365 * DAY).expect("rotated");
    // Until it is signed anew, the manifest is one of the key that was given up.
    refused(world.update(START + 1), "not signed");
    world.workshop.sign(START + 1).expect("signed");
    world.update(START + 1).expect("updated");
    world.workshop.rotate(RoleName::Root, START + 400 * DAY).expect("rotated");
    world.workshop.rotate(RoleName::Snapshot, START + 400 * DAY).expect("rotated");
    world.workshop.sign(START + 2).expect("signed");
    world.update(START + 2).expect("updated");
    // A key that was given up signs nothing any more.
    fs::write(world.workshop.folder().join("keys/snapshot.key"), before).expect("written");
    assert!(world.workshop.sign(START + 3).is_err());
}

#[test]
fn a_forged_root_is_refused() {
    let (world, other) = (World::new(), World::new());
    world.update(START).expect("updated");
    other.workshop.rotate(RoleName::Root, START + 365 * DAY).expect("rotated");
    fs::copy(other.public("2.root.json"), world.public("2.root.json")).expect("copied");
    refused(world.update(START), "not signed");
    assert_eq!(world.sequence(), 1);
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    for name in ["root.key", "snapshot.key"] {
        let path = world.workshop.folder().join("keys").join(name);
        assert_eq!(fs::metadata(path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    assert!(world.workshop.new_keys(START).is_err(), "keys are not overwritten");
}
