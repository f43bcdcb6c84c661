//! What is doubtful about a policy that can be read: rules that never decide, patterns that hold everywhere, exceptions
//! that ended.

use model::Answer;

use super::{Day, Exception, Policy, Rule, glob};

/// An exception that holds longer than this many days is told.
const LONGEST_EXCEPTION: i32 = 400;

impl Policy {
    /// What is doubtful: each with its line (0 when it is about the whole file) and a sentence.
    pub fn lint(&self, today: Day) -> Vec<(u32, String)> {
        let mut found = self.notes.clone();
        let known: Vec<&str> = engine::rules().iter().map(|rule| rule.id.as_str()).collect();
        for rule in self.rules.iter().filter(|rule| rule.line > 0) {
            self.doubt(rule, &known, &mut |sentence| found.push((rule.line, sentence)));
        }
        for (at, one) in self.exceptions.iter().enumerate() {
            let earlier = self.exceptions.get(..at).unwrap_or_default();
            self.doubt_exception(one, earlier, today, &mut |sentence| found.push((one.line, sentence)));
        }
        found.sort_by_key(|(line, _)| *line);
        found
    }

    fn doubt(&self, rule: &Rule, known: &[&str], say: &mut dyn FnMut(String)) {
        let name = &rule.name;
        if rule.reason.as_ref().is_none_or(|one| one.source().is_empty()) {
            say(format!("the rule `{name}` gives no reason, so whoever is stopped by it learns nothing"));
        }
        for variable in rule.when.unguarded() {
            let sentence = format!(
                "`{variable}` in the rule `{name}` may be null, and then the rule cannot be asked and warns; write `{variable} != null && ...` to pass over that"
            );
            say(sentence);
        }
        for finding in rule.when.findings().iter().filter(|one| !known.contains(&one.as_str())) {
            say(format!("the rule `{name}` asks for the finding \"{finding}\", which no rule of Lazaret makes"));
        }
        for pattern in rule.scope.paths.iter().filter(|one| glob::is_everything(one)) {
            say(format!("the path \"{pattern}\" of the rule `{name}` limits nothing; leave `paths` out"));
        }
        if let Some(waiving) = self.rules.iter().find(|one| overrules(one, rule)) {
            say(format!("the rule `{name}` never decides: `{}` waives it wherever it matches", waiving.name));
        }
        if rule.when.source() == "true" && rule.answer != Answer::Warn && rule.scope == Default::default() {
            say(format!("the rule `{name}` matches every package"));
        }
        if rule.answer != Answer::Allow && rule.when.variables().is_empty() && rule.when.source() != "true" {
            say(format!("the rule `{name}` looks at nothing about the package"));
        }
    }

    fn doubt_exception(&self, one: &Exception, earlier: &[Exception], today: Day, say: &mut dyn FnMut(String)) {
        let shown = one.shown();
        if one.expires < today {
            say(format!("the exception for {shown} ended on {}; remove it or look again", one.expires));
        }
        let days = (one.expires - today).get_days();
        if days > LONGEST_EXCEPTION {
            say(format!("the exception for {shown} holds for {days} more days; nobody will look again before"));
        }
        if earlier
            .iter()
            .any(|other| other.pinned == one.pinned && one.rules.iter().all(|rule| other.rules.contains(rule)))
        {
            say(format!("the exception for {shown} repeats one above it"));
        }
    }
}

/// Whether one rule waives another wherever that matches.
fn overrules(one: &Rule, other: &Rule) -> bool {
    let always = one.when.source() == "true" || one.when.source() == other.when.source();
    one.answer == Answer::Allow && one.waives.contains(&other.name) && always && one.scope.contains(&other.scope)
}
