//! From an artifact and a machine to be played to a guest and its steps.

use artifact::Tree;
use model::{Analysis, Ecosystem};
use sandbox::{
    Guest, GuestStep, Served,
    drivers::{self, Part, Profile, Surroundings},
    tokens::Tokens,
};

use super::closure::Closure;

/// Who the artifact is: by its registry, or failing that by its own manifest.
pub(super) struct Identity {
    pub ecosystem: Ecosystem,
    pub name: String,
    pub version: String,
    pub file_name: String,
}

impl Identity {
    /// Nothing, when neither says an ecosystem. A name may be missing: a folder has none, and runs all the same.
    pub(super) fn of(analysis: &Analysis, file_name: &str) -> Option<Self> {
        let file_name = file_name.to_owned();
        if let Some(release) = &analysis.verdict.artifact.release {
            let (name, version) = (release.name.to_string(), release.version.to_string());
            return Some(Self { ecosystem: release.ecosystem, name, version, file_name });
        }
        let facts = &analysis.facts;
        let ecosystem = facts.ecosystem?;
        // A name out of a stranger's manifest becomes a folder: only one that its registry would take is taken.
        let name = facts.name.as_deref().and_then(|name| ecosystem::registry(ecosystem).name(name).ok());
        let name = name.map_or_else(|| "package".to_owned(), |name| name.to_string());
        let version = facts.version.clone().filter(|text| is_plain(text)).unwrap_or_else(|| "0.0.0".into());
        Some(Self { ecosystem, name, version, file_name })
    }
}

fn is_plain(version: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | '!');
    !version.is_empty() && version.len() < 100 && version.chars().all(is_part) && !version.contains("..")
}

/// What is to be run, and where.
pub(super) struct Prepared {
    pub guest: Guest,
    pub steps: Vec<GuestStep>,
}

/// The plan of one machine. Each machine has its own secrets.
pub(super) fn plan(identity: &Identity, tree: &Tree, closure: &Closure, profile: &Profile, seed: [u8; 32]) -> Prepared {
    let part = Part {
        ecosystem: identity.ecosystem,
        name: &identity.name,
        version: &identity.version,
        file_name: &identity.file_name,
        tree,
    };
    let needed: Vec<Part<'_>> = closure
        .brought
        .iter()
        .map(|one| Part {
            ecosystem: identity.ecosystem,
            name: &one.alias,
            version: &one.version,
            file_name: &one.file_name,
            tree: &one.tree,
        })
        .collect();
    let seed = own_seed(seed, profile.name);
    let tokens = Tokens::new(seed);
    let surroundings = Surroundings { home: Guest::HOME, work: Guest::WORK, certificate: Guest::CERTIFICATE };
    let drivers::Plan { mut guest, steps, .. } = drivers::plan(&part, &needed, profile, &tokens, &surroundings);
    guest.tokens = Some(seed);
    guest.served = closure
        .brought
        .iter()
        .map(|one| Served {
            ecosystem: identity.ecosystem,
            name: one.alias.clone(),
            version: one.version.clone(),
            file_name: one.file_name.clone(),
            bytes: one.bytes.clone(),
        })
        .collect();
    Prepared { guest, steps }
}

/// The seed of one machine: a secret that leaves says on which it was planted.
fn own_seed(seed: [u8; 32], profile: &str) -> [u8; 32] {
    let mut text = seed.to_vec();
    text.extend_from_slice(profile.as_bytes());
    net::sha256(&text).0
}
