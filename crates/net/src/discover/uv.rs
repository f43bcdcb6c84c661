//! uv: variables, `uv.toml`, and `[tool.uv]` of `pyproject.toml`.
//!
//! <https://docs.astral.sh/uv/concepts/indexes/>

use std::path::PathBuf;

use model::Ecosystem;
use toml::{Table, Value};

use super::{Discovered, Environment, web_address};

/// `UV_INDEX` and `UV_EXTRA_INDEX_URL` come before `UV_DEFAULT_INDEX` (once `UV_INDEX_URL`), as in uv.
pub(super) fn variables(environment: &Environment, found: &mut Discovered) {
    if environment.var("PIP_INDEX_URL").is_some() {
        return;
    }
    for name in ["UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL"] {
        for word in environment.var(name).into_iter().flat_map(str::split_whitespace) {
            // An index may have a name in front: `corp=https://...`.
            let (index, url) = match word.split_once('=') {
                Some((index, url)) if !index.contains('/') => (index, url),
                _ => ("", word),
            };
            add(environment, found, index, url, format!("the variable {name}"));
        }
    }
}

/// The configuration of the project, of the user and of the system. The first that names a default index wins.
pub(super) fn files(environment: &Environment, found: &mut Discovered) {
    if found.has(Ecosystem::Pypi) {
        return;
    }
    let user = environment.config_home().map(|folder| folder.join("uv").join("uv.toml"));
    let project =
        environment.cwd.ancestors().flat_map(|folder| [folder.join("uv.toml"), folder.join("pyproject.toml")]);
    let paths: Vec<PathBuf> = match environment.var("UV_CONFIG_FILE") {
        Some(path) => vec![PathBuf::from(path)],
        None => project.chain(user).chain([environment.at_root("etc/uv/uv.toml")]).collect(),
    };
    for path in paths {
        let Some(text) = environment.text(&path) else { continue };
        let shown = environment.shown(&path);
        let Ok(table) = text.parse::<Table>() else {
            found.notes.push(format!("{shown} is no valid TOML and is passed over"));
            continue;
        };
        let table = match path.file_name().is_some_and(|name| name == "pyproject.toml") {
            true => table.get("tool").and_then(|tool| tool.get("uv")).and_then(Value::as_table),
            false => Some(&table),
        };
        if table.is_some_and(|table| read(environment, found, table, &shown)) {
            return;
        }
    }
}

fn read(environment: &Environment, found: &mut Discovered, table: &Table, shown: &str) -> bool {
    let indexes: Vec<&Table> =
        table.get("index").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table).collect();
    let is_default = |index: &&&Table| index.get("default").and_then(Value::as_bool).unwrap_or(false);
    let default = indexes.iter().find(is_default);
    let pip = table.get("pip").and_then(Value::as_table);
    let legacy = [Some(table), pip].into_iter().flatten().find_map(|table| table.get("index-url")?.as_str());
    if default.is_none() && legacy.is_none() {
        // Further indexes alone leave the default in place; private ones are asked by uv only for what they are named for.
        return false;
    }
    for index in indexes.iter().filter(|index| !is_default(index)).chain(default) {
        let text = |key: &str| index.get(key).and_then(Value::as_str).unwrap_or_default();
        if index.get("explicit").and_then(Value::as_bool) != Some(true) {
            add(environment, found, text("name"), text("url"), shown.to_owned());
        }
    }
    if let Some(url) = legacy.filter(|_| default.is_none()) {
        add(environment, found, "", url, shown.to_owned());
    }
    true
}

/// Adds an index, with the user and password that variables hold for its name.
fn add(environment: &Environment, found: &mut Discovered, index: &str, url: &str, origin: String) {
    let name: String =
        index.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let of = |what: &str| environment.var(&format!("UV_INDEX_{name}_{what}"));
    let mut address = url.to_owned();
    let parsed = web_address(url).filter(|_| !name.is_empty());
    if let (Some(mut parsed), Some(user), Some(password)) = (parsed, of("USERNAME"), of("PASSWORD")) {
        let _ = parsed.set_username(user);
        let _ = parsed.set_password(Some(password));
        address = parsed.to_string();
    }
    found.add(Ecosystem::Pypi, &address, origin, None);
}
