//! Why a policy answers as it does: every rule, whether it matches, and the values that it looked at.

use super::{Day, Door, Policy, Subject, facts::Facts, reason};

/// What one rule says about a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The rule's name.
    pub rule: String,
    /// Its expression.
    pub when: String,
    /// How it went.
    pub outcome: RuleOutcome,
    /// The variables that it names, with their values as people read them.
    pub values: Vec<(&'static str, String)>,
}

/// How a rule went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleOutcome {
    /// It matches.
    Matches,
    /// It does not.
    Differs,
    /// It does not hold here: another door, path, group or ecosystem.
    Elsewhere,
    /// It could not be asked, for this reason.
    Unanswered(String),
}

impl Policy {
    /// What every rule of the file says about a package. What decides without a rule is in the ruling alone.
    pub fn explain(&self, subject: &Subject, door: Door, today: Day) -> Vec<Explained> {
        let facts = Facts::new(subject, door, today);
        let rules = self.rules.iter().map(|rule| {
            let outcome = if rule.scope.covers(subject, door) {
                match rule.when.holds(&facts) {
                    Ok(true) => RuleOutcome::Matches,
                    Ok(false) => RuleOutcome::Differs,
                    Err(why) => RuleOutcome::Unanswered(why),
                }
            } else {
                RuleOutcome::Elsewhere
            };
            let values = rule.when.variables().iter().map(|name| (*name, reason::shown(&facts, name)));
            Explained { rule: rule.name.clone(), when: rule.when.source().into(), outcome, values: values.collect() }
        });
        rules.collect()
    }
}
