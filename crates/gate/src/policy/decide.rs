//! The answer of a policy about one package at one door.

use std::{borrow::Cow, cmp::Reverse, sync::atomic::Ordering};

use model::{Answer, Decision, RuleMatch, Ruling};

use super::{Day, Door, MALWARE, Policy, Subject, duration, exception, facts::Facts};

impl Policy {
    /// What is to be done with a package at a door on a day. The weightiest match that nothing waives decides.
    pub fn decide(&self, subject: &Subject, door: Door, today: Day) -> Ruling {
        let facts = Facts::new(subject, door, today);
        let mut matches = self.built_in(subject, door);
        let mut allowing = Vec::new();
        for rule in self.rules.iter().filter(|one| one.scope.covers(subject, door)) {
            let (answer, reason) = match rule.when.holds(&facts) {
                Ok(false) => continue,
                Ok(true) => {
                    let reason = match &rule.reason {
                        Some(reason) => reason.about(&facts),
                        None => format!("it matches `{}`", rule.when.source()),
                    };
                    (rule.answer, reason)
                }
                Err(why) => (self.settings.unevaluable, format!("the rule could not be asked: {why}")),
            };
            if answer == Answer::Allow && rule.answer == Answer::Allow {
                allowing.push((rule, reason.clone()));
            }
            matches.push(found(&rule.name, answer, reason));
        }
        for (rule, reason) in allowing {
            for one in matches.iter_mut().filter(|one| rule.waives.contains(&one.rule)) {
                one.waived.get_or_insert_with(|| format!("{reason} (rule {})", rule.name));
            }
        }
        self.except(subject, today, &mut matches);
        let weight = |one: &RuleMatch| (one.waived.is_some(), Reverse(one.answer));
        matches.sort_by_key(weight);
        let answer = matches.first().filter(|one| one.waived.is_none()).map(|one| one.answer).unwrap_or_default();
        Ruling { answer, matches }
    }

    fn except(&self, subject: &Subject, today: Day, matches: &mut [RuleMatch]) {
        if self.exceptions.is_empty() {
            return;
        }
        let key = exception::key(&subject.purl).unwrap_or_else(|| subject.purl.clone());
        for (exception, used) in self.exceptions.iter().zip(&self.used) {
            if !exception.fits(subject, &key, today) {
                continue;
            }
            let waived = |one: &&mut RuleMatch| one.answer != Answer::Allow && exception.waives(&one.rule);
            for one in matches.iter_mut().filter(waived) {
                used.store(true, Ordering::Relaxed);
                one.waived.get_or_insert_with(|| exception.told());
            }
        }
    }

    /// What holds without a rule of the file.
    fn built_in(&self, subject: &Subject, door: Door) -> Vec<RuleMatch> {
        let settings = &self.settings;
        let mut matches = Vec::new();
        let mut push = |rule: &str, answer: Answer, reason: Cow<'_, str>| {
            if answer != Answer::Allow {
                matches.push(found(rule, answer, reason.into_owned()));
            }
        };
        match subject.state {
            Decision::Malicious => push(MALWARE, settings.malware.at(door), why(subject, "it is malware").into()),
            Decision::Suspicious => {
                push("suspicious", settings.suspicious.at(door), why(subject, "a person should look at it").into());
            }
            Decision::Unknown => {
                push(
                    "unknown",
                    settings.unknown.at(door),
                    "nobody has looked at it, so nothing is known about it".into(),
                );
            }
            Decision::Inconclusive => {
                let reason = "nothing suspicious was seen, but not all of it could be looked at";
                push("incomplete", settings.incomplete.at(door), reason.into());
            }
            Decision::Benign => {}
        }
        for code in &subject.issues {
            let (answer, reason) = settings.lockfile_answer(code);
            push(code, answer, reason.into());
        }
        if let Some(wait) = settings.cooldown_at(door) {
            match subject.age_hours {
                Some(age) if age < wait => {
                    let answer = if door == Door::Mcp { Answer::Warn } else { Answer::Block };
                    let (age, wait) = (duration::shown(age), duration::shown(wait));
                    push(
                        "cooldown",
                        answer,
                        format!("it was published {age} ago, and new versions wait {wait}").into(),
                    );
                }
                None => push(
                    "cooldown",
                    Answer::Warn,
                    "when it was published is not known, and new versions should wait".into(),
                ),
                Some(_) => {}
            }
        }
        matches
    }
}

fn found(rule: &str, answer: Answer, reason: String) -> RuleMatch {
    RuleMatch { rule: rule.to_owned(), answer, reason, waived: None }
}

/// What is thought, and by whom.
fn why(subject: &Subject, thought: &str) -> String {
    let named = |all: &[String]| all.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut reason = thought.to_owned();
    if !subject.source.is_empty() {
        reason += &format!(", says {}", subject.source);
    }
    match (subject.records.as_slice(), subject.findings.as_slice()) {
        ([], []) => {}
        ([], findings) => reason += &format!(" ({})", named(findings)),
        (records, _) => reason += &format!(" ({})", named(records)),
    }
    reason
}
