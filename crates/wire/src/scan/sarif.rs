//! The scan as SARIF 2.1.0, for code scanning services: a result at the line of the lockfile for each thing to say.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use model::Answer;
use serde_json::{Value, json};

use super::{
    Format, Package, Scan,
    statement::{Statement, Subject, advice, decisive, id, places, remarks, statements, unchecked, waived},
};
use crate::{
    report::{uri, write_visible},
    text::visible,
};

/// SARIF: one run, one result for each statement, notifications for what was not checked.
#[derive(Debug, Clone, Copy)]
pub struct Sarif;

/// Findings of an analysis that a message names.
const FINDINGS: usize = 5;

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_visible(&log(scan), out)
    }
}

fn log(scan: &Scan<'_>) -> Value {
    let mut rules: Vec<Value> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut results = Vec::new();
    for package in &scan.packages {
        for statement in statements(package) {
            let number = *numbers.entry(statement.code.clone()).or_insert_with(|| {
                rules.push(rule(&statement));
                rules.len() - 1
            });
            results.push(result(scan, package, &statement, number));
        }
    }
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Lazaret",
                "semanticVersion": scan.version,
                "rules": rules,
                "properties": { "ruleset": scan.ruleset, "policy": visible(&scan.policy.name) },
            }},
            "automationDetails": { "id": "lazaret/scan/" },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": visible(&scan.project) } } },
            "invocations": [{
                "executionSuccessful": scan.incomplete.is_empty(),
                "exitCode": scan.exit().code(),
                "exitCodeDescription": scan.exit().meaning(),
                "toolExecutionNotifications": notifications(scan),
            }],
            "results": results,
            "properties": { "packages": scan.packages.len(), "notChecked": scan.unchecked() },
        }],
    })
}

fn rule(statement: &Statement<'_>) -> Value {
    let (title, tag, severity) = match statement.subject {
        Subject::Verdict(decision) => (format!("A package is {decision}"), "malware", severity(statement.weight)),
        Subject::Lock(issue) => {
            (format!("A lockfile names a package oddly: {}", issue.code), "lockfile", severity(statement.weight))
        }
        Subject::Vulnerability(one) => {
            (format!("Vulnerability {}", visible(&one.id)), "vulnerability", score(&one.severity))
        }
        Subject::Policy => {
            (format!("The policy minds: {}", visible(&statement.title)), "policy", severity(statement.weight))
        }
    };
    json!({
        "id": visible(&statement.code),
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": level(statement.weight) },
        "properties": { "tags": ["security", tag], "security-severity": severity },
    })
}

const fn level(weight: Answer) -> &'static str {
    match weight {
        Answer::Block => "error",
        Answer::Warn => "warning",
        Answer::Allow => "note",
    }
}

/// The number by which code scanning services sort.
const fn severity(weight: Answer) -> &'static str {
    match weight {
        Answer::Block => "9.8",
        Answer::Warn => "6.5",
        Answer::Allow => "2.0",
    }
}

fn score(severity: &str) -> &'static str {
    match severity {
        "critical" => "9.5",
        "high" => "8.0",
        "medium" => "5.5",
        _ => "2.0",
    }
}

fn result(scan: &Scan<'_>, package: &Package, statement: &Statement<'_>, number: usize) -> Value {
    let mut locations: Vec<Value> =
        places(scan, package).iter().map(|(file, line)| location(&file.path, *line, package)).collect();
    let others = if locations.is_empty() { Vec::new() } else { locations.split_off(1) };
    if locations.is_empty() {
        locations.push(json!({ "logicalLocations": [logical(package)] }));
    }
    let mut result = json!({
        "ruleId": visible(&statement.code),
        "ruleIndex": number,
        "level": level(statement.weight),
        "message": { "text": message(package, statement) },
        "locations": locations,
        "partialFingerprints": { "lazaretScan/v1": id(&["sarif", &package.purl, &statement.key()]) },
        "properties": {
            "purl": visible(&package.purl),
            "decision": package.decision,
            "answer": package.ruling.answer,
            "direct": package.direct,
            "dev": package.dev,
            "path": package.path.iter().map(|one| visible(one)).collect::<Vec<_>>(),
        },
    });
    if !others.is_empty() {
        result["relatedLocations"] = others.into();
    }
    let waived: Vec<String> = waived(&package.ruling).collect();
    if package.ruling.answer == Answer::Allow && !waived.is_empty() {
        let why = waived.join(" ");
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": visible(&why) }]);
    }
    result
}

fn message(package: &Package, statement: &Statement<'_>) -> String {
    let mut text = format!("{}: {}", visible(&package.purl), visible(&statement.text));
    // Writing to a string cannot fail.
    if let Some(why) = decisive(&package.ruling) {
        let _ = write!(text, "\n{}", visible(&why));
    }
    if let (Subject::Verdict(_), Some(analysis)) = (statement.subject, package.worst()) {
        for finding in analysis.verdict.findings.iter().take(FINDINGS) {
            let place =
                finding.places.first().map(|one| format!(" ({})", crate::report::spot(one))).unwrap_or_default();
            let _ = write!(text, "\n- {}: {}{}", visible(&finding.rule), visible(&finding.note), visible(&place));
        }
    }
    if package.path.len() > 1 {
        let _ = write!(text, "\nBrought in by {}", visible(&package.path.join(" > ")));
    }
    if let Some(advice) = advice(package) {
        let _ = write!(text, "\nWhat to do: {}", visible(&advice));
    }
    text
}

fn location(path: &str, line: u32, package: &Package) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": "SRCROOT" } });
    if line > 0 {
        physical["region"] = json!({ "startLine": line });
    }
    json!({ "physicalLocation": physical, "logicalLocations": [logical(package)] })
}

fn logical(package: &Package) -> Value {
    json!({ "kind": "package", "fullyQualifiedName": visible(&package.purl) })
}

/// What was not checked and what could not be read: that is no result, and must not be lost.
fn notifications(scan: &Scan<'_>) -> Vec<Value> {
    let say = |level: &str, code: &str, text: &str| json!({ "level": level, "descriptor": { "id": code }, "message": { "text": visible(text) } });
    let mut all = Vec::new();
    for (why, packages) in unchecked(scan) {
        let names: Vec<&str> = packages.iter().take(20).map(|one| one.purl.as_str()).collect();
        let more = if packages.len() > 20 { format!(" and {} more", packages.len() - 20) } else { String::new() };
        all.push(say(
            "warning",
            "not-checked",
            &format!("{} not checked: {why} ({}{more})", packages.len(), names.join(", ")),
        ));
    }
    for file in &scan.files {
        for problem in &file.problems {
            let mut one = say(if problem.hides { "error" } else { "warning" }, "unreadable", &problem.message);
            let mut physical = json!({ "artifactLocation": { "uri": uri(&file.path), "uriBaseId": "SRCROOT" } });
            if problem.line > 0 {
                physical["region"] = json!({ "startLine": problem.line });
            }
            one["locations"] = json!([{ "physicalLocation": physical }]);
            all.push(one);
        }
    }
    all.extend(
        remarks(scan)
            .into_iter()
            .map(|(word, text)| say(if word == "incomplete" { "error" } else { "note" }, word, text)),
    );
    all
}
