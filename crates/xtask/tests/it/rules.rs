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

fn name(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_str()?.replace('_', "-"))
}

/// The rules of a folder: the files with a check. The others hold what several rules share.
fn rules_in(folder: &Path) -> BTreeSet<String> {
    let has_check = |path: &&PathBuf| fs::read_to_string(path).is_ok_and(|source| source.contains("fn check("));
    files(folder).iter().filter(has_check).filter_map(|path| name(path)).collect()
}

fn rule_files() -> BTreeSet<String> {
    folders().iter().flat_map(|folder| rules_in(folder)).collect()
}

fn pages() -> BTreeSet<String> {
    files(&root().join("rules")).iter().filter_map(|path| name(path)).filter(|id| id != "README").collect()
}

#[test]
fn every_rule_has_a_page_and_every_page_a_rule() {
    let (rules, pages) = (rule_files(), pages());
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
        missing.extend(rules_in(&folder).into_iter().filter(|id| !list.contains(&format!("\"{id}\""))));
    }
    none(&missing, "rules that no list names");
}

/// What is odd about an archive cannot be shown in Markdown: those rules are tested on recipes.
#[test]
fn pages_about_code_have_a_flagged_and_a_clean_example() {
    let mut offences = Vec::new();
    let about_code = folders().into_iter().filter(|folder| !folder.ends_with("archive"));
    for id in about_code.flat_map(|folder| rules_in(&folder)) {
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

#[test]
fn the_table_of_weights_knows_only_rules_that_exist() {
    let mut known = pages();
    // It is stated by the engine, of a reader that died.
    known.insert("kills-the-parser".into());
    let table = fs::read_to_string(root().join("crates/analysis/data/weights.txt")).expect("the table of weights");
    let lines = table.lines().filter(|line| !line.starts_with('#') && line.split_whitespace().count() == 6);
    let rules = lines.filter_map(|line| line.split_whitespace().next()).filter(|rule| *rule != "*");
    let stale: Vec<String> = rules.filter(|rule| !known.contains(*rule)).map(str::to_owned).collect();
    none(&stale, "rules in weights.txt without a page: run cargo xtask fit");
}
