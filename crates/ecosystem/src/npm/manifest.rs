//! `package.json`: what runs when, and what is asked for.

use model::{Parsed, Problem};
use serde_json::{Map, Value};

/// What matters of a `package.json`. A field of the wrong type counts as missing, as npm itself takes it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// The package's own name.
    pub name: Option<String>,
    /// The package's own version.
    pub version: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The address of the repository.
    pub repository: Option<String>,
    /// The CommonJS entry; without one, `index.js`.
    pub main: Option<String>,
    /// The entry for bundlers.
    pub module: Option<String>,
    /// The files that replace others in browsers.
    pub browser: Vec<String>,
    /// Every path in `exports`, in order; patterns with `*` included.
    pub exports: Vec<String>,
    /// Commands and their files.
    pub bin: Vec<(String, String)>,
    /// Scripts, in order.
    pub scripts: Vec<(String, String)>,
    /// Everything that it depends on, in order.
    pub dependencies: Vec<Dependency>,
    /// What is published.
    pub files: Vec<String>,
    /// Whether `.js` files are ES modules.
    pub is_module: bool,
    /// What `gypfile` says. Without a word of it, a `binding.gyp` builds at installation.
    pub gypfile: Option<bool>,
}

/// One dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The name under which it is installed.
    pub name: String,
    /// The range, tag, address or path.
    pub requirement: String,
    /// Under which key it stands.
    pub group: Group,
}

/// The keys under which dependencies stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// `dependencies`
    Normal,
    /// `optionalDependencies`
    Optional,
    /// `peerDependencies`
    Peer,
    /// `devDependencies`: not installed for users of the package.
    Development,
    /// `bundleDependencies`: shipped inside.
    Bundled,
}

const GROUPS: [(&str, Group); 6] = [
    ("dependencies", Group::Normal),
    ("optionalDependencies", Group::Optional),
    ("peerDependencies", Group::Peer),
    ("devDependencies", Group::Development),
    ("bundleDependencies", Group::Bundled),
    ("bundledDependencies", Group::Bundled),
];

/// The scripts that npm runs by itself when somebody installs the package as a dependency, in their order.
pub const INSTALL_SCRIPTS: [&str; 3] = ["preinstall", "install", "postinstall"];

/// The scripts that run besides when the package is installed from a folder or a repository.
pub const PREPARE_SCRIPTS: [&str; 4] = ["prepublish", "preprepare", "prepare", "postprepare"];

impl Manifest {
    /// The text of a script.
    pub fn script(&self, name: &str) -> Option<&str> {
        self.scripts.iter().find(|(one, _)| one == name).map(|(_, text)| text.as_str())
    }
}

/// Reads a `package.json`.
pub fn read(bytes: &[u8]) -> Parsed<Manifest> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let wrong = |detail: String| vec![Problem::new("malformed-manifest", "package.json", detail)];
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Parsed::clean(manifest(&object)),
        Ok(_) => Parsed { value: Manifest::default(), problems: wrong("it is no object".into()) },
        Err(error) => Parsed { value: Manifest::default(), problems: wrong(error.to_string()) },
    }
}

fn manifest(object: &Map<String, Value>) -> Manifest {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let name = text("name");
    Manifest {
        bin: bin(object.get("bin"), object.get("directories"), name.as_deref()),
        version: text("version"),
        description: text("description"),
        repository: object
            .get("repository")
            .and_then(|value| value.as_str().or_else(|| value["url"].as_str()))
            .map(str::to_owned),
        main: text("main"),
        module: text("module"),
        browser: object.get("browser").map(leaves).unwrap_or_default(),
        exports: object.get("exports").map(leaves).unwrap_or_default(),
        scripts: pairs(object.get("scripts")),
        dependencies: GROUPS.iter().flat_map(|(key, group)| dependencies(object.get(*key), *group)).collect(),
        files: object.get("files").map(leaves).unwrap_or_default(),
        is_module: object.get("type").and_then(Value::as_str) == Some("module"),
        gypfile: object.get("gypfile").and_then(Value::as_bool),
        name,
    }
}

fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn dependencies(value: Option<&Value>, group: Group) -> Vec<Dependency> {
    let one = |name: &str, requirement: &str| Dependency { name: name.into(), requirement: requirement.into(), group };
    match value {
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(|name| one(name, "")).collect(),
        other => pairs(other).iter().map(|(name, requirement)| one(name, requirement)).collect(),
    }
}

/// A command is named after its key, or after the package when there is only one.
fn bin(value: Option<&Value>, directories: Option<&Value>, name: Option<&str>) -> Vec<(String, String)> {
    match value {
        Some(Value::String(path)) => {
            let command = name.unwrap_or_default().rsplit('/').next().unwrap_or_default();
            vec![(command.to_owned(), path.clone())]
        }
        Some(value) => pairs(Some(value)),
        None => {
            let folder = directories.and_then(|value| value["bin"].as_str());
            folder.map(|folder| (String::new(), folder.to_owned())).into_iter().collect()
        }
    }
}

/// Every text in a value, in order. The nesting is bounded by serde_json's own limit.
fn leaves(value: &Value) -> Vec<String> {
    fn walk(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) if !out.contains(text) => out.push(text.clone()),
            Value::Array(values) => values.iter().for_each(|value| walk(value, out)),
            Value::Object(object) => object.values().for_each(|value| walk(value, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(value, &mut out);
    out
}
