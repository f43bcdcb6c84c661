//! The scan as JUnit XML, for CI services that show tests: a package is a test, a blocked one fails, and one that nobody
//! looked at is skipped.

use std::io::{self, Write};

use model::Answer;

use super::{
    Checked, Format, Package, Scan,
    statement::{advice, conclusion, decisive, last_line, ordered, place, places, remarks, statements, waived},
};
use crate::text::html as xml;

/// JUnit XML.
#[derive(Debug, Clone, Copy)]
pub struct Junit;

impl Format for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn write(&self, scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
        let failed = scan.count(Answer::Block);
        let unread = scan.files.iter().filter(|one| one.problems.iter().any(|problem| problem.hides)).count();
        let skipped = scan.packages.iter().filter(|one| is_skipped(one)).count();
        let counts = format!(
            "tests=\"{}\" failures=\"{failed}\" errors=\"{unread}\" skipped=\"{skipped}\" time=\"0\"",
            scan.packages.len() + unread
        );
        let made = scan.made.get(..19).unwrap_or(scan.made);
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(out, "<testsuites name=\"lazaret scan\" {counts}>")?;
        writeln!(out, "  <testsuite name=\"{}\" {counts} timestamp=\"{}\">", xml(&scan.project), xml(made))?;
        properties(scan, out)?;
        ordered(scan).into_iter().try_for_each(|(_, package)| case(scan, package, out))?;
        unreadable(scan, out)?;
        writeln!(out, "    <system-out>{} {}</system-out>", xml(&conclusion(scan)), xml(&last_line(scan)))?;
        writeln!(out, "  </testsuite>\n</testsuites>")
    }
}

/// Whether nobody looked at it, and the policy does not block it for that or anything else.
fn is_skipped(package: &Package) -> bool {
    matches!(package.checked, Checked::Not(_)) && package.ruling.answer != Answer::Block
}

fn properties(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = vec![("policy", scan.policy.name.as_str()), ("ruleset", scan.ruleset)];
    rows.extend(remarks(scan));
    writeln!(out, "    <properties>")?;
    for (name, value) in rows {
        writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(value))?;
    }
    writeln!(out, "    </properties>")
}

fn case(scan: &Scan<'_>, package: &Package, out: &mut dyn Write) -> io::Result<()> {
    let first = places(scan, package).into_iter().next();
    let file = first.map(|(file, _)| format!(" file=\"{}\"", xml(&file.path))).unwrap_or_default();
    let line = first.filter(|(_, line)| *line > 0).map(|(_, line)| format!(" line=\"{line}\"")).unwrap_or_default();
    let kind = xml(&package.kind);
    writeln!(out, "    <testcase classname=\"{kind}\" name=\"{}\" time=\"0\"{file}{line}>", xml(&package.purl))?;
    let text = xml_lines(&text(scan, package));
    if package.ruling.answer == Answer::Block {
        let why = decisive(&package.ruling).unwrap_or_else(|| "blocked".into());
        writeln!(out, "      <failure type=\"{}\" message=\"{}\">{text}</failure>", package.decision, xml(&why))?;
    } else if let (Checked::Not(why), true) = (&package.checked, is_skipped(package)) {
        writeln!(out, "      <skipped message=\"not checked: {}\"/>", xml(why))?;
    }
    if package.ruling.answer != Answer::Block && !text.is_empty() {
        writeln!(out, "      <system-out>{text}</system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// What there is to say, a line each.
fn text(scan: &Scan<'_>, package: &Package) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if package.ruling.answer == Answer::Warn {
        lines.extend(decisive(&package.ruling));
    }
    lines.extend(statements(package).into_iter().map(|one| format!("{}: {}", one.title, one.text)));
    lines.extend(waived(&package.ruling));
    if lines.is_empty() {
        return lines;
    }
    if package.path.len() > 1 {
        lines.push(format!("Brought in by {}", package.path.join(" > ")));
    }
    lines.extend(places(scan, package).into_iter().map(|one| format!("Named in {}", place(one))));
    lines.extend(advice(package).map(|advice| format!("What to do: {advice}")));
    lines
}

fn xml_lines(lines: &[String]) -> String {
    lines.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n")
}

/// A file out of which packages may be missing is an error: its tests did not run.
fn unreadable(scan: &Scan<'_>, out: &mut dyn Write) -> io::Result<()> {
    for file in scan.files.iter().filter(|one| one.problems.iter().any(|problem| problem.hides)) {
        let path = xml(&file.path);
        writeln!(out, "    <testcase classname=\"file\" name=\"{path}\" time=\"0\" file=\"{path}\">")?;
        let lines: Vec<String> =
            file.problems.iter().map(|one| format!("line {}: {}", one.line, one.message)).collect();
        writeln!(
            out,
            "      <error type=\"unreadable\" message=\"packages may be missing\">{}</error>",
            xml_lines(&lines)
        )?;
        writeln!(out, "    </testcase>")?;
    }
    Ok(())
}
