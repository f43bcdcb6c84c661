//! The fields of maps in a policy file, and the faults that are found in them.

use ecosystem::document::{Kind, Node};
use model::Answer;

use crate::policy::{Door, Policy, PolicyError};

/// So many faults are told.
const MOST_FAULTS: usize = 50;

/// Gathers faults while a file is read.
pub(in crate::policy) struct Reader {
    name: String,
    faults: Vec<(u32, String)>,
}

impl Reader {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), faults: Vec::new() }
    }

    /// Something is wrong in this line.
    pub fn fault(&mut self, line: u32, sentence: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push((line, sentence.into()));
        }
    }

    /// The policy, when nothing was wrong with it.
    pub fn finish(mut self, policy: Policy) -> Result<Policy, PolicyError> {
        if self.faults.is_empty() {
            return Ok(policy);
        }
        self.faults.sort_by_key(|(line, _)| *line);
        Err(PolicyError { name: self.name, faults: self.faults })
    }

    /// Refuses keys that mean nothing, and keys that stand twice.
    pub fn known(&mut self, node: Node<'_, '_>, keys: &[&str], what: &str) {
        let mut seen: Vec<&str> = Vec::new();
        for child in node.children() {
            if !keys.contains(&child.key()) {
                self.fault(child.line(), format!("{what} has no `{}`; it has {}", child.key(), keys.join(", ")));
            } else if seen.contains(&child.key()) {
                self.fault(child.line(), format!("`{}` stands here twice", child.key()));
            }
            seen.push(child.key());
        }
    }

    pub fn is_map(&mut self, node: Node<'_, '_>, what: &str) -> bool {
        let is_map = node.kind() == Kind::Map;
        if !is_map {
            self.fault(node.line(), format!("{what} is a map of names and values"));
        }
        is_map
    }

    /// The items of the list under this key.
    pub fn items<'d, 't>(&mut self, node: Node<'d, 't>, key: &str, most: usize) -> Vec<Node<'d, 't>> {
        let Some(list) = node.get(key).filter(|one| one.kind() != Kind::Null) else { return Vec::new() };
        if list.kind() != Kind::List {
            self.fault(list.line(), format!("`{key}` is a list"));
            return Vec::new();
        }
        let items: Vec<Node<'d, 't>> = list.children().collect();
        if items.len() > most {
            self.fault(list.line(), format!("`{key}` has more than {most} items"));
        }
        items.into_iter().take(most).collect()
    }

    /// The text under this key with its line.
    pub fn text(&mut self, node: Node<'_, '_>, key: &str) -> Option<(u32, String)> {
        let value = node.get(key)?;
        let Some(text) = value.scalar() else {
            self.fault(value.line(), format!("`{key}` is a text"));
            return None;
        };
        Some((value.line(), text.trim().to_owned()))
    }

    /// The text under a key that must be there.
    pub fn needed(&mut self, node: Node<'_, '_>, key: &str, what: &str) -> Option<(u32, String)> {
        match node.get(key) {
            None => {
                self.fault(node.line(), format!("{what} must have `{key}`"));
                None
            }
            Some(value) => {
                let text = self.text(node, key)?;
                if text.1.is_empty() {
                    self.fault(value.line(), format!("`{key}` is empty"));
                    return None;
                }
                Some(text)
            }
        }
    }

    /// The texts under this key: a list of them, or one alone.
    pub fn texts(&mut self, node: Node<'_, '_>, key: &str) -> Vec<(u32, String)> {
        let Some(value) = node.get(key) else { return Vec::new() };
        if let Some(text) = value.scalar() {
            return vec![(value.line(), text.to_owned())];
        }
        let mut texts = Vec::new();
        for item in self.items(node, key, 1000) {
            match item.scalar() {
                Some(text) => texts.push((item.line(), text.to_owned())),
                None => self.fault(item.line(), format!("`{key}` is a list of texts")),
            }
        }
        texts
    }

    /// Whether the value under this key is `true`.
    pub fn truth(&mut self, node: Node<'_, '_>, key: &str) -> bool {
        match node.get(key) {
            None => false,
            Some(value) if value.is_true() => true,
            Some(value) => {
                if value.scalar() != Some("false") {
                    self.fault(value.line(), format!("`{key}` is true or false"));
                }
                false
            }
        }
    }

    /// The answer that a value names.
    pub fn answer(&mut self, node: Node<'_, '_>) -> Option<Answer> {
        let all = [Answer::Allow, Answer::Warn, Answer::Block];
        let known = all.into_iter().find(|one| node.scalar() == Some(one.as_str()));
        if known.is_none() {
            self.fault(node.line(), format!("`{}` is block, warn or allow", node.key()));
        }
        known
    }

    /// The door of this name.
    pub fn door(&mut self, line: u32, word: &str) -> Option<Door> {
        let door = Door::from_word(word);
        if door.is_none() {
            self.fault(line, format!("there is no door `{word}`; there are scan, guard, proxy and mcp"));
        }
        door
    }
}
