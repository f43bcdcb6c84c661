//! Which archives there are: folders with their lists.

use std::{collections::HashMap, fs, path::Path};

use anyhow::Context;

use super::row::{Content, EVASION, MALICIOUS, Sample};

/// The archives of a folder of malware. Its `manifest.tsv` tells file, family, campaign, sha256 and noise mark.
pub fn malicious(folder: &Path, seen: &HashMap<String, String>) -> anyhow::Result<Vec<Sample>> {
    let manifest =
        fs::read_to_string(folder.join("manifest.tsv")).context("the folder of --malicious has no manifest.tsv")?;
    let rows = table(&manifest).filter_map(|fields| {
        let [file, family, campaign, _, noise] = fields[..] else { return None };
        Some(Sample {
            content: Content::File(folder.join(file)),
            file: file.rsplit('/').next().unwrap_or(file).into(),
            set: MALICIOUS.into(),
            tag: family.into(),
            kin: campaign.into(),
            seen: seen.get(family).cloned().unwrap_or_default(),
            noise: noise != "-",
            rank: 0,
        })
    });
    Ok(rows.collect())
}

/// The first day of each family, from a list of path, family, campaign, sha256, day and noise mark.
pub fn first_seen(list: &Path) -> anyhow::Result<HashMap<String, String>> {
    let list = fs::read_to_string(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let mut first: HashMap<String, String> = HashMap::new();
    for fields in table(&list) {
        let [_, family, _, _, day, _] = fields[..] else { continue };
        let known = first.entry(family.into()).or_insert_with(|| day.into());
        if day < known.as_str() {
            *known = day.into();
        }
    }
    Ok(first)
}

/// The archives of a list of honest packages that are there: name, version, file, tag and sha256.
pub fn benign(name: &str, folder: &Path, list: &Path) -> anyhow::Result<Vec<Sample>> {
    let list = fs::read_to_string(list).with_context(|| format!("{} cannot be read", list.display()))?;
    let mut ranks: HashMap<String, Vec<String>> = HashMap::new();
    let rows = table(&list).filter_map(|fields| {
        let [package, _, file, tag, _] = fields[..] else { return None };
        let known = ranks.entry(tag.into()).or_default();
        let rank = known.iter().rposition(|other| other == package).unwrap_or_else(|| {
            known.push(package.into());
            known.len() - 1
        });
        let file = file.replace('/', "__");
        let path = folder.join(&file);
        path.exists().then(|| Sample {
            content: Content::File(path),
            file,
            set: name.into(),
            tag: tag.into(),
            kin: package.into(),
            seen: String::new(),
            noise: false,
            rank: rank as u32 + 1,
        })
    });
    Ok(rows.collect())
}

/// Our own variants: each technique in each way of hiding, inert.
pub fn evasion() -> Vec<Sample> {
    let sample = |variant: testkit::hide::Variant| Sample {
        content: Content::Bytes(variant.archive()),
        file: format!("{}.tar.gz", variant.name().replace(' ', "-")),
        set: EVASION.into(),
        tag: format!("{}, {}", variant.language, variant.technique),
        kin: format!("{}, {}", variant.language, variant.hiding),
        seen: String::new(),
        noise: false,
        rank: 0,
    };
    testkit::hide::variants().into_iter().map(sample).collect()
}

fn table(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}
