//! Lazaret's own `lazaret.toml`, which wins over every client.

use std::{
    path::{Path, PathBuf},
    slice,
};

use model::Ecosystem;
use toml::{Table, Value};

use super::{Discovered, Environment, web_address};
use crate::Credential;

/// Reads the nearest `lazaret.toml` upwards, then the user's.
pub(super) fn read(environment: &Environment, found: &mut Discovered) {
    let project = environment.cwd.ancestors().map(|folder| folder.join("lazaret.toml")).find(|path| path.is_file());
    let user = environment.config_home().map(|folder| folder.join("lazaret").join("lazaret.toml"));
    let paths: Vec<PathBuf> = project.into_iter().chain(user.clone()).collect();
    for (at, path) in paths.iter().enumerate() {
        if paths[..at].contains(path) {
            continue;
        }
        let trusted = Some(path) == user.as_ref();
        let Some(text) = environment.text(path) else { continue };
        let shown = environment.shown(path);
        match text.parse::<Table>() {
            Ok(table) => File { environment, path, shown: &shown, trusted }.settings(found, &table),
            Err(error) => found.notes.push(format!("{shown} is no valid TOML and is passed over: {}", error.message())),
        }
    }
}

/// One `lazaret.toml`.
struct File<'a> {
    environment: &'a Environment,
    path: &'a Path,
    shown: &'a str,
    /// Whether it is the user's own. One that lies in a folder may have come with a hostile project.
    trusted: bool,
}

impl File<'_> {
    fn settings(&self, found: &mut Discovered, table: &Table) {
        let shown = self.shown;
        for (name, registry) in table.get("registries").and_then(Value::as_table).into_iter().flatten() {
            match (name.parse::<Ecosystem>(), registry.as_table()) {
                (Ok(ecosystem), Some(registry)) => self.registry(found, ecosystem, registry),
                (Ok(_), None) => found.notes.push(format!("{shown} has a registry for {name} that is no table")),
                (Err(error), _) => found.notes.push(format!("{shown} has a registry that is passed over: {error}")),
            }
        }
        let authority = table.get("network").and_then(|network| network.get("ca_file")).and_then(Value::as_str);
        found.authorities.extend(authority.map(PathBuf::from));
        table.get("index").iter().for_each(|index| self.index(found, index));
        if let Some(database) = table.get("database") {
            self.database(found, database);
        }
        if let Some(limit) = table.get("cache").and_then(|cache| cache.get("limit")) {
            match size(limit) {
                Some(limit) => found.cache_limit = found.cache_limit.or(Some(limit)),
                None => found.notes.push(format!("{shown} has a cache limit that is no size; write one as \"2 GiB\"")),
            }
        }
    }

    /// A path counts from the folder of the file. A project does not choose what the user's packages are compared with.
    fn index(&self, found: &mut Discovered, index: &Value) {
        let shown = self.shown;
        match (index.as_str(), self.trusted) {
            (Some(path), true) => found.index = Some(self.path.with_file_name(path)),
            (None, true) => found.notes.push(format!("{shown} has an index that is no path; write index = \"FILE\"")),
            (_, false) => found.notes.push(format!(
                "{shown} names an index of known malware, which a project's file may not; name it in your own lazaret.toml"
            )),
        }
    }

    /// A project does not choose whom the user believes either.
    fn database(&self, found: &mut Discovered, database: &Value) {
        let shown = self.shown;
        let Some(table) = database.as_table().filter(|_| self.trusted) else {
            found.notes.push(match self.trusted {
                true => format!("{shown} has a database that is no table; write [database]"),
                false => format!(
                    "{shown} names a database of verdicts, which a project's file may not; name it in your own lazaret.toml"
                ),
            });
            return;
        };
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        // One text, or a list of them.
        let texts = |key: &str| -> Vec<String> {
            let values = table.get(key).map(|value| value.as_array().map_or(slice::from_ref(value), Vec::as_slice));
            values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let beside = |path: &str| self.path.with_file_name(path);
        let source = text("url").map(|url| match web_address(url) {
            Some(_) => url.to_owned(),
            None => beside(url).display().to_string(),
        });
        if let (Some(url), Some(name)) = (source.as_deref().and_then(web_address), text("token_env")) {
            let token = self.variable(found, name);
            let credential = token.and_then(|token| Credential::bearer(&url, &token));
            credential.into_iter().for_each(|credential| found.credentials.add(credential));
        }
        found.database = super::DatabaseSettings {
            source,
            root_keys: texts("root_key"),
            own: text("own").map(beside),
            trust: texts("trust"),
            folder: text("folder").map(beside),
        };
    }

    fn registry(&self, found: &mut Discovered, ecosystem: Ecosystem, table: &Table) {
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        for (scope, url) in table.get("scopes").and_then(Value::as_table).into_iter().flatten() {
            let known =
                found.endpoints.iter().any(|one| one.ecosystem == ecosystem && one.scope.as_ref() == Some(scope));
            if let Some(url) = url.as_str().filter(|_| !known) {
                found.add(ecosystem, url, self.shown, Some(scope));
            }
        }
        let Some(url) = text("url").filter(|_| !found.has(ecosystem)) else { return };
        let url = url.strip_prefix("sparse+").unwrap_or(url);
        let mut secret = |key: &str| self.variable(found, text(key)?);
        let (token, user, password) = (secret("token_env"), secret("username_env"), secret("password_env"));
        let credential = web_address(url).and_then(|url| match (token, user) {
            (Some(token), _) if ecosystem == Ecosystem::Cargo => Credential::raw(&url, &token),
            (Some(token), _) => Credential::bearer(&url, &token),
            (None, Some(user)) => Credential::basic(&url, &user, &password.unwrap_or_default()),
            _ => None,
        });
        credential.into_iter().for_each(|credential| found.credentials.add(credential));
        found.add(ecosystem, url, self.shown, None);
    }

    /// The file names variables and holds no secrets itself, so that it can be committed. A project's file gets only
    /// variables that are meant for Lazaret: otherwise it could have any secret of the user sent to a host of its choice.
    fn variable(&self, found: &mut Discovered, name: &str) -> Option<String> {
        if !self.trusted && !name.starts_with("LAZARET_") {
            let shown = self.shown;
            found.notes.push(format!(
                "{shown} asks for the variable {name}, which a project's file may not have; name it LAZARET_..., or move \
                 the setting to your own lazaret.toml"
            ));
            return None;
        }
        self.environment.var(name).map(str::to_owned)
    }
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
