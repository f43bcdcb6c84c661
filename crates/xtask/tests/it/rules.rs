//! A rule is a file, a page and a line in a list; none of the three stands alone.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::{files, none, root};

/// The folders of rules, by what they read.
fn folders() -> Vec<PathBuf> {
    let rules = fs::read_dir(root().join("crates/analysis/src/rules")).expect("the folder of rules");
    rules.map(|entry| entry.expect("a readable folder").path()).filter(|path| path.is_dir()).collect()
}

fn ids(folder: &Path, extension: &str) -> BTreeSet<String> {
    files(folder)
        .iter()
        .filter(|path| path.extension().is_some_and(|one| one == extension))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.replace('_', "-")))
        .filter(|id| id != "README" && id != "mod")
        .collect()
}

fn rule_files() -> BTreeSet<String> {
    folders().iter().flat_map(|folder| ids(folder, "rs")).collect()
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
fn every_rule_is_in_the_list_of_its_folder() {
    let mut missing = Vec::new();
    for folder in folders() {
        let list = fs::read_to_string(folder.join("mod.rs")).expect("a list");
        missing.extend(ids(&folder, "rs").into_iter().filter(|id| !list.contains(&format!("\"{id}\""))));
    }
    none(&missing, "rules that no list names");
}

/// What is odd about an archive cannot be shown in Markdown: those rules are tested on recipes.
#[test]
fn pages_about_code_have_a_flagged_and_a_clean_example() {
    let mut offences = Vec::new();
    for id in ids(&root().join("crates/analysis/src/rules/code"), "rs") {
        let path = root().join("rules").join(format!("{id}.md"));
        let page = fs::read_to_string(&path).unwrap_or_default();
        for part in ["\n## Flagged\n", "\n## Clean\n"] {
            if !page.split_once(part).is_some_and(|(_, examples)| examples.contains("```")) {
                offences.push(format!("rules/{id}.md has no example under {}", part.trim()));
            }
        }
    }
    none(&offences, "pages that test too little");
}
