//! Files of vet, another scanner: its filter suites (version 1), its policies (version 2) and its exceptions become a
//! policy of ours. What cannot be said in ours is told, never left out in silence.

use std::fmt::Write as _;

use ecosystem::document::{Document, Node};

use super::{BUILT_IN, Expression};

mod rewrite;

/// A policy made from files of vet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Import {
    /// The policy, as text.
    pub text: String,
    /// What it does not say as vet did: file, line, and a sentence.
    pub notes: Vec<(String, u32, String)>,
}

/// What a file of vet holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Suite,
    Policy,
    Exceptions,
}

#[derive(Default)]
struct Collected {
    name: String,
    rules: Vec<(String, String)>,
    allowed: Vec<String>,
    exceptions: Vec<Excepted>,
    notes: Vec<(String, u32, String)>,
    file: String,
}

/// One exception of vet.
struct Excepted {
    ecosystem: String,
    name: String,
    /// None stands for every version.
    version: Option<String>,
    day: String,
}

fn form(root: Node<'_, '_>) -> Option<Form> {
    let ours = ["rules", "extends", "tests"].iter().any(|key| root.get(key).is_some());
    if root.str("version").is_some_and(|one| one.starts_with("POLICY_VERSION_")) {
        Some(Form::Policy)
    } else if root.get("filters").is_some() {
        Some(Form::Suite)
    } else if !ours && root.inside("exceptions").any(|one| one.get("ecosystem").is_some()) {
        Some(Form::Exceptions)
    } else {
        None
    }
}

/// Whether a text is a file of vet.
pub(super) fn is_vet(text: &str) -> bool {
    let document = Document::yaml(text);
    document.errors.is_empty() && document.root().children().next().is_some_and(|root| form(root).is_some())
}

/// Makes one policy of files of vet: each is given by its name and its text. The error is a sentence.
pub fn import(files: &[(String, String)]) -> Result<Import, String> {
    let mut import = Collected::default();
    for (name, text) in files {
        let document = Document::yaml(text);
        if let Some((line, detail)) = document.errors.first() {
            return Err(format!("{name}:{line}: this is no YAML: {detail}"));
        }
        let root = document.root().children().next();
        let Some((root, form)) = root.and_then(|root| Some((root, form(root)?))) else {
            return Err(format!("{name}: this is no filter suite, no policy and no list of exceptions of vet"));
        };
        import.file.clone_from(name);
        import.read(root, form);
    }
    let text = import.written();
    Ok(Import { text, notes: import.notes })
}

impl Collected {
    fn note(&mut self, line: u32, sentence: impl Into<String>) {
        self.notes.push((self.file.clone(), line, sentence.into()));
    }

    fn read(&mut self, root: Node<'_, '_>, form: Form) {
        if form != Form::Exceptions {
            self.name = root.str("name").unwrap_or_default().trim().to_owned();
        }
        match form {
            Form::Suite => root.inside("filters").for_each(|one| self.rule(one, false)),
            Form::Policy => {
                if root.str("version") != Some("POLICY_VERSION_V2") {
                    self.note(root.line(), "this version of vet's policies is not known; it is read as version 2");
                }
                let allows = root.str("type") == Some("POLICY_TYPE_ALLOW");
                root.inside("rules").for_each(|one| self.rule(one, allows));
            }
            Form::Exceptions => root.inside("exceptions").for_each(|one| self.exception(one)),
        }
    }

    fn rule(&mut self, node: Node<'_, '_>, allows: bool) {
        let given = node.str("name").unwrap_or("rule").trim();
        let Some(value) = node.get("value").filter(|one| one.scalar().is_some()) else {
            return self.note(node.line(), format!("the rule \"{given}\" has no expression and is left out"));
        };
        let when = match rewrite::rewrite(value.text()).and_then(|when| Expression::compile(&when).map(|_| when)) {
            Ok(when) => when,
            Err(why) => return self.note(value.line(), format!("the rule \"{given}\" cannot be taken over: {why}")),
        };
        if allows {
            return self.allowed.push(when);
        }
        let mut name = slug(given);
        while self.rules.iter().any(|(known, _)| *known == name) || super::settings::is_built_in(&name) {
            name += "-2";
        }
        let said = ["summary", "description"].iter().find_map(|key| node.str(key)).unwrap_or(given);
        let reason: String = said.split_whitespace().collect::<Vec<_>>().join(" ").replace(['{', '}'], "");
        let mut text = format!("  - name: {name}\n    when: |\n");
        when.lines()
            .filter(|line| !line.trim().is_empty())
            .for_each(|line| text += &format!("      {}\n", line.trim()));
        text += &format!("    answer: block\n    reason: {}\n", quoted(&reason));
        self.rules.push((name, text));
    }

    fn exception(&mut self, node: Node<'_, '_>) {
        let (line, get) = (node.line(), |key: &str| node.str(key).unwrap_or_default().trim().to_owned());
        let (ecosystem, name, version, expires) = (get("ecosystem"), get("name"), get("version"), get("expires"));
        if node.get("pattern").is_some() {
            self.note(line, "an exception with a `pattern` is left out");
        }
        if name.is_empty() || ecosystem.is_empty() {
            return self.note(line, "an exception without `ecosystem` or `name` is left out");
        }
        let Some(day) = expires.get(..10).filter(|day| day.parse::<super::Day>().is_ok()) else {
            return self.note(line, format!("the exception for {name} has no day on which it ends and is left out"));
        };
        let version = Some(version).filter(|one| one != "*" && !one.is_empty());
        let ecosystem = rewrite::ecosystem(&ecosystem);
        self.exceptions.push(Excepted { ecosystem, name, version, day: day.to_owned() });
        self.note(
            line,
            "vet's exceptions let malware through; this one does not: see `accept_malware` in docs/policy.md",
        );
    }

    fn written(&mut self) -> String {
        let name = if self.name.is_empty() { "imported" } else { &self.name };
        let mut text = format!("# Taken over from vet.\nversion: 1\nname: {}\n", quoted(name));
        if self.rules.is_empty() && self.allowed.is_empty() {
            text += "extends: default\n";
        }
        for (file, line, sentence) in &self.notes {
            let _ = writeln!(text, "# {file}:{line}: {}", sentence.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        self.allow_list();
        let wide: Vec<&Excepted> = self.exceptions.iter().filter(|one| one.version.is_none()).collect();
        if !self.rules.is_empty() || !wide.is_empty() {
            text += "\nrules:\n";
        }
        self.rules.iter().for_each(|(_, rule)| text += rule);
        let waived = self.waived();
        for (at, one) in wide.iter().enumerate() {
            let (ecosystem, name) = (literal(&one.ecosystem), literal(&one.name));
            let when = format!("ecosystem == {ecosystem} && name == {name} && today <= {}", literal(&one.day));
            let _ = write!(text, "  - name: excepted-{}\n    when: {}\n    answer: allow\n", at + 1, quoted(&when));
            let _ = write!(text, "    waives: [{waived}]\n    reason: taken over from vet, until {}\n", one.day);
        }
        let mut exact = self.exceptions.iter().filter_map(|one| Some((one, one.version.as_deref()?))).peekable();
        if exact.peek().is_some() {
            text += "\nexceptions:\n";
        }
        for (one, version) in exact {
            let purl = format!("pkg:{}/{}@{version}", one.ecosystem, one.name.replace(':', "/"));
            let _ = write!(text, "  - package: {}\n    rules: [{waived}]\n", quoted(&purl));
            let _ = write!(text, "    owner: unknown\n    reason: taken over from vet\n    expires: {}\n", one.day);
        }
        text
    }

    /// Rules that say what may enter become one that blocks all others.
    fn allow_list(&mut self) {
        if self.allowed.is_empty() {
            return;
        }
        let none: Vec<String> = self.allowed.iter().map(|one| format!("!({})", one.trim())).collect();
        let when = none.join(" && ").split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!(
            "  - name: not-allowed\n    when: {}\n    answer: block\n    reason: no rule of the policy lets it in\n",
            quoted(&when)
        );
        self.rules.push(("not-allowed".into(), text));
    }

    /// The rules that vet's exceptions waive: all but malware.
    fn waived(&self) -> String {
        let preset = super::preset::text("default").filter(|_| self.rules.is_empty());
        let preset = preset.and_then(|text| super::read::policy(text, "default").ok());
        let inherited = preset.into_iter().flat_map(|one| one.rules).map(|one| one.name);
        let own = self.rules.iter().map(|(name, _)| name.clone());
        let built_in = BUILT_IN.iter().filter(|one| **one != super::MALWARE).map(|one| (*one).to_owned());
        built_in.chain(own).chain(inherited).collect::<Vec<_>>().join(", ")
    }
}

/// A name in kebab-case.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|one| !one.is_empty());
    let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    if slug.is_empty() { "rule".into() } else { slug }
}

/// A text of YAML, in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text of CEL.
fn literal(text: &str) -> String {
    format!("'{}'", escaped(text).replace('\'', "\\'"))
}

fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|one| !one.is_control()).collect();
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
