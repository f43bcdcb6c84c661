//! The scan as a bill of materials in CycloneDX 1.6: components, who depends on whom, and as vulnerabilities both the known
//! ones and malware.
//! <https://cyclonedx.org/docs/1.6/json/>

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use model::{Algorithm, Checksum, Decision};
use serde_json::{Map, Value, json};

use super::{
    Checked, Format, Package, Scan,
    statement::{advice, alarms, decisive, document_id, id, places, waived},
};
use crate::{report::write_visible, text::iri};

/// CycloneDX 1.6 in JSON.
#[derive(Debug, Clone, Copy)]
pub struct CycloneDx;

/// The reference of the project itself.
const PROJECT: &str = "project";

impl Format for CycloneDx {
    fn name(&self) -> &'static str {
        "cyclonedx"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_visible(&bill(scan), out)
    }
}

fn bill(scan: &Scan<'_>) -> Value {
    let refs = references(scan);
    let whole = scan.incomplete.is_empty() && !scan.files.iter().flat_map(|one| &one.problems).any(|one| one.hides);
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", document_id("cyclonedx", scan)),
        "version": 1,
        "metadata": {
            "timestamp": scan.made,
            "tools": { "components": [{ "type": "application", "name": "lazaret", "version": scan.version }] },
            "component": { "type": "application", "bom-ref": PROJECT, "name": scan.project },
            "properties": properties_of_scan(scan),
        },
        "components": scan.packages.iter().zip(&refs).map(|(one, name)| component(scan, one, name)).collect::<Vec<_>>(),
        "dependencies": dependencies(scan, &refs),
        "compositions": [{ "aggregate": if whole { "complete" } else { "incomplete" }, "assemblies": [PROJECT] }],
        "vulnerabilities": vulnerabilities(scan, &refs),
    })
}

/// A reference for each package: its purl, made distinct should two have the same.
fn references(scan: &Scan<'_>) -> Vec<String> {
    let mut taken: BTreeSet<String> = BTreeSet::from([PROJECT.into()]);
    let distinct = |(at, package): (usize, &Package)| {
        let name = if taken.contains(&package.purl) { format!("{}#{at}", package.purl) } else { package.purl.clone() };
        taken.insert(name.clone());
        name
    };
    scan.packages.iter().enumerate().map(distinct).collect()
}

fn property(name: &str, value: impl Into<String>) -> Value {
    json!({ "name": format!("lazaret:{name}"), "value": value.into() })
}

fn properties_of_scan(scan: &Scan<'_>) -> Vec<Value> {
    let mut all = vec![
        property("policy", scan.policy.name.as_str()),
        property("ruleset", scan.ruleset),
        property("notChecked", scan.unchecked().to_string()),
    ];
    all.extend(scan.database.iter().map(|one| property("database", format!("{} of {}", one.sequence, one.made))));
    all.extend(scan.incomplete.iter().map(|one| property("incomplete", one.as_str())));
    all.extend(scan.policy.stale_exceptions.iter().map(|one| property("exception", one.as_str())));
    all
}

fn component(scan: &Scan<'_>, package: &Package, name: &str) -> Value {
    let mut component = Map::new();
    let mut put = |key: &str, value: Value| component.insert(key.to_owned(), value);
    put("type", "library".into());
    put("bom-ref", name.into());
    put("name", package.name.as_str().into());
    if let Some(version) = &package.version {
        put("version", version.as_str().into());
    }
    put("purl", package.purl.as_str().into());
    put("scope", if package.optional || package.dev { "optional" } else { "required" }.into());
    let hashes: Vec<Value> = package.checksums.iter().map(hash).collect();
    if !hashes.is_empty() {
        put("hashes", hashes.into());
    }
    if let Some(license) = &package.license {
        put("licenses", json!([licence(license)]));
    }
    if let Some(address) = &package.address {
        put("externalReferences", json!([{ "type": "distribution", "url": iri(address) }]));
    }
    let occurrences = places(scan, package).into_iter().map(|(file, line)| match line {
        0 => json!({ "location": file.path }),
        line => json!({ "location": file.path, "line": line }),
    });
    let occurrences: Vec<Value> = occurrences.collect();
    if !occurrences.is_empty() {
        put("evidence", json!({ "occurrences": occurrences }));
    }
    put("properties", properties(package).into());
    component.into()
}

fn hash(checksum: &Checksum) -> Value {
    let algorithm = match checksum.algorithm() {
        Algorithm::Md5 => "MD5",
        Algorithm::Sha1 => "SHA-1",
        Algorithm::Sha256 => "SHA-256",
        Algorithm::Sha384 => "SHA-384",
        Algorithm::Sha512 => "SHA-512",
    };
    let digits = checksum.to_string();
    json!({ "alg": algorithm, "content": digits.split_once(':').map_or("", |(_, digits)| digits) })
}

/// What may be an expression of SPDX is given as one, and everything else as a name.
fn licence(text: &str) -> Value {
    if super::is_expression(text) { json!({ "expression": text }) } else { json!({ "license": { "name": text } }) }
}

fn properties(package: &Package) -> Vec<Value> {
    let mut all = vec![
        property("decision", package.decision.as_str()),
        property("answer", package.ruling.answer.as_str()),
        property("direct", package.direct.to_string()),
        property("dev", package.dev.to_string()),
        property("origin", package.origin),
    ];
    all.push(match &package.checked {
        Checked::Database => property("checked", "database"),
        Checked::Analysis => property("checked", "analysis"),
        Checked::Not(why) => property("notChecked", why.as_str()),
    });
    all.extend(decisive(&package.ruling).map(|why| property("policy", why)));
    all.extend(waived(&package.ruling).map(|why| property("waived", why)));
    for analysis in &package.analyses {
        let verdict = &analysis.verdict;
        let sentence =
            format!("{} {} {}: {}", verdict.artifact.sha256, verdict.decision, verdict.score.0, verdict.reason);
        all.push(property("verdict", sentence));
    }
    all.extend(package.issues.iter().map(|one| property("issue", format!("{}: {}", one.code, one.message))));
    if package.path.len() > 1 {
        all.push(property("path", package.path.join(" > ")));
    }
    all
}

fn dependencies(scan: &Scan<'_>, refs: &[String]) -> Vec<Value> {
    let mut asked: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); refs.len()];
    for (from, to) in &scan.edges {
        if let (Some(list), Some(name)) = (asked.get_mut(*from), refs.get(*to)) {
            list.insert(name);
        }
    }
    let direct = scan.packages.iter().zip(refs).filter(|(one, _)| one.direct).map(|(_, name)| name.as_str());
    let mut all = vec![json!({ "ref": PROJECT, "dependsOn": direct.collect::<BTreeSet<_>>() })];
    all.extend(refs.iter().zip(asked).map(|(name, list)| json!({ "ref": name, "dependsOn": list })));
    all
}

/// Each alarm and each advisory once, with all packages that it is about.
fn vulnerabilities(scan: &Scan<'_>, refs: &[String]) -> Vec<Value> {
    let mut order: Vec<String> = Vec::new();
    let mut entries: BTreeMap<String, (Value, Vec<String>)> = BTreeMap::new();
    for (package, name) in scan.packages.iter().zip(refs) {
        for (key, entry) in malware(package).into_iter().chain(known(package)) {
            let (_, affected) = entries.entry(key.clone()).or_insert_with(|| {
                order.push(key);
                (entry, Vec::new())
            });
            // The references are distinct, so only the package itself can have added its own.
            if affected.last() != Some(name) {
                affected.push(name.clone());
            }
        }
    }
    let finished = order.iter().filter_map(|key| {
        let (mut entry, affected) = entries.remove(key)?;
        entry["affects"] = affected.iter().map(|name| json!({ "ref": name })).collect();
        Some(entry)
    });
    finished.collect()
}

fn malware(package: &Package) -> Vec<(String, Value)> {
    let entry = |one: super::statement::Alarm| {
        let malicious = one.decision == Decision::Malicious;
        let mut detail = one.reason.clone();
        detail.extend(decisive(&package.ruling).map(|why| format!(" {why}")));
        detail.extend(waived(&package.ruling).map(|why| format!(" {why}")));
        let key = format!("malware:{}:{}", one.source, one.id);
        let mut entry = json!({
            "bom-ref": format!("vulnerability:{}", id(&[&key])),
            "id": one.id,
            "source": { "name": one.source },
            "ratings": [{ "severity": if malicious { "critical" } else { "unknown" }, "method": "other" }],
            "cwes": [506],
            "description": format!("{} code: {}", if malicious { "Malicious" } else { "Suspicious" }, one.reason),
            "analysis": {
                "state": if malicious { "exploitable" } else { "in_triage" },
                "detail": detail,
            },
        });
        if let Some(advice) = advice(package) {
            entry["recommendation"] = advice.as_ref().into();
        }
        if let Some(at) = one.at.as_deref().filter(|at| !at.is_empty()) {
            entry["updated"] = at.into();
        }
        (key, entry)
    };
    alarms(package).into_iter().map(entry).collect()
}

fn known(package: &Package) -> Vec<(String, Value)> {
    let entry = |one: &super::Vulnerability| {
        let severity = match one.severity.as_str() {
            known @ ("critical" | "high" | "medium" | "low") => known,
            _ => "unknown",
        };
        let mut rating = json!({ "severity": severity });
        if let Some(score) = one.cvss.filter(|score| score.is_finite()) {
            rating["score"] = score.into();
        }
        let key = format!("known:{}", one.id);
        let aliases = one.aliases.iter().map(|alias| json!({ "id": alias, "source": { "name": source(alias) } }));
        let mut entry = json!({
            "bom-ref": format!("vulnerability:{}", id(&[&key])),
            "id": one.id,
            "source": { "name": source(&one.id) },
            "references": aliases.collect::<Vec<_>>(),
            "ratings": [rating],
            "description": one.summary,
        });
        if let Some(fixed) = &one.fixed {
            entry["recommendation"] = format!("Update to {fixed} or later.").into();
        }
        (key, entry)
    };
    package.vulnerabilities.iter().map(entry).collect()
}

/// Who gives ids of this form.
fn source(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "CVE" => "NVD",
        "GHSA" => "GitHub Advisory Database",
        "RUSTSEC" => "RustSec",
        "GO" => "Go Vulnerability Database",
        _ => "OSV",
    }
}
