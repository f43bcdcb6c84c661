//! The closure, as package managers see it.

use model::Ecosystem;
use sandbox::sink::{Closure, Limits, Package};
use testkit::archive::{Entry, tgz, zip};

use super::{Trap, requests, run, text};

fn npm(name: &str, manifest: &str) -> Package {
    Package {
        ecosystem: Ecosystem::Npm,
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        file_name: "package.tgz".to_owned(),
        bytes: tgz(&[("package/package.json", manifest.as_bytes()), ("package/index.js", b"module.exports = 1\n")]),
    }
}

fn wheel(name: &str) -> Package {
    let folder = format!("{name}-1.2.3.dist-info");
    let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.2.3\n");
    let files = [
        (format!("{name}.py"), b"VALUE = 1\n".to_vec()),
        (format!("{folder}/METADATA"), metadata.into_bytes()),
        (format!("{folder}/WHEEL"), b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_vec()),
        (format!("{folder}/RECORD"), Vec::new()),
    ];
    let entries: Vec<Entry> = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    Package {
        ecosystem: Ecosystem::Pypi,
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        file_name: format!("{name}-1.2.3-py3-none-any.whl"),
        bytes: zip(&entries),
    }
}

#[test]
fn npm_installs_what_the_closure_holds_and_nothing_else() {
    let closure = Closure::new(vec![
        npm("top", "{\"name\":\"top\",\"version\":\"1.2.3\",\"dependencies\":{\"@scope/inner\":\"^1.0.0\"}}"),
        npm("@scope/inner", "{\"name\":\"@scope/inner\",\"version\":\"1.2.3\"}"),
    ]);
    let trap = Trap::with(80, Limits::default(), closure);
    let folder = trap.folder.path().to_string_lossy().into_owned();
    let registry = format!("--registry=http://127.0.0.1:{}/", trap.tcp);
    let cache = format!("--cache={folder}/cache");
    let install = |name: &str| {
        run(
            "npm",
            &["install", "--prefix", &folder, &registry, &cache, "--no-update-notifier", "--fetch-retries=0", name],
        )
    };
    let Some(output) = install("top") else { return };
    assert!(output.status.success(), "{}", text(&output));
    let inner = trap.folder.path().join("node_modules/@scope/inner/index.js");
    assert_eq!(std::fs::read_to_string(inner).expect("installed"), "module.exports = 1\n");
    let missing = install("missing").expect("npm");
    assert!(!missing.status.success() && text(&missing).contains("E404"), "{}", text(&missing));
    let seen = requests(&trap.events());
    assert!(seen.iter().any(|(_, url, _, status)| url.ends_with("/top/-/top-1.2.3.tgz") && *status == 200), "{seen:?}");
    assert!(seen.iter().any(|(_, url, _, status)| url.ends_with("/missing") && *status == 404), "{seen:?}");
}

#[test]
fn pip_installs_what_the_closure_holds_and_nothing_else() {
    let trap = Trap::with(
        80,
        Limits::default(),
        Closure::new(
            vec![wheel("tiny_wheel")]
                .into_iter()
                .map(|mut one| {
                    one.name = "tiny-wheel".to_owned();
                    one
                })
                .collect(),
        ),
    );
    let target = trap.folder.path().join("target").to_string_lossy().into_owned();
    let index = format!("http://127.0.0.1:{}/simple", trap.tcp);
    let install = |name: &str| {
        let arguments =
            ["-m", "pip", "--isolated", "--retries", "0", "--disable-pip-version-check", "install", "--no-cache-dir"];
        run("python3", &[&arguments[..], &["--index-url", &index, "--target", &target, name]].concat())
    };
    let Some(output) = install("tiny-wheel").filter(|output| !text(output).contains("No module named pip")) else {
        return;
    };
    assert!(output.status.success(), "{}", text(&output));
    assert!(trap.folder.path().join("target/tiny_wheel.py").exists());
    assert!(!install("missing").expect("pip").status.success());
}

#[test]
fn publishing_is_welcome_and_told() {
    let trap = Trap::with(443, Limits::default(), Closure::default());
    let folder = trap.folder.path().to_string_lossy().into_owned();
    std::fs::write(trap.folder.path().join("package.json"), "{\"name\":\"annika-strings\",\"version\":\"9.9.9\"}")
        .expect("written");
    let url = format!("http://127.0.0.1:{}/", trap.tcp);
    let token = trap.tokens.value("npm-token").to_owned();
    let auth = format!("--//127.0.0.1:{}/:_authToken={token}", trap.tcp);
    let cache = format!("--cache={folder}/cache");
    let npm = |command: &[&str]| {
        run(
            "npm",
            &[&["--prefix", &folder, "--registry", &url, &auth, &cache, "--no-update-notifier"], command].concat(),
        )
    };
    let Some(who) = npm(&["whoami"]) else { return };
    assert!(text(&who).contains("annika"), "{}", text(&who));
    let published = npm(&["publish", &folder]).expect("npm");
    assert!(published.status.success(), "{}", text(&published));
    let events = trap.events();
    let put = events.iter().find(|event| {
        matches!(&event.deed, model::TraceDeed::Http { method, url, .. } if method == "PUT" && url.ends_with("/annika-strings"))
    });
    assert_eq!(put.expect("published").tokens, ["npm-token:raw"]);
}
