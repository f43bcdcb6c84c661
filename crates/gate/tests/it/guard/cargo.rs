use model::Decision;
use testkit::{archive::tgz, registry::Published};

use super::{OLD, Shop, YOUNG, here, rules};

fn package(name: &str, version: &str) -> Vec<u8> {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n");
    let root = format!("{name}-{version}");
    tgz(&[
        (&format!("{root}/Cargo.toml"), manifest.as_bytes()),
        (&format!("{root}/src/lib.rs"), b"pub fn answer() -> u32 { 42 }\n"),
    ])
}

fn publish(shop: &Shop, name: &str, version: &str, date: &str) -> Vec<u8> {
    let bytes = package(name, version);
    shop.registry.publish(Published::new("cargo", name, version, bytes.clone()).dated(date));
    bytes
}

fn shop(wanted: &str) -> Shop {
    let shop = Shop::new();
    shop.file(
        "Cargo.toml",
        &format!("[package]\nname = \"project\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[dependencies]\n{wanted}\n"),
    );
    shop.file("src/lib.rs", "");
    shop
}

fn locked(shop: &Shop) -> String {
    let lock = shop.text("Cargo.lock");
    let at = lock.find("name = \"thing\"").unwrap_or(lock.len());
    lock[at..].lines().nth(1).unwrap_or_default().replace("version = ", "").replace('"', "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crates_are_fetched_and_the_lockfile_stays_clean() {
    if !here("cargo") {
        return;
    }
    let mut shop = shop("thing = \"1\"");
    publish(&shop, "thing", "1.0.0", OLD);
    publish(&shop, "thing", "1.1.0", OLD);
    publish(&shop, "thing", "1.2.0", YOUNG);
    shop.database.releases.insert(("cargo:thing".into(), "1.1.0".into()));
    shop.rules = rules(24.0);
    let ended = shop.run("cargo fetch").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
    assert_eq!(locked(&shop), "1.0.0");
    assert_eq!(ended.summary.checked, ["pkg:cargo/thing@1.0.0"]);
    assert_eq!(ended.summary.withheld.len(), 2);
    let lock = shop.text("Cargo.lock");
    assert!(!lock.contains("127.0.0.1"), "{lock}");

    // The same address again: nothing is fetched anew, and the lockfile holds.
    shop.registry.forget();
    let ended = shop.run("cargo fetch --locked").await;
    assert_eq!(ended.code, Some(0));
    assert!(!shop.registry.seen().iter().any(|one| one.path.contains("/dl/")), "{:?}", shop.registry.seen());
    assert_eq!(shop.text("Cargo.lock"), lock);

    // What it pins became known as malware: the build does not start.
    shop.database.releases.insert(("cargo:thing".into(), "1.0.0".into()));
    let ended = shop.run("cargo build").await;
    assert_eq!((ended.code, ended.is_blocked()), (None, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crates_are_blocked_by_their_bytes_and_by_their_code() {
    if !here("cargo") {
        return;
    }
    let mut shop = shop("thing = \"=1.0.0\"");
    let bytes = publish(&shop, "thing", "1.0.0", OLD);
    shop.thinks(&bytes, Decision::Malicious);
    let ended = shop.run("cargo fetch").await;
    assert!(ended.is_blocked() && ended.code != Some(0));
    shop.clear(&["cache"]);
    shop.thinks(&bytes, Decision::Benign);
    shop.database.digests.insert(net::hash(model::Algorithm::Sha256, &bytes).to_string());
    shop.clear(&["project/Cargo.lock"]);
    assert!(shop.run("cargo fetch").await.is_blocked());
}
