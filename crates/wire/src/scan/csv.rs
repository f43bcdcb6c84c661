//! The scan as a table, a package a row (RFC 4180). A cell that a spreadsheet would take for a formula begins with an
//! apostrophe.

use std::io::{self, Write};

use super::{
    Format, Package, Scan,
    statement::{Subject, advice, alarms, checked, ordered, place, places, statements, waived},
};
use crate::text::visible;

/// Comma-separated values, with a head.
#[derive(Debug, Clone, Copy)]
pub struct Csv;

const HEAD: [&str; 22] = [
    "answer",
    "rule",
    "decision",
    "score",
    "purl",
    "type",
    "name",
    "version",
    "direct",
    "dev",
    "optional",
    "origin",
    "address",
    "checked",
    "alarms",
    "issues",
    "vulnerabilities",
    "license",
    "path",
    "places",
    "waived",
    "advice",
];

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        row(HEAD.map(String::from), out)?;
        ordered(scan).into_iter().try_for_each(|(_, package)| row(cells(scan, package), out))
    }
}

fn cells(scan: &Scan<'_>, package: &Package) -> [String; HEAD.len()] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let rule = package.ruling.decisive().map(|one| one.rule.clone()).unwrap_or_default();
    let score = package.worst().map(|one| one.verdict.score.0.to_string()).unwrap_or_default();
    let of = |wanted: fn(&Subject<'_>) -> bool| {
        let all = statements(package).into_iter().filter(|one| wanted(&one.subject));
        all.map(|one| format!("{}: {}", one.title, one.text)).collect::<Vec<_>>().join("; ")
    };
    let alarms: Vec<String> =
        alarms(package).into_iter().map(|one| format!("{} {}: {}", one.source, one.id, one.reason)).collect();
    [
        package.ruling.answer.to_string(),
        rule,
        package.decision.to_string(),
        score,
        package.purl.clone(),
        package.kind.clone(),
        package.name.clone(),
        text(&package.version),
        package.direct.to_string(),
        package.dev.to_string(),
        package.optional.to_string(),
        package.origin.into(),
        text(&package.address),
        checked(package).into_owned(),
        alarms.join("; "),
        of(|one| matches!(one, Subject::Lock(_))),
        of(|one| matches!(one, Subject::Vulnerability(_))),
        text(&package.license),
        package.path.join(" > "),
        places(scan, package).into_iter().map(place).collect::<Vec<_>>().join("; "),
        waived(&package.ruling).collect::<Vec<_>>().join("; "),
        advice(package).unwrap_or_default().into_owned(),
    ]
}

fn row<const N: usize>(cells: [String; N], out: &mut dyn Write) -> io::Result<()> {
    let cells = cells.map(|cell| quoted(&cell));
    write!(out, "{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let shown = visible(cell);
    let formula = shown.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '|', '%']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, shown.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn no_cell_is_a_formula_or_leaves_its_quotes() {
        let rows = [
            ("plain", "\"plain\""),
            ("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\""),
            ("  +1", "\"'  +1\""),
            ("-2+3+cmd|' /C calc'!A0", "\"'-2+3+cmd|' /C calc'!A0\""),
            ("@SUM(1)", "\"'@SUM(1)\""),
            ("＝1", "\"'＝1\""),
            ("a\r\nb\t\"c", "\"a\\u{d}\\u{a}b\\u{9}\"\"c\""),
        ];
        for (cell, written) in rows {
            assert_eq!(quoted(cell), written);
        }
    }
}
