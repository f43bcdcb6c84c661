//! pip: variables, `pip.conf` in all its places, and `.netrc`.
//!
//! <https://pip.pypa.io/en/stable/topics/configuration/>

use std::path::PathBuf;

use model::Ecosystem;
use url::Url;

use super::{Discovered, Environment, ini};
use crate::Credential;

/// `PIP_INDEX_URL` and `PIP_EXTRA_INDEX_URL`.
pub(super) fn variables(environment: &Environment, found: &mut Discovered) {
    for name in ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"] {
        for url in environment.var(name).into_iter().flat_map(str::split_whitespace) {
            found.add(Ecosystem::Pypi, url, format!("the variable {name}"), None);
        }
    }
}

/// Every configuration file, the nearest first. The first to name an index wins, as in pip.
pub(super) fn files(environment: &Environment, found: &mut Discovered) {
    let paths = paths(environment);
    let mut settings = Vec::new();
    for path in &paths {
        let Some(text) = environment.text(path) else { continue };
        let shown = environment.shown(path);
        settings.extend(ini::settings(&text).into_iter().map(|one| (shown.clone(), one)));
    }
    for key in ["index-url", "extra-index-url"] {
        if key == "index-url" && found.has(Ecosystem::Pypi) {
            continue;
        }
        // Settings of a command win over those of all commands.
        let named =
            |section: &str| settings.iter().find(|(_, one)| one.section == section && one.key.replace('_', "-") == key);
        if let Some((shown, one)) = named("download").or_else(|| named("install")).or_else(|| named("global")) {
            for url in one.value.split_whitespace() {
                found.add(Ecosystem::Pypi, url, format!("{shown}, line {}", one.line), None);
            }
        }
    }
    let cert = settings.iter().find(|(_, one)| one.section == "global" && one.key == "cert");
    found.authorities.extend(cert.map(|(_, one)| PathBuf::from(&one.value)));
}

fn paths(environment: &Environment) -> Vec<PathBuf> {
    let named = environment.var("PIP_CONFIG_FILE").map(PathBuf::from);
    if named.as_ref().is_some_and(|path| path.ends_with("null") || path.ends_with("nul")) {
        return Vec::new();
    }
    let name = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
    let venv = environment.var("VIRTUAL_ENV").map(|folder| PathBuf::from(folder).join(name));
    let user = environment.config_home().map(|folder| folder.join("pip").join(name));
    let apple = environment.at_home("Library/Application Support/pip/pip.conf");
    let legacy = environment.at_home(if cfg!(windows) { "pip/pip.ini" } else { ".pip/pip.conf" });
    let shared = environment.var("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg").split(':');
    let shared = shared.map(|folder| environment.at_root(folder.trim_start_matches('/')).join("pip").join(name));
    let global = [
        environment.at_root("etc/pip.conf"),
        environment.at_root("Library/Application Support/pip/pip.conf"),
        environment.at_root("ProgramData/pip/pip.ini"),
    ];
    [named, venv, user, apple, legacy].into_iter().flatten().chain(shared).chain(global).collect()
}

/// Passwords of `.netrc` for the hosts of the indexes that were found.
pub(super) fn netrc(environment: &Environment, found: &mut Discovered) {
    let path = environment.var("NETRC").map(PathBuf::from).or_else(|| environment.at_home(".netrc"));
    let Some(text) = path.and_then(|path| environment.text(&path)) else { return };
    let words: Vec<_> =
        text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(str::split_whitespace).collect();
    for machine in words.split(|word| *word == "machine").skip(1) {
        let Some((host, fields)) = machine.split_first() else { continue };
        let field = |name: &str| fields.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
        let (Some(user), Some(password)) = (field("login"), field("password")) else { continue };
        let urls: Vec<Url> = found.endpoints.iter().map(|one| one.url.clone()).collect();
        for mut url in urls.into_iter().filter(|url| url.host_str() == Some(host)) {
            url.set_path("/");
            if let Some(credential) = Credential::basic(&url, user, password) {
                found.credentials.add(credential);
            }
        }
    }
}
