//! Lazaret's own `lazaret.toml`, which wins over every client.

use std::path::PathBuf;

use model::Ecosystem;
use toml::{Table, Value};

use super::{Discovered, Environment, web_address};
use crate::Credential;

/// Reads the nearest `lazaret.toml` upwards, then the user's.
pub(super) fn read(environment: &Environment, found: &mut Discovered) {
    let project = environment.cwd.ancestors().map(|folder| folder.join("lazaret.toml")).find(|path| path.is_file());
    let user = environment.config_home().map(|folder| folder.join("lazaret").join("lazaret.toml"));
    let mut paths: Vec<PathBuf> = project.into_iter().chain(user).collect();
    paths.dedup();
    for path in paths {
        let Some(text) = environment.text(&path) else { continue };
        let shown = environment.shown(&path);
        match text.parse::<Table>() {
            Ok(table) => settings(environment, found, &table, &shown),
            Err(error) => found.notes.push(format!("{shown} is no valid TOML and is passed over: {}", error.message())),
        }
    }
}

fn settings(environment: &Environment, found: &mut Discovered, table: &Table, shown: &str) {
    for (name, registry) in table.get("registries").and_then(Value::as_table).into_iter().flatten() {
        let Ok(ecosystem) = name.parse::<Ecosystem>() else {
            found
                .notes
                .push(format!("{shown} has a registry for \"{name}\", which is no ecosystem that Lazaret knows"));
            continue;
        };
        if let Some(registry) = registry.as_table() {
            self::registry(environment, found, ecosystem, registry, shown);
        }
    }
    let authority = table.get("network").and_then(|network| network.get("ca_file")).and_then(Value::as_str);
    found.authorities.extend(authority.map(PathBuf::from));
    if let Some(limit) = table.get("cache").and_then(|cache| cache.get("limit")) {
        match size(limit) {
            Some(limit) => found.cache_limit = found.cache_limit.or(Some(limit)),
            None => found.notes.push(format!("{shown} has a cache limit that is no size; write one as \"2 GiB\"")),
        }
    }
}

fn registry(environment: &Environment, found: &mut Discovered, ecosystem: Ecosystem, table: &Table, shown: &str) {
    let text = |key: &str| table.get(key).and_then(Value::as_str);
    let scopes = table.get("scopes").and_then(Value::as_table).into_iter().flatten();
    for (scope, url) in scopes {
        let known = found.endpoints.iter().any(|one| one.ecosystem == ecosystem && one.scope.as_ref() == Some(scope));
        if let Some(url) = url.as_str().filter(|_| !known) {
            found.add(ecosystem, url, shown, Some(scope));
        }
    }
    let Some(url) = text("url") else { return };
    if found.has(ecosystem) {
        return;
    }
    let url = url.strip_prefix("sparse+").unwrap_or(url);
    // The file names variables and holds no secrets itself, so that it can be committed.
    let variable = |key: &str| environment.var(text(key)?);
    let credential = web_address(url).and_then(|url| match (variable("token_env"), variable("username_env")) {
        (Some(token), _) if ecosystem == Ecosystem::Cargo => Credential::raw(&url, token),
        (Some(token), _) => Credential::bearer(&url, token),
        (None, Some(user)) => Credential::basic(&url, user, variable("password_env").unwrap_or_default()),
        _ => None,
    });
    credential.into_iter().for_each(|credential| found.credentials.add(credential));
    found.add(ecosystem, url, shown, None);
}

/// A number of bytes, or a text such as `500 MiB`.
fn size(value: &Value) -> Option<u64> {
    if let Some(bytes) = value.as_integer() {
        return u64::try_from(bytes).ok();
    }
    let text = value.as_str()?.trim();
    let cut = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[cut..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1_u64 << 40,
        _ => return None,
    };
    text[..cut].parse::<u64>().ok()?.checked_mul(unit)
}
