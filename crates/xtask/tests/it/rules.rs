//! A rule is a file, a page and a line in a list; none of the three stands alone.

use std::{collections::BTreeSet, fs, path::Path};

use crate::{files, none, root, rust};

/// The folders of rules, by the witness that they read.
const FOLDERS: &[&str] = &["code", "metadata", "trace"];

fn ids(folder: &Path, extension: &str) -> BTreeSet<String> {
    files(folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|one| one == extension))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.replace('_', "-")))
        .filter(|id| id != "README" && id != "mod")
        .collect()
}

fn rule_files() -> BTreeSet<String> {
    let rules = root().join("crates/analysis/src/rules");
    FOLDERS.iter().flat_map(|folder| ids(&rules.join(folder), "rs")).collect()
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let (rules, pages) = (rule_files(), ids(&root().join("rules"), "md"));
    let bare: Vec<String> = rules.difference(&pages).cloned().collect();
    none(&bare, "rules without a page in rules/");
    let idle: Vec<String> = pages.difference(&rules).cloned().collect();
    none(&idle, "pages without a rule in crates/analysis/src/rules/");
}

#[test]
fn every_rule_is_in_the_list() {
    let lists: String = rust("crates/analysis/src")
        .into_iter()
        .filter(|(name, _)| {
            let lists = FOLDERS.iter().flat_map(|folder| [format!("rules/{folder}.rs"), format!("rules/{folder}/mod.rs")]);
            name.ends_with("src/rules.rs") || lists.into_iter().any(|list| name.ends_with(&list))
        })
        .map(|(_, source)| source)
        .collect();
    let words: BTreeSet<&str> = lists.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
    let missing: Vec<String> = rule_files().into_iter().filter(|id| !words.contains(id.replace('-', "_").as_str())).collect();
    none(&missing, "rules that no list names");
}

#[test]
fn pages_have_a_flagged_and_a_clean_example() {
    let mut offences = Vec::new();
    for id in rule_files() {
        let path = root().join("rules").join(format!("{id}.md"));
        let page = fs::read_to_string(&path).unwrap_or_default().to_lowercase();
        for word in ["flagged", "clean"] {
            if !page.contains(word) {
                offences.push(format!("rules/{id}.md has no {word} example"));
            }
        }
    }
    none(&offences, "pages that test too little");
}
