//! What a Python distribution says of itself: `PKG-INFO`, `METADATA`, `pyproject.toml`, `setup.cfg`, `entry_points.txt`,
//! `top_level.txt`.

use model::{Parsed, Problem};
use toml::{Table, Value};

/// Core metadata: the headers of `PKG-INFO` or `METADATA`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// The name, as the author spells it.
    pub name: Option<String>,
    /// The version.
    pub version: Option<String>,
    /// The one-line description.
    pub summary: Option<String>,
    /// The home page and project addresses.
    pub addresses: Vec<String>,
    /// What it requires: each a PEP 508 text.
    pub requires: Vec<String>,
}

/// What matters of a `pyproject.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pyproject {
    /// Whether there is a `[build-system]` table at all.
    pub has_build_system: bool,
    /// The build backend (`setuptools.build_meta`).
    pub backend: Option<String>,
    /// Folders of the project from which the backend is imported: its code runs at build time.
    pub backend_path: Vec<String>,
    /// What must be installed to build.
    pub build_requires: Vec<String>,
    /// The project's name.
    pub name: Option<String>,
    /// The project's version, when it is not computed.
    pub version: Option<String>,
    /// What it requires.
    pub requires: Vec<String>,
    /// Commands and entry points of plug-ins.
    pub entry_points: Vec<EntryPoint>,
}

/// What matters of a `setup.cfg`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SetupCfg {
    /// The name.
    pub name: Option<String>,
    /// The version; it may be a directive such as `attr:`.
    pub version: Option<String>,
    /// Replaced commands of setup (`install = package.module.Class`): they run at installation.
    pub cmdclass: Vec<(String, String)>,
    /// Commands and entry points of plug-ins.
    pub entry_points: Vec<EntryPoint>,
}

/// A function that is found under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// The group: `console_scripts`, `gui_scripts`, `pytest11`, ...
    pub group: String,
    /// The name.
    pub name: String,
    /// The module.
    pub module: String,
    /// The object in the module; empty for the module itself.
    pub attribute: String,
}

impl EntryPoint {
    fn new(group: &str, name: &str, target: &str) -> Self {
        let target = target.split('[').next().unwrap_or_default();
        let (module, attribute) = target.split_once(':').unwrap_or((target, ""));
        let own = |text: &str| text.trim().to_owned();
        Self { group: own(group), name: own(name), module: own(module), attribute: own(attribute) }
    }
}

/// Reads `PKG-INFO` or `METADATA`.
pub fn read_metadata(bytes: &[u8]) -> Parsed<Metadata> {
    let text = String::from_utf8_lossy(bytes);
    let mut metadata = Metadata::default();
    // Headers end at the first empty line; a line that starts with white space continues the one before.
    for line in text.trim_start_matches('\u{feff}').lines().take_while(|line| !line.trim().is_empty()) {
        let Some((key, value)) = line.split_once(':').filter(|_| !line.starts_with(char::is_whitespace)) else {
            continue;
        };
        let value = value.trim().to_owned();
        match key.to_ascii_lowercase().as_str() {
            "name" => metadata.name = metadata.name.or(Some(value)),
            "version" => metadata.version = metadata.version.or(Some(value)),
            "summary" => metadata.summary = metadata.summary.or(Some(value)),
            "home-page" | "download-url" if value != "UNKNOWN" => metadata.addresses.push(value),
            "project-url" => {
                metadata.addresses.push(value.split_once(',').map_or(value.as_str(), |(_, url)| url).trim().into())
            }
            "requires-dist" => metadata.requires.push(value),
            _ => {}
        }
    }
    let problem = || Problem::new("malformed-manifest", "", "the metadata names no package");
    let problems = if metadata.name.is_none() { vec![problem()] } else { Vec::new() };
    Parsed { value: metadata, problems }
}

/// Reads a `pyproject.toml`.
pub fn read_pyproject(bytes: &[u8]) -> Parsed<Pyproject> {
    let text = String::from_utf8_lossy(bytes);
    let table = match text.trim_start_matches('\u{feff}').parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            let problem = Problem::new("malformed-manifest", "pyproject.toml", error.message());
            return Parsed { value: Pyproject::default(), problems: vec![problem] };
        }
    };
    let build = table.get("build-system").and_then(Value::as_table);
    let project = table.get("project").and_then(Value::as_table);
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry")).and_then(Value::as_table);
    let named = |key: &str| project.and_then(|table| text_of(table, key)).or_else(|| text_of(poetry?, key));
    let mut entry_points = Vec::new();
    for (key, group) in [("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")] {
        for table in project.into_iter().chain(poetry) {
            entry_points.extend(points(group, table.get(key)));
        }
    }
    let groups = project.and_then(|table| table.get("entry-points")).and_then(Value::as_table);
    for (group, entries) in groups.into_iter().flatten() {
        entry_points.extend(points(group, Some(entries)));
    }
    Parsed::clean(Pyproject {
        has_build_system: build.is_some(),
        backend: build.and_then(|table| text_of(table, "build-backend")),
        backend_path: build.map(|table| texts_of(table, "backend-path")).unwrap_or_default(),
        build_requires: build.map(|table| texts_of(table, "requires")).unwrap_or_default(),
        name: named("name"),
        version: named("version"),
        requires: project.map(|table| texts_of(table, "dependencies")).unwrap_or_default(),
        entry_points,
    })
}

/// Reads a `setup.cfg`.
pub fn read_setup_cfg(bytes: &[u8]) -> SetupCfg {
    let mut out = SetupCfg::default();
    for Setting { section, key, value } in settings(&String::from_utf8_lossy(bytes)) {
        match (section.as_str(), key.as_str()) {
            ("metadata", "name") => out.name = Some(value),
            ("metadata", "version") => out.version = Some(value),
            ("options", "cmdclass") => {
                let lines = value.lines().filter_map(|line| line.split_once('='));
                out.cmdclass.extend(lines.map(|(name, class)| (name.trim().into(), class.trim().into())));
            }
            ("options.entry_points", group) => {
                let lines = value.lines().filter_map(|line| line.split_once('='));
                out.entry_points.extend(lines.map(|(name, target)| EntryPoint::new(group, name, target)));
            }
            _ => {}
        }
    }
    out
}

/// Reads `entry_points.txt`.
pub fn read_entry_points(bytes: &[u8]) -> Vec<EntryPoint> {
    let settings = settings(&String::from_utf8_lossy(bytes));
    settings.iter().map(|one| EntryPoint::new(&one.section, &one.key, &one.value)).collect()
}

/// Reads `top_level.txt`: the names that can be imported.
pub fn read_top_level(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

struct Setting {
    section: String,
    key: String,
    value: String,
}

/// The settings of an INI text; indented lines continue a value.
fn settings(text: &str) -> Vec<Setting> {
    let mut out: Vec<Setting> = Vec::new();
    let mut section = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split_once(']')).map(|(name, _)| name) {
            section = name.trim().to_owned();
        } else if let Some(last) =
            out.last_mut().filter(|last| line.starts_with([' ', '\t']) && last.section == section)
        {
            last.value.push('\n');
            last.value.push_str(trimmed);
        } else if let Some((key, value)) = trimmed.split_once(['=', ':']) {
            let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
            out.push(Setting { section: section.clone(), key, value });
        }
    }
    out
}

fn text_of(table: &Table, key: &str) -> Option<String> {
    table.get(key)?.as_str().map(str::to_owned)
}

fn texts_of(table: &Table, key: &str) -> Vec<String> {
    let values = table.get(key).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn points(group: &str, entries: Option<&Value>) -> Vec<EntryPoint> {
    let entries = entries.and_then(Value::as_table).into_iter().flatten();
    entries.filter_map(|(name, target)| Some(EntryPoint::new(group, name, target.as_str()?))).collect()
}
