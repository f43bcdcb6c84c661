//! Entries as OSV documents, for everybody else.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use wire::snapshot::{Event, Statement};

use super::import::WORLDS;

/// The version of the schema that the documents follow.
const SCHEMA: &str = "1.7.4";

/// One document for each id of each source, in the order of the ids. What OSV has no member for (the decision, digests, who
/// says it) stands under `database_specific`.
pub fn osv(statements: impl IntoIterator<Item = Statement>) -> Vec<Value> {
    let mut by_id: BTreeMap<(String, String), Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        let id = (identifier(&statement), statement.record.source.clone());
        by_id.entry(id).or_default().push(statement);
    }
    by_id.into_iter().map(|((id, _), statements)| document(&id, &statements)).collect()
}

/// Databases whose ids are theirs alone. Everybody else's start with `x_`.
const DATABASES: [&str; 8] = ["MAL-", "GHSA-", "OSV-", "CVE-", "PYSEC-", "RUSTSEC-", "GO-", "GSD-"];

fn identifier(statement: &Statement) -> String {
    let id = &statement.record.id;
    if DATABASES.iter().any(|start| id.starts_with(start)) { id.clone() } else { format!("x_{id}") }
}

fn document(id: &str, statements: &[Statement]) -> Value {
    let record = &statements[0].record;
    let mut own = Map::new();
    own.insert("decision".into(), record.decision.as_str().into());
    own.insert("source".into(), record.source.as_str().into());
    own.insert("id".into(), record.id.as_str().into());
    let optional = [("reviewer", &record.reviewer), ("held", &record.held)];
    own.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into()))));
    let digests: Vec<String> = statements.iter().flat_map(|one| &one.extent.digests).map(ToString::to_string).collect();
    if !digests.is_empty() {
        own.insert("digests".into(), digests.into());
    }
    let at = if record.at.is_empty() { "1970-01-01T00:00:00Z" } else { &record.at };
    json!({
        "schema_version": SCHEMA,
        "id": id,
        "modified": at,
        "summary": record.reason,
        "details": record.reason,
        "affected": statements.iter().filter_map(affected).collect::<Vec<_>>(),
        "database_specific": { "lazaret": own },
    })
}

fn affected(statement: &Statement) -> Option<Value> {
    let package = statement.package.as_ref()?;
    let (world, _) = WORLDS.iter().find(|(_, kind)| *kind == package.kind.as_str())?;
    let extent = &statement.extent;
    let mut ranges: Vec<Value> = extent.ranges.iter().map(|events| range(events)).collect();
    if extent.every {
        ranges.push(range(&[Event::Introduced("0".into())]));
    }
    let mut out = json!({ "package": { "ecosystem": world, "name": package.name } });
    if !ranges.is_empty() {
        out["ranges"] = ranges.into();
    }
    if !extent.versions.is_empty() {
        out["versions"] = extent.versions.clone().into();
    }
    Some(out)
}

fn range(events: &[Event]) -> Value {
    let event = |event: &Event| match event {
        Event::Introduced(version) => json!({ "introduced": version }),
        Event::Fixed(version) => json!({ "fixed": version }),
        Event::LastAffected(version) => json!({ "last_affected": version }),
    };
    json!({ "type": "ECOSYSTEM", "events": events.iter().map(event).collect::<Vec<_>>() })
}
