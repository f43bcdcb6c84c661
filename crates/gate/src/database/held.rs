//! The brake on a mistake that would stop everybody: an entry that condemns every version of a popular package counts as a
//! warning until a second source agrees.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::Decision;
use wire::snapshot::{Event, Extent, Named, Statement};

use super::subject::{Asked, subject};

/// Packages that very many projects use, one short form (`npm:react`) a line.
const POPULAR: &str = include_str!("../../data/popular.txt");

/// The popular packages: those that Lazaret knows, and those of further lists.
pub(super) fn popular(lists: &[String]) -> HashSet<Named> {
    let lines = lists.iter().map(String::as_str).chain([POPULAR]).flat_map(str::lines);
    let names = lines.map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    names
        .filter_map(|line| match subject(line).ok()? {
            Asked::Package { package, .. } => Some(package),
            Asked::Bytes(_) => None,
        })
        .collect()
}

/// Holds back what nobody else says, and lets go what somebody does.
pub(super) fn hold(statements: &mut [Statement], popular: &HashSet<Named>) {
    let mut sources: HashMap<Named, BTreeSet<String>> = HashMap::new();
    for statement in statements.iter().filter(|one| condemns_all(one)) {
        if let Some(package) = statement.package.as_ref().filter(|package| popular.contains(package)) {
            sources.entry(package.clone()).or_default().insert(statement.record.source.clone());
        }
    }
    for statement in statements.iter_mut() {
        let known = statement.package.as_ref().and_then(|package| sources.get(package));
        let alone = known.is_some_and(|sources| sources.len() == 1) && condemns_all(statement);
        statement.record.held = alone.then(|| {
            format!(
                "it condemns every version of a popular package, and no source but {} says so; it is held until a second \
                 one agrees",
                statement.record.source
            )
        });
    }
}

fn condemns_all(statement: &Statement) -> bool {
    let Extent { every, ranges, .. } = &statement.extent;
    // A range from the very first version is as good as every version: a hijacked package was honest once.
    let from_the_first = |range: &Vec<Event>| range.contains(&Event::Introduced("0".into()));
    statement.record.decision == Decision::Malicious && (*every || ranges.iter().any(from_the_first))
}
