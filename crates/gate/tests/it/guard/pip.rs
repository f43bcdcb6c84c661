use gate::proxy::Cause;
use model::Decision;
use testkit::{
    archive::zip,
    registry::{Manners, Published},
};

use super::{OLD, Shop, YOUNG, here, rules};

/// A wheel of one module.
fn wheel(name: &str, version: &str) -> Vec<u8> {
    let info = format!("{name}-{version}.dist-info");
    let record = format!("{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n");
    zip(&[
        (&format!("{name}.py"), format!("VERSION = \"{version}\"\n").as_bytes()),
        (&format!("{info}/METADATA"), format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n").as_bytes()),
        (&format!("{info}/WHEEL"), b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        (&format!("{info}/RECORD"), record.as_bytes()),
    ])
}

pub(super) fn publish(shop: &Shop, name: &str, version: &str, date: &str) -> Vec<u8> {
    let bytes = wheel(name, version);
    let file = format!("{name}-{version}-py3-none-any.whl");
    shop.registry.publish(Published::new("pypi", name, version, bytes.clone()).named(&file).dated(date));
    bytes
}

const PIP: &str = "python3 -m pip install --quiet --target lib --upgrade";

fn version(shop: &Shop, name: &str) -> String {
    shop.text(&format!("lib/{name}.py")).trim().replace("VERSION = ", "").replace('"', "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wheels_are_listed_analysed_and_handed_out_in_both_forms_of_the_index() {
    if !here("python3") {
        return;
    }
    let shop = Shop::new();
    publish(&shop, "plain", "1.0", OLD);
    for html_only in [false, true] {
        shop.registry.behave(Manners { html_only, ..Manners::default() });
        shop.clear(&["project/lib"]);
        let ended = shop.run(&format!("{PIP} plain")).await;
        assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
        assert_eq!(ended.summary.checked, ["pkg:pypi/plain@1.0"]);
        assert_eq!(ended.summary.analysed, usize::from(!html_only));
        assert_eq!(version(&shop, "plain"), "1.0");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pip_chooses_another_version_by_itself() {
    if !here("python3") {
        return;
    }
    let mut shop = Shop::new();
    for (version, date) in [("1.0", OLD), ("1.1", OLD), ("2.0", YOUNG)] {
        publish(&shop, "thing", version, date);
    }
    shop.database.releases.insert(("pypi:thing".into(), "1.1".into()));
    shop.rules = rules(24.0);
    let ended = shop.run(&format!("{PIP} thing")).await;
    assert_eq!((ended.code, version(&shop, "thing").as_str()), (Some(0), "1.0"));
    let withheld: Vec<_> = ended.summary.withheld.iter().map(|one| (one.version.as_str(), one.why.cause)).collect();
    assert_eq!(withheld, [("1.1", Cause::Malicious), ("2.0", Cause::Young)]);
    let ended = shop.run(&format!("{PIP} thing==1.1")).await;
    assert!(ended.is_blocked() && ended.code != Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wheels_are_blocked_by_their_bytes_and_by_their_code() {
    if !here("python3") {
        return;
    }
    let mut shop = Shop::new();
    let bytes = publish(&shop, "fresh", "1.0", OLD);
    shop.thinks(&bytes, Decision::Malicious);
    let ended = shop.run(&format!("{PIP} fresh")).await;
    assert!(ended.is_blocked() && !shop.has("lib/fresh.py"));
    let bytes = publish(&shop, "renamed", "1.0", OLD);
    shop.database.digests.insert(net::hash(model::Algorithm::Sha256, &bytes).to_string());
    let ended = shop.run(&format!("{PIP} renamed")).await;
    assert!(ended.is_blocked() && !shop.has("lib/renamed.py"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_and_an_address_on_the_command_line_are_no_way_around() {
    if !here("python3") {
        return;
    }
    let (shop, other) = (Shop::new(), Shop::new());
    let bytes = publish(&other, "aside", "1.0", OLD);
    let index = other.registry.url("pypi");
    let ended = shop.run(&format!("{PIP} --index-url {index} aside")).await;
    assert_eq!((ended.code, ended.summary.checked.len()), (Some(0), 1));
    shop.clear(&["cache", "project/lib"]);
    shop.thinks(&bytes, Decision::Malicious);
    let address = format!("{}files/aside-1.0-py3-none-any.whl", index.replace("simple/", ""));
    let ended = shop.run(&format!("{PIP} {address}")).await;
    assert_eq!((ended.code, ended.is_blocked()), (None, true));
    assert!(!shop.has("lib/aside.py"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_never_arrive() {
    if !here("python3") {
        return;
    }
    let shop = Shop::new();
    publish(&shop, "plain", "1.0", OLD);
    shop.registry.fail(".whl", testkit::registry::Fault::Garbled, 99);
    let ended = shop.run(&format!("{PIP} plain")).await;
    assert_eq!(ended.summary.blocked[0].why.cause, Cause::Bytes);
    shop.registry.fail(".whl", testkit::registry::Fault::Truncated, 99);
    assert_ne!(shop.run(&format!("{PIP} plain")).await.code, Some(0));
    assert!(!shop.has("lib/plain.py"));
}
