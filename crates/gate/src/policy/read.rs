//! From the text of a policy to the policy. Every fault is told with its line, and all of them at once.

use std::sync::atomic::AtomicBool;

use ecosystem::document::{Document, Kind, Node};
use model::{Answer, Checksum};

use super::{
    BUILT_IN, Exception, Expression, MALWARE, Policy, PolicyError, Rule, Scope, Settings, duration,
    exception::{self, Pinned},
    preset,
    reason::Reason,
    settings, trial, vet,
};

mod fields;
mod top;

pub(super) use fields::Reader;

/// The largest file that is read.
const LARGEST: usize = 1 << 20;
/// The most rules, exceptions or tests of one policy.
const MOST: usize = 1000;

/// The keys of a policy file.
const KEYS: [&str; 16] = [
    "version",
    "name",
    "description",
    "extends",
    "without",
    "malware",
    "suspicious",
    "unknown",
    "incomplete",
    "lockfile",
    "unevaluable",
    "cooldown",
    "database",
    "rules",
    "exceptions",
    "tests",
];

/// Reads a policy.
pub(super) fn policy(text: &str, name: &str) -> Result<Policy, PolicyError> {
    if text.len() <= LARGEST && vet::is_vet(text) {
        return foreign(text, name);
    }
    let mut reader = Reader::new(name);
    let policy = read(text, name, &mut reader);
    reader.finish(policy)
}

/// Reads a file of vet as it is. What cannot be said in our words becomes a note of the policy.
fn foreign(text: &str, name: &str) -> Result<Policy, PolicyError> {
    let failed = |why: String| PolicyError { name: name.to_owned(), faults: vec![(0, why)] };
    let import = vet::import(&[(name.to_owned(), text.to_owned())]).map_err(failed)?;
    let mut reader = Reader::new(name);
    let mut policy = read(&import.text, name, &mut reader);
    policy.notes = import.notes.into_iter().map(|(_, line, sentence)| (line, sentence)).collect();
    reader.finish(policy)
}

fn read(text: &str, name: &str, reader: &mut Reader) -> Policy {
    let mut policy = Policy {
        name: name.to_owned(),
        settings: Settings::default(),
        rules: Vec::new(),
        exceptions: Vec::new(),
        tests: Vec::new(),
        notes: Vec::new(),
        used: Vec::new(),
    };
    if text.len() > LARGEST {
        reader.fault(0, format!("the file has more than {} MiB", LARGEST >> 20));
        return policy;
    }
    let document = Document::yaml(text);
    for (line, detail) in &document.errors {
        reader.fault(*line, format!("this is no YAML: {detail}"));
    }
    let mut documents = document.root().children();
    let (Some(root), None) = (documents.next(), documents.next()) else {
        reader.fault(1, "a policy is one document, and this file has none or several");
        return policy;
    };
    if root.kind() != Kind::Map {
        reader.fault(root.line(), "a policy is a map with `rules`; `lazaret policy show default` prints one");
        return policy;
    }
    fill(&mut policy, root, reader);
    policy.used = policy.exceptions.iter().map(|_| AtomicBool::new(false)).collect();
    policy
}

fn fill(policy: &mut Policy, root: Node<'_, '_>, reader: &mut Reader) {
    reader.known(root, &KEYS, "a policy");
    if let Some(version) = root.get("version").filter(|one| one.scalar() != Some("1")) {
        reader.fault(version.line(), "this Lazaret reads policies of version 1");
    }
    if let Some(base) = root.get("extends") {
        extend(policy, base, reader);
    }
    for one in reader.texts(root, "without") {
        match policy.rules.iter().position(|rule| rule.name == one.1) {
            Some(at) => drop(policy.rules.remove(at)),
            None => reader.fault(one.0, format!("`without` names `{}`, which the preset has not", one.1)),
        }
    }
    top::read(&mut policy.settings, root, reader);
    let inherited = policy.rules.len();
    for node in reader.items(root, "rules", MOST) {
        let Some(rule) = rule(node, reader) else { continue };
        if policy.rules.iter().skip(inherited.min(policy.rules.len())).any(|one| one.name == rule.name && one.line > 0)
        {
            reader.fault(rule.line, format!("there are two rules named `{}`", rule.name));
        }
        // A rule of one's own takes the place of the preset's.
        policy.rules.retain(|one| one.name != rule.name);
        policy.rules.push(rule);
    }
    let names: Vec<String> = policy.rules.iter().map(|one| one.name.clone()).collect();
    for rule in &policy.rules {
        waivable(rule.line, &rule.waives, &names, reader);
    }
    for node in reader.items(root, "exceptions", MOST) {
        let Some(one) = read_exception(node, reader) else { continue };
        waivable(one.line, &one.rules, &names, reader);
        policy.exceptions.push(one);
    }
    for node in reader.items(root, "tests", MOST) {
        policy.tests.extend(trial::read(node, reader));
    }
}

/// Takes over what a preset says.
fn extend(policy: &mut Policy, base: Node<'_, '_>, reader: &mut Reader) {
    let name = base.scalar().unwrap_or_default();
    let Some(text) = preset::text(name) else {
        reader.fault(base.line(), preset::unknown(name));
        return;
    };
    match self::policy(text, name) {
        Ok(preset) => {
            policy.settings = preset.settings;
            policy.rules = preset.rules.into_iter().map(|rule| Rule { line: 0, ..rule }).collect();
        }
        Err(error) => reader.fault(base.line(), error.to_string()),
    }
}

fn waivable(line: u32, waived: &[String], names: &[String], reader: &mut Reader) {
    for one in waived {
        if !settings::is_built_in(one) && !names.contains(one) {
            let sentence = format!("there is no rule `{one}` to waive; the built-in ones are {}", BUILT_IN.join(", "));
            reader.fault(line, sentence);
        }
    }
}

fn rule(node: Node<'_, '_>, reader: &mut Reader) -> Option<Rule> {
    const KEYS: [&str; 9] = ["name", "when", "answer", "reason", "waives", "paths", "groups", "ecosystems", "doors"];
    if !reader.is_map(node, "a rule") {
        return None;
    }
    reader.known(node, &KEYS, "a rule");
    let name = reader.needed(node, "name", "a rule")?.1;
    if settings::is_built_in(&name) {
        let sentence = format!("`{name}` is built in; set it at the top of the file, or name the rule otherwise");
        reader.fault(node.line(), sentence);
        return None;
    }
    let (line, when) = reader.needed(node, "when", "a rule")?;
    let answer = match node.get("answer") {
        Some(answer) => reader.answer(answer),
        None => {
            reader.fault(node.line(), format!("the rule `{name}` has no `answer`: block, warn or allow"));
            None
        }
    };
    let when =
        Expression::compile(&when).map_err(|why| reader.fault(line, format!("in the rule `{name}`: {why}"))).ok();
    let reason = reader.text(node, "reason").and_then(|(line, text)| {
        Reason::read(&text).map_err(|why| reader.fault(line, format!("in the reason of `{name}`: {why}"))).ok()
    });
    let waives: Vec<String> = reader.texts(node, "waives").into_iter().map(|(_, one)| one).collect();
    let scope = scope(node, reader);
    let (answer, when) = (answer?, when?);
    match (answer, waives.as_slice()) {
        (Answer::Allow, []) => {
            let sentence = format!("the rule `{name}` allows, so it must say in `waives` which rules it waives");
            reader.fault(node.line(), sentence);
        }
        (Answer::Allow, names) if names.iter().any(|one| one == MALWARE) => {
            let sentence =
                "no rule waives malware; an exception for one version or hash can, with `accept_malware: true`";
            reader.fault(node.line(), sentence);
        }
        (Answer::Allow, _) | (_, []) => {}
        _ => reader.fault(node.line(), format!("the rule `{name}` does not allow, so it has nothing to waive")),
    }
    Some(Rule { name, line: node.line(), when, answer, reason, waives, scope })
}

fn scope(node: Node<'_, '_>, reader: &mut Reader) -> Scope {
    let doors = reader.texts(node, "doors");
    let doors = doors.into_iter().filter_map(|(line, word)| reader.door(line, &word)).collect();
    let plain = |all: Vec<(u32, String)>| all.into_iter().map(|(_, one)| one).collect();
    Scope {
        paths: plain(reader.texts(node, "paths")),
        groups: plain(reader.texts(node, "groups")),
        ecosystems: plain(reader.texts(node, "ecosystems")),
        doors,
    }
}

fn read_exception(node: Node<'_, '_>, reader: &mut Reader) -> Option<Exception> {
    const KEYS: [&str; 7] = ["package", "hash", "rules", "owner", "reason", "expires", "accept_malware"];
    if !reader.is_map(node, "an exception") {
        return None;
    }
    reader.known(node, &KEYS, "an exception");
    let line = node.line();
    let pinned = match (reader.text(node, "package"), reader.text(node, "hash")) {
        (Some((line, text)), None) => package(line, &text, reader),
        (None, Some((line, text))) => bytes(line, &text, reader),
        _ => {
            reader.fault(line, "an exception names either a `package` (a purl with its version) or a `hash`");
            None
        }
    };
    let rules: Vec<String> = reader.texts(node, "rules").into_iter().map(|(_, one)| one).collect();
    if rules.is_empty() {
        reader.fault(line, "an exception must name in `rules` which rules it waives");
    }
    let accept_malware = reader.truth(node, "accept_malware");
    if rules.iter().any(|one| one == MALWARE) != accept_malware {
        let sentence = "whoever accepts malware says so twice: `malware` among the `rules`, and `accept_malware: true`";
        reader.fault(line, sentence);
    }
    let owner = reader.needed(node, "owner", "an exception");
    let reason = reader.needed(node, "reason", "an exception");
    let expires = reader.needed(node, "expires", "an exception").and_then(|(line, text)| {
        let day = text.get(..10).and_then(|day| day.parse().ok());
        if day.is_none() {
            reader.fault(line, format!("`expires` is a day such as 2026-12-31, not \"{text}\""));
        }
        day
    });
    Some(Exception {
        line,
        pinned: pinned?,
        rules,
        owner: owner?.1,
        reason: reason?.1,
        expires: expires?,
        accept_malware,
    })
}

fn package(line: u32, text: &str, reader: &mut Reader) -> Option<Pinned> {
    match exception::key(text).filter(|_| text.starts_with("pkg:")) {
        Some(key) if exception::has_version(&key) => Some(Pinned::Package(key)),
        Some(_) => {
            reader.fault(line, format!("an exception is for one version: write {text}@ and the version"));
            None
        }
        None => {
            reader.fault(line, format!("\"{text}\" is no purl with a version, such as pkg:npm/name@1.2.3"));
            None
        }
    }
}

fn bytes(line: u32, text: &str, reader: &mut Reader) -> Option<Pinned> {
    let checksum = text.split_once(':').and_then(|(algorithm, hex)| {
        let algorithm = model::Algorithm::from_word(algorithm).filter(|one| *one >= model::Algorithm::Sha256)?;
        Checksum::from_hex(algorithm, hex)
    });
    if checksum.is_none() {
        reader.fault(line, "a `hash` is written as sha256: and 64 hexadecimal digits (or sha512: and 128)");
    }
    checksum.map(|one| Pinned::Bytes(one.to_string()))
}

/// The hours in a value.
fn span(reader: &mut Reader, node: Node<'_, '_>) -> Option<f64> {
    let hours = node.scalar().and_then(duration::hours);
    if hours.is_none() {
        reader.fault(node.line(), format!("`{}` is a span of time such as 24h or 7d", node.key()));
    }
    hours
}
