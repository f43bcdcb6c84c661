//! The unit tests of a policy: facts about a package, and what the policy must answer.

use ecosystem::document::{Kind, Node};
use model::{Answer, Ruling};

use super::{Day, Door, Given, Policy, Subject, read::Reader};

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its name.
    pub name: String,
    /// The line on which it starts.
    pub line: u32,
    /// The package.
    pub subject: Subject,
    /// The door at which it stands.
    pub door: Door,
    /// The day, when the test needs a certain one.
    pub day: Option<Day>,
    /// The answer that is expected.
    pub expected: Answer,
    /// The rule that is expected to decide.
    pub rule: Option<String>,
}

/// How a test went.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What the policy answered.
    pub ruling: Ruling,
    /// What is wrong with that, as a sentence; none when it is what the test expects.
    pub failure: Option<String>,
}

impl Policy {
    /// Runs one of the policy's own tests.
    pub fn run(&self, trial: &Trial, today: Day) -> Outcome {
        let ruling = self.decide(&trial.subject, trial.door, trial.day.unwrap_or(today));
        let decided = ruling.decisive().map(|one| one.rule.as_str());
        let by = |rule: Option<&str>| rule.map_or(String::new(), |rule| format!(" by `{rule}`"));
        let right = ruling.answer == trial.expected && trial.rule.as_deref().is_none_or(|rule| decided == Some(rule));
        let failure = (!right).then(|| {
            let expected = by(trial.rule.as_deref());
            format!("expected {}{expected}, got {}{}", trial.expected, ruling.answer, by(decided))
        });
        Outcome { ruling, failure }
    }
}

pub(super) fn read(node: Node<'_, '_>, reader: &mut Reader) -> Option<Trial> {
    const KEYS: [&str; 6] = ["name", "package", "door", "day", "expect", "rule"];
    if !reader.is_map(node, "a test") {
        return None;
    }
    reader.known(node, &KEYS, "a test");
    let name = reader.needed(node, "name", "a test")?.1;
    let subject = node.get("package").and_then(|one| subject(one, reader));
    if node.get("package").is_none() {
        reader.fault(node.line(), "a test must have `package`: a purl, or a map of variables with one");
    }
    let door = match reader.text(node, "door") {
        None => Some(Door::Scan),
        Some((line, word)) => reader.door(line, &word),
    };
    let day = reader.text(node, "day").and_then(|(line, text)| {
        text.parse().map_err(|_| reader.fault(line, format!("`day` is a day such as 2026-12-31, not \"{text}\""))).ok()
    });
    let expected = match node.get("expect") {
        Some(answer) => reader.answer(answer),
        None => {
            reader.fault(node.line(), "a test must have `expect`: block, warn or allow");
            None
        }
    };
    let rule = reader.text(node, "rule").map(|(_, one)| one);
    Some(Trial { name, line: node.line(), subject: subject?, door: door?, day, expected: expected?, rule })
}

fn subject(node: Node<'_, '_>, reader: &mut Reader) -> Option<Subject> {
    let purl = node.scalar().or_else(|| node.str("purl")).map(Subject::of_purl);
    let mut subject = match purl {
        Some(Ok(subject)) => subject,
        Some(Err(why)) => {
            reader.fault(node.line(), why);
            return None;
        }
        None => {
            reader.fault(node.line(), "the `package` of a test needs a `purl`, such as pkg:npm/name@1.2.3");
            return None;
        }
    };
    if node.kind() == Kind::Map {
        for child in node.children().filter(|one| one.key() != "purl") {
            if let Err(why) = subject.set(child.key(), &given(child)) {
                reader.fault(child.line(), why);
            }
        }
    }
    Some(subject)
}

fn given(node: Node<'_, '_>) -> Given {
    match node.kind() {
        Kind::Null => Given::Null,
        Kind::Plain | Kind::Text => Given::Scalar(node.text().to_owned()),
        Kind::List => Given::List(node.children().map(given).collect()),
        Kind::Map => Given::Map(node.children().map(|one| (one.key().to_owned(), given(one))).collect()),
    }
}
