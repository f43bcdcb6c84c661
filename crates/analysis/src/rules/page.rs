//! Rule pages: documentation, metadata and test cases in one Markdown file.
//!
//! ````text
//! ---
//! title: Runs what it downloads
//! group: dropper
//! kind: proof
//! attack: T1105, T1059
//! ---
//! Text for people.
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
//! A code block's first line holds the language and the file's path in the package. Blocks under one `###` heading are the
//! files of one package; a block without a heading of its own is a package of its own. In `Flagged` the heading may end with
//! the expected kind and phase in brackets: `### Posts at install [proof install]`.

use model::{Group, Kind, RuleMeta};

use super::Rule;

/// A rule's page.
#[derive(Debug, Default)]
pub struct Page {
    title: String,
    group: Option<Group>,
    kind: Option<Kind>,
    attack: Vec<String>,
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
                _ => {}
            }
        }
        page.body = body.trim().to_owned();
        page.examples = examples(body);
        page
    }

    /// Whether the page says everything that a page must say.
    pub fn is_complete(&self) -> bool {
        !self.title.is_empty() && self.group.is_some() && self.kind.is_some()
    }

    /// What is known of the rule.
    pub fn meta(self, rule: &Rule) -> RuleMeta {
        RuleMeta {
            id: rule.id.into(),
            title: self.title,
            group: self.group.unwrap_or(Group::Custom),
            kind: self.kind.unwrap_or(Kind::Capability),
            attack: self.attack,
            page: self.body,
        }
    }
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
