//! OSV: <https://ossf.github.io/osv-schema/>.

use model::{Decision, PackageType, Record};
use serde::Deserialize;
use serde_json::Value;
use wire::snapshot::{Advisory, Event, Extent, Named, Statement};

use super::{Batch, cvss, named, sentence};

#[derive(Deserialize)]
struct Document {
    id: String,
    #[serde(default)]
    modified: String,
    withdrawn: Option<String>,
    #[serde(default)]
    aliases: Option<Vec<String>>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    details: Option<String>,
    #[serde(default)]
    affected: Option<Vec<Affected>>,
    #[serde(default)]
    severity: Option<Vec<Severity>>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Package>,
    #[serde(default)]
    versions: Option<Vec<String>>,
    #[serde(default)]
    ranges: Option<Vec<Range>>,
    #[serde(default)]
    severity: Option<Vec<Severity>>,
    #[serde(default)]
    database_specific: Value,
}

#[derive(Deserialize)]
struct Package {
    ecosystem: String,
    name: String,
}

#[derive(Deserialize)]
struct Range {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    events: Vec<serde_json::Map<String, Value>>,
}

#[derive(Deserialize)]
struct Severity {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    score: String,
}

/// Reads one document, a list of them, or an answer with `vulns`.
pub(super) fn read(batch: &mut Batch, place: &str, bytes: &[u8], source: &str) {
    let wrong = |error: serde_json::Error| error.to_string();
    // One document is by far the most frequent, and is not read twice.
    if bytes.starts_with(b"{") {
        match serde_json::from_slice::<Document>(bytes) {
            Ok(document) => return take(batch, place, document, source),
            Err(error) => match serde_json::from_slice::<Value>(bytes).map(|mut value| value["vulns"].take()) {
                Ok(Value::Array(list)) => return many(batch, place, list, source),
                _ => return batch.trouble(place, format!("it is no OSV document: {}", wrong(error))),
            },
        }
    }
    match serde_json::from_slice::<Vec<Value>>(bytes) {
        Ok(list) => many(batch, place, list, source),
        Err(error) => batch.trouble(place, format!("it is no list of OSV documents: {}", wrong(error))),
    }
}

fn many(batch: &mut Batch, place: &str, list: Vec<Value>, source: &str) {
    for (at, value) in list.into_iter().enumerate() {
        match serde_json::from_value(value) {
            Ok(document) => take(batch, place, document, source),
            Err(error) => {
                batch.trouble(format!("{place}, number {}", at + 1), format!("it is no OSV document: {error}"))
            }
        }
    }
}

fn take(batch: &mut Batch, place: &str, document: Document, source: &str) {
    batch.documents += 1;
    if document.id.is_empty() || document.id.len() > 200 || document.id.chars().any(char::is_control) {
        return batch.trouble(place, "its id is none");
    }
    if document.withdrawn.is_some() {
        return batch.withdrawn.push(document.id);
    }
    let mut taken = 0;
    for affected in document.affected.iter().flatten() {
        let Some(package) = affected.package.as_ref().and_then(package) else { continue };
        let extent = extent(affected);
        if extent == Extent::default() {
            batch.trouble(place, format!("it names no versions of {}", sentence(&package.name)));
            continue;
        }
        taken += 1;
        if is_malware(&document, affected) {
            batch.statements.push(statement(&document, package, extent, source));
        } else {
            batch.advisories.push((package, advisory(&document, affected, extent)));
        }
    }
    batch.elsewhere += u64::from(taken == 0);
}

/// Malware has ids of its own, or the weakness "embedded malicious code"; and Lazaret exports verdicts only.
fn is_malware(document: &Document, affected: &Affected) -> bool {
    let aliases = document.aliases.iter().flatten();
    let embedded = |value: &Value| {
        let ids = value.as_array().into_iter().flatten();
        ids.map(|one| one.get("cweId").unwrap_or(one)).any(|id| id == "CWE-506")
    };
    document.id.starts_with("MAL-")
        || aliases.clone().any(|alias| alias.starts_with("MAL-"))
        || document.database_specific.get("malicious-packages-origins").is_some_and(Value::is_array)
        || document.database_specific.get("lazaret").is_some()
        || [&document.database_specific, &affected.database_specific]
            .iter()
            .any(|one| one.get("cwe_ids").is_some_and(embedded) || one.get("cwes").is_some_and(embedded))
}

fn statement(document: &Document, package: Named, extent: Extent, source: &str) -> Statement {
    // What Lazaret exported says more than OSV can.
    let own = &document.database_specific["lazaret"];
    let text = |key: &str| own[key].as_str().map(str::to_owned);
    let record = Record {
        id: document.id.clone(),
        decision: match own["decision"].as_str() {
            Some("suspicious") => Decision::Suspicious,
            Some("inconclusive") => Decision::Inconclusive,
            Some("benign") => Decision::Benign,
            _ => Decision::Malicious,
        },
        reason: reason(document, &package),
        source: source.to_owned(),
        reviewer: text("reviewer"),
        at: document.modified.clone(),
        held: None,
    };
    Statement { package: Some(package), record, extent, rank: 0 }
}

fn reason(document: &Document, package: &Named) -> String {
    let texts = [document.summary.as_deref(), document.details.as_deref()];
    let told = texts.into_iter().flatten().map(sentence).find(|text| !text.is_empty() && text != "---");
    told.unwrap_or_else(|| format!("Malicious code in {}", package.name))
}

fn advisory(document: &Document, affected: &Affected, extent: Extent) -> Advisory {
    let scores = affected.severity.iter().chain(&document.severity).flatten();
    let cvss = scores.filter(|one| one.kind == "CVSS_V3").find_map(|one| cvss::score(&one.score));
    let said = [&affected.database_specific, &document.database_specific];
    let said = said.into_iter().find_map(|one| one.get("severity").and_then(Value::as_str));
    let severity = match (said.map(str::to_ascii_lowercase).as_deref(), cvss) {
        (Some("moderate" | "medium"), _) => "medium",
        (Some("critical"), _) => "critical",
        (Some("high"), _) => "high",
        (Some("low"), _) => "low",
        (_, Some(score)) => cvss::word(score),
        _ => "unknown",
    };
    Advisory {
        id: document.id.clone(),
        aliases: document.aliases.clone().unwrap_or_default(),
        summary: sentence(document.summary.as_deref().or(document.details.as_deref()).unwrap_or_default()),
        severity: severity.into(),
        cvss,
        extent,
    }
}

/// The package of an affected one; nothing for worlds without packages as we know them.
fn package(package: &Package) -> Option<Named> {
    let world = package.ecosystem.split(':').next().unwrap_or_default();
    let (_, kind) = WORLDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(world))?;
    named(PackageType::new(kind), &package.name)
}

/// What OSV calls the worlds of packages, and what purls call them.
pub(in crate::database) const WORLDS: [(&str, &str); 16] = [
    ("npm", "npm"),
    ("PyPI", "pypi"),
    ("crates.io", "cargo"),
    ("RubyGems", "gem"),
    ("Go", "golang"),
    ("Packagist", "composer"),
    ("NuGet", "nuget"),
    ("Maven", "maven"),
    ("Hex", "hex"),
    ("Pub", "pub"),
    ("SwiftURL", "swift"),
    ("ConanCenter", "conan"),
    ("GitHub Actions", "githubactions"),
    ("VSCode", "vscode-extension"),
    ("OpenVSX", "vscode-extension"),
    ("Open VSX", "vscode-extension"),
];

fn extent(affected: &Affected) -> Extent {
    let mut extent = Extent::default();
    let good =
        |version: &&String| !version.is_empty() && version.len() <= 256 && !version.chars().any(char::is_control);
    extent.versions = affected.versions.iter().flatten().filter(good).cloned().collect();
    for range in affected.ranges.iter().flatten().filter(|range| range.kind != "GIT") {
        let mut events: Vec<Event> = range.events.iter().flat_map(|event| event.iter().filter_map(turn)).collect();
        // Several events in one object come in no order; versions decide anyway.
        events.dedup();
        match events.as_slice() {
            [] => {}
            [Event::Introduced(first)] if first == "0" => extent.every = true,
            _ => extent.ranges.push(events),
        }
    }
    extent
}

fn turn((name, version): (&String, &Value)) -> Option<Event> {
    let version = version.as_str()?.to_owned();
    match name.as_str() {
        "introduced" => Some(Event::Introduced(version)),
        "fixed" => Some(Event::Fixed(version)),
        "last_affected" => Some(Event::LastAffected(version)),
        // A limit is about commits.
        _ => None,
    }
}
