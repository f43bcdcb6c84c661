//! What an earlier report of a project held: whoever accepts it hears only of what came since.

use std::collections::{HashMap, HashSet};

use model::{Answer, Decision, Ruling};
use serde::Deserialize;

use super::Package;

/// An earlier report in JSON.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    made: String,
    known: HashMap<(String, String), Held>,
}

/// What it held about one package.
#[derive(Debug, Clone, Default)]
struct Held {
    address: Option<String>,
    rules: HashSet<String>,
    unchecked: bool,
}

#[derive(Deserialize)]
struct Document {
    shape: u32,
    made: String,
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    purl: String,
    origin: String,
    address: Option<String>,
    checked: Check,
    ruling: Ruling,
}

#[derive(Deserialize)]
struct Check {
    by: String,
}

impl Baseline {
    /// Reads a report that `lazaret scan --format json` wrote. The error is a sentence.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(json)
            .map_err(|error| format!("it is no report of `lazaret scan --format json` ({error})"))?;
        if document.shape != super::json::SHAPE {
            return Err(format!("it is a report of the shape {}, which this version does not read", document.shape));
        }
        let mut known: HashMap<(String, String), Held> = HashMap::new();
        for entry in document.packages {
            let held = known.entry((entry.purl, entry.origin)).or_default();
            held.address = entry.address;
            held.unchecked |= entry.checked.by == "nobody";
            let matches = entry.ruling.matches.into_iter().filter(|one| one.answer != Answer::Allow);
            held.rules.extend(matches.map(|one| one.rule));
        }
        Ok(Self { made: document.made, known })
    }

    /// Waives what the earlier report said of the package already. Malware is never waived so, and neither is a package
    /// that comes from another address than before.
    pub fn waive(&self, package: &mut Package) {
        let key = (package.purl.clone(), package.origin.to_owned());
        let Some(held) = self.known.get(&key).filter(|_| package.decision != Decision::Malicious) else { return };
        if held.address != package.address {
            return;
        }
        let ruling = &mut package.ruling;
        for one in ruling.matches.iter_mut().filter(|one| held.rules.contains(&one.rule)) {
            one.waived.get_or_insert_with(|| format!("the baseline of {} holds it already", self.made));
        }
        ruling.settle();
    }

    /// Whether nobody had looked at the package then, either.
    pub fn was_unchecked(&self, purl: &str, origin: &str) -> bool {
        self.known.get(&(purl.to_owned(), origin.to_owned())).is_some_and(|held| held.unchecked)
    }
}
