//! The scan as a dependency scanning report of GitLab (schema 15.1).

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use model::{Answer, Decision};
use serde_json::{Value, json};

use super::{
    Format, Package, Scan, ScannedFile,
    statement::{Statement, Subject, advice, alarms, decisive, id, last_line, places, remarks, statements, unchecked},
};
use crate::{
    report::write_visible,
    text::{cut, visible},
};

/// GitLab's report of dependency scanning.
#[derive(Debug, Clone, Copy)]
pub struct Gitlab;

const VERSION: &str = "15.1.5";

/// The number by which the report names each package.
type Numbers<'a> = BTreeMap<&'a str, usize>;

impl Format for Gitlab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        let tool =
            json!({ "id": "lazaret", "name": "Lazaret", "version": scan.version, "vendor": { "name": "Lazaret" } });
        let moment = scan.made.get(..19).unwrap_or(scan.made);
        let numbers: Numbers<'_> =
            scan.packages.iter().zip(1..).map(|(one, number)| (one.purl.as_str(), number)).collect();
        let numbers = &numbers;
        let said = scan.packages.iter().enumerate().flat_map(|(at, package)| {
            statements(package).into_iter().map(move |statement| vulnerability(scan, numbers, at, package, &statement))
        });
        let document = json!({
            "version": VERSION,
            "scan": {
                "type": "dependency_scanning",
                "status": "success",
                "start_time": moment,
                "end_time": moment,
                "analyzer": tool,
                "scanner": tool,
                "messages": messages(scan),
            },
            "vulnerabilities": said.collect::<Vec<Value>>(),
            "dependency_files": scan.files.iter().enumerate().map(|(at, file)| dependency_file(scan, numbers, at, file)).collect::<Vec<_>>(),
        });
        write_visible(&document, out)
    }
}

fn vulnerability(
    scan: &Scan<'_>,
    numbers: &Numbers<'_>,
    at: usize,
    package: &Package,
    statement: &Statement<'_>,
) -> Value {
    let mut description = visible(&statement.text).into_owned();
    if let Some(why) = decisive(&package.ruling) {
        description = format!("{description}\n\n{}", visible(&why));
    }
    if package.path.len() > 1 {
        description = format!("{description}\n\nBrought in by {}", visible(&package.path.join(" > ")));
    }
    let file = places(scan, package).first().map_or_else(|| scan.project.as_str(), |(file, _)| file.path.as_str());
    let mut vulnerability = json!({
        "id": id(&["gitlab", &package.purl, &statement.key()]),
        "name": cut(&visible(&statement.title), 255),
        // A page shows it as Markdown, in which a block of code is the one place where words stay words.
        "description": crate::text::markdown_block(description.lines().map(String::from)),
        "severity": severity(statement),
        "identifiers": identifiers(package, statement),
        "location": { "file": if file.is_empty() { "." } else { file }, "dependency": dependency(numbers, at, package) },
    });
    if let Some(solution) = solution(package, statement) {
        vulnerability["solution"] = cut(&visible(&solution), 7000).into();
    }
    vulnerability
}

fn severity(statement: &Statement<'_>) -> &'static str {
    match statement.subject {
        Subject::Verdict(Decision::Malicious) => "Critical",
        Subject::Verdict(Decision::Suspicious) => "High",
        Subject::Verdict(_) => "Unknown",
        Subject::Vulnerability(one) => match one.severity.as_str() {
            "critical" => "Critical",
            "high" => "High",
            "medium" => "Medium",
            "low" => "Low",
            _ => "Unknown",
        },
        Subject::Lock(_) | Subject::Policy => match statement.weight {
            Answer::Block => "High",
            Answer::Warn => "Medium",
            Answer::Allow => "Info",
        },
    }
}

fn solution(package: &Package, statement: &Statement<'_>) -> Option<String> {
    if let Subject::Vulnerability(one) = statement.subject {
        return one.fixed.as_ref().map(|version| format!("Update to {version} or later."));
    }
    advice(package).map(String::from)
}

/// By what the same is known elsewhere, the best name first.
fn identifiers(package: &Package, statement: &Statement<'_>) -> Vec<Value> {
    let name = |kind: &str, value: &str| json!({ "type": kind, "name": value, "value": value });
    let cwe = |number: u32| json!({ "type": "cwe", "name": format!("CWE-{number}"), "value": number.to_string() });
    let mut all: Vec<Value> = Vec::new();
    match statement.subject {
        Subject::Verdict(decision) if decision >= Decision::Suspicious => {
            all.extend(alarms(package).iter().map(|one| name(kind(&one.id), &one.id)));
            all.push(cwe(506));
        }
        Subject::Vulnerability(one) => {
            all.push(name(kind(&one.id), &one.id));
            all.extend(one.aliases.iter().filter(|alias| !alias.is_empty()).map(|alias| name(kind(alias), alias)));
        }
        Subject::Lock(issue) => all.extend([name("lazaret", issue.code), cwe(349)]),
        Subject::Verdict(_) | Subject::Policy => all.push(name("lazaret", &statement.code)),
    }
    all.retain(|one| one["value"].as_str().is_some_and(|value| !value.is_empty()));
    if all.is_empty() {
        all.push(name("lazaret", "unnamed"));
    }
    all
}

fn kind(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "CVE" => "cve",
        "GHSA" => "ghsa",
        "LAZARET" => "lazaret",
        _ => "osv",
    }
}

fn dependency(numbers: &Numbers<'_>, at: usize, package: &Package) -> Value {
    let mut dependency = json!({
        "iid": at + 1,
        "package": { "name": package.name },
        "version": package.version.as_deref().unwrap_or_default(),
        "direct": package.direct,
    });
    let above = package.path.len().saturating_sub(1);
    let way = package.path[..above].iter().filter_map(|purl| {
        let number = numbers.get(purl.as_str())?;
        Some(json!({ "iid": number }))
    });
    let way: Vec<Value> = way.collect();
    if !way.is_empty() {
        dependency["dependency_path"] = way.into();
    }
    dependency
}

fn dependency_file(scan: &Scan<'_>, numbers: &Numbers<'_>, number: usize, file: &ScannedFile) -> Value {
    let inside = scan.packages.iter().enumerate().filter(|(_, one)| one.places.iter().any(|(at, _)| *at == number));
    json!({
        "path": if file.path.is_empty() { "." } else { &file.path },
        "package_manager": if file.format.is_empty() { "unknown" } else { &file.format },
        "dependencies": inside.map(|(at, one)| dependency(numbers, at, one)).collect::<Vec<_>>(),
    })
}

/// What was not checked and what could not be read.
fn messages(scan: &Scan<'_>) -> Vec<Value> {
    let say = |level: &str, text: &str| json!({ "level": level, "value": visible(text) });
    let mut all = Vec::new();
    for file in &scan.files {
        all.extend(
            file.problems.iter().map(|one| say("warn", &format!("{}:{}: {}", file.path, one.line, one.message))),
        );
    }
    all.extend(
        remarks(scan)
            .iter()
            .map(|(word, text)| say(if *word == "note" { "info" } else { "warn" }, &format!("{word}: {text}"))),
    );
    all.extend(
        unchecked(scan).iter().map(|(why, packages)| say("warn", &format!("{} not checked: {why}", packages.len()))),
    );
    all.push(say(if scan.unchecked() > 0 { "warn" } else { "info" }, &last_line(scan)));
    all
}
