//! PyPI: the build of a source distribution, start files, every module, entry points, what modules offer.

use std::collections::BTreeSet;

use artifact::Tree;
use model::Phase;

use super::{Bench, Part, text};

const DRIVER: &str = include_str!("python.py");

/// How many modules are imported, and of how many the functions are called.
const MODULES: usize = 60;
const CALLED: usize = 8;
const SCRIPTS: usize = 6;

pub(super) fn add(bench: &mut Bench, part: &Part, needed: &[Part]) {
    let project = format!("{}/project", bench.work);
    let site = format!("{project}/.venv/lib/python3/site-packages");
    for other in needed.iter().filter(|other| other.ecosystem == part.ecosystem && is_wheel(other.file_name)) {
        bench.lay_out_below(other.tree, None, &site);
    }
    let driver = format!("{project}/main.py");
    let profile = bench.profile;
    let settings = format!(
        "{{\"days\": {}, \"hurry\": {}, \"platform\": \"{}\", \"site\": \"{site}\"}}",
        profile.days, profile.hurry, profile.platform
    );
    let script = DRIVER.replace("{\"days\": 0, \"hurry\": 1, \"platform\": \"\", \"site\": \"\"}", &settings);
    bench.file(driver.clone(), script.into_bytes(), 0o644);
    bench.file(format!("{project}/README.md"), b"# shop\n".to_vec(), 0o644);

    let python = ["python3", driver.as_str()];
    let folder;
    let modules;
    if is_wheel(part.file_name) {
        bench.lay_out_below(part.tree, None, &site);
        folder = project.clone();
        modules = listed_modules(part.tree, None, "");
        bench.step("start".to_owned(), Phase::Startup, &folder, &[&python[..], &["startup"]].concat(), &[]);
    } else {
        folder = format!("{}/build/{}-{}", bench.work, part.name, part.version);
        bench.lay_out(part.tree, &folder);
        add_build(bench, part, &folder, &python);
        let source = if part
            .tree
            .files
            .iter()
            .any(|file| file.inner(part.tree.root()).is_some_and(|path| path.starts_with("src/")))
        {
            "src/"
        } else {
            ""
        };
        modules = listed_modules(part.tree, part.tree.root(), source);
    }
    let run = |bench: &mut Bench, name: &str, phase, what: &str, given: &[&str]| {
        let more = [("PYTHONPATH", format!("{folder}:{folder}/src:{site}"))];
        bench.step(name.to_owned(), phase, &folder, &[&python[..], &[what], given].concat(), &more);
    };
    let modules: Vec<&str> = modules.iter().take(MODULES).map(String::as_str).collect();
    if modules.is_empty() {
        return;
    }
    run(bench, "import", Phase::Import, "modules", &modules);
    for script in scripts(part.tree).iter().take(SCRIPTS) {
        run(bench, &format!("script {script}"), Phase::Runtime, "script", &[script]);
    }
    run(bench, "call", Phase::Runtime, "call", &modules[..modules.len().min(CALLED)]);
}

fn add_build(bench: &mut Bench, part: &Part, folder: &str, python: &[&str]) {
    let pyproject = text(part.tree, "pyproject.toml").unwrap_or_default();
    let backend = quoted_after(&pyproject, "build-backend");
    if let Some(backend) = backend {
        let folders = list_after(&pyproject, "backend-path").join(":");
        let argv = [python, &["backend", &backend, &folders]].concat();
        bench.step("build".to_owned(), Phase::Install, folder, &argv, &[]);
    }
    if part.tree.inside("setup.py").is_some() {
        bench.step("setup.py".to_owned(), Phase::Install, folder, &[python, &["setup"]].concat(), &[]);
    }
}

/// The modules below a folder, the shortest names first: packages come before what is in them.
fn listed_modules(tree: &Tree, root: Option<&str>, below: &str) -> Vec<String> {
    let aside = ["setup", "conftest", "noxfile", "tasks", "docs", "tests", "test", "examples"];
    let name = |path: &str| {
        let inner = path.strip_prefix(below)?.strip_suffix(".py")?;
        let parts: Vec<&str> = inner.split('/').collect();
        let is_name = |part: &&str| part.chars().all(|c| c.is_alphanumeric() || c == '_') && !part.is_empty();
        let is_module = parts.iter().all(is_name) && !aside.contains(parts.first()?);
        let name = parts.join(".");
        // A module of this name is a program: it is started, not imported.
        let name = name.strip_suffix(".__init__").unwrap_or(&name).to_owned();
        (is_module && name != "__init__" && !name.ends_with("__main__")).then_some(name)
    };
    let files = tree.files.iter().filter(|file| file.depth == 0).filter_map(|file| file.inner(root));
    let modules: BTreeSet<String> = files.filter_map(name).collect();
    let mut modules: Vec<String> = modules.into_iter().collect();
    modules.sort_by_key(|name| name.matches('.').count());
    modules
}

/// What the entry points name: `module:function`.
fn scripts(tree: &Tree) -> Vec<String> {
    let listed = tree.files.iter().find(|file| file.path.ends_with(".dist-info/entry_points.txt"));
    let listed = listed.map(|file| file.bytes.text().into_owned()).unwrap_or_default();
    let mut scripts: Vec<String> = listed.lines().filter_map(target).collect();
    let declared = text(tree, "pyproject.toml").unwrap_or_default();
    let section = declared.split("[project.scripts]").nth(1).and_then(|rest| rest.split("\n[").next());
    scripts.extend(section.unwrap_or_default().lines().filter_map(target));
    scripts.sort();
    scripts.dedup();
    scripts
}

fn target(line: &str) -> Option<String> {
    let (_, target) = line.split_once('=')?;
    let target = target.trim().trim_matches(['"', '\'']).split(['[', ' ']).next()?;
    target.contains(':').then(|| target.to_owned())
}

/// The quoted text after a key. The file is a stranger's; nothing but this is read of it.
fn quoted_after(text: &str, key: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with(key))?;
    let (_, value) = line.split_once('=')?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

fn list_after(text: &str, key: &str) -> Vec<String> {
    let line = text.lines().map(str::trim).find(|line| line.starts_with(key)).unwrap_or_default();
    line.split(['"', '\'']).skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_wheel(file_name: &str) -> bool {
    file_name.ends_with(".whl")
}
