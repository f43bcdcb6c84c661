//! `lazaret explain`: the page of a rule, or the list of them.

use model::{Phase, RuleMeta};
use wire::Exit;

use crate::output::{print, talk};

pub fn run(id: Option<&str>) -> anyhow::Result<Exit> {
    let rules = engine::rules();
    let Some(id) = id else {
        return print(&list(rules)).map(|()| Exit::Clean);
    };
    match rules.iter().find(|rule| rule.id == id) {
        Some(rule) => print(&page(rule)).map(|()| Exit::Clean),
        None => {
            talk(&format!("error: there is no rule \"{id}\"{}", advice(id, rules)));
            Ok(Exit::Usage)
        }
    }
}

fn page(rule: &RuleMeta) -> String {
    let attack = if rule.attack.is_empty() { String::new() } else { format!(" · ATT&CK {}", rule.attack.join(", ")) };
    let phase = match rule.phases.as_slice() {
        [] => String::new(),
        all if all.len() == Phase::ALL.len() => " · any phase".into(),
        some => format!(" · {}", some.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ")),
    };
    format!("# {}\n\n{} ({}{phase}{attack})\n\n{}\n", rule.id, rule.title, rule.kind, rule.page.trim())
}

fn list(rules: &[RuleMeta]) -> String {
    let width = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    rules.iter().map(|rule| format!("{:<width$}  {:<10}  {}\n", rule.id, rule.kind.to_string(), rule.title)).collect()
}

/// The rules that the user may have meant.
fn advice(id: &str, rules: &[RuleMeta]) -> String {
    let shared = |rule: &RuleMeta| rule.id.split('-').filter(|word| id.split('-').any(|one| one == *word)).count();
    let mut near: Vec<&RuleMeta> = rules.iter().filter(|rule| shared(rule) > 0).collect();
    near.sort_by_key(|rule| std::cmp::Reverse(shared(rule)));
    let near: Vec<&str> = near.iter().map(|rule| rule.id.as_str()).take(3).collect();
    if near.is_empty() {
        "; `lazaret explain` lists them all".into()
    } else {
        format!("; did you mean {}?", near.join(", "))
    }
}
