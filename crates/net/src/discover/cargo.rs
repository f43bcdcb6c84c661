//! cargo: source replacement, registries, tokens.
//!
//! <https://doc.rust-lang.org/cargo/reference/source-replacement.html>

use std::path::{Path, PathBuf};

use model::Ecosystem;
use toml::{Table, Value};

use super::{Discovered, Environment, asked, web_address};
use crate::Credential;

/// The name that cargo gives its default registry.
const DEFAULT: &str = "crates-io";

/// Reads what cargo reads: `.cargo/config.toml` upwards, then that of its home.
pub(super) fn read(environment: &Environment, found: &mut Discovered) {
    let home = environment.var("CARGO_HOME").map(PathBuf::from).or_else(|| environment.at_home(".cargo"));
    let folders = environment.cwd.ancestors().map(|folder| folder.join(".cargo")).chain(home.clone());
    let mut seen = Vec::new();
    let mut configs = Vec::new();
    for folder in folders {
        let Some(path) = ["config.toml", "config"].iter().map(|name| folder.join(name)).find(|path| path.is_file())
        else {
            continue;
        };
        if !seen.contains(&path) {
            configs.extend(table(environment, found, &path));
            seen.push(path);
        }
    }
    authority(&configs, found);
    if found.has(Ecosystem::Cargo) {
        return;
    }
    match replacement(environment, &configs) {
        Some(Replacement { name, index, origin }) => {
            let sparse = index.strip_prefix("sparse+").unwrap_or(&index);
            let is_sparse = sparse.len() != index.len();
            if !is_sparse || !found.add(Ecosystem::Cargo, sparse, &origin, None) {
                found.notes.push(format!(
                    "{origin} replaces the registry of cargo by one that is not sparse; Lazaret cannot read it"
                ));
            } else if let Some(token) = token(environment, home.as_deref(), &name) {
                let credential = web_address(sparse).and_then(|url| Credential::raw(&host(url), &token));
                credential.into_iter().for_each(|credential| found.credentials.add(credential));
            }
        }
        None => asked::cargo(environment, found),
    }
}

fn host(mut url: url::Url) -> url::Url {
    url.set_path("/");
    url
}

fn table(environment: &Environment, found: &mut Discovered, path: &Path) -> Option<(String, Table)> {
    let shown = environment.shown(path);
    match environment.text(path)?.parse::<Table>() {
        Ok(table) => Some((shown, table)),
        Err(_) => {
            found.notes.push(format!("{shown} is no valid TOML and is passed over"));
            None
        }
    }
}

fn authority(configs: &[(String, Table)], found: &mut Discovered) {
    let cainfo = configs.iter().find_map(|(_, table)| table.get("http")?.get("cainfo")?.as_str());
    found.authorities.extend(cainfo.map(PathBuf::from));
}

struct Replacement {
    name: String,
    index: String,
    origin: String,
}

/// What stands in for the default registry, when something does.
fn replacement(environment: &Environment, configs: &[(String, Table)]) -> Option<Replacement> {
    let get = |section: &str, name: &str, key: &str| {
        configs.iter().find_map(|(shown, table)| Some((table.get(section)?.get(name)?.get(key)?.as_str()?, shown)))
    };
    let (mut name, mut origin) = get("source", DEFAULT, "replace-with")?;
    // A replacement may be replaced in turn; a circle ends by the count.
    for _ in 0..16 {
        match get("source", name, "replace-with") {
            Some((next, shown)) => (name, origin) = (next, shown),
            None => break,
        }
    }
    let variable = format!("CARGO_REGISTRIES_{}_INDEX", upper(name));
    let index = environment.var(&variable).or_else(|| get("registries", name, "index").map(|(index, _)| index));
    let index = index.or_else(|| get("source", name, "registry").map(|(index, _)| index)).unwrap_or("");
    Some(Replacement { name: name.to_owned(), index: index.to_owned(), origin: origin.clone() })
}

fn token(environment: &Environment, home: Option<&Path>, name: &str) -> Option<String> {
    if let Some(token) = environment.var(&format!("CARGO_REGISTRIES_{}_TOKEN", upper(name))) {
        return Some(token.to_owned());
    }
    let files = ["credentials.toml", "credentials"].map(|file| home.map(|home| home.join(file)));
    files.into_iter().flatten().find_map(|path| {
        let table = environment.text(&path)?.parse::<Table>().ok()?;
        table.get("registries")?.get(name)?.get("token").and_then(Value::as_str).map(str::to_owned)
    })
}

fn upper(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}
