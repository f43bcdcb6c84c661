//! Where registries are: as the user's own clients have it, and above all as `lazaret.toml` has it.
//!
//! No registry's host is written in Lazaret. Configuration files and variables are read first; only when they say nothing
//! is the client itself asked for its default, and the answer is remembered, since asking takes up to half a second.

use std::path::PathBuf;

use model::Ecosystem;
use url::Url;

use crate::Credentials;

mod asked;
mod bundler;
mod cargo;
mod environment;
mod ini;
mod npm;
mod own;
mod pip;
mod uv;

pub use environment::{Environment, Output, Programs, System};

/// One registry address and how it became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Whose packages it has.
    pub ecosystem: Ecosystem,
    /// The address, without credentials.
    pub url: Url,
    /// Where it was found, in words: `~/.npmrc, line 3`.
    pub origin: String,
    /// The npm scope for which it is, with its `@`; none for every package.
    pub scope: Option<String>,
}

/// Everything that was found.
#[derive(Debug, Clone, Default)]
pub struct Discovered {
    /// The addresses, the first choice first.
    pub endpoints: Vec<Endpoint>,
    /// What proves to hosts who the user is.
    pub credentials: Credentials,
    /// Files of certificate authorities that the user's clients trust.
    pub authorities: Vec<PathBuf>,
    /// The bound of the cache, when `lazaret.toml` sets one.
    pub cache_limit: Option<u64>,
    /// The index of known malware, when the user's `lazaret.toml` names one.
    pub index: Option<PathBuf>,
    /// The database of verdicts, as the user's `lazaret.toml` has it.
    pub database: DatabaseSettings,
    /// What was odd: files that cannot be read, settings that cannot be used.
    pub notes: Vec<String>,
}

/// Where the database of verdicts comes from, and whom it is believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DatabaseSettings {
    /// The web address or folder from which it is updated.
    pub source: Option<String>,
    /// The public keys that must have signed its first root.
    pub root_keys: Vec<String>,
    /// A file with the user's own entries.
    pub own: Option<PathBuf>,
    /// Sources, the most trusted first.
    pub trust: Vec<String>,
    /// The folder in which it is kept.
    pub folder: Option<PathBuf>,
}

/// No registry is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no registry for {ecosystem} is known: {advice}, or write [registries.{ecosystem}] url = \"...\" into lazaret.toml"
)]
pub struct NoRegistry {
    /// For which ecosystem.
    pub ecosystem: Ecosystem,
    /// What to install or set.
    pub advice: &'static str,
}

impl Discovered {
    /// Where a package may be, the first choice first.
    pub fn candidates(&self, ecosystem: Ecosystem, name: &str) -> Result<Vec<&Endpoint>, NoRegistry> {
        let all = || self.endpoints.iter().filter(|one| one.ecosystem == ecosystem);
        let scope = name.split_once('/').map(|(scope, _)| scope).filter(|scope| scope.starts_with('@'));
        // A scope's registry is its only one: asking another for a private name is what dependency confusion lives on.
        if let Some(endpoint) = all().find(|one| one.scope.is_some() && one.scope.as_deref() == scope) {
            return Ok(vec![endpoint]);
        }
        let found: Vec<_> = all().filter(|one| one.scope.is_none()).collect();
        if found.is_empty() { Err(NoRegistry { ecosystem, advice: advice(ecosystem) }) } else { Ok(found) }
    }

    /// Adds an address; user and password in it become a credential for its host.
    fn add(&mut self, ecosystem: Ecosystem, text: &str, origin: impl Into<String>, scope: Option<&str>) -> bool {
        let origin = origin.into();
        match web_address(text) {
            Some(mut url) => {
                self.credentials.take_from(&mut url);
                let known =
                    |one: &Endpoint| one.ecosystem == ecosystem && one.url == url && one.scope.as_deref() == scope;
                if !self.endpoints.iter().any(known) {
                    self.endpoints.push(Endpoint { ecosystem, url, origin, scope: scope.map(str::to_owned) });
                }
                true
            }
            None => {
                self.notes.push(format!("{origin} names a registry for {ecosystem} that is no http or https address"));
                false
            }
        }
    }

    fn has(&self, ecosystem: Ecosystem) -> bool {
        self.endpoints.iter().any(|one| one.ecosystem == ecosystem && one.scope.is_none())
    }
}

fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host()).then_some(url)
}

fn advice(ecosystem: Ecosystem) -> &'static str {
    match ecosystem {
        Ecosystem::Npm => "install npm, or write registry=... into ~/.npmrc",
        Ecosystem::Pypi => "install pip or uv, or set PIP_INDEX_URL",
        Ecosystem::Cargo => "install cargo",
        Ecosystem::Gem => "install RubyGems, or list the source in ~/.gemrc",
    }
}

/// Finds every registry.
pub fn discover(environment: &Environment) -> Discovered {
    discover_for(environment, &Ecosystem::ALL)
}

/// Finds the registries of some ecosystems, so that no other client is asked in vain.
pub fn discover_for(environment: &Environment, ecosystems: &[Ecosystem]) -> Discovered {
    let mut found = Discovered::default();
    own::read(environment, &mut found);
    for ecosystem in ecosystems {
        match ecosystem {
            Ecosystem::Npm => npm::read(environment, &mut found),
            Ecosystem::Pypi => python(environment, &mut found),
            Ecosystem::Cargo => cargo::read(environment, &mut found),
            Ecosystem::Gem => bundler::read(environment, &mut found),
        }
    }
    for name in ["NODE_EXTRA_CA_CERTS", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CARGO_HTTP_CAINFO", "CURL_CA_BUNDLE"] {
        found.authorities.extend(environment.var(name).map(PathBuf::from));
    }
    // SSL_CERT_FILE is read by the TLS library itself.
    let system = environment.var("SSL_CERT_FILE").map(PathBuf::from);
    found.authorities.retain(|file| Some(file) != system.as_ref());
    found.authorities.sort();
    found.authorities.dedup();
    found
}

/// What `lazaret.toml` says, and nothing else: no client is asked.
pub fn discover_own(environment: &Environment) -> Discovered {
    let mut found = Discovered::default();
    own::read(environment, &mut found);
    found
}

/// pip and uv share their index. What is set for one process wins over what files say.
fn python(environment: &Environment, found: &mut Discovered) {
    let settled = found.has(Ecosystem::Pypi);
    let mut read = Discovered { credentials: std::mem::take(&mut found.credentials), ..Discovered::default() };
    pip::variables(environment, &mut read);
    uv::variables(environment, &mut read);
    pip::files(environment, &mut read);
    uv::files(environment, &mut read);
    if !settled && !read.endpoints.iter().any(|one| one.scope.is_none()) {
        asked::python(environment, &mut read);
    }
    pip::netrc(environment, &mut read);
    found.credentials = read.credentials;
    found.authorities.extend(read.authorities);
    found.notes.extend(read.notes);
    if !settled {
        found.endpoints.extend(read.endpoints);
    }
}
