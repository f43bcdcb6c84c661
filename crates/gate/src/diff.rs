//! Two versions side by side: which artifact of one is compared with which of the other.

use crate::inspect::Inspected;

/// Artifacts that belong together; one side is missing when only one version has such an artifact.
#[derive(Debug, Default)]
pub struct Pair {
    /// Of the version before.
    pub old: Option<Inspected>,
    /// Of the version in question.
    pub new: Option<Inspected>,
}

/// Pairs the artifacts of two versions: a source archive with a source archive, a wheel with the wheel for the same machine.
/// A single artifact on each side is a pair whatever the names are.
pub fn pair(old: Vec<Inspected>, new: Vec<Inspected>) -> Vec<Pair> {
    let alone = old.len() == 1 && new.len() == 1;
    let mut pairs: Vec<Pair> = new.into_iter().map(|one| Pair { old: None, new: Some(one) }).collect();
    for one in old {
        let fits = |pair: &&mut Pair| {
            pair.old.is_none() && pair.new.as_ref().is_some_and(|new| alone || kind(new) == kind(&one))
        };
        match pairs.iter_mut().find(fits) {
            Some(pair) => pair.old = Some(one),
            None => pairs.push(Pair { old: Some(one), new: None }),
        }
    }
    pairs
}

/// The name of an artifact without its version.
fn kind(one: &Inspected) -> String {
    let Ok(analysis) = &one.result else { return String::new() };
    let artifact = &analysis.verdict.artifact;
    let version = artifact.release.as_ref().map(|release| release.version.to_string());
    match version.filter(|version| !version.is_empty()) {
        Some(version) => artifact.file_name.replacen(&version, "", 1),
        None => artifact.file_name.clone(),
    }
}
