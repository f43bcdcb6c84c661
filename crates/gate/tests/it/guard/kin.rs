//! The managers that are not on every machine: where one is missing, a line says so.

use model::Decision;

use super::{OLD, Shop, here, npm, pip};

/// One run of an install with a version that is known as malware, a lockfile install after it, and malware that only the
/// analysis finds.
async fn installs(program: &str, add: &str, frozen: &str, lockfile: &str) {
    if !here(program) {
        return;
    }
    let mut shop = Shop::new();
    shop.file("package.json", r#"{ "name": "project", "version": "1.0.0", "license": "MIT" }"#);
    npm::publish(&shop, "thing", "1.0.0", OLD);
    npm::publish(&shop, "thing", "1.1.0", OLD);
    shop.database.releases.insert(("npm:thing".into(), "1.1.0".into()));
    let ended = shop.run(&format!("{add} thing@1")).await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
    assert!(ended.summary.checked.contains(&"pkg:npm/thing@1.0.0".to_owned()), "{ended:?}");
    assert_eq!(ended.summary.withheld[0].version, "1.1.0");
    // Nothing of the guard stays behind: its addresses have a secret of 32 digits in them.
    let lock = shop.text(lockfile);
    let secret = |part: &str| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(!lock.is_empty() && !lock.split('/').any(secret), "{lock}");
    shop.clear(&["project/node_modules"]);
    let ended = shop.run(frozen).await;
    assert_eq!((ended.code, shop.text(lockfile)), (Some(0), lock));
    let bytes = npm::publish(&shop, "fresh", "1.0.0", OLD);
    shop.thinks(&bytes, Decision::Malicious);
    let ended = shop.run(&format!("{add} fresh")).await;
    assert!(ended.is_blocked() && ended.code != Some(0), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pnpm_is_guarded() {
    installs("pnpm", "pnpm add", "pnpm install --frozen-lockfile", "pnpm-lock.yaml").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn yarn_is_guarded() {
    installs("yarn", "yarn add", "yarn install --frozen-lockfile", "yarn.lock").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bun_is_guarded() {
    installs("bun", "bun add", "bun install --frozen-lockfile", "bun.lock").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uv_is_guarded() {
    if !here("uv") {
        return;
    }
    let mut shop = Shop::new();
    shop.vars.insert("UV_INDEX_URL".into(), shop.registry.url("pypi"));
    shop.vars.insert("UV_PYTHON_DOWNLOADS".into(), "never".into());
    shop.file("pyproject.toml", "[project]\nname = \"project\"\nversion = \"0.1.0\"\nrequires-python = \">=3.8\"\n");
    pip::publish(&shop, "thing", "1.0", OLD);
    pip::publish(&shop, "thing", "1.1", OLD);
    shop.database.releases.insert(("pypi:thing".into(), "1.1".into()));
    let ended = shop.run("uv add thing").await;
    assert_eq!((ended.code, ended.is_blocked()), (Some(0), false));
    assert_eq!(ended.summary.checked, ["pkg:pypi/thing@1.0"]);
    let (lock, project) = (shop.text("uv.lock"), shop.text("pyproject.toml"));
    assert!(lock.contains(shop.registry.url("pypi").trim_end_matches('/')) && !lock.contains("/at/http/"), "{lock}");
    assert!(!project.contains("127.0.0.1"), "{project}");
    for frozen in ["--frozen", "--locked"] {
        shop.clear(&["project/.venv", "home/.cache"]);
        let ended = shop.run(&format!("uv sync {frozen}")).await;
        assert_eq!((ended.code, shop.text("uv.lock")), (Some(0), lock.clone()));
        assert_eq!(ended.summary.checked, ["pkg:pypi/thing@1.0"]);
    }
    let bytes = pip::publish(&shop, "fresh", "1.0", OLD);
    shop.thinks(&bytes, Decision::Malicious);
    assert!(shop.run("uv add fresh").await.is_blocked());
}
