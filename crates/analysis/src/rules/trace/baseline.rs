//! What honest tools do, as data: `data/baseline.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    own: Vec<String>,
    downloads: Vec<String>,
    compilers: Vec<String>,
    installers: Vec<String>,
    reads: Vec<Reads>,
    givers: Vec<Givers>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reads {
    program: String,
    files: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Givers {
    token: String,
    hosts: Vec<String>,
}

/// The committed table.
pub fn baseline() -> &'static Baseline {
    static BASELINE: LazyLock<Baseline> = LazyLock::new(|| {
        // The table is a part of the program; every test of these rules reads it.
        toml::from_str(include_str!("../../../data/baseline.toml")).expect("data/baseline.toml is a baseline")
    });
    &BASELINE
}

impl Baseline {
    /// Whether the drivers talk to this host.
    pub fn is_own(&self, host: &str) -> bool {
        is_below(host, &self.own)
    }

    /// Whether honest hooks fetch from this host.
    pub fn is_download(&self, host: &str) -> bool {
        is_below(host, &self.downloads)
    }

    /// Whether a program compiles.
    pub fn is_compiler(&self, program: &str) -> bool {
        self.compilers.iter().any(|one| one == program)
    }

    /// Whether a program installs packages.
    pub fn is_installer(&self, program: &str) -> bool {
        self.installers.iter().any(|one| one == program)
    }

    /// Whether a program reads this file for itself.
    pub fn is_own_read(&self, program: &str, path: &str) -> bool {
        self.reads.iter().any(|one| one.program == program && one.files.iter().any(|file| path.contains(file.as_str())))
    }

    /// Whether a secret goes to those who gave it out.
    pub fn is_giver(&self, token: &str, host: &str) -> bool {
        self.givers.iter().any(|one| token.starts_with(&one.token) && is_below(host, &one.hosts))
    }
}

fn is_below(host: &str, names: &[String]) -> bool {
    names.iter().any(|name| host == name || host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.')))
}
