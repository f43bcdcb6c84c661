//! `cargo xtask docs`: writes the catalogue of rules, `docs/rules/`, from the pages in `rules/`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use model::{Group, Kind, Phase, RuleMeta};

const FOLDER: &str = "docs/rules";

/// The groups of the catalogue, in its order, with what they are about.
const GROUPS: &[(Group, &str, &str)] = &[
    (Group::Execution, "Execution", "Where code gets control."),
    (Group::Obfuscation, "Obfuscation", "How code is hidden."),
    (Group::Dropper, "Droppers", "What is fetched and run."),
    (Group::Exfiltration, "Exfiltration", "How data leaves."),
    (Group::Credentials, "Credentials", "What is collected."),
    (Group::Impact, "Impact", "Persistence, damage, spread."),
    (Group::Archive, "Archives", "What is odd about the archive."),
    (Group::Custom, "Other rules", "Rules that stand in no group."),
];

pub fn run(_: &[String]) -> anyhow::Result<()> {
    let folder = root().join(FOLDER);
    let catalogue = catalogue(engine::rules());
    fs::create_dir_all(&folder)?;
    for name in names(&folder)?.into_iter().filter(|name| !catalogue.contains_key(name)) {
        fs::remove_file(folder.join(name))?;
    }
    for (name, text) in &catalogue {
        fs::write(folder.join(name), text).with_context(|| format!("{FOLDER}/{name} cannot be written"))?;
    }
    println!("{FOLDER}: {} pages", catalogue.len());
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap_or(Path::new(".")).into()
}

/// The files of the catalogue that are there.
fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<Result<Vec<_>, std::io::Error>>().map_err(Into::into)
}

/// Every file of the catalogue: its name and text.
fn catalogue(rules: &[RuleMeta]) -> BTreeMap<String, String> {
    let pages = rules.iter().map(|rule| (format!("{}.md", rule.id), page(rule)));
    pages.chain([("README.md".to_owned(), index(rules))]).collect()
}

fn index(rules: &[RuleMeta]) -> String {
    let mut text = format!(
        "# The catalogue of rules\n\nWritten by `cargo xtask docs` from the pages in [rules/](../../rules): change those, \
         not this.\n\n{} rules. *capability*: the package can do this, and many honest ones can. *indicator*: attackers do \
         this, honest packages seldom. *proof*: this decides alone. The kind is the strongest that a rule gives; the phase \
         says when the code runs in which it finds something.\n",
        rules.len()
    );
    for (group, title, about) in GROUPS {
        let own: Vec<&RuleMeta> = rules.iter().filter(|rule| rule.group == *group).collect();
        if own.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {title}\n\n{about}\n\n| rule | technique | kind | phase | ATT&CK |\n");
        text += "|---|---|---|---|---|\n";
        for rule in own {
            let (id, kind) = (&rule.id, words(rule.kind));
            let _ = writeln!(
                text,
                "| [{id}]({id}.md) | {} | {kind} | {} | {} |",
                rule.title,
                phases(&rule.phases),
                attack(rule)
            );
        }
    }
    text
}

fn page(rule: &RuleMeta) -> String {
    let group = GROUPS.iter().find(|(group, ..)| *group == rule.group).map_or("", |(_, title, _)| title);
    let about = rule.page.split("\n## Flagged").next().unwrap_or_default();
    let about = about.split("\n## Clean").next().unwrap_or_default().trim();
    let examples = match rule.page.matches("\n```").count() / 2 {
        0 => "It is tested on archives, which cannot be shown here.".to_owned(),
        1 => format!("One example, which is also its test, stands in [rules/{0}.md](../../rules/{0}.md).", rule.id),
        many => {
            format!(
                "{many} files of examples, which are also its tests, stand in [rules/{0}.md](../../rules/{0}.md).",
                rule.id
            )
        }
    };
    format!(
        "# {}\n\n| technique | group | kind | phase | ATT&CK |\n|---|---|---|---|---|\n| {} | [{group}](README.md#{}) | {} | {} | {} \
         |\n\n{about}\n\n## Examples\n\n{examples}\n",
        rule.id,
        rule.title,
        group.to_ascii_lowercase().replace(' ', "-"),
        words(rule.kind),
        phases(&rule.phases),
        attack(rule),
    )
}

const fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Capability => "capability",
        Kind::Indicator => "indicator",
        Kind::Proof => "proof",
    }
}

fn phases(phases: &[Phase]) -> String {
    if phases.len() == Phase::ALL.len() {
        return "any".into();
    }
    phases.iter().map(|phase| phase.as_str()).collect::<Vec<_>>().join(", ")
}

fn attack(rule: &RuleMeta) -> String {
    let link = |id: &String| format!("[{id}](https://attack.mitre.org/techniques/{}/)", id.replace('.', "/"));
    rule.attack.iter().map(link).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_as_the_pages_say() {
        let folder = root().join(FOLDER);
        let catalogue = catalogue(engine::rules());
        let mut stale: Vec<String> = catalogue
            .iter()
            .filter(|(name, text)| fs::read_to_string(folder.join(name)).ok().as_ref() != Some(*text))
            .map(|(name, _)| name.clone())
            .collect();
        stale.extend(names(&folder).expect("docs/rules").into_iter().filter(|name| !catalogue.contains_key(name)));
        assert!(
            stale.is_empty(),
            "{FOLDER} is not what rules/ says; run `cargo xtask docs` and commit it with the page:\n  {}",
            stale.join("\n  ")
        );
    }

    #[test]
    fn every_group_has_a_place_in_the_index() {
        let lost: Vec<&str> = engine::rules()
            .iter()
            .filter(|rule| !GROUPS.iter().any(|(group, ..)| *group == rule.group))
            .map(|rule| rule.id.as_str())
            .collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}
