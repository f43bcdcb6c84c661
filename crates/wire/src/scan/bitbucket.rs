//! The scan for Code Insights of Bitbucket: the report and its annotations, as the API takes them. A report holds 1,000
//! annotations, and a call 100, so they come in parts.

use std::io::{self, Write};

use model::{Answer, Decision};
use serde_json::{Value, json};

use super::{
    Format, Package, Scan,
    statement::{Statement, Subject, advice, conclusion, decisive, id, last_line, ordered, places, statements},
};
use crate::{
    report::write_visible,
    text::{cut, visible},
};

/// One object: `report`, and `annotations` in lists of at most 100.
#[derive(Debug, Clone, Copy)]
pub struct Bitbucket;

/// Annotations that one report may have.
const MOST: usize = 1000;
/// Annotations that one call may bring.
const CALL: usize = 100;

impl Format for Bitbucket {
    fn name(&self) -> &'static str {
        "bitbucket"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        let said =
            ordered(scan).into_iter().flat_map(|(_, one)| statements(one).into_iter().map(move |said| (one, said)));
        let all: Vec<Value> = said.map(|(package, statement)| annotation(scan, package, &statement)).collect();
        let parts: Vec<&[Value]> = all[..all.len().min(MOST)].chunks(CALL).collect();
        let hidden = all.len().saturating_sub(MOST);
        write_visible(&json!({ "report": report(scan, hidden), "annotations": parts }), out)
    }
}

fn report(scan: &Scan<'_>, hidden: usize) -> Value {
    let number = |title: &str, value: usize| json!({ "title": title, "type": "NUMBER", "value": value });
    let decided = |decision| scan.packages.iter().filter(|one| one.decision == decision).count();
    let more = if hidden > 0 { format!(" {hidden} more annotations do not fit here.") } else { String::new() };
    let details = format!("{} {}.{more}", conclusion(scan), last_line(scan));
    json!({
        "title": "Lazaret",
        "details": cut(&visible(&details), 2000),
        "report_type": "SECURITY",
        "reporter": "Lazaret",
        "external_id": id(&["bitbucket", &scan.project]),
        "result": if scan.count(Answer::Block) > 0 { "FAILED" } else { "PASSED" },
        "data": [
            number("Packages", scan.packages.len()),
            number("Blocked", scan.count(Answer::Block)),
            number("Warned of", scan.count(Answer::Warn)),
            number("Malicious", decided(Decision::Malicious)),
            number("Suspicious", decided(Decision::Suspicious)),
            number("Not checked", scan.unchecked()),
            { "title": "Policy", "type": "TEXT", "value": cut(&visible(&scan.policy.name), 100) },
        ],
    })
}

fn annotation(scan: &Scan<'_>, package: &Package, statement: &Statement<'_>) -> Value {
    let severity = match (statement.subject, statement.weight) {
        (Subject::Verdict(Decision::Malicious), _) => "CRITICAL",
        (Subject::Vulnerability(one), _) => match one.severity.as_str() {
            "critical" => "CRITICAL",
            "high" => "HIGH",
            "medium" => "MEDIUM",
            _ => "LOW",
        },
        (_, Answer::Block) => "HIGH",
        (_, Answer::Warn) => "MEDIUM",
        (_, Answer::Allow) => "LOW",
    };
    let mut details = vec![statement.text.clone()];
    details.extend(decisive(&package.ruling));
    if package.path.len() > 1 {
        details.push(format!("Brought in by {}", package.path.join(" > ")));
    }
    details.extend(advice(package).map(|advice| format!("What to do: {advice}")));
    let details: Vec<_> = details.iter().map(|one| visible(one)).collect();
    let result = match (package.ruling.answer, statement.weight) {
        (Answer::Block, weight) if weight > Answer::Allow => "FAILED",
        (Answer::Allow, weight) if weight > Answer::Allow => "IGNORED",
        _ => "PASSED",
    };
    let mut annotation = json!({
        "external_id": id(&["bitbucket", &package.purl, &statement.key()]),
        "annotation_type": "VULNERABILITY",
        "summary": cut(&visible(&format!("{}: {}", package.purl, statement.title)), 450),
        "details": cut(&details.join("\n"), 2000),
        "severity": severity,
        "result": result,
    });
    if let Some((file, line)) = places(scan, package).first() {
        annotation["path"] = file.path.as_str().into();
        if *line > 0 {
            annotation["line"] = (*line).into();
        }
    }
    annotation
}
