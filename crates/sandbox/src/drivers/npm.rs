//! npm: hooks in their order, every entry, what the exports offer, the programs, and files that nothing leads to.

use std::collections::BTreeSet;

use artifact::Tree;
use model::Phase;
use serde_json::Value;

use super::{Bench, Part, text};

const DRIVER: &str = include_str!("node.js");

/// The hooks of an installation, in the order in which npm runs them.
const HOOKS: &[&str] = &["preinstall", "install", "postinstall"];

/// How many entries, programs and loose files are run each.
const MOST: usize = 12;

pub(super) fn add(bench: &mut Bench, part: &Part, needed: &[Part]) {
    let project = format!("{}/project", bench.work);
    let modules = format!("{project}/node_modules");
    for other in needed.iter().filter(|other| other.ecosystem == part.ecosystem && other.name != part.name) {
        bench.lay_out(other.tree, &format!("{modules}/{}", other.name));
    }
    let folder = format!("{modules}/{}", part.name);
    bench.lay_out(part.tree, &folder);
    let wanted = format!(
        "{{\n  \"name\": \"shop\",\n  \"version\": \"2.3.1\",\n  \"dependencies\": {{\"{}\": \"{}\"}}\n}}\n",
        part.name, part.version
    );
    bench.file(format!("{project}/package.json"), wanted.into_bytes(), 0o644);
    let driver = format!("{project}/index.js");
    bench.file(driver.clone(), driver_text(bench).into_bytes(), 0o644);

    let manifest: Value =
        text(part.tree, "package.json").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    add_hooks(bench, part, &manifest, &project, &folder, &driver);
    let node =
        |what: &str, inner: &str| [("node"), driver.as_str(), what, &format!("{folder}/{inner}")].map(str::to_owned);
    let run = |bench: &mut Bench, name: String, phase, what: &str, inner: &str| {
        let argv = node(what, inner);
        bench.step(name, phase, &project, &argv.each_ref().map(String::as_str), &[]);
    };
    let entries = entries(part.tree, &manifest);
    for entry in &entries {
        let what = if entry.ends_with(".mjs") { "import" } else { "require" };
        run(bench, format!("{what} {entry}"), Phase::Import, what, entry);
    }
    for entry in entries.iter().take(3) {
        run(bench, format!("call {entry}"), Phase::Runtime, "call", entry);
    }
    let programs = programs(part.tree, &manifest);
    for program in &programs {
        run(bench, format!("program {program}"), Phase::Runtime, "program", program);
    }
    for loose in loose_files(part.tree, &manifest, &entries, &programs) {
        run(bench, format!("file {loose}"), Phase::Runtime, "program", &loose);
    }
}

fn driver_text(bench: &Bench) -> String {
    let profile = bench.profile;
    let settings = format!("{{ days: {}, hurry: {}, platform: '{}' }}", profile.days, profile.hurry, profile.platform);
    DRIVER.replace("{ days: 0, hurry: 1, platform: '' }", &settings)
}

fn add_hooks(bench: &mut Bench, part: &Part, manifest: &Value, project: &str, folder: &str, driver: &str) {
    let given = |hook: &str| manifest["scripts"][hook].as_str().map(str::to_owned);
    // A package with a build file and no hook of its own is compiled.
    let implied = |hook: &str| {
        let compiles = hook == "install" && part.tree.inside("binding.gyp").is_some() && given("preinstall").is_none();
        compiles.then(|| "node-gyp rebuild".to_owned())
    };
    for hook in HOOKS {
        let Some(script) = given(hook).or_else(|| implied(hook)) else { continue };
        let mut more = vec![
            ("npm_lifecycle_event", (*hook).to_owned()),
            ("npm_lifecycle_script", script.clone()),
            ("npm_package_name", part.name.to_owned()),
            ("npm_package_version", part.version.to_owned()),
            ("npm_package_json", format!("{folder}/package.json")),
            ("npm_command", "install".to_owned()),
            ("npm_execpath", "/usr/lib/node_modules/npm/bin/npm-cli.js".to_owned()),
            ("npm_node_execpath", "/usr/bin/node".to_owned()),
            ("npm_config_user_agent", "npm/11.19.1 node/v20.20.2 linux x64 workspaces/false".to_owned()),
            ("npm_config_registry", "https://registry.example/".to_owned()),
            ("INIT_CWD", project.to_owned()),
            ("NODE", "/usr/bin/node".to_owned()),
            (
                "PATH",
                format!(
                    "{project}/node_modules/.bin:/usr/lib/node_modules/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:{}",
                    bench.base.get("PATH").map_or("", String::as_str)
                ),
            ),
        ];
        // The usual machine is left as it is; on the others every program of Node starts in the changed world.
        if bench.profile.days > 0 || !bench.profile.platform.is_empty() {
            more.push(("NODE_OPTIONS", format!("--require={driver}")));
        }
        bench.step((*hook).to_owned(), Phase::Install, folder, &["/bin/sh", "-c", &script], &more);
    }
}

/// The files that may be loaded by the package's name.
fn entries(tree: &Tree, manifest: &Value) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    let main = manifest["main"].as_str().unwrap_or("index.js");
    named.push(main.to_owned());
    named.extend(manifest["module"].as_str().map(str::to_owned));
    targets(&manifest["exports"], &mut named);
    let mut entries = Vec::new();
    for name in named {
        let name = name.trim_start_matches("./").trim_end_matches('/').to_owned();
        // A folder, or a name without its ending, as it may be written.
        let tries = [
            name.clone(),
            format!("{name}.js"),
            format!("{name}/index.js"),
            format!("{name}.cjs"),
            format!("{name}.json"),
        ];
        let found = tries.into_iter().find(|path| tree.inside(path).is_some());
        entries.extend(found.filter(|path| is_code(path) && !entries.contains(path)));
    }
    entries.truncate(MOST);
    entries
}

fn targets(exports: &Value, into: &mut Vec<String>) {
    match exports {
        Value::String(path) => into.push(path.clone()),
        Value::Array(list) => list.iter().for_each(|one| targets(one, into)),
        Value::Object(map) => {
            map.iter().filter(|(condition, _)| *condition != "types").for_each(|(_, one)| targets(one, into));
        }
        _ => {}
    }
}

fn programs(tree: &Tree, manifest: &Value) -> Vec<String> {
    let paths: Vec<&str> = match &manifest["bin"] {
        Value::String(path) => vec![path],
        Value::Object(map) => map.values().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let paths = paths.into_iter().map(|path| path.trim_start_matches("./").to_owned());
    let mut paths: Vec<String> = paths.filter(|path| tree.inside(path).is_some()).collect();
    paths.sort();
    paths.dedup();
    paths.truncate(MOST);
    paths
}

/// Files of code that no other file speaks of: nothing honest runs them, and somebody put them there.
fn loose_files(tree: &Tree, manifest: &Value, entries: &[String], programs: &[String]) -> Vec<String> {
    let root = tree.root();
    let code = tree.files.iter().filter(|file| file.depth == 0 && file.bytes.len() < 2 << 20);
    let code: Vec<(&str, String)> = code
        .filter_map(|file| file.inner(root).map(|inner| (inner, file)))
        .filter(|(inner, _)| is_code(inner))
        .map(|(inner, file)| (inner, file.bytes.text().into_owned()))
        .collect();
    let known: BTreeSet<&str> = entries.iter().chain(programs).map(String::as_str).collect();
    let aside = ["test/", "tests/", "__tests__/", "example/", "examples/", "docs/", "benchmark/"];
    let manifest = manifest.to_string();
    let is_loose = |inner: &str| {
        let file = inner.rsplit('/').next().unwrap_or(inner);
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let name = if stem == "index" { inner.rsplit('/').nth(1).unwrap_or(stem) } else { stem };
        !known.contains(inner)
            && !aside.iter().any(|folder| inner.contains(folder))
            && !manifest.contains(name)
            && !code.iter().any(|(other, text)| *other != inner && text.contains(name))
    };
    code.iter().map(|(inner, _)| *inner).filter(|inner| is_loose(inner)).take(MOST).map(str::to_owned).collect()
}

fn is_code(path: &str) -> bool {
    [".js", ".cjs", ".mjs"].iter().any(|ending| path.ends_with(ending)) && !path.ends_with(".min.js")
        || path.rsplit('/').next().is_some_and(|name| !name.contains('.')) && path.starts_with("bin/")
}
