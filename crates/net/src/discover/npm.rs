//! npm: variables, then `.npmrc` of project, user, prefix and npm itself.
use std::{collections::BTreeMap, path::PathBuf};

use data_encoding::BASE64;
use model::Ecosystem;
use url::Url;

use super::{Discovered, Environment, asked, ini};
use crate::Credential;

struct Setting {
    key: String,
    value: String,
    origin: String,
}

/// Reads everything that npm reads; the first to say something wins, as in npm.
pub(super) fn read(environment: &Environment, found: &mut Discovered) {
    let settled = found.has(Ecosystem::Npm);
    let mut settings = variables(environment);
    for path in files(environment, &settings) {
        settings.extend(file(environment, &path));
    }
    for Setting { key, value, origin } in &settings {
        match key.split_once(':') {
            None if key == "registry" && !settled && !found.has(Ecosystem::Npm) => {
                found.add(Ecosystem::Npm, value, origin, None);
            }
            None if key == "cafile" => found.authorities.push(PathBuf::from(value)),
            Some((scope, "registry")) if scope.starts_with('@') => {
                let known = found.endpoints.iter().any(|one| one.scope.as_deref() == Some(scope));
                if !known {
                    found.add(Ecosystem::Npm, value, origin, Some(scope));
                }
            }
            _ => {}
        }
    }
    if !found.has(Ecosystem::Npm) {
        asked::npm(environment, found);
    }
    credentials(&settings, found);
}

/// `npm_config_*`, in any case.
fn variables(environment: &Environment) -> Vec<Setting> {
    let own = environment.vars.iter().filter(|(_, value)| !value.is_empty()).filter_map(|(name, value)| {
        let (prefix, key) = name.split_at_checked("npm_config_".len())?;
        // Scopes and addresses keep their case; words do not matter.
        let key = if key.starts_with(['@', '/']) { key.to_owned() } else { key.to_ascii_lowercase().replace('_', "-") };
        let origin = format!("the variable {name}");
        prefix.eq_ignore_ascii_case("npm_config_").then(|| Setting { key, value: value.clone(), origin })
    });
    own.collect()
}

fn files(environment: &Environment, settings: &[Setting]) -> Vec<PathBuf> {
    let set = |key: &str| settings.iter().find(|one| one.key == key).map(|one| PathBuf::from(&one.value));
    let program = environment.programs.find("npm").map(|path| path.canonicalize().unwrap_or(path));
    let node = environment.programs.find("node").map(|path| path.canonicalize().unwrap_or(path));
    let prefix = set("prefix").or_else(|| Some(node?.parent()?.parent()?.to_owned()));
    let project = project(environment).map(|folder| folder.join(".npmrc"));
    let user = set("userconfig").or_else(|| environment.at_home(".npmrc"));
    // A project in the home would read the user's file twice, which is harmless.
    let global = set("globalconfig").or_else(|| Some(prefix?.join("etc").join("npmrc")));
    let builtin = program.as_deref().and_then(|path| Some(path.parent()?.parent()?.join("npmrc")));
    [project, user, global, builtin].into_iter().flatten().collect()
}

/// The nearest folder upwards that is an npm project.
fn project(environment: &Environment) -> Option<PathBuf> {
    let is_project =
        |folder: &&std::path::Path| folder.join("package.json").is_file() || folder.join("node_modules").is_dir();
    environment.cwd.ancestors().find(is_project).or(Some(environment.cwd.as_path())).map(ToOwned::to_owned)
}

fn file(environment: &Environment, path: &std::path::Path) -> Vec<Setting> {
    let Some(text) = environment.text(path) else { return Vec::new() };
    let shown = environment.shown(path);
    let settings = ini::settings(&text).into_iter().filter(|one| one.section.is_empty());
    settings
        .map(|one| Setting {
            value: expand(environment, &one.value),
            key: expand(environment, &one.key),
            origin: format!("{shown}, line {}", one.line),
        })
        .collect()
}

/// Puts variables in for `${NAME}`; with `?` an unset one is empty, otherwise it stays as written.
fn expand(environment: &Environment, text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        match (environment.var(name.trim_end_matches('?')), name.ends_with('?')) {
            (Some(value), _) => out.push_str(value),
            (None, true) => {}
            (None, false) => out.push_str(&format!("${{{name}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// `//host/path/:_authToken` and its kin. They are written without a scheme: plain HTTP gets them only where the registry
/// itself is configured so.
fn credentials(settings: &[Setting], found: &mut Discovered) {
    let mut places: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for one in settings {
        let Some((place, key)) = one.key.rsplit_once(':').filter(|(place, _)| place.starts_with("//")) else {
            continue;
        };
        // What is said first is said nearest.
        places.entry(place).or_default().entry(key).or_insert(&one.value);
    }
    for (place, keys) in places {
        let plain =
            found.endpoints.iter().any(|one| one.url.scheme() == "http" && place_of(&one.url).starts_with(place));
        let Ok(url) = Url::parse(&format!("{}:{place}", if plain { "http" } else { "https" })) else { continue };
        let get = |key: &str| keys.get(key).copied().filter(|value| !value.is_empty());
        let password = || String::from_utf8(BASE64.decode(get("_password")?.as_bytes()).ok()?).ok();
        let credential = match (get("_authToken"), get("_auth"), get("username")) {
            (Some(token), _, _) => Credential::bearer(&url, token),
            (_, Some(basic), _) => Credential::raw(&url, &format!("Basic {basic}")),
            (_, _, Some(user)) => password().and_then(|password| Credential::basic(&url, user, &password)),
            _ => None,
        };
        if let Some(credential) = credential {
            found.credentials.add(credential);
        }
    }
}

/// An address as npm writes the keys of its credentials.
fn place_of(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let slash = if url.path().ends_with('/') { "" } else { "/" };
    format!("//{}{port}{}{slash}", url.host_str().unwrap_or_default(), url.path())
}
