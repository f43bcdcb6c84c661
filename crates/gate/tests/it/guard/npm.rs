use gate::proxy::{Cause, Mode};
use model::Decision;
use serde_json::json;
use testkit::{
    archive::tgz,
    registry::{Manners, Published},
};

use super::{NOW, OLD, Says, Shop, YOUNG, here, rules};

/// A package that does nothing.
fn package(name: &str, version: &str) -> Vec<u8> {
    let manifest = json!({ "name": name, "version": version, "main": "index.js", "bin": { name: "bin.js" } });
    let code = format!("module.exports = \"{name} {version}\";\n");
    tgz(&[
        ("package/package.json", manifest.to_string().as_bytes()),
        ("package/index.js", code.as_bytes()),
        ("package/bin.js", b"#!/usr/bin/env node\nrequire(\"fs\").writeFileSync(\"ran\", \"yes\");\n"),
    ])
}

pub(super) fn publish(shop: &Shop, name: &str, version: &str, date: &str) -> Vec<u8> {
    let bytes = package(name, version);
    let last = name.rsplit('/').next().expect("a name");
    shop.registry.publish(
        Published::new("npm", name, version, bytes.clone()).dated(date).with(json!({ "bin": { last: "bin.js" } })),
    );
    bytes
}

fn shop() -> Shop {
    let shop = Shop::new();
    shop.file("package.json", r#"{ "name": "project", "version": "1.0.0" }"#);
    shop
}

fn version(shop: &Shop, name: &str) -> String {
    let text = shop.text(&format!("node_modules/{name}/package.json"));
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    manifest["version"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_harmless_is_installed_and_the_lockfile_stays_clean() {
    if !here("npm") {
        return;
    }
    let shop = shop();
    publish(&shop, "plain", "1.0.0", OLD);
    let ended = shop.run("npm install plain").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
    assert_eq!(ended.summary.checked, ["pkg:npm/plain@1.0.0"]);
    assert_eq!(ended.summary.analysed, 1);
    assert_eq!((ended.summary.unchecked.as_slice(), ended.summary.warned.as_slice()), (&[][..], &[][..]));
    assert_eq!(version(&shop, "plain"), "1.0.0");
    let lock = shop.text("package-lock.json");
    assert!(lock.contains(&format!("\"resolved\": \"{}files/plain-1.0.0.tgz\"", shop.registry.url("npm"))), "{lock}");

    // The lockfile alone brings it again, without a packument, and without an analysis.
    shop.clear(&["npm-cache", "project/node_modules"]);
    shop.registry.forget();
    let ended = shop.run("npm ci").await;
    assert_eq!((ended.code, ended.summary.analysed), (Some(0), 0));
    assert_eq!(ended.summary.checked, ["pkg:npm/plain@1.0.0"]);
    assert_eq!(shop.text("package-lock.json"), lock);
    assert!(shop.registry.seen().is_empty(), "{:?}", shop.registry.seen());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_policy_lets_pass_what_was_analysed() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    publish(&shop, "plain", "1.0.0", OLD);
    shop.rules = gate::proxy::Rules::of(gate::policy::Policy::preset("strict").expect("a preset"));
    let ended = shop.run("npm install plain").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn known_malware_is_withheld_and_an_exact_pin_of_it_fails() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    publish(&shop, "thing", "1.0.0", OLD);
    publish(&shop, "thing", "1.1.0", OLD);
    shop.database.releases.insert(("npm:thing".into(), "1.1.0".into()));
    let ended = shop.run("npm install thing").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
    assert_eq!(version(&shop, "thing"), "1.0.0");
    let withheld = &ended.summary.withheld[0];
    assert_eq!((withheld.version.as_str(), withheld.got.as_slice()), ("1.1.0", &["1.0.0".to_owned()][..]));
    assert!(withheld.why.text.contains("MAL-2026-1"), "{}", withheld.why);

    let ended = shop.run("npm install thing@1.1.0").await;
    assert_ne!(ended.code, Some(0));
    assert!(ended.is_blocked());
    assert_eq!(version(&shop, "thing"), "1.0.0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_are_known_under_every_name() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    let bytes = publish(&shop, "renamed", "1.0.0", OLD);
    shop.database.digests.insert(net::hash(model::Algorithm::Sha256, &bytes).to_string());
    let ended = shop.run("npm install renamed").await;
    assert!(ended.is_blocked() && ended.code != Some(0));
    assert!(!shop.has("node_modules/renamed/package.json"));
    assert_eq!(ended.summary.blocked[0].why.cause, Cause::Malicious);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_knows_is_analysed_before_it_arrives() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    let bytes = publish(&shop, "fresh", "1.0.0", OLD);
    shop.thinks(&bytes, Decision::Malicious);
    let ended = shop.run("npm install fresh").await;
    assert!(ended.is_blocked() && !shop.has("node_modules/fresh/package.json"));
    assert_eq!(ended.summary.blocked[0].purl, "pkg:npm/fresh@1.0.0");

    // Suspicious: nobody to ask is no; who says yes gets it.
    let bytes = publish(&shop, "odd", "1.0.0", OLD);
    shop.thinks(&bytes, Decision::Suspicious);
    assert!(shop.run("npm install odd").await.is_blocked());
    shop.asker = std::sync::Arc::new(Says(true));
    assert_eq!(shop.run("npm install odd").await.code, Some(0));
    assert_eq!(version(&shop, "odd"), "1.0.0");
    let ended = shop.run("npm uninstall odd").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn young_versions_wait_on_listings_and_on_lockfiles() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    publish(&shop, "thing", "1.0.0", OLD);
    publish(&shop, "thing", "2.0.0", YOUNG);
    assert_eq!(shop.run("npm install thing").await.code, Some(0));
    assert_eq!(version(&shop, "thing"), "2.0.0");
    shop.rules = rules(24.0);
    shop.clear(&["npm-cache", "project/node_modules"]);
    let ended = shop.run("npm ci").await;
    assert!(ended.is_blocked() && ended.code != Some(0));
    assert!(ended.summary.blocked[0].why.text.starts_with("6 hours old"), "{:?}", ended.summary);
    shop.clear(&["project/package-lock.json"]);
    shop.file("package.json", r#"{ "name": "project", "version": "1.0.0" }"#);
    let ended = shop.run("npm install thing").await;
    assert_eq!((ended.code, version(&shop, "thing").as_str()), (Some(0), "1.0.0"));
    assert_eq!(ended.summary.withheld[0].got, ["1.0.0"]);
    shop.rules.allowed.push("pkg:npm/thing@2.0.0".into());
    assert_eq!(shop.run("npm install thing@2.0.0").await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warm_cache_is_no_way_around() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    let bytes = publish(&shop, "plain", "1.0.0", OLD);
    assert_eq!(shop.run("npm install plain").await.code, Some(0));
    // It became known in the meantime; npm still has it in its cache.
    shop.clear(&["project/node_modules"]);
    shop.database.digests.insert(net::hash(model::Algorithm::Sha512, &bytes).to_string());
    let ended = shop.run("npm ci").await;
    assert_eq!((ended.code, ended.is_blocked()), (None, true));
    assert!(!shop.has("node_modules/plain"));

    // Installed without the guard, it is found afterwards by whatever runs under it.
    shop.database.digests.clear();
    assert_eq!(shop.run("npm ci").await.code, Some(0));
    shop.clear(&["cache"]);
    shop.thinks(&bytes, Decision::Malicious);
    let ended = shop.run("npm ls").await;
    assert!(ended.is_blocked(), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn run_style_commands_are_guarded() {
    if !here("npx") {
        return;
    }
    let mut shop = shop();
    publish(&shop, "runner", "1.0.0", OLD);
    assert_eq!(shop.run("npx --yes runner").await.code, Some(0));
    assert!(shop.has("ran"));
    publish(&shop, "evil", "1.0.0", OLD);
    shop.database.releases.insert(("npm:evil".into(), "1.0.0".into()));
    let ended = shop.run("npx --yes evil").await;
    assert!(ended.is_blocked() && ended.code != Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_scopes_get_their_token_from_the_guard() {
    if !here("npm") {
        return;
    }
    let (mut shop, private) = (shop(), Shop::new());
    publish(&private, "@team/inner", "1.0.0", OLD);
    publish(&shop, "plain", "1.0.0", OLD);
    private.registry.behave(Manners { authorization: Some("Bearer hunter2".into()), ..Manners::default() });
    let place = private.registry.url("npm").replace("http:", "");
    shop.file(".npmrc", &format!("@team:registry={}\n{place}:_authToken=hunter2\n", private.registry.url("npm")));
    let ended = shop.run("npm install @team/inner plain").await;
    assert_eq!((ended.code, ended.summary.analysed), (Some(0), 2));
    assert_eq!(version(&shop, "@team/inner"), "1.0.0");
    assert!(shop.registry.seen().iter().all(|one| one.header("authorization").is_none()));
    assert_eq!(shop.bypassed("inner"), 0);
    let lock = shop.text("package-lock.json");
    assert!(lock.contains(&private.registry.url("npm")) && !lock.contains("hunter2"), "{lock}");
    shop.rules.stale = Some(Mode::Open);
    shop.clear(&["npm-cache", "cache", "project/node_modules"]);
    assert_eq!(shop.run("npm ci").await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_database_the_mode_decides() {
    if !here("npm") {
        return;
    }
    let mut shop = shop();
    publish(&shop, "plain", "1.0.0", OLD);
    shop.database.expires = Some(NOW - 100 * 3600);
    let ended = shop.run("npm install plain").await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.summary.stale.as_deref().is_some_and(|text| text.contains("4 days")), "{ended:?}");
    let again = ["npm-cache", "project/node_modules"];
    shop.clear(&again);
    shop.database.missing = true;
    shop.rules.stale = Some(Mode::Closed);
    assert!(shop.run("npm ci").await.is_blocked());
    shop.rules.stale = Some(Mode::Ask);
    assert!(shop.run("npm ci").await.is_blocked());
    shop.asker = std::sync::Arc::new(Says(true));
    assert_eq!(shop.run("npm ci").await.code, Some(0));
}
