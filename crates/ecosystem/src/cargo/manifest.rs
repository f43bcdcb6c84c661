//! `Cargo.toml`: whether and which code runs while users of the crate compile.

use model::{Parsed, Problem};
use toml::{Table, Value};

/// What matters of a `Cargo.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// The crate's own name.
    pub name: Option<String>,
    /// The crate's own version.
    pub version: Option<String>,
    /// The address of the repository.
    pub repository: Option<String>,
    /// The build script.
    pub build: Build,
    /// Whether it is a procedural macro: then its library runs inside the compiler.
    pub proc_macro: bool,
    /// The root of the library; without one, `src/lib.rs`.
    pub lib_path: Option<String>,
    /// Programs: name and, when it is given, path.
    pub bins: Vec<(String, Option<String>)>,
    /// The native library that it links.
    pub links: Option<String>,
    /// Names of dependencies, each with the table it stands in.
    pub dependencies: Vec<(String, String)>,
}

/// Where the build script is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Build {
    /// Nothing is said: `build.rs`, if it exists.
    #[default]
    Default,
    /// There is none, whatever files exist.
    Off,
    /// At these paths.
    Paths(Vec<String>),
}

impl Build {
    /// The paths at which build scripts may be.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Self::Default => vec!["build.rs"],
            Self::Off => Vec::new(),
            Self::Paths(paths) => paths.iter().map(String::as_str).collect(),
        }
    }
}

/// Reads a `Cargo.toml`.
pub fn read(bytes: &[u8]) -> Parsed<Manifest> {
    match String::from_utf8_lossy(bytes).parse::<Table>() {
        Ok(table) => Parsed::clean(manifest(&table)),
        Err(error) => {
            let problem = Problem::new("malformed-manifest", "Cargo.toml", error.message());
            Parsed { value: Manifest::default(), problems: vec![problem] }
        }
    }
}

fn manifest(table: &Table) -> Manifest {
    let empty = Table::new();
    let section = |key: &str| table.get(key).and_then(Value::as_table).unwrap_or(&empty);
    let package = if table.contains_key("package") { section("package") } else { section("project") };
    let text = |table: &Table, key: &str| table.get(key).and_then(Value::as_str).map(str::to_owned);
    let lib = section("lib");
    let flag = |key: &str| lib.get(key).and_then(Value::as_bool).unwrap_or(false);
    let bins = table.get("bin").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
    Manifest {
        name: text(package, "name"),
        version: text(package, "version"),
        repository: text(package, "repository"),
        build: build(package.get("build")),
        proc_macro: flag("proc-macro") || flag("proc_macro") || has_crate_type(lib, "proc-macro"),
        lib_path: text(lib, "path"),
        bins: bins.filter_map(|bin| Some((text(bin, "name")?, text(bin, "path")))).collect(),
        links: text(package, "links"),
        dependencies: dependencies(table),
    }
}

fn build(value: Option<&Value>) -> Build {
    match value {
        Some(Value::Boolean(false)) => Build::Off,
        Some(Value::String(path)) => Build::Paths(vec![path.clone()]),
        Some(Value::Array(paths)) => {
            Build::Paths(paths.iter().filter_map(|path| path.as_str().map(str::to_owned)).collect())
        }
        _ => Build::Default,
    }
}

fn has_crate_type(lib: &Table, wanted: &str) -> bool {
    let kinds = lib.get("crate-type").or_else(|| lib.get("crate_type"));
    kinds.and_then(Value::as_array).is_some_and(|kinds| kinds.iter().any(|kind| kind.as_str() == Some(wanted)))
}

fn dependencies(table: &Table) -> Vec<(String, String)> {
    const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];
    let targets = table.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = std::iter::once(table).chain(targets.filter_map(|(_, target)| target.as_table()));
    let mut out = Vec::new();
    for table in tables {
        for key in TABLES {
            let names = table.get(key).and_then(Value::as_table).into_iter().flat_map(Table::keys);
            out.extend(names.map(|name| (name.clone(), key.to_owned())));
        }
    }
    out
}
