//! One rule of a policy.

use model::Answer;

use super::{Door, Expression, Subject, glob, reason::Reason};

/// What is to be done with packages that an expression holds for.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, by which exceptions and reports speak of it.
    pub name: String,
    /// The line on which it starts; 0 in a preset.
    pub line: u32,
    /// When it matches.
    pub when: Expression,
    /// What it asks for.
    pub answer: Answer,
    /// Why, with values put in; none when its author gave none.
    pub reason: Option<Reason>,
    /// The rules that it waives, when its answer is `allow`.
    pub waives: Vec<String>,
    /// Where it holds.
    pub scope: Scope,
}

/// Where a rule holds. What is empty does not limit it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Patterns for the path of the file that names the package.
    pub paths: Vec<String>,
    /// Groups, one of which the package must belong to.
    pub groups: Vec<String>,
    /// Types of packages.
    pub ecosystems: Vec<String>,
    /// Doors.
    pub doors: Vec<Door>,
}

impl Scope {
    /// Whether a package at a door lies in it.
    pub fn covers(&self, subject: &Subject, door: Door) -> bool {
        let in_groups = || {
            let dev = |group: &String| group == "dev" && subject.dev || group == "optional" && subject.optional;
            self.groups.iter().any(|one| dev(one) || subject.groups.contains(one))
        };
        (self.doors.is_empty() || self.doors.contains(&door))
            && (self.ecosystems.is_empty() || self.ecosystems.contains(&subject.ecosystem))
            && (self.paths.is_empty() || self.paths.iter().any(|one| glob::matches(one, &subject.path)))
            && (self.groups.is_empty() || in_groups())
    }

    /// Whether whatever lies in another scope lies in this one too.
    pub(super) fn contains(&self, other: &Self) -> bool {
        fn wider<T: PartialEq>(one: &[T], other: &[T]) -> bool {
            one.is_empty() || (!other.is_empty() && other.iter().all(|item| one.contains(item)))
        }
        wider(&self.paths, &other.paths)
            && wider(&self.groups, &other.groups)
            && wider(&self.ecosystems, &other.ecosystems)
            && wider(&self.doors, &other.doors)
    }
}
