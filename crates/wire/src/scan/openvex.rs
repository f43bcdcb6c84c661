//! The scan as OpenVEX 0.2: which packages are affected by malware and by known vulnerabilities, and which are not.
//! A document must say something, so it always says where embedded malicious code (CWE-506) was looked for.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use model::{Algorithm, Decision};
use serde_json::{Map, Value, json};

use super::{
    Format, Package, Scan,
    statement::{advice, alarms, document_id, id},
};
use crate::{report::write_visible, text::iri};

/// OpenVEX 0.2.0.
#[derive(Debug, Clone, Copy)]
pub struct OpenVex;

const AFFECTED: &str = "affected";
const OPEN: &str = "under_investigation";

impl Format for OpenVex {
    fn name(&self) -> &'static str {
        "openvex"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": format!("urn:uuid:{}", document_id("openvex", scan)),
            "author": "Lazaret",
            "role": "scanner",
            "timestamp": scan.made,
            "version": 1,
            "tooling": format!("lazaret {}, ruleset {}", scan.version, scan.ruleset),
            "statements": statements(scan),
        });
        write_visible(&document, out)
    }
}

fn statements(scan: &Scan<'_>) -> Vec<Value> {
    // The same words about many packages are one statement.
    let mut grouped: Vec<(Value, Vec<Value>)> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut told: BTreeSet<(usize, String)> = BTreeSet::new();
    for package in &scan.packages {
        let said = malware(package).into_iter().chain(known(package)).chain(searched(package));
        for statement in said {
            let number = *numbers.entry(statement.to_string()).or_insert_with(|| {
                grouped.push((statement, Vec::new()));
                grouped.len() - 1
            });
            let product = product(package);
            if told.insert((number, product.to_string())) {
                grouped[number].1.push(product);
            }
        }
    }
    if grouped.is_empty() {
        let nothing = "No package was found, so none was checked.";
        grouped.push((json!({ "vulnerability": embedded(), "status": OPEN, "status_notes": nothing }), Vec::new()));
    }
    let finished = grouped.into_iter().map(|(mut statement, products)| {
        if !products.is_empty() {
            statement["products"] = products.into();
        }
        statement["@id"] = format!("urn:uuid:{}", id(&["openvex", &statement.to_string()])).into();
        statement
    });
    finished.collect()
}

/// The weakness that all malware in packages has.
fn embedded() -> Value {
    json!({ "name": "CWE-506", "description": "Embedded malicious code" })
}

/// What was found when it was looked for malicious code; nothing where an alarm says more.
fn searched(package: &Package) -> Option<Value> {
    let statement = match package.decision {
        Decision::Malicious | Decision::Suspicious => return None,
        Decision::Benign => json!({
            "vulnerability": embedded(),
            "status": "not_affected",
            "impact_statement": "Everything was looked at, and nothing suspicious was found. This is a statement about the rules and records of this version.",
        }),
        Decision::Inconclusive => json!({
            "vulnerability": embedded(),
            "status": OPEN,
            "status_notes": "Nothing suspicious was seen, but not everything could be looked at.",
        }),
        Decision::Unknown => json!({
            "vulnerability": embedded(),
            "status": OPEN,
            "status_notes": "Nobody has looked at it.",
        }),
    };
    Some(statement)
}

fn malware(package: &Package) -> Vec<Value> {
    let tell = |one: super::statement::Alarm| {
        let mut statement = json!({
            "vulnerability": { "name": one.id, "description": format!("Embedded malicious code, says {}", one.source), "aliases": ["CWE-506"] },
            "status": if one.decision == Decision::Malicious { AFFECTED } else { OPEN },
            "status_notes": one.reason,
        });
        if one.decision == Decision::Malicious {
            statement["action_statement"] = advice(package).as_deref().unwrap_or("Remove it.").into();
        }
        statement
    };
    alarms(package).into_iter().map(tell).collect()
}

/// Known vulnerabilities. Whether the vulnerable code is reached, nobody looked.
fn known(package: &Package) -> Vec<Value> {
    let tell = |one: &super::Vulnerability| {
        let mut aliases = one.aliases.clone();
        aliases.sort();
        aliases.dedup();
        let mut statement = json!({
            "vulnerability": { "name": one.id, "description": one.summary, "aliases": aliases },
            "status": OPEN,
            "status_notes": "The version is in the range that the advisory names; whether its code is reached was not looked at.",
        });
        if let Some(fixed) = &one.fixed {
            statement["status"] = AFFECTED.into();
            statement["action_statement"] = format!("Update to {fixed} or later.").into();
        }
        statement
    };
    package.vulnerabilities.iter().map(tell).collect()
}

fn product(package: &Package) -> Value {
    let purl = iri(&package.purl);
    let mut product = json!({ "@id": purl, "identifiers": { "purl": purl } });
    let hashes = package.checksums.iter().map(|one| {
        let name = match one.algorithm() {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha256 => "sha-256",
            Algorithm::Sha384 => "sha-384",
            Algorithm::Sha512 => "sha-512",
        };
        let text = one.to_string();
        (name.to_owned(), text.split_once(':').map_or("", |(_, digits)| digits).into())
    });
    let hashes: Map<String, Value> = hashes.collect();
    if !hashes.is_empty() {
        product["hashes"] = hashes.into();
    }
    product
}
