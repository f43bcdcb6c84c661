//! What may pass a door. One policy, `lazaret-policy.yml`, decides at all of them: the scan of a project, the guard of a
//! package manager, the proxy, and the questions of agents.
//!
//! A policy is text, read once ([`Policy::load`]), and then asked about one package at a time ([`Policy::decide`]). It
//! does no input or output, and the day is an argument.

mod cost;
mod decide;
mod door;
mod duration;
mod error;
mod exception;
mod explain;
mod expression;
mod facts;
mod functions;
mod glob;
mod lint;
mod preset;
mod read;
mod reason;
mod rule;
mod settings;
mod subject;
mod trial;
mod vet;

pub use door::Door;
pub use error::PolicyError;
pub use exception::Exception;
pub use explain::{Explained, RuleOutcome};
pub use expression::Expression;
pub use facts::{Given, Shape, VULNERABILITY, Variable, variables};
pub use functions::{FUNCTIONS, Function};
pub use jiff::civil::Date as Day;
pub use preset::PRESETS;
pub use rule::{Rule, Scope};
pub use settings::{BUILT_IN, ByDoor, Database, LOCKFILE, MALWARE, Settings};
pub use subject::{Subject, Vulnerability};
pub use trial::{Outcome, Trial};
pub use vet::{Import, import as import_vet};

use std::sync::atomic::{AtomicBool, Ordering};

/// The file that is looked for in a project when none is named.
pub const FILE_NAME: &str = "lazaret-policy.yml";

/// A policy that can be asked.
#[derive(Debug)]
pub struct Policy {
    /// The file as the user named it, or the preset.
    pub name: String,
    /// What holds without a rule.
    pub settings: Settings,
    /// The rules, in the order in which they were written; those of the preset that it extends come first.
    pub rules: Vec<Rule>,
    /// What is let through in spite of a rule.
    pub exceptions: Vec<Exception>,
    /// Its own tests.
    pub tests: Vec<Trial>,
    /// What the user should know about the policy itself: a line (0: the whole file), and a sentence.
    pub notes: Vec<(u32, String)>,
    /// Which exceptions have waived something since the policy was read.
    used: Vec<AtomicBool>,
}

impl Policy {
    /// Reads a policy. The name is only for messages.
    ///
    /// Expressions are parsed on a thread of its own with a large stack, since their parser recurses.
    pub fn load(text: &str, name: &str) -> Result<Self, PolicyError> {
        const STACK: usize = 32 << 20;
        let failed = |why: String| PolicyError { name: name.to_owned(), faults: vec![(0, why)] };
        std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read::policy(text, name));
            let reader = reader.map_err(|error| failed(format!("no thread could be started to read it: {error}")))?;
            reader.join().unwrap_or_else(|_| Err(failed("reading it failed, which is a bug of Lazaret".into())))
        })
    }

    /// A policy that comes with Lazaret: one of [`PRESETS`].
    pub fn preset(name: &str) -> Result<Self, PolicyError> {
        match preset::text(name) {
            Some(text) => Self::load(text, name),
            None => Err(PolicyError { name: name.to_owned(), faults: vec![(0, preset::unknown(name))] }),
        }
    }

    /// What to say about the age of the database, in hours: the answer, and why when it is not `allow`.
    pub fn database(&self, age_hours: f64) -> (model::Answer, Option<String>) {
        self.settings.database.judge(age_hours)
    }

    /// How many hours a new version waits at this door before it may be used; none when it does not wait.
    pub fn cooldown_hours(&self, door: Door) -> Option<f64> {
        self.settings.cooldown_at(door)
    }

    /// Exceptions that ended, and those that waived nothing since the policy was read: each as a sentence.
    pub fn stale_exceptions(&self, today: Day) -> Vec<String> {
        let stale = self.exceptions.iter().zip(&self.used).filter_map(|(one, used)| {
            if one.expires < today {
                Some(format!("{}:{}: the exception for {} ended on {}", self.name, one.line, one.shown(), one.expires))
            } else if !used.load(Ordering::Relaxed) {
                Some(format!("{}:{}: the exception for {} waives nothing", self.name, one.line, one.shown()))
            } else {
                None
            }
        });
        stale.collect()
    }

    /// The policy as reports name it, with the exceptions that should be tidied up.
    pub fn used(&self, today: Day) -> wire::scan::PolicyUsed {
        wire::scan::PolicyUsed { name: self.name.clone(), stale_exceptions: self.stale_exceptions(today) }
    }
}

/// The day at the command line's edge, in universal time.
pub fn today() -> Day {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
