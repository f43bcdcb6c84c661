//! Drivers: what is done to a package so that it shows what it does. A plan is data: files that are put into the guest,
//! and commands that run there one after the other, each in a process of its own.
//!
//! ```no_run
//! # fn plan(tree: &artifact::Tree) {
//! use sandbox::{drivers::{self, Part}, tokens::Tokens};
//!
//! let part = Part { ecosystem: model::Ecosystem::Npm, name: "left", version: "1.0.0", file_name: "left-1.0.0.tgz", tree };
//! let tokens = Tokens::new([7; 32]);
//! let surroundings = drivers::Surroundings { home: "/home/dev", work: "/work", certificate: "/work/ca.pem" };
//! let plan = drivers::plan(&part, &[], &drivers::DEVELOPER, &tokens, &surroundings);
//! # }
//! ```
//!
//! A package is laid out as its installer would lay it out, by the host: the installer's own deeds would only hide the
//! package's. `plan` never fails; a package that offers nothing has a plan without steps.

mod npm;
mod profile;
mod pypi;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use artifact::Tree;
use model::{Ecosystem, Phase};

use crate::{Guest, GuestStep, tokens::Tokens};

pub use profile::{DEVELOPER, MAC, PROFILES, Profile, RUNNER, WINDOWS};

/// The host to which the drivers send a request of their own, so that what hooks requests has one to hook.
pub const OWN_HOST: &str = "status.holm.example";

/// One package: the one that is looked at, or one that it needs.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Its normalised name.
    pub name: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The name of its file.
    pub file_name: &'a str,
    /// Its files.
    pub tree: &'a Tree,
}

/// Where things lie in the guest.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The home of the user.
    pub home: &'a str,
    /// A folder that the user may write to.
    pub work: &'a str,
    /// The certificate of the sinkhole's authority, which whoever starts the guest puts there.
    pub certificate: &'a str,
}

/// What is to be put into the guest, and what is to be run there.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The machine: its home, the package, what it needs, the drivers.
    pub guest: Guest,
    /// The commands.
    pub steps: Vec<GuestStep>,
}

/// How to make this package show what it does on this machine. `needed` are the packages that it depends on.
pub fn plan(part: &Part, needed: &[Part], profile: &Profile, tokens: &Tokens, surroundings: &Surroundings) -> Plan {
    let home = tokens.home(surroundings.home);
    let mut plan = Plan { guest: Guest { tokens: Some(tokens.seed()), ..Guest::default() }, ..Plan::default() };
    plan.guest.plant(&home);
    let mut base: BTreeMap<String, String> = home.variables.into_iter().collect();
    let fixed = [
        ("HOME", surroundings.home),
        ("USER", "dev"),
        ("LOGNAME", "dev"),
        ("LANG", "C.UTF-8"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("PWD", surroundings.work),
    ];
    let own = fixed.iter().chain(profile.variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    base.extend(own);
    #[cfg(target_os = "linux")]
    base.extend(crate::sink::TRUST.iter().map(|name| ((*name).to_owned(), surroundings.certificate.to_owned())));
    let mut bench = Bench { plan: &mut plan, base, profile, work: surroundings.work };
    match part.ecosystem {
        Ecosystem::Npm => npm::add(&mut bench, part, needed),
        Ecosystem::Pypi => pypi::add(&mut bench, part, needed),
        // Others have no driver yet; whoever asks sees a plan without steps.
        _ => {}
    }
    plan
}

/// A plan in the making.
struct Bench<'a> {
    plan: &'a mut Plan,
    base: BTreeMap<String, String>,
    profile: &'a Profile,
    work: &'a str,
}

impl Bench<'_> {
    fn file(&mut self, path: String, content: Vec<u8>, mode: u32) {
        self.plan.guest.seed(path, content, mode);
    }

    /// Lays out a package without the top folder that its files share.
    fn lay_out(&mut self, tree: &Tree, folder: &str) {
        self.lay_out_below(tree, tree.root(), folder);
    }

    fn lay_out_below(&mut self, tree: &Tree, root: Option<&str>, folder: &str) {
        for file in tree.files.iter().filter(|file| file.depth == 0 && !file.shadowed) {
            let Some(inner) = file.inner(root) else { continue };
            let mode = if file.executable { 0o755 } else { 0o644 };
            self.file(format!("{folder}/{inner}"), file.bytes.to_vec(), mode);
        }
        for link in tree.links.iter().filter(|link| !link.hard && !link.escapes && !link.path.contains('!')) {
            let inner = match root {
                Some(root) => link.path.strip_prefix(root).and_then(|rest| rest.strip_prefix('/')),
                None => Some(link.path.as_str()),
            };
            if let Some(inner) = inner {
                self.plan.guest.links.push((format!("{folder}/{inner}"), link.target.clone()));
            }
        }
    }

    fn step(&mut self, name: String, phase: Phase, folder: &str, argv: &[&str], more: &[(&str, String)]) {
        let mut environment = self.base.clone();
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        environment.insert("PWD".to_owned(), folder.to_owned());
        self.plan.steps.push(GuestStep {
            name,
            phase,
            profile: self.profile.name.to_owned(),
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            environment,
            folder: folder.to_owned(),
            time: Duration::from_secs(60),
            dwell: Duration::from_secs(if phase == Phase::Install { 3 } else { 2 }),
        });
    }
}

/// The text of a file below the top folder.
fn text(tree: &Tree, path: &str) -> Option<String> {
    tree.inside(path).map(|file| file.bytes.text().trim_start_matches('\u{feff}').to_owned())
}
