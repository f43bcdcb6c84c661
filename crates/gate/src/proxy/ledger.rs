//! What happened during a run.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use model::PackageType;

use super::{Handed, Why, desk::purl};

/// How a file became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// What was thought of it was remembered.
    Remembered,
    /// It was analysed now.
    Analysed,
}

/// A version that was left out of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// The type.
    pub kind: PackageType,
    /// The normalised name.
    pub name: String,
    /// The version.
    pub version: String,
    /// Why.
    pub why: Why,
    /// The versions of the same package that are there all the same; empty when there are none.
    pub got: Vec<String>,
    /// Whether one of them was handed out in this run: the resolver has found another way.
    pub replaced: bool,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The purl.
    pub purl: String,
    /// Why.
    pub why: Why,
}

/// What a run comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Releases that were looked up and handed out.
    pub checked: Vec<String>,
    /// How many files were analysed now.
    pub analysed: usize,
    /// Versions that a resolver might have chosen and did not get.
    pub withheld: Vec<Withheld>,
    /// What was refused.
    pub blocked: Vec<Blocked>,
    /// What was used without a check, and why.
    pub unchecked: Vec<(String, String)>,
    /// What was used and should be known of.
    pub warned: Vec<(String, String)>,
    /// What could not be got.
    pub failed: Vec<(String, String)>,
    /// What is wrong with the database, when something is.
    pub stale: Option<String>,
}

#[derive(Default)]
struct State {
    outcomes: BTreeMap<String, Outcome>,
    released: BTreeSet<String>,
    handed: BTreeSet<String>,
    /// By type and name.
    versions: BTreeMap<(PackageType, String), BTreeSet<String>>,
    withheld: BTreeMap<(PackageType, String, String), Why>,
    blocked: BTreeMap<String, Why>,
    unchecked: BTreeMap<String, String>,
    warned: BTreeMap<String, String>,
    failed: BTreeMap<String, String>,
    stale: Option<String>,
}

/// The notes of a run.
#[derive(Default)]
pub struct Ledger(Mutex<State>);

impl Ledger {
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn note(&self, file: &Handed, outcome: Outcome) {
        let key = format!("{} {}", file.purl(), file.file_name);
        self.with(|state| {
            let known = state.outcomes.entry(key).or_insert(outcome);
            *known = (*known).max(outcome);
        });
    }

    /// It may be used; and it was handed out, unless the client had it already.
    pub(super) fn released(&self, file: &Handed, handed: bool) {
        self.with(|state| {
            state.released.insert(file.purl());
            if handed {
                state.handed.insert(file.purl());
            }
            state.versions.entry((file.kind.clone(), file.name.clone())).or_default().insert(file.version.clone());
        });
    }

    pub(super) fn withheld(&self, kind: &PackageType, name: &str, version: &str, why: Why) {
        self.with(|state| state.withheld.insert((kind.clone(), name.to_owned(), version.to_owned()), why));
    }

    pub(super) fn blocked(&self, file: &Handed, why: &Why) {
        self.block(&file.purl(), why.clone());
    }

    /// Something was refused, or should have been.
    pub fn block(&self, purl: &str, why: Why) {
        self.with(|state| state.blocked.insert(purl.to_owned(), why));
    }

    /// Something was used without a check.
    pub fn unchecked(&self, what: &str, why: &str) {
        self.with(|state| state.unchecked.insert(what.to_owned(), why.to_owned()));
    }

    pub(super) fn warned(&self, what: &str, why: &str) {
        self.with(|state| state.warned.insert(what.to_owned(), why.to_owned()));
    }

    pub(super) fn failed(&self, what: &str, why: &str) {
        self.with(|state| state.failed.insert(what.to_owned(), why.to_owned()));
    }

    pub(super) fn stale(&self, why: &str) {
        self.with(|state| state.stale = Some(why.to_owned()));
    }

    /// A version that was there without having been handed out.
    pub fn present(&self, kind: &PackageType, name: &str, version: &str) {
        let key = (kind.clone(), name.to_owned());
        self.with(|state| state.versions.entry(key).or_default().insert(version.to_owned()));
    }

    /// Whether this release was handed out in this run.
    pub fn has(&self, purl: &str) -> bool {
        self.with(|state| state.released.contains(purl))
    }

    /// What it comes to. Of the versions that were left out, those count that are newer than what was got instead, and
    /// those of packages of which nothing was got.
    pub fn summary(&self) -> Summary {
        self.with(|state| {
            let none = BTreeSet::new();
            let withheld = state.withheld.iter().filter_map(|((kind, name, version), why)| {
                let got = state.versions.get(&(kind.clone(), name.clone())).unwrap_or(&none);
                let newer = |one: &String| is_newer(kind, version, one);
                let told = got.iter().all(newer) && !state.blocked.contains_key(&purl(kind, name, version));
                let replaced = got.iter().any(|version| state.handed.contains(&purl(kind, name, version)));
                let got = got.iter().cloned().collect();
                let (kind, name, version) = (kind.clone(), name.clone(), version.clone());
                told.then(|| Withheld { kind, name, version, why: why.clone(), got, replaced })
            });
            Summary {
                withheld: withheld.collect(),
                checked: state.released.iter().cloned().collect(),
                analysed: state.outcomes.values().filter(|one| **one == Outcome::Analysed).count(),
                blocked: state
                    .blocked
                    .iter()
                    .map(|(purl, why)| Blocked { purl: purl.clone(), why: why.clone() })
                    .collect(),
                unchecked: pairs(&state.unchecked),
                warned: pairs(&state.warned),
                failed: pairs(&state.failed),
                stale: state.stale.clone(),
            }
        })
    }
}

fn pairs(map: &BTreeMap<String, String>) -> Vec<(String, String)> {
    map.iter().map(|(what, why)| (what.clone(), why.clone())).collect()
}

fn is_newer(kind: &PackageType, version: &str, than: &str) -> bool {
    let of = |text: &str| model::Version(text.to_owned());
    let order = |one| ecosystem::registry(one).order(&of(version), &of(than));
    kind.ecosystem().is_none_or(|ecosystem| order(ecosystem).is_gt())
}
