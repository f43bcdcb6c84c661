//! What runs when: from the package's entry points, along its imports.

mod reached;

use std::collections::VecDeque;

use ecosystem::npm::manifest::INSTALL_SCRIPTS;
use model::{Action, Ecosystem, Phase, Reach};
use syntax::Language;

use crate::{
    package::clean,
    source::{Source, is_aside},
    subject::Subject,
};

/// Whether npm runs the script of this name when the package is installed as a dependency.
pub fn runs_at_install(script: &str) -> bool {
    INSTALL_SCRIPTS.contains(&script)
}

/// Gives every source its phase, and every behaviour the phase in which it happens at the earliest.
pub fn assign(subject: &mut Subject) {
    let mut entries = match subject.facts.ecosystem {
        Some(Ecosystem::Npm) => npm_entries(subject),
        Some(Ecosystem::Pypi) => pypi_entries(subject),
        Some(Ecosystem::Cargo) => cargo_entries(subject),
        Some(Ecosystem::Gem) => gem_entries(subject),
        None => Vec::new(),
    };
    entries.sort_by_key(|entry| entry.phase);
    mark_front(subject, &entries);
    follow(subject, entries);
    set_loose_scripts_aside(subject);
    reached::settle(subject);
}

/// When a file has its turn to be read: what may run by itself comes first, tests and examples last.
pub(crate) fn turn(subject: &Subject, inner: &str) -> u8 {
    let name = inner.rsplit('/').next().unwrap_or(inner);
    let npm = |manifest: &ecosystem::npm::manifest::Manifest| {
        let installs = |(key, script): &(String, String)| runs_at_install(key) && script.contains(name);
        manifest.scripts.iter().any(installs) || manifest.main.as_deref().and_then(clean).as_deref() == Some(inner)
    };
    if matches!(name, "setup.py" | "sitecustomize.py" | "usercustomize.py" | "build.rs" | "extconf.rb")
        || name.ends_with(".pth")
        || subject.npm.as_ref().is_some_and(npm)
        || subject.pyproject.as_ref().is_some_and(|one| backend_files(one).iter().any(|file| file == inner))
    {
        0
    } else if is_aside(inner) {
        3
    } else if matches!(name, "__init__.py" | "__main__.py" | "index.js" | "index.mjs" | "index.cjs" | "lib.rs") {
        1
    } else {
        2
    }
}

struct Entry {
    source: usize,
    phase: Phase,
    program: bool,
}

fn npm_entries(subject: &Subject) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (at, source) in subject.sources.iter().enumerate() {
        if source.language == Language::Shell && source.phase == Phase::Install {
            entries.push(Entry { source: at, phase: Phase::Install, program: true });
            entries.extend(started_files(subject, at));
        }
    }
    let Some(manifest) = &subject.npm else {
        // A folder or archive of scripts without a manifest: its index is what would be loaded.
        entries.extend(node_file(subject, "index").map(|source| Entry {
            source,
            phase: Phase::Import,
            program: false,
        }));
        return entries;
    };
    let main = manifest.main.as_deref().unwrap_or("index.js");
    let imports = std::iter::once(main)
        .chain(manifest.module.as_deref())
        .chain(manifest.exports.iter().map(String::as_str))
        .chain(manifest.browser.iter().map(String::as_str));
    for path in imports {
        entries.extend(node_file(subject, path).map(|source| Entry { source, phase: Phase::Import, program: false }));
    }
    for (_, path) in &manifest.bin {
        entries.extend(node_file(subject, path).map(|source| Entry { source, phase: Phase::Runtime, program: true }));
    }
    entries
}

/// The files of the package that a script starts: `node scripts/setup.js`, `sh build.sh`.
fn started_files(subject: &Subject, script: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for one in &subject.sources[script].seen.behaviours {
        if !matches!(
            one.action,
            Action::ProcExec | Action::CodeEval | Action::CodeLoad | Action::FileRead | Action::CodeImport
        ) {
            continue;
        }
        for word in one.object.text.split([' ', '\'', '"', ';', '&', '|']) {
            let found = node_file(subject, word).or_else(|| subject.source_at(word.trim_start_matches("./")));
            entries.extend(found.filter(|found| *found != script).map(|source| Entry {
                source,
                phase: Phase::Install,
                program: true,
            }));
        }
    }
    entries
}

/// The file that Node loads for a path inside the package.
fn node_file(subject: &Subject, path: &str) -> Option<usize> {
    let path = clean(path)?;
    let tries = ["", ".js", ".cjs", ".mjs", ".ts", ".json", "/index.js", "/index.cjs", "/index.mjs", "/index.ts"];
    tries.iter().find_map(|end| {
        let whole = format!("{path}{end}");
        let found = subject.source_at(whole.trim_start_matches('/'))?;
        (subject.sources[found].language == Language::JavaScript).then_some(found)
    })
}

fn pypi_entries(subject: &Subject) -> Vec<Entry> {
    let mut entries = Vec::new();
    let backends: Vec<String> = subject.pyproject.as_ref().map(backend_files).unwrap_or_default();
    let has_setup = subject.source_at("setup.py").is_some();
    let is_source = has_setup || subject.pyproject.is_some() || subject.file("PKG-INFO").is_some();
    let has_package =
        is_source && subject.sources.iter().any(|source| source.path.ends_with("/__init__.py") && !source.is_aside);
    for (at, source) in subject.sources.iter().enumerate() {
        let inner = subject.inner(&source.path);
        let name = inner.rsplit('/').next().unwrap_or(inner);
        let top = !inner.contains('/');
        // An archive without one top folder still installs from the `setup.py` that pip finds in it.
        let is_setup = inner == "setup.py"
            || inner.ends_with("/setup.py") && inner.matches('/').count() == 1 && !has_setup && !source.is_aside;
        let (phase, program) = if is_setup || backends.iter().any(|one| inner == one) {
            (Phase::Install, true)
        } else if name.ends_with(".pth") && is_site_file(subject, inner)
            || matches!(name, "sitecustomize.py" | "usercustomize.py") && (top || in_purelib(inner))
        {
            (Phase::Startup, true)
        } else if source.is_aside || source.language != Language::Python {
            continue;
        } else if top && has_package && name != "__init__.py" {
            // A script beside the packages of a source distribution: nothing installs it unless `setup.py` says so.
            // What is imported does not run its `__main__` block.
            if listed(subject, name) { (Phase::Import, false) } else { (Phase::Runtime, true) }
        } else if inner.contains(".data/scripts/")
            || DEVELOPERS.iter().any(|folder| inner.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
                && subject.source_at(&format!("{}/__init__.py", inner.split('/').next().unwrap_or_default())).is_none()
            || matches!(name, "__main__.py" | "setup.py")
            || !is_importable(subject, inner)
        {
            (Phase::Runtime, true)
        } else if source.path.ends_with(".py") {
            (Phase::Import, false)
        } else {
            continue;
        };
        if is_setup {
            let is_autoconf = |entry: &Entry| subject.sources[entry.source].path.ends_with("/configure");
            entries.extend(started_files(subject, at).into_iter().filter(|entry| !is_autoconf(entry)));
        }
        entries.push(Entry { source: at, phase, program });
    }
    entries
}

/// Folders of source distributions with scripts for those who develop the package. Sorted.
const DEVELOPERS: &[&str] = &["bin", "ci", "contrib", "dev", "packaging", "script", "scripts", "tools"];

/// Whether Python can import a file: its own name, and the folders above its outermost package, must be names. The folders of
/// vendored trees, templates and test data are none.
fn is_importable(subject: &Subject, inner: &str) -> bool {
    let is_name = |part: &str| {
        !part.starts_with(|one: char| one.is_ascii_digit())
            && part.chars().all(|one| one.is_alphanumeric() || one == '_')
    };
    let (mut folder, name) = inner.rsplit_once('/').unwrap_or(("", inner));
    let stem = name.strip_suffix(".py").unwrap_or(name);
    while !folder.is_empty() && subject.source_at(&format!("{folder}/__init__.py")).is_some() {
        folder = folder.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
    // Environments that were packed by mistake, and the data of wheels.
    let outside = folder.ends_with("site-packages") || folder.ends_with("lib") || folder.contains(".data/");
    is_name(stem) && (outside || folder.split('/').all(is_name))
}

/// Whether a `.pth` file can come to lie where Python reads it: not when it is a resource inside of a package.
fn is_site_file(subject: &Subject, inner: &str) -> bool {
    let name = inner.rsplit('/').next().unwrap_or(inner);
    let in_package =
        inner.match_indices('/').any(|(at, _)| subject.file(&format!("{}/__init__.py", &inner[..at])).is_some());
    let named = |path: &str| {
        subject.file(path).is_some_and(|file| memchr::memmem::find(&file.bytes, name.as_bytes()).is_some())
    };
    !in_package || named("setup.py") || named("pyproject.toml") || named("setup.cfg")
}

/// Whether `setup.py` or `pyproject.toml` names a module of this file.
fn listed(subject: &Subject, name: &str) -> bool {
    let module = name.trim_end_matches(".py");
    let names = |text: &str| text.contains("py_modules") && text.contains(module);
    subject.source_at("setup.py").is_some_and(|at| names(&subject.sources[at].text))
        || subject.file("setup.cfg").is_some_and(|file| names(&file.bytes.text()))
        || subject.file("pyproject.toml").is_some_and(|file| {
            let text = file.bytes.text();
            let text = text.as_ref();
            ["py-modules", "module", "include", "modules"].iter().any(|key| text.contains(key)) && text.contains(module)
        })
}

fn in_purelib(inner: &str) -> bool {
    inner.contains(".data/purelib/") || inner.contains(".data/platlib/")
}

/// The files that an in-tree build backend stands in.
fn backend_files(pyproject: &ecosystem::pypi::manifest::Pyproject) -> Vec<String> {
    let Some(backend) = &pyproject.backend else { return Vec::new() };
    let module = backend.split(':').next().unwrap_or(backend).replace('.', "/");
    pyproject
        .backend_path
        .iter()
        .filter_map(|folder| clean(folder))
        .flat_map(|folder| {
            let base = if folder.is_empty() { module.clone() } else { format!("{folder}/{module}") };
            [format!("{base}.py"), format!("{base}/__init__.py")]
        })
        .collect()
}

fn cargo_entries(subject: &Subject) -> Vec<Entry> {
    let Some(manifest) = &subject.cargo else { return Vec::new() };
    let mut entries = Vec::new();
    for path in manifest.build.paths() {
        entries.extend(subject.source_at(path).map(|source| Entry { source, phase: Phase::Build, program: true }));
    }
    if manifest.proc_macro {
        let library = manifest.lib_path.as_deref().unwrap_or("src/lib.rs");
        for (at, source) in subject.sources.iter().enumerate() {
            let inner = subject.inner(&source.path);
            if inner == library || inner.starts_with("src/") {
                entries.push(Entry { source: at, phase: Phase::Build, program: true });
            }
        }
    }
    entries
}

fn gem_entries(subject: &Subject) -> Vec<Entry> {
    let mut entries = Vec::new();
    let extensions: Vec<&str> =
        subject.gem.as_ref().map(|one| one.extensions.iter().map(String::as_str).collect()).unwrap_or_default();
    for (at, source) in subject.sources.iter().enumerate() {
        let path = source.path.rsplit("data.tar.gz!").next().unwrap_or(&source.path);
        let inner = subject.inner(path);
        let (phase, program) = if extensions.contains(&inner) || inner.ends_with("extconf.rb") {
            (Phase::Install, true)
        } else if source.language == Language::Ruby && inner.starts_with("lib/") {
            (Phase::Import, false)
        } else {
            continue;
        };
        entries.push(Entry { source: at, phase, program });
    }
    entries
}

/// Walks from the entries along imports that run at load.
fn follow(subject: &mut Subject, entries: Vec<Entry>) {
    let mut best: Vec<Option<Phase>> = vec![None; subject.sources.len()];
    let mut queue: VecDeque<(usize, Phase)> = VecDeque::new();
    for entry in entries {
        let source = &mut subject.sources[entry.source];
        source.is_program |= entry.program;
        if best[entry.source].is_none_or(|old| entry.phase < old) {
            best[entry.source] = Some(entry.phase);
            queue.push_back((entry.source, entry.phase));
        }
    }
    while let Some((at, phase)) = queue.pop_front() {
        let imports: Vec<usize> = subject.sources[at]
            .seen
            .imports
            .iter()
            .filter(|import| import.reach == Reach::Load)
            .flat_map(|import| resolve(subject, at, &import.module, import.name.as_deref()))
            .collect();
        let started = started_by_code(subject, at);
        for &(next, is_program) in &started {
            subject.sources[next].is_program |= is_program;
        }
        for next in imports.into_iter().chain(started.into_iter().map(|(next, _)| next)) {
            if best[next].is_none_or(|old| phase < old) {
                best[next] = Some(phase);
                queue.push_back((next, phase));
            }
        }
    }
    for (source, phase) in subject.sources.iter_mut().zip(best) {
        source.phase = phase.unwrap_or(Phase::Runtime);
        // A test that is loaded by itself is a test by its folder only.
        source.is_aside &= !source.phase.is_automatic();
    }
}

/// Shell scripts that nothing else in the package names are for those who develop it: the package does not run them.
fn set_loose_scripts_aside(subject: &mut Subject) {
    const MOST: usize = 300;
    let is_loose = |source: &Source| source.is_loose_script() && !source.path.contains(".data/scripts/");
    let loose: Vec<usize> =
        (0..subject.sources.len()).filter(|at| is_loose(&subject.sources[*at])).take(MOST).collect();
    let manifests = ["package.json", "setup.py", "setup.cfg", "pyproject.toml", "Cargo.toml"];
    for at in loose {
        let name = subject.sources[at].path.rsplit(['/', '!']).next().unwrap_or_default().to_owned();
        let names = |bytes: &[u8]| memchr::memmem::find(bytes, name.as_bytes()).is_some();
        let named =
            subject.sources.iter().any(|other| !other.is_aside && !is_loose(other) && names(other.text.as_bytes()))
                || manifests.iter().any(|path| subject.file(path).is_some_and(|file| names(&file.bytes)));
        subject.sources[at].is_aside |= !named;
    }
}

/// Marks what importing the package by its name loads: from the top of its packages along their imports.
fn mark_front(subject: &mut Subject, entries: &[Entry]) {
    let is_top = |at: usize| {
        let inner = subject.inner(&subject.sources[at].path);
        let inner = inner.strip_prefix("src/").unwrap_or(inner);
        match subject.sources[at].language {
            Language::Python => {
                !inner.contains('/') || inner.ends_with("/__init__.py") && inner.matches('/').count() == 1
            }
            _ => true,
        }
    };
    let imported = entries.iter().filter(|entry| entry.phase == Phase::Import && is_top(entry.source));
    let mut open: Vec<usize> = imported.map(|entry| entry.source).collect();
    while let Some(at) = open.pop() {
        if std::mem::replace(&mut subject.sources[at].is_front, true) {
            continue;
        }
        let imports = subject.sources[at].seen.imports.iter().filter(|import| import.reach == Reach::Load);
        let next = imports.flat_map(|import| resolve(subject, at, &import.module, import.name.as_deref()));
        let next: Vec<usize> = next.collect();
        open.extend(next);
    }
}

/// The package's own files that a file loads or starts by their paths when it is loaded, and whether they run as programs.
fn started_by_code(subject: &Subject, at: usize) -> Vec<(usize, bool)> {
    if subject.sources[at].language != Language::Python {
        return Vec::new();
    }
    let acts = [Action::CodeLoad, Action::CodeImport, Action::ProcExec];
    let mut started = Vec::new();
    for one in subject.sources[at].seen.behaviours.iter().filter(|one| acts.contains(&one.action)) {
        if one.reach != Reach::Load {
            continue;
        }
        for word in one.object.text.split([' ', '\'', '"', ';', '&', '|']).filter(|word| word.len() < 200) {
            let is_file = [".py", ".pyw", ".sh", ".zip", ".ps1"].iter().any(|end| word.ends_with(end));
            if is_file {
                let program = one.action == Action::ProcExec;
                started.extend(own_files(subject, at, word).into_iter().map(|next| (next, program)));
            }
        }
    }
    started.retain(|(next, _)| *next != at);
    started
}

/// The sources that a path in code means: beside the file, or below the package's top folder; of an archive, all in it.
fn own_files(subject: &Subject, at: usize, path: &str) -> Vec<usize> {
    let Some(path) = clean(path.rsplit("{}").next().unwrap_or(path)) else { return Vec::new() };
    let from = subject.inner(&subject.sources[at].path);
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = if folder.is_empty() { path.clone() } else { format!("{folder}/{path}") };
    [beside, path]
        .into_iter()
        .map(|path| {
            let archive = format!("{path}!");
            let inside = |source: &Source| {
                let inner = subject.inner(&source.path);
                inner == path || inner.starts_with(&archive)
            };
            let found = subject.sources.iter().enumerate().filter(|(_, source)| inside(source));
            found.map(|(next, _)| next).collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The sources that an import means.
fn resolve(subject: &Subject, at: usize, module: &str, name: Option<&str>) -> Vec<usize> {
    let from = subject.inner(&subject.sources[at].path).to_owned();
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    match subject.sources[at].language {
        Language::JavaScript if module.starts_with('.') => {
            node_file(subject, &format!("{folder}/{module}")).into_iter().collect()
        }
        Language::Python => python_modules(subject, folder, module, name),
        Language::Ruby if module.starts_with('.') => clean(&format!("{folder}/{module}"))
            .and_then(|path| subject.source_at(&format!("{}.rb", path.trim_end_matches(".rb"))))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}

fn python_modules(subject: &Subject, folder: &str, module: &str, name: Option<&str>) -> Vec<usize> {
    let dots = module.bytes().take_while(|byte| *byte == b'.').count();
    let rest = module[dots..].replace('.', "/");
    let mut bases: Vec<String> = Vec::new();
    if dots > 0 {
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        parts.truncate(parts.len().saturating_sub(dots - 1));
        bases.push(parts.join("/"));
    } else {
        bases.extend([String::new(), "src".into(), folder.to_owned()]);
    }
    let mut found = Vec::new();
    for base in bases {
        let path = [base.as_str(), rest.as_str()]
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join("/");
        let inside = name.map(|name| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") });
        for path in [Some(path), inside].into_iter().flatten().filter(|path| !path.is_empty()) {
            found.extend(subject.source_at(&format!("{path}.py")));
            found.extend(subject.source_at(&format!("{path}/__init__.py")));
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}
