//! What a policy says about every package before any rule is asked: states, waiting, the age of the database.

use model::Answer;

use super::{Door, duration};

/// The name of the rule that matches malware. Nothing waives it but an exception that says so.
pub const MALWARE: &str = "malware";
/// The names of what decides without a rule of the file, usable wherever a rule can be named.
pub const BUILT_IN: [&str; 5] = [MALWARE, "suspicious", "unknown", "incomplete", "cooldown"];

/// What can be wrong with how a project's files name a package: the code, the answer when a policy says nothing, and why.
/// A code is a rule's name wherever one can be named.
pub const LOCKFILE: [(&str, Answer, &str); 6] = [
    ("foreign-address", Answer::Block, "its address is none that your own configuration leads to"),
    ("address-names-other-package", Answer::Block, "its address is that of another package"),
    ("integrity-mismatch", Answer::Block, "its bytes are not those that the lockfile pins"),
    ("insecure-address", Answer::Warn, "it is fetched without encryption, so anybody on the way can replace it"),
    ("missing-integrity", Answer::Warn, "no hash is pinned for it, so nobody would notice other bytes"),
    ("manifest-disagrees", Answer::Warn, "manifest and lockfile do not agree about it"),
];

/// Whether a name is that of something that decides without a rule of the file.
pub(super) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name) || LOCKFILE.iter().any(|(code, ..)| *code == name)
}

/// What holds without a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The answer to malware. Never `allow`.
    pub malware: ByDoor,
    /// The answer to what a person should look at.
    pub suspicious: ByDoor,
    /// The answer to what nobody looked at.
    pub unknown: ByDoor,
    /// The answer to what was not looked at as a whole.
    pub incomplete: ByDoor,
    /// Answers to what is wrong with how files name a package, by their codes.
    pub lockfile: Vec<(String, Answer)>,
    /// The answer when a rule cannot be asked, since something that it needs is not known.
    pub unevaluable: Answer,
    /// How many hours a new version waits, and at which doors.
    pub cooldown: Option<(f64, Vec<Door>)>,
    /// How old the database may be.
    pub database: Database,
}

/// One answer for each door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByDoor(pub [Answer; Door::ALL.len()]);

impl ByDoor {
    /// The answer at a door.
    pub fn at(self, door: Door) -> Answer {
        let at = Door::ALL.iter().position(|one| *one == door);
        at.and_then(|at| self.0.get(at)).copied().unwrap_or(Answer::Block)
    }

    pub(super) fn set(&mut self, door: Door, answer: Answer) {
        if let Some(slot) = Door::ALL.iter().position(|one| *one == door).and_then(|at| self.0.get_mut(at)) {
            *slot = answer;
        }
    }
}

impl From<Answer> for ByDoor {
    fn from(answer: Answer) -> Self {
        Self([answer; Door::ALL.len()])
    }
}

/// How old the database may be, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Database {
    /// After so many hours, a warning.
    pub warn_after: Option<f64>,
    /// After so many hours, nothing passes.
    pub fail_after: Option<f64>,
}

impl Database {
    pub(super) fn judge(&self, age_hours: f64) -> (Answer, Option<String>) {
        let over = |limit: Option<f64>| limit.filter(|limit| age_hours > *limit);
        let say = |limit: f64| {
            let (age, limit) = (duration::shown(age_hours), duration::shown(limit));
            Some(format!(
                "the database is {age} old, and the policy wants it younger than {limit}; run `lazaret db update`"
            ))
        };
        match (over(self.fail_after), over(self.warn_after)) {
            (Some(limit), _) => (Answer::Block, say(limit)),
            (None, Some(limit)) => (Answer::Warn, say(limit)),
            (None, None) => (Answer::Allow, None),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            malware: Answer::Block.into(),
            suspicious: Answer::Warn.into(),
            unknown: Answer::Allow.into(),
            incomplete: Answer::Allow.into(),
            lockfile: Vec::new(),
            unevaluable: Answer::Warn,
            cooldown: None,
            database: Database::default(),
        }
    }
}

impl Settings {
    /// The answer to something that is wrong with how a file names a package, and why.
    pub(super) fn lockfile_answer(&self, code: &str) -> (Answer, &'static str) {
        let known = LOCKFILE.iter().find(|(known, ..)| *known == code);
        let (given, reason) = known.map_or((Answer::Warn, "a file names it in a strange way"), |one| (one.1, one.2));
        let set = self.lockfile.iter().rev().find(|(known, _)| known == code);
        (set.map_or(given, |(_, answer)| *answer), reason)
    }

    pub(super) fn cooldown_at(&self, door: Door) -> Option<f64> {
        self.cooldown.as_ref().filter(|(_, doors)| doors.contains(&door)).map(|(hours, _)| *hours)
    }
}
