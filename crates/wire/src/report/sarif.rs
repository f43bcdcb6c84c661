//! The report as SARIF 2.1.0, for code scanning services and editors.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use model::{Analysis, Digest, Finding, Kind, Place, RuleMeta};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{
    Format, Outcome, Report, TargetReport,
    entry::{confidence, gap, group, points, when},
    json::write_visible,
};
use crate::text::visible;

/// SARIF: one run, one result for each finding, rules with their pages as help.
#[derive(Debug, Clone, Copy)]
pub struct Sarif;

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
        write_visible(&log(report), out)
    }
}

fn log(report: &Report<'_>) -> Value {
    let rules = Rules::of(report);
    let targets = || report.targets.iter().enumerate();
    let bases: Map<String, Value> = targets().map(|(at, target)| (base(at), description(&target.label))).collect();
    let analyses = || targets().filter_map(|(at, target)| Some((at, target, target.analysis()?)));
    let results: Vec<Value> = analyses()
        .flat_map(|(at, target, analysis)| analysis.verdict.findings.iter().map(move |finding| (at, target, finding)))
        .map(|(at, target, finding)| result(at, target, finding, &rules))
        .collect();
    let verdicts: Vec<Value> = analyses().map(|(_, target, analysis)| verdict(target, analysis)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Lazaret",
                "semanticVersion": report.version,
                "rules": rules.descriptors,
                "properties": { "ruleset": report.ruleset },
            }},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": bases,
            "invocations": [{
                "executionSuccessful": report.failed() == 0,
                "exitCode": report.exit().code(),
                "exitCodeDescription": report.exit().meaning(),
                "toolExecutionNotifications": notifications(report),
            }],
            "results": results,
            "properties": { "verdicts": verdicts },
        }],
    })
}

/// The name of a target's root: paths inside packages are relative to it.
fn base(target: usize) -> String {
    format!("TARGET{target}")
}

fn description(label: &str) -> Value {
    json!({ "description": { "text": visible(label) } })
}

fn verdict(target: &TargetReport, analysis: &Analysis) -> Value {
    let verdict = &analysis.verdict;
    json!({
        "target": visible(&target.label),
        "sha256": verdict.artifact.sha256,
        "decision": verdict.decision,
        "score": verdict.score,
        "reason": visible(&verdict.reason),
        "balance": verdict.balance,
    })
}

/// The rules that speak in the report, numbered.
struct Rules {
    descriptors: Vec<Value>,
    numbers: BTreeMap<String, usize>,
}

impl Rules {
    fn of(report: &Report<'_>) -> Self {
        let mut rules = Self { descriptors: Vec::new(), numbers: BTreeMap::new() };
        for finding in report.targets.iter().filter_map(TargetReport::analysis).flat_map(|one| &one.verdict.findings) {
            if rules.numbers.contains_key(&finding.rule) {
                continue;
            }
            let descriptor = match report.rule(&finding.rule) {
                Some(rule) => built_in(rule),
                None => custom(finding),
            };
            rules.numbers.insert(finding.rule.clone(), rules.descriptors.len());
            rules.descriptors.push(descriptor);
        }
        rules
    }
}

fn built_in(rule: &RuleMeta) -> Value {
    let tags: Vec<String> =
        ["security".into(), group(rule.group).into()].into_iter().chain(rule.attack.iter().cloned()).collect();
    json!({
        "id": rule.id,
        "name": rule.id,
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": format!("This package {}. {}", rule.id.replace('-', " "), rule.title) },
        "help": { "text": rule.page, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.kind) },
        "properties": { "tags": tags, "kind": rule.kind, "security-severity": severity(rule.kind) },
    })
}

/// A user's own rule has no page; what it said first describes it.
fn custom(finding: &Finding) -> Value {
    let text = format!("A rule of the user: {}", visible(&finding.rule));
    json!({
        "id": visible(&finding.rule),
        "shortDescription": { "text": text },
        "help": { "text": text },
        "defaultConfiguration": { "level": level(finding.kind) },
        "properties": { "tags": ["security", group(finding.group)], "kind": finding.kind },
    })
}

const fn level(kind: Kind) -> &'static str {
    match kind {
        Kind::Proof => "error",
        Kind::Indicator => "warning",
        Kind::Capability => "note",
    }
}

/// The number by which code scanning services sort.
const fn severity(kind: Kind) -> &'static str {
    match kind {
        Kind::Proof => "9.5",
        Kind::Indicator => "7.0",
        Kind::Capability => "3.0",
    }
}

fn result(at: usize, target: &TargetReport, finding: &Finding, rules: &Rules) -> Value {
    let mut text = visible(&finding.note).into_owned();
    let _ = write!(text, " (in {}, runs {})", visible(&target.label), when(finding.phase));
    if let Some(decoded) = &finding.decoded {
        let lines: Vec<_> = decoded.lines().take(40).map(visible).collect();
        let _ = write!(text, "\nDecoded, without running anything:\n{}", lines.join("\n"));
    }
    let first = finding.places.first();
    let mut location = location(at, target, first);
    if let Some(excerpt) = &finding.excerpt
        && location.pointer("/physicalLocation/region").is_some()
    {
        let lines: Vec<_> = excerpt.lines.iter().map(|line| visible(line)).collect();
        location["physicalLocation"]["contextRegion"] = json!({
            "startLine": excerpt.first_line.max(1),
            "endLine": excerpt.first_line.max(1) as usize + excerpt.lines.len().saturating_sub(1),
            "snippet": { "text": lines.join("\n") },
        });
    }
    let mut result = json!({
        "ruleId": visible(&finding.rule),
        "ruleIndex": rules.numbers.get(&finding.rule),
        "level": level(finding.kind),
        "message": { "text": text },
        "locations": [location],
        "partialFingerprints": { "lazaret/v1": fingerprint(target, finding) },
        "properties": {
            "phase": finding.phase,
            "confidence": confidence(finding.confidence),
            "kind": finding.kind,
        },
    });
    if let Some(points) = target.analysis().and_then(|analysis| points(analysis, finding)) {
        result["properties"]["points"] = points.into();
    }
    if finding.places.len() > 1 {
        let others: Vec<Value> =
            finding.places[1..].iter().map(|place| self::location(at, target, Some(place))).collect();
        result["relatedLocations"] = others.into();
    }
    if let Some(reason) = &finding.excepted {
        result["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": visible(reason) }]);
    }
    if !finding.steps.is_empty() {
        result["codeFlows"] = json!([{ "threadFlows": [{ "locations": flow(at, target, finding) }] }]);
    }
    result
}

fn flow(at: usize, target: &TargetReport, finding: &Finding) -> Vec<Value> {
    let step = |step: &model::Step| {
        let mut location = location(at, target, Some(&step.place));
        location["message"] = json!({ "text": visible(&step.note) });
        json!({ "location": location })
    };
    finding.steps.iter().map(step).collect()
}

fn location(at: usize, target: &TargetReport, place: Option<&Place>) -> Value {
    let label = visible(&target.label);
    let Some(place) = place.filter(|one| !one.path.is_empty()) else {
        return json!({ "logicalLocations": [{ "kind": "package", "fullyQualifiedName": label }] });
    };
    let name = format!("{label}!{}", visible(&place.path));
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.path), "uriBaseId": base(at) } });
    // Lines of decoded text do not exist in the file: the region would point nowhere.
    if place.line > 0 && place.layer.is_none() {
        physical["region"] = json!({ "startLine": place.line });
        if place.column > 0 {
            physical["region"]["startColumn"] = place.column.into();
        }
    }
    json!({
        "physicalLocation": physical,
        "logicalLocations": [{ "kind": "file", "fullyQualifiedName": name }],
    })
}

/// A path of the package as a relative reference that stays relative, whatever the path says.
pub(crate) fn uri(path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).map(|segment| match segment {
        "." => "%2E".into(),
        ".." => "%2E%2E".into(),
        _ => segment.bytes().fold(String::new(), |mut encoded, byte| {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
                _ => {
                    let _ = write!(encoded, "%{byte:02X}");
                }
            }
            encoded
        }),
    });
    segments.collect::<Vec<String>>().join("/")
}

/// What stays the same when the package moves to another version and the code to another line.
fn fingerprint(target: &TargetReport, finding: &Finding) -> String {
    let release = target.analysis().and_then(|one| one.verdict.artifact.release.as_ref());
    let package = release.map(|one| format!("{}/{}", one.ecosystem, one.name));
    let place = finding.places.first();
    let line = finding.excerpt.as_ref().zip(place).and_then(|(excerpt, place)| {
        excerpt.lines.get(place.line.checked_sub(excerpt.first_line)? as usize).map(|line| line.trim())
    });
    let parts = [
        package.as_deref().unwrap_or_default(),
        finding.rule.as_str(),
        place.map_or("", |one| one.path.as_str()),
        line.unwrap_or(&finding.note),
    ];
    Digest(Sha256::digest(parts.join("\0")).into()).to_string()
}

/// What could not be got or looked at.
fn notifications(report: &Report<'_>) -> Vec<Value> {
    let note = |text: String| json!({ "level": "note", "message": { "text": text } });
    let mut notifications: Vec<Value> = report.notes.iter().map(|text| note(visible(text).into_owned())).collect();
    for (at, target) in report.targets.iter().enumerate() {
        let label = visible(&target.label);
        match &target.outcome {
            Outcome::Failed(failure) => notifications.push(json!({
                "level": "error",
                "descriptor": { "id": visible(&failure.code) },
                "message": { "text": format!("{label}: {}", visible(&failure.message)) },
            })),
            Outcome::Analysed(analysis) => notifications.extend(analysis.verdict.coverage.gaps.iter().map(|one| {
                let place = Place { path: one.path.clone(), line: 0, column: 0, layer: None };
                json!({
                    "level": "warning",
                    "descriptor": { "id": gap(one.kind).replace(' ', "-") },
                    "message": { "text": format!("{label}: not looked at: {}", visible(&one.detail)) },
                    "locations": [location(at, target, Some(&place))],
                })
            })),
        }
        notifications.extend(target.warnings.iter().map(|warning| note(format!("{label}: {}", visible(warning)))));
    }
    notifications
}
