//! Rule pages: documentation, metadata and test cases in one Markdown file.
//!
//! ````text
//! ---
//! title: Runs what it downloads
//! group: dropper
//! kind: proof
//! attack: T1105, T1059
//! phase: install, import
//! ---
//! Text for people.
//!
//! ## False alarms
//!
//! **Typical:** Which honest packages look like this.
//!
//! **Guard:** What keeps the rule from taking them for malware.
//!
//! ## Flagged
//! ### A name for the example
//! ```python setup.py
//! ...
//! ```
//! ## Clean
//! ...
//! ````
//!
//! `phase` lists the phases in which the rule finds something; `any` stands for all of them.
//!
//! A code block's first line holds the language and the file's path in the package. Blocks under one `###` heading are the
//! files of one package; a block without a heading of its own is a package of its own. In `Flagged` the heading may end with
//! the expected kind and phase in brackets: `### Posts at install [proof install]`.

use model::{Group, Kind, Phase, RuleMeta};

/// A rule's page.
#[derive(Debug, Default)]
pub struct Page {
    title: String,
    group: Option<Group>,
    kind: Option<Kind>,
    attack: Vec<String>,
    phases: Vec<Phase>,
    false_alarms: String,
    guard: String,
    body: String,
    /// The examples.
    pub examples: Vec<Example>,
}

/// One example package.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Its heading.
    pub name: String,
    /// Whether the rule has to find something.
    pub flagged: bool,
    /// The expected kind and phase, as words.
    pub expected: Vec<String>,
    /// The files.
    pub files: Vec<ExampleFile>,
}

/// One file of an example.
#[derive(Debug, Clone, Default)]
pub struct ExampleFile {
    /// The path in the package.
    pub path: String,
    /// The content.
    pub text: String,
}

impl Page {
    /// Reads a page.
    pub fn parse(text: &str) -> Self {
        let mut page = Self::default();
        let rest = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        let (head, body) = rest.unwrap_or(("", text));
        for line in head.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            match key.trim() {
                "title" => page.title = value.into(),
                "group" => page.group = serde_json::from_value(value.into()).ok(),
                "kind" => page.kind = serde_json::from_value(value.into()).ok(),
                "attack" => {
                    page.attack =
                        value.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
                }
                "phase" => page.phases = phases(value),
                _ => {}
            }
        }
        page.false_alarms = paragraph(body, "**Typical:**");
        page.guard = paragraph(body, "**Guard:**");
        page.body = body.trim().to_owned();
        page.examples = examples(body);
        page
    }

    /// What a page must say and this one does not, each as its author has to add it. Empty means that it is complete.
    pub fn missing(&self) -> Vec<&'static str> {
        [
            (self.title.is_empty(), "`title:` at its head"),
            (self.group.is_none(), "`group:` at its head, with a group of the catalogue"),
            (self.kind.is_none(), "`kind:` at its head: capability, indicator or proof"),
            (self.attack.is_empty(), "`attack:` at its head, with ids of ATT&CK"),
            (self.phases.is_empty(), "`phase:` at its head: phases in which it finds something, or `any`"),
            (self.false_alarms.is_empty(), "a section `## False alarms` with a paragraph `**Typical:** ...`"),
            (self.guard.is_empty(), "a section `## False alarms` with a paragraph `**Guard:** ...`"),
        ]
        .into_iter()
        .filter_map(|(is_missing, what)| is_missing.then_some(what))
        .collect()
    }

    /// What is known of the rule.
    pub fn meta(self, id: &str) -> RuleMeta {
        RuleMeta {
            id: id.into(),
            title: self.title,
            group: self.group.unwrap_or(Group::Custom),
            kind: self.kind.unwrap_or(Kind::Capability),
            attack: self.attack,
            phases: self.phases,
            false_alarms: self.false_alarms,
            guard: self.guard,
            page: self.body,
        }
    }
}

/// The phases of a list of words, the earliest first.
fn phases(words: &str) -> Vec<Phase> {
    let named: Vec<&str> = words.split(',').map(str::trim).collect();
    Phase::ALL.into_iter().filter(|phase| named.contains(&"any") || named.contains(&phase.as_str())).collect()
}

/// The paragraph that starts with this mark, on one line.
fn paragraph(body: &str, mark: &str) -> String {
    let start = body.lines().skip_while(|line| !line.starts_with(mark));
    let lines: Vec<&str> = start.take_while(|line| !line.trim().is_empty()).collect();
    lines.join(" ").trim_start_matches(mark).trim().to_owned()
}

fn examples(body: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut flagged = None;
    let mut open: Option<Example> = None;
    let mut block: Option<ExampleFile> = None;
    for line in body.lines() {
        if let Some(file) = &mut block {
            if line.trim_end() != "```" {
                file.text.push_str(line);
                file.text.push('\n');
                continue;
            }
            let file = block.take().unwrap_or_default();
            match (&mut open, flagged) {
                (Some(example), Some(_)) => example.files.push(file),
                (None, Some(flagged)) => {
                    examples.push(Example { flagged, files: vec![file], ..Example::default() });
                }
                _ => {}
            }
        } else if let Some(info) = line.strip_prefix("```") {
            let path = info.split_whitespace().nth(1).unwrap_or_default().to_owned();
            block = Some(ExampleFile { path, text: String::new() });
        } else if let Some(heading) = line.strip_prefix("## ") {
            examples.extend(open.take());
            flagged = match heading.trim() {
                "Flagged" => Some(true),
                "Clean" => Some(false),
                _ => None,
            };
        } else if let (Some(heading), Some(flagged)) = (line.strip_prefix("### "), flagged) {
            examples.extend(open.take());
            let (name, expected) = match heading.split_once('[') {
                Some((name, rest)) => (name, rest.trim_end().trim_end_matches(']')),
                None => (heading, ""),
            };
            open = Some(Example {
                name: name.trim().into(),
                flagged,
                expected: expected.split_whitespace().map(str::to_owned).collect(),
                files: Vec::new(),
            });
        }
    }
    examples.extend(open.take());
    examples.retain(|example| !example.files.is_empty());
    examples
}
